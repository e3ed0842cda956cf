"""Serving the site over HTTP: listening, clients that are slow, too many, or behind a proxy."""

import asyncio
import ctypes
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from archive.datasette import site
from archive.datasette.connections import limit_heap
from archive.datasette.terms import Terms
from archive.errors import ArchiveError
from archive.search.aliases import vocabulary

MAX_CONNECTIONS = 200
MAX_PER_CLIENT = 40  # connections of one address, where no proxy stands before them
HEAD_SECONDS = 10  # for a client to say what it wants
BODY_SECONDS, COPY_SECONDS = 120, 24 * 3600  # for a client to take what it asked for, or a copy of the database
IDLE_SECONDS = 5
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of malloc.h
_MAX_HEAD = 16_384  # bytes of request line and headers


def serve(folder: Path | str, *, host: str, port: int, terms: Terms, ready: Callable[[str], None]) -> None:
    """Serve the site until interrupted; `ready` is told its address once it listens. Port 0 takes a free one.

    Raises ArchiveNotFound, and ArchiveError where the port is taken or not allowed.
    """
    app = site(folder, terms).app()
    limit_heap(terms)
    _give_memory_back()
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ArchiveError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from error
    # the first search would wait a second for the names of places
    threading.Thread(target=vocabulary, name="vocabulary", daemon=True).start()
    with listener, suppress(KeyboardInterrupt):
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}{terms.path}")
        uvicorn.Server(_config(app, terms)).run(sockets=[listener])


def _give_memory_back() -> None:
    """Have large pieces of memory returned when they are freed, where the C library is glibc (mallopt(3)).

    Each thread would keep some of its own: four answers at once left a hundred megabytes behind.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 256 * 1024)
        libc.mallopt(_M_ARENA_MAX, 2)


def _config(app: Any, terms: Terms) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_protocol(terms),
        ws="none",
        lifespan="on",
        log_level="warning",
        server_header=False,
        proxy_headers=bool(terms.proxies),
        forwarded_allow_ips=list(terms.proxies),
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        h11_max_incomplete_event_size=_MAX_HEAD,
    )


def _protocol(terms: Terms) -> type[H11Protocol]:
    if terms.public and not terms.proxies:
        return CountingProtocol
    return CopyingProtocol if terms.allow_download else PatientProtocol


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with what it lacks: it waits for ever for a client that does not finish its request."""

    patience: asyncio.TimerHandle
    body_seconds = BODY_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client: it has some seconds to say what it wants."""
        super().connection_made(transport)
        self.patience = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.patience.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Something came; once it is a whole request, the client has to take the answer."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._wait(self.body_seconds)

    def on_response_complete(self) -> None:
        """The answer is sent; another request may follow."""
        self._wait(IDLE_SECONDS + HEAD_SECONDS)
        super().on_response_complete()

    def _wait(self, seconds: float) -> None:
        self.patience.cancel()
        self.patience = self.loop.call_later(seconds, self.transport.abort)


class CopyingProtocol(PatientProtocol):
    """The same where copies of the database are taken."""

    body_seconds = COPY_SECONDS


class CountingProtocol(PatientProtocol):
    """The same for clients that come directly: one address has no more than `MAX_PER_CLIENT` connections."""

    addresses: ClassVar[Counter[str]] = Counter()
    address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client: one connection more of its address."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.addresses[self.address] += 1
        if self.addresses[self.address] > MAX_PER_CLIENT:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """One connection less."""
        self.addresses[self.address] -= 1
        if not self.addresses[self.address]:
            del self.addresses[self.address]
        super().connection_lost(exc)

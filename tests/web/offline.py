"""The offline web as one object: `with OfflineWeb() as web:` serves it from a thread of its own."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.web.certificates import Authority
from tests.web.faults import Fault, FaultBook
from tests.web.handshakes import Contexts
from tests.web.pages import WebPage, load
from tests.web.server import Server, WebExchange
from tests.web.site import Validators, Web


class OfflineWeb:
    """Serves the offline web on loopback while its `with` block runs.

    http_port, https_port: where it listens; 0 asks for any free port and becomes the real one on entry.
    ca: path of the certificate authority to trust, in a folder that is removed on exit.
    pages: what it serves at the start; default is everything below `pages/`.
    feed_length: how many stories a feed shows, the newest; None: all.
    """

    def __init__(
        self,
        *,
        http_port: int = 0,
        https_port: int = 0,
        pages: Iterable[WebPage] | None = None,
        feed_length: int | None = None,
    ) -> None:
        self.http_port = http_port
        self.https_port = https_port
        self.ca = Path()
        self._web = Web(load() if pages is None else tuple(pages), feed_length=feed_length)
        self._faults = FaultBook()
        self._server = Server(self._web.respond, self._faults)
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="offline-web")

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory(prefix="offline-web-", ignore_cleanup_errors=True)
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            self._thread.join()
            self._folder.cleanup()
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._folder.cleanup()

    @property
    def exchanges(self) -> tuple[WebExchange, ...]:
        """Every request and response so far, byte for byte, in the order in which the requests came."""
        return self._server.exchanges

    @property
    def pages(self) -> tuple[WebPage, ...]:
        """What is served now."""
        return self._web.pages

    @property
    def asked(self) -> int:
        """How many requests came so far: `len(web.exchanges)`, without making them."""
        return self._server.asked

    def forget(self) -> None:
        """Empty the log of exchanges."""
        self._server.forget()

    def fault(self, url_pattern: str, fault: Fault) -> None:
        """Spoil every URL in which the regex `url_pattern` is found, until `clear_faults` (or `fault.times`)."""
        self._faults.add(url_pattern, fault)

    def clear_faults(self) -> None:
        """Behave again."""
        self._faults.clear()

    def set_validators(self, url_pattern: str, validators: Validators) -> None:
        """Have every URL in which the regex is found send such an ETag and Last-Modified (see `tests.web.site`)."""
        self._web.set_validators(url_pattern, validators)

    def put(self, page: WebPage) -> None:
        """Publish a page, or its new edition where the URL is known: `web.put(dataclasses.replace(page, …))`."""
        self._web.put(page)

    def remove(self, url: str) -> None:
        """Take a page down: it answers 404 and no source announces it any more. KeyError where there is none."""
        self._web.remove(url)

    def env(self) -> dict[str, str]:
        """The environment variables that point a crawler here."""
        return {
            "DATELINE_OFFLINE_WEB": f"127.0.0.1:{self.http_port}:{self.https_port}",
            "SSL_CERT_FILE": os.fspath(self.ca),
        }

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits in __enter__
            self._error = error
        finally:
            self._loop.close()
            self._ready.set()

    async def _serve(self) -> None:
        authority = Authority(Path(self._folder.name))
        self.ca = authority.file
        contexts = Contexts(authority, {*self._web.hosts, "localhost"})
        try:
            self.http_port, self.https_port = await self._server.start(self.http_port, self.https_port, contexts)
            self._ready.set()
            await self._stop.wait()
        finally:
            await self._server.close()

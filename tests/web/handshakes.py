"""The https port of the offline web: it reads which host the client wants before it decides how to shake hands."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from tests.web.certificates import Authority
from tests.web.faults import FaultBook

# Seconds after which a client that has not said whom it wants is let go.
PATIENCE = 5.0


class Contexts:
    """The server contexts of one web: a good one, and the bad ones by the fault that asks for them."""

    def __init__(self, authority: Authority, hosts: Iterable[str]) -> None:
        names = set(hosts)
        self.good = authority.context(names)
        self.bad = {
            "tls_expired": authority.context(names, stem="expired", age=timedelta(days=400)),
            "tls_other_name": authority.context({"elsewhere.example"}, stem="other_name"),
            "tls_self_signed": authority.context(names, stem="self_signed", self_signed=True),
        }


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class TlsListener:
    """Listens on loopback and hands each connection, once TLS is spoken on it, to `handler`."""

    def __init__(self, handler: Handler, contexts: Contexts, faults: FaultBook, *, limit: int) -> None:
        self._handler = handler
        self._contexts = contexts
        self._faults = faults
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, port: int) -> int:
        """Listen (0: any free port); returns the port."""
        self._socket = socket.create_server(("127.0.0.1", port), backlog=256)
        self._socket.setblocking(False)
        self._keep(self._accept())
        return int(self._socket.getsockname()[1])

    async def close(self) -> None:
        """Stop listening; the connections that the handler has are the caller's."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket.close()

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            accepted, _ = await asyncio.get_running_loop().sock_accept(self._socket)
            # asyncio does so with its own servers' connections; without it each handshake waits 40 ms for an ACK
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._keep(self._greet(accepted))

    async def _greet(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            host = await asyncio.wait_for(wanted_host(connection), PATIENCE)
            fault = self._faults.for_handshake(host)
            kind = fault.kind if fault is not None else ""
            if fault is not None and kind == "tls_silent":
                await asyncio.sleep(fault.seconds)
            if kind == "tls_plain":
                await loop.sock_sendall(connection, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            if kind in {"tls_plain", "tls_cut", "tls_silent"}:
                connection.close()
                return
            reader = asyncio.StreamReader(limit=self._limit)
            protocol = asyncio.StreamReaderProtocol(reader, self._handler)
            context = self._contexts.bad.get(kind, self._contexts.good)
            await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
        except (TimeoutError, OSError, ssl.SSLError):
            connection.close()  # the client went away, or did not like the certificate
        except asyncio.CancelledError:
            connection.close()
            raise


async def wanted_host(connection: socket.socket) -> str:
    """The server name of the ClientHello that waits on `connection`, or "": nothing is taken from the socket."""
    before = b""
    while True:
        await _readable(connection)
        hello = connection.recv(16384, socket.MSG_PEEK)
        names: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda _, name, __, found=names: found.append(name or "")  # type: ignore[misc]
        incoming = ssl.MemoryBIO()
        incoming.write(hello)
        with contextlib.suppress(ssl.SSLError):  # only half of it is there, or it is no TLS
            context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True).do_handshake()
        if names or hello[:1] != b"\x16" or not hello:
            return next(iter(names), "")
        if hello == before:
            await asyncio.sleep(0.02)  # it stays readable while the rest is on its way
        before = hello


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)

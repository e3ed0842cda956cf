"""An HTTP/1.1 server on raw sockets that decides every byte it sends and remembers every byte that crossed.

It is its own small server because a library would tidy up exactly what has to be shown: odd header case, repeated
headers, a reason phrase of the site's own, chunk boundaries, lengths that lie.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from tests.web.faults import FaultBook
from tests.web.handshakes import Contexts, TlsListener
from tests.web.messages import Reply, Request, Wire, parse_head, to_wire

# Larger than any head a crawler sends; a longer one is refused rather than kept.
MAX_HEAD = 65536
# What the log keeps of one response: an endless one must not fill the memory.
MAX_LOGGED = 4 * 2**20


@dataclass(frozen=True, kw_only=True)
class WebExchange:
    """One request and the response that was sent for it, byte for byte.

    `response` is what was handed to the socket; a client that went away early has read less of it. Of an endless
    response the first `MAX_LOGGED` bytes are kept and `complete` is False.
    """

    scheme: str
    host: str
    target: str
    request: bytes
    response: bytes
    status: int  # of the reply that was meant
    fault: str | None = None
    complete: bool = True
    begun: float = 0.0  # when the request was there, by time.monotonic()
    ended: float = 0.0  # when the last byte of the response was handed to the socket; 0 while that is to come

    @property
    def url(self) -> str:
        """The URL that was asked for."""
        return f"{self.scheme}://{self.host}{self.target}"


class _Record:
    """An exchange under way."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.response = bytearray()
        self.status = 0
        self.fault: str | None = None
        self.complete = True
        self.begun = time.monotonic()
        self.ended = 0.0

    def add(self, piece: bytes) -> None:
        room = MAX_LOGGED - len(self.response)
        self.response += piece[:room]
        self.complete = self.complete and len(piece) <= room

    def exchange(self) -> WebExchange:
        request = self.request
        return WebExchange(
            scheme=request.scheme,
            host=request.host,
            target=request.target,
            request=request.raw,
            response=bytes(self.response),
            status=self.status,
            fault=self.fault,
            complete=self.complete,
            begun=self.begun,
            ended=self.ended,
        )


class Server:
    """Answers on one http and one https port with what `respond` says, spoilt by `faults`."""

    def __init__(self, respond: Callable[[Request], Reply], faults: FaultBook) -> None:
        self._respond = respond
        self._faults = faults
        self._records: list[_Record] = []
        self._servers: list[asyncio.Server] = []
        self._https: TlsListener | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def exchanges(self) -> tuple[WebExchange, ...]:
        """All exchanges so far, in the order in which their requests came."""
        return tuple(record.exchange() for record in list(self._records))

    @property
    def asked(self) -> int:
        """How many requests came so far."""
        return len(self._records)

    def forget(self) -> None:
        """Empty the log."""
        self._records.clear()

    async def start(self, http_port: int, https_port: int, contexts: Contexts) -> tuple[int, int]:
        """Listen on loopback (0: any free port); returns the ports of http and https."""
        plain = await asyncio.start_server(self._connected("http"), "127.0.0.1", http_port, limit=MAX_HEAD)
        self._servers.append(plain)
        listener = TlsListener(self._connected("https"), contexts, self._faults, limit=MAX_HEAD)
        https_port = listener.start(https_port)
        self._https = listener
        return plain.sockets[0].getsockname()[1], https_port

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for server in self._servers:
            server.close()
        if self._https is not None:
            await self._https.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()

    def _connected(self, scheme: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                while await self._exchange(scheme, reader, writer):
                    pass
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                pass  # the client went away or sent no HTTP: nothing is left to answer
            except asyncio.CancelledError:
                writer.transport.abort()
            finally:
                writer.close()
                with contextlib.suppress(OSError, ssl.SSLError, asyncio.CancelledError):
                    await writer.wait_closed()
                self._connections.discard(task)

        return handle

    async def _exchange(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its response; whether the connection goes on."""
        request = await _read_request(reader, scheme)
        if request is None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return False
        record = _Record(request)
        self._records.append(record)
        reply = self._reply(request)
        fault = self._faults.for_url(request.url)
        spoilt: Reply | Wire = reply
        if fault is not None:
            record.fault = fault.kind
            spoilt = fault.apply(reply)
        record.status = spoilt.status if isinstance(spoilt, Reply) else reply.status
        wire = to_wire(spoilt, head_only=request.method == "HEAD") if isinstance(spoilt, Reply) else spoilt
        try:
            await _send(wire, record, writer)
        finally:
            record.ended = time.monotonic()
        return wire.ending == "keep-alive" and request.keeps_alive

    def _reply(self, request: Request) -> Reply:
        """The good reply; a broken page file or template shows as a 500 with its traceback, not as a dead line."""
        try:
            return self._respond(request)
        except Exception:  # noqa: BLE001 - whatever a template can raise belongs into the answer
            text = traceback.format_exc().encode()
            return Reply(status=500, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=text)


async def _read_request(reader: asyncio.StreamReader, scheme: str) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n")
    request = parse_head(head, scheme)
    if request is not None and request.headers.get("content-length", "").isdigit():
        body = await reader.readexactly(int(request.headers["content-length"]))
        return replace(request, raw=head + body)
    return request


async def _send(wire: Wire, record: _Record, writer: asyncio.StreamWriter) -> None:
    """Write the pieces; each is in the log before it is on the wire, so a client never knows more than the log."""
    for number, piece in enumerate(wire.pieces):
        if number and wire.pause:
            await asyncio.sleep(wire.pause)
        record.add(piece)
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)  # drain() returns at once when the client has gone: only the loop gets to know of it
        if writer.transport.is_closing():
            raise ConnectionResetError("the client went away")
    if wire.ending == "reset":
        # A zero linger time makes close() send RST instead of FIN.
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

"""A server that sends exactly the bytes it is told to, and remembers exactly the bytes it got."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.web.certificates import make_certificates


@dataclass(frozen=True)
class Script:
    """What to answer on one path. `ending`: keep (the connection open), close, reset, hang (say no more)."""

    pieces: tuple[bytes, ...]
    ending: str = "keep"

    @property
    def response(self) -> bytes:
        return b"".join(self.pieces)


@dataclass
class Asked:
    """One request as it arrived."""

    scheme: str
    host: str
    target: str
    request: bytes
    connection: int  # requests with the same number came over the same connection
    at: float = field(default_factory=time.monotonic)


@dataclass
class RawServer:
    """Serves `scripts` over http and https while its `with` block runs; everything else is a 404.

    They are found by path, or by host and path (`raw.example/news/1`). Of several for one, each answers once, and the
    last from then on.
    """

    scripts: dict[str, Script | tuple[Script, ...]]
    hosts: tuple[str, ...]
    folder: Path
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.ca, self._tls = make_certificates(self.hosts, self.folder)
        self._listeners = {scheme: socket.create_server(("127.0.0.1", 0)) for scheme in ("http", "https")}
        self._open: list[socket.socket] = []
        self._stopped = threading.Event()
        for scheme, listener in self._listeners.items():
            threading.Thread(target=self._accept, args=(scheme, listener), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        for open_socket in [*self._listeners.values(), *self._open]:
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    def port(self, scheme: str) -> int:
        return int(self._listeners[scheme].getsockname()[1])

    def env(self) -> dict[str, str]:
        """The environment that leads a crawler here."""
        return {
            "DATELINE_OFFLINE_WEB": f"127.0.0.1:{self.port('http')}:{self.port('https')}",
            "SSL_CERT_FILE": str(self.ca),
        }

    def _accept(self, scheme: str, listener: socket.socket) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(scheme, connection), daemon=True).start()

    def _serve(self, scheme: str, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if scheme == "https":
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            number = len(self._open)
            waiting = b""
            while True:
                while b"\r\n\r\n" not in waiting:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    waiting += piece
                head, _, waiting = waiting.partition(b"\r\n\r\n")
                target = head.split(b" ", 2)[1].decode()
                host = head.lower().partition(b"\r\nhost:")[2].partition(b"\r\n")[0].decode().strip()
                script = self._script(host, target)
                self.asked.append(Asked(scheme, host, target, head + b"\r\n\r\n", number))
                if not self._answer(connection, script):
                    return

    def _script(self, host: str, target: str) -> Script:
        found = self.scripts.get(host + target) or self.scripts.get(target, NOT_FOUND)
        if isinstance(found, Script):
            return found
        before = sum((asked.host, asked.target) == (host, target) for asked in self.asked)
        return found[min(before, len(found) - 1)]

    def _answer(self, connection: socket.socket, script: Script) -> bool:
        """Send the response; whether the connection stays open."""
        for piece in script.pieces:
            connection.sendall(piece)
        if script.ending == "hang":
            self._stopped.wait()
        if script.ending == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if script.ending != "keep":
            if isinstance(connection, ssl.SSLSocket) and script.ending == "close":
                connection.unwrap()
            connection.close()
        return script.ending == "keep"


NOT_FOUND = Script((b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",))

"""The site on a real port: `archive serve` as a process of its own, and requests to it byte for byte."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header lines and body of a response, and how many seconds it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    address: str  # "http://127.0.0.1:34567/", with the path of --base-url
    pid: int

    @property
    def port(self) -> int:
        return int(self.address.split(":")[2].partition("/")[0])

    @property
    def peak(self) -> int:
        """The most memory that the process ever held, in MB."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1]) // 1024

    def ask(self, target: str | bytes, *, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
        """Send a request as it is, whatever it holds, and read the answer to its end."""
        raw = target if isinstance(target, bytes) else target.encode("utf-8")
        lines = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"} | (headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(method.encode() + b" " + raw + b" HTTP/1.1\r\n" + head + b"\r\n")
            parts = []
            while part := connection.recv(1 << 16):
                parts.append(part)
        return _read(b"".join(parts), time.monotonic() - begin)


def _read(raw: bytes, seconds: float) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    assert first.startswith("HTTP/1.1 "), first
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    assert len(headers) == len(rest), f"a header twice: {rest}"
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    return Answer(int(first.split()[1]), headers, body, seconds)


def _unchunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        body = rest[length + 2 :]
    return b"".join(parts)


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """`archive serve` on a free port, with `options`."""
    command = [Path(sys.executable).with_name("archive"), "serve", "--archive", folder, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/\S*", line)
            assert found, line
            yield Served(found[0], server.pid)
        finally:
            server.terminate()

"""What crosses the wire: a parsed request, a reply in terms of HTTP, and the bytes that are sent for it."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

Framing = Literal["length", "chunked", "close"]
Ending = Literal["keep-alive", "close", "reset"]

REASONS = {
    200: "OK",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    304: "Not Modified",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    416: "Range Not Satisfiable",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
# Small enough that every page has several chunks, so that a decoder that stops after one is caught.
CHUNK_SIZE = 4096


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. `raw` is head and body exactly as received; header names are lower case, the first value wins."""

    raw: bytes
    scheme: str
    method: str
    target: str  # path and query, as sent
    version: str
    headers: dict[str, str]

    @property
    def host(self) -> str:
        """The Host header's name, lower case, without port."""
        return self.headers.get("host", "").rsplit(":", 1)[0].lower()

    @property
    def url(self) -> str:
        """The URL the client meant."""
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants the connection kept."""
        wish = self.headers.get("connection", "").lower()
        return wish != "close" if self.version == "HTTP/1.1" else wish == "keep-alive"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A response before framing. `body` is the entity, already content-encoded where a header says so.

    `framing` decides how its end is marked. `header_case` is how names are spelt: as given, `lower` or `upper`.
    """

    status: int = 200
    reason: str | None = None  # None: the usual phrase
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    framing: Framing = "length"
    header_case: Literal["given", "lower", "upper"] = "given"

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_header(self, name: str, value: str) -> "Reply":
        """The same reply with that header in place of any of the name."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))

    def gzipped(self) -> "Reply":
        """The same reply with a gzip-encoded body; its bytes are the same every time."""
        encoded = replace(self, body=gzip.compress(self.body, mtime=0))
        return encoded.with_header("Content-Encoding", "gzip").with_header("Vary", "Accept-Encoding")


@dataclass(frozen=True, kw_only=True)
class Wire:
    """The bytes of a response in the pieces they are written in, the pause before each but the first, and the end."""

    pieces: Iterable[bytes] = field(default_factory=tuple)
    pause: float = 0.0  # seconds
    ending: Ending = "keep-alive"


def parse_head(raw: bytes, scheme: str) -> Request | None:
    """The request in `raw` (head with its blank line), or None where it is not HTTP."""
    lines = raw.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/"):
        return None
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return Request(raw=raw, scheme=scheme, method=parts[0], target=parts[1], version=parts[2], headers=headers)


def head_bytes(reply: Reply, extra: Iterable[tuple[str, str]] = ()) -> bytes:
    """Status line, headers and blank line."""
    spellings: dict[str, Callable[[str], str]] = {"given": str, "lower": str.lower, "upper": str.upper}
    spell = spellings[reply.header_case]
    reason = reply.reason if reply.reason is not None else REASONS.get(reply.status, "")
    lines = [f"HTTP/1.1 {reply.status} {reason}"]
    lines += [f"{spell(name)}: {value}" for name, value in (*reply.headers, *extra)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunked(body: bytes) -> Iterator[bytes]:
    """`body` in chunked transfer coding."""
    for start in range(0, len(body), CHUNK_SIZE):
        chunk = body[start : start + CHUNK_SIZE]
        yield f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
    yield b"0\r\n\r\n"


def to_wire(reply: Reply, *, head_only: bool = False) -> Wire:
    """The bytes of a well-behaved response. `head_only` is for HEAD."""
    if reply.status == 304:
        return Wire(pieces=(head_bytes(reply),))
    if reply.framing == "chunked":
        head = head_bytes(reply, [("Transfer-Encoding", "chunked")])
        return Wire(pieces=(head,) if head_only else (head, *chunked(reply.body)))
    if reply.framing == "close":
        head = head_bytes(reply, [("Connection", "close")])
        return Wire(pieces=(head,) if head_only else (head, reply.body), ending="close")
    head = head_bytes(reply, [("Content-Length", str(len(reply.body)))])
    return Wire(pieces=(head,) if head_only or not reply.body else (head, reply.body))

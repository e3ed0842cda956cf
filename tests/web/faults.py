"""Ways for the offline web to misbehave. A fault is data; what it does is one function in `FAULTS`.

A new fault is a new function with `@fault("name")`: it is given the good reply and the fault's settings and returns
either another `Reply` (wrong content, properly framed) or a `Wire` (wrong bytes, wrong pace, wrong end).
"""

import gzip
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.web.messages import Reply, Wire, head_bytes, to_wire

HTML_INSTEAD = b"""<!DOCTYPE html>
<html lang="en"><head><title>Please wait</title></head>
<body><h1>One moment</h1><p>We are checking your browser before you proceed.</p></body></html>
"""


@dataclass(frozen=True)
class Fault:
    """One way to misbehave.

    kind    a key of `FAULTS`
    status  for `status`: the code to answer with
    after   for `truncated`, `reset`, `slow`: bytes of the response's body that are sent first (default: half)
    seconds for `slow`: pause before each piece; for `silent`: before anything is sent
    size    for `slow`: bytes of a piece; for the endless ones and `gzip_bomb`: bytes in all
    body    for `body`: the entity to send instead
    encoding  for `mislabelled`: a name that Python knows
    headers further headers, put in front of the reply's own
    times   how many requests it spoils before it is spent; None: all
    """

    kind: str
    status: int = 503
    after: int | None = None
    seconds: float = 0.2
    size: int = 64
    body: bytes = b""
    encoding: str = "windows-1256"
    headers: tuple[tuple[str, str], ...] = ()
    times: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"unknown fault {self.kind!r}; known are: {', '.join(sorted(FAULTS))}")

    def apply(self, reply: Reply) -> Reply | Wire:
        """The spoilt reply."""
        if self.headers:
            reply = replace(reply, headers=(*self.headers, *reply.headers))
        return FAULTS[self.kind](reply, self)


FaultFunction = Callable[[Reply, Fault], Reply | Wire]
FAULTS: dict[str, FaultFunction] = {}


def fault(name: str) -> Callable[[FaultFunction], FaultFunction]:
    """Register a function as the fault of that name."""

    def register(function: FaultFunction) -> FaultFunction:
        FAULTS[name] = function
        return function

    return register


class FaultBook:
    """Which URLs are spoilt, and how. The first pattern that is found in the URL and is not spent wins."""

    def __init__(self) -> None:
        self._entries: list[tuple[re.Pattern[str], Fault, Iterator[int]]] = []

    def add(self, url_pattern: str, new: Fault) -> None:
        """Spoil the URLs in which the regex `url_pattern` is found; a later pattern takes precedence."""
        left = itertools.count() if new.times is None else iter(range(new.times))
        self._entries.insert(0, (re.compile(url_pattern), new, left))

    def clear(self) -> None:
        """Behave again."""
        self._entries.clear()

    def for_url(self, url: str) -> Fault | None:
        """The fault for this request, counting it as used, or None."""
        for pattern, candidate, left in list(self._entries):
            if pattern.search(url) and next(left, None) is not None:
                return candidate
        return None


@fault("status")
def _status(reply: Reply, settings: Fault) -> Reply:
    """An error page with that code."""
    return _error_page(settings, settings.status)


@fault("not_found")
def _not_found(reply: Reply, settings: Fault) -> Reply:
    """An error page with 404."""
    return _error_page(settings, 404)


def _error_page(settings: Fault, status: int) -> Reply:
    text = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
    headers = (*settings.headers, ("Server", "nginx"), ("Content-Type", "text/html"))
    return Reply(status=status, headers=headers, body=text.encode())


@fault("empty")
def _empty(reply: Reply, settings: Fault) -> Reply:
    """A 200 with no entity at all."""
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=b"", framing="length")


@fault("body")
def _body(reply: Reply, settings: Fault) -> Reply:
    """Another entity with the same headers."""
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=settings.body)


@fault("html_instead")
def _html_instead(reply: Reply, settings: Fault) -> Reply:
    """A 200 with a waiting page where a feed, sitemap or article should be."""
    headers = (("Server", "nginx"), ("Content-Type", "text/html; charset=utf-8"))
    return Reply(headers=headers, body=HTML_INSTEAD)


@fault("cut_text")
def _cut_text(reply: Reply, settings: Fault) -> Reply:
    """Half of the entity, with a length that agrees: a document that was cut before it was sent."""
    plain = gzip.decompress(reply.body) if reply.header("content-encoding") == "gzip" else reply.body
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=plain[: _after(plain, settings)])


@fault("truncated")
def _truncated(reply: Reply, settings: Fault) -> Wire:
    """The connection ends before the announced length is reached."""
    good = tuple(to_wire(replace(reply, framing="length")).pieces)
    return Wire(pieces=(good[0], reply.body[: _after(reply.body, settings)]), ending="close")


@fault("reset")
def _reset(reply: Reply, settings: Fault) -> Wire:
    """A TCP reset; with `after` 0 before any byte of the response."""
    if settings.after == 0:
        return Wire(ending="reset")
    good = tuple(to_wire(replace(reply, framing="length")).pieces)
    return Wire(pieces=(good[0], reply.body[: _after(reply.body, settings)]), ending="reset")


@fault("wrong_length")
def _wrong_length(reply: Reply, settings: Fault) -> Wire:
    """A Content-Length that is `size` bytes too long (negative: too short); then the connection is closed."""
    head = head_bytes(reply, [("Content-Length", str(max(0, len(reply.body) + settings.size)))])
    return Wire(pieces=(head, reply.body), ending="close")


@fault("slow")
def _slow(reply: Reply, settings: Fault) -> Wire:
    """Head and the first `after` bytes at once, the rest in pieces of `size` bytes, `seconds` apart."""
    good = tuple(to_wire(replace(reply, framing="length")).pieces)
    first = settings.after or 0
    rest = reply.body[first:]
    drip = (rest[start : start + settings.size] for start in range(0, len(rest), settings.size))
    return Wire(pieces=itertools.chain((good[0] + reply.body[:first],), drip), pause=settings.seconds)


@fault("silent")
def _silent(reply: Reply, settings: Fault) -> Wire:
    """Nothing for `seconds`, then the good response."""
    return Wire(pieces=(b"", b"".join(to_wire(reply).pieces)), pause=settings.seconds)


@fault("endless_headers")
def _endless_headers(reply: Reply, settings: Fault) -> Wire:
    """Header lines without end (until `size` bytes are out or the client goes)."""
    line = b"X-Filler: " + b"a" * 1000 + b"\r\n"
    lines = itertools.repeat(line, max(1, settings.size // len(line)))
    return Wire(pieces=itertools.chain((b"HTTP/1.1 200 OK\r\n",), lines), ending="close")


@fault("endless_body")
def _endless_body(reply: Reply, settings: Fault) -> Wire:
    """A chunked body without end (until `size` bytes are out or the client goes)."""
    filler = b"<p>" + b"and so on " * 1000 + b"</p>"
    chunk = f"{len(filler):x}\r\n".encode() + filler + b"\r\n"
    head = head_bytes(reply, [("Transfer-Encoding", "chunked")])
    return Wire(
        pieces=itertools.chain((head,), itertools.repeat(chunk, max(1, settings.size // len(chunk)))), ending="close"
    )


@fault("slow_head")
def _slow_head(reply: Reply, settings: Fault) -> Wire:
    """The head in pieces of `size` bytes, `seconds` apart; then the body at once."""
    head, *body = to_wire(reply).pieces
    drip = (head[start : start + settings.size] for start in range(0, len(head), settings.size))
    return Wire(pieces=itertools.chain(drip, (b"".join(body),)), pause=settings.seconds)


@fault("early_hints")
def _early_hints(reply: Reply, settings: Fault) -> Wire:
    """Two interim responses in front of the good one."""
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    return Wire(pieces=(interim, *to_wire(reply).pieces))


@fault("bare_lf")
def _bare_lf(reply: Reply, settings: Fault) -> Wire:
    """A head whose lines end in LF alone, one of them without a colon."""
    head, *body = to_wire(reply).pieces
    status_line, _, rest = head.replace(b"\r\n", b"\n").partition(b"\n")
    return Wire(pieces=(status_line + b"\nno colon in this line\n" + rest, *body))


@fault("redirect_loop")
def _redirect_loop(reply: Reply, settings: Fault) -> Reply:
    """A redirect to the same address."""
    return Reply(status=302, headers=(("Server", "nginx"), ("Location", "?")))


@fault("mislabelled")
def _mislabelled(reply: Reply, settings: Fault) -> Reply:
    """The text in `encoding` under the old labels, in header and `<meta>` both; what it lacks is left out."""
    plain = gzip.decompress(reply.body) if reply.header("content-encoding") == "gzip" else reply.body
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=plain.decode().encode(settings.encoding, "ignore"))


@fault("gzip_bomb")
def _gzip_bomb(reply: Reply, settings: Fault) -> Reply:
    """A small body that unpacks to `size` bytes."""
    return replace(reply.with_header("Content-Encoding", "gzip"), body=gzip.compress(bytes(settings.size), mtime=0))


def _after(body: bytes, settings: Fault) -> int:
    return len(body) // 2 if settings.after is None else settings.after

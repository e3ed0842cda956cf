"""Right content at the wrong pace, or with the wrong end."""

import itertools
from dataclasses import replace

from tests.web.faults.book import Fault, fault
from tests.web.messages import Reply, Wire, head_bytes, to_wire


def half(body: bytes, settings: Fault) -> int:
    """How many bytes of the body go out before it happens."""
    return len(body) // 2 if settings.after is None else settings.after


@fault("truncated")
def _truncated(reply: Reply, settings: Fault) -> Wire:
    """The connection ends before the announced length is reached."""
    good = tuple(to_wire(replace(reply, framing="length")).pieces)
    return Wire(pieces=(good[0], reply.body[: half(reply.body, settings)]), ending="close")


@fault("reset")
def _reset(reply: Reply, settings: Fault) -> Wire:
    """A TCP reset; with `after` 0 before any byte of the response."""
    if settings.after == 0:
        return Wire(ending="reset")
    good = tuple(to_wire(replace(reply, framing="length")).pieces)
    return Wire(pieces=(good[0], reply.body[: half(reply.body, settings)]), ending="reset")


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


@fault("stalled")
def _stalled(reply: Reply, settings: Fault) -> Wire:
    """Head and the first `after` bytes; then nothing, and the connection stays open. After 0: not a byte."""
    head = head_bytes(reply, [("Content-Length", str(len(reply.body)))])
    first = b"" if settings.after == 0 else head + reply.body[: half(reply.body, settings)]
    return Wire(pieces=(first, b""), pause=settings.seconds, ending="close")


@fault("no_answer")
def _no_answer(reply: Reply, settings: Fault) -> Wire:
    """The connection is closed without a byte."""
    return Wire(ending="close")


@fault("head_only")
def _head_only(reply: Reply, settings: Fault) -> Wire:
    """A head that announces a body, then the end."""
    return Wire(pieces=(head_bytes(reply, [("Content-Length", str(len(reply.body)))]),), ending="close")


@fault("endless_close")
def _endless_close(reply: Reply, settings: Fault) -> Wire:
    """A body without length and without end (until `size` bytes are out or the client goes)."""
    filler = b"<p>" + b"on and on " * 1000 + b"</p>"
    pieces = itertools.repeat(filler, max(1, settings.size // len(filler)))
    return Wire(pieces=itertools.chain((head_bytes(reply, [("Connection", "close")]),), pieces), ending="close")


@fault("tiny_chunks")
def _tiny_chunks(reply: Reply, settings: Fault) -> Wire:
    """A body in chunks of one byte: six bytes on the wire for each of it. Nothing is wrong with that."""
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in reply.body) + b"0\r\n\r\n"
    return Wire(pieces=(head_bytes(reply, [("Transfer-Encoding", "chunked")]), chunks))

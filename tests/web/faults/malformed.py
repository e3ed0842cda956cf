"""Bytes that are no proper HTTP/1.1, or barely: each fault rewrites the head and body of a good reply."""

from collections.abc import Callable

from tests.web.faults.book import Fault, fault
from tests.web.messages import Reply, Wire, head_bytes, to_wire

# What each sends for a status line, its headers with their last CRLF (no length among them), and the body.
Parts = Callable[[bytes, bytes, bytes, Fault], bytes]
END = b"\r\n"


def _sized(status: bytes, headers: bytes, body: bytes, length: bytes) -> bytes:
    return status + headers + b"Content-Length: " + length + END + END + body


def _right(status: bytes, headers: bytes, body: bytes) -> bytes:
    return _sized(status, headers, body, b"%d" % len(body))


def _chunked(status: bytes, headers: bytes, chunks: bytes) -> bytes:
    return status + headers + b"Transfer-Encoding: chunked" + END + END + chunks


def _flood(line: bytes, count: int) -> bytes:
    return b"".join(line % number + END for number in range(count))


MALFORMED: dict[str, Parts] = {
    "bad_version": lambda top, head, body, given: _right(b"HTTP/9.9 200 OK\r\n", head, body),
    "no_version": lambda top, head, body, given: _right(b"200 OK\r\n", head, body),
    "http_09": lambda top, head, body, given: body,  # HTTP/0.9 has no head at all
    "status_000": lambda top, head, body, given: _right(b"HTTP/1.1 000 Nothing\r\n", head, body),
    "status_999": lambda top, head, body, given: _right(b"HTTP/1.1 999 Denied\r\n", head, body),
    "status_word": lambda top, head, body, given: _right(b"HTTP/1.1 fine OK\r\n", head, body),
    "no_reason": lambda top, head, body, given: _right(b"HTTP/1.1 200\r\n", head, body),
    "garbage_first": lambda top, head, body, given: b"\0\1\2garbage\r\n" + _right(top, head, body),
    "blank_first": lambda top, head, body, given: END * 3 + _right(top, head, body),
    "nul_in_header": lambda top, head, body, given: _right(top, head + b"X-Nul: a\0b\r\n", body),
    "no_colon": lambda top, head, body, given: _right(top, head + b"no colon in this line\r\n", body),
    "empty_name": lambda top, head, body, given: _right(top, head + b": a value without a name\r\n", body),
    "spaced_name": lambda top, head, body, given: _right(top, head + b"X-Odd : yes\r\n", body),
    "high_bytes": lambda top, head, body, given: _right(top, head + b"X-\xff\xfe: \x80\x81\xff\r\n", body),
    "fold_first": lambda top, head, body, given: _right(top + b" folded into nothing\r\n", head, body),
    "huge_line": lambda top, head, body, given: _right(top, head + b"X-Long: " + b"a" * given.size + END, body),
    "many_headers": lambda top, head, body, given: _right(top, head + _flood(b"X-%d: y", given.size), body),
    "cookie_flood": lambda top, head, body, given: _right(
        top, head + _flood(b"Set-Cookie: sid%d=canary-cookie; Path=/", given.size), body
    ),
    "interim_flood": lambda top, head, body, given: (
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * given.size + _right(top, head, body)
    ),
    "interim_only": lambda top, head, body, given: b"HTTP/1.1 100 Continue\r\n\r\n",
    "switching": lambda top, head, body, given: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + body,
    "negative_length": lambda top, head, body, given: _sized(top, head, body, b"-5"),
    "worded_length": lambda top, head, body, given: _sized(top, head, body, b"lots"),
    "vast_length": lambda top, head, body, given: _sized(top, head, body, b"9" * 30),
    "two_lengths": lambda top, head, body, given: _sized(
        top, head + b"Content-Length: 7\r\n", body, b"%d" % len(body)
    ),
    "same_lengths": lambda top, head, body, given: _sized(
        top, head + b"Content-Length: %d\r\n" % len(body), body, b"%d" % len(body)
    ),
    "length_and_chunks": lambda top, head, body, given: _chunked(
        top, head + b"Content-Length: 7\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    ),
    "odd_transfer_coding": lambda top, head, body, given: _right(
        top, head + b"Transfer-Encoding: rot13\r\n", body
    ),
    "bad_chunk_size": lambda top, head, body, given: _chunked(top, head, b"xyz\r\n" + body + b"\r\n0\r\n\r\n"),
    "negative_chunk": lambda top, head, body, given: _chunked(top, head, b"-10\r\n" + body + b"\r\n0\r\n\r\n"),
    "vast_chunk": lambda top, head, body, given: _chunked(top, head, b"f" * 15 + b"\r\n" + body),
    "short_chunk": lambda top, head, body, given: _chunked(top, head, b"5\r\n" + body + b"\r\n0\r\n\r\n"),
    "no_last_chunk": lambda top, head, body, given: _chunked(top, head, b"%x\r\n%s\r\n" % (len(body), body)),
    "endless_chunk_line": lambda top, head, body, given: _chunked(top, head, b"5;note=" + b"a" * given.size),
    "endless_trailers": lambda top, head, body, given: _chunked(
        top, head, b"%x\r\n%s\r\n0\r\n" % (len(body), body) + _flood(b"X-%d: trailer", given.size)
    ),
    "endless_status": lambda top, head, body, given: b"HTTP/1.1 200 " + b"K" * given.size,
    "body_on_204": lambda top, head, body, given: _right(b"HTTP/1.1 204 No Content\r\n", head, body),
    "body_on_304": lambda top, head, body, given: _right(b"HTTP/1.1 304 Not Modified\r\n", head, body),
    "two_answers": lambda top, head, body, given: _right(top, head, body) * 2,
    "not_http": lambda top, head, body, given: b"220 ftp.faults.example FTP server ready\r\n",
}  # fmt: skip


def _register(name: str, parts: Parts) -> None:
    @fault(name)
    def rewritten(reply: Reply, settings: Fault) -> Wire:
        head = head_bytes(reply)
        status, _, headers = head.removesuffix(END).partition(END)
        whole = parts(status + END, headers, reply.body, settings)
        # In pieces, as a network would deliver it: the client may go as soon as it has enough
        pieces = (whole[start : start + 65536] for start in range(0, len(whole), 65536))
        return Wire(pieces=pieces, ending="close")


for _name, _parts in MALFORMED.items():
    _register(_name, _parts)


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

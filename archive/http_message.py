"""Reading an HTTP/1 response from the exact bytes of a WARC record.

The reader is tolerant, because the bytes are evidence and cannot be asked for again: interim responses in front,
lines that end in a bare LF, folded headers, header lines without a colon, non-ASCII values. It never raises; whatever
is missing or wrong is said in `HttpMessage.incomplete`.
"""

import re
from dataclasses import dataclass

from archive.content_coding import decode

_Headers = tuple[tuple[bytes, bytes], ...]
_Named = dict[bytes, list[bytes]]  # the values of each header, by its lower name

# Bodies above this are cut: an article page is three orders of magnitude smaller, a bomb is larger.
MAX_BODY = 64 * 1024 * 1024

# "HTTP/1.1 200 OK", "HTTP/2 200", "HTTP/1.0 404"; "ICY 200 OK" of old streaming servers
_STATUS_LINE = re.compile(rb"(HTTP/\d+(?:\.\d+)?|ICY)[ \t]+(\d{3})(?:[ \t]+(.*))?$", re.IGNORECASE | re.DOTALL)
# in front of a status line they are ignored (RFC 9112, 2.2)
_EMPTY_LINES = re.compile(rb"(?:\r?\n)*")
# of a last line, with the empty one behind it
_HEAD_END = re.compile(rb"\n\r?\n")
# "1f4", "1F4;name=value", "  1f4  "
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?$", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpMessage:
    """One response. `headers` are as sent, in order, folds joined by a space.

    `entity` is the body without transfer coding (what a payload digest covers), `body` without content coding either.
    `incomplete` says why the body may not be all that the server had, or is None.
    """

    version: str
    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...]
    entity: bytes
    body: bytes
    content_type: str | None = None
    incomplete: str | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name; bytes that are not UTF-8 are read as Latin-1."""
        wanted = name.lower().encode("ascii")
        for key, value in self.headers:
            if key.lower() == wanted:
                return _text(value)
        return None


def parse_response(
    raw: bytes, *, max_body: int = MAX_BODY, keep_body: bool = True, decode_body: bool = True
) -> HttpMessage:
    """Parse the response in `raw`, at most `max_body` bytes of decoded body. Never raises.

    Without `keep_body` the body is decoded to see whether it is whole, and is not kept: it may be a bomb. Without
    `decode_body` not even that: who only wants head and entity does not pay for ten times as many bytes.
    """
    match, headers, body_start = _final_head(raw)
    if match is None:
        return HttpMessage(
            version="", status=0, reason="", headers=(), entity=raw[:max_body], body=raw[:max_body],
            incomplete="no HTTP status line",
        )  # fmt: skip
    status = int(match[2])
    message_body = b"" if body_start is None else raw[body_start:]
    named: _Named = {}
    for name, value in headers:
        named.setdefault(name.lower(), []).append(value)
    entity, problem = _entity(message_body, named, status, max_body)
    if body_start is None:
        problem = "header ends early"
    body, coding_problem = b"", None
    if decode_body:
        body, coding_problem = decode(entity, _tokens(named, b"content-encoding"), limit=max_body, keep=keep_body)
    content_type = named.get(b"content-type")
    return HttpMessage(
        version=_text(match[1]),
        status=status,
        reason=_text(match[3] or b"").strip(),
        headers=headers,
        entity=entity,
        body=body,
        content_type=_text(content_type[0]) if content_type else None,
        incomplete=problem or coding_problem,
    )


def _final_head(raw: bytes) -> tuple[re.Match[bytes] | None, _Headers, int | None]:
    """Status line, headers and start of the body of the first response that is not interim (1xx)."""
    start = 0
    while True:
        status_line, headers, end = _head(raw, start)
        match = _STATUS_LINE.match(status_line)
        interim = match is not None and match[2].startswith(b"1") and match[2] != b"101"
        if not interim or end is None or end >= len(raw):
            return match, headers, end
        start = end


def _head(raw: bytes, start: int) -> tuple[bytes, _Headers, int | None]:
    start = _EMPTY_LINES.match(raw, start).end()  # type: ignore[union-attr]  # it fits everywhere
    last = _HEAD_END.search(raw, start)
    head = raw[start : last.start() + 1 if last else len(raw)]
    lines = head.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
    headers: list[tuple[bytes, list[bytes]]] = []  # the folds of a value are joined once: there may be a million
    for line in lines[1:]:
        if line[:1] in b" \t" and headers:
            headers[-1][1].append(line.strip())
        elif b":" in line:
            name, _, value = line.partition(b":")
            headers.append((name.strip(), [value.strip()]))
    return lines[0], tuple((name, b" ".join(folds)) for name, folds in headers), last.end() if last else None


def _entity(body: bytes, named: _Named, status: int, limit: int) -> tuple[bytes, str | None]:
    """The body without transfer coding. A `Content-Length` below what is there cuts nothing (see `_length`)."""
    if status in {204, 304} or 100 <= status < 200:
        return body[:limit], None
    codings = _tokens(named, b"transfer-encoding")
    if "chunked" in codings:
        entity, problem = _dechunk(body, limit)
        inner = [coding for coding in codings if coding != "chunked"]
        decoded, coding_problem = decode(entity, inner, limit=limit)
        return decoded, problem or coding_problem
    declared = _length(named)
    if len(body) > limit:
        return body[:limit], f"more than {limit} bytes of body"
    if declared is not None and len(body) < declared:
        return body, f"body ends after {len(body)} of {declared} bytes"
    return body, None


def _length(named: _Named) -> int | None:
    """The declared length. A record may hold more: archives that store a body decoded keep the compressed length."""
    values = {value.strip() for value in named.get(b"content-length", ())}
    digits = [value for value in values if value.isdigit() and len(value) < 16]
    return max((int(value) for value in digits), default=None)


def _dechunk(body: bytes, limit: int) -> tuple[bytes, str | None]:
    """Join the chunks (RFC 9112, 7.1); extensions and trailers are passed over."""
    out = bytearray()
    position = 0
    while True:
        newline = body.find(b"\n", position)
        line = body[position : newline if newline >= 0 else len(body)].removesuffix(b"\r")
        match = _CHUNK_SIZE.match(line)
        if match is None:
            if position == 0 and body:
                # not one chunk: the archive that wrote this had undone the framing and kept the header
                return body[:limit], None if len(body) <= limit else f"more than {limit} bytes of body"
            return bytes(out), "chunked body ends early" if position >= len(body) else f"bad chunk at byte {position}"
        if newline < 0:
            return bytes(out), "chunked body ends early"
        size = int(match[1], 16)
        if size == 0:
            return bytes(out), None
        position = newline + 1
        out += body[position : position + min(size, limit + 1)]
        if len(out) > limit:
            return bytes(out[:limit]), f"more than {limit} bytes of body"
        position += size
        if position > len(body):
            return bytes(out), "chunked body ends early"
        position += 2 if body[position : position + 2] == b"\r\n" else body[position : position + 1] == b"\n"


def _tokens(named: _Named, name: bytes) -> list[str]:
    """The comma-separated tokens of all headers of that name, lower case, without parameters."""
    values = named.get(name)
    if not values:
        return []
    joined = b",".join(values).decode("latin-1")
    tokens = (token.partition(";")[0].strip().lower() for token in joined.split(","))
    return [token for token in tokens if token]


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")

"""Reading WARC files exactly: every record with its offset, length, headers and block, and no record that is not whole.

General readers accept a torn last gzip member as a full record and lose everything behind a damaged one. Here a
record counts only when its gzip member inflates to the end with a right checksum and its block has the declared
length; damage is an error with file and offset, and reading can go on at the next good member.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from zlib_ng import zlib_ng

from archive import stored
from archive.errors import RecordError
from archive.http_message import MAX_BODY, HttpMessage, parse_response

GZIP_MAGIC = b"\x1f\x8b\x08"

# Blocks above this are read past, not kept: bounded memory whatever a foreign file holds.
MAX_BLOCK = 64 * 1024 * 1024

# WARC headers are a few hundred bytes; this bounds the search for their end.
_MAX_HEAD = 1024 * 1024
_READ = 64 * 1024
_FIRST = 8 * 1024  # bytes fed first: most records are small, and what is behind their end is copied
_AHEAD = 1024 * 1024  # bytes that are read at once where record follows record
_INFLATED = 1024 * 1024  # bytes that are inflated at once


@dataclass(frozen=True, kw_only=True, slots=True)
class WarcRecord:
    """One whole record of a WARC file.

    `offset` and `length` are bytes in the file: the gzip member, or the plain record with its two closing line ends.
    `headers` keep order and case. `block` is exact; when the block is over the reader's cap it holds the first bytes
    and `block_length` says how many there are.
    """

    path: Path
    offset: int
    length: int
    version: str
    headers: tuple[tuple[str, str], ...]
    block: bytes
    block_length: int
    values: InitVar[dict[str, str] | None] = None  # the first header of each name, by its lower name, if at hand
    type: str = field(init=False, repr=False, compare=False)  # response, request, metadata …; lower case, or empty
    _values: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self, values: dict[str, str] | None) -> None:
        """Make headers quick to find: half a dozen are asked for of every record."""
        found = {name.lower(): value for name, value in reversed(self.headers)} if values is None else values
        object.__setattr__(self, "_values", found)
        object.__setattr__(self, "type", found.get("warc-type", "").lower())

    def header(self, name: str) -> str | None:
        """The first value of a WARC header, whatever the case of its name."""
        return self._values.get(name.lower())

    @property
    def record_id(self) -> str:
        """WARC-Record-ID as written, or empty."""
        return self.header("WARC-Record-ID") or ""

    @property
    def target_uri(self) -> str | None:
        """WARC-Target-URI, without the angle brackets that some writers of WARC/1.0 put around it."""
        uri = self.header("WARC-Target-URI")
        return uri.strip().removeprefix("<").removesuffix(">") if uri else None

    @property
    def date(self) -> datetime:
        """WARC-Date, aware UTC. Raises RecordError where it is missing or no date."""
        value = self.header("WARC-Date") or ""
        try:
            # ISO 28500 allows nine digits of a second's fraction, datetime takes six
            whole, _, fraction = value.strip().removesuffix("Z").partition(".")
            moment = datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}")
        except ValueError:
            raise RecordError(
                f"{self.path}: record at offset {self.offset} has no valid WARC-Date ({value!r})"
            ) from None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def complete(self) -> bool:
        """Whether `block` is the whole block."""
        return len(self.block) == self.block_length

    def http(self, *, max_body: int = MAX_BODY, keep_body: bool = True, decode_body: bool = True) -> HttpMessage:
        """The block read as an HTTP response; see `parse_response`."""
        return parse_response(self.block, max_body=max_body, keep_body=keep_body, decode_body=decode_body)


class Hash(Protocol):
    """A digest under way, as `hashlib` makes them."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""


class _Source:
    """A file's bytes by their place, read ahead, so that records one behind the other are read once.

    `content` is fed with every byte of the file once and in order, whatever is asked for.
    """

    def __init__(self, stream: BinaryIO, *, ahead: int = _READ, content: Hash | None = None) -> None:
        self._stream = stream
        self._ahead = ahead
        self._content = content
        self._fed = 0
        self._begin = 0
        self._data = b""
        self.size = stream.seek(0, os.SEEK_END)

    def at(self, offset: int, count: int = 1) -> memoryview:
        """The bytes from `offset` on that are at hand: `count` of them or more, fewer only at the end of the file."""
        kept = offset - self._begin
        if kept < 0 or kept + count > len(self._data):
            rest = self._data[kept:] if 0 <= kept < len(self._data) else b""
            more = self._read(offset + len(rest), max(self._ahead, count - len(rest)))
            self._begin, self._data, kept = offset, rest + more if rest else more, 0
        return memoryview(self._data)[kept:]

    def finish(self) -> None:
        """Feed what nobody has asked for."""
        while self._content is not None and self._fed < self.size and self._read(self._fed, _AHEAD):
            pass

    def _read(self, place: int, count: int) -> bytes:
        while self._content is not None and self._fed < place and self._read(self._fed, min(_AHEAD, place - self._fed)):
            pass
        self._stream.seek(place)
        data = self._stream.read(count)
        if self._content is not None and place <= self._fed < place + len(data):
            self._content.update(data[self._fed - place :] if place < self._fed else data)
            self._fed = place + len(data)
        return data


def read_records(
    path: Path | str,
    *,
    begin: int = 0,
    on_damage: Callable[[RecordError], None] | None = None,
    max_block: int = MAX_BLOCK,
    content: Hash | None = None,
) -> Iterator[WarcRecord]:
    """Every whole record of the WARC file at `path` from the one at `begin` on, gzipped by record or plain, in order.

    Damage raises RecordError, naming file and offset, after all records in front of it were yielded. With `on_damage`
    it is handed over instead, and reading goes on at the next whole record.
    """
    path = Path(path)
    try:
        stream = stored.open_bytes(path)
    except OSError as error:
        raise RecordError(f"cannot open {path}: {error.strerror}") from error
    with stream, _refusals(path):
        source = _Source(stream, ahead=stored.AHEAD if stored.is_remote(path) else _AHEAD, content=content)
        read = _reader(bytes(source.at(0, 5)[:5]), path)
        offset = begin
        if source.size == 0:
            _report(RecordError(f"{path} is empty: no WARC record in it"), on_damage)
        while offset < source.size:
            try:
                record = read(source, path, offset, max_block)
            except RecordError as damage:
                _report(damage, on_damage)
                offset = _next_start(source, path, offset + 1, read)
                continue
            yield record
            offset += record.length
        source.finish()


def read_record(path: Path | str, offset: int, *, max_block: int = MAX_BLOCK) -> WarcRecord:
    """The record at `offset`. Raises RecordError where there is none or it is damaged."""
    path = Path(path)
    try:
        with stored.open_bytes(path) as stream:
            source = _Source(stream)
            read = _read_member if source.at(offset, 2)[:2] == GZIP_MAGIC[:2] else _read_plain
            return read(source, path, offset, max_block)
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from error


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from error


def parse_member(data: bytes, place: str, *, max_block: int = MAX_BLOCK) -> WarcRecord:
    """The record in `data`, one gzip member cut out of a WARC file. Raises RecordError that names `place`."""
    try:
        return _read_member(_Source(BytesIO(data)), Path(place), 0, max_block)
    except RecordError as error:
        raise RecordError(str(error).replace(str(Path(place)), place)) from None  # a path has no "//"


def _report(damage: RecordError, on_damage: Callable[[RecordError], None] | None) -> None:
    if on_damage is None:
        raise damage
    on_damage(damage)


_Reader = Callable[[_Source, Path, int, int], WarcRecord]


def _reader(start: bytes, path: Path) -> _Reader:
    """How to read a file that begins with `start`; when its first bytes are damaged, its name says what it was."""
    compressed = start[:2] == GZIP_MAGIC[:2] or (start != b"WARC/" and ".gz" in path.suffixes)
    return _read_member if compressed else _read_plain


def _next_start(source: _Source, path: Path, offset: int, read: _Reader) -> int:
    """Offset of the next whole record at or behind `offset`, or the file's size."""
    mark = GZIP_MAGIC if read is _read_member else b"WARC/"
    while True:
        window = bytes(source.at(offset, _READ)[:_READ])
        found = window.find(mark)
        if found < 0:
            if offset + len(window) >= source.size:
                return source.size
            offset += len(window) - len(mark) + 1
            continue
        offset += found
        try:
            read(source, path, offset, 0)
        except RecordError:
            offset += 1
        else:
            return offset


def _read_member(source: _Source, path: Path, offset: int, max_block: int) -> WarcRecord:
    """Inflate one gzip member to its end and parse the one record in it."""
    kept, inflated, length = _inflated(source, path, offset, max_block + _MAX_HEAD)
    version, headers, values, start = _parse_head(kept, path, offset)
    declared = _content_length(headers, values, path, offset)
    if inflated < start + declared:
        raise RecordError(
            f"{path}: record at offset {offset} is short: {inflated - start} of {declared} bytes of its block"
        )
    end = start + declared
    if inflated > end + 8 or kept[end : end + 8].strip():  # two line ends close a record, some writers add more
        raise RecordError(
            f"{path}: gzip member at offset {offset} holds more than one record; run `warcio recompress` on the file"
        )
    block = kept[start : start + min(declared, max_block)]
    return WarcRecord(
        path=path, offset=offset, length=length, version=version, headers=headers, block=block, block_length=declared,
        values=values,
    )  # fmt: skip


def _inflated(source: _Source, path: Path, offset: int, cap: int) -> tuple[bytes, int, int]:
    """What the gzip member at `offset` holds, about `cap` bytes of it, how much that is in all, and its length."""
    inflater = zlib_ng.decompressobj(wbits=31)
    pieces: list[bytes] = []
    inflated, position = 0, offset
    while not inflater.eof:
        feed: bytes | memoryview = inflater.unconsumed_tail
        if not feed:
            feed = source.at(position)[: _READ if pieces else _FIRST]
            position += len(feed)
        try:
            piece = inflater.decompress(feed, _INFLATED)
        except zlib_ng.error as error:  # type: ignore[misc]  # its stub does not say that it is an exception
            if source.at(offset, 2)[:2] != GZIP_MAGIC[:2]:
                raise RecordError(f"{path}: no gzip member at offset {offset}: not a WARC, or a damaged one") from None
            raise RecordError(f"{path}: damaged gzip member at offset {offset} ({error})") from None
        if not feed and not piece:
            raise RecordError(f"{path}: torn record at offset {offset}: the file ends inside its gzip member")
        if inflated < cap:
            pieces.append(piece)
        inflated += len(piece)
    content = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return content, inflated, position - len(inflater.unused_data) - offset


def _read_plain(source: _Source, path: Path, offset: int, max_block: int) -> WarcRecord:
    """Parse one uncompressed record."""
    version, headers, values, start = _parse_head(bytes(source.at(offset, _READ)[:_READ]), path, offset)
    declared = _content_length(headers, values, path, offset)
    end, size = offset + start + declared, source.size
    wanted = min(declared, max_block)
    block = bytes(source.at(offset + start, wanted)[:wanted])
    closing = bytes(source.at(end, 8)[:8])
    gap = len(closing) - len(closing.lstrip(b"\r\n"))
    if end > size or len(block) < min(declared, max_block):
        raise RecordError(f"{path}: torn record at offset {offset}: the file ends inside its block of {declared} bytes")
    # two line ends, but some writers leave one or three; what must follow is another record or the end
    if gap < 1 or not b"WARC/".startswith(closing[gap:][:5]):
        raise RecordError(f"{path}: record at offset {offset} does not end where its Content-Length says")
    return WarcRecord(
        path=path,
        offset=offset,
        length=start + declared + gap,
        version=version,
        headers=headers,
        block=block,
        block_length=declared,
        values=values,
    )


_Headers = tuple[tuple[str, str], ...]


def _parse_head(data: bytes, path: Path, offset: int) -> tuple[str, _Headers, dict[str, str], int]:
    """Version, headers, the first of each by its lower name, and where the block begins, of the record in `data`."""
    if not data.startswith(b"WARC/"):
        raise RecordError(f"{path}: no WARC record at offset {offset} (it begins {data[:12]!r})")
    end = data.find(b"\r\n\r\n", 0, _MAX_HEAD)
    if end < 0:
        raise RecordError(f"{path}: the header of the record at offset {offset} does not end")
    head = _text(data[:end])
    lines = head.split("\r\n")
    if "\r\n " in head or "\r\n\t" in head:
        lines = _unfolded(lines)
    headers: list[tuple[str, str]] = []
    values: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise RecordError(f"{path}: record at offset {offset} has a header line without a colon ({line[:60]!r})")
        name, value = name.strip(), value.strip()
        headers.append((name, value))
        values.setdefault(name.lower(), value)
    return lines[0].strip(), tuple(headers), values, end + 4


def _unfolded(lines: list[str]) -> list[str]:
    """Header lines without folds: what begins with a space goes on with the line before."""
    joined: list[list[str]] = [[lines[0]]]
    for line in lines[1:]:
        if line[:1] in {" ", "\t"} and len(joined) > 1:
            joined[-1].append(line.strip())
        else:
            joined.append([line])
    return [" ".join(folds) for folds in joined]


def _content_length(headers: _Headers, values: dict[str, str], path: Path, offset: int) -> int:
    value = values.get("content-length", "")
    is_one = len(values) == len(headers) or sum(name.lower() == "content-length" for name, _ in headers) == 1
    if not is_one or not (value.isascii() and value.isdigit()) or len(value) > 15:
        raise RecordError(f"{path}: record at offset {offset} has no valid Content-Length")
    return int(value)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")

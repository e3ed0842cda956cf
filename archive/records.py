"""Reading WARC files exactly: every record with its offset, length, headers and block, and no record that is not whole.

General readers accept a torn last gzip member as a full record and lose everything behind a damaged one. Here a
record counts only when its gzip member inflates to the end with a right checksum and its block has the declared
length; damage is an error with file and offset, and reading can go on at the next good member.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from archive.errors import RecordError
from archive.http_message import MAX_BODY, HttpMessage, parse_response

GZIP_MAGIC = b"\x1f\x8b\x08"

# Blocks above this are read past, not kept: bounded memory whatever a foreign file holds.
MAX_BLOCK = 64 * 1024 * 1024

# WARC headers are a few hundred bytes; this bounds the search for their end.
_MAX_HEAD = 1024 * 1024
_READ = 64 * 1024


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

    def header(self, name: str) -> str | None:
        """The first value of a WARC header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def type(self) -> str:
        """WARC-Type in lower case: `response`, `request`, `metadata` …; empty when the record has none."""
        return (self.header("WARC-Type") or "").lower()

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

    def http(self, *, max_body: int = MAX_BODY, keep_body: bool = True) -> HttpMessage:
        """The block read as an HTTP response; see `parse_response`."""
        return parse_response(self.block, max_body=max_body, keep_body=keep_body)


def read_records(
    path: Path | str,
    *,
    begin: int = 0,
    on_damage: Callable[[RecordError], None] | None = None,
    max_block: int = MAX_BLOCK,
) -> Iterator[WarcRecord]:
    """Every whole record of the WARC file at `path` from the one at `begin` on, gzipped by record or plain, in order.

    Damage raises RecordError, naming file and offset, after all records in front of it were yielded. With `on_damage`
    it is handed over instead, and reading goes on at the next whole record.
    """
    path = Path(path)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise RecordError(f"cannot open {path}: {error.strerror}") from error
    with stream:
        read = _reader(stream.read(5), path)
        offset = begin
        size = path.stat().st_size
        if size == 0:
            _report(RecordError(f"{path} is empty: no WARC record in it"), on_damage)
        while offset < size:
            try:
                record = read(stream, path, offset, max_block)
            except RecordError as damage:
                _report(damage, on_damage)
                offset = _next_start(stream, path, offset + 1, read)
                continue
            yield record
            offset += record.length


def read_record(path: Path | str, offset: int, *, max_block: int = MAX_BLOCK) -> WarcRecord:
    """The record at `offset`. Raises RecordError where there is none or it is damaged."""
    path = Path(path)
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            read = _read_member if stream.read(2) == GZIP_MAGIC[:2] else _read_plain
            return read(stream, path, offset, max_block)
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from error


def parse_member(data: bytes, place: str, *, max_block: int = MAX_BLOCK) -> WarcRecord:
    """The record in `data`, one gzip member cut out of a WARC file. Raises RecordError that names `place`."""
    try:
        return _read_member(BytesIO(data), Path(place), 0, max_block)
    except RecordError as error:
        raise RecordError(str(error).replace(str(Path(place)), place)) from None  # a path has no "//"


def _report(damage: RecordError, on_damage: Callable[[RecordError], None] | None) -> None:
    if on_damage is None:
        raise damage
    on_damage(damage)


_Reader = Callable[[BinaryIO, Path, int, int], WarcRecord]


def _reader(start: bytes, path: Path) -> _Reader:
    """How to read a file that begins with `start`; when its first bytes are damaged, its name says what it was."""
    compressed = start[:2] == GZIP_MAGIC[:2] or (start != b"WARC/" and ".gz" in path.suffixes)
    return _read_member if compressed else _read_plain


def _next_start(stream: BinaryIO, path: Path, offset: int, read: _Reader) -> int:
    """Offset of the next whole record at or behind `offset`, or the file's size."""
    mark = GZIP_MAGIC if read is _read_member else b"WARC/"
    while True:
        stream.seek(offset)
        window = b""
        while (found := window.find(mark)) < 0:
            kept = window[-(len(mark) - 1) :]
            more = stream.read(_READ)
            if not more:
                return stream.tell()
            window = kept + more
        offset = stream.tell() - len(window) + found
        try:
            read(stream, path, offset, 0)
        except RecordError:
            offset += 1
        else:
            return offset


def _read_member(stream: BinaryIO, path: Path, offset: int, max_block: int) -> WarcRecord:
    """Inflate one gzip member to its end and parse the one record in it."""
    stream.seek(offset)
    if stream.read(2) != GZIP_MAGIC[:2]:
        raise RecordError(f"{path}: no gzip member at offset {offset}: not a WARC, or a damaged one")
    stream.seek(offset)
    inflater = zlib.decompressobj(wbits=31)
    kept = bytearray()
    inflated = consumed = 0
    while not inflater.eof:
        feed = inflater.unconsumed_tail
        if not feed:
            feed = stream.read(_READ)
            consumed += len(feed)
        try:
            piece = inflater.decompress(feed, 16 * _READ)
        except zlib.error as error:
            raise RecordError(f"{path}: damaged gzip member at offset {offset} ({error})") from None
        if not feed and not piece:
            raise RecordError(f"{path}: torn record at offset {offset}: the file ends inside its gzip member")
        inflated += len(piece)
        if len(kept) < max_block + _MAX_HEAD:
            kept += piece
    length = consumed - len(inflater.unused_data)
    version, headers, start = _parse_head(bytes(kept[:_MAX_HEAD]), path, offset)
    declared = _content_length(headers, path, offset)
    if inflated < start + declared:
        raise RecordError(
            f"{path}: record at offset {offset} is short: {inflated - start} of {declared} bytes of its block"
        )
    end = start + declared
    if inflated > end + 8 or bytes(kept[end : end + 8]).strip():  # two line ends close a record, some writers add more
        raise RecordError(
            f"{path}: gzip member at offset {offset} holds more than one record; run `warcio recompress` on the file"
        )
    block = bytes(kept[start : start + min(declared, max_block)])
    return WarcRecord(
        path=path, offset=offset, length=length, version=version, headers=headers, block=block, block_length=declared
    )


def _read_plain(stream: BinaryIO, path: Path, offset: int, max_block: int) -> WarcRecord:
    """Parse one uncompressed record."""
    stream.seek(offset)
    version, headers, start = _parse_head(stream.read(_READ), path, offset)
    declared = _content_length(headers, path, offset)
    stream.seek(offset + start)
    block = stream.read(min(declared, max_block))
    end = stream.seek(offset + start + declared)
    closing = stream.read(8)
    gap = len(closing) - len(closing.lstrip(b"\r\n"))
    size = stream.seek(0, 2)
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
    )


def _parse_head(data: bytes, path: Path, offset: int) -> tuple[str, tuple[tuple[str, str], ...], int]:
    """Version, headers and start of the block of the record that `data` begins with."""
    if not data.startswith(b"WARC/"):
        raise RecordError(f"{path}: no WARC record at offset {offset} (it begins {data[:12]!r})")
    end = data.find(b"\r\n\r\n")
    if end < 0:
        raise RecordError(f"{path}: the header of the record at offset {offset} does not end")
    lines = _text(data[:end]).split("\r\n")
    headers: list[tuple[str, list[str]]] = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and headers:
            headers[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise RecordError(f"{path}: record at offset {offset} has a header line without a colon ({line[:60]!r})")
        headers.append((name.strip(), [value.strip()]))
    return lines[0].strip(), tuple((name, " ".join(folds)) for name, folds in headers), end + 4


def _content_length(headers: tuple[tuple[str, str], ...], path: Path, offset: int) -> int:
    values = [value for name, value in headers if name.lower() == "content-length"]
    if len(values) != 1 or not (values[0].isascii() and values[0].isdigit()) or len(values[0]) > 15:
        raise RecordError(f"{path}: record at offset {offset} has no valid Content-Length")
    return int(values[0])


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")

"""What a file of records is packed in: told by its first bytes, because names lie.

A `.warc.gz` has one gzip member a record (ISO 28500:2017, annex D), so that a record can be read where it begins. Some
tools gzip the whole file instead, or in blocks that end anywhere; others use Zstandard, with a dictionary in front
(IIPC "Use of Zstandard with WARC"). Those can only be read from the beginning.
"""

import gzip
import struct
import zlib
from enum import Enum
from typing import IO, cast

from archive.errors import RecordError
from archive.records import GZIP_MAGIC

try:
    from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14
except ImportError:
    from backports import zstd  # type: ignore[no-redef, unused-ignore]

_FRAME = b"\x28\xb5\x2f\xfd"  # RFC 8878, 3.1.1
_DICTIONARY = b"\x5d\x2a\x4d\x18"  # a skippable frame of that number holds the dictionary of all that follow
_MAX_DICTIONARY = 16 * 1024 * 1024
_MAX_FIRST = 1024 * 1024  # bytes: the record at the head of a file, which describes it, is far smaller
_PIECE = 64 * 1024

# What a file that is damaged in the middle raises when it is unpacked.
UNPACKING_ERRORS = (OSError, EOFError, ValueError, zlib.error, zstd.ZstdError)


class Container(Enum):
    """How the records are packed."""

    PLAIN = "plain"
    RECORDS = "gzip, one member a record"
    GZIP = "gzip, all in one"
    ZSTANDARD = "Zstandard"


def container_of(stream: IO[bytes], place: str) -> Container:
    """What the file in `stream`, read from its beginning, is packed in. Raises RecordError where it is an ARC file.

    What is no WARC at all counts as what it begins like: reading it says so.
    """
    start = stream.read(_PIECE)
    if start[:4] in {_FRAME, _DICTIONARY}:
        return Container.ZSTANDARD
    if start[:2] != GZIP_MAGIC[:2]:
        _refuse_arc(start, place)
        return Container.PLAIN
    first, following = _first_member(start, stream)
    _refuse_arc(first, place)
    if first[:5] != b"WARC/":
        return Container.RECORDS
    head, _, block = first.partition(b"\r\n\r\n")
    declared = next((line[15:].strip() for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), b"")
    if not declared.isdigit():
        return Container.RECORDS
    more = block[int(declared) :].strip()
    is_cut = len(block) < int(declared) and following not in {b"", b"WARC/"}
    return Container.GZIP if more or is_cut else Container.RECORDS


def unpacked(stream: IO[bytes], container: Container) -> IO[bytes] | None:
    """The records in `stream` as a plain file; None where that is not needed. What is wrong shows when it is read."""
    if container is Container.GZIP:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if container is Container.ZSTANDARD:
        found = _dictionary(stream)
        stream.seek(0)
        dictionary = zstd.ZstdDict(found, is_raw=found[:4] != _TRAINED) if found else None
        return cast("IO[bytes]", zstd.ZstdFile(stream, zstd_dict=dictionary))
    return None


_TRAINED = b"\x37\xa4\x30\xec"  # RFC 8878, 5


def _first_member(start: bytes, stream: IO[bytes]) -> tuple[bytes, bytes]:
    """What the first gzip member holds, at most a little more than `_MAX_FIRST`, and the first bytes of the second."""
    inflater, content = zlib.decompressobj(wbits=31), b""
    feed = start
    try:
        while feed and not inflater.eof and len(content) <= _MAX_FIRST:
            content += inflater.decompress(feed, 2 * _MAX_FIRST)
            feed = inflater.unconsumed_tail or stream.read(_PIECE)
        behind = (inflater.unused_data + feed)[:_PIECE] if inflater.eof else b""
        return content, zlib.decompressobj(wbits=31).decompress(behind, 5) if behind else b""
    except zlib.error:  # damaged: reading the records says where
        return content, b""


def _dictionary(stream: IO[bytes]) -> bytes:
    """The dictionary in front of the first frame, itself compressed or not; empty where there is none."""
    head = stream.read(8)
    if len(head) < 8 or head[:4] != _DICTIONARY:
        return b""
    content = stream.read(min(struct.unpack("<I", head[4:])[0], _MAX_DICTIONARY))
    return zstd.ZstdDecompressor().decompress(content, _MAX_DICTIONARY) if content[:4] == _FRAME else content


def _refuse_arc(start: bytes, place: str) -> None:
    if start.startswith(b"filedesc:"):
        raise RecordError(
            f"{place} is an ARC file, the format before WARC: make a WARC of it with "
            "`warcio recompress OLD.arc.gz NEW.warc.gz` and import that"
        )

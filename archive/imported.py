"""Other people's WARC files: copied once, byte for byte, named by what is in them.

A copy of our own, read-only: a hard link would still be the other's file, which changes when they write it. Where a
WARC was compressed as a whole it is kept unpacked, for inside such a file no record has an address of its own.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from archive import stored
from archive.containers import UNPACKING_ERRORS, Container, container_of, unpacked
from archive.errors import ArchiveNotWritable, RecordError
from archive.folder import IMPORTED, sync_folder
from archive.wacz import is_wacz, warc_members

_PIECE = 1 << 20

# A WARC that was compressed as a whole and becomes larger than this many times its size is a bomb.
_MAX_RATIO = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignWarc:
    """A WARC as it came, open for reading: `place` names it for people, `size` is None where it has to be unpacked."""

    place: str
    stream: IO[bytes]
    suffix: str
    packed_size: int
    size: int | None


def foreign_warcs(path: Path) -> Iterator[ForeignWarc]:
    """The WARC at `path`, or every WARC in the WACZ there; each is closed when the next is asked for.

    Raises RecordError, also for an ARC file, which only `warcio recompress` makes a WARC of.
    """
    try:
        if is_wacz(path):
            for name, stream in warc_members(path):
                with stream:
                    yield _foreign(f"{path}: {name}", stream)
            return
        with path.open("rb") as stream:
            yield _foreign(str(path), stream)
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror or error}") from error


def _foreign(place: str, stream: IO[bytes]) -> ForeignWarc:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    container = container_of(stream, place)
    stream.seek(0)
    plain = unpacked(stream, container)
    return ForeignWarc(
        place=place,
        stream=plain or stream,
        suffix=".warc.gz" if container is Container.RECORDS else ".warc",
        packed_size=size,
        size=None if plain else size,
    )


def adopt_file(folder: Path, path: Path) -> str:
    """Copy the WARC at `path` below `imported/` of the archive in `folder`; returns `imported/<sha256>.warc[.gz]`."""
    return adopt_files(folder, path)[0]


def adopt_files(folder: Path, path: Path) -> list[str]:
    """Adopt a WARC, or every WARC in a WACZ."""
    return [adopt(folder, warc) for warc in foreign_warcs(path)]


def adopt(
    folder: Path,
    warc: ForeignWarc,
    *,
    sizes: Mapping[str, int] | None = None,
    advance: Callable[[int], object] = lambda _bytes: None,
) -> str:
    """Copy a WARC below `imported/`, once; returns its name there.

    `sizes` are those of the files that are there already, by name: what has the size of none is not read to see whether
    it is one of them. `advance` hears of the bytes that were read. Raises RecordError and ArchiveNotWritable.
    """
    if sizes and (warc.size is None or warc.size in sizes.values()):
        name = _name(_digest(_pieces(warc, advance)), warc)
        if name in sizes and stored.exists(folder / name):
            return name
        warc.stream.seek(0)
    return _copy(folder, warc, advance)


def file_row(folder: Path, name: str) -> dict[str, Any]:
    """The row of an adopted file, whose name says its hash."""
    return {"file": name, "size": stored.noted_size(folder / name), "sha256": Path(name).name.partition(".")[0]}


def left_behind(folder: Path, known: Collection[str]) -> list[str]:
    """The names of files that an import had copied when it was killed; what it had copied half is removed."""
    for partial in (folder / IMPORTED).glob("copy-*.part"):
        partial.unlink()
    found = stored.finished(folder / IMPORTED, "*.warc") + stored.finished(folder / IMPORTED)
    new = (path for path in sorted(found) if f"{IMPORTED}/{path.name}" not in known)
    return [f"{IMPORTED}/{path.name}" for path in new if path.name.partition(".")[0] == _sha256(path)]


def _sha256(path: Path) -> str:
    with stored.open_bytes(path) as stream:
        return _digest(iter(lambda: stream.read(_PIECE), b""))


def _digest(pieces: Iterator[bytes]) -> str:
    content = hashlib.sha256()
    for piece in pieces:
        content.update(piece)
    return content.hexdigest()


def _name(sha256: str, warc: ForeignWarc) -> str:
    return f"{IMPORTED}/{sha256}{warc.suffix}"


def _pieces(warc: ForeignWarc, advance: Callable[[int], object]) -> Iterator[bytes]:
    """The content of a WARC. Raises RecordError where it cannot be read or unpacked."""
    total = 0
    while True:
        try:
            piece = warc.stream.read(_PIECE)
        except UNPACKING_ERRORS as error:
            if warc.size is not None:
                raise RecordError(f"cannot read {warc.place}: {error}") from error
            raise RecordError(
                f"cannot unpack {warc.place}: {error}; unpack what is whole of it by hand (`gzip -dc`) and import that"
            ) from error
        if not piece:
            return
        total += len(piece)
        if warc.size is None and total > _MAX_RATIO * max(warc.packed_size, _PIECE):
            raise RecordError(f"{warc.place} is packed beyond reason: {total} bytes of {warc.packed_size}")
        advance(len(piece))
        yield piece


def _copy(folder: Path, warc: ForeignWarc, advance: Callable[[int], object]) -> str:
    target = folder / IMPORTED
    partial = target / f"copy-{os.getpid()}.part"
    content = hashlib.sha256()
    try:
        copy = partial.open("wb")
    except OSError as error:
        raise ArchiveNotWritable(f"cannot write to {target}: {error.strerror}; check its permissions") from error
    try:
        with copy:
            for piece in _pieces(warc, advance):
                content.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        name = _name(content.hexdigest(), warc)
        if not stored.exists(folder / name):
            partial.chmod(0o444)
            partial.rename(folder / name)
        sync_folder(target)  # also where it was there: who put it there may have been killed before this
    except OSError as error:
        raise ArchiveNotWritable(
            f"cannot copy {warc.place} to {target}: {error.strerror or error}; free space?"
        ) from error
    finally:
        with suppress(OSError):  # the next opening will
            partial.unlink(missing_ok=True)
    return name

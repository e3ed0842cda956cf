"""Other people's WARC files: copied once, byte for byte, named by what is in them."""

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from archive.errors import ArchiveNotWritable, RecordError
from archive.folder import IMPORTED, sync_folder
from archive.records import GZIP_MAGIC
from archive.wacz import is_wacz, warc_members

_PIECE = 1 << 20


def adopt_file(folder: Path, path: Path) -> str:
    """Copy the WARC at `path` below `imported/` of the archive in `folder`; returns `imported/<sha256>.warc[.gz]`."""
    try:
        with path.open("rb") as stream:
            suffix = ".warc.gz" if stream.read(2) == GZIP_MAGIC[:2] else ".warc"
            stream.seek(0)
            return _adopt(folder, path, stream, suffix)
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from error


def adopt_files(folder: Path, path: Path) -> list[str]:
    """Adopt a WARC, or every WARC in a WACZ."""
    if not is_wacz(path):
        return [adopt_file(folder, path)]
    names: list[str] = []
    for name, stream in warc_members(path):
        with stream:
            names.append(_adopt(folder, path, stream, ".warc.gz" if name.endswith(".gz") else ".warc"))
    return names


def file_row(folder: Path, name: str) -> dict[str, Any]:
    """The row of an adopted file, whose name says its hash."""
    return {"file": name, "size": (folder / name).stat().st_size, "sha256": Path(name).name.partition(".")[0]}


def left_behind(folder: Path, known: Collection[str]) -> list[str]:
    """The names of files that an import had copied when it was killed; what it had copied half is removed."""
    for partial in (folder / IMPORTED).glob("copy-*.part"):
        partial.unlink()
    found = (path for path in sorted((folder / IMPORTED).glob("*.warc*")) if f"{IMPORTED}/{path.name}" not in known)
    return [f"{IMPORTED}/{path.name}" for path in found if path.name.partition(".")[0] == _sha256(path)]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _adopt(folder: Path, source: Path, stream: IO[bytes], suffix: str) -> str:
    target = folder / IMPORTED
    partial = target / f"copy-{os.getpid()}.part"
    content = hashlib.sha256()
    try:
        copy = partial.open("wb")
    except OSError as error:
        raise ArchiveNotWritable(f"cannot write to {target}: {error.strerror}; check its permissions") from error
    try:
        with copy:
            while piece := stream.read(_PIECE):
                content.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        final = target / f"{content.hexdigest()}{suffix}"
        if not final.exists():
            partial.chmod(0o444)
            partial.rename(final)
        sync_folder(target)  # also where it was there: who put it there may have been killed before this
    except OSError as error:
        raise ArchiveNotWritable(f"cannot copy {source} to {target}: {error.strerror or error}; free space?") from error
    finally:
        with suppress(OSError):  # the next opening will
            partial.unlink(missing_ok=True)
    return f"{IMPORTED}/{final.name}"

"""Other people's WARC files: copied once, byte for byte, named by what is in them."""

import hashlib
import os
from pathlib import Path
from typing import IO

from archive.errors import ArchiveNotWritable, RecordError
from archive.folder import IMPORTED
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
    except OSError as error:
        raise ArchiveNotWritable(f"cannot copy {source} to {target}: {error.strerror or error}; free space?") from error
    finally:
        partial.unlink(missing_ok=True)
    return f"{IMPORTED}/{final.name}"

"""The WARC files inside a WACZ (a zip with `archive/*.warc.gz`, https://specs.webrecorder.net/wacz/1.1.1/)."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from archive.errors import RecordError

_MEMBER = re.compile(r"archive/[^/\\]+\.warc(\.gz)?", re.IGNORECASE)

# A WARC in a WACZ is stored, not compressed again; a member that shrinks by more than this is a bomb.
_MAX_RATIO = 50


def is_wacz(path: Path) -> bool:
    """Whether the file at `path` is a zip."""
    return path.is_file() and zipfile.is_zipfile(path)


def warc_members(path: Path | str) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and open stream of each WARC in the WACZ at `path`, in its own order; names are never used as paths.

    Raises RecordError when the zip is damaged, holds no WARC, or one that is packed beyond reason.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as package:
            members = [info for info in package.infolist() if _MEMBER.fullmatch(info.filename)]
            if not members:
                raise RecordError(f"{path} holds no archive/*.warc.gz: it is no WACZ, or an empty one")
            for info in members:
                if info.file_size > _MAX_RATIO * max(info.compress_size, 1024):
                    raise RecordError(f"{path}: {info.filename} is packed beyond reason ({info.file_size} bytes)")
                yield info.filename, package.open(info)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise RecordError(f"cannot read {path}: {error}") from error

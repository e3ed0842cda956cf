"""A new database from the WARC files alone, the same in every row as the one that was written with them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archive import clock
from archive import folder as layout
from archive.errors import ArchiveError, ArchiveNotFound
from archive.recovery import Examine
from archive.store import Archive

_PARTS = ("", "-wal", "-shm")  # a database and what SQLite keeps beside it


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuilt:
    """What a rebuilt database holds, and where the old one went (None where there was none)."""

    counts: dict[str, int]
    unfinished: int
    old: Path | None


def rebuild(
    folder: Path,
    *,
    software: str,
    examine: Examine | None = None,
    advance: Callable[[int], object] = lambda _bytes: None,
) -> Rebuilt:
    """Move the database of the archive in `folder` to `quarantine/` and make it anew from the files.

    `examine` reads several files at once where one process is too slow; `advance` hears of every byte read. Killed on
    the way, the next rebuild goes on, and so does any opening of the archive. Raises ArchiveNotFound, ArchiveLocked,
    and ArchiveError where the files do not hold together; the old database is then put back.
    """
    if not (folder / layout.WARC).is_dir():
        raise ArchiveNotFound(f"there is no archive in {folder}; name its folder with DATELINE_ARCHIVE")
    layout.prepare(folder)
    lock = layout.lock(folder)
    try:
        old = _set_aside(folder)
    finally:
        os.close(lock)
    try:
        with Archive.open(folder, software=software, examine=examine, advance=advance) as archive:
            return Rebuilt(counts=archive.counts(), unfinished=len(archive.unfinished()), old=old)
    except ArchiveError:
        if old is not None:
            _put_back(folder, old)
        (folder / layout.REBUILDING).unlink(missing_ok=True)
        raise


def _set_aside(folder: Path) -> Path | None:
    """Move the database away; its name says when. One that a rebuild was making when it was killed is gone on with."""
    if (folder / layout.REBUILDING).exists():
        kept = folder / layout.QUARANTINE / (folder / layout.REBUILDING).read_text()
        return kept if kept.is_file() else None
    name = f"archive-{clock.now():%Y%m%d%H%M%S%f}.db"
    found = [part for part in _PARTS if (folder / f"{layout.DATABASE}{part}").exists()]
    for part in found:
        (folder / f"{layout.DATABASE}{part}").rename(folder / layout.QUARANTINE / f"{name}{part}")
    (folder / layout.REBUILDING).write_text(name)
    return folder / layout.QUARANTINE / name if "" in found else None


def _put_back(folder: Path, old: Path) -> None:
    for part in _PARTS:
        (folder / f"{layout.DATABASE}{part}").unlink(missing_ok=True)
        if (kept := old.with_name(old.name + part)).exists():
            kept.rename(folder / f"{layout.DATABASE}{part}")

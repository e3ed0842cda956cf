"""An archive's folder: what lies where, who writes it, and how its database is opened.

archive.db     the index; can be rebuilt from the WARC files
warc/          what was captured; `.open` while it is written, then sealed and read-only, with an index beside (`.cdxj`)
imported/      other people's WARC files, by the hash of their content
merged/        WARC files of shards: archives that `archive merge` joined to this one; their journals are theirs
quarantine/    bytes that were cut off a damaged file, never deleted
archive.lock   held by the one process that writes
"""

import fcntl
import json
import os
import sqlite3
import sys
import time
from contextlib import suppress
from pathlib import Path

from archive import clock
from archive.errors import ArchiveError, ArchiveLocked, ArchiveNotFound, ArchiveNotWritable, refusals_of
from archive.rows import STATEMENTS

DATABASE = "archive.db"
WARC = "warc"
IMPORTED = "imported"
MERGED = "merged"
OURS = (WARC, MERGED)  # what this program wrote
QUARANTINE = "quarantine"
LOCK = "archive.lock"
REBUILDING = "rebuilding"  # while a database is made anew: the name that the old one has in quarantine

# Readers may hold the database for a moment; a writer waits this long before it gives up.
_BUSY_SECONDS = 30.0

_CACHE_KB = 64_000  # of the writer's pages in memory; with SQLite's 2 MB the upper pages of each index are read anew
_CHECKPOINT_PAGES = 8_000  # of 4 kB in the log before it is written into the database: 32 MB, some seconds of a crawl


def database(folder: Path) -> Path:
    """The database to read: while one is made anew, the old one in `quarantine/`, for the new one is not whole yet."""
    with suppress(FileNotFoundError):
        old = folder / QUARANTINE / (folder / REBUILDING).read_text()
        if old.is_file():
            return old
    return folder / DATABASE


def prepare(folder: Path) -> None:
    """Create the folder and its parts; they survive a power cut. Raises ArchiveNotWritable."""
    try:
        new = [place for place in (folder.absolute(), *folder.absolute().parents) if not place.exists()]
        for part in (WARC, IMPORTED, MERGED, QUARANTINE):
            (folder / part).mkdir(parents=True, exist_ok=True)
        sync_folder(folder)
        for place in new:
            if os.access(place.parent, os.R_OK):  # some may be written and not read
                sync_folder(place.parent)
    except OSError as error:
        raise ArchiveNotWritable(
            f"cannot create the archive {folder}: {error.strerror}; choose another folder with DATELINE_ARCHIVE"
        ) from error
    for place in (folder, folder / WARC):
        if not os.access(place, os.W_OK | os.X_OK):
            raise ArchiveNotWritable(
                f"{place} is not writable; check its owner and permissions, or set DATELINE_ARCHIVE"
            )


def sync_folder(folder: Path) -> None:
    """Make names created or changed in `folder` durable. Raises ArchiveError."""
    with refusals_of(folder):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def lock(folder: Path) -> int:
    """Take the archive's lock and return its file descriptor; it is freed when that is closed or the process dies.

    Raises ArchiveLocked with the holder's process id and start.
    """
    path = folder / LOCK
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ArchiveNotWritable(f"cannot open {path}: {error.strerror}; check its owner and permissions") from error
    if not _take(fd):
        who = _holder(fd)
        os.close(fd)
        raise ArchiveLocked(f"{folder} is being written by {who}; wait until it ends, or stop it")
    os.ftruncate(fd, 0)
    note = {
        "pid": os.getpid(),
        "since": clock.now().isoformat(timespec="seconds"),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200],
    }
    os.pwrite(fd, json.dumps(note).encode(), 0)
    return fd


def _take(fd: int) -> bool:
    """Whether the lock was free. Who asks `is_locked` holds it for a moment, so one refusal proves nothing."""
    for _ in range(5):
        with suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False


def is_locked(folder: Path) -> bool:
    """Whether a process writes the archive."""
    try:
        fd = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # there never was a writer
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def holder(folder: Path) -> str:
    """Who writes the archive, or wrote it last, in words."""
    try:
        fd = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return "another process"
    try:
        return _holder(fd)
    finally:
        os.close(fd)


def _holder(fd: int) -> str:
    """Who holds the lock. It writes its name right after it got the lock, so a moment may pass."""
    for _ in range(40):
        with suppress(ValueError):
            note = json.loads(os.pread(fd, 4096, 0))
            return f"process {note.get('pid')} ({note.get('command')}) since {note.get('since')}"
        time.sleep(0.025)
    return "another process"


def connect(folder: Path, *, write: bool) -> sqlite3.Connection:
    """A connection to the archive's database: WAL and foreign keys on, or read-only.

    Raises ArchiveNotFound where there is no database to read, ArchiveNotWritable where it cannot be written.
    """
    path = folder / DATABASE
    if not write:
        return _connect_reader(path)
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, cached_statements=STATEMENTS)
    except sqlite3.OperationalError as error:
        raise ArchiveNotWritable(f"cannot open {path} for writing: {error}; check its owner and permissions") from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # the WARC is synced before each commit, so a power cut can only cost index rows, and those are rebuilt from it
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        # pages that one commit after the other changes are read once, and written to the file less often
        connection.execute(f"PRAGMA cache_size = {-_CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    except sqlite3.OperationalError as error:
        connection.close()
        raise ArchiveNotWritable(f"cannot write {path}: {error}; check its owner and permissions") from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise ArchiveError(f"{path}: {error}; restore it from a copy, or move it away to begin a new index") from error
    return connection


def _connect_reader(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise ArchiveNotFound(
            f"there is no archive in {path.parent}; crawl first, or name a folder with --archive or DATELINE_ARCHIVE"
        )
    quoted = path.resolve().as_uri()
    # a database in WAL mode wants its two side files; where none can be made and none is there, nobody writes it either
    writable = os.access(path.parent, os.W_OK) or path.with_name(path.name + "-wal").exists()
    options = "mode=ro" if writable else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{quoted}?{options}", uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)
    # a read-only connection may still ATTACH a database and write that one
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection

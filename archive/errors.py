"""Every error that Dateline raises on purpose, as one tree.

    DatelineError
    ├── ArchiveError              the archive on disk
    │   ├── ArchiveNotFound         there is no archive in the folder
    │   ├── ArchiveNotWritable      the folder cannot be created or written
    │   ├── ArchiveLocked           another process writes this archive
    │   ├── ArchiveFull             its disk has too little room left
    │   ├── SchemaTooNew            the database was written by a newer version
    │   ├── NotWithheld             an article cannot be withheld, or is not
    │   └── RecordError             a WARC file or record cannot be read
    └── CrawlError                crawler/errors.py: sources, spiders, arguments, extraction

Each message says what failed, where (path or URL), and what to do next.
`exit_code` is what a command ends with when the error reaches it; README lists the codes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class DatelineError(Exception):
    """Root of the tree. `exit_code` follows sysexits(3) where one fits."""

    exit_code: ClassVar[int] = 1


class ArchiveError(DatelineError):
    """Something is wrong with the archive on disk."""

    exit_code: ClassVar[int] = 74  # EX_IOERR


@contextmanager
def refusals_of(place: object) -> Iterator[None]:
    """Whatever the system or SQLite refuses within becomes an ArchiveError that names `place`."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArchiveError(
            f"{place}: {reason}; everything acknowledged is safe. Mend the cause and start again"
        ) from error


class ArchiveNotFound(ArchiveError):
    """There is no archive in the folder named."""

    exit_code: ClassVar[int] = 66  # EX_NOINPUT


class ArchiveNotWritable(ArchiveError):
    """The archive's folder cannot be created or written to."""

    exit_code: ClassVar[int] = 73  # EX_CANTCREAT


class ArchiveLocked(ArchiveError):
    """Another process is writing this archive."""

    exit_code: ClassVar[int] = 75  # EX_TEMPFAIL


class ArchiveFull(ArchiveError):
    """The disk has too little room left to write on safely."""

    exit_code: ClassVar[int] = 28  # ENOSPC


class LibraryMissing(ArchiveError):
    """What was asked for needs a library that is not installed."""

    exit_code: ClassVar[int] = 78  # EX_CONFIG


class SchemaTooNew(ArchiveError):
    """The database's schema is newer than this program knows."""

    exit_code: ClassVar[int] = 78  # EX_CONFIG


class NotWithheld(ArchiveError):
    """An article cannot be withheld, or was to be given back and is not withheld."""

    exit_code: ClassVar[int] = 1


class RecordError(ArchiveError):
    """A WARC file or one record of it cannot be read."""

    exit_code: ClassVar[int] = 65  # EX_DATAERR

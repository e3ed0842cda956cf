"""What is settled when an archive is opened: its schema, whether it is a demonstration, what its files say of it."""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from platform import python_version

from sqlite_utils import Database

from archive import clock, copies, withheld
from archive import folder as layout
from archive.articles import now
from archive.errors import ArchiveError, ArchiveNotWritable, RecordError, refusals_of
from archive.migrations import migrate
from archive.records import read_record
from archive.search import index

FORMAT = "WARC File Format 1.1"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
DEMONSTRATION = "DEMONSTRATION, no real news: pages made up for it and served on this machine"


# What a reader may take for granted of the records.
FIDELITY = (
    "requests and responses byte for byte as sent and received, transfer coding included; "
    "of requests, header lines with credentials are left out and named"
)


def warcinfo(software: str, *, demonstration: bool, about: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """The fields of the record at the head of each WARC file, with those in `about`; nothing names this machine."""
    return {
        "software": software,
        "format": FORMAT,
        "conformsTo": CONFORMS_TO,
        "robots": "obey",
        "isPartOf": "dateline-demonstration" if demonstration else "dateline",
        "description": DEMONSTRATION if demonstration else "News pages as they were received",
        "fidelity": FIDELITY,
        "platform": f"Python/{python_version()} SQLite/{sqlite3.sqlite_version}",
        **about,
    }


def is_demonstration(connection: sqlite3.Connection) -> bool:
    """Whether the database belongs to an archive of the offline web."""
    with suppress(sqlite3.OperationalError):  # no such table: an archive that was never written
        found = connection.execute("SELECT value FROM about WHERE key = 'demonstration'").fetchone()
        return bool(found and found[0] == "yes")
    return False


def _began_as_demonstration(folder: Path) -> bool:
    """Whether the WARC files of an archive whose database is gone say so."""
    for path in sorted((folder / layout.WARC).glob("*.warc.gz")):
        with suppress(RecordError):
            info = read_record(path, 0).block
            return b"isPartOf: dateline-demonstration" in info
    return False


def prepare_database(connection: sqlite3.Connection, folder: Path, software: str, demonstration: bool) -> bool:
    """Migrate, and settle what kind of archive this is. Returns whether it is a demonstration."""
    path = folder / layout.DATABASE
    try:
        migrate(Database(connection, execute_plugins=False), path=str(path))
        if not index.is_current(connection):  # made by the folding rules of an older program
            with connection:
                index.make(connection)
                copies.make(connection)
                withheld.take_words_of_all(connection)
    except sqlite3.DatabaseError as error:
        raise ArchiveNotWritable(f"cannot prepare {path}: {error}; is it a database, and is there space?") from error
    with refusals_of(path):
        return _kind_of_archive(connection, folder, software, demonstration)


def connect_reader(folder: Path, *, whole: bool) -> sqlite3.Connection:
    """A connection that only reads, and without `whole` does not see what is withheld.

    Raises ArchiveNotFound, and ArchiveError where there is no database but something else.
    """
    connection = layout.connect(folder, write=False)
    try:
        if not whole:
            withheld.shield(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise ArchiveError(f"{folder / layout.DATABASE} is no archive: {error}") from error
    return connection


def _kind_of_archive(connection: sqlite3.Connection, folder: Path, software: str, demonstration: bool) -> bool:
    empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM about)").fetchone()[0]
    was = _began_as_demonstration(folder) if empty else is_demonstration(connection)
    if clock.SHIFT and not (was or demonstration):
        raise ArchiveError(f"{folder} holds real pages, whose times must be true: unset DATELINE_CLOCK_SHIFT")
    if demonstration and not was and not empty:
        raise ArchiveError(f"{folder} holds real pages; a demonstration needs a folder of its own (DATELINE_ARCHIVE)")
    if empty:
        demonstration = demonstration or was
        facts = {"created_at": now(), "software": software, "demonstration": "yes" if demonstration else "no"}
        with connection:
            connection.executemany("INSERT INTO about VALUES (?, ?)", facts.items())
    return demonstration or was

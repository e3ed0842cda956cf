"""The rows of an archive made again from its journal, in a scratch database, and compared with those that it has.

Entries are followed as the files are read, so that no file is read a second time for them. Of texts the scratch
database has but what proves them, a SHA-256: nobody reads them there.
"""

# ruff: noqa: S608 - SQL of constants

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from archive import dump
from archive.errors import ArchiveError, RecordError
from archive.events import TABLES, apply
from archive.finding import Finding, Level
from archive.folder import DATABASE, WARC
from archive.journal import Ledger, file_row, parse_entry
from archive.migrations import migrate
from archive.records import WarcRecord
from archive.rows import STATEMENTS
from archive.warc import SealedFile

# Indexes by which events say what they change; of those that only readers need the scratch database has none, and no
# triggers that count for them.
_LOOKED_UP = frozenset(("sightings_open_url", "sightings_memento", "sightings_capture"))

# The texts of the files that were read so far.
_TEXTS = "CREATE TABLE texts (file TEXT, offset INTEGER, digest BLOB, PRIMARY KEY (file, offset)) WITHOUT ROWID"
_DIGEST = 32  # bytes of a SHA-256

_CACHE_KB = 64_000


class Scratch(Ledger):
    """A database without texts, indexes, triggers and safety.

    What stands for a text: the SHA-256 of its record's block, and the headline that the block begins with.
    """

    def __init__(self, place: str, folder: Path) -> None:
        self.path = Path(place) / DATABASE
        connection = sqlite3.connect(self.path, cached_statements=STATEMENTS)
        for pragma in ("synchronous = OFF", "journal_mode = OFF", f"cache_size = {-_CACHE_KB}"):
            connection.execute(f"PRAGMA {pragma}")
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        migrate(db, path=place)
        sql = "SELECT type, name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX %' OR type = 'trigger'"
        for kind, name in connection.execute(sql).fetchall():
            if name not in _LOOKED_UP:
                connection.execute(f"DROP {kind} [{name}]")
        connection.execute(_TEXTS)
        super().__init__(db, folder, searchable=False)

    def _transaction(self) -> AbstractContextManager[object]:
        return nullcontext()  # one for all entries of a file; after an error nothing more is done here

    def _read_text(self, file: str, offset: int, headline: str) -> str | bytes:
        sql = "SELECT digest FROM texts WHERE file = ? AND offset = ?"
        found = self.db.conn.execute(sql, [file, offset]).fetchone()
        if found is None:
            raise RecordError(f"{self.folder / file}: no whole text at offset {offset}")
        return bytes(found[0]) + headline.encode()


def is_proved(proof: bytes, text: bytes) -> bool:
    """Whether `text` is the one that `proof` stands for: a digest, and what the digested bytes may begin with."""
    digest, headline = proof[:_DIGEST], proof[_DIGEST:]
    if hashlib.sha256(headline + text).digest() == digest:
        return True
    return not text.startswith(headline) and hashlib.sha256(text).digest() == digest  # a block without the headline


class Proof:
    """A scratch database that follows the journal. A context manager.

    `last`: the entry that the archive's database has last; None where it has no database, and all are followed.
    `base`: the entry from which on the journal makes a whole database.
    """

    def __init__(self, folder: Path, *, last: int | None, base: int) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.behind = 0
        self._last = last
        self._place = tempfile.TemporaryDirectory(prefix="dateline-verify-")
        self._scratch = Scratch(self._place.name, folder)
        self._scratch.base = base
        self._is_followed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.db.conn.close()
        self._place.cleanup()

    @property
    def position(self) -> tuple[int, str]:
        """Number and digest of the last entry that was followed."""
        return self._scratch.sequence, self._scratch.head

    def _add(self, level: Level, place: object, problem: str) -> None:
        self.findings.append(Finding(level=level, place=str(place), problem=problem))

    def hear(self, file: str, texts: Mapping[int, tuple[str, bytes]]) -> None:
        """Take down the texts of a file, of which entries will speak: by offset the record's id and block's SHA-256."""
        rows = ((file, offset, digest) for offset, (_, digest) in texts.items())
        self._scratch.db.conn.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", rows)

    def follow(self, records: Iterable[WarcRecord]) -> None:
        """Apply the entries of a file that the archive's database has; what does not follow ends the journal."""
        if not self._is_followed:
            return
        scratch = self._scratch
        try:
            for record in records:
                entry = parse_entry(record)
                if entry.sequence < scratch.base:
                    continue
                if self._last is not None and entry.sequence > self._last:
                    self.behind += 1
                elif entry.sequence <= scratch.sequence:
                    self._add(Level.EVIDENCE, entry.path, f"journal entry {entry.sequence} stands there a second time")
                else:
                    scratch.replay(entry)
            scratch.db.conn.commit()
        except (ArchiveError, sqlite3.Error, KeyError, TypeError, ValueError) as error:
            self._add(Level.EVIDENCE, self.folder / WARC, f"the journal cannot be followed: {error}")
            self._is_followed = False

    def compare(
        self, connection: sqlite3.Connection, position: tuple[int, str], sealed: Mapping[str, SealedFile]
    ) -> int:
        """Look at every row of the archive's database. Returns how many there are.

        `position`: number and digest of the last entry by that database; `sealed`: what the finished files hold, by
        name, for those that no entry names yet because nothing was written since they were finished.
        """
        if not self._is_followed:
            return 0
        if self.position != position:
            self._add(
                Level.EVIDENCE, self.folder / WARC,
                f"the journal ends with entry {self.position[0]}, the database has {position[0]}: "
                "a file is missing, or one of the two was exchanged",
            )  # fmt: skip
            return 0
        scratch = self._scratch.db
        known = {row["file"] for row in dump.rows(scratch.conn, "files")}
        for name in sorted(sealed.keys() - known):
            apply(scratch, {"insert": "files", "row": file_row(sealed[name])}, _no_text)
        scratch.conn.commit()
        try:
            connection.create_function("is_proved", 2, is_proved, deterministic=True)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1)
            connection.execute("ATTACH ? AS due", [f"{self._scratch.path.as_uri()}?mode=ro"])
            return sum(self._compare(connection, table) for table in TABLES)
        except sqlite3.Error as error:
            self._add(Level.INDEX, self.folder / DATABASE, f"cannot be compared: {error}; rebuild it from the files")
            return 0

    def _compare(self, connection: sqlite3.Connection, table: str) -> int:
        """Look at every row of a table. Returns how many there are."""
        place = f"{self.folder / DATABASE}: {table}"
        names, found = (_columns(connection, schema, table) for schema in ("due", "main"))
        if names != found:
            problem = f"its columns are other ones: {', '.join(sorted(names ^ found))}" if found else "no such table"
            self._add(Level.INDEX, place, f"{problem}; rebuild the database from the files")
            return 0
        key = dump.key(table)
        compared = sorted(names - {*key, "problem"})  # what was seen at the last opening is no row's content
        for keys, gone_or_new, equal in _different(connection, table, key, compared):
            problem = gone_or_new or "changed by another hand: " + ", ".join(
                name for name, is_equal in zip(compared, equal, strict=True) if not is_equal
            )
            self._add(Level.INDEX, f"{place} {', '.join(map(str, keys))}", problem)
        return int(connection.execute(f"SELECT count(*) FROM main.[{table}]").fetchone()[0])


def _no_text(file: str, offset: int, _headline: str) -> str:
    raise RecordError(f"{file} at {offset}: a file's row has no text")


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA {schema}.table_info([{table}])")}


def _different(
    connection: sqlite3.Connection, table: str, key: tuple[str, ...], compared: list[str]
) -> Iterator[tuple[tuple[object, ...], str, tuple[int, ...]]]:
    """The rows of `main` that are not those of `due`: key, what is the matter, and of each column if it is equal."""
    same = " AND ".join(f"due.[{name}] = main.[{name}]" for name in key)
    keys = ", ".join(f"main.[{name}]" for name in key)
    equal = [_equal(name) for name in compared]
    tables = f"main.[{table}] AS main LEFT JOIN due.[{table}] AS due ON {same}"
    is_new = f"due.[{key[0]}] IS NULL"
    sql = f"SELECT {', '.join((keys, is_new, *equal))} FROM {tables} WHERE {is_new} OR NOT ({' AND '.join(equal) or 1})"
    for row in connection.execute(sql):
        new = "a row that was never written: inserted by another hand" if row[len(key)] else ""
        yield row[: len(key)], new, row[len(key) + 1 :]
    gone = f"NOT EXISTS (SELECT 1 FROM main.[{table}] AS main WHERE {same})"
    for row in connection.execute(f"SELECT {', '.join(key)} FROM due.[{table}] AS due WHERE {gone}"):
        yield row, "the row is gone", ()


def _equal(column: str) -> str:
    plain = f"due.[{column}] IS main.[{column}]"
    if column != "text":
        return plain
    # as bytes, for another hand may have put there what is no UTF-8
    proved = "WHEN typeof(main.text) = 'text' THEN is_proved(due.text, CAST(main.text AS BLOB))"
    return f"CASE WHEN typeof(due.text) <> 'blob' THEN {plain} {proved} ELSE 0 END"

"""The rows of an archive made again from its journal, in a scratch database, and compared one by one with those it has.

Entries are followed as the files are read, so that no file is read a second time for them.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from archive import dump
from archive.errors import ArchiveError, RecordError
from archive.events import TABLES, apply
from archive.finding import Finding, Level
from archive.folder import DATABASE, WARC
from archive.journal import Ledger, file_row, parse_entry
from archive.migrations import migrate
from archive.records import WarcRecord
from archive.warc import SealedFile

_Row = dict[str, object]


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
        self._scratch = Database(sqlite3.connect(Path(self._place.name) / DATABASE))
        self._scratch.conn.execute("PRAGMA synchronous = OFF")
        migrate(self._scratch, path=self._place.name)
        self._ledger = Ledger(self._scratch, folder, searchable=False)
        self._ledger.base = base
        self._is_followed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.conn.close()
        self._place.cleanup()

    @property
    def position(self) -> tuple[int, str]:
        """Number and digest of the last entry that was followed."""
        return self._ledger.sequence, self._ledger.head

    def _add(self, level: Level, place: object, problem: str) -> None:
        self.findings.append(Finding(level=level, place=str(place), problem=problem))

    def follow(self, records: Iterable[WarcRecord]) -> None:
        """Apply the entries of a file that the archive's database has; what does not follow ends the journal."""
        if not self._is_followed:
            return
        try:
            for record in records:
                entry = parse_entry(record)
                if entry.sequence < self._ledger.base:
                    continue
                if self._last is not None and entry.sequence > self._last:
                    self.behind += 1
                elif entry.sequence <= self._ledger.sequence:
                    self._add(Level.EVIDENCE, entry.path, f"journal entry {entry.sequence} stands there a second time")
                else:
                    self._ledger.replay(entry)
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
                f"the journal ends with entry {self._ledger.sequence}, the database has {position[0]}: "
                "a file is missing, or one of the two was exchanged",
            )  # fmt: skip
            return 0
        known = {row["file"] for row in dump.rows(self._scratch.conn, "files")}
        for name in sorted(sealed.keys() - known):
            apply(self._scratch, {"insert": "files", "row": file_row(sealed[name])}, _no_text)
        try:
            return self._compare(connection)
        except sqlite3.Error as error:  # a table that is not there
            self._add(Level.INDEX, self.folder / DATABASE, f"cannot be compared: {error}; rebuild it from the files")
            return 0

    def _compare(self, connection: sqlite3.Connection) -> int:
        count = 0
        for table in TABLES:
            for key, due, row in _pairs(table, _comparable(self._scratch.conn, table), _comparable(connection, table)):
                count += row is not None
                if due == row:
                    continue
                place = f"{self.folder / DATABASE}: {table} {', '.join(str(value) for _, value in key)}"
                if row is None:
                    self._add(Level.INDEX, place, "the row is gone")
                elif due is None:
                    self._add(Level.INDEX, place, "a row that was never written: inserted by another hand")
                else:
                    columns = ", ".join(name for name in due if due[name] != row[name])
                    self._add(Level.INDEX, place, f"changed by another hand: {columns}")
        return count


def _no_text(file: str, offset: int) -> str:
    raise RecordError(f"{file} at {offset}: a file's row has no text")


def _comparable(connection: sqlite3.Connection, table: str) -> Iterator[_Row]:
    for row in dump.rows(connection, table):
        row.pop("problem", None)  # of files: what was seen at the last opening
        yield row


def _pairs(
    table: str, expected: Iterator[_Row], found: Iterator[_Row]
) -> Iterator[tuple[tuple[Any, ...], _Row | None, _Row | None]]:
    """Key, expected row and row found, of two sequences in the order of the table's key; None where one is missing."""
    due, row = next(expected, None), next(found, None)
    while due is not None or row is not None:
        due_key, row_key = _key(table, due), _key(table, row)
        if row_key is None or (due_key is not None and due_key < row_key):
            yield due_key or (), due, None
            due = next(expected, None)
        elif due_key is None or row_key < due_key:
            yield row_key, None, row
            row = next(found, None)
        else:
            yield row_key, due, row
            due, row = next(expected, None), next(found, None)


def _key(table: str, row: _Row | None) -> tuple[Any, ...] | None:
    """A row's key, comparable whatever another hand put there: numbers before text, as SQLite orders them."""
    return None if row is None else tuple((isinstance(row[name], str), row[name] or 0) for name in dump.key(table))

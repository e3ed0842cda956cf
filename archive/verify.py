"""Whether an archive is what was written into it: every file, record, digest and row, and how they hang together.

The files prove each other: a record holds the digest of its block, each journal entry that of the entry before it, and
the first entry behind a finished file that file's SHA-256. The rows are proved by making them again from the journal
in a scratch database and comparing each. What cannot be proved: a forger who can write the archive's folder can write
all of it anew. Keep `archive verify --json`'s last journal digest somewhere else to be safe from that, too.
"""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import cdxj, dump, fixity
from archive.errors import ArchiveError, ArchiveNotFound, RecordError
from archive.events import TABLES, apply
from archive.folder import DATABASE, IMPORTED, WARC, connect, is_locked
from archive.journal import Entry, Ledger, entries, file_row, position
from archive.migrations import migrate
from archive.recovery import REPAIRED, TEXT_SUFFIX, examine_file, in_order

_Row = dict[str, object]

Advance = Callable[[int], object]  # called with the number of bytes that were just read


class Level(StrEnum):
    """How bad a finding is: the worst one decides the exit code."""

    NOTE = "note"  # as it should be after a kill, or on its way to be
    INDEX = "index"  # the database is not what the files say; `scrapy rebuild` mends it
    EVIDENCE = "evidence"  # bytes of a file are not those that were written; `archive repair` saves the rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it was written: where, what, and what it means."""

    level: Level
    place: str
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All findings, and what was looked at. `sequence` and `head` are number and digest of the last journal entry."""

    findings: tuple[Finding, ...]
    files: int
    records: int
    rows: int
    sequence: int
    head: str

    @property
    def worst(self) -> Level | None:
        """The worst level among the findings."""
        levels = {finding.level for finding in self.findings}
        return next((level for level in reversed(Level) if level in levels), None)


def size(folder: Path) -> int:
    """How many bytes `verify` will read."""
    return sum(path.stat().st_size for path in _files(folder))


def verify(folder: Path, *, quick: bool = False, advance: Advance = lambda _bytes: None) -> Report:
    """Look at all of an archive, or with `quick` only at sizes, names and the order of the journal's files.

    Safe while the archive is written: what comes after the beginning is not looked at. Raises ArchiveNotFound.
    """
    return _Verification(folder, advance).run(quick=quick)


class _Verification:
    def __init__(self, folder: Path, advance: Advance) -> None:
        self.folder = folder
        self.advance = advance
        self.findings: list[Finding] = []
        self.files = self.records = self.rows = 0
        self.sequence, self.head = 0, ""

    def run(self, *, quick: bool) -> Report:
        if not (self.folder / WARC).is_dir():
            raise ArchiveNotFound(f"there is no archive in {self.folder}; name a folder with --archive")
        is_written = is_locked(self.folder)
        connection = self._database()
        with closing(connection) if connection else nullcontext():
            rows = _file_rows(connection)
            self._sizes(rows, is_written=is_written)
            if connection:
                self._integrity(connection, quick=quick)
                self.sequence, self.head = position(Database(connection))
            if not quick:
                self._contents(rows, connection)
                self._journal(connection, is_written=is_written)
        return Report(
            findings=tuple(self.findings), files=self.files, records=self.records, rows=self.rows,
            sequence=self.sequence, head=self.head,
        )  # fmt: skip

    def add(self, level: Level, place: object, problem: str) -> None:
        self.findings.append(Finding(level=level, place=str(place), problem=problem))

    # The database

    def _database(self) -> sqlite3.Connection | None:
        """A connection that sees one state throughout, or None."""
        try:
            connection = connect(self.folder, write=False)
            connection.row_factory = None
            connection.execute("BEGIN")
            connection.execute("SELECT file, chained, problem FROM files LIMIT 1").fetchall()
            position(Database(connection))
        except (ArchiveError, sqlite3.Error, ValueError) as error:
            self.add(Level.INDEX, self.folder / DATABASE, f"cannot be read: {error}; rebuild it from the files")
            return None
        return connection

    def _integrity(self, connection: sqlite3.Connection, *, quick: bool) -> None:
        try:
            for (line,) in connection.execute(f"PRAGMA {'quick' if quick else 'integrity'}_check"):
                if line != "ok":
                    self.add(Level.INDEX, self.folder / DATABASE, f"damaged: {line}")
        except sqlite3.DatabaseError as error:
            self.add(Level.INDEX, self.folder / DATABASE, f"damaged: {error}")

    # Files

    def _sizes(self, rows: dict[str, dict[str, Any]], *, is_written: bool) -> None:
        found = {f"{path.parent.name}/{path.name}": path for path in _files(self.folder)}
        self.files = len(found)
        for name, row in rows.items():
            path = found.get(name)
            if row["replaced_by"]:
                self.add(
                    Level.NOTE, self.folder / name, f"was damaged; {row['replaced_by']} holds what was saved of it"
                )
            elif path is None:
                self.add(Level.EVIDENCE, self.folder / name, "missing: its records are lost unless a copy is put back")
            elif path.stat().st_size != row["size"]:
                self.add(
                    Level.EVIDENCE, path, f"{path.stat().st_size} bytes, {row['size']} were written: cut or added to"
                )
        for name, path in found.items():
            if path.suffix == ".open" and not is_written:
                self.add(Level.NOTE, path, "left by a run that was killed; the next opening mends and seals it")
            elif path.suffix != ".open" and name not in rows:
                self.add(Level.NOTE if not rows else Level.INDEX, path, "no row says that this archive wrote it")
        self._order(rows)

    def _order(self, rows: dict[str, dict[str, Any]]) -> None:
        """The journal's files follow each other without a gap."""
        spans = sorted(
            (first, last, name)
            for name, row in rows.items()
            if REPAIRED not in name  # its entries are those of the damaged one
            and isinstance(first := row["first_sequence"], int)
            and isinstance(last := row["last_sequence"], int)
        )
        expected = 1
        for first, last, name in spans:
            if first != expected:
                self.add(Level.EVIDENCE, self.folder / name, f"begins with journal entry {first}, not {expected}")
            expected = last + 1

    def _contents(self, rows: dict[str, dict[str, Any]], connection: sqlite3.Connection | None) -> None:
        for path in _files(self.folder):
            name = f"{path.parent.name}/{path.name.removesuffix('.open')}"
            if path.suffix != ".open" and (row := rows.get(name)):
                self._whole(path, row["sha256"])
            checked = fixity.check_file(path, is_ours=path.parent.name == WARC)
            for problem in checked.problems:
                self.add(Level.EVIDENCE, path, problem)
            self.records += checked.records
            if connection:
                for problem in fixity.compare(connection, name, checked):
                    self.add(Level.INDEX, path, problem)
            self._index(path, checked.index)
            self.advance(path.stat().st_size)

    def _index(self, path: Path, lines: list[str]) -> None:
        """The index beside a finished file can be made from it at any time: whatever is wrong with it is but a note."""
        beside = cdxj.path_for(path)
        if path.parent.name != WARC or path.suffix == ".open" or path.name.endswith(TEXT_SUFFIX):
            return
        if not beside.exists():
            self.add(Level.NOTE, beside, "missing; the next opening of the archive makes it")
        elif beside.read_bytes() != cdxj.content(lines).encode():
            self.add(Level.NOTE, beside, "is not what its records say; delete it, and the next opening makes it anew")

    def _whole(self, path: Path, expected: str) -> None:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != expected:
            self.add(
                Level.EVIDENCE, path, f"changed since it was sealed: its SHA-256 is {found}, {expected} was noted then"
            )

    # The journal

    def _journal(self, connection: sqlite3.Connection | None, *, is_written: bool) -> None:
        """Make the database again from the journal, follow the chain, compare every row."""
        with tempfile.TemporaryDirectory(prefix="dateline-verify-") as place:
            scratch = Database(sqlite3.connect(Path(place) / DATABASE))
            scratch.conn.execute("PRAGMA synchronous = OFF")
            migrate(scratch, path=place)
            ledger = Ledger(scratch, self.folder)
            with closing(scratch.conn):
                if not self._replayed(ledger, connection is not None, is_written=is_written):
                    return
                if connection is None:
                    self.sequence, self.head = ledger.sequence, ledger.head
                elif (ledger.sequence, ledger.head) != (self.sequence, self.head):
                    self.add(
                        Level.EVIDENCE, self.folder / WARC,
                        f"the journal ends with entry {ledger.sequence}, the database has {self.sequence}: "
                        "a file is missing, or one of the two was exchanged",
                    )  # fmt: skip
                else:
                    self._add_last_files(scratch)
                    self._compare(connection, scratch.conn)

    def _replayed(self, ledger: Ledger, has_database: bool, *, is_written: bool) -> bool:
        """Apply all entries that the database has. False where the journal cannot be followed."""
        behind = 0
        try:
            for entry in _entries(self.folder):
                if has_database and entry.sequence > self.sequence:
                    behind += 1
                    continue
                if entry.sequence <= ledger.sequence:
                    self.add(Level.EVIDENCE, entry.path, f"journal entry {entry.sequence} stands there a second time")
                    continue
                ledger.base = entry.sequence if ledger.sequence == 0 else ledger.base
                ledger.replay(entry)
        except (ArchiveError, sqlite3.Error, KeyError, TypeError, ValueError) as error:
            self.add(Level.EVIDENCE, self.folder / WARC, f"the journal cannot be followed: {error}")
            return False
        if behind and not is_written:
            self.add(
                Level.NOTE, self.folder / DATABASE, f"{behind} commits behind the files; the next opening adds them"
            )
        return True

    def _add_last_files(self, scratch: Database) -> None:
        """The rows of files that no entry names yet, because nothing was written since they were sealed."""
        known = {row["file"] for row in dump.rows(scratch.conn, "files")}
        for path in _files(self.folder):
            if path.parent.name == WARC and path.suffix != ".open" and f"{WARC}/{path.name}" not in known:
                with suppress(RecordError):  # damage was found when its records were read
                    apply(scratch, {"insert": "files", "row": file_row(examine_file(path).sealed)}, _no_text)

    def _compare(self, connection: sqlite3.Connection, scratch: sqlite3.Connection) -> None:
        for table in TABLES:
            for key, due, row in _pairs(table, _comparable(scratch, table), _comparable(connection, table)):
                self.rows += row is not None
                place = f"{self.folder / DATABASE}: {table} {', '.join(str(value) for _, value in key)}"
                if row is None:
                    self.add(Level.INDEX, place, "the row is gone")
                elif due is None:
                    self.add(Level.INDEX, place, "a row that was never written: inserted by another hand")
                elif due != row:
                    columns = ", ".join(name for name in due if due[name] != row[name])
                    self.add(Level.INDEX, place, f"changed by another hand: {columns}")
        for problem in fixity.search_index(connection):
            self.add(Level.INDEX, self.folder / DATABASE, problem)


def _files(folder: Path) -> list[Path]:
    """Every WARC file of the archive, those being written included."""
    found = chain.from_iterable((folder / part).glob("*.warc*") for part in (WARC, IMPORTED))
    return sorted(path for path in found if cdxj.SUFFIX not in path.suffixes)


def _file_rows(connection: sqlite3.Connection | None) -> dict[str, dict[str, Any]]:
    return {str(row["file"]): row for row in dump.rows(connection, "files")} if connection else {}


def _entries(folder: Path) -> Iterator[Entry]:
    """The journal of all files. Damage is found by reading the records."""
    pages = []
    for path in _files(folder):
        if path.parent.name == WARC and "-text.warc.gz" not in path.name:
            with suppress(RecordError):
                next(entries(path), None)
                pages.append(path)
    in_files, base = in_order(pages)
    for path in in_files:
        with suppress(RecordError):
            yield from (entry for entry in entries(path) if entry.sequence >= base)


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

"""The journal: every change of the database, in the WARC before it is in the database.

A change is an *event*, a small JSON object. Events that are committed together form an *entry*: numbered without gaps
over the archive's whole life, chained to the one before it by that one's digest, and written as a `metadata` record
behind the captures that it speaks of. The database is nothing but the events applied in order, so it can be rebuilt
from the files, byte for byte the same, and a commit that a power cut took is made again from them.

    {"sequence": 17, "previous": "sha256:…", "events": [{"update": "captures", "where": {"id": 4}, "set": {…}}, …]}

The order of every commit: records written and synced, the entry last → rows committed → only then acknowledged.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import copies
from archive.errors import ArchiveError, ArchiveFull, RecordError
from archive.events import TABLES, Event, apply
from archive.folder import DATABASE, WARC
from archive.members import JOURNAL_URI, digest
from archive.records import WarcRecord, read_record, read_records
from archive.search import index
from archive.warc import SealedFile, WarcWriter

# Writing stops while there is still room for SQLite to finish, for a log file, for the operator to look around.
MIN_FREE = 64 * 1024 * 1024
_CHUNK = 200  # rows an entry when all of them are written: articles may be long


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry as it stands in a file. `digest` is that of its block, which the next entry names as `previous`."""

    sequence: int
    previous: str
    events: tuple[Event, ...]
    digest: str
    path: Path
    offset: int
    base: int | None = None  # the entry from which on the journal makes a whole database, without those before it


def is_entry(record: WarcRecord) -> bool:
    """Whether a record is one of the journal's."""
    return record.type == "metadata" and record.target_uri == JOURNAL_URI


def parse_entry(record: WarcRecord) -> Entry:
    """Read a journal record. Raises RecordError when it is none that this program wrote."""
    try:
        fields = json.loads(record.block)
        return Entry(
            sequence=int(fields["sequence"]),
            previous=str(fields["previous"]),
            events=tuple(fields["events"]),
            digest=digest(record.block),
            path=record.path,
            offset=record.offset,
            base=fields.get("base"),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(
            f"{record.path}: the journal entry at offset {record.offset} is unreadable ({error!r}); "
            "run `archive verify`"
        ) from error


def entries(path: Path) -> Iterator[Entry]:
    """The journal entries in a WARC file, in order. Raises RecordError at damage."""
    for record in read_records(path):
        if is_entry(record):
            yield parse_entry(record)


class Ledger:
    """A database and how far it has followed the journal: `sequence` and `head`, number and digest of the last entry.

    `folder` is the archive's, whose files hold the texts. Without `searchable` the search index is not kept.
    """

    def __init__(self, db: Database, folder: Path, *, searchable: bool = True) -> None:
        self.folder = folder
        self._searchable = searchable
        self.db = db
        self.sequence, self.head = position(db)
        self.base = 1  # where an empty database begins to follow

    def replay(self, entry: Entry) -> None:
        """Apply an entry that the database has not, read back from a file. Raises ArchiveError when one is missing."""
        if entry.sequence <= self.sequence or (self.sequence == 0 and entry.sequence < self.base):
            return
        is_base = self.sequence == 0 and entry.sequence == self.base
        if not is_base and (entry.sequence, entry.previous) != (self.sequence + 1, self.head):
            raise ArchiveError(
                f"{entry.path}: journal entry {entry.sequence} at offset {entry.offset} does not follow entry "
                f"{self.sequence}: a file is missing or was changed; run `archive verify`"
            )
        try:
            with self._transaction():
                for event in entry.events:
                    apply(self.db, event, self._read_text, searchable=self._searchable)
                if self._searchable:
                    index.settle(self.db.conn)
                set_position(self.db, entry.sequence, entry.digest)
        except sqlite3.Error as error:
            raise self._refused(error) from error
        self.sequence, self.head = entry.sequence, entry.digest

    def _transaction(self) -> AbstractContextManager[object]:
        """Around the changes of one entry: they are made whole or not at all."""
        self.db.conn.execute("BEGIN IMMEDIATE")
        return self.db.conn

    def _read_text(self, file: str, offset: int, headline: str) -> str | bytes:
        path = self.folder / file
        growing = path.with_name(path.name + ".open")
        block = read_record(growing if growing.exists() else path, offset).block
        return block.decode("utf-8").removeprefix(headline)

    def _refused(self, error: sqlite3.Error) -> ArchiveError:
        return ArchiveError(f"{self.folder / DATABASE}: {error}; the change was not stored")


class Journal(Ledger):
    """The one way in which an open archive's database changes; see the module's docstring.

    `pages` takes captures and entries, `texts` conversions. Not thread-safe.
    """

    def __init__(self, db: Database, folder: Path, *, pages: WarcWriter, texts: WarcWriter, min_free: int) -> None:
        super().__init__(db, folder)
        self.pages = pages
        self.texts = texts
        self._min_free = min_free
        self.on_sealed: Callable[[Path], object] = _nobody
        self._events: list[Event] = []
        self._grouped = self._spoilt = False
        self._based_on: int | None = None
        self._broken: ArchiveError | None = None
        self._unchained = [
            dict(row)
            for row in db.query(
                "SELECT file, size, sha256, records, first_sequence, last_sequence FROM files "
                "WHERE chained IS NULL AND records NOT NULL ORDER BY file"
            )
        ]

    # Changing the database

    @contextmanager
    def group(self) -> Iterator[None]:
        """Everything inside is written, synced and committed at once, at its end. Within a group this does nothing.

        Raises ArchiveError at the end where that failed; nothing of the group is then kept, or, when only the
        database refused, it comes back at the next opening.
        """
        if self._grouped:
            yield
            return
        self._grouped = True
        try:
            yield
            self._commit()
        except BaseException:
            self._forget()
            raise
        finally:
            self._grouped = False

    @contextmanager
    def change(self) -> Iterator[None]:
        """One change of several rows: done whole or not at all, in the group under way or one of its own.

        Raises ArchiveError where the database refuses.
        """
        if self._broken is not None:
            raise self._broken
        with self.group():
            if self.sequence == 0 and not self._events:
                self._begin()
            marks = (len(self._events), self.pages.gathered, self.texts.gathered)
            try:
                if not self.db.conn.in_transaction:  # at once: a deferred one can fail in the middle when it has to
                    self.db.conn.execute("BEGIN IMMEDIATE")
                self.db.conn.execute("SAVEPOINT change")
                yield
                self.db.conn.execute("RELEASE change")
            except BaseException as error:
                del self._events[marks[0] :]
                self.pages.drop(marks[1])
                self.texts.drop(marks[2])
                if self.db.conn.in_transaction:
                    self.db.conn.execute("ROLLBACK TO change")
                else:  # a full disk: SQLite has taken back the whole group
                    self._spoilt = True
                if isinstance(error, sqlite3.Error):
                    raise self._refused(error) from error
                raise

    def note(self, event: Event, *, text: str = "") -> int:
        """Apply an event within `change`, to be written with its group. Returns the id of the row it made, if any.

        `text` is that of a `version` event, which stands in the conversion record and not in the journal.
        """
        row_id = apply(self.db, event, lambda *_: text)
        self._events.append(event)
        return row_id

    def note_version(self, event: Event, *, text: str) -> int:
        """`note` a `version` event, and what it makes a copy of. Returns the article's id."""
        article_id = self.note(event, text=text)
        for link in copies.links(self.db.conn, article_id):
            self.note({"upsert": "syndications", "key": ["article_id", "syndicated_from"], "row": link})
        return article_id

    def add_publisher(self, name: str | None) -> None:
        """Within `change`: articles of sites without a publisher file belong to someone, too: to their domain."""
        if name and not self.db.execute("SELECT 1 FROM publishers WHERE name = ?", [name]).fetchone():
            self.note({"insert": "publishers", "row": {"name": name}})

    def _commit(self) -> None:
        if self._spoilt:
            raise ArchiveError(f"{self.folder / DATABASE}: the database took back what was written; free space?")
        waiting = self._events or self.pages.gathered or self.texts.gathered
        if not waiting and not (self._unchained and self.pages.is_open):
            self._forget()
            return
        self._check_space()
        try:
            index.settle(self.db.conn)
        except sqlite3.Error as error:
            raise self._refused(error) from error
        sequence = self.sequence + 1
        self._chain(sequence)
        fields = {"sequence": sequence, "previous": self.head, "events": self._events}
        fields |= {} if self._based_on is None else {"base": self._based_on}
        block = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            self.texts.flush()
            try:
                self.pages.write_journal(sequence, block)
                self.pages.flush()
            except BaseException:
                self.texts.take_back()
                raise
        except ArchiveError as error:
            if self.pages.is_torn or self.texts.is_torn:
                self._broken = error  # what is in the file must be looked at first
            raise
        self._commit_rows(sequence, digest(block))
        self._unchained.clear()
        for writer in (self.texts, self.pages):
            if writer.is_full:
                self._seal(writer)

    def _commit_rows(self, sequence: int, head: str) -> None:
        """The files hold the entry: if the database does not take it now, the next opening gives it once more."""
        try:
            set_position(self.db, sequence, head)
            self.db.conn.commit()
        except BaseException as error:
            self.pages.abandon()
            self.texts.abandon()
            self._broken = self._refused(error) if isinstance(error, sqlite3.Error) else ArchiveError(str(error))
            raise self._broken from error
        self.sequence, self.head = sequence, head
        self._events.clear()

    def _forget(self) -> None:
        self._spoilt = False
        self._events.clear()
        self.pages.drop(0)
        self.texts.drop(0)
        if self.db.conn.in_transaction:
            self.db.conn.rollback()

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < self._min_free + self.pages.gathered_bytes + self.texts.gathered_bytes:
            raise ArchiveFull(
                f"{self.folder}: only {free // 1_000_000} MB are left on its disk, too little to go on safely; "
                "nothing is lost: free space and start again"
            )

    # Files

    def close(self) -> None:
        """Seal both files; the journal names what the text file came to. Raises ArchiveError."""
        if self._broken is None:
            try:
                self._seal(self.texts)
                with self.group():
                    pass
                self._seal(self.pages)
            finally:
                self.pages.abandon()

    def add_file(self, sealed: SealedFile) -> None:
        """Add the row of a sealed file; the next entry will chain it. What it says can be had from the file again."""
        row = file_row(sealed)
        try:
            with self.db.conn:
                apply(self.db, {"upsert": "files", "key": ["file"], "row": row}, _no_text)
        except sqlite3.Error as error:
            raise self._refused(error) from error
        self._unchained.append(row)

    def _seal(self, writer: WarcWriter) -> None:
        sealed = writer.close()
        if sealed is not None:
            self.add_file(sealed)
            self.on_sealed(self.folder / WARC / sealed.name)

    def _chain(self, sequence: int) -> None:
        """Name the files that were sealed since the last entry, with their hashes: nobody can change them unseen."""
        for row in self._unchained:
            self.note({"upsert": "files", "key": ["file"], "row": {**row, "chained": sequence}})

    # Beginning and going on

    def rebase(self) -> None:
        """Write the whole database into the journal, and a mark that it is there at the head of a new file.

        For an archive that lost entries: its database can then be made without them. Raises ArchiveError.
        """
        self.close()
        begin = self.sequence + 1
        for table in TABLES:
            rows = map(dict, self.db.query(f"SELECT * FROM [{table}]"))  # noqa: S608 - constants
            while chunk := list(islice(rows, _CHUNK)):
                with self.group():
                    self._events.append({"snapshot": {table: chunk}})
        self.close()
        self._based_on = begin
        with self.group():
            self._events.append({"snapshot": {}})
        self._based_on = None
        self.close()

    def _begin(self) -> None:
        """An event that holds what the database does."""
        rows = {table: [dict(row) for row in self.db.query(f"SELECT * FROM [{table}]")] for table in TABLES}  # noqa: S608
        self._events.append({"snapshot": {table: found for table, found in rows.items() if found}})


def file_row(sealed: SealedFile) -> dict[str, Any]:
    """The row of a sealed file: all of it can be had from the file again."""
    row = {**asdict(sealed), "file": f"{WARC}/{sealed.name}"}
    del row["name"]
    return row


def position(db: Database) -> tuple[int, str]:
    """Number and digest of the last journal entry that is in the database; 0 and "" before the first."""
    found = db.execute("SELECT value FROM about WHERE key = 'journal'").fetchone()
    sequence, _, head = found[0].partition(" ") if found else ("0", "", "")
    return int(sequence), head


def set_position(db: Database, sequence: int, head: str) -> None:
    """Note the last journal entry, inside the caller's transaction."""
    db.execute("INSERT OR REPLACE INTO about VALUES ('journal', ?)", [f"{sequence} {head}"])


def _nobody(_path: Path) -> None:
    """Who hears of finished files, unless somebody wants to."""


def _no_text(file: str, offset: int, _headline: str) -> str:
    raise AssertionError(f"{file} at {offset}: this event has no text")


class Keeper:
    """What keeps some of the archive's tables: it reads them, and writes them through the journal.

    `journal` None: the archive is open for reading only.
    """

    def __init__(self, db: Database, journal: Journal | None) -> None:
        self._db = db
        self._journal = journal

    @property
    def journal(self) -> Journal:
        """The journal of an archive that is open for writing. Raises ValueError where it is not."""
        if self._journal is None:
            raise ValueError("this archive is open for reading only")
        return self._journal

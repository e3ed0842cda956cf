"""The archive: one folder of WARC files and the database that indexes them.

Every change goes through `Archive`, called from one thread of the one process that holds the folder's lock. The order
is always the same: bytes into the WARC, synced; then the row, committed; only then does the caller hear of it.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlite_utils import Database

from archive import folder as layout
from archive import frontier, imported
from archive.articles import as_json, insert_version, known_version, last_id, row, storable, utc
from archive.captures import exchange_row, record_row, to_capture
from archive.errors import ArchiveError, ArchiveNotWritable
from archive.migrations import migrate
from archive.model import Article, Capture, Exchange, Outcome, Page, Relevance, Sighting
from archive.records import WarcRecord, read_record
from archive.recovery import Found, cut_torn, exchanges, unsealed
from archive.warc import WarcWriter, seal

FORMAT = "WARC File Format 1.1"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
DEMONSTRATION = "DEMONSTRATION, no real news: pages made up for it and served on this machine"


class Archive:
    """An open archive; see `Archive.open`. A context manager that seals the WARC files and frees the lock."""

    def __init__(
        self, folder: Path, connection: sqlite3.Connection, *, lock: int | None, info: Mapping[str, str | None]
    ) -> None:
        self.folder = folder
        self.connection = connection
        self._db = Database(connection, recursive_triggers=False, execute_plugins=False)
        self._lock = lock
        self._warc = WarcWriter(folder / layout.WARC, info=info, before_seal=self._sync_index)
        text_info = {**info, "description": f"{info.get('description')}; the text extracted from them"}
        self._text = WarcWriter(folder / layout.WARC, info=text_info, suffix="-text", prefix=self._warc.prefix)
        self._publishers: set[str] = set()

    @classmethod
    def open(
        cls,
        folder: Path | str,
        *,
        write: bool = True,
        software: str = "dateline",
        demonstration: bool = False,
        operator: str | None = None,
        user_agent: str | None = None,
    ) -> "Archive":
        """Open the archive in `folder`; with `write`, create it where there is none and mend what a killed run left.

        `software`, `operator` and `user_agent` go into the head of each WARC file. An archive that was begun as a
        demonstration stays one; a demonstration in an archive of real pages is refused.

        Raises ArchiveNotFound, ArchiveNotWritable, ArchiveLocked (with its holder) or SchemaTooNew.
        """
        folder = Path(folder)
        if not write:
            return cls(folder, layout.connect(folder, write=False), lock=None, info={})
        layout.prepare(folder)
        lock = layout.lock(folder)
        try:
            connection = layout.connect(folder, write=True)
            try:
                demonstration = _prepare_database(connection, folder, software, demonstration)
                info = {
                    "software": software,
                    "format": FORMAT,
                    "conformsTo": CONFORMS_TO,
                    "operator": operator,
                    "http-header-user-agent": user_agent,
                    "robots": "obey",
                    "isPartOf": "dateline-demonstration" if demonstration else "dateline",
                    "description": DEMONSTRATION if demonstration else "News pages as they were received",
                }
                archive = cls(folder, connection, lock=lock, info=info)
                archive._recover()
            except BaseException:
                connection.close()
                raise
        except BaseException:
            os.close(lock)
            raise
        return archive

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Seal the WARC files, close the database, free the lock. Harmless when called again."""
        try:
            self._warc.close()
            self._text.close()
        finally:
            self.connection.close()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    @property
    def demonstration(self) -> bool:
        """Whether this archive was made from the offline web."""
        return is_demonstration(self.connection)

    # Runs, publishers, sources

    def start_run(self, *, command: str, arguments: Mapping[str, Any], version: str) -> int:
        """Note that a command began to write. Returns the run's id."""
        with self._transaction():
            values = {
                "command": command,
                "arguments": as_json(dict(arguments)),
                "version": version,
                "started_at": _now(),
            }
            return last_id(self._db.table("runs").insert(values))

    def finish_run(self, run_id: int, *, exit_code: int, summary: Mapping[str, Any]) -> None:
        """Note how a run ended. Captures that nobody finished, of it and of runs that were killed, end as `failed`.

        Not so pages that an interrupted run has captured and not yet extracted: they wait for the next run.
        """
        with self._transaction():
            self._db.execute(
                "UPDATE captures SET outcome = ?, detail = 'interrupted before extraction' "
                "WHERE outcome IS NULL AND run_id IS NOT NULL AND run_id <= ? "
                "AND NOT (kind = 'page' AND coalesce(status, 0))",
                [Outcome.FAILED, run_id],
            )
            values = {"finished_at": _now(), "exit_code": exit_code, "summary": as_json(dict(summary))}
            self._db.table("runs").update(run_id, values)

    def save_publisher(
        self, *, name: str, spider: str, homepage: str, country: str, languages: Sequence[str], timezone: str
    ) -> None:
        """Add a publisher or bring its row up to date."""
        with self._transaction():
            values = {"name": name, "spider": spider, "homepage": homepage, "country": country}
            values |= {"languages": as_json(list(languages)), "timezone": timezone}
            self._db.table("publishers").upsert(values, pk="name")
        self._publishers.add(name)

    def save_source(
        self,
        *,
        publisher: str,
        url: str,
        kind: str,
        run_id: int,
        fetched_at: datetime,
        outcome: str,
        entries: int,
        error: str | None = None,
    ) -> None:
        """Note the latest fetch of a feed, sitemap or section page, and how many entries it had."""
        with self._transaction():
            self._ensure_publisher(publisher)
            self._db.execute(
                "INSERT INTO sources (publisher, url, kind, run_id, fetched_at, outcome, entries, error) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (publisher, url) DO UPDATE SET kind = excluded.kind, "
                "run_id = excluded.run_id, fetched_at = excluded.fetched_at, outcome = excluded.outcome, "
                "entries = excluded.entries, error = excluded.error",
                [publisher, url, kind, run_id, utc(fetched_at), str(outcome), entries, error],
            )

    # The frontier

    def record_sightings(self, run_id: int, sightings: Sequence[Sighting]) -> int:
        """Store sightings, each work to do until `mark_sighting` ends it. Returns how many URLs are new."""
        with self._transaction():
            for publisher in {sighting.publisher for sighting in sightings}:
                self._ensure_publisher(publisher)
            return frontier.record(self._db, run_id, sightings)

    def pending(self, publisher: str) -> list[str]:
        """The canonical URLs sighted at `publisher` that still wait for an outcome, first sighted first."""
        return frontier.pending(self._db, publisher)

    def mark_sighting(
        self, url: str, outcome: Outcome | str, capture_id: int | None = None, detail: str | None = None
    ) -> None:
        """End all open sightings of a canonical URL."""
        with self._transaction():
            frontier.end(self._db, url, str(outcome), capture_id, detail)

    # Captures

    def capture(self, exchange: Exchange, run_id: int | None = None) -> Capture:
        """Write an exchange to the WARC, sync it, add its row, commit; only then return.

        Raises ArchiveError when the disk refuses. Where the WARC took the exchange and the database did not, the file
        stays `.open`, so that the next start reads the row back from it.
        """
        written = self._warc.write_exchange(exchange)
        try:
            with self._transaction():
                return self._insert_capture(exchange_row(exchange, written, run_id))
        except BaseException:
            self._warc.abandon()
            raise

    def finish_capture(self, capture_id: int, outcome: Outcome | str, detail: str | None = None) -> None:
        """Give a capture its outcome. Raises ArchiveError when it has one already or does not exist."""
        with self._transaction():
            changed = self._db.execute(
                "UPDATE captures SET outcome = ?, detail = ? WHERE id = ? AND outcome IS NULL",
                [Outcome(outcome), detail, capture_id],
            ).rowcount
            if changed != 1:
                found = self._db.execute("SELECT outcome FROM captures WHERE id = ?", [capture_id]).fetchone()
                state = f"has ended as {found[0]} already" if found else "does not exist"
                raise ArchiveError(f"capture {capture_id} {state}; it cannot end as {outcome}")

    def unfinished(self) -> list[Capture]:
        """Captures that wait for an outcome: those a killed or interrupted run left, oldest first."""
        rows = self._db.query("SELECT * FROM captures WHERE outcome IS NULL ORDER BY id")
        return [to_capture(fields) for fields in rows]

    def page(self, capture: Capture) -> Page:
        """What extraction sees of a capture, read back from its WARC file. Raises RecordError."""
        record = read_record(self.path(capture.file), capture.offset)
        if record.type not in {"response", "resource", "revisit"}:
            return Page(url=capture.url, body=b"", captured_at=capture.captured_at, status=capture.status or 0)
        if not (record.header("Content-Type") or "").lower().startswith("application/http"):
            return Page(
                url=capture.url, body=record.block, captured_at=capture.captured_at, content_type=capture.content_type
            )
        message = record.http()
        return Page(
            url=capture.url,
            body=message.body,
            captured_at=capture.captured_at,
            status=message.status,
            content_type=message.content_type,
        )

    def path(self, file: str) -> Path:
        """Where the file of a capture is now: sealed, or still being written."""
        sealed = self.folder / file
        growing = sealed.with_name(sealed.name + ".open")
        return growing if not sealed.exists() and growing.exists() else sealed

    # Other people's WARC files

    def adopt_file(self, path: Path | str) -> str:
        """Copy a foreign WARC below `imported/`, once, named by its content's hash. Returns its name in the archive."""
        return imported.adopt_file(self.folder, Path(path))

    def adopt_files(self, path: Path | str) -> list[str]:
        """Like `adopt_file`, for a WARC or a WACZ, of which every WARC is adopted."""
        return imported.adopt_files(self.folder, Path(path))

    def reference_record(
        self,
        *,
        file: str,
        record: WarcRecord,
        run_id: int | None = None,
        publisher: str | None = None,
        kind: str = "page",
    ) -> Capture | None:
        """Add a capture that points at a record of an adopted file, or return None when it is there already.

        Raises RecordError where the record has no address or date.
        """
        if self._db.execute("SELECT 1 FROM captures WHERE file = ? AND offset = ?", [file, record.offset]).fetchone():
            return None
        found = Found(record=record, fields={"kind": kind} | ({"publisher": publisher} if publisher else {}))
        values = record_row(found, file, run_id)
        with self._transaction():
            return self._insert_capture(values)

    # Articles

    def store_article(
        self, capture: Capture, article: Article, *, relevance: Relevance | None = None, extractor: str
    ) -> tuple[str, int]:
        """Store what was extracted from a capture. Returns `new`, `changed` or `unchanged`, and the article's id.

        One article a canonical URL; a new version when headline or text differ from those in force. Storing the same
        again changes nothing. The text also goes into the `-text.warc.gz`, as a conversion of the response record.
        """
        version = {key: storable(value) for key, value in row(article, capture, relevance).items()}
        article_id, same = known_version(self._db, version["canonical_url"], version)
        if article_id is not None and (same or self._is_stored(article_id, version)):
            return "unchanged", article_id
        headline = f"{version['headline']}\n\n" if version["headline"] else ""
        text = self._text.write_conversion(
            refers_to=capture.record_id,
            target_uri=capture.url,
            captured_at=capture.captured_at,
            text=headline + version["text"],
        )
        version |= {"extractor": extractor, "text_file": f"{layout.WARC}/{text.file}", "text_record_id": text.record_id}
        with self._transaction():
            self._ensure_publisher(version["publisher"])
            stored_id = insert_version(self._db, article_id, version, relevance, seen_at=self._first_seen(article))
        return ("new" if article_id is None else "changed"), stored_id

    def _is_stored(self, article_id: int, version: Mapping[str, Any]) -> bool:
        sql = "SELECT 1 FROM versions WHERE article_id = ? AND capture_id = ? AND text_hash = ?"
        return bool(self._db.execute(sql, [article_id, version["capture_id"], version["text_hash"]]).fetchone())

    def _first_seen(self, article: Article) -> str | None:
        sql = "SELECT min(seen_at) FROM sightings WHERE url IN (?, ?)"
        seen = self._db.execute(sql, [article.canonical_url, article.url]).fetchone()[0]
        return str(seen) if seen else None

    # Counting

    def outcomes(self, run_id: int | None = None) -> dict[str, int]:
        """How many captures of a run (of all runs without one) ended in each outcome; `None` → `unfinished`."""
        where, values = ("WHERE run_id = ?", [run_id]) if run_id is not None else ("", [])
        sql = f"SELECT coalesce(outcome, 'unfinished'), count(*) FROM captures {where} GROUP BY 1 ORDER BY 1"  # noqa: S608
        return dict(self._db.execute(sql, values).fetchall())

    def counts(self) -> dict[str, int]:
        """How many rows the archive's tables hold, and how many URLs wait (`pending`)."""
        tables = ("publishers", "sources", "runs", "sightings", "captures", "articles", "versions")
        found = {table: self._db.table(table).count for table in tables}
        pending = self._db.execute("SELECT count(DISTINCT url) FROM sightings WHERE outcome IS NULL").fetchone()[0]
        return {**found, "pending": pending}

    # Inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One transaction that takes the write lock at once: a deferred one can fail in the middle when it has to."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.rollback()
                raise
            self._db.commit()
        except sqlite3.Error as error:
            raise ArchiveError(f"{self.folder / layout.DATABASE}: {error}; the change was not stored") from error

    def _ensure_publisher(self, name: str | None) -> None:
        """Articles of sites that have no publisher file still belong to someone: their domain becomes a publisher."""
        if name and name not in self._publishers:
            self._db.execute("INSERT OR IGNORE INTO publishers (name) VALUES (?)", [name])

    def _insert_capture(self, values: dict[str, Any]) -> Capture:
        self._ensure_publisher(values["publisher"])
        pk = self._db.table("captures").insert(values).last_pk
        return to_capture({**values, "id": pk})

    def _recover(self) -> None:
        """Seal the files a killed run left and add the captures whose rows it did not get to write."""
        for path in unsealed(self.folder):
            if not cut_torn(self.folder, path):
                continue
            if not path.name.endswith("-text.warc.gz.open"):
                self._adopt_captures(path)
            self._sync_index()
            seal(path)

    def _adopt_captures(self, path: Path) -> None:
        file = f"{layout.WARC}/{path.name.removesuffix('.open')}"
        known = {offset for (offset,) in self._db.execute("SELECT offset FROM captures WHERE file = ?", [file])}
        run_id = self._db.execute("SELECT max(id) FROM runs").fetchone()[0]
        with self._transaction():
            for found in exchanges(path):
                if found.record.offset not in known:
                    self._insert_capture(record_row(found, file, run_id))

    def _sync_index(self) -> None:
        """Make the rows of a file durable before it is sealed: a sealed file is not searched for lost rows any more."""
        self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # waits for no reader


def is_demonstration(connection: sqlite3.Connection) -> bool:
    """Whether the database belongs to an archive of the offline web."""
    with suppress(sqlite3.OperationalError):  # no such table: an archive that was never written
        found = connection.execute("SELECT value FROM about WHERE key = 'demonstration'").fetchone()
        return bool(found and found[0] == "yes")
    return False


def _prepare_database(connection: sqlite3.Connection, folder: Path, software: str, demonstration: bool) -> bool:
    """Migrate, and settle what kind of archive this is. Returns whether it is a demonstration."""
    path = folder / layout.DATABASE
    try:
        migrate(Database(connection, execute_plugins=False), path=str(path))
    except sqlite3.DatabaseError as error:
        raise ArchiveNotWritable(f"cannot prepare {path}: {error}; is it a database, and is there space?") from error
    was = is_demonstration(connection)
    empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM about)").fetchone()[0]
    if demonstration and not was and not empty:
        raise ArchiveError(f"{folder} holds real pages; a demonstration needs a folder of its own (DATELINE_ARCHIVE)")
    if empty:
        facts = {"created_at": _now(), "software": software, "demonstration": "yes" if demonstration else "no"}
        with connection:
            connection.executemany("INSERT INTO about VALUES (?, ?)", facts.items())
    return demonstration or was


def _now() -> str:
    return utc(datetime.now(UTC)) or ""

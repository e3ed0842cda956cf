"""The archive: one folder of WARC files and the database that indexes them.

Every change goes through `Archive`, called from one thread of the one process that holds the folder's lock, and through
its journal: bytes and what they mean into the WARC, synced; then the rows, committed; only then does the caller hear
of it. Several changes may share one sync and one commit: `with archive.group(): …`.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from sqlite_utils import Database

from archive import folder as layout
from archive import frontier
from archive.agenda import Agenda
from archive.alarms import Alarms
from archive.articles import (
    as_json,
    differences,
    known_version,
    mentions_of,
    now,
    own_version,
    row,
    storable,
)
from archive.captures import exchange_row, to_capture
from archive.changes import Changes
from archive.conditions import Conditions
from archive.coverage import Coverage
from archive.errors import ArchiveError, refusals_of
from archive.events import headline_of
from archive.evidence import path_of
from archive.imports import Imports
from archive.intermediaries import handed_on
from archive.journal import MIN_FREE, Journal
from archive.mementos import Mementos
from archive.mentions import Mentions
from archive.model import Article, Capture, Exchange, Named, Outcome, Page, Relevance, Sighting
from archive.opening import connect_reader, is_demonstration, prepare_database, warcinfo
from archive.records import WarcRecord, read_record
from archive.recovery import Examine, recover
from archive.revisits import Revisits
from archive.warc import MAX_SIZE, WarcWriter
from archive.withholdings import Withholdings


class Archive:
    """An open archive; see `Archive.open`. A context manager that seals the WARC files and frees the lock."""

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        *,
        lock: int | None,
        info: Mapping[str, str | None],
        max_size: int = MAX_SIZE,
        min_free: int = MIN_FREE,
    ) -> None:
        self.folder = folder
        self.connection = connection
        self._db = Database(connection, recursive_triggers=False, execute_plugins=False)
        self._revisits = Revisits(self._db, self.path)
        self._lock = lock
        if lock is not None:
            pages = WarcWriter(folder / layout.WARC, info=info, max_size=max_size)
            text_info = {**info, "description": f"{info.get('description')}; the text extracted from them"}
            texts = WarcWriter(
                folder / layout.WARC, info=text_info, suffix="-text", prefix=pages.prefix, max_size=max_size
            )
            self.journal = Journal(self._db, folder, pages=pages, texts=texts, min_free=min_free)
        journal = self.journal if lock is not None else None
        self.conditions = Conditions(self._db, self._revisits)
        self.agenda = Agenda(self._db, journal)
        self.changes = Changes(self._db, journal)
        self.coverage = Coverage(self._db, journal)
        self.imports = Imports(self._db, folder, journal)
        self.alarms = Alarms(self._db, journal)
        self.mementos = Mementos(self._db, journal)
        self.mentions = Mentions(self._db, journal)
        self.withholdings = Withholdings(self._db, journal)

    @classmethod
    def open(
        cls,
        folder: Path | str,
        *,
        write: bool = True,
        whole: bool = False,
        software: str = "dateline",
        demonstration: bool = False,
        about: Mapping[str, str | None] = MappingProxyType({}),
        max_size: int = MAX_SIZE,
        min_free: int = MIN_FREE,
        examine: Examine | None = None,
        advance: Callable[[int], object] = lambda _bytes: None,
    ) -> "Archive":
        """Open the archive in `folder`; with `write`, create it where there is none and mend what a killed run left.

        `software` and the fields of `about` (operator, settings …) go into the head of each WARC file. An archive that
        was begun as a demonstration stays one; a demonstration in an archive of real pages is refused. WARC files are
        rotated above `max_size` bytes; nothing is written when less than `min_free` bytes are left on the disk.
        `examine` and `advance`: see `recover`.

        Who only reads does not see articles that are withheld, unless `whole`.

        Raises ArchiveNotFound, ArchiveNotWritable, ArchiveLocked (with its holder) or SchemaTooNew.
        """
        folder = Path(folder)
        if not write:
            return cls(folder, connect_reader(folder, whole=whole), lock=None, info={})
        layout.prepare(folder)
        lock = layout.lock(folder)
        try:
            connection = layout.connect(folder, write=True)
            try:
                demonstration = prepare_database(connection, folder, software, demonstration)
                info = warcinfo(software, demonstration=demonstration, about=about)
                archive = cls(folder, connection, lock=lock, info=info, max_size=max_size, min_free=min_free)
                with refusals_of(folder):
                    recover(archive._db, archive.journal, examine=examine, advance=advance)
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
            if self._lock is not None:
                self.journal.close()
        finally:
            self.connection.close()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    @property
    def demonstration(self) -> bool:
        """Whether this archive was made from the offline web."""
        return is_demonstration(self.connection)

    def group(self) -> AbstractContextManager[None]:
        """Several changes with one sync and one commit, at its end; see `Journal.group`. Raises ArchiveError."""
        return self.journal.group()

    # Runs and publishers

    def start_run(self, *, command: str, arguments: Mapping[str, Any], version: str) -> int:
        """Note that a command began to write. Returns the run's id."""
        row = {"command": command, "arguments": as_json(dict(arguments)), "version": version, "started_at": now()}
        with self.journal.change():
            return self.journal.note({"insert": "runs", "row": row})

    def finish_run(self, run_id: int, *, exit_code: int, summary: Mapping[str, Any]) -> None:
        """Note how a run ended. Captures that nobody finished, of it and of runs that were killed, end as `failed`.

        Not so pages that an interrupted run has captured and not yet extracted: they wait for the next run.
        """
        left = self._db.execute(
            "SELECT id FROM captures WHERE outcome IS NULL AND run_id IS NOT NULL AND run_id <= ? "
            "AND NOT (kind = 'page' AND coalesce(status, 0)) ORDER BY id",
            [run_id],
        ).fetchall()
        ending = {"outcome": str(Outcome.FAILED), "detail": "interrupted before extraction"}
        values = {"finished_at": now(), "exit_code": exit_code, "summary": as_json(dict(summary))}
        with self.journal.change():
            for (capture_id,) in left:
                self.journal.note({"update": "captures", "where": {"id": capture_id}, "set": ending})
            self.journal.note({"update": "runs", "where": {"id": run_id}, "set": values})

    def save_publisher(
        self, *, name: str, spider: str, homepage: str, country: str, languages: Sequence[str], timezone: str
    ) -> None:
        """Add a publisher or bring its row up to date."""
        row = {"name": name, "spider": spider, "homepage": homepage, "country": country}
        row |= {"languages": as_json(list(languages)), "timezone": timezone}
        with self.journal.change():
            self.journal.note({"upsert": "publishers", "key": ["name"], "row": row})

    # The frontier

    def record_sightings(
        self, run_id: int, sightings: Sequence[Sighting], known: Mapping[str, str | None] = frontier.NOBODY
    ) -> int:
        """Store sightings, each work to do until `mark_sighting` ends it; those of `known` URLs have ended already.

        Returns how many URLs are new.
        """
        new: set[str] = set()
        with self.journal.change():
            for publisher in dict.fromkeys(sighting.publisher for sighting in sightings):
                self.journal.add_publisher(publisher)
            for row, is_new in frontier.rows(self._db, run_id, sightings, known):
                self.journal.note({"insert": "sightings", "row": row})
                new.update([row["url"]] if is_new else ())
        return len(new)

    def pending(self, publisher: str) -> list[str]:
        """The canonical URLs sighted at `publisher` that still wait for an outcome, first sighted first."""
        return frontier.pending(self._db, publisher)

    def mark_sighting(
        self, url: str, outcome: Outcome | str, capture_id: int | None = None, detail: str | None = None
    ) -> None:
        """End all open sightings of a canonical URL at its publisher."""
        values = {"outcome": str(outcome), "capture_id": capture_id, "detail": storable(detail)}
        with self.journal.change():
            where = {"url": storable(url), "memento": None, "outcome": None}
            self.journal.note({"update": "sightings", "where": where, "set": values})

    def defer_sighting(self, url: str, detail: str) -> None:
        """Say why the sightings of a canonical URL are still open."""
        with self.journal.change():
            where = {"url": storable(url), "memento": None, "outcome": None}
            self.journal.note({"update": "sightings", "where": where, "set": {"detail": storable(detail)}})

    # Captures

    def capture(self, exchange: Exchange, run_id: int | None = None) -> Capture:
        """Write an exchange to the WARC, sync it, add its row, commit; only then return (in a group: at its end).

        Raises ArchiveError when the disk refuses. Where the WARC took the exchange and the database did not, the file
        stays `.open`, so that the next start reads the row back from it.
        """
        with self.journal.change():
            written = self.journal.pages.write_exchange(exchange, self._revisits.receive(exchange))
            return self._insert_capture(exchange_row(exchange, written, run_id))

    def finish_capture(self, capture_id: int, outcome: Outcome | str, detail: str | None = None) -> None:
        """Give a capture its outcome. Raises ArchiveError when it has one already or does not exist."""
        values = {"outcome": str(Outcome(outcome)), "detail": storable(detail)}
        with self.journal.change():
            found = self._db.execute("SELECT outcome FROM captures WHERE id = ?", [capture_id]).fetchone()
            if found is None or found[0] is not None:
                state = f"has ended as {found[0]} already" if found else "does not exist"
                raise ArchiveError(f"capture {capture_id} {state}; it cannot end as {outcome}")
            self.journal.note({"update": "captures", "where": {"id": capture_id}, "set": values})

    def capture_of(self, capture_id: int) -> Capture | None:
        """The capture with this id."""
        return next(map(to_capture, self._db.query("SELECT * FROM captures WHERE id = ?", [capture_id])), None)

    def unfinished(self) -> list[Capture]:
        """Captures that wait for an outcome: those a killed or interrupted run left, oldest first."""
        rows = self._db.query("SELECT * FROM captures WHERE outcome IS NULL ORDER BY id")
        return [to_capture(fields) for fields in rows]

    def page(self, capture: Capture) -> Page:
        """What extraction sees of a capture, read back from its WARC file. Raises RecordError."""
        record = self.whole(read_record(self.path(capture.file), capture.offset))
        if record.type not in {"response", "resource", "revisit"}:
            return Page(url=capture.url, body=b"", captured_at=capture.captured_at, status=capture.status or 0)
        if capture.original is not None:
            message = handed_on(record.http(), capture.original)
            return Page(
                url=capture.url,
                body=message.body,
                captured_at=capture.as_of,
                status=message.status,
                content_type=message.content_type,
            )
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

    def response(self, capture: Capture) -> bytes:
        """The response of a capture, as it crossed the wire. Raises RecordError."""
        return self.whole(read_record(self.path(capture.file), capture.offset)).block

    def whole(self, record: WarcRecord) -> WarcRecord:
        """A record with its response: a revisit's body is in another one (see `Revisits.whole`). Raises RecordError."""
        return self._revisits.whole(record)

    def path(self, file: str) -> Path:
        """Where the file of a capture is now: sealed, or still being written."""
        return path_of(self.folder, file)

    # Articles

    def store_article(
        self,
        capture: Capture,
        article: Article,
        *,
        relevance: Relevance | None = None,
        named: Named | None = None,
        extractor: str,
    ) -> tuple[str, int]:
        """Store what was extracted from a capture. Returns `new`, `changed` or `unchanged`, and the article's id.

        One article a canonical URL; a new version when headline or text differ from those in force. Storing the same
        again changes nothing. The text also goes into the `-text.warc.gz`, as a conversion of the response record.
        """
        version = {key: storable(value) for key, value in row(article, capture, relevance, named).items()}
        article_id, same = known_version(self._db, version["canonical_url"], version)
        if article_id is not None and (same or self._is_stored(article_id, version)):
            return "unchanged", article_id
        return self._store_version(article_id, version, capture, mentions_of(relevance, named), extractor)

    def revise_article(
        self,
        capture: Capture,
        article: Article,
        *,
        relevance: Relevance | None = None,
        named: Named | None = None,
        extractor: str,
    ) -> tuple[str, int]:
        """Like `store_article`, for a capture that was extracted before: any field that differs makes a version.

        The older versions stay; the newest is the one in force.
        """
        version = {key: storable(value) for key, value in row(article, capture, relevance, named).items()}
        own = own_version(self._db, capture.id)
        if own is None or own["canonical_url"] != version["canonical_url"]:
            return self.store_article(capture, article, relevance=relevance, named=named, extractor=extractor)
        if not differences(own, version):
            return "unchanged", int(own["article_id"])
        return self._store_version(int(own["article_id"]), version, capture, mentions_of(relevance, named), extractor)

    def revise_outcome(self, capture_id: int, outcome: Outcome, detail: str | None) -> None:
        """Give a capture another outcome, because newer rules read it otherwise."""
        values = {"outcome": str(outcome), "detail": storable(detail)}
        with self.journal.change():
            self.journal.note({"update": "captures", "where": {"id": capture_id}, "set": values})
            self.coverage.recount(capture_id)

    def _store_version(
        self,
        article_id: int | None,
        version: dict[str, Any],
        capture: Capture,
        mentions: list[dict[str, Any]],
        extractor: str,
    ) -> tuple[str, int]:
        text = version.pop("text")
        with self.journal.change():
            self.journal.add_publisher(version["publisher"])
            written = self.journal.texts.write_conversion(
                refers_to=capture.record_id,
                target_uri=capture.url,
                captured_at=capture.captured_at,
                text=headline_of(version) + text,
            )
            version |= {"extractor": extractor, "text_file": f"{layout.WARC}/{written.file}"}
            version |= {"text_record_id": written.record_id, "text_offset": written.offset}
            seen_at = self._first_seen(version["canonical_url"], version["url"])
            event = {"version": version, "article": article_id, "seen_at": seen_at, "mentions": mentions}
            stored_id = self.journal.note_version(event, text=text)
        return ("new" if article_id is None else "changed"), stored_id

    def _is_stored(self, article_id: int, version: Mapping[str, Any]) -> bool:
        sql = "SELECT 1 FROM versions WHERE article_id = ? AND capture_id = ? AND text_hash = ?"
        return bool(self._db.execute(sql, [article_id, version["capture_id"], version["text_hash"]]).fetchone())

    def _first_seen(self, *urls: str) -> str | None:
        seen = self._db.execute("SELECT min(seen_at) FROM sightings WHERE url IN (?, ?)", urls).fetchone()[0]
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

    def _insert_capture(self, values: dict[str, Any]) -> Capture:
        self.journal.add_publisher(values["publisher"])
        return to_capture({**values, "id": self.journal.note({"insert": "captures", "row": values})})

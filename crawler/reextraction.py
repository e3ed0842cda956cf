"""The rules of today over captures of years ago: what each would now be, and how that differs from what is stored.

Nothing is fetched and nothing is written here. `compare` goes through the captures in the order of their time, in as
many workers as there are, and yields those that the rules of today read otherwise.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from archive.articles import differences, known_version, own_version, row, storable
from archive.captures import to_capture
from archive.errors import RecordError
from archive.model import Capture, Outcome
from archive.records import read_record
from archive.store import Archive
from crawler.processed import Processed
from crawler.readings import Readings, processed, read_capture
from crawler.workers import MAX_BLOCK, WorkerPool

_ARTICLE = frozenset((Outcome.EXTRACTED, Outcome.UNCHANGED))
_WHERE = (
    "kind = 'page' AND status NOT NULL AND outcome NOT NULL "
    "AND (:publisher IS NULL OR publisher = :publisher COLLATE NOCASE) "
    "AND (:outcome IS NULL OR outcome = :outcome) "
    "AND (:since IS NULL OR captured_at >= :since) AND (:until IS NULL OR captured_at < :until)"
)
_AHEAD = 8  # captures under way: enough for the workers, and bounds the memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which captures: of one publisher, captured on or after `since` and on or before `until` (days in UTC).

    `outcome`: only those that ended so.
    """

    publisher: str | None = None
    since: date | None = None
    until: date | None = None
    outcome: Outcome | None = None

    def count(self, archive: Archive) -> int:
        """How many captures there are."""
        sql = f"SELECT count(*) FROM captures WHERE {_WHERE}"  # noqa: S608 - constants
        return int(archive.connection.execute(sql, self._values()).fetchone()[0])

    def rows(self, archive: Archive) -> Iterator[dict[str, Any]]:
        """The captures' rows, oldest first."""
        sql = f"SELECT id FROM captures WHERE {_WHERE} ORDER BY coalesce(original_at, captured_at), id"  # noqa: S608 - constants
        db = Database(archive.connection)
        for (capture_id,) in archive.connection.execute(sql, self._values()).fetchall():
            yield from db.query("SELECT * FROM captures WHERE id = ?", [capture_id])

    def rows_by_file(self, archive: Archive) -> Iterator[dict[str, Any]]:
        """The captures' rows, file by file, as they lie in it."""
        sql = f"SELECT id FROM captures WHERE {_WHERE} ORDER BY file, offset"  # noqa: S608 - constants
        db = Database(archive.connection)
        for (capture_id,) in archive.connection.execute(sql, self._values()):
            yield from db.query("SELECT * FROM captures WHERE id = ?", [capture_id])

    def _values(self) -> dict[str, str | None]:
        return {
            "publisher": self.publisher,
            "since": self.since.isoformat() if self.since else None,
            "until": f"{self.until.isoformat()}T24" if self.until else None,
            "outcome": str(self.outcome) if self.outcome else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A capture that is read otherwise today.

    `fields`: name → stored and new value, of an article; `before` and `after`: the outcome with its detail.
    `article_id` is None where the capture gave none so far.
    """

    capture: Capture
    processed: Processed
    article_id: int | None
    before: str
    after: str
    fields: Mapping[str, tuple[Any, Any]]


async def compare(
    archive: Archive,
    workers: WorkerPool,
    selection: Selection,
    *,
    conflict_only: bool,
    advance: Callable[[], object] = lambda: None,
    readings: Readings | None = None,
) -> AsyncIterator[Change]:
    """The captures that today's rules read otherwise, oldest first. `advance` is called after each that was read.

    `readings`: what other processes have read already.
    """
    comparer = _Comparer(Database(archive.connection))
    waiting: deque[tuple[Capture, Outcome, str | None, asyncio.Future[Processed]]] = deque()

    async def first() -> Change | None:
        capture, outcome, detail, task = waiting.popleft()
        processed = await task
        advance()
        return comparer.change(capture, outcome, detail, processed)

    for fields in selection.rows(archive):
        capture = to_capture(fields)
        task = asyncio.ensure_future(_processed(archive, capture, workers, conflict_only, readings))
        waiting.append((capture, Outcome(fields["outcome"]), fields["detail"], task))
        if len(waiting) > _AHEAD and (change := await first()):
            yield change
    while waiting:
        if change := await first():
            yield change


async def _processed(
    archive: Archive, capture: Capture, workers: WorkerPool, conflict_only: bool, readings: Readings | None
) -> Processed:
    if readings is not None and (reading := readings.of(capture.id)) is not None:
        return reading
    path, url, captured_at, original = archive.path(capture.file), capture.url, capture.as_of, capture.original
    found = await read_capture(
        path, capture.offset, workers, url=url, captured_at=captured_at, original=original, conflict_only=conflict_only
    )
    if found is not None:
        return found
    try:
        record = archive.whole(await asyncio.to_thread(read_record, path, capture.offset, max_block=MAX_BLOCK))
    except RecordError as error:
        return Processed(outcome=Outcome.FAILED, detail=str(error))
    return await processed(
        record, workers, url=url, captured_at=captured_at, original=original, conflict_only=conflict_only
    )


class _Comparer:
    """Compares one capture after the other, oldest first, with what is stored."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._newest: dict[str, str] = {}  # what each article's text was, by today's rules, at the capture before

    def change(self, capture: Capture, outcome: Outcome, detail: str | None, processed: Processed) -> Change | None:
        """What is different, if anything is; `outcome` and `detail` are the stored ones."""
        own = own_version(self._db, capture.id)
        fields = self._fields(capture, processed, own)
        after = (processed.outcome, processed.detail)
        if processed.article is not None and outcome in _ARTICLE:
            after = (outcome, detail)
        # "off_topic: score 0.31" instead of 0.30 is no news
        same_outcome = after == (outcome, detail) or (outcome not in _ARTICLE and processed.outcome is outcome)
        if not fields and same_outcome:
            return None
        return Change(
            capture=capture,
            processed=processed,
            article_id=int(own["article_id"]) if own else None,
            before=_words(outcome, detail),
            after=_words(*after),
            fields=fields,
        )

    def _fields(
        self, capture: Capture, processed: Processed, own: Mapping[str, Any] | None
    ) -> dict[str, tuple[Any, Any]]:
        if processed.article is None:
            return {}
        fields = row(processed.article, capture, processed.relevance)
        version = {name: storable(value) for name, value in fields.items()}
        before = self._newest.get(version["canonical_url"])
        self._newest[version["canonical_url"]] = version["text_hash"]
        if own is not None:
            return differences(own, version)
        _, same = known_version(self._db, version["canonical_url"], version)
        return {} if same or before == version["text_hash"] else {"text": (None, version["text"])}


def _words(outcome: Outcome, detail: str | None) -> str:
    return f"{outcome}: {detail}" if detail else str(outcome)


def apply(archive: Archive, change: Change, *, extractor: str) -> None:
    """Store what a capture is today. Older versions stay. Raises ArchiveError."""
    outcome, detail = change.processed.outcome, change.processed.detail
    if change.processed.article is not None:
        detail, _ = archive.revise_article(
            change.capture,
            change.processed.article,
            relevance=change.processed.relevance,
            named=change.processed.named,
            extractor=extractor,
        )
    if change.before != change.after:
        archive.revise_outcome(change.capture.id, outcome, detail)

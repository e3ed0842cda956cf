"""What today's rules make of many captures, read by many processes: a stretch of one WARC file is one task.

Readings are kept in `readings.db` in the archive's folder until the comparison that they are for has come to its end;
killed on the way, the next one goes on with what is there, unless the rules are others by then.
"""

import asyncio
import hashlib
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.captures import to_capture
from archive.errors import RecordError
from archive.model import Capture, Original, Outcome
from archive.records import WarcRecord, read_record
from archive.store import Archive
from archive.stored import is_remote
from crawler.cluster import Spread
from crawler.endings import unreadable
from crawler.errors import ExtractionError
from crawler.processed import Processed
from crawler.workers import MAX_BLOCK, WorkerPool

FILE = "readings.db"
_STRETCH = 200  # captures of a task: some seconds of work, and a result of a megabyte

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rules (digest TEXT);
CREATE TABLE IF NOT EXISTS readings (capture_id INTEGER PRIMARY KEY, processed BLOB);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A capture that is to be read: where its record begins, and what the rules want to know of it."""

    id: int
    offset: int
    url: str
    captured_at: datetime
    original: Original | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """One task: captures of one file, and the limits of each page. `path` must be the same wherever it is read."""

    path: Path
    captures: tuple[Asked, ...]
    conflict_only: bool
    timeout: float
    memory_mb: int


def read_stretch(stretch: Stretch) -> list[tuple[int, Processed | None]]:
    """In whatever process: what today's rules make of each capture; None where the body is in another record."""
    pool = _pool(stretch.timeout, stretch.memory_mb)

    async def all_of_it() -> list[tuple[int, Processed | None]]:
        return [(asked.id, await _read(stretch, asked, pool)) for asked in stretch.captures]

    return asyncio.run(all_of_it())


@cache
def _pool(timeout: float, memory_mb: int) -> WorkerPool:
    """The one child of this process; it ends with it."""
    return WorkerPool(size=1, timeout=timeout, memory_mb=memory_mb)


async def _read(stretch: Stretch, asked: Asked, pool: WorkerPool) -> Processed | None:
    return await read_capture(
        stretch.path,
        asked.offset,
        pool,
        url=asked.url,
        captured_at=asked.captured_at,
        original=asked.original,
        conflict_only=stretch.conflict_only,
    )


async def read_capture(
    path: Path,
    offset: int,
    pool: WorkerPool,
    *,
    url: str,
    captured_at: datetime,
    original: Original | None,
    conflict_only: bool,
) -> Processed | None:
    """What today's rules make of the response whose record lies there; None where its body is in another record.

    The worker reads it by itself, unless it lies in a bucket: a network has no part in the time that a page may take.
    """
    arguments: dict[str, Any] = {"url": url, "captured_at": captured_at}
    arguments |= {"original": original, "conflict_only": conflict_only}
    if not is_remote(path):
        try:
            return await pool.run_record(path, offset, **arguments)
        except ExtractionError as error:
            return Processed(outcome=Outcome.FAILED, detail=f"extraction:{error}")
    try:
        record = await asyncio.to_thread(read_record, path, offset, max_block=MAX_BLOCK)
    except RecordError as error:
        return Processed(outcome=Outcome.FAILED, detail=str(error))
    return None if record.type == "revisit" else await processed(record, pool, **arguments)


async def processed(
    record: WarcRecord,
    pool: WorkerPool,
    *,
    url: str,
    captured_at: datetime,
    original: Original | None,
    conflict_only: bool,
) -> Processed:
    """What today's rules make of the response in a whole record."""
    if problem := unreadable(record):
        return Processed(outcome=problem[0], detail=problem[1])
    try:
        return await pool.run_page(
            record.block, url=url, captured_at=captured_at, publisher=None, conflict_only=conflict_only,
            original=original,
        )  # fmt: skip
    except ExtractionError as error:
        return Processed(outcome=Outcome.FAILED, detail=f"extraction:{error}")


class Readings:
    """The readings of an archive's captures; a context manager. `end` forgets them."""

    def __init__(self, archive: Archive, *, conflict_only: bool, timeout: float, memory_mb: int) -> None:
        self._archive = archive
        self._conflict_only, self._timeout, self._memory_mb = conflict_only, timeout, memory_mb
        self._path = archive.folder / FILE
        self._connection = sqlite3.connect(self._path)
        self._connection.executescript(_SCHEMA)
        digest = f"{rules_digest()} {conflict_only}"
        if self._connection.execute("SELECT digest FROM rules").fetchone() != (digest,):
            with self._connection:
                self._connection.execute("DELETE FROM readings")
                self._connection.execute("DELETE FROM rules")
                self._connection.execute("INSERT INTO rules VALUES (?)", [digest])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def end(self) -> None:
        """Forget them: what they were for is done."""
        self._connection.close()
        self._path.unlink(missing_ok=True)

    def add(self, rows: Iterable[dict[str, Any]], spread: Spread, advance: Callable[[int], object]) -> None:
        """Read the captures in `rows`, which come file by file. Raises ClusterError."""
        for results in spread(read_stretch, self._stretches(rows, advance)):
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO readings VALUES (?, ?)",
                    [(capture_id, pickle.dumps(reading)) for capture_id, reading in results],
                )
            advance(len(results))

    def _stretches(self, rows: Iterable[dict[str, Any]], advance: Callable[[int], object]) -> Iterator[Stretch]:
        for file, of_file in groupby(rows, key=lambda row: str(row["file"])):
            while some := [_asked(to_capture(row)) for row in islice(of_file, _STRETCH)]:
                left = tuple(asked for asked in some if not self._has(asked.id))
                advance(len(some) - len(left))
                if left:
                    yield Stretch(
                        path=self._archive.path(file).absolute(), captures=left, conflict_only=self._conflict_only,
                        timeout=self._timeout, memory_mb=self._memory_mb,
                    )  # fmt: skip

    def _has(self, capture_id: int) -> bool:
        sql = "SELECT 1 FROM readings WHERE capture_id = ?"
        return self._connection.execute(sql, [capture_id]).fetchone() is not None

    def of(self, capture_id: int) -> Processed | None:
        """What the rules make of a capture; None where it was not read, or its body is in another record."""
        sql = "SELECT processed FROM readings WHERE capture_id = ?"
        found = self._connection.execute(sql, [capture_id]).fetchone()
        reading: Processed | None = pickle.loads(found[0]) if found else None  # noqa: S301 - written above
        return reading


def _asked(capture: Capture) -> Asked:
    return Asked(
        id=capture.id, offset=capture.offset, url=capture.url, captured_at=capture.as_of, original=capture.original
    )


@cache
def rules_digest() -> str:
    """A digest of all that says how a page is read: the project's code and vocabularies."""
    root = Path(__file__).parents[1]
    content = hashlib.sha256()
    for part in ("archive", "crawler", "spiders"):
        for path in sorted((root / part).rglob("*")):
            if path.suffix in {".py", ".toml", ".json", ".tsv"}:
                content.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return content.hexdigest()

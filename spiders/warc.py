"""Somebody else's archive: `scrapy crawl warc -a path=FILE_OR_FOLDER` imports WARC and WACZ files, CC-NEWS among them.

The file is copied once below the archive's `imported/`, byte for byte and named by its hash; each response record in it
becomes a capture that points there, with the record's own date, and goes the way of every fetched page. Nothing is
rewritten as if it had been fetched by us. Requests, revisits, metadata and conversions are no captures.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import scrapy
from scrapy.crawler import Crawler

from archive import imported
from archive.articles import storable
from archive.errors import ArchiveError, DatelineError, RecordError
from archive.imports import Progress
from archive.model import Capture, Outcome
from archive.records import read_records
from archive.store import Archive
from crawler.arguments import check_arguments
from crawler.errors import UsageError
from crawler.fetched import Fetched
from crawler.importing import Batch, Selection, batches
from crawler.publisher import publishers
from crawler.run import Run
from crawler.tally import SourceReport, Tally

SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".wacz", ".arc", ".arc.gz")  # the last two to say what they are
UNDER_WAY = 4  # records between reader and outcome: enough for the workers, and bounds the memory
SHOWN_DAMAGES = 20  # of one file; the others are counted


class WarcSpider(scrapy.Spider):
    """Reads instead of crawling: it makes no request.

    1. Each file is adopted; a WACZ gives its WARCs.
    2. Its records are read in a thread; damage is reported with file and offset and passed over.
    3. Each response that is wanted becomes a capture and gets its outcome. What is known is left alone.
    """

    name = "warc"
    arguments: ClassVar[Mapping[str, str]] = {
        "path": "a .warc, .warc.gz, .warc.zst or .wacz file, or a folder of them",
        "publisher": "only pages of these publishers or domains, parted by commas",
        "since": "only pages that were captured on this day (UTC) or later",
        "until": "only pages that were captured on this day or earlier",
        "extract": "no: only reference the records; `scrapy reextract --outcome deferred` extracts them later",
    }
    required: ClassVar[tuple[str, ...]] = ("path",)
    asks_nobody: ClassVar[bool] = True

    run: Run

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Take the arguments. Raises UsageError, also where there is nothing to import."""
        check_arguments(type(self), kwargs)
        super().__init__(name, **kwargs)
        self.selection = Selection.of(kwargs)
        self.extract = _is_yes(kwargs.get("extract", "yes"))
        self.path = Path(kwargs["path"])
        self.files = find_files(self.path)
        self._slots = asyncio.Semaphore(UNDER_WAY)
        self._tasks: set[asyncio.Task[None]] = set()
        self._saved: set[str] = set()
        self._sizes: dict[str, int] = {}  # of the files that the archive has, by name
        self._stopped = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.run = Run.of(crawler)
        folder = spider.run.recorder.folder.resolve()
        if spider.path.resolve().is_relative_to(folder):
            raise UsageError(f"{spider.path} belongs to the archive in {folder}: its captures are there already")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Import the files, one after the other. Yields nothing: there is nothing to fetch."""
        tally = self.run.tally(self.path.name or str(self.path))
        tally.state = "importing"
        self.meter = Meter(total=sum(path.stat().st_size for path in self.files))
        # After a failed write the run stops by itself; the recorder keeps the error.
        with contextlib.suppress(ArchiveError):
            await self.run.resumed()
            self._sizes = await self.run.recorder.write(lambda archive: archive.imports.sizes())
            for path in self.files:
                if self._is_stopping:
                    break
                await self._import(path, tally)
        tally.state, tally.remark = "done", ""
        for line in self.meter.summary():
            print(line)
        return
        yield

    async def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Let what has been referenced come to its outcome, also when the import is stopped."""
        self._stopped = True
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def _is_stopping(self) -> bool:
        return self._stopped or self.run.recorder.failure is not None

    # --- a file -------------------------------------------------------------------------------------------------------

    async def _import(self, path: Path, tally: Tally) -> None:
        tally.remark = f"copying {path.name}; {self.meter.text()}"
        adopted = await self._adopt(path, tally)
        self.meter.begin(path.stat().st_size, len(adopted))
        for name, place in adopted.items():
            before = await self.run.recorder.write(lambda a, file=name: a.imports.progress(file, str(self.selection)))
            if before.finished_at is not None:
                tally.found += before.captures
                self.meter.skip(before)
                self._report(tally, path, before.captures, None)
                continue
            after, damages = await self._import_records(replace(before, name=_called(place)), tally)
            shown = [str(damage).replace(str(self.run.recorder.folder / name), str(path)) for damage in damages]
            problems: list[str | None] = [*shown[:SHOWN_DAMAGES]]
            if len(shown) > SHOWN_DAMAGES:
                problems.append(f"{path}: {len(shown) - SHOWN_DAMAGES} more places that cannot be read")
            if not after.responses and not problems:
                problems = [f"{path}: no response record in it"]
            for problem in problems or [None]:
                self._report(tally, path, after.captures, problem)

    async def _adopt(self, path: Path, tally: Tally) -> dict[str, str]:
        """Copy the WARCs at `path` into the archive. Returns what each was called, by its name there."""
        folder = self.run.recorder.folder

        def copy() -> dict[str, str]:
            probe(path)
            warcs = imported.foreign_warcs(path)
            return {imported.adopt(folder, warc, sizes=self._sizes): warc.place for warc in warcs}

        try:
            adopted = await asyncio.to_thread(copy)
        except RecordError as error:
            self._report(tally, path, 0, str(error))
            return {}
        except ArchiveError as error:
            await self.run.recorder.write(partial(_raise, error))
        await self.run.recorder.write(lambda archive: archive.imports.note_files(list(adopted)))
        self._sizes |= {name: (folder / name).stat().st_size for name in adopted}
        return adopted

    async def _import_records(self, progress: Progress, tally: Tally) -> tuple[Progress, list[RecordError]]:
        """Import an adopted file from where `progress` ends. Returns how far it was read, and the damage met."""
        damages: list[RecordError] = []
        folder = self.run.recorder.folder
        reader = batches(folder, progress, self.selection, run_id=self.run.id, extract=self.extract)
        size = (folder / progress.file).stat().st_size
        upcoming = _next(reader)
        try:
            while (batch := await upcoming) is not None and not self._is_stopping:
                upcoming = _next(reader)
                damages += batch.damages
                captures = await self._add(batch, tally)
                progress = batch.progress
                self.meter.count(batch, len(captures), progress.position / max(size, 1))
                tally.remark = self.meter.text()
                await self._extract(batch, captures, tally)
        finally:
            await asyncio.wait([upcoming])
            reader.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
        return progress, damages

    def _report(self, tally: Tally, path: Path, count: int, error: str | None) -> None:
        tally.sources.append(SourceReport(url=str(path), kind="warc", entries=count, error=error))

    # --- records ------------------------------------------------------------------------------------------------------

    async def _add(self, batch: Batch, tally: Tally) -> list[Capture]:
        """Make captures of a batch's records, in one commit, and count those that have ended with that."""
        await self._save_publishers({row["publisher"] for row in batch.rows})
        captures = await self.run.recorder.write(
            lambda archive: archive.imports.add(batch.progress, batch.rows, self.run.id)
        )
        outcomes = {row["offset"]: row.get("outcome") for row in batch.rows}
        tally.outcomes.update(
            Outcome(outcome) for capture in captures if (outcome := outcomes[capture.offset]) is not None
        )
        tally.found += len(batch.rows)
        tally.new += len(captures)
        tally.fetched += len(captures)
        return captures

    async def _extract(self, batch: Batch, captures: list[Capture], tally: Tally) -> None:
        """Send the pages of a batch to the workers, a few at a time."""
        for capture in captures:
            block = batch.blocks.pop(capture.offset, None)
            if block is None:
                continue
            await self._slots.acquire()
            if self._is_stopping:
                self._slots.release()
                return  # the next run begins with what is left
            task = asyncio.create_task(self._process(Fetched(capture=capture, http=block), tally))
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, tally))

    async def _process(self, fetched: Fetched, tally: Tally) -> None:
        with contextlib.suppress(ArchiveError):  # the run stops by itself
            await self.run.process(fetched, tally=tally.publisher)

    def _done(self, tally: Tally, task: "asyncio.Task[None]") -> None:
        self._slots.release()
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            tally.crashed = f"{type(error).__name__}: {error}"
            self.logger.error("the import of a record crashed", exc_info=error)

    async def _save_publishers(self, names: set[str | None]) -> None:
        """Store what is declared of publishers; of a domain the archive notes its name by itself."""
        for spider, publisher in publishers().items():
            if publisher.name in names and spider not in self._saved:
                self._saved.add(spider)
                await self.run.open_publisher(publisher, spider)


@dataclass(kw_only=True, slots=True)
class Meter:
    """How far an import is: in bytes of the files that were given, of which the copies may be larger."""

    total: int
    started: float = field(default_factory=time.monotonic)
    finished: int = 0  # bytes of files that are behind us
    skipped: int = 0  # of these, of files that were imported before
    size: int = 0  # of the file that is being read, or of its share in a WACZ
    reached: float = 0.0  # of that file, from 0 to 1
    records: int = 0
    captures: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)  # files and responses that were imported before

    def begin(self, size: int, parts: int) -> None:
        """A file begins that has so many WARCs in it."""
        self.finished += 0 if parts else size
        self.size = size // max(parts, 1)

    def count(self, batch: Batch, captures: int, reached: float) -> None:
        """A batch was added, and the file is read to `reached`."""
        self.records += len(batch.rows) + sum(batch.left_out.values())
        self.captures += captures
        self.left_out += batch.left_out
        self.reached = reached
        if batch.progress.finished_at is not None:
            self.finished, self.reached = self.finished + self.size, 0.0

    def skip(self, before: Progress) -> None:
        """A file was imported before."""
        self.finished += self.size
        self.skipped += self.size
        self.known.update(files=1, responses=before.captures)

    def text(self) -> str:
        """`45,210 records, 1.2 of 3.4 GB, 12 min left`; the estimate once there is something to go by."""
        done = self.finished + self.reached * self.size
        seconds, read = time.monotonic() - self.started, done - self.skipped
        left = (self.total - done) * seconds / read if read > 0 and seconds > 2 else None
        estimate = "" if left is None else f", {left / 60:,.0f} min left" if left >= 90 else f", {left:.0f} s left"
        return f"{self.records:,} records, {_bytes(done)} of {_bytes(self.total)}{estimate}"

    def summary(self) -> Iterator[str]:
        """What a person wants to know at the end beside the table."""
        if self.known:
            files = f"{self.known['files']:,} file{'s' if self.known['files'] > 1 else ''}"
            yield f"{files} with {self.known['responses']:,} responses were imported before; nothing added"
        if self.records:
            parts = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.most_common())
            left_out = f"; left out: {parts}" if parts else ""
            yield f"Read {self.records:,} records, {self.captures:,} new captures{left_out}"


def _bytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def _next(reader: Iterator[Batch]) -> "asyncio.Task[Batch | None]":
    return asyncio.create_task(asyncio.to_thread(next, reader, None))


def _raise(error: DatelineError, _archive: Archive) -> None:
    raise error


def _called(place: str) -> str | None:
    """The name of a file, for people; where it lay is the operator's affair."""
    folder, _, name = place.rpartition("/")
    return storable(f"{folder.rpartition('/')[2]}/{name}" if ": archive" in folder else name)


def _is_yes(text: str) -> bool:
    if text.lower() not in {"yes", "no"}:
        raise UsageError(f"-a extract={text}: write yes or no")
    return text.lower() == "yes"


def find_files(path: Path) -> list[Path]:
    """The files to import at `path`, in the order of their names. Raises UsageError where there are none."""
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.name.lower().endswith(SUFFIXES) and file.is_file())
        if not found:
            raise UsageError(f"no {', '.join(SUFFIXES[:4])} file in the folder {path}")
        return found
    if not path.exists():
        raise UsageError(f"{path} does not exist; give a {', '.join(SUFFIXES[:4])} file or a folder of them")
    try:
        probe(path)
    except RecordError as error:
        raise UsageError(str(error)) from error
    return [path]


def probe(path: Path) -> None:
    """Raise RecordError when `path` holds no WARC record at all: it is then not copied into the archive."""
    warc = next(imported.foreign_warcs(path))
    if warc.size is None:
        return  # packed as a whole: its first record was seen, or will be when it is unpacked
    if not warc.place.startswith(f"{path}: "):  # not in a WACZ
        damages: list[RecordError] = []
        if next(read_records(path, on_damage=damages.append, max_block=0), None) is None:
            raise RecordError(
                f"{path} is no WARC: there is not one whole record in it ({damages[0] if damages else 'empty'})"
            )

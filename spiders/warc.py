"""Somebody else's archive: `scrapy crawl warc -a path=FILE_OR_FOLDER` imports WARC, WARC.gz and WACZ files.

The file is copied once below the archive's `imported/`, byte for byte and named by its hash; each response record in it
becomes a capture that points there, with the record's own date, and goes the way of every fetched page. Nothing is
rewritten as if it had been fetched by us. Requests, revisits, metadata and conversions are no captures.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import Crawler

from archive.errors import ArchiveError, RecordError
from archive.model import Capture
from archive.records import WarcRecord, read_records
from archive.store import Archive
from archive.wacz import is_wacz, warc_members
from crawler.arguments import check_arguments
from crawler.errors import UsageError
from crawler.publisher import Publisher, publisher_for, publishers
from crawler.run import Fetched, Run, unreadable
from crawler.tally import SourceReport, Tally
from crawler.workers import MAX_BLOCK
from spiders.site import publisher_of

SUFFIXES = (".warc", ".warc.gz", ".wacz")
UNDER_WAY = 4  # records between reader and outcome: enough for the workers, and bounds the memory


class WarcSpider(scrapy.Spider):
    """Reads instead of crawling: it makes no request.

    1. Each file is adopted; a WACZ gives its WARCs.
    2. Its records are read in a thread, a few at a time; damage is reported with file and offset and passed over.
    3. Each response becomes a capture and gets its outcome. A record that is known already is left alone.
    """

    name = "warc"
    arguments: ClassVar[Mapping[str, str]] = {"path": "a .warc, .warc.gz or .wacz file, or a folder of them"}
    required: ClassVar[tuple[str, ...]] = ("path",)
    asks_nobody: ClassVar[bool] = True

    run: Run

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Takes `path`. Raises UsageError where there is nothing to import."""
        check_arguments(type(self), kwargs)
        super().__init__(name, **kwargs)
        self.path = Path(kwargs["path"])
        self.files = find_files(self.path)
        self._slots = asyncio.Semaphore(UNDER_WAY)
        self._tasks: set[asyncio.Task[None]] = set()
        self._saved: set[str] = set()
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
        await self.run.resumed()
        for path in self.files:
            tally = self.run.tally(path.name if path == self.path else str(path.relative_to(self.path)))
            tally.state = "importing"
            await self._import(path, tally)
            tally.state = "done"
        return
        yield

    async def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Let what has been referenced come to its outcome, also when the import is stopped."""
        self._stopped = True
        if self._tasks:
            await asyncio.wait(self._tasks)

    # --- a file -------------------------------------------------------------------------------------------------------

    async def _import(self, path: Path, tally: Tally) -> None:
        try:
            await asyncio.to_thread(probe, path)
        except RecordError as error:
            self._report(tally, path, 0, str(error))
            return
        adopted = await self._adopt(path, tally)
        for name in adopted:
            damages: list[RecordError] = []
            count = await self._import_records(name, tally, damages)
            problems: list[str | None] = [
                str(damage).replace(str(self.run.recorder.folder / name), str(path)) for damage in damages
            ]
            if not count and not problems:
                problems = [f"{path}: no response record in it"]
            for problem in problems or [None]:
                self._report(tally, path, count, problem)
        if adopted and not tally.new and tally.found:
            print(f"{path}: all {tally.found} responses were imported before; nothing added")

    async def _adopt(self, path: Path, tally: Tally) -> list[str]:
        def adopt(archive: Archive) -> list[str] | RecordError:
            try:
                return archive.adopt_files(path)
            except RecordError as error:  # of that file; the archive is well
                return error

        adopted = await self.run.recorder.write(adopt)
        if isinstance(adopted, RecordError):
            self._report(tally, path, 0, str(adopted))
            return []
        return list(dict.fromkeys(adopted))

    async def _import_records(self, name: str, tally: Tally, damages: list[RecordError]) -> int:
        """Import every response of an adopted file; returns how many there are. Damage is added to `damages`."""
        records = read_records(self.run.recorder.folder / name, on_damage=damages.append, max_block=MAX_BLOCK)
        count = 0
        while not self._stopped and self.run.recorder.failure is None:
            record = await asyncio.to_thread(next, records, None)
            if record is None:
                break
            if record.type != "response":
                continue
            await self._slots.acquire()
            if self._stopped:
                break
            count += 1
            tally.found += 1
            task = asyncio.create_task(self._import_record(name, record, tally, damages))
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, tally))
        if self._tasks:
            await asyncio.wait(self._tasks)
        return count

    def _done(self, tally: Tally, task: "asyncio.Task[None]") -> None:
        self._slots.release()
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            tally.crashed = f"{type(error).__name__}: {error}"
            self.logger.error("the import of a record crashed", exc_info=error)

    def _report(self, tally: Tally, path: Path, count: int, error: str | None) -> None:
        tally.sources.append(SourceReport(url=str(path), kind="warc", entries=count, error=error))

    # --- a record -----------------------------------------------------------------------------------------------------

    async def _import_record(self, name: str, record: WarcRecord, tally: Tally, damages: list[RecordError]) -> None:
        publisher = self._publisher(record)
        # After a failed write the run stops by itself; the recorder keeps the error.
        with contextlib.suppress(ArchiveError):
            await self._save_publisher(publisher)
            capture = await self.run.recorder.write(partial(self._reference, name, record, publisher))
            if isinstance(capture, RecordError):
                damages.append(capture)
                tally.found -= 1
                return
            if capture is None:
                return
            tally.new += 1
            tally.fetched += 1
            fetched = Fetched(capture=capture, http=record.block)
            if problem := unreadable(record):
                await self.run.end(fetched, *problem)
                tally.outcomes[problem[0]] += 1
                return
            await self.run.process(fetched, tally=tally.publisher)

    def _reference(
        self, name: str, record: WarcRecord, publisher: Publisher | None, archive: Archive
    ) -> Capture | RecordError | None:
        """The capture of a record, None when it is known, or what is wrong with the record."""
        try:
            return archive.reference_record(
                file=name, record=record, run_id=self.run.id, publisher=publisher.name if publisher else None
            )
        except RecordError as error:
            return error

    @staticmethod
    def _publisher(record: WarcRecord) -> Publisher | None:
        """Whose page it is: a declared publisher's, or its registrable domain's; None for no web address."""
        url = record.target_uri or ""
        try:
            if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname:
                return publisher_for(url) or publisher_of(url)
        except ValueError:  # "http://[half an address"
            pass
        return None

    async def _save_publisher(self, publisher: Publisher | None) -> None:
        """Store what is declared of a publisher; of a domain the archive notes its name by itself."""
        spider = next((spider for spider, known in publishers().items() if known is publisher), None)
        if publisher is not None and spider is not None and spider not in self._saved:
            self._saved.add(spider)
            await self.run.open_publisher(publisher, spider)


def find_files(path: Path) -> list[Path]:
    """The files to import at `path`, in the order of their names. Raises UsageError where there are none."""
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.name.lower().endswith(SUFFIXES) and file.is_file())
        if not found:
            raise UsageError(f"no {', '.join(SUFFIXES)} file in the folder {path}")
        return found
    if not path.exists():
        raise UsageError(f"{path} does not exist; give a {', '.join(SUFFIXES)} file or a folder of them")
    try:
        probe(path)
    except RecordError as error:
        raise UsageError(str(error)) from error
    return [path]


def probe(path: Path) -> None:
    """Raise RecordError when `path` holds no WARC record at all: it is then not copied into the archive."""
    if is_wacz(path):
        next(warc_members(path))
        return
    damages: list[RecordError] = []
    if next(read_records(path, on_damage=damages.append, max_block=0), None) is None:
        raise RecordError(
            f"{path} is no WARC: there is not one whole record in it ({damages[0] if damages else 'empty'})"
        )

"""One run of the crawler: the archive it writes, the workers that extract, the counts of every publisher.

A run belongs to a process, not to a spider: `scrapy crawlall` has several spiders in one run. The command opens it and
attaches it to each crawler; download handler, spiders and pipeline find it with `Run.of(crawler)`.

Whatever is captured ends here in exactly one outcome, by `end` or `process`. Pages that a run which was killed, or
stopped in haste, captured and did not extract are read back from the WARC by the next one (`resumed`); what else is
open when a run closes is ended by `Archive.finish_run`.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler

from archive import clock
from archive.agenda import Poll
from archive.errors import RecordError
from archive.model import Article, Capture, Exchange, Outcome
from archive.records import WarcRecord, read_record
from archive.schedule import REVISITS
from archive.store import Archive
from crawler.backlog import Backlog
from crawler.endings import Ending, hop_outcome, unreadable
from crawler.errors import CrawlError, ExtractionError
from crawler.fetched import Fetched
from crawler.frontier import Frontier, Work
from crawler.known_articles import Kept, PageVisit, is_known, keep
from crawler.processed import Processed
from crawler.publisher import Publisher
from crawler.recorder import Recorder
from crawler.sharing.shared import Shared, seconds_until
from crawler.stopping import drop_waiting
from crawler.tally import SourceReport, Tally
from crawler.workers import MAX_BLOCK, WorkerPool

logger = logging.getLogger(__name__)

SOFTWARE = f"dateline/{version('dateline')}"
EXTRACTOR = f"{SOFTWARE} trafilatura/{version('trafilatura')}"

_runs: WeakKeyDictionary[Crawler, "Run"] = WeakKeyDictionary()


class Run:
    """See the module's docstring. The command that opens it closes it with its exit code."""

    def __init__(
        self,
        folder: Path,
        *,
        command: str,
        arguments: Mapping[str, object],
        workers: WorkerPool,
        conflict_only: bool = True,
        demonstration: bool = False,
        due_only: bool = False,
        about: Mapping[str, str | None] = MappingProxyType({}),
        redis_url: str | None = None,
    ) -> None:
        """Open the archive in `folder` and start a run row; `about` goes into the head of each WARC file.

        `redis_url`: share the crawl of publishers with other workers, see `crawler.sharing`.

        `due_only`: ask only sources, and visit only pages, whose time has come (see `archive.schedule`).

        Raises ArchiveNotWritable, ArchiveLocked, SchemaTooNew.
        """
        self.shared = Shared(redis_url, on_lost=self._stop_soon) if redis_url else None
        self.recorder = Recorder(folder, software=SOFTWARE, demonstration=demonstration, about=about)
        self.recorder.on_failure = self._stop_soon
        self.workers = workers
        self.conflict_only = conflict_only
        self.demonstration = demonstration
        self.due_only = due_only
        self.backlog = Backlog()
        self.tallies: dict[str, Tally] = {}
        self.interrupted = False
        self.stopping = False
        self.closed_with: int | None = None
        self._stop: asyncio.Future[None] | None = None
        self._resuming: asyncio.Future[None] | None = None
        self._crawlers: list[Crawler] = []
        self.id = self.recorder.call(
            Archive.start_run, command=command, arguments=dict(arguments), version=version("dateline")
        )
        self.frontier = Frontier(self.recorder, self.id, due_only=due_only, shared=self.shared)

    # --- which run a component belongs to -----------------------------------------------------------------------------

    def attach(self, crawler: Crawler) -> None:
        """Make this the run of `crawler`, before it starts."""
        _runs[crawler] = self
        self._crawlers.append(crawler)

    @staticmethod
    def find(crawler: Crawler) -> "Run | None":
        """The run of `crawler`, or None outside a crawl (`scrapy shell`)."""
        return _runs.get(crawler)

    @classmethod
    def of(cls, crawler: Crawler) -> "Run":
        """The run of `crawler`."""
        run = _runs.get(crawler)
        if run is None:
            raise CrawlError("no archive is open for this spider: start it with `scrapy crawl` or `scrapy crawlall`")
        return run

    def tally(self, publisher: str) -> Tally:
        """The counts of `publisher`, started with the first question."""
        return self.tallies.setdefault(publisher, Tally(publisher=publisher))

    # --- captures and their outcomes ----------------------------------------------------------------------------------

    async def capture(self, request: Request, exchange: Exchange) -> Fetched:
        """Archive a whole exchange and hand it on in `request.meta["fetched"]` (see Fetched). Raises ArchiveError."""
        capture = await self.recorder.write(Archive.capture, exchange, self.id)
        fetched = Fetched(capture=capture, http=exchange.response, refers_to=exchange.refers_to)
        self.backlog.add(fetched)
        request.meta.setdefault("fetched", []).append(fetched)
        return fetched

    async def capture_failed(self, request: Request, exchange: Exchange) -> None:
        """Archive an exchange that ended early; its outcome is `failed`. Raises ArchiveError."""
        fetched = await self.capture(request, exchange)
        await self.end(fetched, Outcome.FAILED, f"{exchange.truncated}: {exchange.error}")

    async def end_hop(self, request: Request) -> None:
        """End the capture that led to `request`: a redirect that is followed, a response that is asked for again."""
        waiting: list[Fetched] = request.meta.setdefault("fetched", [])
        while waiting:
            fetched = waiting.pop()
            await self.end(fetched, *hop_outcome(fetched.capture))

    async def end(self, fetched: Fetched, outcome: Outcome, detail: str | None) -> None:
        """Give a capture its outcome. A second call for the same capture does nothing. Raises ArchiveError."""
        if fetched.ended:
            return
        fetched.ended = True
        fetched.take()
        await self.recorder.write(Archive.finish_capture, fetched.capture.id, outcome, detail)

    async def process(
        self,
        fetched: Fetched,
        *,
        tally: str | None,
        publisher: Publisher | None = None,
        sighting: str | None = None,
        memento: str | None = None,
    ) -> Outcome:
        """Extract a captured page in a worker, store what it holds, end its capture and its sighting, count it.

        The way of every page into the database, whether it was fetched now or imported from somebody else's WARC: an
        importer makes `Fetched(capture=…, http=…)` from a referenced record and awaits this, a few at a time.

        `tally`: the name it is counted under, if it is · `publisher` None: found by the page's domain · `sighting`: the
        URL that led here, where one did · `memento`: the address of somebody else's capture that did.

        Raises ArchiveError.
        """
        capture = fetched.capture
        asked = sighting or capture.url
        processed = await self._read(fetched, publisher, asked)
        visit = PageVisit(capture=capture, asked=asked, processed=processed, extractor=EXTRACTOR)

        def store(archive: Archive, visit: PageVisit) -> Kept:
            kept = keep(archive, visit)
            if kept.to_read is not None:
                return kept
            ending = Ending(outcome=kept.outcome, detail=kept.detail)
            archive.finish_capture(capture.id, ending.outcome, ending.detail)
            if memento is not None:
                self.frontier.end_memento(archive, memento, capture, ending)
            elif sighting is not None:
                ages = publisher.revisits if publisher is not None else REVISITS
                self.frontier.end_visit(archive, sighting, capture, ending, ages)
            return kept

        fetched.ended = True
        kept = await self.recorder.write(store, visit)
        if kept.to_read is not None:
            older = await self._read_again(kept.to_read, publisher)
            kept = await self.recorder.write(store, replace(visit, older=older, has_read=True))
        if tally is not None:
            self.tally(tally).outcomes[kept.outcome] += 1
            self.tally(tally).removed += kept.removed and kept.outcome is Outcome.FAILED
        return kept.outcome

    async def _read(self, fetched: Fetched, publisher: Publisher | None, asked: str) -> Processed:
        """What a page is, from a worker; of one that has not changed there is nothing to read.

        Where an article is known, it stays one, whatever it is about today.
        """
        capture = fetched.capture
        if fetched.unmodified:
            return Processed(outcome=Outcome.UNCHANGED, detail="not modified")
        if capture.status == 304:
            return Processed(outcome=Outcome.FAILED, detail="http 304, which was not asked for")
        http = fetched.take()
        try:
            processed = await self._extract(http, capture, publisher, conflict_only=self.conflict_only)
            if processed.outcome is Outcome.OFF_TOPIC and await self.recorder.write(is_known, asked):
                processed = await self._extract(http, capture, publisher, conflict_only=False)
        except ExtractionError as error:
            return Processed(outcome=Outcome.FAILED, detail=f"extraction:{error}")
        return processed

    async def _extract(
        self, http: bytes, capture: Capture, publisher: Publisher | None, *, conflict_only: bool
    ) -> Processed:
        """Extract in a worker what a capture holds. Raises ExtractionError."""
        return await self.workers.run_page(
            http,
            url=capture.url,
            captured_at=capture.as_of,
            publisher=publisher,
            conflict_only=conflict_only,
            original=capture.original,
        )

    def resumed(self) -> "asyncio.Future[None]":
        """What spiders await before they begin: the pages that killed runs captured come to their outcome."""
        if self._resuming is None:
            self._resuming = asyncio.ensure_future(self._resume())
        return asyncio.shield(self._resuming)

    async def _resume(self) -> None:
        for capture in await self.recorder.write(Archive.unfinished):
            if capture.kind != "page" or not capture.status:
                continue  # a source is asked again, and what brought no response is a matter of the frontier
            try:
                record = await self._record(capture)
            except RecordError as error:
                await self.end(Fetched(capture=capture, http=b""), Outcome.FAILED, str(error))
                continue
            fetched = Fetched(capture=capture, http=record.block, refers_to=record.header("WARC-Refers-To"))
            if problem := unreadable(record):
                await self.end(fetched, *problem)
            else:
                memento = capture.original.address if capture.original else None
                await self.process(fetched, tally=None, sighting=capture.url, memento=memento)

    async def referred(self, fetched: Fetched) -> bytes:
        """The response that a 304 says still holds, as it crossed the wire then. Raises RecordError."""

        def place(archive: Archive) -> Path:
            return archive.path(fetched.capture.file)

        record = read_record(await self.recorder.write(place), fetched.capture.offset)
        return (await self._whole(record)).block

    async def _read_again(self, capture_id: int, publisher: Publisher | None) -> Article | None:
        """The article of an older capture by the rules of today; None where it cannot be read, or holds none."""
        capture = await self.recorder.write(Archive.capture_of, capture_id)
        if capture is None:
            return None
        try:
            record = await self._record(capture)
            return (await self._extract(record.block, capture, publisher, conflict_only=False)).article
        except (RecordError, ExtractionError) as error:
            logger.warning("capture %s cannot be read again: %s", capture_id, error)
            return None

    async def _record(self, capture: Capture) -> WarcRecord:
        """The response record of a capture, whole. Raises RecordError."""
        place = await self.recorder.write(Archive.path, capture.file)
        record = await asyncio.to_thread(read_record, place, capture.offset, max_block=MAX_BLOCK)
        return await self._whole(record) if record.type == "revisit" else record

    async def _whole(self, record: WarcRecord) -> WarcRecord:
        """A revisit with the body that it refers to. Raises RecordError."""

        def whole(archive: Archive) -> WarcRecord | RecordError:
            try:
                return archive.whole(record)
            except RecordError as error:  # of that record; the archive is well
                return error

        found = await self.recorder.write(whole)
        if isinstance(found, RecordError):
            raise found
        return found

    # --- publishers and sources ---------------------------------------------------------------------------------------

    async def open_publisher(self, publisher: Publisher, spider: str) -> Work:
        """Save the publisher's row; return what there is to do besides what its sources will announce."""
        work = await self.frontier.open(publisher, spider)
        if work.sources or work.pending or work.revisits:
            self.workers.start()  # they warm up while the first answers are on their way
        return work

    async def end_source(self, publisher: str, report: SourceReport, fetched: Fetched | None = None) -> None:
        """Count and store what became of a source; `fetched` is its answer, where there was one."""
        self.tally(publisher).sources.append(report)
        rest = self.frontier.rests.get(urlsplit(report.url).hostname or "")
        poll = Poll(
            publisher=publisher,
            source=report.url,
            kind=report.kind,
            polled_at=fetched.capture.captured_at if fetched is not None else clock.now(),
            outcome=report.outcome,
            entries=report.entries,
            new=report.new,
            error=report.error or report.remark,
            capture_id=fetched.capture.id if fetched is not None else None,
            not_before=rest.until if rest is not None else None,
            part_of=report.part_of,
        )

        def record(archive: Archive) -> datetime | None:
            archive.agenda.record_poll(poll, self.id)
            return archive.agenda.next_poll(publisher, report.url)

        next_at = await self.recorder.write(record)
        self.frontier.tell(report.url, seconds_until(next_at) if next_at is not None else 0.0)

    # --- the end ------------------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Stop every crawler in order; see `crawler.stopping`. Harmless when called again."""
        self.stopping = True
        self.backlog.lift()
        crawling = [crawler for crawler in self._crawlers if crawler.crawling]  # one that was refused has no engine
        for crawler in crawling:
            drop_waiting(crawler)
        ends = (crawler.stop_async() for crawler in crawling)
        await asyncio.gather(*ends, return_exceptions=True)

    def _stop_soon(self) -> None:
        """Nothing that is fetched from now on could be archived."""
        self._stop = asyncio.ensure_future(self.stop())

    def close(self, exit_code: int) -> None:
        """Write the run's summary, end what is still open, seal the archive. Raises ArchiveError.

        The event loop has ended, or hangs. The workers come last: a page whose worker dies would end as failed.
        """
        self.closed_with = exit_code
        try:
            if self.recorder.failure is None:
                summary: dict[str, Any] = {name: tally.as_dict() for name, tally in sorted(self.tallies.items())}
                self.recorder.call(lambda archive: archive.coverage.refresh())
                self.recorder.call(Archive.finish_run, self.id, exit_code=exit_code, summary=summary)
            self.recorder.close()
        finally:
            self.workers.close()

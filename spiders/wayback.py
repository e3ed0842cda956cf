"""Pages of the past: `scrapy crawl wayback -a publisher=rt -a since=2016-01-01 -a until=2016-12-31`.

Other archives have what a publisher does not show any more. Their indexes list it, and each capture that is chosen
there is fetched as it was captured: from the Wayback Machine of the Internet Archive, or with `-a index=commoncrawl`
out of the WARC files of Common Crawl. What is kept is our exchange with them; the article is known by the publisher's
address and stands in time where the page was captured (see `archive.intermediaries`).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar, TypeVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive import clock
from archive.agenda import INDEX
from archive.errors import ArchiveError, RecordError
from archive.intermediaries import byte_range
from archive.mementos import Memento
from archive.model import Original, Outcome, Sighting
from archive.store import Archive
from crawler import cdx
from crawler.arguments import day
from crawler.cdx import IndexPage, Line, Scope, Window
from crawler.errors import ExtractionError, SourceError, UsageError
from crawler.estimate import Estimate
from crawler.failures import explain
from crawler.fetched import Fetched
from crawler.pipelines import CapturedPage
from crawler.publisher import Publisher, publisher_for, publishers
from crawler.spider import PublisherSpider
from crawler.tally import SourceReport
from crawler.urls import canonical_url, clean_url, registrable_domain
from spiders.site import publisher_of

T = TypeVar("T")

FIRST_DAY = date(1996, 1, 1)  # the Internet Archive began to crawl in May of that year

# Seconds between two requests, and how many may be under way.
# Internet Archive: 60 index queries and 600 pages a minute at the most, of which clients should use 80 % (edgi/wayback,
# `_http.py`); its later version waits 2.5 s between queries. Nobody is in a hurry here.
WAYBACK_PACE = ((2.5, 1), (0.5, 2))
# Common Crawl asks for one query at a time, and answers those who do not keep to it with 503 for a day; cdx_toolkit
# waits 3 s. The files come from a content network, which takes 403 and 503 to say the same.
COMMON_CRAWL_PACE = ((3.0, 1), (0.5, 2))

INDEX_TIMEOUT = 120  # seconds: a query for a whole domain goes through many files there
AHEAD = 300  # captures that wait in memory for their turn; the others wait in the archive


class WaybackSpider(PublisherSpider):
    """1. The index is read, page by page; captures of articles are chosen and sighted. Pages that were read before are
    read from our own archive.
    2. What is sighted and not fetched is fetched, also what earlier runs left.
    """

    name = "wayback"
    arguments: ClassVar[Mapping[str, str]] = {
        "publisher": "the spider whose publisher's pages are wanted, as in rt",
        "url": "this one page, or with a * at its end all that begins so",
        "since": "the first day of the captures, as in 2016-01-01",
        "until": "their last day, as in 2016-12-31; without it, today",
        "match": "only addresses in which this regular expression is found",
        "captures": "how many of each page: one, the first (default); all whose text differs; or a number",
        "index": "wayback (default) or commoncrawl",
    }

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Takes the arguments; raises UsageError for those that make no sense."""
        super().__init__(name, **kwargs)
        self.publisher, self.scopes = _wanted(kwargs.get("publisher"), kwargs.get("url"))
        self.spider = next((spider for spider, known in publishers().items() if known is self.publisher), None)
        until = day("until", kwargs["until"]) if "until" in kwargs else clock.now().date()
        self.window = Window(since=day("since", kwargs["since"]) if "since" in kwargs else FIRST_DAY, until=until)
        if self.window.since > until:
            raise UsageError(f"-a since={self.window.since} is later than until={until}")
        self.match = _pattern(kwargs.get("match", ""))
        self.count = _count(kwargs.get("captures", "one"))
        self.index = kwargs.get("index", "wayback")
        if self.index not in {"wayback", "commoncrawl"}:
            raise UsageError(f"-a index={self.index}: there are wayback and commoncrawl")
        self._places = asyncio.Semaphore(AHEAD)
        self._fetched = 0
        self._estimate = Estimate(total=0, noun="captures")

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The pace that each archive asks for. The offline web needs no sparing."""
        super().update_settings(settings)
        if settings["OFFLINE_WEB"] and not settings.getfloat("OFFLINE_PACE"):
            return
        slots: dict[str, dict[str, float]] = {}
        for pace, index, captures in (
            (WAYBACK_PACE, "WAYBACK_CDX", "WAYBACK_REPLAY"),
            (COMMON_CRAWL_PACE, "COMMON_CRAWL_INDEX", "COMMON_CRAWL_DATA"),
        ):
            keys = (_index_slot(settings[index]), urlsplit(settings[captures]).hostname or "")
            for key, (delay, concurrency) in zip(keys, pace, strict=True):
                slots[key] = {"delay": delay, "concurrency": concurrency}
        settings.set("DOWNLOAD_SLOTS", slots, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """Read the index, then fetch what waits."""
        self.tally.state = "reading the index"
        await self.run.resumed()
        if self.spider is not None:
            await self.run.open_publisher(self.publisher, self.spider)
        await (self._read_wayback() if self.index == "wayback" else self._read_common_crawl())
        waiting = await self.run.recorder.write(lambda archive: archive.mementos.count(self.publisher.name))
        self.tally.state, self.tally.found = "fetching", max(self.tally.found, waiting)
        self._estimate = Estimate(total=waiting, noun="captures")
        last = 0
        while batch := await self.run.recorder.write(self._waiting, last):
            for memento in batch:
                last = memento.id
                if memento.address not in self._asked:
                    self._asked.add(memento.address)
                    await self._places.acquire()
                    yield self._request(memento)

    def _waiting(self, archive: Archive, after: int) -> list[Memento]:
        return archive.mementos.waiting(self.publisher.name, after=after)

    # --- the index ----------------------------------------------------------------------------------------------------

    async def _read_wayback(self) -> None:
        settings = self.settings
        read = partial(cdx.read_wayback, replay=settings["WAYBACK_REPLAY"])
        for scope in self.scopes:
            query = partial(
                cdx.wayback_query, settings["WAYBACK_CDX"], scope, self.window,
                every=self.count != 1, limit=settings.getint("WAYBACK_CDX_LIMIT"),
            )  # fmt: skip
            keys: list[str | None] = [None]
            while True:
                page = await self._ask(query(resume_key=keys[-1]), read)
                if page is None or page.resume_key is None or page.resume_key in keys:
                    break
                keys.append(page.resume_key)

    async def _read_common_crawl(self) -> None:
        settings = self.settings
        crawls = partial(cdx.read_crawls, window=self.window)
        found = await self._ask(f"{settings['COMMON_CRAWL_INDEX'].rstrip('/')}/collinfo.json", crawls, keeps=False)
        read = partial(cdx.read_common_crawl, data=settings["COMMON_CRAWL_DATA"])
        for endpoint in found or ():
            for scope in self.scopes:
                query = partial(cdx.common_crawl_query, endpoint, scope, self.window)
                for number in range(await self._ask(query(page=None), cdx.read_page_count) or 0):
                    await self._ask(query(page=number), read)

    async def _ask(self, url: str, read: Callable[..., T], *, keeps: bool = True) -> T | None:
        """What the index says at `url`, read in a worker; None where it failed, which is reported, or all is stopped.

        An answer that was read before, about days that were past by then (`keeps`), is read from our own archive.
        """
        self.tally.remark = f"index: {len(self.tally.sources)} answers, {self.tally.found:,} captures of articles"
        if self.run.stopping:
            return None
        http = await self._known_answer(url) if keeps else None
        if http is not None:
            answer = await self._read(http, url, read)
            if isinstance(answer, IndexPage):
                self.tally.found += sum(1 for _ in self._pages(answer))
            self.tally.sources.append(SourceReport(url=url, kind=INDEX, modified=False))
            return answer
        try:
            response = await self._download(url)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - explained in the report
            if self.run.stopping:
                return None  # the next run asks again
            problem = explain(error)
            report = SourceReport(
                url=url,
                kind=INDEX,
                error=problem.detail,
                unreachable=problem.unreachable,
                not_asked=problem.not_asked,
            )
            await self.run.end_source(self.publisher.name, report)
            return None
        fetched: Fetched = response.meta["fetched"].pop()
        try:
            answer = await self._read(fetched.take(), url, read)
        except (SourceError, ExtractionError) as error:
            await self.run.end(fetched, Outcome.FAILED, str(error))
            await self.run.end_source(self.publisher.name, SourceReport(url=url, kind=INDEX, error=str(error)), fetched)
            return None
        entries = new = 0
        detail = "index"
        if isinstance(answer, IndexPage):
            entries = len(answer.lines)
            new = await self._sight(answer, url, fetched.capture.captured_at)
            detail = f"index: {entries} captures, {answer.unreadable} unreadable lines"
        await self.run.end(fetched, Outcome.NOT_ARTICLE, detail)
        report = SourceReport(url=url, kind=INDEX, entries=entries, new=new)
        await self.run.end_source(self.publisher.name, report, fetched)
        return answer

    async def _read(self, http: bytes, url: str, read: Callable[..., T]) -> T:
        """Raises SourceError, or ExtractionError if the worker was killed."""
        return await self.run.workers.run(cdx.read_answer, http, url=url, read=read)

    async def _known_answer(self, url: str) -> bytes | None:
        """The response to `url` that is in our archive, where it is as good as a new one."""

        def find(archive: Archive) -> bytes | None:
            found = archive.agenda.answer(self.publisher.name, url)
            if found is None or not self.window.had_ended(found[1]):
                return None
            try:
                return archive.response(found[0])
            except RecordError:  # `archive verify` tells; here the index is asked again
                return None

        return await self.run.recorder.write(find)

    async def _download(self, url: str) -> Response:
        """One exchange, redirects followed, outside the queue."""
        meta = {
            "kind": "source",
            "publisher": self.publisher.name,
            "download_slot": _index_slot(url),
            "download_timeout": INDEX_TIMEOUT,
        }
        request = Request(url, callback=NO_CALLBACK, dont_filter=True, meta=meta)
        try:
            return await self.crawler.engine.download_async(request)
        except Exception:
            await self.run.end_hop(request)
            raise

    def _pages(self, answer: IndexPage) -> list[tuple[str, list[Line]]]:
        """The captures of each article in an answer, by the one address under which the article is known."""
        known = publisher if self.spider is not None and (publisher := self.publisher) else None
        names = {line.url: canonical_url(clean_url(line.url) or line.url, known) for line in answer.lines}
        wanted = [line for line in answer.lines if self._is_wanted(names[line.url])]
        return list(cdx.by_page(wanted, names))

    def _is_wanted(self, url: str) -> bool:
        if self.match.search(url) is None or not self.publisher.owns(urlsplit(url).hostname or ""):
            return False
        return self.scopes[0].match == "exact" or self.publisher.is_article(url)

    async def _sight(self, answer: IndexPage, source: str, seen_at: datetime) -> int:
        """Record the captures that are wanted of an answer; returns how many there are."""
        pages = await asyncio.to_thread(self._pages, answer)
        self.tally.found += len(pages)
        positions = {line.address: position for position, line in enumerate(answer.lines)}

        def record(archive: Archive) -> int:
            chosen = [(url, line) for url, lines in pages for line in self._chosen(archive, url, lines)]
            sightings = [
                Sighting(
                    url=url,
                    raw_url=line.url,
                    publisher=self.publisher.name,
                    source=source,
                    seen_at=seen_at,
                    position=positions[line.address],
                    announced_at=line.captured_at,
                    memento=line.address,
                    fields={"digest": line.digest},
                )
                for url, line in chosen
            ]
            archive.record_sightings(self.run.id, sightings)
            return len(sightings)

        new = await self.run.recorder.write(record)
        self.tally.new += new
        return new

    def _chosen(self, archive: Archive, url: str, lines: list[Line]) -> list[Line]:
        """Of the captures of a page those that are to be fetched, beside what was chosen before."""
        listed = archive.mementos.listed(url, self.window.begin, self.window.end)
        room = len(lines) if self.count is None else max(0, self.count - len(listed))
        return cdx.spread([line for line in lines if line.address not in listed], room)

    # --- the captures -------------------------------------------------------------------------------------------------

    def _request(self, memento: Memento) -> Request:
        url = memento.address.partition("#")[0]
        part = byte_range(memento.address)
        original = Original(
            url=memento.url,
            address=memento.address,
            intermediary=registrable_domain(url) if part else urlsplit(url).hostname or "",
            captured_at=memento.captured_at,
        )
        # a replay's begin in front of the 14 digits, a file's host
        within = urljoin(url, "/") if part else url[: url.index("id_/") - 14]
        return Request(
            url,
            callback=self.parse_capture,
            errback=self.capture_failed,
            dont_filter=True,
            headers={"Range": part, "Accept-Encoding": "identity"} if part else None,
            meta={
                "kind": "page",
                "publisher": self.publisher.name,
                "via": memento.source,
                "original": original,
                "within": within,
                "memento": memento.address,
            },
        )

    async def parse_capture(self, response: Response) -> AsyncIterator[Any]:
        """Hand what came to the pipeline; what of the publisher is in it is read there."""
        self._places.release()
        self._count_one()
        self.tally.fetched += 1
        yield CapturedPage(
            fetched=response.meta["fetched"].pop(),
            tally=self.publisher.name,
            publisher=self.publisher if self.spider is not None else None,
            memento=response.meta["memento"],
        )

    async def capture_failed(self, failure: Failure) -> None:
        """Count a capture that could not be had; the next run tries again, unless that would be in vain."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, ArchiveError):
            return
        self._places.release()
        await self.run.end_hop(request)
        if self.run.stopping:
            return  # the next run asks again
        self._count_one()
        problem = explain(failure.value)
        if problem.not_asked:
            self.tally.left[problem.detail] += 1
        else:
            self.tally.outcomes[problem.outcome] += 1
        self.tally.unreachable += problem.unreachable

        def mark(archive: Archive) -> None:
            if problem.final:
                archive.mementos.end(request.meta["memento"], problem.outcome, problem.detail)
            else:
                archive.mementos.defer(request.meta["memento"], problem.detail)

        await self.run.recorder.write(mark)

    def _count_one(self) -> None:
        self._fetched += 1
        self.tally.remark = self._estimate.words(self._fetched)

    def closed(self, reason: str) -> None:
        """Scrapy calls this at the end."""
        super().closed(reason)
        if reason == "finished":
            self.tally.remark = ""


def _wanted(publisher: str | None, url: str | None) -> tuple[Publisher, tuple[Scope, ...]]:
    """Whose pages, and what to ask the index for. Raises UsageError."""
    known = publishers()
    declared = next((known[name] for name in known if publisher and name.lower() == publisher.lower()), None)
    if publisher is not None and declared is None:
        raise UsageError(f"-a publisher={publisher}: there is no such spider; there are {', '.join(sorted(known))}")
    if url is None:
        if declared is None:
            raise UsageError("whose pages? Give -a publisher=NAME, or -a url=… for a page or the beginning of pages")
        return declared, tuple(Scope(url=domain, match="domain") for domain in declared.domains)
    wanted = Scope(url=url.removesuffix("*"), match="prefix" if url.endswith("*") else "exact")
    if declared is not None and not declared.owns(urlsplit(url).hostname or ""):
        raise UsageError(f"-a url={url}: not a page of {declared.name} ({', '.join(declared.domains)})")
    return declared or publisher_for(url) or publisher_of(url), (wanted,)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise UsageError(f"-a match={text}: not a regular expression: {error}") from error


def _count(text: str) -> int | None:
    """How many captures of each page; None for all."""
    if text in {"one", "all"}:
        return 1 if text == "one" else None
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise UsageError(f"-a captures={text}: one, all, or a number")


def _index_slot(url: str) -> str:
    """Index and captures of one host have a pace each."""
    return f"{urlsplit(url).hostname} (index)"

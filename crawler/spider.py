"""The base of every publisher's spider: sources in, captured pages out. Publisher files add data, seldom code."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive import clock
from archive.errors import ArchiveError, RecordError
from archive.model import Outcome, Sighting
from crawler.arguments import check_arguments, period
from crawler.discovery import Listing, sightings
from crawler.endings import Ending
from crawler.errors import ExtractionError, NothingListed, SourceError
from crawler.failures import RequestFailure, explain
from crawler.fetched import Fetched
from crawler.parts import MAX_DAYS, MAX_DEPTH, MAX_PAST_PAGES, Parts, day_pages, next_page, reaches_back, sitemaps_of
from crawler.periods import day_at, day_of
from crawler.pipelines import CapturedPage
from crawler.publisher import DayArchive, Feed, NewsSitemap, Publisher, Section, Source
from crawler.run import Run
from crawler.sharing.share import Task
from crawler.sources import KINDS, declared_url, missing, part_of, read_source
from crawler.tally import SourceReport, Tally
from crawler.urls import clean_url

NEWS = timedelta(days=7)  # what is announced as younger is left to an ordinary crawl by one that goes into the past
SOURCE_PRIORITY = 10  # before articles: what is announced decides what is fetched


class PublisherSpider(scrapy.Spider):
    """A spider that is all data: it crawls the sources of its `publisher` and fetches the articles they announce.

    1. Each source is fetched; every entry becomes a sighting, known or not.
    2. Sightings that are articles of this publisher are fetched again, known or not: an unchanged one costs a request
       and shows that it still stands there. URLs that an earlier run saw and did not finish come along.
    3. Each page goes, archived, to the pipeline.

    A source or page that fails is counted and recorded, and the others go on.
    """

    publisher: Publisher  # of the class, in a publisher's file
    arguments: ClassVar[Mapping[str, str]] = {
        "url": "crawl this one article instead of the sources",
        "since": "crawl what was published on this day or later, as in 2016-01-01, as far back as the sources reach",
        "until": "the last such day, as in 2016-12-31",
    }
    required: ClassVar[tuple[str, ...]] = ()  # arguments without which the spider does not run

    run: Run
    url: str | None = None

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Take `-a name=value` arguments; raises UsageError for those that `arguments` does not name."""
        check_arguments(type(self), kwargs)
        super().__init__(name, **kwargs)
        self.period = period(kwargs)
        self._sitemaps: Counter[str] = Counter()  # asked for, by source
        self._asked: set[str] = set()
        self._sources: set[str] = set()  # of these, those that are no articles, whoever announces them

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The publisher's own pace; its delay is the least that `PaceMiddleware` takes. See OFFLINE_PACE, too."""
        super().update_settings(settings)
        publisher: Publisher | None = getattr(cls, "publisher", None)
        if settings["OFFLINE_WEB"] and not settings.getfloat("OFFLINE_PACE"):
            settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 8, priority="spider")
        elif publisher is not None:
            settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", publisher.concurrency, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.run = Run.of(crawler)
        return spider

    @property
    def is_shared(self) -> bool:
        """Whether several workers may share this crawl: of a publisher that they all know, and all of it."""
        return "publisher" in vars(type(self)) and self.url is None

    @property
    def tally(self) -> Tally:
        """This publisher's counts."""
        return self.run.tally(self.publisher.name)

    # --- requests -----------------------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Any]:
        """The sources, then what earlier runs left; or the one article of `-a url=…`."""
        self.tally.state = "crawling"
        await self.run.resumed()
        agenda = await self.run.open_publisher(self.publisher, self.name)
        if self.url is not None:
            for request in self.article_requests([clean_url(self.url) or self.url], via="command line"):
                yield request
            return
        async for request in self.source_requests(agenda.sources):
            yield request
        for request in self.article_requests(agenda.pending, via="earlier run"):
            yield request
        if self.period is None:
            for request in self.article_requests(agenda.revisits, via="schedule"):
                yield request

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:
        """Requests for each declared source among `urls`, those that are to be asked now."""
        for source in self.publisher.sources:
            if source.url not in urls:
                continue
            if isinstance(source, DayArchive):
                for url in await self._days(source):
                    yield self.source_request(source, url=url)
            else:
                yield self.source_request(source)

    async def _days(self, source: DayArchive) -> list[str]:
        """The pages of an archive by days that are to be asked for now, newest first."""
        pages = day_pages(source, self.publisher, at=clock.now(), period=self.period)
        if self.period is not None:
            done = await self.run.frontier.settled(self.publisher.name, source.url, pages)
            pages = {url: day for url, day in pages.items() if url not in done}
        if len(pages) > MAX_DAYS:
            left = f"{len(pages) - MAX_DAYS} days are left for the next run, which goes on there"
            self.tally.remarks.append(f"{source.url}: {left}")
        return list(pages)[:MAX_DAYS]

    def source_request(
        self, source: Source, *, url: str | None = None, via: str | None = None, depth: int = 1
    ) -> Request:
        """A request for `source`, or for `url` as a further part of it: the next page, a sitemap of an index."""
        self._asked.add(url or source.url)
        self._sources.add(url or source.url)
        return Request(
            url or source.url,
            callback=self.parse_source,
            errback=self.source_failed,
            priority=SOURCE_PRIORITY,
            dont_filter=True,
            meta={"kind": "source", "publisher": self.publisher.name, "via": via, "source": source, "depth": depth},
        )

    def article_requests(self, urls: Iterable[str], *, via: str) -> Iterator[Request]:
        """A request for each URL that was not asked for in this run; each counts as found."""
        for url in urls:
            if url in self._asked:
                continue
            self._asked.add(url)
            self.tally.found += 1
            yield self._article_request(url, via)

    def _article_request(self, url: str, via: str | None) -> Request:
        return Request(
            url,
            callback=self.parse_article,
            errback=self.article_failed,
            dont_filter=True,
            meta={"kind": "page", "publisher": self.publisher.name, "via": via, "sighting": url},
        )

    def shared_request(self, task: Task) -> Request | None:
        """The request for what was handed to this worker, whoever announced it; None for a source it does not know."""
        if task.source is None:
            self.tally.found += task.url not in self._asked
            self._asked.add(task.url)
            return self._article_request(task.url, task.via)
        declared = (source for source in self.publisher.sources if source.url == task.source)
        source = next(declared, None)
        if source is None:
            return None
        return self.source_request(source, url=task.url, via=task.via, depth=task.depth)

    # --- sources ------------------------------------------------------------------------------------------------------

    async def parse_source(self, response: Response) -> AsyncIterator[Any]:
        """Read a source's entries, store them as sightings, and ask for the articles among them."""
        fetched: Fetched = response.meta["fetched"].pop()
        source: Source = response.meta["source"]
        url = declared_url(response.meta, response.url)
        kind = KINDS[type(source)]
        try:
            if fetched.unmodified:
                for request in await self._unmodified(fetched, source, url, depth=response.meta["depth"]):
                    yield request
                return
            listing = await self.read(fetched, source, response.url)
        except (SourceError, ExtractionError, RecordError) as error:
            outcome = Outcome.NOT_ARTICLE if fetched.capture.status == 200 else Outcome.FAILED
            await self.run.end(fetched, outcome, str(error))
            report = SourceReport(
                url=url, part_of=part_of(source, url), kind=kind, error=str(error), optional=source.optional
            )
            await self.run.end_source(self.publisher.name, report, fetched)
            return
        for request in await self.follow(listing, fetched, source, url, depth=response.meta["depth"]):
            yield request

    async def follow(
        self, listing: Listing, fetched: Fetched, source: Source, url: str, *, depth: int = 1
    ) -> list[Request]:
        """Record what a source held; return requests for its articles and for the further parts of the source."""
        kind = KINDS[type(source)]
        count = len(listing.entries) or len(listing.sitemaps)
        articles, new = await self._sight(listing, source, url, fetched.capture.captured_at)
        await self.run.end(fetched, Outcome.NOT_ARTICLE, f"{kind}: {count} {'entry' if count == 1 else 'entries'}")
        parts = await self._parts(listing, source, url, depth=depth, new=new)
        report = SourceReport(
            url=url,
            part_of=part_of(source, url),
            kind=kind,
            entries=count,
            new=new,
            optional=source.optional,
            **missing(listing, parts.remark),
        )
        await self.run.end_source(self.publisher.name, report, fetched)
        further = [self.source_request(source, url=part, via=url, depth=depth + 1) for part in parts.urls]
        return [*self.article_requests(articles, via=url), *further]

    async def _unmodified(self, fetched: Fetched, source: Source, url: str, *, depth: int) -> list[Request]:
        """Record that a source has not changed; return requests for what it names: the sitemaps of an index may have.

        Raises RecordError, SourceError and ExtractionError where the index cannot be read again.
        """
        parts = Parts()
        if isinstance(source, NewsSitemap):
            http = await self.run.referred(fetched)
            index = await self.run.workers.run(read_source, http, source=source, url=url)
            parts = await self._parts(index, source, url, depth=depth, new=0)
        await self.run.end(fetched, Outcome.NOT_ARTICLE, f"{KINDS[type(source)]}: not modified")
        report = SourceReport(
            url=url, part_of=part_of(source, url), kind=KINDS[type(source)], modified=False, remark=parts.remark
        )
        await self.run.end_source(self.publisher.name, report, fetched)
        return [self.source_request(source, url=part, via=url, depth=depth + 1) for part in parts.urls]

    async def read(self, fetched: Fetched, source: Source, url: str) -> Listing:
        """The source's entries, read in a worker. Raises SourceError, or ExtractionError if the worker was killed."""
        status, kind = fetched.capture.status, KINDS[type(source)]
        if status != 200:
            raise SourceError(f"{kind} {url}: answered {status}")
        try:
            return await self.run.workers.run(read_source, fetched.take(), source=source, url=url)
        except NothingListed:
            if isinstance(source, Section) and source.pages is not None and url != source.url:
                return Listing()  # behind the last of its numbered pages
            raise

    async def _sight(self, listing: Listing, source: Source, url: str, seen_at: datetime) -> tuple[list[str], int]:
        """Store the sightings of a listing; return the URLs to fetch and how many are new. The others end here."""
        # A sitemap may have 50,000 entries: seconds in which everything else would stand still
        clean = partial(sightings, publisher=self.publisher.name, source=url, seen_at=seen_at)
        seen = await asyncio.to_thread(clean, listing.entries)
        if not seen:
            return [], 0
        others = await asyncio.to_thread(self._not_asked_for, seen, source)
        # Today's news wait for an ordinary crawl: this one may be the only one to see them announced
        past = {url: f"of {day}, which was not asked for" for url, day in others.items() if day < self._news_since()}
        new, known = await self.run.frontier.record_sightings(seen, past)
        self.tally.new += new
        wanted = (sighting.url for sighting in seen if sighting.url not in self._sources)
        articles = [url for url in wanted if self.is_article(url, source)]
        foreign = {sighting.url for sighting in seen}.difference(articles, known)
        await self.run.frontier.end_sightings(sorted(foreign), Outcome.NOT_ARTICLE, "no article URL of this publisher")
        return [url for url in articles if url not in known and url not in others], new

    def _news_since(self) -> date:
        return (clock.now() - NEWS).date()

    def is_article(self, url: str, source: Source) -> bool:  # noqa: ARG002 - subclasses may trust some sources more
        """Whether `url`, which `source` announced, is to be fetched: an article, at one of the publisher's hosts."""
        return self.publisher.owns(urlsplit(url).hostname or "") and self.publisher.is_article(url)

    def _not_asked_for(self, seen: Sequence[Sighting], source: Source) -> dict[str, date]:
        """The sightings that are not of the period asked for, with their day.

        A story whose announcement tells no day is of the day's page or sitemap that lists it, or else of today.
        """
        if self.period is None:
            return {}
        present = isinstance(source, (Feed, Section))
        others = {}
        for sighting in seen:
            day = day_of(sighting, self.publisher)
            if day is None and present:
                day = day_at(sighting.seen_at, self.publisher.timezone)
            if day is not None and day not in self.period:
                others[sighting.url] = day
        return others

    async def _parts(self, listing: Listing, source: Source, url: str, *, depth: int, new: int) -> Parts:
        """The further parts of a source that are to be asked for: the sitemaps of an index, the next page of a list."""
        if listing.sitemaps and depth < MAX_DEPTH:
            asked = self._sitemaps[source.url]
            parts = sitemaps_of(listing, source, self.publisher, at=clock.now(), period=self.period, asked=asked)
            fresh = tuple(part for part in parts.urls if part not in self._asked)
            self._sitemaps[source.url] += len(fresh)
            return replace(parts, urls=fresh)
        following = next_page(listing, source, url, depth=depth, until=self._most_pages(listing, source, url))
        if following is None or following in self._asked:
            return Parts()
        # A page without news is the last, unless an earlier run was killed between it and the next
        if (
            self.period is None
            and new == 0
            and await self.run.frontier.was_followed(self.publisher.name, url, following)
        ):
            return Parts()
        return Parts(urls=(following,))

    def _most_pages(self, listing: Listing, source: Source, url: str) -> int:
        """How many pages of a list are read: further back where a period is asked for and its dates lead there."""
        most = source.max_pages if isinstance(source, (Section, DayArchive)) else 1
        if self.period is None or not isinstance(source, Section):
            return most
        listed = sightings(listing.entries, publisher=self.publisher.name, source=url, seen_at=clock.now())
        days = (day_of(sighting, self.publisher) for sighting in listed)
        return MAX_PAST_PAGES if reaches_back(days, self.period) else most

    async def source_failed(self, failure: Failure) -> None:
        """Record a source that brought no response."""
        request: Request = failure.request  # type: ignore[attr-defined]
        problem = await self._problem(failure.value, request)
        if problem is None:
            return
        kind = KINDS[type(request.meta["source"])]
        url = declared_url(request.meta, request.url)
        report = SourceReport(
            url=url,
            kind=kind,
            error=problem.detail,
            unreachable=problem.unreachable,
            not_asked=problem.not_asked,
            optional=request.meta["source"].optional,
            part_of=part_of(request.meta["source"], url),
        )
        await self.run.end_source(self.publisher.name, report)

    async def _problem(self, error: BaseException | None, request: Request) -> RequestFailure | None:
        """Why a request brought no response; None where that says nothing of the site: the next run asks again."""
        if isinstance(error, ArchiveError):
            return None
        await self.run.end_hop(request)
        return None if self.run.stopping else explain(error)

    # --- articles -----------------------------------------------------------------------------------------------------

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        """Hand a captured page to the pipeline."""
        self.tally.fetched += 1
        yield CapturedPage(
            fetched=response.meta["fetched"].pop(),
            tally=self.publisher.name,
            publisher=self.publisher,
            sighting=response.meta["sighting"],
        )

    async def article_failed(self, failure: Failure) -> None:
        """Count an article that brought no response. One that may come yet stays in the frontier for the next run."""
        request: Request = failure.request  # type: ignore[attr-defined]
        problem = await self._problem(failure.value, request)
        if problem is None:
            return
        if problem.not_asked:
            self.tally.left[problem.detail] += 1
            await self.run.frontier.leave_sighting(request.meta["sighting"], problem.detail)
            return
        self.tally.outcomes[problem.outcome] += 1
        self.tally.unreachable += problem.unreachable
        if problem.final:
            await self.run.frontier.end_sightings([request.meta["sighting"]], problem.outcome, problem.detail)
        else:
            ending = Ending(outcome=problem.outcome, detail=problem.detail)
            await self.run.frontier.defer_sighting(request.meta["sighting"], self.publisher.name, ending)

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Scrapy calls this at the end."""
        self.tally.state = "done"

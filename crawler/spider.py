"""The base of every publisher's spider: sources in, captured pages out. Publisher files add data, seldom code."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive.errors import ArchiveError, RecordError
from archive.model import Outcome
from crawler.arguments import check_arguments
from crawler.discovery import Listing, sightings
from crawler.endings import Ending
from crawler.errors import ExtractionError, SourceError
from crawler.failures import explain
from crawler.pipelines import CapturedPage
from crawler.publisher import NewsSitemap, Publisher, Section, Source
from crawler.run import Fetched, Run
from crawler.sitemaps import MAX_DEPTH
from crawler.sources import KINDS, declared_url, missing, read_source
from crawler.tally import SourceReport, Tally
from crawler.urls import clean_url

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
    arguments: ClassVar[Mapping[str, str]] = {"url": "crawl this one article instead of the sources"}
    required: ClassVar[tuple[str, ...]] = ()  # arguments without which the spider does not run

    run: Run
    url: str | None = None

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Take `-a name=value` arguments; raises UsageError for those that `arguments` does not name."""
        check_arguments(type(self), kwargs)
        super().__init__(name, **kwargs)
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
        for request in self.article_requests(agenda.revisits, via="schedule"):
            yield request

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:
        """One request for each declared source among `urls`, those that are to be asked now."""
        for source in self.publisher.sources:
            if source.url in urls:
                yield self.source_request(source)

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
            yield Request(
                url,
                callback=self.parse_article,
                errback=self.article_failed,
                dont_filter=True,
                meta={"kind": "page", "publisher": self.publisher.name, "via": via, "sighting": url},
            )

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
            report = SourceReport(url=url, kind=kind, error=str(error), discontinued=source.discontinued)
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
        report = SourceReport(url=url, kind=kind, entries=count, new=new, **missing(listing))
        await self.run.end_source(self.publisher.name, report, fetched)
        return [*self.article_requests(articles, via=url), *self._further(listing, source, url, depth)]

    async def _unmodified(self, fetched: Fetched, source: Source, url: str, *, depth: int) -> list[Request]:
        """Record that a source has not changed; return requests for what it names: the sitemaps of an index may have.

        Raises RecordError, SourceError and ExtractionError where the index cannot be read again.
        """
        further: list[Request] = []
        if isinstance(source, NewsSitemap):
            http = await self.run.referred(fetched)
            index = await self.run.workers.run(read_source, http, source=source, url=url)
            further = list(self._further(index, source, url, depth))
        await self.run.end(fetched, Outcome.NOT_ARTICLE, f"{KINDS[type(source)]}: not modified")
        report = SourceReport(url=url, kind=KINDS[type(source)], modified=False)
        await self.run.end_source(self.publisher.name, report, fetched)
        return further

    async def read(self, fetched: Fetched, source: Source, url: str) -> Listing:
        """The source's entries, read in a worker. Raises SourceError, or ExtractionError if the worker was killed."""
        status, kind = fetched.capture.status, KINDS[type(source)]
        if status != 200:
            raise SourceError(f"{kind} {url}: answered {status}")
        return await self.run.workers.run(read_source, fetched.take(), source=source, url=url)

    async def _sight(self, listing: Listing, source: Source, url: str, seen_at: datetime) -> tuple[list[str], int]:
        """Store the sightings of a listing; return the URLs to fetch and how many are new. The others end here."""
        # A sitemap may have 50,000 entries: seconds in which everything else would stand still
        clean = partial(sightings, publisher=self.publisher.name, source=url, seen_at=seen_at)
        seen = await asyncio.to_thread(clean, listing.entries)
        if not seen:
            return [], 0
        new, known = await self.run.record_sightings(seen)
        self.tally.new += new
        wanted = (sighting.url for sighting in seen if sighting.url not in self._sources)
        articles = [url for url in wanted if self.is_article(url, source)]
        others = {sighting.url for sighting in seen}.difference(articles, known)
        await self.run.end_sightings(sorted(others), Outcome.NOT_ARTICLE, "no article URL of this publisher")
        return [url for url in articles if url not in known], new

    def is_article(self, url: str, source: Source) -> bool:  # noqa: ARG002 - subclasses may trust some sources more
        """Whether `url`, which `source` announced, is to be fetched: an article, at one of the publisher's hosts."""
        return self.publisher.owns(urlsplit(url).hostname or "") and self.publisher.is_article(url)

    def _further(self, listing: Listing, source: Source, via: str, depth: int) -> Iterator[Request]:
        """The sitemaps of an index, or the next page of a section."""
        if isinstance(source, NewsSitemap) and depth < MAX_DEPTH:
            for sitemap in listing.sitemaps:
                if (url := clean_url(sitemap, source.url)) and url not in self._asked:
                    yield self.source_request(source, url=url, via=via, depth=depth + 1)
        if isinstance(source, Section) and listing.next_page and depth < source.max_pages:
            yield self.source_request(source, url=listing.next_page, via=via, depth=depth + 1)

    async def source_failed(self, failure: Failure) -> None:
        """Record a source that brought no response."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, ArchiveError):
            return
        await self.run.end_hop(request)
        if self.run.stopping:
            return  # the next run asks again
        problem = explain(failure.value)
        kind = KINDS[type(request.meta["source"])]
        url = declared_url(request.meta, request.url)
        report = SourceReport(
            url=url,
            kind=kind,
            error=problem.detail,
            unreachable=problem.unreachable,
            not_asked=problem.not_asked,
            discontinued=request.meta["source"].discontinued,
        )
        await self.run.end_source(self.publisher.name, report)

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
        if isinstance(failure.value, ArchiveError):
            return
        await self.run.end_hop(request)
        if self.run.stopping:
            return  # the next run asks again
        problem = explain(failure.value)
        if problem.not_asked:
            self.tally.left[problem.detail] += 1
            await self.run.leave_sighting(request.meta["sighting"], problem.detail)
            return
        self.tally.outcomes[problem.outcome] += 1
        self.tally.unreachable += problem.unreachable
        if problem.final:
            await self.run.end_sightings([request.meta["sighting"]], problem.outcome, problem.detail)
        else:
            ending = Ending(outcome=problem.outcome, detail=problem.detail)
            await self.run.defer_sighting(request.meta["sighting"], self.publisher.name, ending)

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Scrapy calls this at the end."""
        self.tally.state = "done"

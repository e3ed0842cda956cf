"""Any news site by its address: `scrapy crawl site -a url=https://www.example.org/`.

Finds the site's feeds and sitemaps (home page, robots.txt, the usual places) and extracts their pages the generic way.
"""

import re
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from archive.errors import ArchiveError
from archive.http_message import parse_response
from archive.model import Outcome
from crawler.discovery import FoundSources, common_places, find_sources
from crawler.errors import ExtractionError, SourceError
from crawler.failures import explain
from crawler.middlewares.robots import RobotsMiddleware
from crawler.pipelines import CapturedPage
from crawler.publisher import Feed, NewsSitemap, Publisher, Source, publisher_for
from crawler.run import Fetched
from crawler.spider import PublisherSpider
from crawler.tally import SourceReport
from crawler.urls import clean_url, registrable_domain
from crawler.workers import MAX_BODY

MAX_FEEDS = 10  # of those a home page declares: its main feed and its sections, not a feed for every tag
MAX_SITEMAPS = 5


class SiteSpider(PublisherSpider):
    """A site and the sources found on it: the publisher that a file declares for it, or one made up from its domain."""

    name = "site"
    arguments: ClassVar[Mapping[str, str]] = {"url": "the site's address, as in https://www.example.org/"}
    required: ClassVar[tuple[str, ...]] = ("url",)

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Takes `url`."""
        super().__init__(name, **kwargs)
        self.home = str(clean_url(kwargs["url"]))
        self.url = None
        self.publisher = publisher_for(self.home) or publisher_of(self.home)

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:  # noqa: ARG002 - none is declared
        """Requests for the sources that the site declares; where it declares none, for what the usual places hold."""
        found = await self._declared()
        if found is None:
            return
        sources = _sources(found.feeds[:MAX_FEEDS], _news_first(found.sitemaps)[:MAX_SITEMAPS])
        for source in sources:
            yield self.source_request(source)
        if sources:
            return
        places = common_places(self.home)
        for candidates in (_sources(places.feeds, ()), _sources((), places.sitemaps)):
            for source in candidates:
                requests = await self._try(source)
                for request in requests:
                    yield request
                if requests:
                    return
        await self._nothing(f"{self.home}: no feed and no sitemap, neither declared nor in the usual places")

    async def _declared(self) -> FoundSources | None:
        """What home page and robots.txt name, or None when the home page cannot be had."""
        try:
            response = await self._download(self.home)
        except Exception as error:
            problem = explain(error)
            if isinstance(error, ArchiveError):
                raise
            not_asked, unreachable = problem.not_asked, problem.unreachable
            await self._nothing(f"{self.home}: {problem.detail}", unreachable=unreachable, not_asked=not_asked)
            return None
        fetched: Fetched = response.meta["fetched"].pop()
        http = fetched.take()
        await self.run.end(fetched, Outcome.NOT_ARTICLE, "home page")
        if fetched.capture.status != 200:
            await self._nothing(f"{self.home}: the home page answered {fetched.capture.status}")
            return None
        # https://example.org may lead to https://www.example.news: both are the publisher's
        domains = dict.fromkeys((*self.publisher.domains, *publisher_of(response.url).domains))
        self.publisher = replace(self.publisher, domains=tuple(domains))
        robots = await self._robots(response.url)
        try:
            return await self.run.workers.run(read_home, http, url=response.url, robots=robots)
        except ExtractionError as error:
            await self._nothing(f"{self.home}: the home page cannot be read: {error}")
            return find_sources(b"", response.url, robots=robots)

    async def _robots(self, url: str) -> str:
        """The Sitemap lines of the robots.txt, which the middleware has fetched already."""
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        rules = (await middleware.rules(url)).robots if middleware is not None else None
        return "\n".join(f"Sitemap: {sitemap}" for sitemap in rules.sitemaps) if rules is not None else ""

    async def _try(self, source: Source) -> list[Request]:
        """Look for `source`. A miss is no failure, only a capture that ends as not_article."""
        try:
            response = await self._download(source.url)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - robots.txt, a wall, a timeout: not here
            self.logger.info("%s: %s", source.url, explain(error).detail)
            return []
        fetched: Fetched = response.meta["fetched"].pop()
        try:
            listing = await self.read(fetched, source, response.url)
        except (SourceError, ExtractionError) as error:
            await self.run.end(fetched, Outcome.NOT_ARTICLE, f"looked for a source: {error}")
            return []
        return await self.follow(listing, fetched, source, response.url)

    async def _download(self, url: str) -> Response:
        """One exchange, redirects followed, outside the queue."""
        meta = {"kind": "source", "publisher": self.publisher.name, "via": self.home}
        request = Request(url, callback=NO_CALLBACK, dont_filter=True, meta=meta)
        try:
            return await self.crawler.engine.download_async(request)
        except Exception:
            await self.run.end_hop(request)
            raise

    async def _nothing(self, error: str, *, unreachable: bool = False, not_asked: bool = False) -> None:
        report = SourceReport(url=self.home, kind="site", error=error, unreachable=unreachable, not_asked=not_asked)
        await self.run.end_source(self.publisher.name, report)

    def is_article(self, url: str, source: Source) -> bool:
        """A feed announces articles; of a sitemap's URLs those are taken that look like one."""
        if isinstance(source, Feed):
            parts = urlsplit(url)
            return self.publisher.owns(parts.hostname or "") and parts.path.strip("/") != ""
        return super().is_article(url, source)

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        """As every publisher's; whose design a page may have, and what zone its clock shows, its domain decides."""
        async for item in super().parse_article(response):
            yield CapturedPage(fetched=item.fetched, tally=item.tally, publisher=None, sighting=item.sighting)


def read_home(http: bytes, *, url: str, robots: str) -> FoundSources:
    """In a worker: the sources that a home page and the robots.txt beside it name, from the response's raw bytes."""
    message = parse_response(http, max_body=MAX_BODY)
    return find_sources(message.body, url, robots=robots, content_type=message.content_type)


def publisher_of(url: str) -> Publisher:
    """What an address alone says of a publisher: the registrable domain, or the host where there is none."""
    domain = registrable_domain(url)
    return Publisher(
        name=domain,
        homepage=url,
        country="",
        languages=(),
        timezone="UTC",
        domains=(domain,),
        sources=(),
        # /2026/11/22/bridge-reopens/ · /world/473849-bridge-reopens/ · /news/bridge-reopens-after-flood · /a/70012345
        article_url=r"/[^/?#]*(?:\d{4,}|\w-\w[^/?#-]*-\w)",
        # /tag/flood-relief-fund/ · /author/a-b-c · /photo-of-the-day/2026/ · /report-2026-11.pdf
        not_article_url=r"(?i)/(?:tags?|topics?|categor(?:y|ies)|authors?|search|galler(?:y|ies)|videos?|podcasts?)/"
        r"|\.(?:pdf|jpe?g|png|gif|mp[34]|zip|xml)$",
    )


def _sources(feeds: tuple[str, ...], sitemaps: tuple[str, ...]) -> list[Source]:
    return [*(Feed(feed) for feed in feeds), *(NewsSitemap(sitemap) for sitemap in sitemaps)]


def _news_first(sitemaps: tuple[str, ...]) -> tuple[str, ...]:
    """https://example.org/sitemap-news.xml before https://example.org/sitemap-pages.xml: it holds the last two days."""
    return tuple(sorted(sitemaps, key=lambda sitemap: not re.search(r"news|latest", urlsplit(sitemap).path)))

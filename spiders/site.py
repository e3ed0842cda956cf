"""Any news site by its address: `scrapy crawl site -a url=https://www.example.org/`.

Finds the site's feeds and sitemaps (home page, robots.txt, the usual places) and extracts their pages the generic way.
"""

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
from crawler.discovery import Listing
from crawler.errors import ExtractionError, SourceError
from crawler.failures import explain
from crawler.fetched import Fetched
from crawler.middlewares.robots import RobotsMiddleware
from crawler.pipelines import CapturedPage
from crawler.publisher import Feed, Publisher, Source, publisher_for
from crawler.scouting import scout
from crawler.site_hints import Hints, read_hints
from crawler.sources import KINDS
from crawler.spider import PublisherSpider
from crawler.tally import SourceReport
from crawler.urls import clean_url, registrable_domain
from crawler.workers import MAX_BODY


class SiteSpider(PublisherSpider):
    """A site and the sources found on it: the publisher that a file declares for it, or one made up from its domain."""

    name = "site"
    arguments: ClassVar[Mapping[str, str]] = {
        **PublisherSpider.arguments,
        "url": "the site's address, as in https://www.example.org/",
    }
    required: ClassVar[tuple[str, ...]] = ("url",)

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """Takes `url`."""
        super().__init__(name, **kwargs)
        self.home = str(clean_url(kwargs["url"]))
        self.url = None
        self.publisher = publisher_for(self.home) or publisher_of(self.home)

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:  # noqa: ARG002 - none is declared
        """Look for the site's sources; requests for what they announce, and for their further parts."""
        hints = await self._home()
        if hints is None:
            return
        look = _CrawlLook(self)
        found = await scout(look, self.home, hints)
        for source in [one.source for one in found]:
            fetched, listing = look.seen.pop(source)
            for request in await self.follow(listing, fetched, source, source.url):
                yield request
        await look.put_aside()
        if not found and not look.problems:
            await self._nothing(f"{self.home}: no feed and no sitemap, neither declared nor in the usual places")

    async def _home(self) -> Hints | None:
        """What home page and robots.txt show, or None when the home page cannot be had."""
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
        self.home = response.url
        sitemaps = await self._robots(response.url)
        try:
            return await self.run.workers.run(read_page, http, url=response.url, sitemaps=sitemaps)
        except ExtractionError as error:
            await self._nothing(f"{self.home}: the home page cannot be read: {error}")
            return read_hints(b"", response.url, sitemaps=sitemaps)

    async def look_at(self, url: str) -> tuple[Fetched, Response] | str:
        """An exchange whose capture waits for its outcome, or what came in its place."""
        try:
            response = await self._download(url)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - robots.txt, a wall, a timeout: not here
            return explain(error).detail
        return response.meta["fetched"].pop(), response

    async def _robots(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt names, which the middleware has fetched already."""
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        rules = (await middleware.rules(url)).robots if middleware is not None else None
        return tuple(rules.sitemaps) if rules is not None else ()

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


class _CrawlLook:
    """How candidates are looked at in a crawl: each is archived, and waits to be followed or put aside."""

    def __init__(self, spider: SiteSpider) -> None:
        self._spider = spider
        self.seen: dict[Source, tuple[Fetched, Listing]] = {}
        self.problems: list[str] = []
        self._pages: dict[str, tuple[bytes, str]] = {}  # of candidates that were no feeds: they may list some

    async def listing(self, source: Source, *, named: bool) -> Listing | None:
        """See `crawler.scouting.Look`. A source that the site names, and that cannot be read, is reported."""
        spider = self._spider
        came = await spider.look_at(source.url)
        if isinstance(came, str):
            await self._missing(source, came, named=named)
            return None
        fetched, response = came
        http = fetched.http
        try:
            listing = await spider.read(fetched, source, response.url)
        except (SourceError, ExtractionError) as error:
            if fetched.capture.status == 200:
                self._pages[source.url] = (http, response.url)
            await spider.run.end(fetched, Outcome.NOT_ARTICLE, f"looked for a source: {error}")
            await self._missing(source, str(error), named=named)
            return None
        self.seen[source] = (fetched, listing)
        return listing

    async def hints(self, url: str) -> Hints | None:
        """See `crawler.scouting.Look`. The page was fetched already, for a feed."""
        if url not in self._pages:
            return None
        http, at = self._pages[url]
        try:
            return await self._spider.run.workers.run(read_page, http, url=at, sitemaps=())
        except ExtractionError:
            return None

    async def put_aside(self) -> None:
        """End the captures of sources that were found and are not wanted: doubles, comments, the whole past."""
        for fetched, _ in self.seen.values():
            await self._spider.run.end(fetched, Outcome.NOT_ARTICLE, "looked for a source: another one serves")

    async def _missing(self, source: Source, problem: str, *, named: bool) -> None:
        self._spider.logger.info("%s: %s", source.url, problem)
        if named:
            self.problems.append(problem)
            report = SourceReport(url=source.url, kind=KINDS[type(source)], error=problem)
            await self._spider.run.end_source(self._spider.publisher.name, report)


def read_page(http: bytes, *, url: str, sitemaps: tuple[str, ...]) -> Hints:
    """In a worker: what a page shows of its site's sources, from the response's raw bytes."""
    message = parse_response(http, max_body=MAX_BODY)
    return read_hints(message.body, url, sitemaps=sitemaps, content_type=message.content_type)


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

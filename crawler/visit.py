"""Looking at a few pages of the live web from a command, as politely as a crawl, and keeping nothing.

The same handlers and middlewares as in a crawl: robots.txt, delays, user agent, no private addresses, the offline web
where there is one. No archive is opened, so nothing that is looked at here may become an article.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

import scrapy
from scrapy import Request
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http.request import NO_CALLBACK

from archive import clock
from archive.errors import DatelineError
from archive.model import Outcome, Page
from crawler import conduct
from crawler.errors import AddressRefused, CrawlError, HostUnreachable, PageRefused, UsageError
from crawler.failures import explain
from crawler.middlewares.robots import RobotsMiddleware
from crawler.middlewares.scope import OutOfScope
from crawler.resolver import OfflineWeb
from crawler.urls import clean_url

T = TypeVar("T")


class Visit:
    """What an errand may ask for."""

    def __init__(self, spider: scrapy.Spider) -> None:
        self._spider = spider

    async def page(self, url: str) -> Page:
        """The page at `url`, redirects followed, whatever its status. Its `url` is where the redirects led.

        Raises UsageError (no web address), PageRefused (robots.txt, a private address), HostUnreachable, and CrawlError
        for what else goes wrong on the way.
        """
        address = clean_url(url)
        if address is None:
            raise UsageError(f"{url}: not an http or https URL")
        request = Request(address, callback=NO_CALLBACK, dont_filter=True, meta={"kind": "page"})
        asked_at = clock.now()
        try:
            response = await self._spider.crawler.engine.download_async(request)
        except Exception as error:
            raise _refusal(address, error) from error
        content_type = response.headers.get(b"Content-Type")
        return Page(
            url=response.url,
            body=response.body,
            captured_at=asked_at,
            status=response.status,
            content_type=content_type.decode("latin-1") if content_type else None,
        )

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of `url`'s site names; it was read before the first page was fetched."""
        middleware = self._spider.crawler.get_downloader_middleware(RobotsMiddleware)
        robots = (await middleware.rules(url)).robots if middleware is not None else None
        return tuple(robots.sitemaps) if robots is not None else ()


Errand = Callable[[Visit], Awaitable[T]]


class _Errand(scrapy.Spider, Generic[T]):
    """Runs an errand instead of crawling."""

    name = "visit"

    def __init__(self, errand: Errand[T], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.errand = errand

    async def start(self) -> AsyncIterator[Any]:
        """Do the errand; yields nothing: there is nothing to crawl."""
        await self.errand(Visit(self))
        return
        yield


def visit(process: AsyncCrawlerProcess, errand: Errand[T]) -> T:
    """Run `errand` with a `Visit` and return its result, or raise what it raised. `process` cannot be started again.

    Raises ConfigurationError where no contact is set, and KeyboardInterrupt when it was stopped before its end.
    """
    conduct.check(process.settings)
    if process.settings["OFFLINE_WEB"]:
        OfflineWeb.parse(process.settings["OFFLINE_WEB"])
    ended: list[tuple[T | None, Exception | None]] = []

    async def noted(looking: Visit) -> None:
        try:
            ended.append((await errand(looking), None))
        except Exception as error:  # noqa: BLE001 - Scrapy would log it and go on; it is raised again below
            ended.append((None, error))

    process.crawl(_Errand, errand=noted)
    process.start()
    if not ended:
        raise KeyboardInterrupt
    result, error = ended[0]
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _refusal(url: str, error: Exception) -> DatelineError:
    """What a failed request means, as an error of the tree."""
    problem = explain(error)
    detail = problem.detail if url in problem.detail else f"{url}: {problem.detail}"
    if problem.unreachable:
        return HostUnreachable(detail)
    refused = problem.outcome is Outcome.BLOCKED or isinstance(error, (AddressRefused, OutOfScope))
    return PageRefused(detail) if refused or isinstance(error.__cause__, AddressRefused) else CrawlError(detail)

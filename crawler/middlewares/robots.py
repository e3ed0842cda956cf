"""robots.txt as RFC 9309 has it: a site that cannot be asked is not crawled, a site without the file may be.

Scrapy's own middleware parses whatever comes back, so that the error page of a 503 allows everything, obeys the body of
a 404, and ignores Crawl-delay.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive.errors import ArchiveError
from archive.http_message import parse_response
from archive.model import Outcome
from crawler.run import Fetched, Run

MAX_SIZE = 512 * 1024  # bytes that are parsed; RFC 9309 section 2.5 asks for at least 500 KiB
PRIORITY = 1000


class DisallowedByRobots(IgnoreRequest):
    """The site's robots.txt does not let us fetch this URL."""


class RobotsUnreachable(DisallowedByRobots):
    """The site's robots.txt could not be read, so nothing of the site may be. `__cause__` is the error, if one was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The verdict on one site. Exactly one of `problem` (nothing allowed) and `robots` (None: all allowed) speaks."""

    robots: Any = None  # a Protego, which has no types
    problem: str | None = None
    cause: Exception | None = None

    def check(self, url: str, agent: str) -> None:
        """Raise DisallowedByRobots if `url` must not be fetched."""
        if self.problem is not None:
            raise RobotsUnreachable(self.problem) from self.cause
        if self.robots is not None and not self.robots.can_fetch(url, agent):
            raise DisallowedByRobots(f"robots.txt disallows {url}")

    def delay(self, agent: str) -> float | None:
        """Crawl-delay in seconds, which RFC 9309 does not know and many sites state."""
        stated = self.robots.crawl_delay(agent) if self.robots is not None else None
        return float(stated) if stated is not None else None


def read_robots(status: int, body: bytes) -> Rules:
    """The rules that an answer to `/robots.txt` makes (RFC 9309 section 2.3.1).

    2xx: what the file says · 4xx: all allowed, even if it has a body · anything else (5xx, a redirect that leads
    nowhere): nothing allowed.
    """
    if 200 <= status < 300:
        return Rules(robots=Protego.parse(body[:MAX_SIZE].decode("utf-8-sig", "replace")))
    if 400 <= status < 500:
        return Rules()
    return Rules(problem=f"robots.txt answered {status}: the site counts as closed until it can be read")


class RobotsMiddleware:
    """Asks each site's robots.txt once a run, archives it, and holds requests to it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.agent: str = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self.max_delay = settings.getfloat("CRAWL_DELAY_MAX")
        self._rules: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise DisallowedByRobots or RobotsUnreachable for a request that must not be made."""
        if request.meta.get("kind") == "robots":
            return
        with self._counted(request):
            rules = await self.rules(request.url)
        rules.check(request.url, self.agent)
        delay = rules.delay(self.agent)
        if delay:
            self._slow_down(request, min(delay, self.max_delay))

    @contextmanager
    def _counted(self, request: Request) -> Iterator[None]:
        """Count a request that waits for robots.txt among its host's, as if it were under way.

        Scrapy takes the next request from the host with the fewest under way. Those that wait here are not among them,
        so one host with a long list and a silent robots.txt would fill all places and keep every other host waiting.
        """
        _, slot = self.crawler.engine.downloader._get_slot(request)
        slot.active.add(request)
        try:
            yield
        finally:
            slot.active.discard(request)

    async def rules(self, url: str) -> Rules:
        """The rules of the site of `url`. The file is fetched once, however many requests wait for it."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        task = self._rules.get(site)
        if task is None:
            task = self._rules[site] = asyncio.ensure_future(self._fetch(site))
        return await asyncio.shield(task)

    async def _fetch(self, site: str) -> Rules:
        spider = self.crawler.spider
        publisher = getattr(spider, "publisher", None)
        request = Request(
            f"{site}/robots.txt",
            priority=PRIORITY,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={"kind": "robots", "publisher": publisher.name if publisher is not None else None},
        )
        run = Run.find(self.crawler)
        try:
            response = await self.crawler.engine.download_async(request)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the file could not be read
            if run is not None:
                await run.end_hop(request)
            return Rules(problem=f"{site}/robots.txt cannot be read", cause=error)
        if run is None:
            return read_robots(response.status, response.body)
        fetched: Fetched = response.meta["fetched"].pop()
        message = parse_response(fetched.take(), max_body=MAX_SIZE)
        await run.end(fetched, Outcome.NOT_ARTICLE, "robots")
        return read_robots(message.status, message.body)

    def _slow_down(self, request: Request, delay: float) -> None:
        """Hold the host's slot to its Crawl-delay, and keep AutoThrottle from shortening it."""
        slot = self.crawler.engine.downloader.slots.get(str(urlsplit(request.url).hostname))
        if slot is not None and slot.delay < delay:
            slot.delay, slot.jitter = delay, 0.0  # Scrapy's jitter would go down to half of it
        request.meta["autothrottle_dont_adjust_delay"] = True

"""robots.txt as RFC 9309 has it: a site that cannot be asked is not crawled, a site without the file may be.

Scrapy's own middleware parses whatever comes back, so that the error page of a 503 allows everything, obeys the body of
a 404, and ignores Crawl-delay. There is no switch for this one (see `crawler.conduct`).
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive import clock
from archive.errors import ArchiveError
from archive.http_message import parse_response
from archive.model import Outcome
from crawler import robots
from crawler.fetched import Fetched
from crawler.middlewares.pace import HostLeftAlone, PaceMiddleware
from crawler.middlewares.waiting import counted
from crawler.robots import Robots
from crawler.run import Run

PRIORITY = 1000


class DisallowedByRobots(IgnoreRequest):
    """The site's robots.txt does not let us fetch this URL."""


class RobotsUnreachable(DisallowedByRobots):
    """The site's robots.txt could not be read, so nothing of the site may be. `__cause__` is the error, if one was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The verdict on one site. Exactly one of `problem` (nothing allowed) and `robots` (None: all allowed) speaks."""

    robots: Robots | None = None
    problem: str | None = None
    cause: Exception | None = None

    def check(self, url: str) -> None:
        """Raise DisallowedByRobots if `url` must not be fetched."""
        if self.problem is not None:
            raise RobotsUnreachable(self.problem) from self.cause
        if self.robots is not None and not self.robots.allows(url):
            raise DisallowedByRobots(f"robots.txt disallows {url}")

    @property
    def delay(self) -> float | None:
        """Seconds from one request to the next, where the file states them."""
        return self.robots.delay if self.robots is not None else None


def read_robots(status: int, body: bytes, agent: str, *, incomplete: str | None = None) -> Rules:
    """The rules that an answer to `/robots.txt` makes for the product token `agent` (RFC 9309 section 2.3.1).

    `incomplete` says why the body may not be all that the server had.

    - 2xx: what the file says; all allowed where it is empty, or a page. One that came in part closes the site.
    - 4xx but 429: all allowed, even if it has a body: the site has no such file.
    - 429: nothing allowed. It says that we ask too much, not that there is no file; to go on to the pages would be the
      contrary of what is asked. (So does Google.)
    - anything else (5xx, a redirect that leads nowhere): nothing allowed.
    """
    if 200 <= status < 300:
        if incomplete is not None and len(body) < robots.MAX_SIZE:
            return Rules(problem=f"robots.txt came in part ({incomplete}): the site counts as closed")
        return Rules(robots=robots.parse(body, agent))
    if 400 <= status < 500 and status != 429:
        return Rules()
    return Rules(problem=f"robots.txt answered {status}: the site counts as closed until it can be read")


@dataclass(kw_only=True, slots=True)
class _Asked:
    """One asking of a site; `stale_at`: when it is too old (RFC 9309 section 2.4)."""

    rules: asyncio.Task[Rules]
    stale_at: datetime


class RobotsMiddleware:
    """Asks each site's robots.txt once a run and a day, archives it, and holds requests to it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.agent: str = settings["ROBOTSTXT_USER_AGENT"]
        self.max_delay = settings.getfloat("CRAWL_DELAY_MAX")
        self.max_age = timedelta(seconds=settings.getfloat("ROBOTS_MAX_AGE"))
        self._asked: dict[str, _Asked] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise DisallowedByRobots or RobotsUnreachable for a request that must not be made."""
        if request.meta.get("kind") == "robots":
            return
        with counted(self.crawler, request):
            rules = await self.rules(request.url)
        rules.check(request.url)
        pace = self.crawler.get_downloader_middleware(PaceMiddleware)
        if rules.delay and pace is not None:
            pace.ask_at_most_every(request, min(rules.delay, self.max_delay))

    async def rules(self, url: str) -> Rules:
        """The rules of the site of `url`. The file is fetched once a day, however many requests wait for it."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        asked, now = self._asked.get(site), clock.now()
        if asked is None or asked.stale_at <= now:
            before = asked.rules if asked is not None else None
            task = asyncio.ensure_future(self._ask(site, before))
            asked = self._asked[site] = _Asked(rules=task, stale_at=now + self.max_age)
        return await asyncio.shield(asked.rules)

    async def _ask(self, site: str, before: asyncio.Task[Rules] | None) -> Rules:
        """The rules of a site, asked now. What was read `before` holds on while the site cannot be asked (2.4)."""
        rules = await self._fetch(site)
        if rules.problem is not None and before is not None and (known := await before).problem is None:
            return known
        return rules

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
        except HostLeftAlone:
            if run is not None:
                await run.end_hop(request)
            raise
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the file could not be read
            if run is not None:
                await run.end_hop(request)
            return Rules(problem=f"{site}/robots.txt cannot be read", cause=error)
        # In a thread: half a megabyte takes a quarter of a second
        if run is None:
            return await asyncio.to_thread(read_robots, response.status, response.body, self.agent)
        fetched: Fetched = response.meta["fetched"].pop()
        # one byte more than is read: that there is more shows in it
        message = parse_response(fetched.take(), max_body=robots.MAX_SIZE + 1)
        await run.end(fetched, Outcome.NOT_ARTICLE, "robots")
        return await asyncio.to_thread(
            read_robots, message.status, message.body, self.agent, incomplete=message.incomplete
        )

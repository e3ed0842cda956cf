"""Conditional requests: a page or source that has not changed answers 304, without its body (RFC 9110, section 13)."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive import clock
from archive.conditions import Condition
from archive.members import digest
from archive.store import Archive
from crawler.fetched import Fetched
from crawler.run import Run

NOTHING = digest(b"")


class ConditionalMiddleware:
    """Asks with the validators of the last capture, where there is one that still can be referred to.

    Every hop of a redirect asks with its own. Sources are asked so only by a run that keeps to the schedule: who starts
    a crawl by hand wants to see what they announce.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Set the headers and `meta["refers_to"]`, or take away those of the hop before."""
        request.meta.pop("refers_to", None)
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        condition = await self._condition(request)
        if condition is None:
            return
        request.meta["refers_to"] = condition.record_id
        if condition.etag is not None:
            request.headers["If-None-Match"] = condition.etag
        if condition.last_modified is not None:
            request.headers["If-Modified-Since"] = condition.last_modified

    async def _condition(self, request: Request) -> Condition | None:
        run, kind = Run.find(self.crawler), request.meta.get("kind")
        if run is None or kind not in {"page", "source"} or request.meta.get("unconditional"):
            return None
        if kind == "source" and not run.due_only:
            return None
        url, at = request.url.partition("#")[0], clock.now()

        def look(archive: Archive) -> Condition | None:
            return archive.conditions.of(url, kind=kind, at=at)

        return await run.recorder.write(look)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask once more, for all of it, where what a 304 refers to has been lost in the meantime."""
        fetched: list[Fetched] = request.meta.get("fetched", [])
        if response.status != 304 or not request.meta.get("refers_to") or not fetched:
            return response
        if fetched[-1].capture.payload_digest != NOTHING:  # a revisit's is that of the body that it refers to
            return response
        return request.replace(meta={**request.meta, "unconditional": True}, dont_filter=True)

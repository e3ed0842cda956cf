"""Requests that wait in front of Scrapy's slots: for a robots.txt, for room for another page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.run import Run


@contextmanager
def counted(crawler: Crawler, request: Request) -> Iterator[None]:
    """Count a request that waits among its host's, as if it were under way.

    Scrapy takes the next request from the host with the fewest under way. Those that wait here are not among them, so
    one host with a long list and a silent robots.txt would fill all places and keep every other host waiting.
    """
    _, slot = crawler.engine.downloader._get_slot(request)
    slot.active.add(request)
    try:
        yield
    finally:
        slot.active.discard(request)


class BacklogMiddleware:
    """Begins no request for a page while too many wait for extraction; see `crawler.backlog`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run = Run.find(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for room. Not for a robots.txt, which others wait for, nor for a source, which is read at once."""
        if self.run is not None and self.run.backlog.is_full and request.meta.get("kind", "page") == "page":
            with counted(self.crawler, request):
                await self.run.backlog.room()

"""No request is begun once the run is being stopped: not those either that had waited for a robots.txt until then."""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.run import Run
from crawler.stopping import Stopped


class StopMiddleware:
    """The last one before the downloader; see `crawler.stopping`."""

    def __init__(self, crawler: Crawler) -> None:
        self.run = Run.find(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:  # noqa: ARG002 - Scrapy's signature
        """Raise Stopped for a request that comes too late."""
        if self.run is not None and self.run.stopping:
            raise Stopped

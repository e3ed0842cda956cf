"""Stopping a crawl in order and soon: what is being transferred is finished, what waits for its turn is not begun.

Scrapy finishes all that it took on. With a second between two requests to a host, or the thirty that a robots.txt may
ask for, and a hundred requests taken on, that is most of an hour; a timer, a shutdown and a person wait seconds.
"""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure


class Stopped(IgnoreRequest):
    """A request that was not made because the crawl is being stopped. Its URL stays in the frontier."""

    def __init__(self) -> None:
        super().__init__("not asked for: the crawl was stopped before its turn came")


def drop_waiting(crawler: Crawler) -> None:
    """End every request that waits for its host's turn, with `Stopped` for its errback."""
    downloader = getattr(crawler.engine, "downloader", None)
    for slot in downloader.slots.values() if downloader is not None else ():
        end_waiting(slot, Stopped())


def end_waiting(slot: Any, error: Exception) -> None:
    """End every request that waits in one of Scrapy's slots, with `error` for its errback."""
    while slot.queue:
        _, waiting = slot.queue.popleft()
        waiting.errback(Failure(error))  # type: ignore[no-untyped-call]

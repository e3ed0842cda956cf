"""The one pipeline: a captured page goes to a worker, what it says into the archive. `crawler.run` does the work."""

from dataclasses import dataclass
from typing import Self

from scrapy.crawler import Crawler

from crawler.fetched import Fetched
from crawler.publisher import Publisher
from crawler.run import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class CapturedPage:
    """What spiders yield: a page that is in the archive and waits for its outcome.

    `publisher` None: found by the page's domain. `tally` is the name that its outcome is counted under, `sighting` the
    URL that led to it, if one did, `memento` the address of somebody else's capture of it that did.
    """

    fetched: Fetched
    tally: str
    publisher: Publisher | None = None
    sighting: str | None = None
    memento: str | None = None


class ArchivePipeline:
    """Gives each page its outcome. An error of the archive stops the crawl (see `Run`)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        """Give a CapturedPage its outcome; other items pass."""
        if isinstance(item, CapturedPage):
            await Run.of(self._crawler).process(
                item.fetched,
                tally=item.tally,
                publisher=item.publisher,
                sighting=item.sighting,
                memento=item.memento,
            )
        return item

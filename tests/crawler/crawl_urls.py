"""`python -m tests.crawler.crawl_urls [NAME=VALUE …] URL…`: fetch these URLs with the real crawler and its real ending.

`KIND=source` asks for them as feeds and `KIND=sitemap` as sitemaps, at whatever host; `DUE=1` keeps to the schedule;
`CRASH=start` adds a spider that fails; the rest are settings.
"""

import sys
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from typing import Any, ClassVar

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from crawler.launch import Terms, launch
from crawler.publisher import Feed, NewsSitemap, Publisher
from crawler.spider import PublisherSpider


class UrlSpider(PublisherSpider):
    """Asks for a list of URLs."""

    name = "urls"
    urls: ClassVar[list[str]] = []
    kind: ClassVar[str] = "page"
    publisher = Publisher(
        name="Raw",
        homepage="http://raw.example/",
        country="XX",
        languages=("en",),
        timezone="UTC",
        domains=("raw.example", "other.example", "rt.com"),
        sources=(),
        article_url="/",
    )

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:
        if self.kind != "page":
            for url in self.urls:
                yield self.source_request(NewsSitemap(url) if self.kind == "sitemap" else Feed(url))
            return
        for request in self.article_requests(self.urls, via="test"):
            yield request


class CrashingSpider(PublisherSpider):
    """Fails before its first request."""

    name = "crashing"
    publisher = replace(UrlSpider.publisher, name="Crash")

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:
        yield self.source_request(Feed({}["not there"]))


def main() -> int:
    """Crawl the command line's URLs."""
    settings = get_project_settings()
    spiders: list[type[PublisherSpider]] = [UrlSpider]
    terms = Terms()
    for argument in sys.argv[1:]:
        if argument.startswith("http"):
            UrlSpider.urls.append(argument)
        elif argument == "CRASH=start":
            spiders.append(CrashingSpider)
        elif argument == "DUE=1":
            terms = Terms(due_only=True)
        elif argument.startswith("KIND="):
            UrlSpider.kind = argument.removeprefix("KIND=")
        else:
            settings.set(*argument.split("=", 1), priority="cmdline")
    return launch(AsyncCrawlerProcess(settings), [(spider, {}) for spider in spiders], command="urls", terms=terms)


if __name__ == "__main__":
    sys.exit(main())

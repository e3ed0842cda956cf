"""Scrapy that fetches and does nothing else: the limit of what a crawler made with it can reach."""

import sys
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess


class FetchSpider(scrapy.Spider):
    """Fetches the addresses."""

    name = "fetch"

    def __init__(self, urls, **kwargs):
        super().__init__(**kwargs)
        self.start_urls = urls

    def parse(self, response):
        """Nothing."""


def main():
    """Crawl."""
    settings = {
        "CONCURRENT_ITEMS": 1, "LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    }  # fmt: skip
    process = CrawlerProcess(settings)
    process.crawl(FetchSpider, urls=Path(sys.argv[1]).read_text().split())
    process.start()


if __name__ == "__main__":
    main()

"""The naive crawler: what is written when each library is used as its first page shows.

Scrapy, trafilatura in the callback, langdetect on the whole text, warcio as it comes, a row at a time into SQLite by
sqlite-utils with FTS kept by triggers. Each article is in its files when the callback returns.
"""

import sys
from io import BytesIO
from pathlib import Path

import scrapy
from langdetect import detect
from scrapy.crawler import CrawlerProcess
from sqlite_utils import Database
from trafilatura import bare_extraction
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


class NaiveSpider(scrapy.Spider):
    """Fetches the addresses, writes what they hold."""

    name = "naive"

    def __init__(self, urls, folder, **kwargs):
        super().__init__(**kwargs)
        self.start_urls = urls
        self.file = (folder / "naive.warc.gz").open("wb")
        self.warc = WARCWriter(self.file, gzip=True)
        self.db = Database(folder / "naive.db")
        self.db["articles"].create(
            {"url": str, "title": str, "author": str, "date": str, "language": str, "text": str}, pk="url"
        )
        self.db["articles"].enable_fts(["title", "text"], create_triggers=True)

    def parse(self, response):
        """One page."""
        headers = [(name.decode(), value.decode()) for name, values in response.headers.items() for value in values]
        http = StatusAndHeaders(f"{response.status} OK", headers, protocol="HTTP/1.1")
        record = self.warc.create_warc_record(
            response.url, "response", payload=BytesIO(response.body), http_headers=http
        )
        self.warc.write_record(record)
        document = bare_extraction(response.text, url=response.url, with_metadata=True)
        if document is None or not document.text:
            return
        self.db["articles"].upsert(
            {
                "url": response.url, "title": document.title, "author": document.author, "date": document.date,
                "language": detect(document.text), "text": document.text,
            },
            pk="url",
        )  # fmt: skip

    def closed(self, reason):  # noqa: ARG002 - Scrapy's signature
        """Scrapy's last word."""
        self.file.close()


def main():
    """Crawl."""
    urls, folder = Path(sys.argv[1]).read_text().split(), Path(sys.argv[2])
    process = CrawlerProcess({"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False})
    process.crawl(NaiveSpider, urls=urls, folder=folder)
    process.start()


if __name__ == "__main__":
    main()

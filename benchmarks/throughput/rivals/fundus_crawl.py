"""Fundus with a publisher of the local web, whose parser takes every paragraph: the least that one can do."""

import datetime
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from fundus import Crawler, RSSFeed
from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import extract_article_body_with_selector, generic_date_parsing
from fundus.publishers.base_objects import Publisher, PublisherGroup
from lxml.etree import XPath


class LocalParser(ParserProxy):
    """Of all pages."""

    class V1(BaseParser):
        """The only version."""

        _paragraphs = XPath("//p")

        @attribute
        def body(self) -> ArticleBody | None:
            """All paragraphs."""
            return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=self._paragraphs)

        @attribute
        def title(self) -> str | None:
            """As the page's metadata have it."""
            return self.precomputed.meta.get("og:title") or self.precomputed.ld.bf_search("headline")

        @attribute
        def publishing_date(self) -> datetime.datetime | None:
            """As the page's metadata have it."""
            return generic_date_parsing(self.precomputed.ld.bf_search("datePublished"))


def main():
    """Crawl the feed that the addresses' server has of them: it asks for no others."""
    urls = Path(sys.argv[1]).read_text().split()
    home = f"{urlsplit(urls[0]).scheme}://{urlsplit(urls[0]).netloc}/"
    feed = RSSFeed(f"{home}mixed.rss?{len(urls)}", languages={"en"})

    class Local(metaclass=PublisherGroup):
        default_language = "en"
        Web = Publisher(name="Local web", domain=home, parser=LocalParser, sources=[feed])

    with (Path(sys.argv[2]) / "articles.jsonl").open("w") as lines:
        for article in Crawler(Local, delay=0.0, ignore_robots=True).crawl(only_complete=False, max_articles=len(urls)):
            fields = {"url": article.html.requested_url, "title": article.title, "text": str(article.body)}
            lines.write(json.dumps(fields) + "\n")


if __name__ == "__main__":
    main()

"""What the crawler may ask for at all: http and https, the web's ports, and articles at their publisher's own hosts."""

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive.intermediaries import replayed_page
from crawler.publisher import Publisher
from crawler.resolver import ALLOWED_PORTS


class OutOfScope(IgnoreRequest):
    """A URL that is not fetched. The message says why."""


class ScopeMiddleware:
    """Stops requests that lead out of the crawl, wherever they come from: feeds, sitemaps, links, robots.txt, hops.

    Scrapy's own offsite check looks at the host alone (`file://www.rt.com/etc/passwd` passes) and not at requests with
    `dont_filter`; its check of the length drops a request without telling its errback.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.max_length = crawler.settings.getint("URLLENGTH_LIMIT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise OutOfScope for a request that must not be made."""
        publisher = getattr(self.crawler.spider, "publisher", None)
        if len(request.url) > self.max_length:
            raise OutOfScope(f"{request.url[:100]}…: {len(request.url)} characters, {self.max_length} at most")
        kind, within = request.meta.get("kind", "page"), request.meta.get("within")
        problem = out_of_scope(request.url, kind, publisher, within=within)
        if problem is not None:
            raise OutOfScope(problem)


def out_of_scope(url: str, kind: str, publisher: Publisher | None, *, within: str | None = None) -> str | None:
    """Why `url` must not be fetched, or None.

    A page (`kind`) has to be at one of the publisher's hosts; a source may be elsewhere, because the publisher's file
    names it (a feed at a feed service); so may a robots.txt, whose redirects RFC 9309 section 2.3.1.2 has us follow.
    A capture at an intermediary has to lie below the address `within`, to which no redirect may add another site.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"{url}: {error}"
    problem = None
    if parts.scheme not in {"http", "https"}:
        problem = f"{url}: only http and https are fetched"
    elif not parts.hostname:
        problem = f"{url}: names no host"
    elif parts.username or parts.password:
        problem = f"{parts.scheme}://…@{parts.hostname}: URLs with credentials are not fetched"
    elif port is not None and port not in ALLOWED_PORTS:
        problem = f"{url}: port {port} is not a web port"
    elif within is not None:
        problem = _out_of_archive(url, within, publisher)
    elif kind == "page" and publisher is not None and not publisher.owns(parts.hostname.lower()):
        problem = f"{url}: not a host of {publisher.name}"
    return problem


def _out_of_archive(url: str, within: str, publisher: Publisher | None) -> str | None:
    """The same for a capture of a page in somebody else's archive; http and https are the same there."""
    if not url.partition("://")[2].startswith(within.partition("://")[2].rstrip("/") + "/"):
        return f"{url}: leads out of the archive at {within}"
    page = replayed_page(url)
    if page is not None and publisher is not None and not publisher.owns((urlsplit(page).hostname or "").lower()):
        return f"{url}: not a capture of a page of {publisher.name}"
    return None

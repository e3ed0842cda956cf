"""From a declared source and the answer to it, to what it holds: which reader reads which kind."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archive.http_message import parse_response
from crawler.discovery import Listing, read_section
from crawler.feeds import read_feed
from crawler.publisher import Feed, NewsSitemap, Section, Source
from crawler.sitemaps import MAX_SIZE, read_sitemap

KINDS = {Feed: "feed", NewsSitemap: "sitemap", Section: "section"}


def read_source(http: bytes, *, source: Source, url: str) -> Listing:
    """In a worker: the entries of a source from the response's raw bytes. Raises SourceError."""
    message = parse_response(http, max_body=MAX_SIZE)
    if isinstance(source, Feed):
        listing = read_feed(message.body, url=url, content_type=message.content_type)
    elif isinstance(source, NewsSitemap):
        listing = read_sitemap(message.body, url=url)
    else:
        listing = read_section(
            message.body, url=url, links=source.links, next_page=source.next_page, content_type=message.content_type
        )
    if message.incomplete is not None and listing.problem is None:
        return replace(listing, problem=f"{KINDS[type(source)]} {url}: {message.incomplete}", cut=True)
    return listing


def missing(listing: Listing) -> dict[str, Any]:
    """What a report says of a source that was read: an error where it was cut off, else a remark."""
    return {"error" if listing.cut else "remark": listing.problem}


def declared_url(meta: Mapping[str, Any], url: str) -> str:
    """The URL that a source is known by: the one asked for, where redirects led elsewhere."""
    return str(next(iter(meta.get("redirect_urls", ())), url))

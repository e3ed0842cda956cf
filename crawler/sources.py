"""From a declared source and the answer to it, to what it holds: which reader reads which kind."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archive.http_message import HttpMessage, parse_response
from crawler.discovery import Listing, read_section
from crawler.errors import NothingListed
from crawler.feeds import read_feed
from crawler.publisher import DayArchive, Feed, NewsSitemap, Section, Source
from crawler.sitemaps import MAX_SIZE, read_sitemap

KINDS = {Feed: "feed", NewsSitemap: "sitemap", Section: "section", DayArchive: "listing"}


def read_source(http: bytes, *, source: Source, url: str) -> Listing:
    """In a worker: the entries of a source from the response's raw bytes. Raises SourceError."""
    message = parse_response(http, max_body=MAX_SIZE)
    try:
        listing = _read(message, source, url)
    except NothingListed as error:
        if not isinstance(source, DayArchive):
            raise
        # a day may bring nothing, and the first minutes of any do
        listing = Listing(problem=f"listing {url}: no story of the day is listed ({str(error)[:200]})")
    if message.incomplete is not None and listing.problem is None:
        return replace(listing, problem=f"{KINDS[type(source)]} {url}: {message.incomplete}", cut=True)
    return listing


def _read(message: HttpMessage, source: Source, url: str) -> Listing:
    if isinstance(source, Feed):
        return read_feed(message.body, url=url, content_type=message.content_type)
    if isinstance(source, NewsSitemap) or source.links is None:
        return read_sitemap(message.body, url=url)
    return read_section(
        message.body, url=url, links=source.links, next_page=source.next_page, content_type=message.content_type
    )


def missing(listing: Listing, remark: str | None) -> dict[str, Any]:
    """What a report says of a source that was read: an error where it was cut off, else a remark."""
    if listing.cut:
        return {"error": listing.problem, "remark": remark}
    return {"remark": "; ".join(filter(None, (listing.problem, remark))) or None}


def part_of(source: Source, url: str) -> str | None:
    """The source of which `url` is a part; None where it is the source itself."""
    return source.url if url != source.url else None


def declared_url(meta: Mapping[str, Any], url: str) -> str:
    """The URL that a source is known by: the one asked for, where redirects led elsewhere."""
    return str(next(iter(meta.get("redirect_urls", ())), url))

"""Sitemaps and sitemap indexes, with the fields of Google News.

An own reader, because the usual ones lose the news fields, take the cut URL at the end of a broken file for a real one,
or follow entities. Format: https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap.
"""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

from lxml import etree

from crawler.discovery import MAX_ENTRIES, Entry, Listing, looks_like_html, opening, squeeze
from crawler.errors import SourceError
from crawler.feeds import read_feed
from crawler.urls import completed

MAX_SIZE = 50 * 1024 * 1024  # bytes, unpacked: the protocol's limit
MAX_DEPTH = 3  # an index of indexes of sitemaps
MAX_SITEMAPS = 50  # of one index in one run; the newest

_GZIP = b"\x1f\x8b"
_FEED_ROOTS = {"rss", "feed", "RDF"}


def read_sitemap(body: bytes, *, url: str) -> Listing:
    """The entries of a sitemap, or the sitemaps of an index, newest first where it says when they changed.

    Of a file that was cut off the entries that are whole are kept, and `Listing.problem` says so. A feed in a sitemap's
    place, which the protocol allows, is read as one; so is a text file with a URL a line. Raises SourceError for an
    empty answer, an HTML page, something else that is no sitemap, and a sitemap without entries.
    """
    data, problem = _unpacked(body, url)
    data = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data:
        raise SourceError(f"sitemap {url}: the answer is empty")
    if data.startswith((b"http://", b"https://")):
        return _read_lines(data, url)
    if looks_like_html(data):
        raise SourceError(f"sitemap {url}: the answer is an HTML page; the sitemap has moved, or this is a wall")
    root = _root_name(data)
    if root in _FEED_ROOTS:
        return read_feed(data, url=url)
    if root not in {"urlset", "sitemapindex"}:
        raise SourceError(f"sitemap {url}: the answer is no sitemap; it begins {opening(data)}")
    entries, sitemaps, cut = _read_xml(data, url)
    problem = problem or (
        f"sitemap {url}: {cut}; {len(entries) or len(sitemaps)} whole entries were read" if cut else None
    )
    if not entries and not sitemaps:
        raise SourceError(problem or f"sitemap {url}: has no entries")
    if len(sitemaps) > MAX_SITEMAPS:
        # A publisher's whole past, month by month: the newest are news, the others a matter of back-filling.
        problem = problem or f"sitemap {url}: names {len(sitemaps)} sitemaps; the newest {MAX_SITEMAPS} are read"
    return Listing(entries=tuple(entries), sitemaps=tuple(_newest(sitemaps)[:MAX_SITEMAPS]), problem=problem)


def _unpacked(body: bytes, url: str) -> tuple[bytes, str | None]:
    """The sitemap without gzip, as far as it goes, and what is missing."""
    if not body.startswith(_GZIP):
        return body, None
    inflater = zlib.decompressobj(wbits=31)
    try:
        data = inflater.decompress(body, MAX_SIZE)
    except zlib.error as error:
        raise SourceError(f"sitemap {url}: broken gzip: {error}") from error
    if inflater.unconsumed_tail:
        return data, f"sitemap {url}: unpacks to more than {MAX_SIZE} bytes; the rest was not read"
    return data, None if inflater.eof else f"sitemap {url}: the gzip file is cut off; whole entries were read"


def _root_name(data: bytes) -> str | None:
    """The local name of the first element: `urlset` in `<?xml …?><!-- … --><sm:urlset xmlns:sm=…>`."""
    match = re.match(rb"(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>|\s)*<(?:[\w.-]+:)?([\w.-]+)", data[:65536], re.DOTALL)
    return match[1].decode("ascii", "replace") if match else None


def _read_xml(data: bytes, url: str) -> tuple[list[Entry], list[tuple[str, datetime | None]], str | None]:
    """Entries, sitemaps of an index with their dates, and what stopped the reading."""
    entries: list[Entry] = []
    sitemaps: list[tuple[str, datetime | None]] = []
    try:
        for element in _elements(data):
            fields = _fields(element)
            location = completed(fields.get("loc", ""), url)
            if location and etree.QName(element).localname == "sitemap":
                sitemaps.append((location, _when(fields.get("lastmod"))))
            elif location:
                entries.append(_entry(location, fields))
            if len(entries) >= MAX_ENTRIES or len(sitemaps) >= MAX_ENTRIES:
                return entries, sitemaps, f"more than {MAX_ENTRIES} entries"
    except etree.XMLSyntaxError as error:
        return entries, sitemaps, f"broken or cut off ({str(error)[:120]})"
    return entries, sitemaps, None


def _elements(data: bytes) -> Iterator[etree._Element]:
    """Each complete `url` or `sitemap` element, freed after use. No entity is resolved, no file or network read."""
    stream = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for _, element in stream:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _fields(element: etree._Element) -> dict[str, str]:
    """Text by local name, news fields included; the first of each name (image titles come after)."""
    fields: dict[str, str] = {}
    for child in element.iter(etree.Element):
        name = etree.QName(child).localname
        # <news:name> is the publisher's, <image:title> the picture's
        if child.text and child.text.strip() and not (child.prefix == "image" or name in fields):
            fields[name] = child.text.strip()
    return fields


def _entry(location: str, fields: dict[str, str]) -> Entry:
    announced = _when(fields.get("publication_date")) or _when(fields.get("lastmod"))
    return Entry(
        url=location, title=squeeze(fields.get("title")), announced_at=announced, language=fields.get("language")
    )


def _when(text: str | None) -> datetime | None:
    """A W3C datetime with a zone (https://www.w3.org/TR/NOTE-datetime); a bare day is no time."""
    try:
        when = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return when if when is not None and when.tzinfo is not None else None


def _newest(sitemaps: list[tuple[str, datetime | None]]) -> list[str]:
    """Newest first; those without a date keep their order behind them."""
    oldest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(sitemaps, key=lambda found: found[1] or oldest, reverse=True)
    return list(dict.fromkeys(location for location, _ in ordered))


def _read_lines(data: bytes, url: str) -> Listing:
    """A sitemap in text form: one URL a line."""
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    entries = tuple(Entry(url=line) for line in lines if line.startswith(("http://", "https://")))
    problem = f"sitemap {url}: more than {MAX_ENTRIES} entries" if len(entries) > MAX_ENTRIES else None
    return Listing(entries=entries[:MAX_ENTRIES], problem=problem)

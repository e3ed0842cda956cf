"""Sitemaps and sitemap indexes, with the fields of Google News.

An own reader, because the usual ones lose the news fields, take the cut URL at the end of a broken file for a real one,
or follow entities. Format: https://www.sitemaps.org/protocol.html and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO

from lxml import etree

from crawler.discovery import (
    MAX_ENTRIES,
    Entry,
    Listing,
    NamedSitemap,
    looks_like_html,
    opening,
    printed_time,
    short_fields,
    squeeze,
)
from crawler.errors import NothingListed, SourceError
from crawler.feeds import read_feed
from crawler.mending import mended, with_prefixes
from crawler.periods import period_named
from crawler.urls import completed

MAX_SIZE = 50 * 1024 * 1024  # bytes, unpacked: the protocol's limit

_MOST_PARENTS = 50  # elements with elements in them, of one entry: a news element, its publication, pictures
_GZIP = b"\x1f\x8b"
_ROOTS = ("urlset", "sitemapindex")
_FEED_ROOTS = {"rss", "feed", "RDF"}


def read_sitemap(body: bytes, *, url: str) -> Listing:
    """The entries of a sitemap, or the sitemaps of an index, newest first where it says when they changed.

    Of a file that was cut off the entries that are whole are kept, and `Listing.problem` says so; one that is broken is
    mended first. A feed in a sitemap's place, which the protocol allows, is read as one; so is a text file with a URL a
    line. Raises SourceError for an empty answer, an HTML page, something else that is no sitemap, and a sitemap without
    entries.
    """
    data, problem = _unpacked(body, url)
    data = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data:
        raise SourceError(f"sitemap {url}: the answer is empty")
    if data.startswith((b"http://", b"https://")):
        return _read_lines(data, url, problem)
    if looks_like_html(data):
        raise SourceError(f"sitemap {url}: the answer is an HTML page; the sitemap has moved, or this is a wall")
    root = _root_name(data)
    if root in _FEED_ROOTS:
        return read_feed(data, url=url)
    found = _read_xml(data, url) if root in _ROOTS else None
    if found is None or found.broken:
        text = mended(data, roots="|".join(_ROOTS), what=f"sitemap {url}")
        if text is None:
            raise SourceError(f"sitemap {url}: the answer is no sitemap; it begins {opening(data)}")
        text = with_prefixes(text[: _end(text)])  # what stands behind the end is somebody else's
        again = _read_xml(text.encode(), url)
        found = again if found is None else max(again, found, key=_Found.worth)
    return _listing(found, url, problem)


def _end(text: str) -> int | None:
    """Where the last closing tag of a sitemap ends; None where there is none."""
    ends = [match.end() for match in re.finditer(rf"</(?:[\w.-]+:)?(?:{'|'.join(_ROOTS)})\s*>", text)]
    return ends[-1] if ends else None


@dataclass(kw_only=True, slots=True)
class _Found:
    """What is in a sitemap's XML, and what stopped the reading before its end; `broken`: an error of the XML did."""

    entries: list[Entry] = field(default_factory=list)
    sitemaps: list[NamedSitemap] = field(default_factory=list)
    stopped: str | None = None
    broken: bool = False

    def worth(self) -> tuple[int, bool]:
        return len(self.entries) + len(self.sitemaps), self.stopped is None


def _listing(found: _Found, url: str, problem: str | None) -> Listing:
    entries, sitemaps = found.entries, found.sitemaps
    if found.stopped and not problem:
        problem = f"sitemap {url}: {found.stopped}; {len(entries) or len(sitemaps)} whole entries were read"
    if not entries and not sitemaps:
        raise SourceError(problem) if problem else NothingListed(f"sitemap {url}: has no entries")
    cut = problem is not None
    return Listing(entries=tuple(entries), sitemaps=_newest(sitemaps), problem=problem, cut=cut)


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


def _read_xml(data: bytes, url: str) -> _Found:
    found = _Found()
    try:
        for element in _elements(data):
            fields = _fields(element)
            location = completed(fields.get("loc", ""), url)
            if not location:
                continue
            if max(len(found.entries), len(found.sitemaps)) >= MAX_ENTRIES:
                found.stopped = f"more than {MAX_ENTRIES} entries"
                break
            # not QName, which refuses a namespace with a brace in it
            if element.tag.rpartition("}")[2] == "sitemap":
                found.sitemaps.append(NamedSitemap(url=location, changed_at=_changed(fields.get("lastmod"))))
            else:
                found.entries.append(_entry(location, fields))
    except etree.XMLSyntaxError as error:
        found.stopped, found.broken = f"broken or cut off ({str(error)[:120]})", True
    return found


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
    """Text by local name, news fields included; the first of each name. Those of pictures have "image_" in front."""
    fields: dict[str, str] = {}
    waiting = [(element, "")]
    for parent, prefix in waiting:
        for child in parent.iterchildren(etree.Element):
            name = prefix + child.tag.rpartition("}")[2]
            if child.text and (text := child.text.strip()):
                fields.setdefault(name, text)
            if len(child) and len(waiting) < _MOST_PARENTS:
                # <news:title> is the story's, <image:title> the picture's
                waiting.append((child, "image_" if name in {"image", "video"} else prefix))
    return fields


def _entry(location: str, fields: dict[str, str]) -> Entry:
    dates = {name: printed_time(fields.get(name)) for name in ("publication_date", "lastmod")}
    return Entry(
        url=location,
        title=squeeze(fields.get("title")),
        announced_at=dates["publication_date"] or dates["lastmod"],
        language=fields.get("language"),
        fields=short_fields(
            publication=fields.get("name"),
            language=fields.get("language"),
            # as printed where it gave no time, and what gave none of its own
            publication_date=fields.get("publication_date") if dates["publication_date"] is None else None,
            lastmod=fields.get("lastmod"),
            caption=fields.get("image_caption") or fields.get("image_title"),
            access=fields.get("access"),
            **{name: fields.get(name, "").split(",") for name in ("keywords", "genres", "stock_tickers")},
        ),
    )


def _changed(text: str | None) -> datetime | None:
    """When a sitemap changed; of a bare day, its end in UTC: the order of files is no evidence."""
    if text is not None and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return printed_time(f"{text}T23:59:59Z")
    return printed_time(text)


def _newest(sitemaps: list[NamedSitemap]) -> tuple[NamedSitemap, ...]:
    """Newest first, each once; by the days in their names where they do not say when they changed, those first.

    Those of which nothing is known keep their order behind them.
    """

    def age(named: NamedSitemap) -> tuple[date, datetime]:
        days = period_named(named.url)
        changed = named.changed_at or datetime.min.replace(tzinfo=UTC)
        return (named.changed_at.date() if named.changed_at else days.until if days else date.min), changed

    kept: dict[str, NamedSitemap] = {}
    for named in sorted(sitemaps, key=age, reverse=True):
        kept.setdefault(named.url, named)
    return tuple(kept.values())


def _read_lines(data: bytes, url: str, problem: str | None) -> Listing:
    """A sitemap in text form: one URL a line. Of a cut file the last line may be half a URL."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    urls = [line.strip() for line in (lines[:-1] if problem else lines)]
    entries = tuple(Entry(url=line) for line in urls if line.startswith(("http://", "https://")))
    if not problem and len(entries) > MAX_ENTRIES:
        problem = f"sitemap {url}: more than {MAX_ENTRIES} entries"
    return Listing(entries=entries[:MAX_ENTRIES], problem=problem, cut=problem is not None)

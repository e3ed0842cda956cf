"""What a source announces: bytes of a feed, sitemap or section page in, entries out. Pure functions, for a worker.

Feeds are in `crawler.feeds`, sitemaps in `crawler.sitemaps`; here are the nouns and section pages. The search for
sources on a site that nobody has described is in `crawler.scouting`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from cssselect import SelectorError
from parsel import Selector
from w3lib.encoding import html_to_unicode

from archive.model import Sighting
from crawler.errors import NothingListed, SourceError
from crawler.extract.dates import parse_time
from crawler.urls import clean_url, completed

MAX_ENTRIES = 50_000  # the sitemap protocol's own limit for one file
MAX_TITLE = 500  # characters of an announced title that are kept
_SHORT_YEAR = re.compile(r"\d [A-Z][a-z]{2} \d\d \d")  # "Tue, 17 Mar 26 08:12:00 GMT"
MAX_VALUES = 20  # of one field of an entry: categories, keywords


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One URL that a source announces. `announced_at` is aware, and None where the source prints no zone.

    `fields`: what else the source says of it, as printed. Of a feed guid, link (where `url` is another), published
    (where it is no time), updated, author, categories; of a news sitemap publication, language, publication_date,
    lastmod, keywords, genres, access, stock_tickers, caption.
    """

    url: str  # absolute, as printed
    title: str | None = None
    announced_at: datetime | None = None
    language: str | None = None
    fields: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedSitemap:
    """A sitemap that an index names. `changed_at` is aware, and None where the index does not say."""

    url: str
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What a source holds.

    `sitemaps` are the files that a sitemap index names, `next_page` the section's next page. `problem` says what is
    missing of a source that was readable in part: a cut file, more entries than are taken, entries without an address.
    `cut`: it did not come to its end, so that an entry that is missing may be there all the same.
    """

    entries: tuple[Entry, ...] = ()
    sitemaps: tuple[NamedSitemap, ...] = ()
    next_page: str | None = None
    problem: str | None = None
    cut: bool = False


def sightings(entries: Iterable[Entry], *, publisher: str, source: str, seen_at: datetime) -> list[Sighting]:
    """Entries as sightings, in order, one for each cleaned URL; entries without a usable URL are left out."""
    found: dict[str, Sighting] = {}
    for position, entry in enumerate(entries):
        url = clean_url(entry.url, source)
        if url is not None and url not in found:
            found[url] = Sighting(
                url=url,
                raw_url=entry.url,
                publisher=publisher,
                source=source,
                seen_at=seen_at,
                position=position,
                title=entry.title,
                announced_at=entry.announced_at,
                fields=entry.fields,
            )
    return list(found.values())


def short_fields(**values: object) -> dict[str, str | list[str]]:
    """Those values that are texts, or lists with texts in them, each on one line and cut at MAX_TITLE characters."""
    kept: dict[str, str | list[str]] = {}
    for name, value in values.items():
        if isinstance(value, list):
            texts = dict.fromkeys(text for one in value if isinstance(one, str) and (text := squeeze(one)))
            kept |= {name: list(texts)[:MAX_VALUES]} if texts else {}
        elif isinstance(value, str) and (text := squeeze(value)):
            kept[name] = text
    return kept


def printed_time(text: object) -> datetime | None:
    """A time as feeds and sitemaps print it, in UTC. None without a clock or a zone: that would be a guess.

    "Tue, 17 Mar 2026 08:12:00 +0300" · "2026-03-17T08:12:00Z" · "Вт, 17 мар 2026 08:12 MSK"
    """
    if not isinstance(text, str):
        return None
    when: datetime | None = None
    try:
        # what most print, and 50,000 of a sitemap; RFC 822 had years of two digits
        when = parsedate_to_datetime(text) if _SHORT_YEAR.search(text) else datetime.fromisoformat(text.strip())
    except ValueError:
        found = parse_time(text, zone=None)
        when = found.at if found is not None and found.zone == "printed" and found.precision != "day" else None
    try:
        return when.astimezone(UTC) if when is not None and when.tzinfo is not None else None
    except OverflowError:  # "0001-01-01T00:00:00+03:00"
        return None


def squeeze(text: str | None) -> str | None:
    """A title on one line, or None if nothing is left."""
    return " ".join(text.split())[:MAX_TITLE] or None if text else None


# --- section pages ----------------------------------------------------------------------------------------------------


def read_section(
    body: bytes, *, url: str, links: str, next_page: str | None = None, content_type: str | None = None
) -> Listing:
    """The stories that a listing page links to. `links` and `next_page` are CSS selectors of anchors.

    Without `next_page`, what the page names with `rel=next` is the next one
    (https://html.spec.whatwg.org/multipage/links.html#link-type-next). Raises SourceError when the page is empty or not
    HTML, NothingListed when it has no such links.
    """
    page = _parse(body, url=url, content_type=content_type)
    try:
        anchors = page.css(links)
        following = page.css(next_page or "link[rel~=next], a[rel~=next]")
    except (SelectorError, ValueError) as error:
        raise SourceError(f"section {url}: selector is not CSS: {error}") from error
    base = base_of(page, url)
    entries = tuple(
        Entry(url=completed(href.strip(), base), title=squeeze("".join(anchor.css("::text").getall())))
        for anchor in anchors[:MAX_ENTRIES]
        if (href := anchor.root.get("href")) and clean_url(href, base)
    )
    if not entries:
        raise NothingListed(
            f"section {url}: nothing matches {links!r}: the page's design has changed, or it is a wall; "
            "look at the capture and adapt the publisher's file"
        )
    pages = (clean_url(href, base) for anchor in following if (href := anchor.root.get("href")))
    return Listing(entries=entries, next_page=next((page for page in pages if page and page != url), None))


def _parse(body: bytes, *, url: str, content_type: str | None) -> Selector:
    if not body.strip():
        raise SourceError(f"section {url}: the answer is empty")
    if not looks_like_html(body):
        raise SourceError(f"section {url}: the answer is not HTML but begins {opening(body)}")
    _, text = html_to_unicode(content_type, body)
    return Selector(text=text.replace("\x00", ""), type="html", huge_tree=True)


# A page begins with one of these, a list that scripts ask for with one of the last
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|div|meta|script|title|main|section|article|ul|ol|li)\b", re.IGNORECASE
)


def looks_like_html(body: bytes) -> bool:
    """Whether `body` opens like an HTML page, comments and a byte-order mark aside."""
    start = re.sub(rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*", b"", body[:4096], flags=re.DOTALL)
    return _HTML.match(start) is not None


def opening(body: bytes) -> str:
    """The first characters of `body`, for a message."""
    return repr(body.lstrip()[:40].decode("utf-8", "replace"))


def base_of(page: Selector, url: str) -> str:
    """What relative links of a page are seen from: its `<base href>` where that is a web address, else its URL."""
    return clean_url(page.css("base::attr(href)").get(""), url) or url

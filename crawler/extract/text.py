"""Articles out of text that some other tool extracted badly.

Such text is a page's lines from top to bottom: what stood above the story, the story with boxes between its paragraphs,
what stood below. `extract_from_text` marks the lines that are chrome wherever they stand (`marks`), finds the headline,
tells head, body and tail apart by where the running text begins and ends, and judges each other line by its place
(`above`, `between`, `below`).
"""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from archive.model import Article, Removed
from crawler.enrich import language
from crawler.enrich.wire import names_agency
from crawler.extract.above import find_headline, read_head
from crawler.extract.authors import without_house
from crawler.extract.below import find_end, read_tail
from crawler.extract.between import read_body
from crawler.extract.byline import is_person, split_authors
from crawler.extract.dates import ParsedTime, time_from_url
from crawler.extract.findings import Findings, remove_dumps, story_url
from crawler.extract.followers import attach_followers, mark_repeats
from crawler.extract.lines import tidy
from crawler.extract.marks import mark_line, unglue
from crawler.extract.residue import Residue, finish
from crawler.extract.topics import section_from_url
from crawler.extract.zones import Lines, take_all
from crawler.publisher import Publisher, publisher_for, publishers
from crawler.urls import canonical_url

_MAX_TEXT = 2_000_000  # characters; a page of text is a thousandth of it
_CLOSE = 36 * 3600  # seconds: a printed time further from the address's day is the site's clock


def extract_from_text(text: str, *, url: str | None = None, publisher: str | None = None) -> Article:
    """The article in `text`: its body in `.text`, what stood around it in fields of its own.

    `publisher` is a publisher's name or its spider's; without one the URL's domain decides, else no publisher's
    rules are used. Times that the text does not print come from `url`. Nothing is raised for any text.
    """
    address = url if url and _is_address(url) else None
    declared = _publisher(publisher, address)
    found = Findings(publisher=declared)
    removed: list[Removed] = []
    plain_text = remove_dumps(text[:_MAX_TEXT], found, removed, story_url(address, declared))
    lines = _lines(plain_text, declared)
    headline = find_headline(lines, address, declared)
    start = read_head(lines, headline, address, declared)
    end, close = find_end(lines, start)
    read_body(lines, start, end)
    read_tail(lines, end, close)
    kept, more = take_all(lines, headline, start, found)
    residue = finish(kept, [*removed, *more], found)
    article = _article(residue, lines.text[headline] if headline is not None else None, address, declared, publisher)
    return article if address == url else replace(article, url=url or "", canonical_url=url or "")


def _is_address(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _publisher(name: str | None, url: str | None) -> Publisher | None:
    if name:
        wanted = name.casefold()
        for spider, declared in publishers().items():
            if wanted in {spider.casefold(), declared.name.casefold()}:
                return declared
    return publisher_for(url) if url else None


def _lines(text: str, publisher: Publisher | None) -> Lines:
    lines = Lines(text=[], marks=[], gaps=[])
    gap = True
    for raw in text.splitlines():
        line = tidy(raw)
        for part in unglue(line) if line else ():
            lines.text.append(part)
            lines.gaps.append(gap)
            gap = False
        gap = gap or not line
    lines.marks = [mark_line(line, publisher) for line in lines.text]
    attach_followers(lines.text, lines.marks)
    mark_repeats(lines.text, lines.marks)
    return lines


def _article(
    residue: Residue, headline: str | None, url: str | None, publisher: Publisher | None, name: str | None
) -> Article:
    """The article with where each field comes from."""
    text = "\n\n".join(residue.kept)
    provenance = {"text": "text"} if text else {}
    authors, byline = _authors(residue, publisher)
    dateline = residue.dateline if residue.dateline != byline else None
    published, modified = _times(residue, url, publisher, provenance)
    section = residue.section or (section_from_url(url, publisher) if url else None)
    fields = {
        "headline": headline,
        "modified_at": modified,
        "dateline": dateline,
        "byline": byline,
        "authors": authors,
        "tags": residue.tags,
        "images": residue.images,
        "related": residue.related,
    }
    if headline is None and publisher is not None and publisher.headline_in_slug:
        headline = _headline_in_slug(url)
        if headline:
            provenance["headline"] = "url"
    provenance |= {field: "text" for field, value in fields.items() if value}
    if section:
        provenance["section"] = "text" if residue.section else "url"
    if residue.wire:
        provenance["wire"] = f"text:{residue.wire_rule}"
    detected = language.detect(text, expected=publisher.languages if publisher else ()) if text else None
    if detected and detected.code:
        provenance["language"] = detected.rule
    host = urlsplit(url).hostname if url else None
    return Article(
        url=url or "",
        canonical_url=canonical_url(url, publisher) if url else "",
        publisher=publisher.name if publisher else (name or host),
        headline=headline,
        text=text,
        paragraphs=residue.kept,
        lede=residue.kept[0] if residue.kept else None,
        byline=byline,
        authors=authors,
        dateline=dateline,
        published_at=published,
        modified_at=modified,
        section=section,
        tags=residue.tags,
        images=residue.images,
        related=residue.related,
        wire=residue.wire,
        language=detected.code if detected else None,
        provenance=provenance,
        removed=residue.removed,
    )


def _authors(residue: Residue, publisher: Publisher | None) -> tuple[tuple[str, ...], str | None]:
    """The people in the byline, and the byline: a place with a reporter is one ("دمشق ـ نور خوام")."""
    own = (publisher.name, *publisher.self_names) if publisher else ()
    for line in (residue.byline, residue.dateline):
        people = (without_house(name, own) for name in split_authors(line or ""))
        authors = tuple(name for name in people if name and is_person(name) and not names_agency(name))
        if authors:
            return authors, line
    return (), residue.byline


def _times(
    residue: Residue, url: str | None, publisher: Publisher | None, provenance: dict[str, str]
) -> tuple[datetime | None, datetime | None]:
    """Published and modified: the printed ones unless the address's day contradicts them, else the address's."""
    in_url = time_from_url(url, publisher) if url else None
    printed = residue.published
    if printed and in_url and not _agree(printed, in_url):
        printed = None
    published = printed or in_url
    if published is not None:
        provenance["published_at"] = "text" if published is printed else "url"
        provenance["published_at_zone"] = published.zone
        if published.precision == "day":
            provenance["published_at_precision"] = "day"
    modified = residue.modified
    return published.at if published else None, modified.at if modified else None


def _agree(printed: ParsedTime, in_url: ParsedTime) -> bool:
    return abs((printed.at - in_url.at).total_seconds()) <= _CLOSE


def _headline_in_slug(url: str | None) -> str | None:
    """The headline as the address keeps it, lower case and without signs: "…/syrian-army-…-070317182414"."""
    last = unquote(urlsplit(url or "").path).rstrip("/").rpartition("/")[2]
    parts = [part for part in last.split("-") if part and not re.fullmatch(r"\d{6,12}", part)]
    title = " ".join(parts)
    return title[:1].upper() + title[1:] if len(parts) >= 3 else None

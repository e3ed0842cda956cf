"""Feeds: RSS, Atom, RDF and JSON Feed. Tolerant of what publishers really send, strict about what is no feed at all.

RSS 2.0: https://www.rssboard.org/rss-specification · RSS 1.0: https://web.resource.org/rss/1.0/spec · Atom: RFC 4287 ·
JSON Feed: https://www.jsonfeed.org/version/1.1/
"""

import html
import json
import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import feedparser

from crawler.discovery import MAX_ENTRIES, Entry, Listing, looks_like_html, opening, printed_time, short_fields, squeeze
from crawler.errors import SourceError
from crawler.extract.loose_json import NO_CHARACTER
from crawler.mending import mended, with_prefixes
from crawler.urls import completed

ROOTS = "rss|feed|RDF"
_ENTRY_BEGIN = re.compile(r"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)


def read_feed(body: bytes, *, url: str, content_type: str | None = None) -> Listing:
    """The entries of a feed, newest first as the feed has them.

    A malformed feed yields what can be saved of it, and `Listing.problem` says what cannot: of a feed that was cut off
    the entries that are whole are kept, and an entry without an address is lost. Raises SourceError for an empty
    answer, an HTML page, a DOCTYPE that declares entities, something else that is no feed, and a feed without entries.
    """
    if not body.strip():
        raise SourceError(f"feed {url}: the answer is empty")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json_feed(body, url)
    text = mended(body, roots=ROOTS, what=f"feed {url}", content_type=content_type)
    if text is None or (looks_like_html(body) and not _ENTRY_BEGIN.search(text)):
        if looks_like_html(body):
            raise SourceError(
                f"feed {url}: the answer is an HTML page; the feed has moved, or this is a wall or error page"
            )
        raise SourceError(f"feed {url}: the answer is no feed; it begins {opening(body)}")
    try:
        # A stream, never bytes or text: feedparser would take those for a file name or URL.
        stream, headers = BytesIO(with_prefixes(text).encode()), {"content-type": "application/xml; charset=utf-8"}
        headers["content-location"] = url
        parsed = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # feedparser has no error of its own
        raise SourceError(f"feed {url}: cannot be parsed ({type(error).__name__}: {str(error)[:100]})") from error
    cut, whole = _ending(text)
    items = parsed.entries[:whole] if cut else parsed.entries
    entries = [_entry(item, url) for item in items[:MAX_ENTRIES]]
    if not any(entries):
        remark = "is cut off before its first entry ends" if cut else "has no entries"
        raise SourceError(f"feed {url}: {remark}")
    return _listing(url, entries, cut=cut)


def _listing(url: str, entries: list[Entry | None], *, cut: bool = False) -> Listing:
    found = tuple(entry for entry in entries if entry is not None)
    lost = len(entries) - len(found)
    problems = [f"is cut off after {len(found)} entries"] if cut else []
    if lost:
        problems.append(f"{lost} of {len(entries)} entries have no address")
    return Listing(entries=found, problem=f"feed {url}: {'; '.join(problems)}" if problems else None, cut=cut)


def _ending(text: str) -> tuple[bool, int]:
    """Whether a feed was cut off, and how many of its entries end. What follows a feed's end is somebody else's."""
    ends = [match.end() for match in _ROOT_END.finditer(text)]
    begins = [match.start() for match in _ENTRY_BEGIN.finditer(text)]
    cut = not ends or (bool(begins) and begins[-1] > ends[-1])
    return cut, sum(1 for _ in _ENTRY_END.finditer(text))


def _entry(item: Any, base: str) -> Entry | None:
    """An entry that has a link, or one that has a link for an identifier."""
    # What was printed: feedparser's own look-up lends `updated` the value of `published`, with a warning.
    fields: dict[str, Any] = {key: dict.get(item, key) for key in dict.keys(item)}
    printed = _text(fields.get("link"))
    guid = _text(fields.get("id"))
    # FeedBurner's links count clicks; beside them it prints the publisher's own.
    url = _text(fields.get("feedburner_origlink")) or printed
    # A guid is an address unless it says isPermaLink="false"; feedparser then gives no link for it.
    if not url and guid.startswith(("http://", "https://")) and fields.get("guidislink", True):
        url = guid
    # "&amp;amp;": a feed that was escaped twice
    address = completed(re.sub(r"&(?:amp;)+", "&", url), base)
    if not address:
        return None
    times = {name: printed_time(fields.get(name)) for name in ("published", "updated")}
    announced_at = times["published"] or times["updated"]
    return Entry(
        url=address,
        title=_title(fields.get("title")),
        announced_at=announced_at,
        language=fields.get("language") or None,
        fields=short_fields(
            guid=guid if guid != url else None,
            link=printed if printed != url else None,
            # a date without a zone is no time, but it was printed
            published=fields.get("published") if times["published"] is None else None,
            updated=fields.get("updated"),
            author=_names(fields),
            categories=[tag.get("term") for tag in fields.get("tags") or ()],
        ),
    )


def _names(fields: dict[str, Any]) -> list[Any]:
    """The authors by name; RSS has one as "mail@example.org (Name)", which feedparser takes apart."""
    named = [author.get("name") for author in fields.get("authors") or () if isinstance(author, dict)]
    return named if any(named) else [fields.get("author")]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _title(title: Any) -> str | None:
    """The title without the markup, and the second layer of escapes, that some feeds put into it."""
    if not isinstance(title, str):
        return None
    return squeeze(html.unescape(_TAG.sub("", title)).replace("\x00", ""))


def _read_json_feed(body: bytes, url: str) -> Listing:
    """JSON Feed 1.0 and 1.1."""
    try:
        # Not `loads(body)`: it lets half a surrogate pair through, which no database takes.
        feed = json.loads(NO_CHARACTER.sub("", body.decode(json.detect_encoding(body), "replace")), strict=False)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"feed {url}: the JSON is broken or cut off: {error}") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceError(f"feed {url}: JSON, but no JSON Feed: it has no list of items")
    entries = [_json_entry(item, url) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    if not any(entries):
        raise SourceError(f"feed {url}: has no entries")
    return _listing(url, entries)


def _json_entry(item: dict[str, Any], base: str) -> Entry | None:
    identifier = _text(item.get("id"))
    link = _text(item.get("url")) or _text(item.get("external_url"))
    if not link and identifier.startswith(("http://", "https://")):
        link = (
            identifier  # "ideally, the id is the full URL": https://www.jsonfeed.org/version/1.1/#items-a-name-items-a
        )
    address = completed(link, base)
    if not address:
        return None
    published, updated = item.get("date_published"), item.get("date_modified")
    announced_at = printed_time(published)
    return Entry(
        url=address,
        title=_title(item.get("title")),
        announced_at=announced_at or printed_time(updated),
        language=_text(item.get("language")) or None,
        fields=short_fields(
            guid=identifier if identifier != link else None,
            published=published if announced_at is None else None,
            updated=updated,
            author=[one.get("name") for one in _objects(item.get("authors"), item.get("author"))],
            categories=item.get("tags") if isinstance(item.get("tags"), list) else [],
        ),
    )


def _objects(many: Any, one: Any) -> Iterable[dict[str, Any]]:
    """`authors` of version 1.1, or `author` of version 1.0."""
    return [value for value in (many if isinstance(many, list) else [one]) if isinstance(value, dict)]

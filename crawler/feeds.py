"""Feeds: RSS, Atom, RDF and JSON Feed. Tolerant of what publishers really send, strict about what is no feed at all."""

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser

from crawler.discovery import MAX_ENTRIES, Entry, Listing, looks_like_html, opening, squeeze
from crawler.errors import SourceError
from crawler.extract.loose_json import NO_CHARACTER
from crawler.urls import completed

_DOCTYPE = re.compile(rb"<!DOCTYPE\s", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|RDF)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)

# A printed date with a zone: "Tue, 17 Mar 2026 08:12:00 GMT" · "… +0300" · "2026-03-17T08:12:00Z" · "… EST".
# feedparser takes a date without one for UTC, which is a guess.
_ZONED = re.compile(r"(?:[+-]\d\d:?\d\d|Z|\b(?:UTC?|GMT|[ECMP][SD]T))\s*\Z", re.IGNORECASE)


def read_feed(body: bytes, *, url: str) -> Listing:
    """The entries of a feed, newest first as the feed has them.

    A malformed feed yields what can be saved of it. Of a feed that was cut off the entries that are whole are kept, and
    `Listing.problem` says so. Raises SourceError for an empty answer, an HTML page, a DOCTYPE, something else that is
    no feed, and a feed without entries.
    """
    if not body.strip():
        raise SourceError(f"feed {url}: the answer is empty")
    if looks_like_html(body):
        raise SourceError(
            f"feed {url}: the answer is an HTML page; the feed has moved, or this is a wall or error page"
        )
    if _DOCTYPE.search(body):
        # feedparser opens files that a DOCTYPE names (kurtmckee/feedparser#107), and no feed needs one.
        raise SourceError(f"feed {url}: declares a DOCTYPE, which may name files or expand without end; not read")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json_feed(body, url)
    body = _without_utf16(body)
    try:
        # A stream, never bytes or text: feedparser would take those for a file name or URL.
        parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # feedparser has no error of its own; encoding="\x80" is enough for a UnicodeDecodeError
        raise SourceError(f"feed {url}: cannot be parsed ({type(error).__name__}: {str(error)[:100]})") from error
    if not parsed.version and not parsed.entries:
        raise SourceError(f"feed {url}: the answer is no feed; it begins {opening(body)}")
    cut = _ROOT_END.search(body[-4096:]) is None
    found = parsed.entries[: len(_ENTRY_END.findall(body))] if cut else parsed.entries
    entries = tuple(entry for item in found[:MAX_ENTRIES] if (entry := _entry(item, url)) is not None)
    if not entries:
        remark = "is cut off before its first entry ends" if cut else "has no entries"
        raise SourceError(f"feed {url}: {remark}")
    return Listing(entries=entries, problem=f"feed {url}: is cut off after {len(entries)} entries" if cut else None)


def _entry(item: Any, base: str) -> Entry | None:
    """An entry that has a link, or one that has a link for an identifier."""
    # What was printed: feedparser's own look-up lends `updated` the value of `published`, with a warning.
    fields: dict[str, Any] = {key: dict.get(item, key) for key in dict.keys(item)}
    url = str(fields.get("link") or "").strip()
    if not url and str(fields.get("id", "")).startswith(("http://", "https://")):
        url = str(fields["id"])
    url = completed(url, base)
    if not url:
        return None
    times = (_when(fields.get(f"{name}_parsed"), fields.get(name)) for name in ("published", "updated"))
    announced_at = next((when for when in times if when is not None), None)
    return Entry(
        url=url, title=_title(fields.get("title")), announced_at=announced_at, language=fields.get("language") or None
    )


def _without_utf16(body: bytes) -> bytes:
    """A UTF-16 feed as UTF-8, so that its end can be seen in the bytes."""
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body
    text = body.decode("utf-16", "replace")
    return re.sub(r"\A<\?xml[^>]*\?>", "", text.removeprefix("\ufeff")).encode("utf-8", "replace")


def _title(title: Any) -> str | None:
    """The title without the markup that some feeds put into it."""
    return squeeze(re.sub(r"<[^<>]{1,200}>", "", title)) if isinstance(title, str) else None


def _when(parsed: Any, printed: Any) -> datetime | None:
    if parsed is None or not isinstance(printed, str) or not _ZONED.search(printed):
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (TypeError, ValueError):
        return None


def _read_json_feed(body: bytes, url: str) -> Listing:
    """JSON Feed 1.0 and 1.1: https://www.jsonfeed.org/version/1.1/."""
    try:
        # Not `loads(body)`: it lets half a surrogate pair through, which no database takes.
        feed = json.loads(NO_CHARACTER.sub("", body.decode(json.detect_encoding(body), "replace")))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"feed {url}: the JSON is broken or cut off: {error}") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceError(f"feed {url}: JSON, but no JSON Feed: it has no list of items")
    entries = tuple(
        Entry(
            url=completed(link.strip(), url),
            title=_title(item.get("title")),
            announced_at=_iso(item.get("date_published")),
            language=item["language"] if isinstance(item.get("language"), str) else None,
        )
        for item in items[:MAX_ENTRIES]
        if isinstance(item, dict)
        and isinstance(link := item.get("url") or item.get("external_url"), str)
        and link.strip()
    )
    if not entries:
        raise SourceError(f"feed {url}: has no entries")
    return Listing(entries=entries)


def _iso(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return when if when.tzinfo is not None else None

"""What a page shows of its site's sources: feeds that it declares or links to, the system that it runs on."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.discovery import base_of
from crawler.urls import clean_url

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
MAX_LINKS = 12  # visible links that look like a feed, or a page of feeds

# "/rss", "/feeds/", "/rss-feeds", "/news/rss.xml", "/atom.xml", "/rssFeed/world", "?feed=rss2", "?format=feed&type=rss"
_FEED_LIKE = re.compile(
    r"(?:\A|/)(?:rss[-_]?(?:feeds?|2)?|feeds?|atom|syndication|web-?feeds?)(?:[/.]|\Z)|\.(?:rss|atom|rdf)\Z"
    r"|[?&](?:feed|format|type|alt)=(?:rss|rss2|atom|feed|rdf)\b",
    re.IGNORECASE,
)
_FEED_HOSTS = re.compile(r"\A(?:feeds?|rss)\.|feedburner\.com\Z", re.IGNORECASE)
_SAYS_FEED = re.compile(r"\brss\b|\batom feed\b", re.IGNORECASE)  # in a link's text or title
# "/comments/feed/", "/2026/03/a-story/feed/", "?feed=comments-rss2": what readers say, not what is reported
_COMMENTS = re.compile(r"/comments?(?:/|\.|\Z)|comments-rss|[?&]feed=comments|/\d{4}/\d\d/.*/feed/?\Z", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(r"\bcomments? (?:feed|on|for)\b|\bcommentaires\b|\bcomentarios\b|\bkommentar", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """Candidates, each once, best first. `links` may be feeds, or pages that list them; `system`: see systems.toml."""

    feeds: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    system: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """One of the usual systems: its signs in a home page, and where it keeps its sources."""

    name: str
    signs: tuple[str, ...]
    feeds: tuple[str, ...]
    sitemaps: tuple[str, ...]


@cache
def systems() -> tuple[System, ...]:
    """crawler/systems.toml."""
    table: dict[str, Any] = tomllib.loads((files("crawler") / "systems.toml").read_text(encoding="utf-8"))
    return tuple(
        System(
            name=entry["name"],
            signs=tuple(entry["signs"]),
            feeds=tuple(entry["feeds"]),
            sitemaps=tuple(entry["sitemaps"]),
        )
        for entry in table["system"]
    )


def read_hints(html: bytes, url: str, *, sitemaps: tuple[str, ...] = (), content_type: str | None = None) -> Hints:
    """What the page at `url` shows; `sitemaps` are those that the site's robots.txt names."""
    named = tuple(dict.fromkeys(found for name in sitemaps if (found := clean_url(name, url))))
    if not html.strip():
        return Hints(sitemaps=named)
    _, text = html_to_unicode(content_type, html)
    page = Selector(text=text.replace("\x00", ""), type="html", huge_tree=True)
    base = base_of(page, url)
    feeds = dict.fromkeys(_declared(page, base))
    links = [link for link in dict.fromkeys(_linked(page, base)) if link not in feeds and link != url]
    return Hints(feeds=tuple(feeds), links=tuple(links[:MAX_LINKS]), sitemaps=named, system=_system(text))


def _declared(page: Selector, base: str) -> Iterator[str]:
    """`<link rel=alternate type=application/rss+xml href=…>`, those of comments left out."""
    for link in page.css("link[rel~=alternate][href][type]"):
        kind = link.root.get("type").partition(";")[0].strip().lower()
        feed = clean_url(link.root.get("href"), base)
        is_comments = _COMMENTS_TITLE.search(link.root.get("title", "")) is not None
        if kind in FEED_TYPES and feed and not is_comments and not _COMMENTS.search(feed):
            yield feed


def _linked(page: Selector, base: str) -> Iterator[str]:
    """Visible links whose address or words say that a feed is there."""
    for anchor in page.css("a[href]"):
        link = clean_url(anchor.root.get("href"), base)
        if link is None or _COMMENTS.search(link):
            continue
        parts = urlsplit(link)
        target = f"{parts.path}{f'?{parts.query}' if parts.query else ''}"
        says = " ".join(
            [*anchor.css("::text").getall(), anchor.root.get("title", ""), anchor.root.get("aria-label", "")]
        )
        if _FEED_LIKE.search(target) or _FEED_HOSTS.search(parts.hostname or "") or _SAYS_FEED.search(says[:200]):
            yield link


def _system(text: str) -> str:
    lower = text[:500_000].lower()
    return next((system.name for system in systems() if any(sign in lower for sign in system.signs)), "")


def usual_places(url: str, system: str) -> Hints:
    """Where feeds and sitemaps usually are on the host of `url`: first those of its system, then those of any."""
    likely = [one for one in systems() if one.name == system or not one.name]
    return Hints(
        feeds=tuple(dict.fromkeys(urljoin(url, path) for one in likely for path in one.feeds)),
        sitemaps=tuple(dict.fromkeys(urljoin(url, path) for one in likely for path in one.sitemaps)),
        system=system,
    )

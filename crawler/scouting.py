"""The search for the sources of a site that nobody has described; what is found was really read.

1. Feeds that the home page declares, then those that it links to, or that a page of feeds links to one level down;
   where there are none, the usual places of the site's system.
2. News sitemaps that robots.txt names, or that an index there names, or in the usual places. Another sitemap only where
   there is no feed: a site's whole past is for a crawl with `-a since`.

Of sources with the same stories the first stays. Comment feeds are none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from crawler.discovery import Listing
from crawler.publisher import Feed, NewsSitemap, Source
from crawler.site_hints import Hints, usual_places
from crawler.urls import canonical_url, clean_url, registrable_domain

MAX_FEEDS = 10  # that are read: a site's main feed and its sections, not a feed for every tag
MAX_FEED_PAGES = 2  # "RSS feeds", one level down
MAX_SITEMAPS = 5
MAX_GUESSES = 10  # of each kind, in the usual places

# https://courier.example/news-sitemap.xml · /sitemaps/news/ · /googlenews.xml · /sitemap-latest.xml
_NEWS = re.compile(r"news|latest|recent", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A source that was read, and what it holds."""

    source: Source
    listing: Listing


class Look(Protocol):
    """How a candidate is looked at. `named`: the site itself names it, so that it is a loss when it cannot be read."""

    async def listing(self, source: Source, *, named: bool) -> Listing | None:
        """What `source` holds, or None where there is no such source."""

    async def hints(self, url: str) -> Hints | None:
        """What a page shows, or None where it cannot be had."""


class _Once:
    """Looks at each candidate once, by whatever way it is come to."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._seen: dict[Source, Listing | None] = {}

    async def listing(self, source: Source, *, named: bool) -> Listing | None:
        """See Look."""
        if source not in self._seen:
            self._seen[source] = await self._look.listing(source, named=named)
        return self._seen[source]

    async def hints(self, url: str) -> Hints | None:
        """See Look."""
        return await self._look.hints(url)


async def scout(look: Look, home: str, hints: Hints) -> list[Found]:
    """The sources of the site whose home page is at `home` and shows `hints`, best first."""
    look = _Once(look)
    usual = usual_places(home, hints.system)
    feeds = await _declared(look, hints.feeds)
    feeds = _distinct([*feeds, *await _linked(look, hints.links, {one.source.url for one in feeds}, home)])
    if not feeds:
        feeds = await _first(look, [Feed(url) for url in usual.feeds])
    sitemaps = await _sitemaps(look, hints.sitemaps, named=True)
    news = [one for one in sitemaps if is_news(one.listing)]
    if not news and not any(_NEWS.search(urlsplit(url).path) for url in hints.sitemaps):
        guesses = [NewsSitemap(url) for url in usual.sitemaps if _NEWS.search(urlsplit(url).path)]
        news = [one for one in await _first(look, guesses) if is_news(one.listing)]
    if news or feeds:
        return _distinct([*feeds, *news])
    return sitemaps[:1] or await _first(look, [NewsSitemap(url) for url in usual.sitemaps])


async def _declared(look: Look, urls: Iterable[str]) -> list[Found]:
    found = [await _look(look, Feed(url), named=True) for url in list(urls)[:MAX_FEEDS]]
    return [one for one in found if one is not None]


async def _linked(look: Look, links: Sequence[str], known: set[str], home: str) -> list[Found]:
    """Feeds among visible links, and on the pages of feeds that some of them lead to."""
    found: list[Found] = []
    pages: list[str] = []
    for link in _new(links, known)[: max(0, MAX_FEEDS - len(known))]:
        if (one := await _look(look, Feed(link), named=False)) is not None:
            found.append(one)
        elif registrable_domain(link) == registrable_domain(home):
            pages.append(link)
    for page in pages[:MAX_FEED_PAGES]:
        hints = await look.hints(page)
        further = (*hints.feeds, *hints.links) if hints is not None else ()
        known |= {one.source.url for one in found} | set(pages)
        room = max(0, MAX_FEEDS - len(found))
        candidates = [await _look(look, Feed(link), named=False) for link in _new(further, known)[:room]]
        found += [one for one in candidates if one is not None]
    return found


def _new(links: Iterable[str], known: set[str]) -> list[str]:
    return [link for link in dict.fromkeys(links) if link not in known]


async def _sitemaps(look: Look, urls: Sequence[str], *, named: bool) -> list[Found]:
    """The sitemaps at `urls`, those with news in their name first; in an index's place its news sitemap, if any."""
    found: list[Found] = []
    for url in sorted(urls, key=lambda url: not _NEWS.search(urlsplit(url).path))[:MAX_SITEMAPS]:
        one = await _look(look, NewsSitemap(url), named=named)
        if one is None:
            continue
        inner = [named.url for named in one.listing.sitemaps if _NEWS.search(urlsplit(named.url).path)]
        own = [clean for link in inner if (clean := clean_url(link)) and _same_site(clean, url)]
        better = await _look(look, NewsSitemap(own[0]), named=False) if own else None
        found.append(better if better is not None and is_news(better.listing) else one)
    return _distinct(found)


async def _first(look: Look, guesses: Sequence[Source]) -> list[Found]:
    """The first of `guesses` that is there."""
    for source in guesses[:MAX_GUESSES]:
        if (one := await _look(look, source, named=False)) is not None:
            return [one]
    return []


async def _look(look: Look, source: Source, *, named: bool) -> Found | None:
    listing = await look.listing(source, named=named)
    return Found(source=source, listing=listing) if listing is not None and not is_comments(listing) else None


def is_news(listing: Listing) -> bool:
    """Whether a sitemap has the fields of Google News."""
    return any(entry.title or "publication" in entry.fields for entry in listing.entries)


def is_comments(listing: Listing) -> bool:
    """Whether a feed announces what readers say: "https://courier.example/a-story#comment-4711"."""
    said = sum("#comment" in entry.url for entry in listing.entries)
    return said * 2 > len(listing.entries)


def _distinct(found: Iterable[Found]) -> list[Found]:
    """Of sources of one kind that hold the same stories now, as /en/rss and /en/rss.xml do, the first."""
    kept: dict[tuple[object, ...], Found] = {}
    for one in found:
        urls = frozenset(canonical_url(entry.url) for entry in one.listing.entries)
        urls |= {named.url for named in one.listing.sitemaps}
        kept.setdefault((type(one.source), urls), one)
    return list(kept.values())


def _same_site(url: str, other: str) -> bool:
    return registrable_domain(url) == registrable_domain(other)

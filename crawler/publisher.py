"""What a publisher file declares: a `Publisher` with its sources and layouts. Data, not code.

Selectors are CSS with parsel's `::attr(name)` and `::text`; where a field takes several they are tried in order and the
first that yields something wins. Regular expressions carry an example URL or line in a comment beside them.
"""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from functools import cache
from types import ModuleType
from urllib.parse import urlsplit

from archive.schedule import REVISITS


@dataclass(frozen=True)
class _Declared:
    """What all sources have.

    `discontinued`: it belongs to an edition that is believed closed. It is asked all the same, for some come back
    (Media Cloud's rss-fetcher keeps asking for the same reason). `unconfirmed`: its address is known at second hand
    only. The failure of either is recorded, and is no failure of a run.
    """

    url: str
    _: KW_ONLY
    discontinued: bool = False
    unconfirmed: bool = False

    @property
    def optional(self) -> bool:
        """Whether a run is well without it."""
        return self.discontinued or self.unconfirmed


@dataclass(frozen=True)
class Feed(_Declared):
    """An RSS, Atom or JSON feed."""


@dataclass(frozen=True)
class NewsSitemap(_Declared):
    """A sitemap or sitemap index; Google News fields are read where present."""


@dataclass(frozen=True, kw_only=True)
class Section(_Declared):
    """A listing page. `links` selects the anchors of stories.

    `next_page` selects the link to the page after it; without it, `rel=next` of the page says. `pages` is the address
    of further pages where no link leads there, with the number in it: "https://courier.example/more/{page}", 1 for
    the page after the first. A page that brings nothing new is the last, and at most `max_pages` are asked for.
    """

    links: str = "a"
    next_page: str | None = None
    pages: str | None = None
    max_pages: int = 1


@dataclass(frozen=True, kw_only=True)
class DayArchive(_Declared):
    """A publisher's own list of the stories of each day. `url` has the day in it: "…/archive/{day:%Y%m%d}".

    `links`, `next_page`, `max_pages`: as of a `Section`; `links` None: the day's list is a sitemap. Asked for today and
    yesterday, in the publisher's zone, and for every day of the past that a crawl wants (`-a since=…`).
    """

    links: str | None = None
    next_page: str | None = None
    max_pages: int = 10


Source = Feed | NewsSitemap | Section | DayArchive


@dataclass(frozen=True, kw_only=True)
class Time:
    """Where a page prints a time, and how to read it.

    `format` is a strptime format, or `unix` (seconds), or None to let `crawler.extract.dates` recognise it.
    `zone` is an IANA name used where the text prints no zone; with `zone_overrides` it also replaces a printed one
    (a `Z` that is really local time).
    """

    css: str
    format: str | None = None
    zone: str | None = None
    zone_overrides: bool = False


@dataclass(frozen=True, kw_only=True)
class UrlTime:
    """A time that the URL carries. Groups: Y or y, m, d and, where present, H, M, S. `zone` is an IANA name."""

    pattern: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One design of a publisher's article page: which nodes hold what.

    `match` selects something that only this design has. `body` selects the container(s) of the text, `lede` nodes
    that belong in front of it; `strip` nodes inside them that are chrome; everything from the first `stop_at` node on
    is dropped.
    `image` selects containers of one picture each, in which `caption` and `credit` are looked for.
    `related` and `tags` select anchors.
    """

    name: str
    match: str
    headline: tuple[str, ...] = ("h1",)
    lede: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    published: tuple[Time, ...] = ()
    modified: tuple[Time, ...] = ()
    byline: tuple[str, ...] = ()
    dateline: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    stop_at: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """An organisation that publishes news, and all that is particular about its site."""

    name: str
    homepage: str
    country: str  # ISO 3166-1 alpha-2
    languages: tuple[str, ...]  # ISO 639-1
    timezone: str  # IANA; for printed times without a zone
    domains: tuple[str, ...]  # registrable domains or hosts; subdomains count
    sources: tuple[Source, ...]
    article_url: str  # regex, searched in the URL
    not_article_url: str | None = None  # regex of URLs that look like articles and are not
    url_times: tuple[UrlTime, ...] = ()
    layouts: tuple[Layout, ...] = ()
    residue: tuple[str, ...] = ()  # regexes of this publisher's chrome lines that survive as text
    section_names: dict[str, str] = field(default_factory=dict)  # URL segment → printed section name
    canonical_rewrites: tuple[tuple[str, str], ...] = ()  # (regex, replacement) on canonical URLs: mobile hosts, twins
    self_names: tuple[str, ...] = ()  # how the publisher calls itself: never a wire, never an author
    headline_in_slug: bool = False  # the URL's last part is the headline, cut by the CMS
    download_delay: float = 1.0  # seconds between requests to one host
    concurrency: int = 2  # requests under way at one host
    revisits: tuple[timedelta, ...] = REVISITS  # ages at which a page is visited again
    revisit_budget: int = 200  # pages a run that are visited again without being announced anew

    def owns(self, host: str) -> bool:
        """Whether `host` (lower case, no port) is one of the publisher's domains or below one."""
        return any(host == domain or host.endswith("." + domain) for domain in self.domains)

    def is_article(self, url: str) -> bool:
        """Whether `url` looks like an article of this publisher."""
        if self.not_article_url and re.search(self.not_article_url, url):
            return False
        return re.search(self.article_url, url) is not None


@cache
def spider_modules() -> tuple[tuple[ModuleType, ...], Mapping[str, str]]:
    """The modules of the `spiders` package that can be imported, and the error of each that cannot, by its name.

    One broken file must not stop the others. The package is named, not imported, in the code: `crawler` stays below
    `spiders`.
    """
    package = importlib.import_module("spiders")
    modules: list[ModuleType] = []
    broken: dict[str, str] = {}
    for found in pkgutil.iter_modules(package.__path__):
        try:
            modules.append(importlib.import_module(f"{package.__name__}.{found.name}"))
        except Exception as error:  # noqa: BLE001 - whatever it raises, it is named
            broken[found.name] = f"spiders/{found.name}.py cannot be imported: {type(error).__name__}: {error}"
    return tuple(modules), broken


@cache
def publishers() -> dict[str, Publisher]:
    """Every declared publisher by its spider's name."""
    found: dict[str, Publisher] = {}
    for module in spider_modules()[0]:
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                publisher = getattr(value, "publisher", None)
                if isinstance(publisher, Publisher):
                    found[str(vars(value).get("name", module.__name__.rpartition(".")[2]))] = publisher
    return found


def publisher_for(url: str) -> Publisher | None:
    """The declared publisher whose domains hold `url`'s host, or None."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:  # "http://["
        return None
    return next((publisher for publisher in publishers().values() if publisher.owns(host)), None)

"""What a site shows of itself, as far as a publisher file needs it: name, languages, place, sources, article pages.

Each finding comes with its evidence; what nothing speaks for stays empty.
"""

import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from parsel import Selector
from w3lib.encoding import html_to_unicode

from archive.model import Page
from crawler.discovery import Entry, Listing
from crawler.enrich.language import normalise_code
from crawler.errors import CrawlError, SourceError
from crawler.extract import extract
from crawler.feeds import read_feed
from crawler.layout_guess import Sample
from crawler.publisher import Feed, Publisher, Source
from crawler.scouting import scout
from crawler.site_hints import Hints, read_hints
from crawler.sitemaps import read_sitemap
from crawler.url_shapes import ArticlePattern, article_pattern
from crawler.urls import clean_url, registrable_domain
from crawler.visit import Visit

MAX_ARTICLES = 3
# Country-code domains that are sold as words: the site may be anywhere
_GENERIC = frozenset(
    ("ac", "ag", "ai", "am", "cc", "co", "eu", "fm", "gg", "in", "io", "is", "la", "ly", "me", "ms", "nu", "sh", "st",
     "su", "tk", "to", "tv", "ws")
)  # fmt: skip
# "Courier | News from the valley" · "Courier - Home" · "Home – Courier"
_TITLE_PARTS = re.compile(r"\s*[|–—·•:]\s*|\s-\s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A finding and what speaks for it; value and evidence are empty where nothing does."""

    value: str = ""
    evidence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSource:
    """A feed or sitemap that was read, with its number of entries."""

    source: Source
    entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """See the module's docstring. `problems` are sources and pages that could not be read, in words."""

    home: Page
    name: Found
    domain: str
    languages: tuple[str, ...]
    country: Found
    timezone: Found
    sources: tuple[FoundSource, ...]
    pattern: ArticlePattern | None
    samples: tuple[Sample, ...]
    problems: tuple[str, ...] = field(default=())


async def survey(looking: Visit, url: str) -> Survey:
    """Look at the site of `url`: home page, its sources, up to three articles. Raises CrawlError."""
    home = await looking.page(url)
    if home.status != 200:
        raise CrawlError(f"{home.url} answered {home.status}: there is no home page to start from")
    problems: list[str] = []
    sitemaps = await looking.sitemaps(home.url)
    hints = read_hints(home.body, home.url, sitemaps=sitemaps, content_type=home.content_type)
    found = await scout(_VisitLook(looking, problems), home.url, hints)
    domain = registrable_domain(home.url)
    urls = _stories([one.listing for one in found], domain)
    samples = await _samples(looking, urls, domain, problems)
    shown = Selector(text=html_to_unicode(home.content_type, home.body)[1].replace("\x00", ""), type="html")
    country = _country(domain)
    return Survey(
        home=home,
        name=_name(shown, domain),
        domain=domain,
        languages=_languages(samples, shown),
        country=country,
        timezone=_timezone(country.value),
        sources=tuple(
            FoundSource(source=one.source, entries=len(one.listing.entries) or len(one.listing.sitemaps))
            for one in found
        ),
        pattern=article_pattern(urls, domain),
        samples=tuple(samples),
        problems=tuple(problems),
    )


# --- sources ----------------------------------------------------------------------------------------------------------


class _VisitLook:
    """How candidates are looked at on a visit; `problems` are the named ones that could not be read."""

    def __init__(self, looking: Visit, problems: list[str]) -> None:
        self._looking = looking
        self._problems = problems

    async def listing(self, source: Source, *, named: bool) -> Listing | None:
        """See `crawler.scouting.Look`."""
        try:
            page = await self._looking.page(source.url)
            if page.status != 200:
                raise SourceError(f"{source.url} answered {page.status}")
            if isinstance(source, Feed):
                return read_feed(page.body, url=page.url, content_type=page.content_type)
            return read_sitemap(page.body, url=page.url)
        except CrawlError as error:  # one source of several
            if named:
                self._problems.append(str(error))
            return None

    async def hints(self, url: str) -> Hints | None:
        """See `crawler.scouting.Look`."""
        try:
            page = await self._looking.page(url)
        except CrawlError:
            return None
        return read_hints(page.body, page.url, content_type=page.content_type) if page.status == 200 else None


def _stories(listings: Sequence[Listing], domain: str) -> list[str]:
    """Addresses of stories at the site itself, a few of each source in turn."""
    turns = [iter(listing.entries) for listing in listings]
    found: dict[str, None] = {}
    for entry in _in_turn(turns):
        url = clean_url(entry.url)
        if url is not None and registrable_domain(url) == domain and urlsplit(url).path.strip("/"):
            found[url] = None
    return list(found)


def _in_turn(turns: list[Iterator[Entry]]) -> Iterator[Entry]:
    while turns:
        for turn in list(turns):
            entry = next(turn, None)
            if entry is None:
                turns.remove(turn)
            else:
                yield entry


async def _samples(looking: Visit, urls: Sequence[str], domain: str, problems: list[str]) -> list[Sample]:
    """The first pages that hold an article, read without any publisher file."""
    samples: list[Sample] = []
    for url in urls[: 2 * MAX_ARTICLES]:
        if len(samples) == MAX_ARTICLES:
            break
        try:
            page = await looking.page(url)
        except CrawlError as error:
            problems.append(str(error))
            continue
        article = extract(
            page.body,
            page.url,
            content_type=page.content_type,
            captured_at=page.captured_at,
            publisher=provisional(domain, page.url),
        )
        if page.status == 200 and article.paragraphs:
            samples.append(Sample(page=page, article=article))
        else:
            problems.append(f"{url} answered {page.status}, with no article")
    return samples


def provisional(domain: str, homepage: str) -> Publisher:
    """A publisher of which nothing is known but its domain: extraction goes the generic way."""
    return Publisher(
        name=domain, homepage=homepage, country="", languages=(), timezone="UTC", domains=(domain,), sources=(),
        article_url=re.escape(domain),
    )  # fmt: skip


# --- facts ------------------------------------------------------------------------------------------------------------


def _name(shown: Selector, domain: str) -> Found:
    for css, evidence in (
        ("meta[property='og:site_name']::attr(content)", "og:site_name"),
        ("meta[name=application-name]::attr(content)", "meta application-name"),
    ):
        if value := " ".join(shown.css(css).get("").split()):
            return Found(value=value[:80], evidence=evidence)
    parts = [part for part in _TITLE_PARTS.split(" ".join(shown.css("title::text").get("").split())) if part]
    stem = re.sub(r"\W", "", domain.partition(".")[0]).lower()
    alike = next((part for part in parts if re.sub(r"\W", "", part).lower() == stem), None)
    if alike or parts:
        return Found(value=(alike or parts[0])[:80], evidence="the home page's title")
    return Found(value=domain, evidence="the domain")


def _languages(samples: Sequence[Sample], shown: Selector) -> tuple[str, ...]:
    """Those of the articles, most frequent first; what the home page declares where no article says."""
    spoken = Counter(sample.article.language for sample in samples if sample.article.language)
    declared = normalise_code(shown.css("html::attr(lang)").get(""))
    return tuple(code for code, _ in spoken.most_common()) or ((declared,) if len(declared) == 2 else ())


def _country(domain: str) -> Found:
    """By the country-code domain, where it is one and not sold as a word."""
    code = domain.rpartition(".")[2]
    if len(code) != 2 or code in _GENERIC:
        return Found()
    return Found(value={"uk": "GB"}.get(code, code.upper()), evidence=f"the domain .{code}")


def _timezone(country: str) -> Found:
    """The country's zone where it has one only (zone.tab of the time-zone database)."""
    zones = [zone for code, zone in _zone_table() if code == country]
    return Found(value=zones[0], evidence=f"the only zone of {country}") if len(zones) == 1 else Found()


def _zone_table() -> Iterator[tuple[str, str]]:
    for folder in zoneinfo.TZPATH:
        table = Path(folder) / "zone.tab"
        if table.is_file():
            rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
            yield from ((row[0], row[2]) for row in rows if len(row) > 2)
            return

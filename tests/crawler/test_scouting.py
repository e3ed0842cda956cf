"""The search for a site's sources, on sites as the usual systems make them."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import Listing
from crawler.errors import SourceError
from crawler.feeds import read_feed
from crawler.publisher import Feed, Source
from crawler.scouting import MAX_FEEDS, scout
from crawler.site_hints import Hints, read_hints, systems, usual_places
from crawler.sitemaps import read_sitemap
from crawler.sources import KINDS
from tests.crawler.test_crawl import scrapy
from tests.web.homes import Home, homes, owns, respond
from tests.web.messages import Request
from tests.web.offline import OfflineWeb

SITES = list(homes().values())


class LookAt:
    """The sites without a network between; counts what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str) -> bytes | None:
        self.asked.append(url)
        host, _, target = url.removeprefix("https://").partition("/")
        if not owns(host):
            return None
        request = Request(
            raw=b"", scheme="https", method="GET", target=f"/{target}", version="HTTP/1.1", headers={"host": host}
        )  # fmt: skip
        reply = respond(request)
        return reply.body if reply.status == 200 else None

    async def listing(self, source: Source, *, named: bool) -> Listing | None:
        body = self.get(source.url)
        if body is None:
            return None
        try:
            read = read_feed if isinstance(source, Feed) else read_sitemap
            return read(body, url=source.url)
        except SourceError:
            return None

    async def hints(self, url: str) -> Hints | None:
        body = self.get(url)
        return read_hints(body, url) if body is not None else None


def named(home: Home) -> tuple[str, ...]:
    return tuple(line.partition(": ")[2] for line in robots(home) if line.startswith("Sitemap:"))


def robots(home: Home) -> list[str]:
    return (LookAt().get(f"{home.url}robots.txt") or b"").decode().splitlines()


def short(source: Source) -> str:
    return f"{KINDS[type(source)]} /{source.url.removeprefix('https://').partition('/')[2]}"


@pytest.mark.parametrize("home", SITES, ids=[home.name for home in SITES])
async def test_what_is_found_is_what_there_is(home: Home) -> None:
    look = LookAt()
    hints = read_hints(look.get(home.url) or b"", home.url, sitemaps=named(home))
    found = await scout(look, home.url, hints)
    assert tuple(short(one.source) for one in found) == home.expected
    assert len(look.asked) <= 40, "a site is asked for few pages"
    assert len(look.asked) == len(set(look.asked)) + (home.name == "feeds-page"), "and for each once"


@pytest.mark.parametrize("name", ["wordpress", "drupal", "ghost", "arc", "blogger", "joomla"])
def test_the_system_shows_in_the_home_page(name: str) -> None:
    home = homes()[f"{name}.homes.example"]
    assert read_hints(LookAt().get(home.url) or b"", home.url).system == name


def test_the_usual_places_of_a_system_come_first() -> None:
    places = usual_places("https://courier.example/world", "ghost")
    assert places.feeds[0] == "https://courier.example/rss/"
    assert len(places.feeds) == len(set(places.feeds))
    assert all(one.feeds and one.sitemaps for one in systems())


def test_a_home_page_with_a_thousand_feeds_is_looked_at_in_part() -> None:
    links = "".join(f'<link rel=alternate type="application/rss+xml" href="/tag/{n}/feed">' for n in range(1000))
    links += "".join(f'<a href="/{n}/rss">RSS</a>' for n in range(1000))
    hints = read_hints(f"<html><head>{links}</head></html>".encode(), "https://courier.example/")
    look = LookAt()
    assert asyncio.run(scout(look, "https://courier.example/", hints)) == []
    assert len(look.asked) < 2 * MAX_FEEDS + 30


HOME = b"""<html><head>
<link rel="alternate" type="application/rss+xml" href="/rss/news/">
<link rel="alternate" type="application/rss+xml; charset=utf-8" href="https://feeds.example.net/all?utm_source=x">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml" href="/2026/03/a-story/feed/" title="Lesk &raquo; Comments on A story">
<link rel="alternate" hreflang="ar" href="/ar/"><link rel="stylesheet" type="text/css" href="/a.css">
</head><body><a href="/rss/">Feeds</a><a href="/world/">World</a><a href="/x" title="RSS">*</a>
<a href="/rss/news/">N</a><a href="https://feeds.feedburner.com/courier">F</a><a href="/press">Press</a>
<a href="/?feed=comments-rss2">C</a>
<a href="/feedback">Write to us</a></body></html>"""


def test_a_page_declares_feeds_and_links_to_them() -> None:
    hints = read_hints(
        HOME, "https://www.example.org/", sitemaps=("https://www.example.org/news.xml", "/s.xml", "file:///etc/passwd")
    )
    assert hints.feeds == ("https://www.example.org/rss/news/", "https://feeds.example.net/all")
    assert hints.links == (
        "https://www.example.org/rss/", "https://www.example.org/x", "https://feeds.feedburner.com/courier",
    )  # fmt: skip
    assert hints.sitemaps == ("https://www.example.org/news.xml", "https://www.example.org/s.xml")


@given(st.binary(max_size=300))
def test_the_search_never_crashes(html: bytes) -> None:
    read_hints(html, "https://www.example.org/", sitemaps=(html.decode("latin-1"),))


@pytest.mark.parametrize("name", ["wordpress", "feeds-page", "nothing"])
def test_the_site_spider_crawls_what_is_found(web: OfflineWeb, tmp_path: Path, name: str) -> None:
    home = homes()[f"{name}.homes.example"]
    ended = scrapy(tmp_path / "a", "crawl", "site", "-a", f"url={home.url}", env=web.env())
    assert ended.code == (0 if home.expected else 3), ended.output
    rows = ended.rows("SELECT kind, url FROM sources WHERE outcome = 'read' ORDER BY id")
    assert [f"{kind} /{url.removeprefix(home.url)}" for kind, url in rows] == list(home.expected)
    assert ended.one("SELECT count(*) FROM captures WHERE outcome IS NULL") == 0
    stories = {number for one in home.expected for number in home.files[one.partition(" ")[2]]["stories"]}
    assert ended.one("SELECT count(*) FROM articles") == len(stories)

"""What is asked for of a source's parts, and what is not, however many a hostile one names."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.discovery import Entry, Listing, NamedSitemap
from crawler.parts import MAX_PAST_SITEMAPS, MAX_SITEMAPS, day_pages, next_page, reaches_back, sitemaps_of
from crawler.periods import Period
from crawler.publisher import DayArchive, NewsSitemap, Publisher, Section
from crawler.sitemaps import read_sitemap
from crawler.survey import provisional

AT = datetime(2026, 3, 17, 22, 30, tzinfo=UTC)
HOME = "https://www.courier.example"
COURIER = provisional("courier.example", HOME)
INDEX = NewsSitemap(f"{HOME}/sitemap.xml")
JANUARY = Period(since=date(2016, 1, 1), until=date(2016, 1, 31))


def chosen(*names: str | NamedSitemap, period: Period | None = None, asked: int = 0) -> tuple[list[str], str | None]:
    named = tuple(name if isinstance(name, NamedSitemap) else NamedSitemap(url=f"{HOME}{name}") for name in names)
    parts = sitemaps_of(Listing(sitemaps=named), INDEX, COURIER, at=AT, period=period, asked=asked)
    return [url.removeprefix(HOME) for url in parts.urls], parts.remark


def test_days_gone_by_are_left_out_and_what_tells_no_days_is_read() -> None:
    names = ("/s-2026-03-17.xml", "/s-2026-03-16.xml", "/s-2026-03.xml", "/s-2025-12-31.xml", "/s-2016.xml", "/s-7.xml")
    assert chosen(*names) == (["/s-2026-03-17.xml", "/s-2026-03-16.xml", "/s-2026-03.xml", "/s-7.xml"], None)


def test_a_sitemap_of_days_gone_by_that_changed_is_read() -> None:
    old = NamedSitemap(url=f"{HOME}/s-2016.xml", changed_at=AT - timedelta(hours=3))
    assert chosen(old, "/s-2017.xml") == (["/s-2016.xml"], None)


def test_where_nothing_is_new_the_newest_is_read() -> None:
    assert chosen("/s-2017.xml", "/s-2016.xml") == (["/s-2017.xml"], None)


def test_of_a_period_those_that_can_hold_it() -> None:
    before = NamedSitemap(url=f"{HOME}/a.xml", changed_at=datetime(2015, 12, 31, tzinfo=UTC))
    after = NamedSitemap(url=f"{HOME}/b.xml", changed_at=datetime(2020, 1, 1, tzinfo=UTC))
    names = ("/s-2026-03-17.xml", "/s-2016-01-31.xml", "/s-2016-02.xml", "/s-2016.xml", "/s-7.xml", before, after)
    assert chosen(*names, period=JANUARY) == (["/s-2016-01-31.xml", "/s-2016.xml", "/s-7.xml", "/b.xml"], None)


def test_an_index_of_ten_thousand_is_bounded_over_the_whole_run() -> None:
    names = [f"/s-{number}.xml" for number in range(100_000, 110_000)]
    urls, remark = chosen(*names)
    assert (urls, remark) == (names[:MAX_SITEMAPS], f"of 10000 sitemaps the first {MAX_SITEMAPS} are read")
    assert len(chosen(*names, asked=MAX_SITEMAPS - 3)[0]) == 3
    assert chosen(*names, asked=MAX_SITEMAPS)[0] == []
    assert len(chosen(*names, period=JANUARY)[0]) == MAX_PAST_SITEMAPS


@pytest.mark.parametrize(
    ("url", "is_asked"),
    [
        ("https://news.courier.example/s.xml", True),
        ("https://courier.example/s.xml", True),
        ("https://courier.example.other.example/s.xml", False),
        ("https://other.example/s.xml", False),
        ("http://127.0.0.1/s.xml", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
    ],
)
def test_sitemaps_of_other_sites_are_not_asked_for(url: str, is_asked: bool) -> None:
    urls, remark = chosen(NamedSitemap(url=url), "/own.xml")
    assert ("/own.xml" in urls, url in urls) == (True, is_asked)
    assert remark == (None if is_asked else "1 sitemaps of other sites are not asked for")


def test_an_index_is_in_order_of_age_and_names_each_once() -> None:
    entries = [("a.xml", ""), ("s-2026-03-16.xml", ""), ("b.xml", "2026-03-17"), ("c.xml", "2020-01-01T00:00:00Z"),
               ("b.xml", "2019-01-01"), ("s-2026-03-17.xml", "")]  # fmt: skip
    rows = "".join(f"<sitemap><loc>{HOME}/{name}</loc><lastmod>{at}</lastmod></sitemap>" for name, at in entries)
    listing = read_sitemap(f"<sitemapindex>{rows}</sitemapindex>".encode(), url=INDEX.url)
    names = [named.url.removeprefix(f"{HOME}/") for named in listing.sitemaps]
    assert names == ["b.xml", "s-2026-03-17.xml", "s-2026-03-16.xml", "c.xml", "a.xml"]


LISTED = Listing(entries=(Entry(url=f"{HOME}/1"),), next_page=f"{HOME}/world?page=2")
WORLD = Section(f"{HOME}/world", max_pages=3)


def test_a_list_goes_on_to_its_next_page_within_bounds() -> None:
    assert next_page(LISTED, WORLD, WORLD.url, depth=1, until=3) == f"{HOME}/world?page=2"
    assert next_page(LISTED, WORLD, WORLD.url, depth=3, until=3) is None
    assert next_page(LISTED, WORLD, f"{HOME}/world?page=2", depth=2, until=3) is None, "a page that names itself"
    assert next_page(Listing(), WORLD, WORLD.url, depth=1, until=3) is None
    numbered = Section(f"{HOME}/more/0", pages=f"{HOME}/more/{{page}}", max_pages=3)
    assert next_page(LISTED, numbered, numbered.url, depth=1, until=3) == f"{HOME}/more/1"
    assert next_page(LISTED, INDEX, INDEX.url, depth=1, until=3) is None


def test_a_list_reaches_back_as_long_as_its_dates_do() -> None:
    assert reaches_back([None, date(2016, 1, 1), date(2015, 1, 1)], JANUARY)
    assert not reaches_back([date(2015, 12, 31)], JANUARY)
    assert not reaches_back([None], JANUARY)


def archive(timezone: str) -> tuple[DayArchive, Publisher]:
    return DayArchive(f"{HOME}/archive/{{day:%Y%m%d}}"), replace(COURIER, timezone=timezone)


def test_today_and_yesterday_are_the_publishers() -> None:
    source, publisher = archive("Europe/Moscow")  # half past one in the morning there
    assert list(day_pages(source, publisher, at=AT, period=None)) == [
        f"{HOME}/archive/20260318", f"{HOME}/archive/20260317",
    ]  # fmt: skip


def test_of_a_period_every_day_newest_first_and_none_to_come() -> None:
    source, publisher = archive("UTC")
    pages = day_pages(source, publisher, at=AT, period=JANUARY)
    assert len(pages) == 31
    assert next(iter(pages.items())) == (f"{HOME}/archive/20160131", date(2016, 1, 31))
    assert list(day_pages(source, publisher, at=AT, period=Period(since=date(2026, 3, 17)))) == [
        f"{HOME}/archive/20260317"
    ]
    assert len(day_pages(source, publisher, at=AT, period=Period())) < 12_000

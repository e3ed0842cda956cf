"""Which days a name tells, which days a story is of."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Sighting
from crawler.arguments import period
from crawler.errors import UsageError
from crawler.periods import Period, day_of, period_named
from crawler.publisher import publishers

NOW = datetime(2026, 3, 17, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("/sitemap-2016-01-31.xml", "2016-01-31", "2016-01-31"),
        ("/sitemap/20160131.xml.gz", "2016-01-31", "2016-01-31"),
        ("/sitemap_article_index.xml?date=20160131", "2016-01-31", "2016-01-31"),
        ("/arc/outboundfeeds/sitemap/2016/01/31/", "2016-01-31", "2016-01-31"),
        ("/sitemap.xml?yyyy=2016&mm=01&dd=31", "2016-01-31", "2016-01-31"),
        ("/sitemap?from=20160101&to=20160131", "2016-01-01", "2016-01-31"),
        ("/sitemap-posttype-post.2016-02.xml", "2016-02-01", "2016-02-29"),
        ("/sitemap.xml?yyyy=2016&mm=12", "2016-12-01", "2016-12-31"),
        ("/sitemap/201602.xml", "2016-02-01", "2016-02-29"),
        ("/sitemap-articles-2016.xml", "2016-01-01", "2016-12-31"),
        ("/sitemap_2016_1.xml", "2016-01-01", "2016-12-31"),
        ("/%D8%AE/sitemap-2016-01-31.xml", "2016-01-31", "2016-01-31"),
    ],
)
def test_the_name_of_a_file_tells_its_days(name: str, since: str, until: str) -> None:
    told = period_named(f"https://courier.example{name}")
    assert told == Period(since=date.fromisoformat(since), until=date.fromisoformat(until))


@pytest.mark.parametrize(
    "name", ["/sitemap.xml", "/post-sitemap12.xml", "/sitemap-4711.xml", "/s/2016-13-45-x1", "/1234567890.xml", ""]
)
def test_other_names_tell_none_or_a_year_at_most(name: str) -> None:
    told = period_named(f"https://courier.example{name}")
    assert told is None or told == Period(since=date(2016, 1, 1), until=date(2016, 12, 31))


@given(st.text(max_size=60))
def test_any_name_is_survived(name: str) -> None:
    told = period_named(name)
    assert told is None or told.since <= told.until


def sighting(url: str, announced_at: datetime | None = None) -> Sighting:
    return Sighting(
        url=url, raw_url=url, publisher="P", source="s", seen_at=NOW, position=0, announced_at=announced_at
    )  # fmt: skip


def test_a_story_is_of_the_day_on_the_publishers_calendar() -> None:
    sputnik = publishers()["sputnik"]
    late = datetime(2016, 1, 31, 22, tzinfo=UTC)  # one in the morning in Moscow
    assert day_of(sighting("https://sputniknews.com/world/201601311031454159-a/", late), sputnik) == date(2016, 2, 1)
    assert day_of(sighting("https://sputniknews.com/world/201601311031454159-a/"), sputnik) == date(2016, 1, 31)
    assert day_of(sighting("https://www.rt.com/news/473849-a-b/"), publishers()["rt"]) is None
    assert day_of(sighting("https://x.example/2016/01/31/a"), publishers()["rt"]) == date(2016, 1, 31)


def test_days_are_newest_first_and_both_ends_are_in() -> None:
    january = Period(since=date(2016, 1, 30), until=date(2016, 2, 1))
    assert list(january.days()) == [date(2016, 2, 1), date(2016, 1, 31), date(2016, 1, 30)]
    assert date(2016, 1, 30) in january
    assert date(2016, 2, 2) not in january


@pytest.mark.parametrize(
    ("given_days", "words"),
    [
        ({"since": "2016-02-31"}, "since=2016-02-31: not a day"),
        ({"since": "yesterday"}, "not a day"),
        ({"until": ""}, "not a day"),
        ({"since": "2016-02-01", "until": "2016-01-01"}, "later than"),
        ({"since": "2999-01-01"}, "has not come yet"),
    ],
)
def test_wrong_days_are_errors_of_usage(given_days: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        period(given_days)


def test_days_that_are_not_given_leave_the_crawl_as_it_is() -> None:
    assert period({}) is None
    assert period({"url": "https://www.rt.com/"}) is None
    assert period({"since": "2016-01-01"}) == Period(since=date(2016, 1, 1))

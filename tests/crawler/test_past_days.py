"""`-a since=… -a until=…` on ordinary spiders, against the offline web's archives by days."""

import re
from pathlib import Path

import pytest

from tests.crawler.test_crawl import Ended, pages, scrapy
from tests.web.offline import OfflineWeb

pytestmark = pytest.mark.slow

NOVEMBER = ("-a", "since=2019-11-01", "-a", "until=2019-11-30")


@pytest.fixture(scope="module")
def crawled(web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return scrapy(tmp_path_factory.mktemp("past") / "archive", "crawl", "sputnik", *NOVEMBER, env=web.env())


def test_every_day_is_asked_for_newest_first(crawled: Ended, web: OfflineWeb) -> None:
    assert crawled.code == 0, crawled.output
    asked = [url for (url,) in crawled.rows("SELECT url FROM captures WHERE url LIKE '%sputnikglobe.com/archive/2%'")]
    days = [url[-8:] for url in asked]
    assert sorted(days) == [f"201911{day:02}" for day in range(1, 31)]


def test_stories_of_other_days_are_seen_and_not_fetched(crawled: Ended) -> None:
    fetched = pages(crawled)
    assert fetched
    assert all(re.search(r"/201911\d\d", url) for url in fetched), fetched
    sql = "SELECT count(*) FROM sightings WHERE outcome = 'known' AND detail LIKE 'of 20%not asked for' AND url NOT IN "
    assert crawled.one(f"{sql} (SELECT url FROM captures)") > 0
    assert crawled.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0


def test_the_days_belong_to_one_source_that_is_due_as_a_whole(crawled: Ended) -> None:
    template = "https://sputnikglobe.com/archive/{day:%Y%m%d}"
    assert crawled.rows(f"SELECT kind, outcome FROM sources WHERE url = '{template}'") == [("listing", "read")]
    assert crawled.one("SELECT count(*) FROM sources WHERE url LIKE '%/archive/2%'") == 0
    assert crawled.one(f"SELECT count(*) FROM polls WHERE part_of = '{template}'") >= 30


def test_days_that_were_read_are_not_asked_for_again(crawled: Ended, web: OfflineWeb, tmp_path: Path) -> None:
    listed = {source for (source,) in crawled.rows(
        "SELECT source FROM polls WHERE part_of LIKE '%/archive/%' AND error IS NULL"
    )}  # fmt: skip
    assert listed
    web.forget()
    again = scrapy(crawled.folder, "crawl", "sputnik", *NOVEMBER, env=web.env())
    assert again.code == 0, again.output
    assert not listed.intersection(exchange.url for exchange in web.exchanges)


def test_without_days_today_and_yesterday_are_asked_for(web: OfflineWeb, tmp_path: Path) -> None:
    web.forget()
    ended = scrapy(tmp_path / "a", "crawl", "sputnik", env=web.env())
    assert ended.code == 0, ended.output
    days = {exchange.url for exchange in web.exchanges if "sputnikglobe.com/archive/2" in exchange.url}
    assert len(days) == 2


def test_the_site_spider_takes_days_too(web: OfflineWeb, tmp_path: Path) -> None:
    days = ("-a", "since=2019-08-01", "-a", "until=2019-08-31")
    ended = scrapy(tmp_path / "a", "crawl", "site", "-a", "url=https://www.rt.com/", *days, env=web.env())
    assert ended.code in {0, 4}, ended.output
    assert ended.rows("SELECT DISTINCT substr(published_at, 1, 7) FROM articles") == [("2019-08",)]


def test_wrong_days_are_told_before_anything_is_opened(tmp_path: Path) -> None:
    for spider in (["rt"], ["site", "-a", "url=https://www.rt.com/"]):
        ended = scrapy(tmp_path / "a", "crawl", *spider, "-a", "since=2016-31-01", env={})
        assert (ended.code, "not a day" in ended.output) == (64, True), ended.output
    assert not (tmp_path / "a").exists()

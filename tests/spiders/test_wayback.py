"""Pages of the past, by the command that a person types, from the archives of the offline web."""

import itertools
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from archive.dump import dump
from archive.folder import connect
from archive.rebuild import rebuild
from archive.records import read_record, read_records
from archive.verify import verify
from crawler.errors import UsageError
from spiders.wayback import WaybackSpider
from tests.crawler.test_crawl import Ended, scrapy, start
from tests.web.faults import Fault
from tests.web.offline import OfflineWeb

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spoilt")]

YEAR = ("-a", "since=2016-01-01", "-a", "until=2016-12-31")
SMALL = ("-s", "WAYBACK_CDX_LIMIT=3")  # lines of an answer: the index is read in parts
SLOW = ("-s", "OFFLINE_PACE=0.4", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
CRAWL = "https://data.commoncrawl.org/crawl-data/CC-MAIN-2018-34/segments/1471982290442.1/warc/CC-MAIN-2018-34-00000"
MORTAR = "Mortar rounds close Orlitsa crossing, 3 border guards wounded"
DOLVAR = "https://www.rt.com/news/241207-dolvar-ceasefire-prisoners-exchange/"
VETERANS = "https://www.rt.com/usa/veterans-claim-burn-pit-records-destroyed/"


def past(folder: Path, web: OfflineWeb, *arguments: str, publisher: str = "rt") -> Ended:
    return scrapy(folder, "crawl", "wayback", "-a", f"publisher={publisher}", *arguments, env=web.env())


def asked(web: OfflineWeb, host: str = "") -> list[str]:
    """What was asked of the archives, robots.txt aside."""
    hosts = {"web.archive.org", "index.commoncrawl.org", "data.commoncrawl.org"}
    urls = (exchange.url for exchange in web.exchanges if exchange.host in hosts and host in exchange.host)
    return [url for url in urls if not url.endswith("/robots.txt")]


@pytest.fixture(scope="module")
def year(web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """RT's year 2016 from the Wayback Machine, and what the offline web sent for it."""
    web.clear_faults()
    web.forget()
    ended = past(tmp_path_factory.mktemp("year") / "archive", web, *YEAR, *SMALL)
    sent = {exchange.url: exchange.response.hex() for exchange in web.exchanges}
    (ended.folder / "sent.json").write_text(json.dumps(sent))
    return ended


# --- the Wayback Machine ----------------------------------------------------------------------------------------------


def test_each_article_of_the_window_is_had_as_it_was(year: Ended) -> None:
    assert year.code == 0, year.output
    found = year.rows("SELECT captured_at, published_at, headline FROM articles ORDER BY captured_at")
    assert found == [
        ("2016-02-05T14:11:09Z", "2016-02-05T12:40:00Z", MORTAR),
        ("2016-02-18T03:50:41Z", "2016-02-18T03:10:00Z", "Veterans say records of burn pits are missing"),
        ("2016-09-03T08:05:55Z", "2016-09-03T07:30:00Z", "Militants free last 11 hostages of Dolvar sawmill siege"),
    ]
    assert year.one("SELECT count(*) FROM watches") == 0, "nothing is to be visited again"
    assert year.one("SELECT count(*) FROM sources WHERE kind = 'index'") == 0, "an index has no rhythm"


def test_captures_name_page_intermediary_and_both_times(year: Ended) -> None:
    (row,) = year.rows(
        "SELECT url, via, original_at, intermediary, outcome, captured_at > '2020' FROM captures "
        "WHERE url LIKE '%orlitsa%'"
    )
    url = "https://www.rt.com/news/331418-orlitsa-crossing-mortar/"
    address = f"https://web.archive.org/web/20160205141109id_/{url}"
    assert row == (url, address, "2016-02-05T14:11:09Z", "web.archive.org", "extracted", 1)
    sighted = year.rows(
        "SELECT url, memento, announced_at, position, outcome, source LIKE 'https://web.archive.org/cdx/search/cdx?%', "
        "fields LIKE '{\"digest\": \"________________________________\"}' FROM sightings WHERE url LIKE '%orlitsa%'"
    )
    assert sighted == [(url, address, "2016-02-05T14:11:09Z", 0, "extracted", 1, 1)]


def test_the_exchange_is_kept_as_it_crossed_the_wire(year: Ended) -> None:
    sent = json.loads((year.folder / "sent.json").read_text())
    rows = year.rows("SELECT file, offset, via FROM captures WHERE intermediary NOT NULL")
    for file, offset, via in rows:
        record = read_record(year.folder / file, offset)
        assert record.target_uri == via
        assert record.block == bytes.fromhex(sent[via])
    (page,) = (year.folder / "warc").glob("*[0-9].warc.gz")
    about = [record.block.decode() for record in read_records(page) if record.type == "metadata"]
    (mortar,) = (block for block in about if "memento: " in block and "orlitsa" in block)
    assert "originalDate: 2016-02-05T14:11:09Z" in mortar
    assert "via: https://web.archive.org/cdx/search/cdx?url=rt.com" in mortar


def test_a_redirect_to_the_nearest_capture_says_what_it_is_of(year: Ended) -> None:
    rows = year.rows(f"SELECT status, original_at, outcome FROM captures WHERE url = '{VETERANS}' ORDER BY id")
    assert rows == [(302, None, "not_article"), (200, "2016-02-18T03:50:41Z", "extracted")]
    listed = year.rows(f"SELECT announced_at, outcome FROM sightings WHERE url = '{VETERANS}'")
    assert listed == [("2016-02-18T03:52:16Z", "extracted")]


def test_what_cannot_be_had_ends_with_its_reason(year: Ended) -> None:
    ended = dict(year.rows("SELECT url, outcome || ': ' || detail FROM sightings WHERE outcome <> 'extracted'"))
    reasons = {re.search(r"-([a-z-]+)/$", url)[1]: reason for url, reason in ended.items()}  # type: ignore[index]
    assert reasons == {
        "excluded-report": "blocked: excluded from web.archive.org: AdministrativeAccessControlException",
        "leads-home": (
            "not_article: out of scope: https://www.rt.com/news/: leads out of the archive at "
            "https://web.archive.org/web/"
        ),
        "leads-away": (
            "not_article: out of scope: https://web.archive.org/web/20160301000000id_/https://elsewhere.example/a: "
            "not a capture of a page of RT"
        ),
    }


def test_the_archive_holds_together_and_is_made_again_from_its_files(year: Ended, web: OfflineWeb) -> None:
    assert verify(year.folder).findings == ()
    before = rows_of(year.folder)
    rebuild(year.folder, software="test")
    assert rows_of(year.folder) == before
    again = scrapy(year.folder, "reextract", "--dry-run", env=web.env())
    assert "0 of 7 captures would be read otherwise" in again.output, again.output


def rows_of(folder: Path) -> list[str]:
    connection = connect(folder, write=False)
    try:
        return [line for line in dump(connection) if not line.startswith(('["about"', '["files"'))]
    finally:
        connection.close()


def test_a_finished_window_is_not_asked_again(year: Ended, web: OfflineWeb) -> None:
    again = past(year.folder, web, *YEAR, *SMALL)
    assert (again.code, asked(web)) == (0, []), again.output
    assert again.one("SELECT count(*) FROM sightings") == 6


def test_a_window_that_goes_on_is_asked_again_and_fetches_nothing_twice(year: Ended, web: OfflineWeb) -> None:
    first = past(year.folder, web, "-a", "since=2016-01-01", "-a", "match=orlitsa")
    second = past(year.folder, web, "-a", "since=2016-01-01", "-a", "match=orlitsa")
    assert (first.code, second.code) == (0, 0), second.output
    assert len(asked(web)) == 2
    assert all("/cdx/" in url for url in asked(web))


# --- Common Crawl -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crawled(web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """RT from the crawls of 2016 to 2018."""
    web.clear_faults()
    window = ("-a", "since=2016-01-01", "-a", "until=2018-12-31")
    return past(tmp_path_factory.mktemp("crawled") / "archive", web, *window, "-a", "index=commoncrawl")


def test_members_of_warc_files_become_articles_of_the_page_in_them(crawled: Ended) -> None:
    assert crawled.code == 0, crawled.output
    url, via, status, original_at, intermediary = crawled.rows(
        "SELECT url, via, status, original_at, intermediary FROM captures WHERE url LIKE '%mutiny%'"
    )[0]
    assert (url, status) == ("https://www.rt.com/news/431877-mbewala-mutiny-soldiers-tv/", 206)
    assert re.fullmatch(re.escape(CRAWL) + r"\.warc\.gz#bytes=\d+-\d+", via)
    assert (original_at, intermediary) == ("2018-08-17T02:33:36Z", "commoncrawl.org")
    articles = dict(crawled.rows("SELECT url, captured_at FROM articles"))
    assert articles[url] == original_at
    file, offset = crawled.rows("SELECT file, offset FROM captures WHERE url LIKE '%mutiny%'")[0]
    record = read_record(crawled.folder / file, offset)
    assert record.target_uri == f"{CRAWL}.warc.gz"
    assert record.block.startswith(b"HTTP/1.1 206 Partial Content\r\n")
    sent = [record.block for record in read_records(crawled.folder / file) if record.type == "request"]
    assert any(f"Range: {via.rpartition('#')[2]}\r\n".encode() in request for request in sent)
    assert verify(crawled.folder).findings == ()


def test_members_that_are_not_what_they_should_be_are_no_articles(crawled: Ended) -> None:
    failed = dict(crawled.rows("SELECT url, detail FROM captures WHERE outcome = 'failed'"))
    assert {url.rpartition("/news/")[2]: detail.rpartition(": ")[2] for url, detail in failed.items()} == {
        "396920-sarven-dam-militants-retreat/": "the file ends inside its gzip member",
        "421740-tarvenia-sappers-school-bombs/": (
            "the record does not have the payload that its digest was made of"
        ),
    }  # fmt: skip
    assert crawled.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0


def test_the_crawls_are_listed_anew_and_their_pages_are_not(crawled: Ended, web: OfflineWeb) -> None:
    again = past(
        crawled.folder, web, "-a", "since=2016-01-01", "-a", "until=2018-12-31", "-a", "index=commoncrawl"
    )  # fmt: skip
    assert (again.code, asked(web)) == (0, ["https://index.commoncrawl.org/collinfo.json"]), again.output


# --- in time ----------------------------------------------------------------------------------------------------------


def test_a_page_of_the_past_stands_below_what_was_crawled_before(web: OfflineWeb, tmp_path: Path) -> None:
    live = scrapy(tmp_path / "a", "crawl", "rt", "-a", f"url={DOLVAR}", env=web.env())
    now = live.one("SELECT headline FROM articles")
    window = ("-a", f"url={DOLVAR}", "-a", "until=2015-12-31", "-a", "captures=all")
    then = past(tmp_path / "a", web, *window, "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    assert then.rows("SELECT headline, captured_at > '2020' FROM articles") == [(now, 1)]
    versions = then.rows("SELECT headline, captured_at, number FROM versions ORDER BY captured_at")
    assert versions[:2] == [
        ("Both sides in Tarvenia signal a ceasefire around Dolvar", "2015-03-12T09:52:07Z", 2),
        (now, "2015-03-12T12:14:11Z", 3),
    ]
    assert [(headline, number) for headline, _, number in versions[2:]] == [(now, 1)]
    again = scrapy(tmp_path / "a", "crawl", "rt", "-a", f"url={DOLVAR}", env=web.env())
    assert again.one("SELECT outcome FROM captures ORDER BY id DESC LIMIT 1") == "unchanged", "today nothing changed"


@pytest.mark.parametrize("status", [404, 403])
def test_what_an_archive_does_not_have_says_nothing_of_the_page(web: OfflineWeb, tmp_path: Path, status: int) -> None:
    scrapy(tmp_path / "a", "crawl", "rt", "-a", f"url={VETERANS}", env=web.env())
    error = ("X-Archive-Wayback-Runtime-Error", "AdministrativeAccessControlException: Blocked Site Error")
    web.fault("id_/", Fault("status", status=status, headers=(error,) if status == 403 else ()))
    then = past(tmp_path / "a", web, "-a", f"url={VETERANS}", "-a", "until=2016-12-31")
    assert then.one("SELECT outcome FROM sightings WHERE memento NOT NULL") == (
        "failed" if status == 404 else "blocked"
    )
    assert then.one("SELECT count(*) FROM changes") == 0


def test_two_captures_are_the_first_and_the_last(web: OfflineWeb, tmp_path: Path) -> None:
    window = ("-a", "since=2015-01-01", "-a", "until=2015-12-31", "-a", "match=dolvar")
    first = past(tmp_path / "a", web, *window, "-a", "captures=2")
    assert [number for (number,) in first.rows("SELECT versions FROM articles")] == [2]
    one = past(tmp_path / "b", web, *window)
    assert [number for (number,) in one.rows("SELECT versions FROM articles")] == [1]


# --- stopped, slowed down, sent away ----------------------------------------------------------------------------------


def stop_at(
    process: "subprocess.Popen[str]", web: OfflineWeb, part: str, count: int, how: int = signal.SIGKILL
) -> None:
    """End the crawl as soon as it has asked `count` times for addresses with `part`."""
    deadline = time.monotonic() + 60
    while sum(part in url for url in asked(web)) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(how)
    process.communicate(timeout=30)


@pytest.mark.parametrize(("part", "count"), [("/cdx/", 2), ("id_/", 3)])
def test_a_crawl_that_is_killed_is_finished_by_the_next(
    year: Ended, web: OfflineWeb, tmp_path: Path, part: str, count: int
) -> None:
    command = ("crawl", "wayback", "-a", "publisher=rt", *YEAR, *SMALL, *SLOW)
    stop_at(start(tmp_path / "a", *command, env=web.env()), web, part, count)
    before = asked(web)
    ended = past(tmp_path / "a", web, *YEAR, *SMALL)
    assert ended.code == 0, ended.output
    sql = "SELECT headline, text, captured_at FROM articles ORDER BY url"
    assert ended.rows(sql) == year.rows(sql)
    assert ended.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0
    assert verify(tmp_path / "a").findings == ()
    again = [url for url in asked(web)[len(before) :] if url in before]
    assert len(again) <= 2, "what was safe is not asked for again"


@pytest.mark.parametrize(("part", "count"), [("/cdx/", 1), ("id_/", 2)])
def test_a_crawl_that_is_stopped_blames_nobody(web: OfflineWeb, tmp_path: Path, part: str, count: int) -> None:
    process = start(tmp_path / "a", "crawl", "wayback", "-a", "publisher=rt", *YEAR, *SMALL, *SLOW, env=web.env())
    stop_at(process, web, part, count, how=signal.SIGINT)
    assert process.returncode == 130
    ended = past(tmp_path / "a", web, *YEAR, *SMALL)
    assert ended.code == 0, ended.output
    assert ended.one("SELECT count(*) FROM articles") == 3
    assert ended.one("SELECT count(*) FROM polls WHERE outcome <> 'read'") == 0
    failed = {detail for (detail,) in ended.rows("SELECT detail FROM captures WHERE outcome = 'failed'")}
    assert failed <= {"interrupted before extraction"}


def test_a_killed_crawl_leaves_nothing_to_the_publishers_own(web: OfflineWeb, tmp_path: Path) -> None:
    command = ("crawl", "wayback", "-a", "publisher=rt", *YEAR, *SLOW)
    stop_at(start(tmp_path / "a", *command, env=web.env()), web, "id_/", 2)
    waiting = "SELECT count(*) FROM sightings WHERE outcome IS NULL AND memento NOT NULL"
    live = scrapy(tmp_path / "a", "crawl", "rt", "-a", f"url={VETERANS}", env=web.env())
    assert live.code == 0, live.output
    assert live.one(waiting) >= 3
    assert live.one("SELECT count(*) FROM captures WHERE url LIKE '%orlitsa%' AND intermediary IS NULL") == 0


def test_what_answers_busy_is_asked_again_and_waits_for_the_next_run(web: OfflineWeb, tmp_path: Path) -> None:
    slow_down = Fault("status", status=429, headers=(("Retry-After", "1"),), times=1)
    web.fault(r"web\.archive\.org/cdx/", slow_down)
    web.fault(r"id_/.*orlitsa", Fault("status", status=503))
    first = past(tmp_path / "a", web, *YEAR)
    assert [exchange.status for exchange in web.exchanges if "/cdx/" in exchange.url] == [429, 200]
    waiting = "SELECT detail FROM sightings WHERE outcome IS NULL"
    assert first.rows(waiting) == [("web.archive.org answered 503",)]
    web.clear_faults()
    second = past(tmp_path / "a", web, *YEAR)
    assert second.rows(waiting) == []
    assert second.one("SELECT count(*) FROM articles") == 3


def test_an_index_that_fails_is_reported_and_asked_again(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(r"resumeKey", Fault("cut_text"))
    first = past(tmp_path / "a", web, *YEAR, *SMALL)
    assert first.code == 4, first.output
    assert "the answer is cut off after" in first.output
    web.clear_faults()
    second = past(tmp_path / "a", web, *YEAR, *SMALL)
    assert second.code == 0, second.output
    assert second.one("SELECT count(*) FROM articles") == 3


def test_a_site_that_the_index_excludes_is_said_to_be(web: OfflineWeb, tmp_path: Path) -> None:
    error = b"org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
    web.fault(r"/cdx/", Fault("body", body=error))
    ended = past(tmp_path / "a", web, *YEAR)
    assert ended.code != 0
    assert "the archive excludes this site (AdministrativeAccessControlException)" in ended.output


def test_robots_txt_of_the_archive_is_obeyed(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(r"archive\.org/robots\.txt", Fault("robots_text", body=b"User-agent: *\nDisallow: /web/\n", size=0))
    ended = past(tmp_path / "a", web, *YEAR)
    assert not any("id_/" in url for url in asked(web))
    assert set(ended.rows("SELECT outcome FROM sightings")) == {("blocked",)}


def test_one_page_and_all_pages_that_begin_so(web: OfflineWeb, tmp_path: Path) -> None:
    def crawl(folder: Path, url: str) -> Ended:
        return scrapy(folder, "crawl", "wayback", "-a", f"url={url}", "-a", "until=2018-12-31", env=web.env())

    one = crawl(tmp_path / "a", VETERANS)
    assert one.rows("SELECT publisher, url FROM articles") == [("RT", VETERANS)], one.output
    many = crawl(tmp_path / "b", "https://sputniknews.com/middleeast/*")
    places = {url.split("/")[3] for (url,) in many.rows("SELECT url FROM sightings")}
    assert places == {"middleeast"}, many.output
    other = crawl(tmp_path / "c", "https://courier.example/world/*")
    assert other.rows("SELECT publisher, headline, captured_at FROM articles") == [
        ("courier.example", "Ferry shelled at Tamarin, four dead", "2016-06-11T16:20:05Z")
    ]


def test_each_archive_is_asked_at_the_pace_that_it_asks_for() -> None:
    settings = get_project_settings()
    settings.set("OFFLINE_WEB", None, priority="cmdline")
    WaybackSpider.update_settings(settings)
    paces = {name: (slot["delay"], slot["concurrency"]) for name, slot in settings.getdict("DOWNLOAD_SLOTS").items()}
    assert paces == {
        "web.archive.org (index)": (2.5, 1),
        "web.archive.org": (0.5, 2),
        "index.commoncrawl.org (index)": (3.0, 1),
        "data.commoncrawl.org": (0.5, 2),
    }


def test_the_pace_is_kept(web: OfflineWeb, tmp_path: Path) -> None:
    ended = past(tmp_path / "a", web, *YEAR, *SMALL, "-s", "OFFLINE_PACE=0.4")
    (file,) = {file for (file,) in ended.rows("SELECT file FROM captures")}
    sent = [record for record in read_records(ended.folder / file) if record.type == "request"]
    for part, seconds in (("/cdx/", 2.5 * 0.4), ("id_/", 0.5 * 0.4)):
        times = sorted(record.date for record in sent if part in (record.target_uri or ""))
        gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(times)]
        assert gaps
        assert min(gaps) > 0.9 * seconds, (part, gaps)  # a timer may be some milliseconds early


def test_how_far_it_has_come_is_said(web: OfflineWeb, tmp_path: Path) -> None:
    ended = past(tmp_path / "a", web, *YEAR, "-s", "OFFLINE_PACE=3")
    assert re.search(r"RT: .*; \d of 6 captures(?:, about \d+ s left)?$", ended.output, re.MULTILINE), ended.output


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "whose pages"),
        ({"publisher": "nobody"}, "there is no such spider; there are alalam,"),
        ({"publisher": "rt", "since": "2017-01-01", "until": "2016-01-01"}, "is later than until"),
        ({"publisher": "rt", "since": "last year"}, "not a day"),
        ({"publisher": "rt", "captures": "0"}, "one, all, or a number"),
        ({"publisher": "rt", "match": "("}, "not a regular expression"),
        ({"publisher": "rt", "index": "google"}, "there are wayback and commoncrawl"),
        ({"publisher": "rt", "url": "https://elsewhere.example/"}, "not a page of RT"),
        ({"publisher": "rt", "year": "2016"}, "takes no argument year"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        WaybackSpider(**arguments)

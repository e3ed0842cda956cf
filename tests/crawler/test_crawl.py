"""Whole crawls of the offline web by `scrapy crawl` and `crawlall`, with everything that can go wrong on the way."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive.store import Archive
from tests import commands
from tests.conftest import ROOT
from tests.web.faults import Fault
from tests.web.offline import OfflineWeb

pytestmark = pytest.mark.usefixtures("spoilt")

NEWS, ALL = "https://www.rt.com/rss/news/", "https://www.rt.com/rss/"
LISTING = "https://www.rt.com/listing/.*"
RUSSIAN, ARABIC = "https://russian.rt.com/rss", "https://arabic.rt.com/rss/"
ARTICLES = r"rt\.com/.*\d{5}-"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and the archive it leaves."""

    code: int
    output: str
    folder: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        database = sqlite3.connect(self.folder / "archive.db")
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]


def start(
    folder: Path, *command: str, env: Mapping[str, str], limit: int | None = None, project: Path = ROOT
) -> subprocess.Popen[str]:
    """Start `scrapy COMMAND` with one extraction worker. `limit`: KiB that a file may have."""
    limited = ["bash", "-c", f'ulimit -f {limit}; exec "$@"', "bash"] if limit else []
    arguments, environment = _terms(folder, command, env, project)
    return subprocess.Popen(
        [*limited, sys.executable, "-m", "scrapy", *arguments],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _terms(
    folder: Path, command: Sequence[str], env: Mapping[str, str], project: Path
) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment of a command."""
    ours = {"DATELINE_OFFLINE_WEB", "DATELINE_CONTACT", "SSL_CERT_FILE"}
    inherited = {key: value for key, value in os.environ.items() if key not in ours}
    ours_now = {"DATELINE_ARCHIVE": str(folder), "PYTHONPATH": str(project)}
    return [*command, "-s", "EXTRACTION_WORKERS=1"], {**inherited, **env, **ours_now}


def scrapy(
    folder: Path, *command: str, env: Mapping[str, str], limit: int | None = None, project: Path = ROOT
) -> Ended:
    """Run `scrapy COMMAND` to its end."""
    if limit is not None:
        process = start(folder, *command, env=env, limit=limit)
        output, _ = process.communicate(timeout=100)
        return Ended(process.returncode, output, folder)
    arguments, environment = _terms(folder, command, env, project)
    done = commands.run("scrapy", *arguments, cwd=project, env=environment)
    return Ended(done.returncode, done.stdout + done.stderr, folder)


def children_of(process: subprocess.Popen[str]) -> list[Path]:
    """The worker processes."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [Path("/proc") / child for child in children]


def all_gone(processes: list[Path]) -> bool:
    """Whether they end within some seconds."""
    deadline = time.monotonic() + 10
    while any(process.exists() for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(process.exists() for process in processes)


def pages(ended: Ended) -> set[str]:
    """The pages that were captured whole."""
    return {url for (url,) in ended.rows("SELECT url FROM captures WHERE kind = 'page' AND status = 200")}


@pytest.fixture(scope="module")
def first(web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """RT, crawled once, undisturbed."""
    return scrapy(tmp_path_factory.mktemp("first") / "archive", "crawl", "rt", env=web.env())


def test_a_crawl_archives_extracts_and_counts(first: Ended) -> None:
    assert first.code == 0, first.output
    assert first.one("SELECT count(*) FROM articles") >= 6
    assert first.one("SELECT count(*) FROM captures WHERE outcome IS NULL") == 0
    assert first.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0
    assert first.rows("SELECT exit_code FROM runs") == [(0,)]
    assert "extracted" in first.output
    assert not list((first.folder / "warc").glob("*.open"))


def test_each_source_is_recorded_and_each_sighting_ends(first: Ended) -> None:
    sources = dict(first.rows("SELECT url, outcome FROM sources"))
    assert sources.keys() >= {NEWS, ALL, RUSSIAN, ARABIC}
    assert set(sources.values()) == {"read"}
    sighted = {url for (url,) in first.rows("SELECT DISTINCT url FROM sightings WHERE outcome != 'not_article'")}
    assert sighted == pages(first)


def test_a_second_crawl_of_an_unchanged_web_adds_no_article(first: Ended, web: OfflineWeb) -> None:
    counted = "SELECT count(*) FROM captures WHERE kind = 'page'"
    articles, captures = first.one("SELECT count(*) FROM articles"), first.one(counted)
    again = scrapy(first.folder, "crawl", "rt", env=web.env())
    assert again.code == 0, again.output
    assert again.one("SELECT count(*) FROM articles") == articles == again.one("SELECT count(*) FROM versions")
    assert again.one(counted) == 2 * captures
    assert again.one("SELECT count(*) FROM captures WHERE outcome = 'unchanged'") == articles


def test_a_crawl_killed_at_once_is_finished_by_the_next(first: Ended, web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(ARTICLES, Fault("slow", seconds=0.2, size=4000))
    process = start(tmp_path / "a", "crawl", "rt", env=web.env())
    deadline = time.monotonic() + 90
    while sum("www.rt.com/news/" in exchange.url for exchange in web.exchanges) < 4:
        assert time.monotonic() < deadline, "the crawl did not get to the articles"
        time.sleep(0.05)
    children = children_of(process)
    process.kill()
    process.communicate()
    assert children
    assert all_gone(children)
    web.clear_faults()
    # The feeds have moved on meanwhile: only the frontier still knows what was announced.
    for feed in (NEWS, ALL, RUSSIAN, ARABIC, LISTING):
        web.fault(f"^{feed}$", Fault("status", status=503))
    resumed = scrapy(tmp_path / "a", "crawl", "rt", env=web.env())
    assert pages(resumed) == pages(first), resumed.output
    articles = "SELECT canonical_url FROM articles ORDER BY 1"
    ends = resumed.rows("SELECT url, run_id, outcome, detail FROM captures WHERE kind = 'page'")
    assert resumed.rows(articles) == first.rows(articles), ends
    assert resumed.one("SELECT count(*) FROM captures WHERE outcome IS NULL") == 0


def test_broken_sources_are_told_apart_and_the_others_go_on(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(f"^{NEWS}$", Fault("not_found"))
    web.fault(f"^{RUSSIAN}$", Fault("html_instead"))
    web.fault(f"^{ARABIC}$", Fault("cut_text"))
    ended = scrapy(tmp_path / "a", "crawl", "rt", env=web.env())
    assert ended.code == 4, ended.output
    assert f"{NEWS}: answered 404" in ended.output
    assert f"{RUSSIAN}: the answer is an HTML page" in ended.output
    assert f"{ARABIC}: is cut off" in ended.output
    assert ended.one("SELECT count(*) FROM articles") > 0
    errors = dict(ended.rows("SELECT url, error FROM sources"))
    assert errors[ALL] is None
    assert "404" in errors[NEWS]


def test_a_run_whose_sources_yield_nothing_is_red(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(f"^{LISTING}$", Fault("not_found"))
    web.fault(f"^{NEWS}$", Fault("status", status=500))
    web.fault(f"^{ALL}$", Fault("empty"))
    web.fault(f"^{RUSSIAN}$", Fault("truncated", after=30))
    web.fault(f"^{ARABIC}$", Fault("body", body=b"<rss version='2.0'><channel></channel></rss>"))
    ended = scrapy(tmp_path / "a", "crawl", "rt", env=web.env())
    assert ended.code == 3, ended.output
    assert f"{NEWS}: answered 500" in ended.output
    assert f"{ALL}: the answer is empty" in ended.output
    assert f"{RUSSIAN}: the connection ended before the answer was complete" in ended.output
    assert f"{ARABIC}: has no entries" in ended.output
    assert "Nothing found" in ended.output


def test_bad_pages_end_as_failed_and_passing_trouble_stays_in_the_frontier(web: OfflineWeb, tmp_path: Path) -> None:
    announced = [page.url for page in web.pages if "www.rt.com/news/" in page.url][:3]
    gone, busy, bomb = announced
    web.fault(gone, Fault("not_found"))
    web.fault(busy, Fault("status", status=503))
    web.fault(bomb, Fault("gzip_bomb", size=20_000_000))
    odd = [f"https://russian.rt.com/world/news/123456-{'a' * 3000}", "https://russian.rt.com:22/world/news/123457-b",
           "file://russian.rt.com/world/news/123458-c", "http://127.0.0.1/world/news/123459-d"]  # fmt: skip
    items = "".join(f"<item><link>{url}</link></item>" for url in odd)
    web.fault(RUSSIAN, Fault("body", body=f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()))
    ended = scrapy(tmp_path / "a", "crawl", "rt", env=web.env())
    assert ended.rows(f"SELECT DISTINCT outcome FROM sightings WHERE source = '{RUSSIAN}'") == [("not_article",)]
    outcomes = dict(ended.rows("SELECT url, outcome FROM captures"))
    assert outcomes[gone] == outcomes[busy] == outcomes[bomb] == "failed", outcomes
    assert ended.rows(f"SELECT DISTINCT outcome FROM sightings WHERE url = '{gone}'") == [("failed",)]
    assert ended.rows(f"SELECT DISTINCT outcome FROM sightings WHERE url = '{busy}'") == [(None,)]
    assert ended.one(f"SELECT count(*) FROM captures WHERE url = '{busy}'") == 3


def test_a_site_whose_robots_txt_is_broken_is_left_alone(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault("robots.txt$", Fault("status", status=503))
    ended = scrapy(tmp_path / "a", "crawl", "rt", env=web.env())
    assert ended.code == 3, ended.output
    assert "robots.txt answered 503" in ended.output
    assert {exchange.target for exchange in web.exchanges} == {"/robots.txt"}


def test_a_certificate_that_does_not_verify_ends_the_exchange(web: OfflineWeb, tmp_path: Path) -> None:
    trusting_nobody = {key: value for key, value in web.env().items() if key != "SSL_CERT_FILE"}
    ended = scrapy(tmp_path / "a", "crawl", "rt", env=trusting_nobody)
    assert ended.code == 3, ended.output
    assert "certificate does not verify" in ended.output
    assert ended.one("SELECT count(*) FROM captures") == 0
    assert not web.exchanges


def test_one_article_by_its_address(web: OfflineWeb, tmp_path: Path) -> None:
    url = next(page.url for page in web.pages if page.kind == "article" and "www.rt.com/news/" in page.url)
    ended = scrapy(tmp_path / "a", "crawl", "rt", "-a", f"url={url}?utm_source=mail#top", env=web.env())
    assert ended.code == 0, ended.output
    assert pages(ended) == {url}
    assert ended.one("SELECT count(*) FROM articles") == 1


def test_any_site_by_its_address(web: OfflineWeb, tmp_path: Path) -> None:
    ended = scrapy(tmp_path / "a", "crawl", "site", "-a", "url=https://www.rt.com/", env=web.env())
    assert ended.code in {0, 4}, ended.output
    assert ended.one("SELECT count(*) FROM articles") >= 5
    # a site whose publisher has a file is that publisher, in every table
    for table in ("articles", "captures", "sightings"):
        assert ended.one(f"SELECT group_concat(DISTINCT publisher) FROM {table}") == "RT"


@pytest.mark.slow
def test_a_home_page_that_keeps_a_parser_busy_is_given_up(web: OfflineWeb, tmp_path: Path) -> None:
    """libxml2 takes half a minute for it; the sitemaps that robots.txt names are read all the same."""
    attributes = b" ".join(b"a%d" % number for number in range(60_000))
    web.fault(
        r"www\.rt\.com/$", Fault("body", body=b"<html><body " + attributes + b"><p>Nothing here.</p></body></html>")
    )
    limited = ["-s", "EXTRACTION_TIMEOUT=1"]
    ended = scrapy(tmp_path / "a", "crawl", "site", "-a", "url=https://www.rt.com/", *limited, env=web.env())
    assert ended.code == 4, ended.output
    assert "the home page cannot be read: timeout" in ended.output
    assert ended.one("SELECT count(*) FROM articles") >= 5


def test_a_site_without_sources_says_so(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(r"www\.rt\.com/(?!robots)", Fault("body", body=b"<html><body><p>Nothing here.</p></body></html>"))
    web.fault(r"robots\.txt$", Fault("not_found"))
    ended = scrapy(tmp_path / "a", "crawl", "site", "-a", "url=https://www.rt.com/", env=web.env())
    assert ended.code == 3, ended.output
    assert "no feed and no sitemap" in ended.output


@pytest.mark.slow
def test_ctrl_c_ends_in_order_and_the_next_crawl_goes_on(first: Ended, web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(ARTICLES, Fault("slow", seconds=0.1, size=8000))
    process = start(tmp_path / "a", "crawl", "rt", env=web.env())
    deadline = time.monotonic() + 90
    while not any("/news/" in exchange.url and "rss" not in exchange.url for exchange in web.exchanges):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    children = children_of(process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=90)
    assert process.returncode == 130, output
    assert "Stopped" in output
    assert children
    assert all_gone(children)
    assert not list((tmp_path / "a" / "warc").glob("*.open"))
    web.clear_faults()
    assert pages(scrapy(tmp_path / "a", "crawl", "rt", env=web.env())) == pages(first)


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once_and_is_no_success(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(ARTICLES, Fault("silent", seconds=100))
    process = start(tmp_path / "a", "crawl", "rt", env=web.env())
    deadline = time.monotonic() + 90
    while not any(exchange.fault for exchange in web.exchanges):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert Ended(130, output, tmp_path / "a").rows("SELECT exit_code FROM runs") == [(130,)]


def test_without_a_network_it_says_so_soon(tmp_path: Path) -> None:
    started = time.monotonic()
    live = {"RES_OPTIONS": "attempts:1 timeout:1", "DATELINE_CONTACT": "https://example.org/about"}
    ended = scrapy(tmp_path / "a", "crawlall", env=live)
    assert ended.code == 69, ended.output
    assert "No network" in ended.output
    assert time.monotonic() - started < 30, "on a machine that does nothing else it takes 3 seconds"


def test_an_archive_that_breaks_stops_the_crawl(web: OfflineWeb, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "empty", demonstration=True):
        largest = max(path.stat().st_size for path in (tmp_path / "empty").rglob("*"))
    ended = scrapy(tmp_path / "a", "crawl", "rt", env=web.env(), limit=largest // 1024 + 60)
    assert ended.code == 74, ended.output
    assert "error: " in ended.output
    assert "Traceback" not in ended.output


def test_an_archive_that_cannot_be_written_or_is_locked(web: OfflineWeb, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    ended = scrapy(blocked, "crawl", "rt", env=web.env())
    assert (ended.code, str(blocked) in ended.output) == (73, True), ended.output
    with Archive.open(tmp_path / "locked", demonstration=True):
        locked = scrapy(tmp_path / "locked", "crawl", "rt", env=web.env())
    assert (locked.code, str(os.getpid()) in locked.output) == (75, True), locked.output
    assert not web.exchanges


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["crawl", "rtt"], "did you mean rt"),
        (["crawl", "zzzzzz"], "there are: "),
        (["crawl"], "give one spider"),
        (["crawl", "rt", "-a", "colour=red"], "takes no argument colour"),
        (["crawl", "rt", "-a", "colour"], "-a NAME=VALUE"),
        (["crawl", "rt", "-a", "url=ftp://rt.com/"], "not an http or https URL"),
        (["crawl", "site"], "needs -a url="),
        (["crawlall", "--publisher", "rt", "sputnick"], "did you mean sputnik"),
    ],
)
def test_usage_errors_are_named(tmp_path: Path, command: list[str], words: str) -> None:
    ended = scrapy(tmp_path / "a", *command, env={})
    assert ended.code == 64, ended.output
    assert words in ended.output
    assert not (tmp_path / "a").exists()


def test_a_spider_that_crashes_does_not_disturb_the_others(web: OfflineWeb, tmp_path: Path) -> None:
    url = next(page.url for page in web.pages if page.kind == "article" and "www.rt.com/news/" in page.url)
    ended = commands.run(
        "tests.crawler.crawl_urls", "CRASH=start", "LOG_LEVEL=CRITICAL", "EXTRACTION_WORKERS=1", url,
        env={**os.environ, **web.env(), "DATELINE_ARCHIVE": str(tmp_path)},
    )  # fmt: skip
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "spider crashed: KeyError: 'not there'" in ended.stdout
    assert Ended(0, "", tmp_path).one("SELECT count(*) FROM articles") == 1

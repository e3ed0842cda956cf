"""`scrapy crawlall` as a timer starts it: its time limit holds whatever hangs, one publisher's trouble is its own, two
starts do not meet in one archive, and nobody hears of it while all is well."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from archive.store import Archive
from tests.conftest import ROOT
from tests.crawler.test_crawl import Ended, scrapy, start
from tests.web.faults import Fault
from tests.web.offline import OfflineWeb

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spoilt")]

ARTICLES = r"rt\.com/.*\d{5}-"
SHORT = ("--max-minutes", "0.1", "-s", "TIME_LIMIT_GRACE=2")  # at the limit 6 s, two graces later 10 s

# A spider that does `{hang}` with the answer of its source.
HANGS = """
import asyncio, re, time
from crawler.publisher import Feed, Publisher
from crawler.spider import PublisherSpider

class StuckSpider(PublisherSpider):
    name = "stuck"
    publisher = Publisher(
        name="Stuck", homepage="https://www.rt.com/", country="XX", languages=("en",), timezone="UTC",
        domains=("stuck.example",), sources=(Feed("https://www.rt.com/rss/"),), article_url="/",
    )

    async def parse_source(self, response):
        {hang}
        yield
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with one publisher, RT, and a folder of spiders that a test may add to."""
    folder = tmp_path / "project"
    (folder / "spiders").mkdir(parents=True)
    for name in ("archive", "crawler", "scrapy.cfg"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("__init__.py", "rt.py"):
        shutil.copy(ROOT / "spiders" / name, folder / "spiders")
    return folder


@pytest.mark.parametrize(
    ("hang", "code", "words"),
    [
        ("await asyncio.Event().wait()", 7, "did not stop within 2 s"),  # gives the loop back and never ends
        ("time.sleep(600)", 7, "stuck hangs"),  # keeps the loop
        ("re.match(r'(a+)+$', 'a' * 60 + 'b')", 1, "Timeout"),  # keeps the interpreter's lock, too
    ],
    ids=["awaits", "sleeps", "holds the lock"],
)
def test_the_time_limit_holds_whatever_hangs(
    hang: str, code: int, words: str, web: OfflineWeb, project: Path, tmp_path: Path
) -> None:
    (project / "spiders" / "stuck.py").write_text(HANGS.format(hang=hang))
    begun = time.monotonic()
    ended = scrapy(tmp_path / "a", "crawlall", "-p", "rt", "stuck", *SHORT, env=web.env(), project=project)
    assert (ended.code, words in ended.output) == (code, True), ended.output
    assert time.monotonic() - begun < 20, "two graces after the limit all has to be over"
    with Archive.open(tmp_path / "a", demonstration=True):
        pass  # the next one opens it
    if code == 7:
        assert ended.rows("SELECT exit_code FROM runs") == [(7,)]


def test_at_the_limit_what_waits_for_its_turn_is_left_for_the_next_run(web: OfflineWeb, tmp_path: Path) -> None:
    web.fault(r"^https://www\.rt\.com/robots.txt$", Fault("body", body=b"User-agent: *\nCrawl-delay: 3\n"))
    web.forget()
    limited = ("--publisher", "rt", "--max-minutes", "0.2", "-s", "OFFLINE_PACE=1")
    ended = scrapy(tmp_path / "a", "crawlall", *limited, env=web.env())
    assert ended.code == 7, ended.output
    took = "SELECT (julianday(finished_at) - julianday(started_at)) * 86400 FROM runs"
    assert ended.one(took) < 30, "the requests that wait would take most of a minute"
    asked = [exchange.begun for exchange in web.exchanges]
    assert max(asked) - min(asked) < 20, "the limit is 12 seconds"
    waiting = ended.one("SELECT count(DISTINCT url) FROM sightings WHERE outcome IS NULL")
    assert waiting > 0
    assert ended.one("SELECT count(*) FROM watches WHERE failures") == 0, "nothing failed: it was not asked for"
    assert ended.one("SELECT count(*) FROM captures WHERE outcome IS NULL") == 0
    web.clear_faults()
    again = scrapy(tmp_path / "a", "crawlall", "--publisher", "rt", "--due", env=web.env())
    assert again.code == 0, again.output
    assert again.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0


def test_a_publisher_file_that_cannot_be_imported_does_not_stop_the_others(
    web: OfflineWeb, project: Path, tmp_path: Path
) -> None:
    (project / "spiders" / "sputnik.py").write_text("raise KeyError('colour')\n")
    (project / "spiders" / "alalam.py").write_text("from crawler.publisher import (\n")
    ended = scrapy(tmp_path / "a", "crawlall", env=web.env(), project=project)
    assert ended.code == 4, ended.output
    assert "sputnik: spider crashed: spiders/sputnik.py cannot be imported: KeyError: 'colour'" in ended.output
    assert "alalam: spider crashed: spiders/alalam.py cannot be imported: SyntaxError" in ended.output
    assert ended.rows("SELECT DISTINCT publisher FROM articles") == [("RT",)]
    due = scrapy(tmp_path / "a", "crawlall", "--due", env=web.env(), project=project)
    assert due.code == 4, "nothing was due, and a broken file is worse than that"
    named = scrapy(tmp_path / "a", "crawl", "sputnik", env=web.env(), project=project)
    assert (named.code, "spiders/sputnik.py cannot be imported" in named.output) == (78, True), named.output
    others = scrapy(tmp_path / "a", "crawlall", "-p", "rt", "--due", env=web.env(), project=project)
    assert others.code == 5, "who is not asked for is not missed"
    assert others.output.strip().count("\n") == 0, "every ten minutes it is one line in a log"


def test_a_second_start_waits_or_says_who_writes(web: OfflineWeb, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    with Archive.open(folder, demonstration=True):
        locked = scrapy(folder, "crawlall", "--due", "--wait", "1", env=web.env())
        assert locked.code == 75, locked.output
        assert f"process {os.getpid()}" in locked.output
        waiting = start(folder, "crawlall", "-p", "rt", "--wait", "60", env=web.env())
        assert waiting.stdout is not None
        said = waiting.stdout.readline()  # while the archive is still held
    output, _ = waiting.communicate(timeout=60)
    assert f"waiting up to 60 s for process {os.getpid()}" in said
    assert waiting.returncode == 0, output


def test_quiet_says_nothing_while_all_is_well(web: OfflineWeb, tmp_path: Path) -> None:
    first = scrapy(tmp_path / "a", "crawlall", "-p", "rt", "--due", "--quiet", env=web.env())
    assert (first.code, first.output) == (0, "")
    nothing_due = scrapy(tmp_path / "a", "crawlall", "-p", "rt", "--due", "--quiet", env=web.env())
    assert (nothing_due.code, nothing_due.output) == (5, "")
    web.fault(r"rt\.com/(?!robots)", Fault("not_found"))
    failed = scrapy(tmp_path / "b", "crawlall", "-p", "rt", "--quiet", "-L", "INFO", env=web.env())
    assert failed.code == 3, failed.output
    assert "rss/: answered 404" in failed.output
    assert "Spider opened" in failed.output, "what was logged on the way is wanted now"


@pytest.mark.parametrize("command", ["crawl", "crawlall", "extract", "newpublisher", "rebuild", "reextract"])
def test_every_command_shows_examples(command: str, tmp_path: Path) -> None:
    shown = scrapy(tmp_path / "a", command, "--help", env={})
    assert f"\nExamples:\n  scrapy {command}" in shown.output
    assert not (tmp_path / "a").exists()


def test_a_stop_by_the_system_is_over_in_seconds(web: OfflineWeb, tmp_path: Path) -> None:
    """systemd sends SIGTERM and waits; `timeout` and a shutdown do as well."""
    web.fault(r"^https://www\.rt\.com/robots.txt$", Fault("body", body=b"User-agent: *\nCrawl-delay: 30\n"))
    process = start(tmp_path / "a", "crawlall", "-p", "rt", env=web.env())
    deadline = time.monotonic() + 30
    while not any("rss" in exchange.url for exchange in web.exchanges):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130, output
    assert Ended(130, output, tmp_path / "a").rows("SELECT exit_code FROM runs") == [(130,)]

"""How fast a host is asked, measured by the log of a real server; and what is advised, by itself."""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.pace import IN_A_ROW, MAX_DELAY, MAX_WAIT, REST, HostPace, retry_after
from tests import commands
from tests.crawler.raw_server import Asked, RawServer, Script

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST, FEEDS = "raw.example", "other.example"
EARLY = 0.05  # seconds by which a busy machine's log may be wrong

# --- advice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("Sun, 22 Nov 2026 12:02:00 GMT", None, 120.0),
        ("Sunday, 22-Nov-26 12:02:00 GMT", None, 120.0),
        ("Sun Nov 22 12:02:00 2026", None, 120.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", None, 0.0),
        # a server whose clock is an hour slow
        ("Sun, 22 Nov 2026 11:02:00 GMT", "Sun, 22 Nov 2026 11:00:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 12:02:00 GMT", "no date", 120.0),
        ("99999999999999999999", None, 999_999_999.0),
        (None, None, None),
        ("", None, None),
        ("-5", None, None),
        ("1.5", None, None),
        ("soon", None, None),
        ("٣", None, None),
        ("Sun, 99 Nov 2026 12:02:00 GMT", None, None),
    ],
)
def test_retry_after(value: str | None, date: str | None, seconds: float | None) -> None:
    assert retry_after(value, date=date, now=NOW) == seconds


def pace(**fields: Any) -> HostPace:
    return HostPace(**{"least": 1.0, **fields})


def test_a_refusal_doubles_the_delay_and_good_answers_take_it_back_slowly() -> None:
    host = pace()
    delays = []
    for url in "abc":
        assert host.answered(url, 429, latency=0.01).rest is None
        delays.append(host.delay)
    assert delays == [2.0, 4.0, 8.0]
    host.answered("d", 200, latency=0.01)
    assert 7.0 < host.delay < 8.0
    for _ in range(60):
        host.answered("e", 200, latency=0.01)
    assert 1.0 <= host.delay < 1.01


def test_a_delay_has_an_end_but_never_below_the_least() -> None:
    host = pace()
    for _ in range(20):
        host.answered("a", 503, latency=0.01)
    assert host.delay == MAX_DELAY
    host.ask_at_most_every(90.0)
    host.answered("a", 503, latency=0.01)
    assert host.delay == 90.0


def test_a_slow_host_is_asked_as_seldom_and_an_error_makes_nothing_faster() -> None:
    host = pace()
    host.answered("a", 200, latency=3.0)
    assert host.delay == 3.0
    host.answered("a", 404, latency=0.01)
    host.answered("a", 500, latency=0.01)
    assert host.delay == 3.0
    host.answered("a", 304, latency=0.01)
    assert host.delay < 3.0


def test_a_host_that_keeps_refusing_is_left_alone_longer_each_time() -> None:
    host = pace()
    advice = [host.answered(str(number), 403, latency=0.01) for number in range(IN_A_ROW)]
    assert [item.rest for item in advice] == [None] * (IN_A_ROW - 1) + [REST]
    assert "403" in advice[-1].reason
    again = pace(strikes=host.strikes)  # the next run
    assert again.answered("a", 403, latency=0.01).rest == 2 * REST
    third = pace(strikes=again.strikes)
    assert third.answered("a", 200, latency=0.01).recovered
    assert third.answered("a", 403, latency=0.01).rest is None
    assert pace(strikes=30).answered("a", 429, latency=0.0).rest == timedelta(days=1)


def test_one_address_that_is_refused_again_and_again_closes_no_host() -> None:
    host = pace()
    assert all(host.answered("a", 503, latency=0.01).rest is None for _ in range(20))
    mixed = pace()
    for number in range(20):
        assert mixed.answered(str(number), 403 if number % 3 else 200, latency=0.01).rest is None


@pytest.mark.parametrize("status", [301, 403, 429, 503])
def test_a_wait_is_kept_within_the_run_if_it_is_not_too_long(status: int) -> None:
    host = pace()
    assert host.answered("a", status, latency=0.0, retry_after=MAX_WAIT - 1).hold == MAX_WAIT - 1
    advice = host.answered("a", status, latency=0.0, retry_after=2.0)
    assert (advice.hold, advice.rest) == (0.0, timedelta(seconds=2))
    assert pace().answered("a", status, latency=0.0, retry_after=3600.0).rest == timedelta(hours=1)
    assert pace().answered("a", status, latency=0.0, retry_after=1e9).rest == timedelta(days=1)


def test_a_good_answer_may_say_what_it_wants() -> None:
    advice = pace().answered("a", 200, latency=0.0, retry_after=3600.0)
    assert (advice.hold, advice.rest) == (0.0, None)


# --- a real server's log ----------------------------------------------------------------------------------------------


def answer(status: int = 200, *fields: str, body: bytes = b"<html><body><p>Nothing new.</p></body></html>") -> Script:
    lines = [f"HTTP/1.1 {status} So", "Content-Type: text/html", *fields, f"Content-Length: {len(body)}", "", ""]
    return Script(("\r\n".join(lines).encode() + body,))


def feed(pages: Sequence[str]) -> Script:
    items = "".join(f"<item><link>http://{HOST}{page}</link></item>" for page in pages)
    return answer(body=f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())


@dataclass
class Ended:
    code: int
    output: str
    asked: list[Asked]
    folder: Path

    def to(self, host: str = HOST) -> list[Asked]:
        return [asked for asked in self.asked if asked.host == host]

    def gaps(self) -> list[float]:
        return [later.at - earlier.at for earlier, later in pairwise(self.to())]

    def rows(self, sql: str) -> list[Any]:
        database = sqlite3.connect(self.folder / "archive.db")
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


def crawl(server: RawServer, *arguments: str, offline_pace: float = 1.0, shift: int = 0) -> Ended:
    """Crawl with the real crawler; its publisher's delay is a second, its concurrency two."""
    begun = len(server.asked)
    settings = [f"OFFLINE_PACE={offline_pace}", "EXTRACTION_WORKERS=1"]
    moved = {"DATELINE_CLOCK_SHIFT": str(shift)} if shift else {}
    environment = {**os.environ, **server.env(), **moved, "DATELINE_ARCHIVE": str(server.folder / "archive")}
    ended = commands.run("tests.crawler.crawl_urls", *settings, *arguments, env=environment)
    return Ended(ended.returncode, ended.stdout + ended.stderr, server.asked[begun:], server.folder / "archive")


def urls(pages: Sequence[str]) -> list[str]:
    return [f"http://{HOST}{page}" for page in pages]


PAGES = [f"/news/{number}" for number in range(1, 7)]


def test_no_two_requests_are_closer_than_the_delay(tmp_path: Path) -> None:
    with RawServer(dict.fromkeys(PAGES, answer()), (HOST,), tmp_path) as server:
        ended = crawl(server, *urls(PAGES), offline_pace=0.4)
    assert len(ended.to()) == len(PAGES) + 1, ended.output
    assert min(ended.gaps()) > 0.4 - EARLY
    assert max(ended.gaps()) < 0.6 + 1.0, "half of the delay more at most, and what the machine takes"


def test_nobody_asks_faster_by_a_setting(tmp_path: Path) -> None:
    faster = ["DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=True", "CONCURRENT_REQUESTS_PER_DOMAIN=16"]
    with RawServer(dict.fromkeys(PAGES, answer()), (HOST,), tmp_path) as server:
        ended = crawl(server, *faster, *urls(PAGES), offline_pace=0.4)
    assert min(ended.gaps()) > 0.4 - EARLY


def test_a_crawl_delay_is_kept(tmp_path: Path) -> None:
    robots = answer(body=b"User-agent: *\nCrawl-delay: 2.5\n")
    with RawServer({**dict.fromkeys(PAGES[:4], answer()), "/robots.txt": robots}, (HOST,), tmp_path) as server:
        ended = crawl(server, *urls(PAGES[:4]), offline_pace=0.3)
    assert len(ended.to()) == 5
    assert min(ended.gaps()) > 0.75 - EARLY


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_nobody_asks_before_a_host_said_and_then_the_page_comes(tmp_path: Path, status: int, form: str) -> None:
    date = format_datetime(NOW, usegmt=True)
    wanted = "2" if form == "seconds" else format_datetime(NOW + timedelta(seconds=2), usegmt=True)
    busy = answer(status, f"Retry-After: {wanted}", f"Date: {date}")
    scripts = {**dict.fromkeys(PAGES[:3], answer()), PAGES[0]: (busy, answer())}
    with RawServer(scripts, (HOST,), tmp_path) as server:
        ended = crawl(server, "CONCURRENT_REQUESTS_PER_DOMAIN=1", *urls(PAGES[:3]))
    targets = [asked.target for asked in ended.to()]
    place = targets.index(PAGES[0])
    assert ended.gaps()[place] > 2.0 - EARLY
    assert targets.count(PAGES[0]) == 2
    assert ended.code == 0, ended.output


def test_a_redirect_may_ask_to_wait(tmp_path: Path) -> None:
    scripts = {"/old": answer(302, "Location: /new", "Retry-After: 2"), "/new": answer()}
    with RawServer(scripts, (HOST,), tmp_path) as server:
        ended = crawl(server, *urls(["/old"]))
    assert [asked.target for asked in ended.to()] == ["/robots.txt", "/old", "/new"]
    assert ended.gaps()[-1] > 2.0 - EARLY


def test_refusals_slow_a_host_down(tmp_path: Path) -> None:
    scripts = {**dict.fromkeys(PAGES, answer()), PAGES[0]: answer(403), PAGES[1]: answer(403)}
    with RawServer(scripts, (HOST,), tmp_path) as server:
        ended = crawl(server, "CONCURRENT_REQUESTS_PER_DOMAIN=1", *urls(PAGES), offline_pace=0.3)
    place = [asked.target for asked in ended.to()].index(PAGES[1])
    assert ended.gaps()[place] > 4 * 0.3 - EARLY
    assert ended.gaps()[place + 1] > 3 * 0.3 - EARLY, "and it does not forget at once"


def test_a_host_that_asks_to_be_left_alone_is_left_alone_by_the_next_run_too(tmp_path: Path) -> None:
    busy = answer(429, "Retry-After: 3600")
    scripts = {f"{FEEDS}/feed": feed(PAGES), **{HOST + page: busy for page in PAGES}}
    command = ["KIND=source", f"http://{FEEDS}/feed"]
    with RawServer(scripts, (HOST,), tmp_path) as server:
        first = crawl(server, "CONCURRENT_REQUESTS_PER_DOMAIN=1", *command, offline_pace=0.05)
        assert first.code == 4, first.output
        assert len(first.to()) == 2, "robots.txt and one page: the rest is not even asked"
        assert f"5 pages wait for a later run: {HOST} is left alone until" in first.output
        left = first.rows("SELECT url, detail FROM sightings WHERE outcome IS NULL ORDER BY id")
        assert len(left) == len(PAGES)
        assert sum("asks to be left alone for 3600 s" in detail for _, detail in left) == len(PAGES) - 1
        [(visited_at, next_at)] = first.rows("SELECT visited_at, next_at FROM watches")
        assert datetime.fromisoformat(next_at) - datetime.fromisoformat(visited_at) > timedelta(seconds=3590)
        for arguments in (["DUE=1"], []):
            soon = crawl(server, *arguments, *command, offline_pace=0.05)
            assert soon.to() == [], "also by hand"
            assert soon.code == 4
        server.scripts |= {HOST + page: answer() for page in PAGES}
        later = crawl(server, *command, offline_pace=0.05, shift=3700)
        assert later.code == 0, later.output
        assert {asked.target for asked in later.to()} == {"/robots.txt", *PAGES}
        assert later.rows("SELECT host, strikes FROM hosts") == [(HOST, 0)]
        assert later.rows("SELECT count(*) FROM sightings WHERE outcome IS NULL") == [(0,)]


def test_a_host_that_keeps_refusing_is_left_and_others_go_on(tmp_path: Path) -> None:
    pages = [f"/news/{number}" for number in range(1, 20)]
    scripts = {**{HOST + page: answer(403) for page in pages}, **{FEEDS + page: answer() for page in pages}}
    both = [f"http://{host}{page}" for page in pages for host in (HOST, FEEDS)]
    with RawServer(scripts, (HOST,), tmp_path) as server:
        ended = crawl(server, "CONCURRENT_REQUESTS_PER_DOMAIN=1", *both, offline_pace=0.05)
    assert ended.code == 4
    assert len(ended.to()) == 1 + IN_A_ROW, "robots.txt, and then five refusals"
    assert len(ended.to(FEEDS)) == 1 + len(pages)
    assert "it refused 5 addresses in a row (403)" in ended.output

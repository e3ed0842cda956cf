"""The coverage ledger: its sums agree with the raw rows, whatever happened, and each absence has its reason."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive import coverage
from archive.agenda import Poll
from archive.cli import main
from archive.coverage import COUNTS, kind_of
from archive.model import Outcome, Sighting
from archive.store import Archive
from tests.archive.conftest import dumped, exchange, without_database

DAY = datetime(2026, 3, 4, 8, tzinfo=UTC)
FEED, SECTION = "https://news.example/rss", "https://news.example/world"


class Crawl:
    """One run of a crawl, in the steps in which `crawler.run` takes them."""

    def __init__(self, archive: Archive, at: datetime) -> None:
        self.archive, self.at = archive, at
        self.run = archive.start_run(command="crawl", arguments={}, version="1")

    def poll(self, source: str = FEED, *urls: str, outcome: str = "read", known: tuple[str, ...] = ()) -> None:
        seen = [
            Sighting(
                url=url, raw_url=url, publisher="Tarn Post", source=source, seen_at=self.at, position=place
            )
            for place, url in enumerate(urls)
        ]  # fmt: skip
        new = self.archive.record_sightings(self.run, seen, dict.fromkeys(known)) if seen else 0
        poll = Poll(
            publisher="Tarn Post", source=source, kind="feed", polled_at=self.at, outcome=outcome,
            entries=len(urls), new=new,
        )  # fmt: skip
        self.archive.agenda.record_poll(poll, self.run)

    def visit(self, url: str, outcome: Outcome, detail: str | None = None, *, wait: bool = False) -> None:
        with self.archive.group():
            capture = self.archive.capture(replace(exchange(url), captured_at=self.at), self.run)
            if wait:
                return
            self.archive.finish_capture(capture.id, outcome, detail)
            self.archive.agenda.record_visit(
                url, publisher="Tarn Post", visited_at=self.at, outcome=outcome, capture_id=capture.id
            )
            self.archive.mark_sighting(url, outcome, capture.id, detail)

    def end(self) -> None:
        self.archive.coverage.refresh()
        self.archive.finish_run(self.run, exit_code=0, summary={})


@pytest.fixture
def crawl(archive: Archive) -> Crawl:
    return Crawl(archive, DAY)


def ledger(archive: Archive) -> dict[tuple[str, str], dict[str, Any]]:
    cursor = archive.connection.execute("SELECT * FROM coverage")
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    return {(row["day"], row["source"]): row | {"reasons": json.loads(row["reasons"])} for row in found}


def numbers(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in ("announced", "fetched", *COUNTS) if row[name]}


def test_each_announcement_ends_in_the_ledger_with_its_reason(crawl: Crawl, archive: Archive) -> None:
    urls = [f"https://news.example/{number}" for number in range(7)]
    crawl.poll(FEED, *urls)
    crawl.visit(urls[0], Outcome.EXTRACTED, "new")
    crawl.visit(urls[1], Outcome.OFF_TOPIC, "score 0.12")
    crawl.visit(urls[2], Outcome.BLOCKED, "challenge")
    crawl.visit(urls[3], Outcome.FAILED, "http 404")
    archive.mark_sighting(urls[4], Outcome.BLOCKED, None, "robots.txt disallows https://news.example/4")
    archive.defer_sighting(urls[5], "http 503")
    crawl.end()
    row = ledger(archive)["2026-03-04", FEED]
    assert numbers(row) == {
        "announced": 7, "fetched": 4, "extracted": 1, "off_topic": 1, "blocked": 2, "failed": 1, "pending": 2
    }  # fmt: skip
    assert row["reasons"] == {
        "blocked:challenge": 1, "blocked:robots": 1, "failed:http 404": 1, "off_topic:score": 1,
        "pending:http 503": 1, "pending:not visited yet": 1,
    }  # fmt: skip


def test_what_two_sources_announce_counts_once(crawl: Crawl, archive: Archive) -> None:
    crawl.poll(FEED, "https://news.example/a")
    crawl.poll(SECTION, "https://news.example/a", "https://news.example/b")
    crawl.visit("https://news.example/a", Outcome.EXTRACTED)
    crawl.visit("https://news.example/b", Outcome.EXTRACTED)
    crawl.end()
    assert numbers(ledger(archive)["2026-03-04", FEED]) == {"announced": 1, "fetched": 1, "extracted": 1}
    section = ledger(archive)["2026-03-04", SECTION]
    assert numbers(section) == {"announced": 2, "fetched": 1, "extracted": 1, "known": 1}
    assert section["reasons"] == {"known:another source": 1}


def test_a_later_visit_that_brings_more_changes_the_day_of_the_announcement(archive: Archive) -> None:
    first = Crawl(archive, DAY)
    first.poll(FEED, "https://news.example/a", "https://news.example/b")
    first.visit("https://news.example/a", Outcome.BLOCKED, "challenge")
    first.visit("https://news.example/b", Outcome.EXTRACTED)
    first.end()
    second = Crawl(archive, DAY + timedelta(days=2))
    second.visit("https://news.example/a", Outcome.EXTRACTED)  # by the schedule: no source announced it again
    second.visit("https://news.example/b", Outcome.FAILED, "http 404")  # taken down: what came of it stays
    second.end()
    row = ledger(archive)["2026-03-04", FEED]
    assert numbers(row) == {"announced": 2, "fetched": 2, "extracted": 2}
    assert archive.coverage.refresh() == 0, "a second look changes nothing"


def test_a_capture_that_is_read_anew_changes_the_ledger(crawl: Crawl, archive: Archive) -> None:
    crawl.poll(FEED, "https://news.example/a")
    crawl.visit("https://news.example/a", Outcome.EMPTY, "no text")
    crawl.end()
    archive.revise_outcome(1, Outcome.EXTRACTED, "new")
    assert numbers(ledger(archive)["2026-03-04", FEED]) == {"announced": 1, "fetched": 1, "extracted": 1}


def test_no_reports_and_no_crawl_are_told_apart(archive: Archive) -> None:
    for days, outcome, urls in ((0, "read", ["https://news.example/a"]), (1, "unmodified", []), (3, "failed", [])):
        crawl = Crawl(archive, DAY + timedelta(days=days))
        crawl.poll(FEED, *urls, outcome=outcome)
        for url in urls:
            crawl.visit(url, Outcome.EXTRACTED)
        crawl.end()
    expected = ["whole", "nothing announced", "no crawl", "no answer"]
    assert archive.connection.execute("SELECT state FROM coverage_days ORDER BY day").fetchall() == [
        (state,) for state in expected
    ]
    since = date(2026, 3, 4)
    read = coverage.days(archive.connection, since=since, until=since + timedelta(days=4))
    assert [day.state for day in read["Tarn Post"]] == [*expected, "no crawl"]


def test_a_source_that_is_cut_off_has_answered(crawl: Crawl, archive: Archive) -> None:
    crawl.poll(FEED, "https://news.example/a", outcome="failed")
    crawl.poll(SECTION, outcome="failed")
    crawl.end()
    found = ledger(archive)
    assert [found["2026-03-04", source]["unanswered"] for source in (FEED, SECTION)] == [0, 1]


def test_the_ledger_is_rebuilt_from_the_files(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        crawl = Crawl(archive, DAY)
        crawl.poll(FEED, "https://news.example/a")
        crawl.visit("https://news.example/a", Outcome.EXTRACTED)
        crawl.end()
    before = dumped(tmp_path)
    without_database(tmp_path)
    Archive.open(tmp_path).close()
    assert dumped(tmp_path) == before
    assert any('["coverage"' in line for line in before)


@pytest.mark.parametrize(
    ("state", "detail", "kind"),
    [
        ("blocked", "challenge", "challenge"),
        ("blocked", "robots.txt disallows https://news.example/x", "robots"),
        ("blocked", "robots.txt answered 503: the site counts as closed until it can be read", "robots unreadable"),
        ("failed", "given up: http 503", "http 503"),
        ("pending", "news.example is left alone until 2026-11-22 13:00 UTC: it answered 429", "host left alone"),
        ("failed", "timeout: no answer within 30 s", "timeout"),
        ("failed", "news.example cannot be reached: it refuses connections", "unreachable"),
        ("failed", "length: the body was cut at 8 MiB, ended before its end", "cut off"),
        ("not_article", "media type application/pdf", "media type"),
        ("not_article", "no article URL of this publisher", "other address"),
        ("failed", "ValueError: 'x' at 0x7f9a", "other"),
        ("pending", None, "not visited yet"),
    ],
)  # fmt: skip
def test_a_kind_holds_no_host_and_no_number_of_its_own(state: str, detail: str | None, kind: str) -> None:
    assert kind_of(state, detail) == kind


# --- in the terminal --------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(archive: Archive) -> Path:
    """Four days: much, of which little came; nothing new; no crawl; no answer."""
    for days, outcome, number in ((0, "read", 9), (1, "unmodified", 0), (3, "unreachable", 0)):
        crawl = Crawl(archive, DAY + timedelta(days=days))
        urls = [f"https://news.example/{place}" for place in range(number)]
        crawl.poll(FEED, *urls, outcome=outcome)
        for place, url in enumerate(urls):
            crawl.visit(url, *((Outcome.EXTRACTED,) if place else (Outcome.BLOCKED, "challenge")))
        crawl.end()
    return archive.folder


def run_coverage(*arguments: str, columns: int = 80) -> Result:
    span = ["--since", "2026-03-04", "--until", "2026-03-07"]
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["coverage", *span, *arguments])


def test_the_calendar_tells_gaps_apart_without_colour(shown: Path) -> None:
    result = run_coverage("--archive", str(shown), "--publisher", "tarn post")
    assert result.exit_code == 0, result.output
    lines = [line.rstrip() for line in result.output.splitlines()]
    assert lines[0].startswith("Tarn Post  2026-03-04 to 2026-03-07 · 9 announced · 1 missing")
    assert lines[0].endswith("1 missing · 1 day without a crawl · 1 day without an answer")
    assert lines[1:9] == ["    Mar", "Mon", "Tue", "Wed A", "Thu -", "Fri x", "Sat ?", "Sun"]
    assert any(line.split() == ["Tarn", "Post", "blocked", "challenge", "1"] for line in lines), result.output
    assert max(map(len, lines[1:])) <= 80


def test_coverage_as_json_has_every_day(shown: Path) -> None:
    days = json.loads(run_coverage("--archive", str(shown), "--json").stdout)
    assert [day["state"] for day in days] == ["in part", "nothing announced", "no crawl", "no answer"]
    assert days[0]["extracted"] == 8
    assert days[0]["reasons"] == {"blocked:challenge": 1}


def test_a_ledger_that_holds_nothing_of_it_says_so(shown: Path) -> None:
    result = run_coverage("--archive", str(shown), "--publisher", "Nobody")
    assert result.exit_code == 1
    assert "the ledger holds nothing from 2026-03-04 to 2026-03-07" in result.output


# --- any history ------------------------------------------------------------------------------------------------------

_URLS = [f"https://news.example/{name}" for name in "abcdef"]
# Nobody announces what is imported and deferred.
_OUTCOMES = st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.DEFERRED])
_STEPS = st.one_of(
    st.tuples(st.just("poll"), st.sampled_from([FEED, SECTION]), st.lists(st.sampled_from(_URLS), max_size=4)),
    st.tuples(st.just("silence"), st.sampled_from([FEED, SECTION]), st.sampled_from(["unmodified", "failed"])),
    st.tuples(st.just("visit"), st.sampled_from(_URLS), _OUTCOMES),
    st.tuples(st.just("killed"), st.sampled_from(_URLS), _OUTCOMES),
    st.tuples(st.just("end"), st.sampled_from(_URLS), _OUTCOMES),
    st.tuples(st.just("defer"), st.sampled_from(_URLS), st.just("http 503")),
    st.tuples(st.just("next run"), st.just(True), st.integers(min_value=1, max_value=30)),
    st.tuples(st.just("next run"), st.just(False), st.integers(min_value=1, max_value=30)),
)


def play(archive: Archive, steps: list[tuple[Any, Any, Any]]) -> None:  # noqa: C901 - one case a kind of step
    """Live through a history. What was captured by a run that was killed ends in a later one."""
    hours = count()
    crawl, open_captures = Crawl(archive, DAY), []
    for step, what, more in steps:
        crawl.at = DAY + timedelta(hours=next(hours))
        match step:
            case "poll":
                due = [url for url in more if not archive.agenda.is_due(url, crawl.at)]
                crawl.poll(what, *dict.fromkeys(more), known=tuple(due))
            case "silence":
                crawl.poll(what, outcome=more)
            case "visit":
                crawl.visit(what, more, "challenge")
            case "killed":
                crawl.visit(what, more, wait=True)
                open_captures.append((what, more))
            case "end":
                archive.mark_sighting(what, more, None, "robots.txt disallows it")
            case "defer":
                archive.defer_sighting(what, more)
            case "next run":
                if what:
                    crawl.end()
                crawl = Crawl(archive, crawl.at + timedelta(hours=more))
                for capture in archive.unfinished():
                    url, outcome = open_captures.pop(0)
                    archive.finish_capture(capture.id, outcome)
                    archive.agenda.record_visit(
                        url, publisher="Tarn Post", visited_at=capture.captured_at, outcome=outcome,
                        capture_id=capture.id,
                    )  # fmt: skip
                    archive.mark_sighting(url, outcome, capture.id)
                for _ in range(more):
                    next(hours)
    crawl.end()


def counted_by_hand(archive: Archive) -> dict[tuple[str, str], dict[str, int]]:
    """The ledger from the raw rows, the slow and simple way."""
    run = archive.connection.execute
    order = [*map(str, Outcome)]
    captured = dict(run("SELECT id, outcome FROM captures").fetchall())
    sightings = run(
        "SELECT url, source, substr(seen_at, 1, 10), outcome, capture_id FROM sightings ORDER BY id"
    ).fetchall()
    best = dict(run("SELECT url, capture_id FROM watches").fetchall())
    found: dict[tuple[str, str], Counter[str]] = {}
    for day, source in run("SELECT substr(polled_at, 1, 10), source FROM polls"):
        found.setdefault((day, source), Counter())["polls"] += 1
    seen: set[tuple[str, str]] = set()
    for url, source, day, _, _ in sightings:
        if (url, source) in seen:
            continue
        is_first = not any(known == url for known, _ in seen)
        seen.add((url, source))
        counts = found.setdefault((day, source), Counter())
        counts["announced"] += 1
        own = [(outcome, capture) for at, _, _, outcome, capture in sightings if at == url and outcome != "known"]
        if not is_first:
            state, came = "known", False
        elif best.get(url):
            state, came = captured[best[url]], True
        elif own:
            state, came = own[-1][0] or "pending", own[-1][1] is not None
        else:
            state, came = "known", False
        counts[state] += 1
        counts["fetched"] += came
        assert not came or state in order
    return {key: dict(+counts) for key, counts in found.items()}


@given(st.lists(_STEPS, max_size=30))
@example([  # a second source announces anew what ended without a page
    ("poll", FEED, [_URLS[0]]), ("end", _URLS[0], Outcome.EXTRACTED), ("next run", True, 1),
    ("poll", SECTION, [_URLS[0]]),
])  # fmt: skip
@settings(max_examples=30)
def test_the_sums_agree_with_sightings_and_captures(steps: list[tuple[Any, Any, Any]]) -> None:
    with TemporaryDirectory() as folder, Archive.open(folder) as archive:
        play(archive, steps)
        rows = ledger(archive)
        found = {
            key: {**numbers(row), **({"polls": row["polls"]} if row["polls"] else {})} for key, row in rows.items()
        }
        assert found == counted_by_hand(archive)
        for row in rows.values():
            assert row["announced"] == sum(row[name] for name in COUNTS)
            assert sum(row["reasons"].values()) == row["announced"] - row["extracted"] - row["unchanged"]
        own = sum(row["announced"] - row["known"] for row in rows.values())
        known = archive.connection.execute("SELECT count(DISTINCT url) FROM sightings").fetchone()[0]
        assert own <= known, "no address counts twice"
        best = archive.connection.execute(
            "SELECT c.outcome, count(*) FROM watches AS w JOIN captures AS c ON c.id = w.capture_id "
            "WHERE w.url IN (SELECT url FROM sightings) GROUP BY 1"
        ).fetchall()
        for outcome, number in best:
            assert sum(row[outcome] for row in rows.values()) >= number, "each page that came is in the ledger"

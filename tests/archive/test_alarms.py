"""Alarms: quiet months stay quiet, each kind of trouble is found, and what was found is over when it is over."""

import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import alarms as rows
from archive.agenda import Poll
from archive.alarm_facts import FIELDS, Facts, Reading, Visit, hour_of, read_facts
from archive.alarm_rules import Rhythm, Series, fell_silent, is_over, tail, worsened
from archive.alarms import Alarm, judge
from archive.cli import main
from archive.model import Image, Outcome, Sighting
from archive.store import Archive
from benchmarks.alarms import BEGIN, LOOKS, TROUBLES, History, a_publisher, alarms_of, looks, simulate
from tests.archive.conftest import article, dumped, exchange, without_database

DAYS = 30


def quiet(seed: int, *, days: int = DAYS) -> History:
    chance = random.Random(f"quiet {seed}")
    return simulate(chance, a_publisher(chance, seed), days=days, trouble=None, begins=days)


# --- the rules --------------------------------------------------------------------------------------------------------


def series(values: Sequence[float], **fields: Any) -> Series:
    """One observation an hour."""
    begin = datetime(2026, 3, 4, tzinfo=UTC)
    at = [(begin + timedelta(hours=place)).strftime("%Y-%m-%dT%H:%M:%SZ") for place in range(len(values))]
    return Series(**({"kind": "blocked", "at": at, "values": values} | fields))


@pytest.mark.parametrize(
    ("bad", "window", "usual_bad", "usual_of", "chance"),
    [(1, 1, 0, 0, 0.5), (2, 2, 0, 0, 1 / 3), (1, 1, 0, 8, 0.1), (5, 5, 0, 100, 9.868e-9)],
)
def test_the_chance_is_that_of_the_beta_binomial(
    bad: int, window: int, usual_bad: int, usual_of: int, chance: float
) -> None:
    assert tail(bad, window, usual_bad, usual_of) == pytest.approx(chance, rel=1e-3)


def test_little_history_needs_more_evidence() -> None:
    assert worsened(series([1.0] * 9 + [0.0] * 12)) is None
    assert worsened(series([1.0] * 14 + [0.0] * 5)) is None
    assert worsened(series([1.0] * 14 + [0.0] * 8)) is not None
    assert worsened(series([1.0] * 100 + [0.0] * 5)) is not None


def test_what_came_in_clusters_before_is_no_news() -> None:
    clustered = ([1.0] * 45 + [0.0] * 5) * 6
    assert worsened(series([*clustered, *[1.0] * 45, *[0.0] * 5])) is None
    found = worsened(series([*clustered, *[1.0] * 40, *[0.0] * 10]))
    assert found is not None
    assert found.figures["bad"] > 5


def test_a_source_that_fails_for_an_evening_is_left_alone() -> None:
    polls = [1.0] * 200 + [0.0] * 5
    assert worsened(series(polls, least_hours=6)) is None
    assert worsened(series([*polls, 0.0, 0.0], least_hours=6)) is not None


def test_short_texts_are_measured_by_the_publishers_own() -> None:
    chance = random.Random(1)
    lengths = [chance.lognormvariate(7, 0.6) for _ in range(120)]
    assert worsened(series(lengths, graded=True)) is None
    found = worsened(series([*lengths, *[200.0] * 6], graded=True))
    assert found is not None
    assert 200 < found.figures["limit"] < sorted(lengths)[12]


def test_what_stood_in_the_sources_on_the_first_day_is_no_measure_of_the_days_after() -> None:
    """Long reports and features of weeks, then the short pieces of a day."""
    values = [1000.0] * 15 + [600.0] * 12
    assert worsened(series(values, graded=True)) is not None
    assert worsened(series(values, graded=True, least_days=2)) is None, "an hour each: all of the past is of one day"
    assert worsened(series([1000.0] * 60 + [600.0] * 12, graded=True, least_days=3)) is not None


def test_a_busy_publisher_is_judged_by_a_past_of_few_days() -> None:
    """300 articles are two days of some; five days of them would never come together."""
    values = [1000.0] * 330 + [100.0] * 8
    at = [f"2026-03-{4 + place // 200:02}T{place % 200 // 10:02}:{place % 10:02}:00Z" for place in range(len(values))]
    assert worsened(series(values, at=at, graded=True, least_days=5)) is not None


def test_a_shade_less_than_always_the_same_is_nothing() -> None:
    assert worsened(series([1.0] * 100 + [0.97] * 12, graded=True)) is None
    assert worsened(series([1.0] * 100 + [0.6] * 12, graded=True)) is not None


def test_an_alarm_is_over_when_things_look_usual_again() -> None:
    values = [1.0] * 100 + [0.0] * 8
    found = worsened(series(values))
    assert found is not None
    assert not is_over(series(values), found.figures)
    assert not is_over(series([*values, 1.0, 1.0, 1.0]), found.figures)
    assert not is_over(series([*values, *[0.0] * 400]), found.figures), "trouble does not become usual by lasting"
    assert is_over(series([*values, *[1.0] * 12]), found.figures)


def rhythm(days: int, *, at: Sequence[int], silent_days: int = 0, weekend: bool = True, answers: int = 1) -> Rhythm:
    """A source that has news at those hours of each day, then none; it answers every `answers` hours."""
    begin = hour_of("2026-03-02T00:00:00Z")  # a Monday
    news = {
        begin + 24 * day + hour: 1 for day in range(days) for hour in at if weekend or day % 7 < 5
    }  # fmt: skip
    end = begin + 24 * (days + silent_days)
    return Rhythm(source="https://news.example/rss", answered=list(range(begin, end, answers)), news=news)


def test_silence_is_measured_by_the_sources_own_rhythm() -> None:
    busy = (7, 9, 11, 13, 15, 17)
    assert fell_silent(rhythm(28, at=busy)) is None
    assert fell_silent(rhythm(28, at=busy, silent_days=1)) is None
    found = fell_silent(rhythm(28, at=busy, silent_days=4))
    assert found is not None
    assert found.figures["a_day"] == pytest.approx(6, rel=0.05)
    assert fell_silent(rhythm(28, at=(9,), silent_days=4)) is None, "four days are nothing to one with one a day"
    assert fell_silent(rhythm(28, at=(9,), silent_days=25)) is not None


def test_a_weekend_is_no_silence() -> None:
    """Five weeks up to a Friday evening, and the weekend after it."""
    weekly = rhythm(33, at=tuple(range(6, 20)), weekend=False, silent_days=2)
    assert fell_silent(weekly) is None
    assert fell_silent(rhythm(33, at=tuple(range(6, 20)), silent_days=2)) is not None


def test_hours_in_which_nobody_asked_are_no_silence() -> None:
    known = rhythm(28, at=(7, 9, 11, 13, 15, 17), silent_days=10)
    last = max(known.news)
    away = [hour for hour in known.answered if hour <= last + 3 or hour > last + 9 * 24]
    assert fell_silent(known) is not None
    assert fell_silent(replace(known, answered=away)) is None


# --- months -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 48))])
def test_a_quiet_month_raises_no_alarm(seed: int) -> None:
    raised = alarms_of(quiet(seed), DAYS)
    assert not raised, [(alarm.kind, alarm.source, alarm.raised_at, alarm.figures) for alarm in raised]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_found_and_stands_while_it_lasts(trouble: str) -> None:
    """Of a publisher with 20 articles a day, within three days."""
    chance = random.Random(trouble)
    publisher = a_publisher(chance, 1)
    publisher.rate, publisher.fields["authors"] = 20, 0.9
    history = simulate(chance, publisher, days=36, trouble=trouble, begins=30)
    found = [alarm for alarm in alarms_of(history, 36) if alarm.kind == trouble]
    assert found, trouble
    start = BEGIN + timedelta(days=30)
    assert start < datetime.fromisoformat(found[0].raised_at) <= start + timedelta(days=3)
    assert sum(alarm.cleared_at is None for alarm in found) == len(found) == 1, "one alarm, open while it lasts"


def test_lengths_and_fields_say_nothing_in_a_publishers_first_days() -> None:
    readings = [
        Reading(
            at=f"2026-03-0{4 + place // 320}T12:{place % 60:02}:00Z", url="https://news.example/a", rule="trafilatura",
            length=3000 if place < 320 else 90, fields=frozenset(),
        )
        for place in range(330)
    ]  # fmt: skip
    facts = Facts(publisher="Tarn Post", readings=readings, polls={}, began=readings[0].at)
    assert judge(facts, []).raised == []
    assert [finding.kind for finding in judge(replace(facts, began="2026-02-01T00:00:00Z"), []).raised] == [
        "text_length"
    ]


def test_a_broken_layout_is_one_alarm() -> None:
    readings = [
        Reading(
            at=f"2026-03-{day:02}T12:{minute:02}:00Z", url="https://news.example/a", length=3000 if day < 20 else 90,
            rule="layout:2021" if day < 20 else "trafilatura", fields=frozenset({"authors"} if day < 20 else ()),
        )
        for day in range(1, 21)
        for minute in range(10)
    ]  # fmt: skip
    facts = Facts(publisher="Tarn Post", spider="tarn", readings=readings, polls={})
    assert [finding.kind for finding in judge(facts, []).raised] == ["layout"]


# --- in an archive ----------------------------------------------------------------------------------------------------


def write(archive: Archive, history: History) -> None:
    """Put a history into an archive by the calls that a crawl makes."""
    publisher = history.publisher
    run = archive.start_run(command="crawl", arguments={}, version="1")
    with archive.group():
        for source, polls in history.polls.items():
            for poll in polls:
                outcome = "read" if poll.answered else "failed"
                at = datetime.fromisoformat(poll.at)
                asked = Poll(publisher=publisher.name, source=source, kind="feed", polled_at=at, outcome=outcome)
                archive.agenda.record_poll(asked, run)
        for source, listed in history.listed.items():
            for at, urls in listed:
                seen = [
                    Sighting(url=url, raw_url=url, publisher=publisher.name, source=source, seen_at=at, position=place)
                    for place, url in enumerate(urls)
                ]
                archive.record_sightings(run, seen)
    readings = {(reading.at, reading.url): reading for reading in history.readings}
    for begin in range(0, len(history.visits), 200):
        with archive.group():
            for visit in history.visits[begin : begin + 200]:
                _capture(archive, run, publisher.name, visit, readings.get((visit.at, visit.url)))


def _capture(archive: Archive, run: int, publisher: str, visit: Visit, reading: Reading | None) -> None:
    at = datetime.fromisoformat(visit.at)
    capture = archive.capture(replace(exchange(visit.url), captured_at=at, publisher=publisher), run)
    if reading is not None:
        found = {name: name in reading.fields for name in ("authors", "section", "images", "lede", "tags")}
        archive.store_article(
            capture,
            article(
                visit.url, publisher=publisher, paragraphs=("x" * reading.length,), lede="x" if found["lede"] else None,
                headline="Bridge reopens" if "headline" in reading.fields else None,
                published_at=at if "published_at" in reading.fields else None,
                authors=("Lena Orr",) if found["authors"] else (), section="World" if found["section"] else None,
                images=(Image(url="https://news.example/a.jpg"),) if found["images"] else (),
                tags=("Tarn",) if found["tags"] else (),
                provenance={"text": reading.rule, "text_agreement": f"{reading.agreement:.2f}"},
            ),
            extractor="test",
        )  # fmt: skip
    archive.finish_capture(capture.id, visit.outcome)
    archive.mark_sighting(visit.url, visit.outcome, capture.id)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """An archive with 14 quiet days and two in which a layout is broken, and the history that it was written from."""
    chance = random.Random("lived")
    publisher = a_publisher(chance, 3)
    publisher.rate = 12
    history = simulate(chance, publisher, days=16, trouble="layout", begins=14)
    folder = tmp_path_factory.mktemp("lived") / "data"
    with Archive.open(folder) as archive:
        write(archive, history)
        archive.coverage.refresh()
    return folder, history


END = BEGIN + timedelta(days=16)


def test_an_archive_tells_the_alarms_what_a_history_does(lived: tuple[Path, History]) -> None:
    folder, history = lived
    *_, (at, expected) = looks(history, 16)
    assert at == END
    with Archive.open(folder, write=False) as archive:
        facts = read_facts(archive.connection, history.publisher.name, None, at)
    seen = [visit for visit in facts.visits if visit.at < expected.visits[-1].at]
    assert seen[-200:] == [replace(visit) for visit in expected.visits if visit.at < expected.visits[-1].at][-200:]
    assert facts.readings == expected.readings
    assert facts.polls == expected.polls
    assert sorted(facts.rhythms, key=lambda known: known.source) == sorted(
        expected.rhythms, key=lambda known: known.source
    )


def test_alarms_are_rows_that_are_raised_once_cleared_and_rebuilt(lived: tuple[Path, History], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(lived[0], tmp_path / "copy"))
    with Archive.open(folder) as archive:
        archive.alarms.evaluate(None, END)
        archive.alarms.evaluate(None, END + timedelta(hours=1))
        standing = rows.read(archive.connection, open_only=True)
        assert [alarm.kind for alarm in standing] == ["layout"]
        assert standing[0].message.startswith("Publisher 3: the layout broke: of the last ")
        told = archive.alarms.to_tell()
        archive.alarms.mark_told(told)
        assert (told, archive.alarms.to_tell()) == (standing, [])
        mend(archive, lived[1])
        archive.alarms.evaluate(None, END + timedelta(days=1))
        cleared = archive.alarms.to_tell()
        assert [(alarm.kind, alarm.cleared_at) for alarm in cleared] == [("layout", "2026-01-22T00:00:00Z")]
        assert rows.read(archive.connection, open_only=True) == []
    before = dumped(folder)
    without_database(folder)
    Archive.open(folder).close()
    assert dumped(folder) == before


def mend(archive: Archive, history: History) -> None:
    """Somebody adds the layout: articles are read by it again."""
    run = archive.start_run(command="crawl", arguments={}, version="1")
    for number in range(50):
        at = (END + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        url = f"https://p3.example/feed/new/{number}"
        reading = replace(history.readings[0], at=at, url=url, fields=frozenset(FIELDS), agreement=0.95)
        _capture(archive, run, history.publisher.name, Visit(at=at, url=url, outcome=Outcome.EXTRACTED), reading)


def test_what_was_fetched_of_past_years_is_no_sign_of_today(lived: tuple[Path, History], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(lived[0], tmp_path / "copy"))
    with Archive.open(folder) as archive:
        before = read_facts(archive.connection, "Publisher 3", None, END)
        run = archive.start_run(command="crawl", arguments={"p3": {"since": "2016-01-01"}}, version="1")
        for number in range(30):
            url, at = f"https://p3.example/2016/{number}", "2026-01-20T23:00:00Z"
            reading = Reading(at=at, url=url, rule="trafilatura", length=90, fields=frozenset(), agreement=0.1)
            _capture(archive, run, "Publisher 3", Visit(at=at, url=url, outcome=Outcome.EXTRACTED), reading)
            _capture(archive, run, "Publisher 3", Visit(at=at, url=f"{url}/gone", outcome=Outcome.FAILED), None)
        assert read_facts(archive.connection, "Publisher 3", None, END) == before


def test_pages_that_robots_txt_closes_count_as_kept_back(lived: tuple[Path, History], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(lived[0], tmp_path / "copy"))
    source = next(iter(lived[1].polls))
    urls = [f"https://p3.example/feed/closed/{number}" for number in range(9)]
    with Archive.open(folder) as archive:
        run = archive.start_run(command="crawl", arguments={}, version="1")
        seen = [
            Sighting(url=url, raw_url=url, publisher="Publisher 3", source=source, seen_at=END, position=place)
            for place, url in enumerate(urls)
        ]
        archive.record_sightings(run, seen)
        for url in urls:
            archive.mark_sighting(url, Outcome.BLOCKED, None, f"robots.txt disallows {url}")
        archive.alarms.evaluate(run, END + timedelta(hours=1))
        blocked = [alarm for alarm in rows.read(archive.connection) if alarm.kind == "blocked"]
    assert len(blocked) == 1
    assert "pages were kept back (robots)" in blocked[0].message


def test_what_is_accepted_is_usual_from_then_on(lived: tuple[Path, History], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(lived[0], tmp_path / "copy"))
    with Archive.open(folder) as archive:
        archive.alarms.evaluate(None, END)
    listed = CliRunner().invoke(main, ["alarms", "--archive", str(folder)])
    assert listed.exit_code == 6, listed.output
    assert "the layout broke" in " ".join(listed.output.split())
    accepted = CliRunner().invoke(main, ["alarms", "--archive", str(folder), "--accept", "1"])
    assert accepted.exit_code == 0, accepted.output
    assert CliRunner().invoke(main, ["alarms", "--archive", str(folder), "--accept", "1"]).exit_code == 1
    with Archive.open(folder) as archive:
        archive.alarms.evaluate(None, END + timedelta(hours=LOOKS))
    shown = CliRunner().invoke(main, ["alarms", "--archive", str(folder), "--all", "--json"])
    assert shown.exit_code == 0, shown.output
    assert [(alarm["kind"], alarm["figures"]["accepted"]) for alarm in json.loads(shown.stdout)] == [("layout", True)]


def test_what_lay_within_an_alarm_is_no_past() -> None:
    values = [0.0] * 60 + [1.0] * 40
    old = series([*values, *[0.0] * 8])
    past = Alarm(
        id=1, raised_at=old.at[5], publisher="Tarn Post", source=None, kind="blocked", message="",
        figures={"since": old.at[0]}, cleared_at=old.at[59], told=None,
    )  # fmt: skip
    visits = [
        Visit(at=at, url="u", outcome="extracted" if value else "blocked")
        for at, value in zip(old.at, old.values, strict=True)
    ]
    facts = Facts(publisher="Tarn Post", visits=visits, polls={})
    assert judge(facts, []).raised == []
    assert [finding.kind for finding in judge(facts, [past]).raised] == ["blocked"]

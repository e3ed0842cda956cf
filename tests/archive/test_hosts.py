"""What the archive remembers of hosts that are left alone, and what that means for sources and pages."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from archive.agenda import Poll, Rest
from archive.dump import dump
from archive.model import Outcome
from archive.rebuild import rebuild
from archive.store import Archive
from archive.verify import verify
from tests.archive import conftest

HOUR = timedelta(hours=1)
NOON = conftest.NOON.replace(microsecond=0)
REST = Rest(host="news.example", until=NOON + HOUR, reason="it answered 429", strikes=1)
FEED = "https://news.example/feed"
POLL = Poll(publisher="P", source=FEED, kind="feed", polled_at=NOON, outcome="read", entries=9, new=1)


def test_a_host_is_remembered_until_it_answers_again(archive: Archive) -> None:
    run = archive.start_run(command="test", arguments={}, version="0")
    assert archive.agenda.rests() == {}
    archive.agenda.record_rest(REST, run)
    archive.agenda.record_rest(replace(REST, until=NOON + 2 * HOUR, strikes=2), run)
    assert archive.agenda.rests() == {"news.example": replace(REST, until=NOON + 2 * HOUR, strikes=2)}
    archive.agenda.record_rest(replace(REST, strikes=0), run)
    assert archive.agenda.rests() == {}


def test_a_source_that_was_not_asked_keeps_what_is_known_of_it(archive: Archive) -> None:
    run = archive.start_run(command="test", arguments={}, version="0")
    sql = "SELECT outcome, entries, interval_s, failures, next_at FROM sources"
    archive.agenda.record_poll(POLL, run)
    [before] = archive.connection.execute(sql).fetchall()
    left = replace(POLL, outcome="deferred", error="left alone", polled_at=NOON + HOUR, not_before=NOON + 9 * HOUR)
    archive.agenda.record_poll(left, run)
    [after] = archive.connection.execute(sql).fetchall()
    assert tuple(after)[:4] == tuple(before)[:4]
    assert archive.agenda.due_sources("P", [FEED], NOON + 8 * HOUR) == []
    assert archive.agenda.due_sources("P", [FEED], NOON + 9 * HOUR) == [FEED]
    polls = archive.connection.execute("SELECT outcome, error FROM polls ORDER BY id").fetchall()
    assert [tuple(row) for row in polls] == [("read", None), ("deferred", "left alone")]


def test_a_source_that_was_never_asked_has_a_row_too(archive: Archive) -> None:
    run = archive.start_run(command="test", arguments={}, version="0")
    archive.agenda.record_poll(replace(POLL, outcome="deferred", entries=0, new=0, not_before=NOON + HOUR), run)
    assert archive.agenda.due_sources("P", [FEED], NOON) == []
    archive.agenda.record_poll(replace(POLL, polled_at=NOON + HOUR), run)
    assert archive.connection.execute("SELECT outcome, entries FROM sources").fetchone()[:2] == ("read", 9)


def test_nothing_is_due_before_its_host_said(archive: Archive) -> None:
    url = "https://news.example/1"
    failed = archive.agenda.record_failure(
        url, publisher="P", visited_at=NOON, outcome=Outcome.FAILED, not_before=NOON + 5 * HOUR
    )
    assert failed == NOON + 5 * HOUR
    assert not archive.agenda.is_due(url, NOON + 4 * HOUR)
    assert archive.agenda.is_due(url, NOON + 5 * HOUR)


def test_verify_and_rebuild_know_hosts(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        run = archive.start_run(command="test", arguments={}, version="0")
        archive.agenda.record_rest(REST, run)
        before = [line for line in dump(archive.connection) if line.startswith('["hosts"')]
    assert len(before) == 1
    assert verify(tmp_path).findings == ()
    rebuild(tmp_path, software="test")
    with Archive.open(tmp_path, write=False) as archive:
        assert [line for line in dump(archive.connection) if line.startswith('["hosts"')] == before

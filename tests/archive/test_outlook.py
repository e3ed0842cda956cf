"""What `archive stats` says of what lies ahead, on archives in the states that it tells apart."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import clock
from archive.agenda import Poll
from archive.cli import main
from archive.folder import connect
from archive.model import Outcome, Sighting
from archive.outlook import NOT_ASKED, disk, last_run, outlook
from archive.store import Archive

PAGES = [f"https://tarn.example/news/{number}" for number in range(3)]
FEED = "https://tarn.example/rss"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One feed that was read, two pages that wait, one that was visited; the run that did it was killed."""
    with Archive.open(tmp_path) as archive:
        run = archive.start_run(command="crawlall", arguments={}, version="1")
        at = clock.now()
        sighted = [
            Sighting(url=u, raw_url=u, publisher="Tarn Post", source=FEED, seen_at=at, position=0) for u in PAGES
        ]
        archive.record_sightings(run, sighted)
        archive.defer_sighting(PAGES[1], "timeout: 30 s")
        archive.mark_sighting(PAGES[2], Outcome.EXTRACTED)
        archive.agenda.record_visit(PAGES[2], publisher="Tarn Post", visited_at=at, outcome=Outcome.EXTRACTED)
        poll = Poll(publisher="Tarn Post", source=FEED, kind="feed", polled_at=at, outcome="read", entries=3, new=3)
        archive.agenda.record_poll(poll, run)
    return tmp_path


def ahead(folder: Path) -> dict[str, Any]:
    connection = connect(folder, write=False)
    try:
        return outlook(connection, folder)
    finally:
        connection.close()


def stats(folder: Path, *options: str) -> str:
    done = CliRunner().invoke(main, ["stats", "--archive", str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_what_waits_says_why(folder: Path) -> None:
    waiting = {(row["publisher"], row["reason"]): row["urls"] for row in ahead(folder)["waiting"]}
    assert waiting == {("Tarn Post", NOT_ASKED): 1, ("Tarn Post", "timeout: 30 s"): 1}
    assert f"Tarn Post: 1 {NOT_ASKED}, the first since" in stats(folder)
    assert json.loads(stats(folder, "--json"))["waiting"] == ahead(folder)["waiting"]


def test_what_is_due_and_what_comes_next(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ahead(folder)
    assert (found["sources_due"]["now"], found["sources_due"]["within_a_day"]) == (0, 1)
    assert [page["url"] for page in found["pages_due"]["next"]] == [PAGES[2]]
    monkeypatch.setattr(clock, "SHIFT", timedelta(hours=2))
    found = ahead(folder)
    assert (found["sources_due"]["now"], found["pages_due"]["now"]) == (1, 1)
    assert found["pages_due"]["next"] == []
    assert "Due: 1 sources now" in stats(folder)


def test_a_run_that_was_killed_is_told_from_one_under_way_and_one_that_ended(folder: Path) -> None:
    assert ahead(folder)["last_run"]["state"] == "killed"
    with Archive.open(folder) as archive:
        last = last_run(archive.connection, folder)
        assert last is not None
        assert last["state"] == "under way"
        archive.finish_run(1, exit_code=7, summary={})
    assert ahead(folder)["last_run"]["exit_code"] == 7
    assert "with exit code 7" in stats(folder)


def test_the_disk_lasts_as_long_as_the_last_thirty_days_say(folder: Path) -> None:
    assert disk(folder)["bytes_a_day"] is None, "its first hour says nothing"
    for path in (folder / "warc").iterdir():
        path.unlink()
    for days, size in ((200, 9_000_000), (20, 1_500_000), (10, 1_500_000)):
        begun = clock.now() - timedelta(days=days)
        name = f"dateline-{begun:%Y%m%d%H%M%S}000-1f2e3d4c-00000.warc.gz"
        (folder / "warc" / name).write_bytes(bytes(size))
    found = disk(folder)
    share = 1 + found["database_bytes"] / 12_000_000
    assert found["bytes_a_day"] == pytest.approx(100_000 * share, rel=0.01)
    assert found["days_left"] == found["free_bytes"] // found["bytes_a_day"]
    assert "full in" in stats(folder)


def test_alarms_that_are_open_are_counted(folder: Path) -> None:
    database = sqlite3.connect(folder / "archive.db")
    with database:
        columns = "raised_at, publisher, kind, message, figures, cleared_at"
        row = f"INSERT INTO alarms ({columns}) VALUES (?, ?, ?, '', '{{}}', ?)"
        database.execute(row, ["2026-03-01T00:00:00Z", "Tarn Post", "silent", None])
        database.execute(row, ["2026-03-01T00:00:00Z", "Tarn Post", "silent", "2026-03-02T00:00:00Z"])
    database.close()
    assert "Alarms: 1 open (silent 1)" in stats(folder)

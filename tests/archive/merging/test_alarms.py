"""Alarms that workers of one crawl cannot raise, for each sees a part of it: merging their archives does."""

import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive import alarm_facts, alarms
from archive.agenda import Poll, moment
from archive.cli import main
from archive.merging import Merged, merge
from archive.model import Sighting
from archive.rebuild import rebuild
from archive.store import Archive
from archive.verify import verify
from crawler.known_articles import StoredPages
from tests.archive.conftest import NOON, dumped
from tests.archive.merging.identity import identity
from tests.archive.merging.machines import SOURCE, Act, joined, play

GOOD, WALLED = 40, 5


def visits(first: int, count: int, shows: str) -> list[Act]:
    """Visits to pages that nobody has seen before, an hour apart, by two machines in turn."""
    return [
        Act(machine=place % 2, minute=60 * place, url=f"https://news.example/{place}", shows=shows)
        for place in range(first, first + count)
    ]


WALL = [*visits(0, GOOD, "quiet"), *visits(GOOD, WALLED, "wall")]
OVER = visits(GOOD + WALLED, 24, "quiet")


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Two archives of a crawl whose last pages stood behind a wall, which neither noticed."""
    folders = [tmp_path / "shard0", tmp_path / "shard1"]
    play(WALL, folders)
    return folders


def standing(folder: Path) -> list[str]:
    with Archive.open(folder, write=False) as archive:
        return [alarm.kind for alarm in alarms.read(archive.connection, open_only=True)]


def test_what_no_worker_could_see_is_raised_as_by_one_machine(shards: list[Path], tmp_path: Path) -> None:
    merged = joined(shards, tmp_path / "all")
    [alarm] = merged.raised
    assert (alarm.kind, alarm.publisher) == ("blocked", "Tarn Post")
    assert alarm.figures["bad"] == WALLED
    play(WALL, [tmp_path / "one"])
    for folder in (*shards, tmp_path / "one"):
        with Archive.open(folder) as archive:
            archive.alarms.evaluate(None, moment(alarm.raised_at))
    assert [standing(shard) for shard in shards] == [[], []]
    assert rows(tmp_path / "all") == rows(tmp_path / "one") != []


def rows(folder: Path) -> list[str]:
    return [line for line in identity(folder) if line.startswith('["alarms"')]


def test_it_is_journaled_and_cleared_when_a_later_merge_shows_that_it_is_over(
    shards: list[Path], tmp_path: Path
) -> None:
    into = tmp_path / "all"
    assert len(joined(shards, into).raised) == 1
    before = dumped(into)
    assert joined(shards, into).raised == ()
    assert dumped(into) == before
    play(OVER, shards)
    assert joined(shards, into).raised == ()
    assert standing(into) == []
    before = dumped(into)
    rebuild(into, software="test")
    assert dumped(into) == before
    assert verify(into).findings == ()


def test_the_same_shards_give_the_same_alarms_in_whatever_order_they_come(shards: list[Path], tmp_path: Path) -> None:
    joined(shards[1:], tmp_path / "later")
    joined(shards, tmp_path / "later")
    joined(shards, tmp_path / "at once")
    assert rows(tmp_path / "later") == rows(tmp_path / "at once") != []


def test_an_archive_that_comes_late_hides_nothing_of_what_is_latest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows have the highest ids, and are the oldest."""
    monkeypatch.setattr(alarm_facts, "LATEST", 30)
    acts = [replace(act, machine=int(act.shows == "wall")) for act in WALL]
    late, early = tmp_path / "late", tmp_path / "early"
    play(acts, [late, early])
    assert joined([early], tmp_path / "all").raised == ()
    assert [alarm.kind for alarm in joined([late, early], tmp_path / "all").raised] == ["blocked"]


def fall_silent(archive: Archive) -> None:
    """A source that has news four times a day for three weeks, and then none for ten days."""
    run = archive.start_run(command="crawl", arguments={}, version="1")
    for hour in range(0, 31 * 24, 6):
        at, news = NOON + timedelta(hours=hour), hour < 21 * 24
        if news:
            url = f"https://news.example/{hour}"
            seen = Sighting(url=url, raw_url=url, publisher="Tarn Post", source=SOURCE, seen_at=at, position=0)
            archive.record_sightings(run, [seen])
        asked = Poll(
            publisher="Tarn Post", source=SOURCE, kind="feed", polled_at=at, outcome="read", entries=1, new=int(news)
        )
        archive.agenda.record_poll(asked, run)


class Undemanding(StoredPages):
    """Nothing is expected of any source."""

    def retired(self) -> list[str]:
        return [SOURCE]


def test_nothing_is_expected_of_a_source_that_publishers_gave_up(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "shard") as archive:
        fall_silent(archive)
    done = merged_by(StoredPages(), tmp_path / "shard", tmp_path / "strict")
    assert standing(tmp_path / "strict") == ["silent"]
    assert done.raised[0].source == SOURCE
    assert merged_by(Undemanding(), tmp_path / "shard", tmp_path / "lenient").raised == ()


def merged_by(judging: StoredPages, shard: Path, into: Path) -> Merged:
    return merge([shard], into, software="test", judging=judging)


def test_the_command_names_it_tells_the_operator_once_and_ends_with_6(
    shards: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    script = tmp_path / "tell.py"
    script.write_text(f"import sys; open({os.fspath(told)!r}, 'a').write(sys.stdin.read() + '\\n')")
    monkeypatch.setenv("DATELINE_ALARM_COMMAND", f"{sys.executable} {script}")
    command = ["merge", *map(os.fspath, shards), "--into", os.fspath(tmp_path / "all")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 6, done.output
    assert "alarm Tarn Post: " in done.output
    again = CliRunner().invoke(main, [*command, "--json"])
    assert again.exit_code == 0, again.output
    assert json.loads(again.output)["raised"] == []
    [line] = told.read_text().splitlines()
    assert [alarm["kind"] for alarm in json.loads(line)["raised"]] == ["blocked"]

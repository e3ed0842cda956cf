"""The view that tells when a source surfaced a story and when it dropped it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.agenda import Poll
from archive.model import Sighting
from archive.store import Archive

NOON, HOUR = datetime(2026, 3, 4, 12, tzinfo=UTC), timedelta(hours=1)
FEED = "https://tarn.example/rss"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive")


def poll(archive: Archive, hour: int, *names: str, outcome: str = "read", source: str = FEED) -> None:
    """One asking of a source that lists `names`, in order."""
    run, at = archive.start_run(command="c", arguments={}, version="1"), NOON + hour * HOUR
    seen = [
        Sighting(
            url=f"https://tarn.example/{name}", raw_url=name, publisher="Tarn", source=source, seen_at=at,
            position=place, title=f"Title of {name} {place > 1}",
        )
        for place, name in enumerate(names)
    ]  # fmt: skip
    archive.record_sightings(run, seen)
    asked = Poll(
        publisher="Tarn", source=source, kind="feed", polled_at=at, outcome=outcome, entries=len(seen),
        error="cut off" if outcome == "failed" else None,
    )  # fmt: skip
    archive.agenda.record_poll(asked, run)


def standing(archive: Archive, name: str, column: str, source: str = FEED) -> object:
    sql = f"SELECT {column} FROM standings WHERE url = ? AND source = ?"
    return archive.connection.execute(sql, [f"https://tarn.example/{name}", source]).fetchone()[0]


def test_a_story_stands_until_its_source_is_read_without_it(archive: Archive) -> None:
    poll(archive, 0, "a", "b")
    poll(archive, 1, "c", "a", "b")
    poll(archive, 3, "c", "a")
    poll(archive, 5, "c", "a")
    assert (standing(archive, "a", "stands"), standing(archive, "a", "dropped_at")) == (1, None)
    assert standing(archive, "b", "stands") == 0
    assert standing(archive, "b", "first_seen_at || ' ' || last_seen_at || ' ' || dropped_at") == (
        "2026-03-04T12:00:00Z 2026-03-04T13:00:00Z 2026-03-04T15:00:00Z"
    )
    assert standing(archive, "b", "times || ' ' || highest || ' ' || lowest || ' ' || titles") == "2 1 2 2"


@pytest.mark.parametrize("outcome", ["failed", "unreachable", "unmodified", "deferred"])
def test_what_was_not_read_to_its_end_drops_nothing(archive: Archive, outcome: str) -> None:
    poll(archive, 0, "a", "b")
    poll(archive, 1, *(["a"] if outcome == "failed" else []), outcome=outcome)
    assert standing(archive, "b", "stands") == 1
    poll(archive, 2, "a")
    assert standing(archive, "b", "dropped_at") == "2026-03-04T14:00:00Z"


def test_each_source_for_itself(archive: Archive) -> None:
    poll(archive, 0, "a")
    poll(archive, 0, "a", source=f"{FEED}/world")
    poll(archive, 1, "b")
    assert standing(archive, "a", "stands") == 0
    assert standing(archive, "a", "stands", f"{FEED}/world") == 1


@pytest.mark.parametrize("narrowed", ["", "WHERE publisher = 'Tarn'"], ids=["all", "publisher"])
def test_the_latest_are_read_in_order_and_the_rest_is_not_looked_at(archive: Archive, narrowed: str) -> None:
    """Of millions of sightings a page shows fifty."""
    sql = f"EXPLAIN QUERY PLAN SELECT * FROM standings {narrowed} ORDER BY first_seen_at DESC LIMIT 50"
    steps = [step for *_, step in archive.connection.execute(sql)]
    assert any("first USING INDEX sightings_" in step for step in steps), steps
    assert not any("FOR ORDER BY" in step or "FOR GROUP BY" in step for step in steps), steps

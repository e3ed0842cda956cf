"""The calendar of coverage is in step with the ledger, in whatever order the ledger's rows come."""

import random
import sqlite3
from datetime import date, timedelta

import pytest
from sqlite_utils import Database

from archive import coverage_days
from archive.events import apply
from archive.migrations import schema

PUBLISHERS = ("Tarn Post", "Veldran Daily", "Brell Courier")
COUNTS = ("polls", "unanswered", "announced", "known", "fetched", "extracted", "unchanged", "off_topic", "not_article",
          "blocked", "empty", "failed", "pending")  # fmt: skip


@pytest.fixture
def db() -> Database:
    db = Database(sqlite3.connect(":memory:"), execute_plugins=False)
    schema.apply(db)
    for name in PUBLISHERS:
        db.execute("INSERT INTO publishers (name) VALUES (?)", [name])
    return db


def note(db: Database, publisher: str, day: str, source: str = "feed", **counts: int) -> None:
    """A row of the ledger, as the journal applies it."""
    row = {"day": day, "publisher": publisher, "source": source, **dict.fromkeys(COUNTS, 0), **counts, "reasons": "{}"}
    apply(db, {"upsert": "coverage", "key": ["publisher", "day", "source"], "row": row}, lambda *_: "")


def states(db: Database, publisher: str) -> dict[str, str]:
    sql = "SELECT day, state FROM coverage_days WHERE publisher = ? ORDER BY day"
    return dict(db.execute(sql, [publisher]).fetchall())


def test_days_between_are_days_without_a_crawl_up_to_the_last_of_all(db: Database) -> None:
    note(db, "Tarn Post", "2026-02-27", polls=2, announced=3, extracted=3)
    note(db, "Tarn Post", "2026-03-02", polls=1, unanswered=1)
    note(db, "Veldran Daily", "2026-03-03", polls=1)
    expected = {"2026-02-27": "whole", "2026-02-28": "no crawl", "2026-03-01": "no crawl", "2026-03-02": "no answer"}
    assert states(db, "Tarn Post") == {**expected, "2026-03-03": "no crawl"}
    assert states(db, "Veldran Daily") == {"2026-03-03": "nothing announced"}


def test_sources_of_a_day_are_summed_up(db: Database) -> None:
    note(db, "Tarn Post", "2026-03-02", "feed", polls=1, announced=3, known=1, extracted=2)
    note(db, "Tarn Post", "2026-03-02", "section", polls=2, announced=2, failed=1, extracted=1)
    sums = "SELECT state, announced, extracted, failed, polls FROM coverage_days"
    assert db.execute(sums).fetchall() == [("in part", 4, 3, 1, 3)]
    note(db, "Tarn Post", "2026-03-02", "section", polls=2, announced=2, extracted=2)
    assert db.execute(sums).fetchall() == [("whole", 4, 4, 0, 3)]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_order_it_is_what_making_it_anew_gives(db: Database, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        day = date(2026, 2, 20) + timedelta(days=chance.randrange(40))
        counts = {name: chance.choice((0, 0, 1, 3)) for name in COUNTS}
        note(db, chance.choice(PUBLISHERS), day.isoformat(), chance.choice(("feed", "section")), **counts)
    followed = db.execute("SELECT * FROM coverage_days").fetchall()
    assert list(coverage_days.differences(db.conn)) == []
    coverage_days.make(db.conn)
    assert db.execute("SELECT * FROM coverage_days").fetchall() == followed


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM coverage_days WHERE state = 'no crawl' AND day = '2026-03-01'",
        "DELETE FROM coverage_days WHERE state = 'whole'",
        "UPDATE coverage_days SET failed = 1 WHERE state = 'no crawl'",
        "UPDATE coverage_days SET extracted = 1 WHERE state = 'whole'",
        "INSERT INTO coverage_days SELECT '2026-03-09', publisher, state, announced, fetched, extracted, unchanged, "
        "off_topic, not_article, blocked, empty, failed, pending, polls, unanswered FROM coverage_days LIMIT 1",
        "UPDATE coverage_days SET publisher = 'Brell Courier' WHERE day = '2026-03-03'",
    ],
)
def test_what_is_wrong_is_named(db: Database, damage: str) -> None:
    note(db, "Tarn Post", "2026-02-27", polls=2, announced=3, extracted=3)
    note(db, "Tarn Post", "2026-03-03", polls=1)
    assert list(coverage_days.differences(db.conn)) == []
    db.execute(damage)
    assert list(coverage_days.differences(db.conn))

"""Tallies say how many rows a table has, whatever becomes of these, and to readers of what they may see."""

import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from sqlite_utils import Database

from archive import tallies
from archive.datasette.counting import OF_A_ROW, from_tally
from archive.datasette.database import ArchiveDatabase
from archive.folder import connect
from archive.migrations import schema
from archive.rows import delete, insert, update
from archive.store import Archive
from archive.withheld import shield
from tests.archive.conftest import fill, store

OUTCOMES = (None, "extracted", "failed")
BLANK = {
    "captures": {"captured_at": "2026-03-04", "url": "u", "kind": "page", "file": "f", "length": 1, "record_id": "r"},
    "sightings": {"seen_at": "2026-03-04", "url": "u", "raw_url": "u", "source": "s", "position": 0},
}


@pytest.fixture
def db() -> Database:
    db = Database(sqlite3.connect(":memory:"), execute_plugins=False)
    schema.apply(db)
    for name in ("Tarn Post", "Veldran Daily"):
        db.execute("INSERT INTO publishers (name) VALUES (?)", [name])
    return db


@pytest.mark.parametrize("seed", range(5))
def test_they_follow_whatever_is_written(db: Database, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(1, 200):
        table = chance.choice(("captures", "sightings"))
        publisher = chance.choice(("Tarn Post", "Veldran Daily") + ((None,) if table == "captures" else ()))
        values = {"publisher": publisher, "outcome": chance.choice(OUTCOMES)}
        if table == "sightings":
            values |= {"new_to": chance.choice((None, "publisher")), "memento": chance.choice((None, "m"))}
        what = chance.randrange(4)
        if what < 2:
            more = {"offset": number} if table == "captures" else {}
            insert(db.conn, table, {"id": number, **BLANK[table], **values, **more})
        elif what == 2:
            update(db.conn, table, {"id": chance.randrange(1, number + 1)}, values)
        else:
            delete(db.conn, table, {"id": chance.randrange(1, number + 1)})
    assert list(tallies.differences(db.conn)) == []
    assert db.execute("SELECT sum(rows) FROM counted_sightings").fetchone() == (db.table("sightings").count,)
    assert db.execute("SELECT sum(rows) FROM counted_sightings WHERE is_first").fetchone() == (
        db.execute("SELECT count(*) FROM standings").fetchone()
    )


def test_a_row_that_is_there_already_is_not_counted_again(db: Database) -> None:
    row = {"id": 1, **BLANK["sightings"], "publisher": "Tarn Post"}
    for _ in range(2):
        insert(db.conn, "sightings", row, verb="INSERT OR IGNORE")
    assert db.execute("SELECT publisher, outcome, rows FROM counted_sightings").fetchall() == [("Tarn Post", None, 1)]


def test_of_what_happens_to_an_archive_all_are_right_and_a_wrong_one_is_found(tmp_path: Path) -> None:
    fill(tmp_path)
    with Archive.open(tmp_path) as archive:
        store(archive, "https://news.example/old", published_at=None, language=None, section=None)
        assert list(tallies.differences(archive.connection)) == []
        with archive.connection:
            archive.connection.execute("UPDATE counted_versions SET rows = rows + 1")
        assert [words.partition(" (")[0] for words in tallies.differences(archive.connection)] == [
            "counted_versions lacks", "counted_versions has wrongly"
        ]  # fmt: skip


def test_readers_are_told_of_what_they_may_see(tmp_path: Path) -> None:
    fill(tmp_path)
    with Archive.open(tmp_path) as archive:
        archive.withholdings.withhold(1, "a court's order")
    with closing(connect(tmp_path, write=False)) as connection:
        shield(connection)
        for tally in tallies.TALLIES:
            if tally.amount != "1":
                continue
            seen = connection.execute(f"SELECT count(*) FROM {tally.of}").fetchone()
            counted = connection.execute(f"SELECT coalesce(sum(rows), 0) FROM {tally.name}").fetchone()
            assert counted == seen, tally.name
        hidden = "SELECT (SELECT sum(rows) FROM main.counted_captures) - (SELECT sum(rows) FROM counted_captures)"
        assert connection.execute(hidden).fetchone()[0] > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tallies")
    fill(folder)
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Datasette asks of the database."""
    said: list[str] = []
    execute: Callable[..., Any] = ArchiveDatabase.execute

    async def listening(self: ArchiveDatabase, sql: str, *given: Any, **named: Any) -> Any:
        said.append(sql)
        return await execute(self, sql, *given, **named)

    monkeypatch.setattr(ArchiveDatabase, "execute", listening)
    return said


PAGES = {
    "articles": {"publisher", "language", "section"},
    "articles?publisher=Tarn+Post&language=en": {"publisher", "language", "section"},
    "versions?publisher=Tarn+Post": {"publisher"},
    "captures": {"outcome", "publisher"},
    "captures?outcome=extracted": {"outcome", "publisher"},
    "sightings?outcome=extracted&publisher=Tarn+Post": {"outcome", "publisher"},
    "sightings?outcome__isnull=1": {"outcome", "publisher"},
    "captures?outcome__notnull=1": {"outcome", "publisher"},
    "standings": {"publisher"},
    "polls?outcome=read": {"outcome", "publisher"},
    "watches": {"outcome", "publisher"},
    "changes": {"kind"},
    "coverage": {"publisher"},
    "coverage_days?state=whole": {"state", "publisher"},
}


async def test_the_page_of_a_table_counts_nothing_anew(
    served: Datasette, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, facets in PAGES.items():
        table, _, query = address.partition("?")
        path = f"/archive/{table}.json?{query}"
        asked.clear()
        tallied = (await served.client.get(path)).json()
        counts = [sql for sql in asked if "count(*)" in sql and "sqlite_master" not in sql]
        assert len(counts) == 1 + len(facets), address
        assert [sql for sql in counts if from_tally(sql) == sql] == []
        with monkeypatch.context() as patched:
            patched.setattr("archive.datasette.database.from_tally", lambda sql: sql)
            counted = (await served.client.get(path)).json()
        assert tallied["facet_results"].keys() == facets
        assert tallied["facet_results"] == counted["facet_results"], address
        assert tallied["filtered_table_rows_count"] == counted["filtered_table_rows_count"], address


async def test_the_page_of_a_publisher_s_row_counts_what_names_it_in_tallies(
    served: Datasette, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/archive/publishers/Tarn+Post.json?_extras=foreign_key_tables"
    tallied = (await served.client.get(path)).json()["foreign_key_tables"]
    counts = next(sql for sql in asked if sql.startswith(OF_A_ROW))
    left = re.findall(r"count\(\*\) from (\w+)", from_tally(counts))
    assert set(left) == {"sources", "alarms"}, "these are few"
    monkeypatch.setattr("archive.datasette.database.from_tally", lambda sql: sql)
    assert (await served.client.get(path)).json()["foreign_key_tables"] == tallied
    assert {one["other_table"]: one["count"] for one in tallied}["captures"] > 0


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from runs ",
        "select count(*) from captures where \"status\" = :p0 ",
        'select count(*) from captures where "outcome" = :p0 and "status" > :p1 ',
        'select count(*) from captures where "outcome" != :p0 ',
        'select count(*) from captures where "outcome" is null or 1 ',
        "select * from captures",
        "select status as value, count(*) as count from ( select id, status from captures ) where status is not null "
        "group by status order by count desc, value limit 13",
    ],
)  # fmt: skip
def test_what_no_tally_knows_is_asked_as_it_was(sql: str) -> None:
    assert from_tally(sql) == sql


@pytest.mark.parametrize(
    ("table", "condition", "order"),
    [
        ("articles", "section = 'World'", "published_at desc"),
        ("articles", "publisher = 'Tarn Post'", "published_at desc"),
        ("articles", "language = 'en'", "published_at desc"),
        ("versions", "publisher = 'Tarn Post'", "id desc"),
        ("versions", "publisher = 'Tarn Post'", "captured_at desc"),
        ("sightings", "publisher = 'Tarn Post' AND outcome IS NULL", "id desc"),
        ("captures", "outcome = 'failed'", "captured_at desc"),
        ("captures", "publisher = 'Tarn Post'", "captured_at desc"),
        ("sightings", "outcome = 'failed'", "seen_at desc"),
        ("sightings", "publisher = 'Tarn Post'", "seen_at desc"),
        ("standings", "publisher = 'Tarn Post'", "first_seen_at desc"),
        ("coverage_days", "publisher = 'Tarn Post'", "day desc"),
    ],
)
def test_a_click_on_a_count_reads_the_latest_rows_alone(folder: Path, table: str, condition: str, order: str) -> None:
    """In the order of an index: sorted, all rows with a common value would be read first."""
    with closing(connect(folder, write=False)) as connection:
        shield(connection)
        sql = f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {condition} ORDER BY {order} LIMIT 51"
        steps = [detail for *_, detail in connection.execute(sql)]
    assert not any("USE TEMP B-TREE FOR ORDER BY" in step for step in steps), steps
    assert any(step.startswith("SEARCH") and "USING INDEX" in step for step in steps), steps


@pytest.mark.parametrize(
    ("tally", "condition"),
    [("counted_captures", "outcome = 'extracted'"), ("counted_versions", "publisher = 'Tarn Post'"),
     ("counted_articles", "language = 'en'"), ("counted_sightings", "publisher = 'Tarn Post'")],
)  # fmt: skip
def test_what_is_withheld_is_found_by_itself_not_among_all_that_is_asked_for(
    folder: Path, tally: str, condition: str
) -> None:
    with closing(connect(folder, write=False)) as connection:
        shield(connection)
        sql = f"EXPLAIN QUERY PLAN SELECT sum(rows) FROM {tally} WHERE {condition}"
        steps = [detail for *_, detail in connection.execute(sql)]
    found = [step for step in steps if step.startswith("SEARCH gone")]
    assert len(found) == 1, steps
    assert "outcome=" not in found[0], steps
    assert "publisher=" not in found[0], steps
    assert "language=" not in found[0], steps

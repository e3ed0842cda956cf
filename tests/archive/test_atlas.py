"""The counts of places and days: kept in step with every article, whatever happens to it, and read for any days."""

import random
from calendar import isleap, monthrange
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import atlas, model
from archive.atlas import Named, Scope
from archive.folder import connect
from archive.migrations import migrate
from archive.rebuild import rebuild
from archive.store import Archive
from tests.archive.conftest import article, exchange, without_database

DAMASCUS, ALEPPO, KYIV = "170654", "170063", "703448"


def naming(*found: tuple[str, str, str]) -> model.Named:
    """Places by term, part and certainty."""
    mentions = [
        model.Mention(kind="place", term=place, label=place, part=part, spans=((0, 1),), certainty=certainty)
        for place, part, certainty in found
    ]
    return model.Named(mentions=tuple(mentions), vocabulary="test")


class Atlas:
    """Stores articles whose versions name places."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def publish(
        self, url: str, day: str | None, sure: tuple[str, ...] = (), ambiguous: tuple[str, ...] = (), *,
        minutes: int = 0, **fields: object,
    ) -> int:  # fmt: skip
        """Store an article; returns its id."""
        found = [(place, part, "sure") for place in sure for part in ("headline", "text")]
        found += [(place, "text", "ambiguous") for place in ambiguous]
        published_at = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC) if day else None
        given = article(url, published_at=published_at, **fields)
        capture = self.archive.capture(exchange(url, minutes=minutes), run_id=None)
        return self.archive.store_article(capture, given, named=naming(*found), extractor="test")[1]


@pytest.fixture
def filled(archive: Archive) -> Atlas:
    filled = Atlas(archive)
    filled.publish("https://a.example/1", "2016-02-17", (DAMASCUS,), (ALEPPO,))
    filled.publish("https://a.example/2", "2016-03-01", (DAMASCUS,), language="ar")
    filled.publish("https://b.example/1", "2017-01-01", (KYIV,), publisher="Second")
    filled.publish("https://b.example/2", None, (), (DAMASCUS,), publisher="Second")
    return filled


def named(archive: Archive, **scope: object) -> set[Named]:
    return set(atlas.named_in(archive.connection, Scope(**scope)))  # type: ignore[arg-type]


def test_places_are_counted_for_any_days_and_publishers(filled: Atlas) -> None:
    archive = filled.archive
    assert named(archive) == {Named(DAMASCUS, 2, 1), Named(ALEPPO, 0, 1), Named(KYIV, 1, 0)}
    assert named(archive, first=date(2016, 2, 17), last=date(2016, 2, 29)) == {
        Named(DAMASCUS, 1, 0),
        Named(ALEPPO, 0, 1),
    }
    assert named(archive, last=date(2016, 12, 31)) == {Named(DAMASCUS, 2, 0), Named(ALEPPO, 0, 1)}
    assert named(archive, first=date(2016, 2, 18)) == {Named(DAMASCUS, 1, 0), Named(KYIV, 1, 0)}
    assert named(archive, publishers=["Second"]) == {Named(DAMASCUS, 0, 1), Named(KYIV, 1, 0)}
    assert named(archive, publishers=[]) == named(archive, first=date(2030, 1, 1)) == set()
    assert named(archive, first=date(2017, 1, 1), last=date(2016, 1, 1)) == set()


def test_articles_are_counted_by_day(filled: Atlas) -> None:
    connection = filled.archive.connection
    assert atlas.days(connection, Scope(publishers=["Second"])) == {date(2017, 1, 1): 1}
    assert atlas.days_by(connection, "language", "Tarn Post") == [("2016-02-17", "en", 1), ("2016-03-01", "ar", 1)]
    assert [atlas.articles(connection, Scope(first=first)) for first in (None, date(2016, 3, 1))] == [4, 2]
    assert atlas.extent(connection) == (date(2016, 2, 17), date(2017, 1, 1))


def test_the_articles_of_a_place_come_latest_first(filled: Atlas) -> None:
    connection = filled.archive.connection
    assert atlas.naming(connection, DAMASCUS, Scope(), limit=9) == [(2, True), (1, True), (4, False)]
    assert atlas.naming(connection, DAMASCUS, Scope(last=date(2016, 2, 20), first=date(2016, 1, 1)), limit=9) == [
        (1, True)
    ]
    assert atlas.naming(connection, DAMASCUS, Scope(publishers=["Second"]), limit=9) == [(4, False)]
    assert atlas.naming_among(connection, DAMASCUS, [1, 3, 4]) == [(1, True), (4, False)]
    assert set(atlas.named_by(connection, [1, 3])) == {Named(DAMASCUS, 1, 0), Named(ALEPPO, 0, 1), Named(KYIV, 1, 0)}


def test_a_new_version_takes_the_place_of_the_old_one(filled: Atlas) -> None:
    filled.publish("https://a.example/1", "2016-02-18", (KYIV,), minutes=5, paragraphs=("It was elsewhere.",))
    assert named(filled.archive, last=date(2016, 2, 20)) == {Named(KYIV, 1, 0)}
    filled.publish("https://a.example/1", "2016-02-18", (ALEPPO,), minutes=-5, paragraphs=("An older capture.",))
    assert named(filled.archive, last=date(2016, 2, 20)) == {Named(KYIV, 1, 0)}, "it is not what the article shows"
    assert list(atlas.differences(filled.archive.connection)) == []


def test_mentions_that_are_found_anew_are_counted(filled: Atlas, tmp_path: Path) -> None:
    archive = filled.archive
    (version,) = archive.mentions.versions([1])
    relevance = model.Relevance(score=0.9, relevant=True, matches=(), vocabulary="test")
    assert archive.mentions.revise(version, relevance, naming((KYIV, "text", "sure")))
    assert named(archive, last=date(2016, 2, 20)) == {Named(KYIV, 1, 0)}
    assert not archive.mentions.revise(version, relevance, naming((KYIV, "text", "sure")))
    archive.withholdings.withhold(1, "a test")
    assert archive.mentions.revise(version, relevance, naming((ALEPPO, "text", "sure")))
    assert named(archive, last=date(2016, 2, 20)) == set()
    archive.withholdings.restore(1)
    assert named(archive, last=date(2016, 2, 20)) == {Named(ALEPPO, 1, 0)}
    assert list(atlas.differences(archive.connection)) == []


def test_what_is_withheld_is_not_counted(filled: Atlas) -> None:
    whole = counted(filled.archive)
    filled.archive.withholdings.withhold(1, "a test")
    assert Named(ALEPPO, 0, 1) not in named(filled.archive)
    filled.publish("https://a.example/1", "2016-02-17", (KYIV,), minutes=5, paragraphs=("It was elsewhere.",))
    assert named(filled.archive, last=date(2016, 2, 20)) == set()
    assert list(atlas.differences(filled.archive.connection)) == []
    filled.archive.withholdings.restore(1)
    assert counted(filled.archive) != whole
    assert named(filled.archive, last=date(2016, 2, 20)) == {Named(KYIV, 1, 0)}


def test_a_rebuilt_database_counts_the_same(filled: Atlas, tmp_path: Path) -> None:
    filled.archive.withholdings.withhold(2, "a test")
    before = counted(filled.archive)
    filled.archive.close()
    without_database(tmp_path / "data")
    rebuild(tmp_path / "data", software="test")
    with closing(connect(tmp_path / "data", write=False)) as connection:
        assert rows(connection) == before


def test_an_archive_that_is_based_anew_counts_the_same(filled: Atlas, tmp_path: Path) -> None:
    """The rows of a snapshot come table by table: an article before the places that it names."""
    before = counted(filled.archive)
    filled.archive.journal.rebase()
    filled.archive.close()
    without_database(tmp_path / "data")
    rebuild(tmp_path / "data", software="test")
    with closing(connect(tmp_path / "data", write=False)) as connection:
        assert rows(connection) == before


def test_differences_are_found(filled: Atlas) -> None:
    connection = filled.archive.connection
    assert list(atlas.differences(connection)) == []
    connection.execute("UPDATE places_spans SET sure = 7 WHERE span = '2016' AND place = ?", [DAMASCUS])
    connection.execute("DELETE FROM articles_days WHERE day = ''")
    found = list(atlas.differences(connection))
    connection.rollback()
    assert [line.split(" (")[0] for line in found] == [
        "articles_days lacks", "places_spans lacks", "places_spans has wrongly"
    ]  # fmt: skip


def test_an_older_database_is_counted_when_it_is_migrated() -> None:
    db = Database(memory=True)
    migrate(db, path="memory")
    db.conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm015_atlas'")
    for table in ("articles_days", "places_spans", "places_articles"):
        db.conn.execute(f"DROP TABLE {table}")
    migrate(db, path="memory")
    assert atlas.named_in(db.conn, Scope()) == []
    db.close()


def test_spans_make_up_the_days_and_are_few() -> None:
    dice = random.Random(7)
    for _ in range(300):
        first = date(2014, 1, 1) + timedelta(days=dice.randrange(2000))
        last = first + timedelta(days=dice.randrange(1200))
        spans = atlas.covering(first, last)
        everyday = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        assert all(sum(day.isoformat().startswith(span) for span in spans) == 1 for day in everyday)
        assert sum(map(days_in, spans)) == len(everyday)
        assert len(spans) <= 30 + 11 + 4 + 11 + 30
    assert atlas.covering(date(2015, 1, 1), date(2017, 2, 2)) == ["2015", "2016", "2017-01", "2017-02-01", "2017-02-02"]
    assert atlas.covering(date(9999, 12, 1), date.max) == ["9999-12"]
    assert atlas.covering(date(2016, 1, 2), date(2016, 1, 1)) == []


def days_in(span: str) -> int:
    lengths = {4: lambda: 365 + isleap(int(span)), 7: lambda: monthrange(int(span[:4]), int(span[5:]))[1]}
    return lengths.get(len(span), lambda: 1)()


def counted(archive: Archive) -> list[list[tuple[object, ...]]]:
    return rows(archive.connection)


def rows(connection: object) -> list[list[tuple[object, ...]]]:
    tables = ("articles_days", "places_spans", "places_articles")
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables]  # type: ignore[attr-defined]

"""The newest hits are the newest in whatever order articles were archived, and most hits are not looked at."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from archive.migrations import schema
from archive.search.newest import newest

COUNT = 20_000  # five blocks
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
OLD = range(6_000, 9_000)  # what has "siege"


def archive(moments: list[str | None]) -> sqlite3.Connection:
    """Articles with what a search asks of them: numbers from 1, times, and the words that `words` gives."""
    connection = sqlite3.connect(":memory:")
    schema.apply(Database(connection, execute_plugins=False))
    connection.executemany(
        "INSERT INTO articles (id, canonical_url, published_at, language, text, authors, tags, images, related, "
        "captured_at, url, versions, capture_id) VALUES (?1, ?1, ?2, ?3, '', '', '', '', '', '', '', 1, 1)",
        [(number, moment, "en" if number % 5 else "ar") for number, moment in enumerate(moments, start=1)],
    )
    connection.executemany(
        "INSERT INTO articles_fts (rowid, headline, text) VALUES (?, '', ?)",
        ((number, words(number)) for number in range(1, len(moments) + 1)),
    )
    return connection


def words(number: int) -> str:
    own = {"army": number % 3 == 0, "siege": number in OLD, "rare": number % 4999 == 0}
    return " ".join(["the", *(word for word, is_there in own.items() if is_there)])


def in_order() -> list[str | None]:
    """One every ten minutes, some some days late, a few without a date."""
    dice = random.Random(1)
    minutes = (10 * number - dice.choice((0, 0, 0, 5000)) for number in range(COUNT))
    return [
        None if number % 701 == 0 else f"{BEGIN + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}"
        for number, minute in enumerate(minutes)
    ]


def shuffled() -> list[str | None]:
    moments = in_order()
    random.Random(2).shuffle(moments)
    return moments


def misdated() -> list[str | None]:
    """As in a crawl, but a page of long ago claims to be of the next century, and one of today of the last."""
    moments = in_order()
    moments[6_010], moments[18_001] = "2099-12-31T00:00:00Z", "1970-01-01T00:00:00Z"
    return moments


def filled_up() -> list[str | None]:
    """The years before the first were archived last."""
    moments = in_order()
    return moments[COUNT // 3 :] + moments[: COUNT // 3]


@pytest.fixture(scope="module", params=[in_order, shuffled, misdated, filled_up], ids=lambda made: made.__name__)
def articles(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    with closing(archive(request.param())) as connection:
        yield connection


@pytest.mark.parametrize("is_oldest_first", [False, True], ids=["newest", "oldest"])
@pytest.mark.parametrize("match", ["the", "army", "siege", "the army siege", "rare", "nowhere"])
@pytest.mark.parametrize("condition", ["1", "language = 'ar' AND published_at < '2020-03'"], ids=["all", "some"])
def test_they_are_those_that_sorting_all_gives(
    articles: sqlite3.Connection, match: str, condition: str, is_oldest_first: bool
) -> None:
    most = 200
    order = "coalesce(published_at, '~'), id" if is_oldest_first else "published_at DESC, id DESC"
    expected = [
        number
        for (number,) in articles.execute(
            f"SELECT id FROM articles_fts JOIN articles ON id = articles_fts.rowid WHERE articles_fts MATCH ? "
            f"AND {condition} ORDER BY {order} LIMIT {most}",
            [match],
        )
    ]
    found = newest(articles, condition, {"match": match}, most, is_oldest_first=is_oldest_first)
    assert [row["id"] for row in found] == expected


def steps(connection: sqlite3.Connection, match: str, most: int) -> int:
    """What the newest `most` cost, in tens of SQLite's steps."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection.set_progress_handler(count, 10)
    try:
        newest(connection, "1", {"match": match}, most)
    finally:
        connection.set_progress_handler(None, 0)
    return taken


def test_common_words_are_not_sorted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.search.newest._FIRST", 1)
    with closing(archive(in_order())) as connection:
        assert 4 * steps(connection, "the army", 20) < steps(connection, "the army", COUNT), "one block of five"

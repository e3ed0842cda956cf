"""Reading stays quick however much an archive holds: by ratios and plans, for machines differ.

Twenty thousand articles are put in by SQL: the same rows that a crawl makes, without its pages.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive import plots, reading
from archive.search import find as finding
from archive.search.find import ask, find
from archive.store import Archive
from tests.archive.conftest import store

COUNT = 20_000

# Every article has "the", each third "army", each 2,000th "khanaser", the older ones "siege"; one in 26 minutes.
_FILL = """
WITH RECURSIVE many (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM many WHERE n < {count})
INSERT INTO articles ({names}) SELECT {values} FROM articles, many
"""
_VALUES = {
    "id": "n",
    "canonical_url": "canonical_url || n",
    "headline": "'report ' || n",
    "text": "'the ' || iif(n % 3 = 0, 'army ', '') || iif(n % 2000 = 7, 'khanaser ', '') || "
    "iif(n < 9000, 'siege ', '') || 'moved at word' || n",
    "published_at": "strftime('%Y-%m-%dT%H:%M:%SZ', '2027-01-01', (n * 26) || ' minutes')",
    "language": "iif(n % 5 = 0, 'ar', 'en')",
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder: Path = tmp_path_factory.mktemp("many")
    with Archive.open(folder) as archive:
        store(archive)
        columns = [name for (_, name, *_) in archive.connection.execute("PRAGMA table_info(articles)")]
        values = ", ".join(_VALUES.get(name, name) for name in columns)
        with archive.connection:
            archive.connection.execute(_FILL.format(count=COUNT, names=", ".join(columns), values=values))
            archive.connection.execute(
                "INSERT INTO articles_fts (rowid, headline, text) SELECT id, headline, text FROM articles WHERE id > 1"
            )
    with Archive.open(folder, write=False) as archive:
        yield archive.connection


def cpu(work: Callable[[], object]) -> float:
    """Seconds of this thread, the best of five."""
    times = []
    for _ in range(5):
        begun = time.thread_time()
        work()
        times.append(time.thread_time() - begun)
    return min(times)


@pytest.mark.parametrize("sort", ["best", "newest"])
@pytest.mark.parametrize("common", ["the", "army moved", "mov*", "siege"])
def test_a_common_word_costs_little_more_than_a_rare_one(
    many: sqlite3.Connection, common: str, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many articles have it: with bounds as small to these as the real ones are to a million."""
    monkeypatch.setattr(finding, "MAX_RANKED", 60)
    monkeypatch.setattr("archive.search.newest._FIRST", 1)

    def search(query: str) -> int:
        return find(many, ask(many, query), sort=sort).total

    assert search("khanaser") == 10
    assert search(common) == 60
    assert cpu(lambda: search(common)) < 25 * cpu(lambda: search("khanaser"))


def test_the_newest_are_found_whether_a_word_is_common_or_not(many: sqlite3.Connection) -> None:
    for query, each in (("the", 1), ("army", 3)):
        found = [hit["id"] for hit in find(many, ask(many, query), sort="newest").articles]
        assert found == [COUNT - COUNT % each - each * number for number in range(20)]
    oldest = [hit["id"] for hit in find(many, ask(many, "army"), sort="oldest", limit=3).articles]
    assert oldest == [3, 6, 9]
    past = [hit["id"] for hit in find(many, ask(many, "siege"), sort="newest", limit=3).articles]
    assert past == [8999, 8998, 8997], "common once and not lately"
    arabic = find(many, ask(many, "army language:ar"), sort="newest", limit=2)
    assert [hit["id"] for hit in arabic.articles] == [19_995, 19_980]


@pytest.mark.parametrize("read", [reading.overview, reading.publishers, plots.volume, plots.calendar, reading.latest])
def test_what_the_home_page_counts_is_read_from_indexes(
    many: sqlite3.Connection, read: Callable[[sqlite3.Connection], object]
) -> None:
    """A row of a million articles is five kilobytes; an entry of an index thirty bytes."""
    asked: list[str] = []
    many.set_trace_callback(asked.append)
    read(many)
    many.set_trace_callback(None)
    statements = [sql for sql in asked if sql.startswith(("SELECT", "\n"))]
    assert statements
    for sql in statements:
        for *_, step in many.execute(f"EXPLAIN QUERY PLAN {sql}"):
            of_many = step.split(" USING ")[0] in {f"SCAN {name}" for name in ("articles", "captures", "versions")}
            assert not of_many or "COVERING INDEX" in step or "published_at" in sql, f"{step}: {sql}"

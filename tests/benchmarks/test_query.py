"""The archive that the search benchmark asks is one like any other, and the same each time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive import atlas
from archive import folder as layout
from archive.search import index
from benchmarks import filling, query
from benchmarks.synthetic import Stories


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filling.archive_of(tmp_path_factory.mktemp("query"), 150, lambda _line: None)


def test_made_up_articles_are_indexed_counted_and_linked(place: Path) -> None:
    with closing(layout.connect(place, write=False)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (150,)
        assert list(index.differences(connection)) == list(atlas.differences(connection)) == []
        assert connection.execute("SELECT count(*) FROM syndications").fetchone()[0] > 0
        assert connection.execute("SELECT count(DISTINCT language) FROM articles").fetchone()[0] >= 5


def test_the_same_seed_gives_the_same_articles() -> None:
    one, other = (list(Stories().stories(30)) for _ in range(2))
    assert one == other
    for story in one:
        for named in story.named:
            assert all(story.text[start:end] == named.form for start, end in named.spans)


def test_each_frequency_of_words_is_asked_for_and_found(place: Path) -> None:
    with closing(layout.connect(place, write=False)) as connection:
        words = query.vocabularies(connection)
        asked = query.one_word(words) + query.two_words(words)
        found = [query.search(connection, text, "best", 1).size for text in query.one_word(words)]
    assert len(asked) > 60
    assert max(found) > 50
    assert min(found) >= 1


@pytest.mark.slow
def test_an_archive_is_measured_where_it_grows(place: Path) -> None:
    rates = query.insert_rates(place, 150, versions=60)
    assert 0.1 < rates["ratio_cpu"] < 10
    with closing(sqlite3.connect(place / "archive.db")) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone()[0] >= 200

"""The beginning of too many words is looked for as the commonest of them, and it says so."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from archive.cli import main
from archive.search import beginnings
from archive.search.beginnings import commonest
from archive.search.find import ask, find, matching
from archive.store import Archive
from tests.archive.conftest import store

TEXTS = ("The convoy crossed the country.", "A council of the country met.", "The country is quiet.", "Only cobalt.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beginnings")
    with Archive.open(folder) as archive:
        for number, text in enumerate(TEXTS):
            store(archive, f"https://news.example/{number}", headline=f"Report {number}", paragraphs=(text,))
    return folder


@pytest.fixture
def reader(folder: Path) -> Iterator[sqlite3.Connection]:
    with Archive.open(folder, write=False) as archive:
        yield archive.connection


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of an archive where three words that begin so are too many."""
    monkeypatch.setattr(beginnings, "_LARGE", 1)
    monkeypatch.setattr(beginnings, "_STEP", 1)
    monkeypatch.setattr(beginnings, "_MOST", 3)
    monkeypatch.setattr(beginnings, "MOST_WORDS", 2)


def numbers(reader: sqlite3.Connection, query: str) -> set[int]:
    return {row["id"] for row in find(reader, ask(reader, query)).articles}


def test_in_a_small_archive_every_word_is_looked_for(reader: sqlite3.Connection) -> None:
    assert ask(reader, "co*").beginnings == ()
    assert numbers(reader, "co*") == {1, 2, 3, 4}
    assert numbers(reader, "c*") == {1, 2, 3, 4}


@pytest.mark.usefixtures("crowded")
def test_of_too_many_the_commonest_are_looked_for(reader: sqlite3.Connection) -> None:
    asked = ask(reader, "co*")
    assert asked.beginnings == (("co", ("country", "cobalt")),)
    assert numbers(reader, "co*") == {1, 2, 3, 4}
    assert numbers(reader, '"the co"*') == {1, 2, 3}
    assert numbers(reader, "co* -country") == {4}
    assert commonest(reader, "cobal") == (), "the beginning of few words is looked for as it is"
    assert commonest(reader, "conv") == ()


@pytest.mark.usefixtures("crowded")
def test_an_export_leaves_nothing_out(reader: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginnings, "MOST_WORDS", 1)
    assert set(matching(reader, ask(reader, "co*"))) == {1, 2, 3}
    assert set(matching(reader, ask(reader, "co*", is_whole=True))) == {1, 2, 3, 4}


@pytest.mark.usefixtures("crowded")
async def test_every_answer_says_so(served: Datasette, folder: Path) -> None:
    for page in ("/?q=co*", "/-/map?q=co*"):
        text = (await served.client.get(page)).text
        assert "Too many words begin with" in text, page
        assert "country, cobalt" in text
    assert "of co* the 2 commonest words" in (await served.client.get("/archive/articles?_search=co*")).text
    said = CliRunner().invoke(main, ["search", "co*", "--archive", str(folder)])
    assert "Of co* only the 2 commonest words: country, cobalt" in said.stderr
    assert "Too many words" not in (await served.client.get("/?q=country")).text

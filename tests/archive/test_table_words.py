"""The table of articles, searched: the newest that have the words, whatever else is asked, in every format."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted

from archive.search import find as finding
from archive.store import Archive
from tests.archive.conftest import store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    with Archive.open(folder) as archive:
        for day in range(1, 7):
            store(
                archive, f"https://news.example/{day}", headline=f"Ceasefire day {day}",
                paragraphs=("The ceasefire holds." if day != 6 else "Calm.",),
                publisher="Tarn Post" if day % 2 else "Veldran Daily", language="en" if day < 5 else "ar",
                published_at=datetime(2026, 3, day, tzinfo=UTC),
            )  # fmt: skip
    return folder


async def days(served: Datasette, asked: str) -> list[int]:
    rows = (await served.client.get(f"/archive/articles.json?_shape=array&{asked}")).json()
    return [int(row["published_at"][8:10]) for row in rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("_search=ceasefire", [6, 5, 4, 3, 2, 1]),
        ("_search=ceasefire&_sort=published_at", [1, 2, 3, 4, 5, 6]),
        ("_search=ceasefire+publisher:tarn-post", []),
        ('_search=ceasefire+publisher:"Tarn+Post"', [5, 3, 1]),
        ("_search=holds&publisher=Veldran+Daily", [4, 2]),
        ("_search=-holds", [6]),
        ("_search=nowhere", []),
        ("_search=***", []),
        ("_search=%22", []),
        ("_search=", [6, 5, 4, 3, 2, 1]),
        ("_search=ceasefire&_searchmode=raw", [6, 5, 4, 3, 2, 1]),
    ],
)
async def test_what_is_found(served: Datasette, asked: str, expected: list[int]) -> None:
    assert await days(served, asked) == expected


async def test_of_a_common_word_the_newest_are_found_and_it_says_so(
    served: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MAX_RANKED", 2)
    assert await days(served, "_search=ceasefire") == [6, 5]
    assert await days(served, "_search=ceasefire&language=en") == [4, 3], "the newest of those that are asked for"
    assert await days(served, "_search=ceasefire&published_at__lt=2026-03-03&_sort=published_at") == [1, 2]
    assert await days(served, "_search=ceasefire&headline__contains=1") == [], "what search does not read is asked last"
    assert "search matches &#34;ceasefire&#34;, the newest 2" in (
        await served.client.get("/archive/articles?_search=ceasefire")
    ).text  # fmt: skip
    told = (await served.client.get("/archive/articles.json?_search=holds&publisher=Veldran+Daily")).json()
    words = 'where search matches "holds" and publisher = "Veldran Daily" sorted by published_at descending'
    assert told["human_description_en"] == words
    cells = (await served.client.get("/archive/articles.csv?_search=ceasefire&_col=headline")).text
    assert cells.split() == ["id,headline", "6,Ceasefire", "day", "6", "5,Ceasefire", "day", "5"]


async def test_the_box_keeps_what_was_typed(served: Datasette) -> None:
    assert 'name="_search" value="ceasefire"' in (await served.client.get("/archive/articles?_search=ceasefire")).text
    assert 'name="_search"' in (await served.client.get("/archive/articles")).text
    refused = await served.client.get("/archive/articles?_search_headline=ceasefire")
    assert refused.status_code == 400
    assert "_search=headline:word" in refused.text


async def test_a_count_that_takes_too_long_is_left_out(served: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    database = served.get_database("archive")
    slow = "select count(*) from (with recursive n (i) as (select 1 union all select i + 1 from n) select i from n)"
    with pytest.raises(QueryInterrupted):
        await database.execute(slow)
    monkeypatch.setattr("archive.datasette.database._COUNT_MS", 0)
    page = await served.client.get("/archive/articles")
    assert page.status_code == 200
    assert "Ceasefire day 6" in page.text

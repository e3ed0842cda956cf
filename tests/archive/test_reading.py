"""An article comes with all that belongs to it; times are told with their zones."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import reading
from archive.moments import readable
from archive.store import Archive
from tests.archive.conftest import article, exchange, store


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("reading")
    with Archive.open(folder) as archive:
        store(archive)
        store(
            archive,
            "https://news.example/beyoglu",
            headline="Talks in Beyoğlu",
            paragraphs=("Delegates spoke of a long-range strike, a “cease-fire”, and prisoners.",),
            publisher="Veldran Daily",
            published_at=datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
        )
        store(
            archive,
            "https://news.example/arabic",
            headline="الهدنة تصمد",
            paragraphs=("قال المراقبون إن الهدنة تصمد لليوم الثاني.",),
            published_at=None,
            language="ar",
        )
        capture = archive.capture(exchange(minutes=60), run_id=None)
        archive.store_article(capture, article(headline="Bridge at Tarn closes"), extractor="test")
    with Archive.open(folder, write=False) as opened:
        yield opened.connection


def test_an_article_comes_with_all_that_belongs_to_it(reader: sqlite3.Connection) -> None:
    found = reading.article(reader, 1)
    assert found is not None
    assert found["headline"] == "Bridge at Tarn closes"
    assert found["tags"] == ["Tarn", "ceasefire"]
    assert found["images"][0]["credit"] == "Lena Orr"
    assert len(found["paragraphs"]) == 2
    assert [version["number"] for version in found["version_list"]] == [2, 1]
    assert len(found["captures"]) == 2
    assert reading.article(reader, 99) is None


def test_counts(reader: sqlite3.Connection) -> None:
    overview = reading.overview(reader)
    assert overview["counts"]["articles"] == 3
    assert overview["counts"]["versions"] == 4
    assert overview["outcomes"] == {"unfinished": 4}
    assert overview["languages"] == {"en": 2, "ar": 1}
    assert (overview["first_published_at"], overview["last_published_at"]) == (
        "2026-03-04T10:30:00Z",
        "2026-03-09T08:00:00Z",
    )
    assert {row["name"]: row["articles"] for row in reading.publishers(reader)} == {"Tarn Post": 2, "Veldran Daily": 1}
    assert reading.latest(reader)[0]["headline"] == "Talks in Beyoğlu"


@pytest.mark.parametrize(
    ("value", "offset", "precision", "text"),
    [
        ("2024-05-01T10:20:00Z", "+03:00", None, "1 May 2024, 13:20 UTC+03:00"),
        ("2024-05-01T23:40:00Z", "+05:45", None, "2 May 2024, 05:25 UTC+05:45"),
        ("2024-01-01T01:00:00Z", "-03:30", None, "31 December 2023, 21:30 UTC-03:30"),
        ("2024-05-01T10:20:00Z", "+00:00", "minute", "1 May 2024, 10:20 UTC"),
        ("2024-05-01T10:20:00Z", None, None, "1 May 2024, 10:20 UTC"),
        ("2024-05-01T00:00:00Z", "+00:00", "day", "1 May 2024"),
        (None, None, None, ""),
        ("someday", None, None, "someday"),
    ],
)
def test_readable_times(value: str | None, offset: str | None, precision: str | None, text: str) -> None:
    assert readable(value, offset, precision) == text


def test_reading_needs_no_right_to_write(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        store(archive)
        with Archive.open(tmp_path, write=False) as beside:
            assert beside.counts()["articles"] == 1

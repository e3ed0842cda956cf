"""`scrapy reenrich`: what texts mention by the vocabularies of today, stored so that a rebuild gives the same."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive.folder import connect
from archive.store import Archive
from archive.verify import verify
from crawler.enrich import names
from crawler.enrichment import enrich, groups, outdated
from tests.archive.conftest import dumped, store, without_database
from tests.crawler.test_rebuild_command import scrapy

TEXTS = (
    ("Syrian army retakes Khanaser", "Islamic State fighters left Khanaser for Raqqa on Monday, the Syrian army said."),
    ("Sudan: market shelled", "The Rapid Support Forces shelled a market in Omdurman. Eleven people died."),
    ("Штурм Бахмута", "ВСУ отступили из Бахмута, сообщили украинские военные."),
)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An archive whose articles nobody has looked at for names."""
    folder = tmp_path / "archive"
    with Archive.open(folder) as archive:
        for number, (headline, text) in enumerate(TEXTS):
            language = "ru" if number == 2 else "en"
            store(archive, f"https://news.example/{number}", headline=headline, paragraphs=(text,), language=language)
    return folder


def reenrich(folder: Path, **selection: Any) -> tuple[int, int]:
    """How many versions were read, and how many mention something else than before."""
    with Archive.open(folder) as archive:
        ids = archive.mentions.outdated(outdated(**selection))
        return len(ids), sum(enrich(archive, lot, None) for lot in groups(ids))


def mentions(folder: Path, where: str = "1") -> list[tuple[object, ...]]:
    sql = f"SELECT version_id, kind, label, part, count, certainty FROM mentions WHERE {where} ORDER BY 1, 2, 3, 4"
    with closing(connect(folder, write=False)) as connection:
        return connection.execute(sql).fetchall()


def test_versions_are_read_by_the_vocabularies_of_today(older: Path) -> None:
    assert mentions(older, "kind <> 'conflict'") == []
    before = mentions(older, "label IS NULL AND term = 'shelling'")
    done = scrapy("reenrich", folder=older)
    assert done.returncode == 0, done.stderr
    assert "Read 3 versions" in done.stdout
    assert "3 mention something else than before" in done.stdout
    assert mentions(older, "kind <> 'conflict' AND version_id = 1 AND part <> 'lede'") == [
        (1, "actor", "Islamic State", "text", 1, "sure"),
        (1, "actor", "Syrian Arab Army", "headline", 1, "sure"),
        (1, "actor", "Syrian Arab Army", "text", 1, "sure"),
        (1, "place", "Khanaser", "headline", 1, "sure"),
        (1, "place", "Khanaser", "text", 1, "sure"),
        (1, "place", "Raqqa", "text", 1, "sure"),
    ]
    assert (3, "place", "Bakhmut", "text", 1, "sure") in mentions(older)
    assert mentions(older, "label IS NULL AND term = 'shelling'") != before, "the terms of conflict are found anew, too"
    with closing(connect(older, write=False)) as connection:
        assert connection.execute("SELECT DISTINCT names FROM versions").fetchall() == [(names.version(),)]
        same = (
            "SELECT count(*) FROM articles JOIN versions ON article_id = articles.id WHERE number = articles.versions"
        )
        assert connection.execute(f"{same} AND articles.relevance IS versions.relevance").fetchone() == (3,)


def test_spans_are_those_of_the_stored_text(older: Path) -> None:
    reenrich(older)
    with closing(connect(older, write=False)) as connection:
        connection.row_factory = sqlite3.Row
        sql = "SELECT label, spans, text FROM mentions JOIN versions ON id = version_id WHERE part = 'text'"
        found = {
            (row["label"], row["text"][start:end])
            for row in connection.execute(sql)
            for start, end in json.loads(row["spans"])
        }
    assert {("Khanaser", "Khanaser"), ("Bakhmut", "Бахмута"), ("Omdurman", "Omdurman")} <= found


def test_a_second_time_there_is_nothing_to_do(older: Path) -> None:
    assert reenrich(older) == (3, 3)
    assert reenrich(older) == (0, 0)
    assert reenrich(older, everything=True) == (3, 0)


@pytest.mark.slow
def test_several_processes_find_the_same(older: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(older, tmp_path / "other"))
    assert scrapy("reenrich", "--workers", "2", folder=older).returncode == 0
    assert "Read 3 versions" in scrapy("reenrich", "--all", folder=other).stdout
    assert mentions(older) == mentions(other)


def test_the_archive_stays_whole_and_a_rebuild_gives_the_same(older: Path) -> None:
    reenrich(older)
    assert verify(older).findings == ()
    before = dumped(older)
    without_database(older)
    Archive.open(older).close()
    assert dumped(older) == before


def test_an_interrupted_run_goes_on_where_it_stopped(older: Path) -> None:
    with Archive.open(older) as archive:
        ids = archive.mentions.outdated(outdated())
        assert len(ids) == 3
        assert enrich(archive, next(groups(ids[:1])), None) == 1
    with Archive.open(older) as archive:
        assert archive.mentions.outdated(outdated()) == ids[1:]
    assert reenrich(older) == (2, 2)


def test_only_what_is_asked_for_is_read(older: Path) -> None:
    assert reenrich(older, publisher="Nobody") == (0, 0)
    assert reenrich(older, since=date(2027, 1, 1)) == (0, 0)
    assert reenrich(older, until=date(2027, 1, 1)) == (3, 3)


def test_a_crawl_leaves_nothing_to_do(demo_copy: Path) -> None:
    assert mentions(demo_copy, "kind = 'place'")
    assert reenrich(demo_copy) == (0, 0)


def test_where_there_is_no_archive_none_is_made(tmp_path: Path) -> None:
    done = scrapy("reenrich", folder=tmp_path / "nothing")
    assert done.returncode == 66
    assert not (tmp_path / "nothing").exists()

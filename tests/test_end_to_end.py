"""The whole road: the offline web's five publishers, crawled into an archive by the command that `make demo` runs."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from archive.model import Outcome
from crawler.publisher import publishers
from crawler.urls import clean_url
from tests.conftest import Crawl, crawl_offline_web
from tests.web.pages import WebPage, load

COUNTS = """
    select (select count(*) from articles) a, (select count(*) from versions) v, (select count(*) from captures) c
"""
PUBLISHERS = {"RT", "Sputnik", "Daily Sabah", "Al-Alam", "Arabs Today"}


def rows(folder: Path, sql: str, *parameters: object) -> list[sqlite3.Row]:
    """What a query on the archive in `folder` gives."""
    database = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        return database.execute(sql, parameters).fetchall()
    finally:
        database.close()


def test_the_demo_ends_well_and_shows_every_publisher(demo: Crawl) -> None:
    assert demo.exit_code == 0, demo.output
    for publisher in PUBLISHERS:
        assert publisher in demo.output


def test_the_founding_publishers_have_a_dozen_articles(demo: Crawl) -> None:
    counted = {
        row["publisher"]: row["n"] for row in rows(demo.folder, "select publisher, count(*) n from articles group by 1")
    }
    assert {name for name, articles in counted.items() if articles >= 12} >= PUBLISHERS, counted


def test_every_capture_has_exactly_one_outcome(demo: Crawl) -> None:
    outcomes = Counter(row["outcome"] for row in rows(demo.folder, "select outcome from captures"))
    assert set(outcomes) <= {str(outcome) for outcome in Outcome}, outcomes
    assert outcomes["failed"] == 0
    assert outcomes["extracted"] == rows(demo.folder, "select count(*) n from articles")[0]["n"]


@pytest.mark.parametrize("page", load(), ids=lambda page: page.url)
def test_every_page_ends_as_its_kind_says(demo: Crawl, page: WebPage) -> None:
    ended = {
        row["outcome"] for row in rows(demo.folder, "select outcome from captures where url = ?", clean_url(page.url))
    }
    publisher = publishers()[page.publisher]
    if not publisher.is_article(page.url):
        assert not ended, f"{page.url} is no article by the publisher's own file, and was fetched"
        assert page.kind in {"gallery", "video"}
        return
    expected = {"article": {"extracted", "unchanged"}, "off_topic": {"off_topic"}}.get(
        page.kind, {"not_article", "empty"}
    )
    assert ended, f"{page.url} was announced and never fetched"
    assert ended <= expected


@pytest.mark.slow
def test_a_second_crawl_adds_captures_and_no_article(demo: Crawl, demo_copy: Path) -> None:
    before = rows(demo_copy, COUNTS)[0]
    again = crawl_offline_web(demo_copy, "crawlall")
    after = rows(demo_copy, COUNTS)[0]
    assert again.exit_code == 0, again.output
    assert "unchanged" in again.output
    assert (after["a"], after["v"]) == (before["a"], before["v"])
    assert after["c"] > before["c"]
    new_outcomes = rows(demo_copy, "select distinct outcome from captures where run_id = 2 and kind = 'page'")
    assert {row["outcome"] for row in new_outcomes} == {"unchanged", "off_topic", "empty"}


def test_the_warcs_pass_warcio_check(demo: Crawl) -> None:
    files = sorted((demo.folder / "warc").glob("*.warc.gz"))
    assert len(files) == 2, "one file of captures and one of texts"
    checked = subprocess.run(
        [str(Path(sys.executable).with_name("warcio")), "check", "-v", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_an_article_can_be_found_by_its_words(demo: Crawl) -> None:
    found = rows(demo.folder, "select count(*) n from articles_fts where articles_fts match '\"ceasefire\"'")[0]["n"]
    assert found > 1

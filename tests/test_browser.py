"""The site as a real browser shows it: headless Chromium on the served demonstration archive."""

import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.chromium import CHROMIUM, FLAGS
from tests.conftest import Crawl
from tests.serving import served

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

HOSTILE = """<script>document.title = 'fired'</script><img src=x onerror="document.title = 'fired'">"""


def shown(url: str, profile: Path) -> str:
    """The document after its scripts ran, as markup."""
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "--virtual-time-budget=3000", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_home_page_shows_what_the_archive_holds(demo: Crawl, tmp_path: Path) -> None:
    with served(demo.folder) as server:
        page = shown(server.address, tmp_path / "profile")
    assert "Demonstration." in page
    for publisher in ("RT", "Sputnik", "Daily Sabah", "Al-Alam", "Arabs Today"):
        assert publisher in page


def test_an_article_shows_its_text_and_where_it_is_archived(demo: Crawl, tmp_path: Path) -> None:
    database = sqlite3.connect(demo.folder / "archive.db")
    number, headline, text = database.execute(
        "select id, headline, text from articles where language = 'ar' order by id limit 1"
    ).fetchone()
    database.close()
    with served(demo.folder) as server:
        page = shown(f"{server.address}archive/articles/{number}", tmp_path / "profile")
    assert headline in page
    assert all(paragraph in page for paragraph in text.split("\n\n") if '"' not in paragraph)
    assert 'dir="auto"' in page or 'dir="rtl"' in page
    assert re.search(r"warc/dateline-[\w-]+\.warc\.gz", page)


def test_a_story_shows_what_its_copy_added(demo: Crawl, tmp_path: Path) -> None:
    """Two publishers of the demonstration print one text, the second between paragraphs of its own."""
    database = sqlite3.connect(demo.folder / "archive.db")
    [(copy, origin)] = database.execute("select article_id, syndicated_from from syndications").fetchall()
    publishers = dict(database.execute("select id, publisher from articles where id in (?, ?)", (copy, origin)))
    database.close()
    assert publishers == {origin: "Daily Sabah", copy: "RT"}
    with served(demo.folder) as server:
        page = shown(f"{server.address}-/story/{copy}", tmp_path / "profile")
    assert "1 independent report in 2 articles" in page
    assert re.search(r"<ins>[^<]*a flare", page)
    assert re.search(r"<del>[^<]*three of the rescued men", page, re.IGNORECASE)


def test_hostile_text_fires_nothing(demo_copy: Path, tmp_path: Path) -> None:
    database = sqlite3.connect(demo_copy / "archive.db")
    number = database.execute("select min(id) from articles").fetchone()[0]
    with database:
        database.execute("update articles set headline = ?, text = ? where id = ?", (HOSTILE, HOSTILE, number))
    database.close()
    with served(demo_copy) as server:
        pages = [
            shown(f"{server.address}{path}", tmp_path / "profile")
            for path in (f"archive/articles/{number}", f"archive/articles?id={number}", "")
        ]
    for page in pages:
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        assert title
        assert title[1].strip() != "fired"
    assert "&lt;script&gt;document.title" in pages[0]

"""The site's own pages: search with facets, versions side by side, one text at several publishers."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.store import Archive
from tests.archive.conftest import article, exchange
from tests.archive.test_copies import CUT, WIRE, WITH_OWN
from tests.archive.test_datasette import HOSTILE

URL = "https://wire.example/tarn"


def store(
    archive: Archive, url: str, publisher: str, paragraphs: tuple[str, ...], *, hours: int = 0, **fields: object
) -> None:
    captured = exchange(url, minutes=60 * hours)
    capture = archive.capture(captured, run_id=None)
    published_at = datetime(2026, 3, 3, 15, 0, tzinfo=UTC) + timedelta(hours=hours if publisher != "Wire" else 0)
    stored = article(url, publisher=publisher, paragraphs=paragraphs, published_at=published_at, **fields)
    archive.store_article(capture, stored, extractor="test")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    with Archive.open(folder) as archive:
        store(archive, URL, "Wire", WIRE, headline="Shells hit market in Tarn", language="en")
        store(archive, "https://paper.example/1", "Paper", CUT, hours=2, headline="Market shelled", language="en")
        own = (*WITH_OWN, HOSTILE)
        store(archive, "https://post.example/1", "Post", own, hours=5, headline=HOSTILE, language="tr")
        edited = (WIRE[0].replace("twelve", "fifteen"), *WIRE[1:3])
        store(archive, URL, "Wire", edited, hours=6, headline="Shells hit market in Tarn", language="en")
    return folder


async def page(served: Datasette, address: str, status: int = 200) -> str:
    response = await served.client.get(address)
    assert response.status_code == status, address
    assert "<script>alert" not in response.text
    return str(response.text)


async def test_search_shows_facets_that_narrow_it(served: Datasette) -> None:
    html = await page(served, "/?q=market")
    assert "3 articles" in html
    assert "?q=market&amp;publisher=Paper" in html
    narrowed = await page(served, "/?q=market&publisher=Paper")
    assert "1 article" in narrowed
    assert 'href="?q=market"' in narrowed, "the way back"
    assert "2 articles" in await page(served, "/?q=market&language=en&sort=newest")


async def test_names_are_shown_and_can_be_switched_off(served: Datasette) -> None:
    assert "Also under" in await page(served, "/?q=Aleppo")
    off = await page(served, "/?q=Aleppo&aliases=off")
    assert "Also under" not in off
    assert "Names in all their spellings" in off


async def test_two_versions_stand_side_by_side(served: Datasette) -> None:
    html = await page(served, "/-/diff/1")
    assert re.search(r"<del>twelve\s*</del>", html)
    assert re.search(r"<ins>fifteen\s*</ins>", html)
    assert "<del>The market stands four kilometres" in html
    assert await page(served, "/-/diff/1?from=1&to=2") == html
    assert "twelve" in await page(served, "/-/diff/1?from=99&to=x"), "what is no version is passed over"
    await page(served, "/-/diff/2", status=404)
    await page(served, "/-/diff/999", status=404)


async def test_a_story_shows_what_each_publisher_added_and_cut(served: Datasette) -> None:
    html = await page(served, "/-/story/2")
    assert "1 independent report in 3 articles" in html
    assert re.search(r"<span>[0-9]+ words added</span>", html)
    assert re.search(r"<span>[0-9]+ words cut</span>", html)
    assert html.index("Wire") < html.index("Paper") < html.index("Post")
    assert "<ins>TARN (Agency) - </ins>" in html
    assert "<ins>Our correspondent in the capital" in html
    await page(served, "/-/story/999", status=404)
    assert "/-/story/1" in await page(served, "/archive/articles/1")

"""Feeds: of a search, and of what any table shows."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from archive.changes import Judged
from archive.permalinks import permalink
from archive.store import Archive
from tests.archive import test_pages
from tests.archive.test_copies import WIRE
from tests.archive.test_datasette import HOSTILE

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    with Archive.open(folder) as archive:
        url, headline = "https://wire.example/tarn", "Shells hit market in Tarn"
        test_pages.store(archive, url, "Wire", WIRE, headline=headline, language="en")
        test_pages.store(archive, "https://post.example/1", "Post", (HOSTILE,), hours=5, headline=HOSTILE)
        edited = (WIRE[0].replace("twelve", "fifteen"), *WIRE[1:])
        test_pages.store(archive, url, "Wire", edited, hours=6, headline=headline, language="en")
        archive.changes.record_edit(1, lambda _old, _new: Judged(classes=("number",), details=(), rules="1"))
    return folder


async def entries(served: Datasette, address: str) -> list[ElementTree.Element]:
    """A feed's entries; each feed and entry has what RFC 4287 demands (sections 4.1.1 and 4.1.2)."""
    response = await served.client.get(address)
    assert response.status_code == 200, address
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.text)
    found = feed.findall(f"{ATOM}entry")
    for element in (feed, *found):
        assert element.findtext(f"{ATOM}id", "").startswith(("http://localhost/", "urn:uuid:"))
        assert element.findtext(f"{ATOM}title")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", element.findtext(f"{ATOM}updated", ""))
    assert len({entry.findtext(f"{ATOM}id") for entry in found}) == len(found)
    return found


def titles(found: list[ElementTree.Element]) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in found]


async def test_a_search_is_a_feed(served: Datasette) -> None:
    (entry,) = await entries(served, "/-/feed.atom?q=script&publisher=Post")
    assert entry.findtext(f"{ATOM}title") == HOSTILE
    assert entry.findtext(f"{ATOM}id") == f"http://localhost/-/a/{permalink('https://post.example/1')}"
    assert len(await entries(served, "/-/feed.atom")) == 2


async def test_a_table_is_a_feed_with_its_filters_and_its_order(served: Datasette) -> None:
    assert titles(await entries(served, "/archive/articles.atom")) == [HOSTILE, "Shells hit market in Tarn"]
    (entry,) = await entries(served, "/archive/articles.atom?publisher=Wire")
    assert entry.findtext(f"{ATOM}id") == f"http://localhost/-/a/{permalink('https://wire.example/tarn')}"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert (await served.client.get(link.get("href", "").removeprefix("http://localhost"))).status_code == 200
    assert await entries(served, "/archive/articles.atom?publisher=Nobody") == []


async def test_an_edit_names_the_article(served: Datasette) -> None:
    (entry,) = await entries(served, "/archive/changes.atom")
    assert titles([entry]) == ["edited: Shells hit market in Tarn"]
    assert "classes: number\nfrom_version: 1" in entry.findtext(f"{ATOM}summary", "").replace("rules: 1\n", "")


async def test_rows_without_a_page_are_known_by_what_they_say(served: Datasette) -> None:
    once = await entries(served, "/archive/captures.atom")
    views = await entries(served, "/archive/by_day.atom")
    again = await entries(served, "/archive/by_day.atom")
    assert len(once) == 3
    assert views
    assert [view.findtext(f"{ATOM}id") for view in views] == [view.findtext(f"{ATOM}id") for view in again]


async def test_what_has_no_times_is_no_feed(served: Datasette) -> None:
    assert (await served.client.get("/archive/publishers.atom")).status_code == 404
    assert ".atom" not in (await served.client.get("/archive/publishers")).text
    assert "/archive/changes.atom" in (await served.client.get("/archive/changes")).text

"""The map and the page of a place: any search, any days, any box; what is counted is what is linked."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from archive import timeline
from archive.store import Archive
from tests.archive.test_atlas import ALEPPO, DAMASCUS, KYIV, Atlas
from tests.archive.test_datasette import HOSTILE
from tests.archive.test_pages import page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("map")
    with Archive.open(folder) as archive:
        filled = Atlas(archive)
        filled.publish("https://a.example/1", "2016-02-17", (DAMASCUS,), (ALEPPO,), headline="Market reopens")
        filled.publish("https://a.example/2", "2016-03-01", (DAMASCUS,), headline=HOSTILE)
        filled.publish("https://b.example/1", "2017-01-01", (KYIV,), publisher=HOSTILE, language="ar")
        filled.publish("https://b.example/2", None, (), (DAMASCUS, HOSTILE, "unknown"))
    return folder


def circles(html: str) -> dict[str, str]:
    """What each circle says, and where it leads."""
    found = re.search(r'<svg class="map".*?</svg>', html, re.DOTALL)
    assert found
    drawn = ElementTree.fromstring(found[0])
    return {link.get("aria-label", ""): link.get("href", "") for link in drawn.iter("a")}


async def test_the_map_shows_what_the_archive_names(served: Datasette) -> None:
    html = await page(served, "/-/map")
    assert circles(html) == {
        "Damascus: 3 articles, of 1 it is not sure": f"/-/place/{DAMASCUS}",
        "Kyiv: 1 article": f"/-/place/{KYIV}",
        "Aleppo: 1 article, of 1 it is not sure": f"/-/place/{ALEPPO}",
    }
    assert re.search(r"Damascus</bdi></a></th><td>SY</td><td>3</td><td>1</td>", html), "the same as a table"
    assert "Of 2 nothing says where they lie" in html


async def test_days_and_publisher_narrow_it_and_stay_in_the_links(served: Datasette) -> None:
    html = await page(served, "/-/map?since=2016-02-01&until=2016-02-29&publisher=Tarn+Post")
    assert set(circles(html).values()) == {
        f"/-/place/{place}?publisher=Tarn+Post&since=2016-02-01&until=2016-02-29" for place in (DAMASCUS, ALEPPO)
    }
    assert 'value="2016-02-01"' in html
    assert "option selected>Tarn Post<" in html
    assert "1 article, in which" in html
    assert "option selected>Tarn Post<" in await page(served, "/-/map?publisher=tarn+post"), "as the search takes it"


async def test_a_search_has_a_map(served: Datasette) -> None:
    html = await page(served, "/-/map?q=market")
    assert circles(html)["Damascus: 1 article"] == f"/-/place/{DAMASCUS}?q=market"
    assert circles(await page(served, "/-/map?language=ar")) == {"Kyiv: 1 article": f"/-/place/{KYIV}?language=ar"}
    assert circles(await page(served, "/-/map?q=market&until=2015")) == {}
    assert "2016-02-17" in await page(served, "/-/map?q=market&until=2015"), "the timeline is of all its days"


async def test_a_box_shows_what_lies_in_it(served: Datasette) -> None:
    html = await page(served, "/-/map?box=22,44,40,53")
    assert list(circles(html)) == ["Kyiv: 1 article"]
    assert "2 more lie outside this view" in html
    assert 'href="?box=' in html


@pytest.mark.parametrize("query", [
    "box=x", "box=1,2,3", "box=nan,nan,nan,nan", "box=180,90,-180,-90", "box=0,0,0.0001,0.0001", "since=x&until=9999",
    "since=0001-01-01&until=9999-12-31", "since=2017&until=2016", "q=%00%22(", "publisher=nobody",
    "aliases=off&q=damascus", "q=since:2016 market", "publisher=%3Cscript%3Ealert(1)%3C/script%3E",
    "box=-180,-90,180,90", "page=9999999999",
    "since=&until=&q=&publisher=", "language=" + "x" * 3000,
])  # fmt: skip
async def test_whatever_is_asked_is_answered(served: Datasette, query: str) -> None:
    await page(served, f"/-/map?{query}")
    await page(served, f"/-/place/{DAMASCUS}?{query}")


async def test_a_place_lists_its_articles_and_marks_doubt(served: Datasette) -> None:
    html = await page(served, f"/-/place/{DAMASCUS}")
    assert html.index("/archive/articles/2") < html.index("/archive/articles/1") < html.index("/archive/articles/4")
    assert html.count('<span class="outcome">ambiguous</span>') == 1
    assert "named in 2 dated articles" in html
    only = await page(served, f"/-/place/{DAMASCUS}?q=market")
    assert "/archive/articles/1" in only
    assert "/archive/articles/2" not in only
    assert "No article here" in await page(served, f"/-/place/{KYIV}?publisher=Tarn+Post")


async def test_a_place_that_lies_nowhere_has_a_page_and_one_that_nobody_names_has_none(served: Datasette) -> None:
    assert "<bdi>unknown</bdi>" in await page(served, "/-/place/unknown")
    assert (await served.client.get("/-/place/1234567890")).status_code == 404


def test_bars_hold_all_days_and_mark_those_chosen() -> None:
    days = {date(2016, 2, 1): 2, date(2016, 2, 3): 1, date(2016, 2, 10): 4}
    bars = timeline.bars(days, date(2016, 2, 2), date(2016, 2, 4))
    assert [bar.articles for bar in bars] == [2, 0, 1, 0, 0, 0, 0, 0, 0, 4]
    assert [bar.since.day for bar in bars if bar.is_chosen] == [2, 3, 4]
    assert all(bar.since == bar.until for bar in bars)
    assert timeline.bars({}, None, None) == []


def test_bars_of_months_end_where_the_next_begin() -> None:
    bars = timeline.bars({date(2014, 1, 5): 1, date(2017, 12, 24): 1}, None, date(2015, 1, 15))
    assert len(bars) == 48
    assert (bars[1].since, bars[1].until) == (date(2014, 2, 1), date(2014, 2, 28))
    assert sum(bar.is_chosen for bar in bars) == 13, "January 2015 in part"
    drawn = timeline.drawn(bars, lambda since, until: f"?{since}{until}", "When")
    links = [link.get("href") for link in ElementTree.fromstring(str(drawn)).iter("a")]
    assert links == ["?2014-01-012014-01-31", "?2017-12-012017-12-24"]

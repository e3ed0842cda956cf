"""The time brush in headless Chromium: dragging over bars, moving a slider, and what stays without a script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive
from tests.archive.test_atlas import ALEPPO, DAMASCUS, Atlas
from tests.chromium import CHROMIUM, Browser, browser
from tests.serving import Served, served

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

CHOSEN = "[...document.querySelectorAll('.bar.chosen')].length"
FIELDS = "['since', 'until'].map(name => document.querySelector('form[data-brush]').elements[name].value).join(' ')"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("brush")
    with Archive.open(folder) as archive:
        filled = Atlas(archive)
        for day in range(1, 11):
            filled.publish(f"https://a.example/{day}", f"2016-02-{day:02}", (DAMASCUS,), (ALEPPO,))
    with served(folder) as server:
        yield server


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def drag(tab: Browser, begin: float, end: float) -> None:
    """Drag over the timeline, from one part of its width to another."""
    box = tab.run("(({x, y, width, height}) => ({x, y, width, height}))"
                  "(document.querySelector('svg.timeline').getBoundingClientRect())")  # fmt: skip
    y = box["y"] + box["height"] / 2
    steps = [begin, (begin + end) / 2, end]
    for kind, part in (("mousePressed", begin), *(("mouseMoved", part) for part in steps), ("mouseReleased", end)):
        x = box["x"] + part * box["width"]
        tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)


def test_dragging_chooses_days(site: Served, tab: Browser) -> None:
    tab.show_as(height=2000)
    tab.open(f"{site.address}-/map")
    assert tab.run(CHOSEN) == 10
    tab.heard.clear()
    drag(tab, 0.25, 0.55)
    tab._wait_for("Page.loadEventFired")
    assert "since=2016-02-03&until=2016-02-06" in tab.run("location.search")
    assert (tab.run(CHOSEN), tab.run(FIELDS)) == (4, "2016-02-03 2016-02-06")
    words = tab.run("[...document.querySelectorAll('svg.map a')].map(link => link.getAttribute('aria-label'))")
    assert "Damascus: 4 articles" in words
    assert tab.complaints() == []
    strangers = [url for url in tab.requested() if not url.startswith((site.address, "data:"))]
    assert strangers == [], "nothing is asked of anybody else"


def test_dragging_backwards_and_out_of_it_chooses_as_far_as_there_is(site: Served, tab: Browser) -> None:
    tab.open(f"{site.address}-/map")
    tab.heard.clear()
    drag(tab, 0.65, -0.02)
    tab._wait_for("Page.loadEventFired")
    assert tab.run(FIELDS) == "2016-02-01 2016-02-07"


def test_a_slider_chooses_days_without_a_mouse(site: Served, tab: Browser) -> None:
    tab.open(f"{site.address}-/place/{DAMASCUS}?since=2016-02-03&until=2016-02-06")
    assert tab.run("document.querySelector('.sliders output').textContent") == "2016-02-03 to 2016-02-06"
    tab.heard.clear()
    tab.run(
        "(slider => { slider.value = 1; slider.dispatchEvent(new Event('input')); "
        "slider.dispatchEvent(new Event('change')); })(document.querySelector('.sliders input'))"
    )
    tab._wait_for("Page.loadEventFired")
    assert tab.run(FIELDS) == "2016-02-02 2016-02-06"


def test_a_click_on_a_bar_is_a_link(site: Served, tab: Browser) -> None:
    tab.open(f"{site.address}-/map")
    tab.heard.clear()
    drag(tab, 0.35, 0.35)
    tab._wait_for("Page.loadEventFired")
    assert tab.run(FIELDS) == "2016-02-04 2016-02-04"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_no_page_is_wider_than_its_window(site: Served, tab: Browser, width: int, dark: bool, tmp_path: Path) -> None:
    tab.show_as(width=width, dark=dark)
    for address in ("-/map", f"-/place/{DAMASCUS}", "-/publisher/Tarn%20Post", "-/runs", "-/capture/1"):
        tab.open(f"{site.address}{address}")
        assert tab.run("document.documentElement.scrollWidth") <= width, address
        assert tab.complaints() == [], address
    tab.show_as()

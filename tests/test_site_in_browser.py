"""Every kind of page in a real browser: hostile text fires nothing, nobody is kept out, keys find their way."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.accessibility import AXE, findings
from tests.chromium import CHROMIUM, Browser, browser
from tests.full_site import ATTACKS, FILES, PAGES, fill, poison
from tests.serving import Served, served

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.timeout(300),
]


# What all of a page's links, forms and sources begin with, and links that would tell another site of this one
PROTOCOLS = """[...document.querySelectorAll("[href], [src], [action]")].map(element =>
    new URL(element.getAttribute("href") || element.getAttribute("src") || element.getAttribute("action"), location)
    .protocol)"""
OUTSIDE = """[...document.links].filter(link => link.host != location.host && !/noreferrer/.test(link.rel))
    .map(link => link.href)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("full")
    fill(folder)
    with served(folder) as server:
        yield server


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[str]]]:
    """A site with attacks in every field, and the addresses of its pages."""
    folder = tmp_path_factory.mktemp("poisoned")
    fill(folder, demonstration=False)
    poison(folder)
    with served(folder) as server, browser() as tab:
        tab.open(server.address)
        found = tab.run("[...document.links].map(link => link.getAttribute('href')).filter(to => to[0] == '/')")
        yield server, sorted({*PAGES, *found, "/archive/articles?_size=20&_facet=tags&_facet=wire"})


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def url(server: Served, page: str) -> str:
    return server.address.rstrip("/") + page


def complaints(tab: Browser) -> list[str]:
    """What the browser says of a page, but for its status."""
    return [words for words in tab.complaints() if "status of 4" not in words]


def test_the_browser_would_tell(tab: Browser) -> None:
    """What the other tests listen for is heard: a dialog, a request, a script's words."""
    tab.open("data:text/html,<script>alert(1); console.log('said'); asked = fetch('http://evil.example/')</script>")
    tab.run("asked.catch(() => 0)")  # or its failure would be heard on the page after this one
    told = " ".join(tab.complaints())
    assert "dialog: 1" in told
    assert "said" in told
    assert "http://evil.example/" in tab.requested()


def test_hostile_text_fires_nothing_anywhere(poisoned: tuple[Served, list[str]], tab: Browser) -> None:
    server, pages = poisoned
    seen = 0
    for page in (*pages, *FILES):
        tab.open(url(server, page))
        assert complaints(tab) == [], page
        # a date field has a picture of its own, as data: what is inside a page leaves no machine
        away = [address for address in tab.requested() if not address.startswith((server.address, "data:"))]
        assert away == [], page
        assert tab.run("location.href").startswith(server.address), page
        assert set(tab.run(PROTOCOLS)) <= {"http:", "https:"}, page
        outside = [link for link in tab.run(OUTSIDE) if not link.startswith("https://datasette.io/")]
        assert outside == [], f"{page} would tell other sites where a reader came from"
        seen += "fired()" in (tab.run("document.documentElement.textContent") or "")
    assert seen > 20, "the attacks have to be on the pages, as text"


def test_hostile_text_stays_in_its_field(poisoned: tuple[Served, list[str]]) -> None:
    server, _ = poisoned
    feed = ElementTree.fromstring(server.ask("/-/feed.atom").text)
    names = {element.tag.rpartition("}")[2] for element in feed.iter()}
    assert names == {"feed", "id", "title", "updated", "link", "entry", "author", "name"}
    for element in feed.iter("{http://www.w3.org/2005/Atom}link"):
        assert element.attrib["href"].startswith("http")
    answer = server.ask("/archive/articles.json?_shape=array")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "fired()" in str(json.loads(answer.body))
    written = server.ask("/archive/sightings.csv?_size=max")
    assert written.headers["content-type"] == "text/plain; charset=utf-8"
    cells = [cell for row in csv.reader(io.StringIO(written.text, newline="")) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells) or any(cell.startswith("'+cmd") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "@", "\t", "\r"}]


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed beside the project (make axe-env)")
@pytest.mark.parametrize(
    ("width", "dark", "pages"),
    [
        (1280, False, PAGES[::2]),
        (360, True, PAGES[1::2]),
        *(pytest.param(width, dark, PAGES, marks=pytest.mark.slow) for width in (1280, 360) for dark in (False, True)),
    ],
)
def test_nobody_is_kept_out(site: Served, tab: Browser, width: int, dark: bool, pages: tuple[str, ...]) -> None:
    """axe-core finds nothing serious or critical on any page, and the policy refuses nothing that a page needs."""
    tab.show_as(width=width, dark=dark)
    for page in pages:
        tab.open(url(site, page))
        assert complaints(tab) == [], page
        tab.run("document.querySelectorAll('details').forEach(part => part.open = true)")  # what is folded away, too
        assert findings(tab) == [], f"{page} at {width}, {'dark' if dark else 'light'}"
        assert tab.run("document.documentElement.scrollWidth <= innerWidth"), f"{page} is wider than {width}"


def test_all_can_be_reached_by_keys(site: Served, tab: Browser) -> None:
    """Tab goes through every link and field in order, each is seen to have the focus, and none keeps it."""
    tab.show_as()
    ways = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
    for page in (
        "/",
        "/?q=market",
        "/archive/captures?outcome=extracted",
        "/archive/articles/4",
        "/-/diff/4",
        "/-/runs",
    ):
        tab.open(url(site, page))
        count = tab.run(f"window.ways = [...document.querySelectorAll({ways!r})].filter(way => way.checkVisibility());"
                        "ways.length")  # fmt: skip
        reached = []
        for _ in range(count):
            tab.press("Tab")
            reached.append(tab.run("ways.indexOf(document.activeElement)"))
            outline = tab.run(
                "(style => style.outlineStyle + style.outlineWidth)(getComputedStyle(document.activeElement))"
            )
            assert not outline.startswith("none"), f"{page}: {tab.run('document.activeElement.outerHTML')}"
            assert not outline.endswith("0px")
        assert sorted(reached) == list(range(count)), page
        assert tab.run("scrollX") == 0


def test_the_first_key_leads_to_the_content(site: Served, tab: Browser) -> None:
    tab.show_as()
    tab.open(url(site, "/archive/articles/1"))
    tab.press("Tab")
    assert tab.run("document.activeElement.textContent") == "To the content"
    assert tab.run("document.activeElement.getBoundingClientRect().top >= 0")
    tab.press("Enter")
    assert tab.run("document.activeElement.id") == "content"


def test_each_script_runs_its_own_way(site: Served, tab: Browser) -> None:
    tab.show_as()
    tab.open(url(site, "/archive/articles/3"))
    assert tab.run("document.documentElement.lang + document.documentElement.dir") == "enltr"
    ways = "[...document.querySelectorAll('{}')].map(part => getComputedStyle(part).direction)"
    assert tab.run(ways.format("h1")) == ["rtl"]
    assert set(tab.run(ways.format(".body p"))) == {"rtl"}
    assert set(tab.run(ways.format(".times, .evidence, header, footer"))) == {"ltr"}
    assert tab.run("document.querySelector('h1').closest('[lang]').lang") == "ar"
    tab.open(url(site, "/archive/articles"))
    assert set(tab.run(ways.format(".stories h3"))) == {"ltr", "rtl"}
    assert "ar" in tab.run("[...document.querySelectorAll('.stories h3')].map(part => part.lang)")


def test_an_attack_is_in_every_field(tmp_path: Path) -> None:
    """What `poison` leaves out is not forgotten silently: these are the fields that it reaches."""
    fill(tmp_path)
    poison(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        row = database.execute(
            "SELECT headline, text, byline, section, tags, images, related, url, publisher FROM articles WHERE id = 2"
        ).fetchone()
    marks = tuple(attack.strip()[:6] for attack in ATTACKS)
    for value in row:
        assert any(mark in value or json.dumps(mark)[1:-1] in value for mark in marks), value

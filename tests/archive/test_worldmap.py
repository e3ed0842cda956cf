"""The map: views that stay in the world, outlines cut to them, circles as large as what they count."""

import json
import re
from importlib.resources import files
from math import isclose
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archive import worldmap
from archive.gazetteer import Spot, spots
from archive.worldmap import HEIGHT, WIDTH, WORLD, Dot, View
from benchmarks import outlines
from tests.archive.test_datasette import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
RAQQA = spots()["172955"]
TAIPEI = Spot("1", "Taipei", "TW", 25.0, 121.5, 0, curated=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1,2,3",
        "1,2,3,4,5",
        "nan,0,10,10",
        "inf,0,10,10",
        "10,0,5,10",
        "0,0,0,0",
        "-181,0,5,5",
        "0,-91,5,5",
        "1e999,0,2,3",
    ],
)
def test_what_is_no_box_of_the_world_is_none(text: str) -> None:
    assert View.read(text) is None


@pytest.mark.parametrize(
    "text", ["35,32,42,37", "-180,-90,180,90", "179.999,-90,180,-89.999", "170,60,180,89", "-180,0,-179,90"]
)
def test_views_stay_in_the_world_whatever_is_done_to_them(text: str) -> None:
    view = View.read(text)
    assert view is not None
    for step in range(40):
        view = view.zoomed(0.5 if step % 3 else 2.5).moved(0.9, 0.9 if step % 2 else -0.4)
        assert -180 <= view.west < view.east <= 180
        assert -84.001 <= view.south < view.north <= 84.001
        assert View.read(str(view)) is not None, "its own address"


def test_a_view_has_room_around_its_places() -> None:
    view = View.around([RAQQA])
    assert view.holds(RAQQA)
    assert not view.holds(TAIPEI)
    x, y = view.at(RAQQA.longitude, RAQQA.latitude)
    assert (round(x / WIDTH, 1), round(y / HEIGHT, 1)) == (0.5, 0.5)
    assert View.around([RAQQA, TAIPEI]).holds(TAIPEI)
    assert View.around([]) == WORLD


def test_areas_are_as_the_counts_are() -> None:
    dots = [Dot(spot=RAQQA, sure=100, ambiguous=0, address="/a"), Dot(spot=TAIPEI, sure=16, ambiguous=9, address="/b")]
    drawn = ElementTree.fromstring(str(worldmap.drawn(WORLD, dots, "Map")))
    radii = [(circle.get("class"), float(circle.get("r", "0"))) for circle in drawn.iter("circle")]
    assert [name for name, _ in radii] == ["sure", "unsure", "sure"]
    largest, outer, inner = (radius for _, radius in radii)
    assert isclose(outer / largest, 0.5, abs_tol=0.01)
    assert isclose(inner / largest, 0.4, abs_tol=0.01)
    assert [link.get("href") for link in drawn.iter("a")] == ["/a", "/b"]
    assert drawn.findall(".//title")[1].text == "Taipei: 25 articles, of 9 it is not sure"


def test_hostile_names_are_text() -> None:
    hostile = Spot("1", HOSTILE, "", 0, 0, 0, curated=False)
    drawn = str(worldmap.drawn(WORLD, [Dot(spot=hostile, sure=1, ambiguous=0, address='/"><script>')], HOSTILE))
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn


@pytest.mark.parametrize("text", ["-180,-80,180,84", "25,28,55,42", "35,35,36,36", "-30,20,-28,21"])
def test_what_is_drawn_lies_in_view_or_just_beside_it(text: str) -> None:
    view = View.read(text)
    assert view is not None
    drawn = str(worldmap.drawn(view, [], "Map"))
    land = re.search(r'class="land" d="([^"]*)"', drawn)
    assert land is not None
    for ring in land[1].split("z")[:-1]:
        begin, _, steps = ring.removeprefix("M").partition("l")
        x, y = map(int, begin.split())
        pairs = iter(map(int, steps.split()))
        for dx, dy in zip(pairs, pairs, strict=True):
            x, y = x + dx, y + dy
            assert -60 <= x <= WIDTH + 60
            assert -60 <= y <= HEIGHT + 60
    assert len(drawn) < 60_000


def test_open_sea_has_no_land_and_a_desert_nothing_else() -> None:
    sea, desert = View.read("-41,29,-40,30"), View.read("4,23,5,24")
    assert sea is not None
    assert desert is not None
    assert 'class="land" d=""' in str(worldmap.drawn(sea, [], "Map"))
    assert 'class="land" d="M' in str(worldmap.drawn(desert, [], "Map"))


def test_the_outlines_say_where_they_are_from() -> None:
    kept = json.loads(files("archive.gazetteer").joinpath("outlines.json").read_text(encoding="utf-8"))
    assert "Natural Earth" in kept["source"]
    assert kept.keys() == {"source", *outlines.SCALES}
    assert Path(str(files("archive.gazetteer").joinpath("outlines.json"))).stat().st_size < 450_000


def test_outlines_are_simplified_and_cut_at_the_edge_of_the_world() -> None:
    square = [(0.0, 0.0), (50.0, 0.4), (100.0, 0.0), (100.0, 100.0)]
    assert outlines.simplified(square, 1.0) == [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    jump = outlines.unwrapped([(17_900.0, 0.0), (-17_900.0, 10.0)])
    assert jump == [(17_900.0, 0.0), (18_100.0, 10.0)]
    assert len(list(outlines.copies([*jump, (18_000.0, 90.0)]))) == 2, "drawn at both edges"
    around = [(-18_000.0, -7000.0), (0.0, -6500.0), (18_000.0, -7000.0)]
    assert outlines.closed(around)[-2:] == [(18_000.0, -9000.0), (-18_000.0, -9000.0)]
    assert outlines.deltas(square) == [0, 0, 50, 0, 50, 0, 0, 100]


def test_every_known_place_lies_on_the_map() -> None:
    assert len(spots()) > 15_000
    assert all(WORLD.holds(spot) for spot in spots().values())

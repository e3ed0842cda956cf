"""The map of the places that a search names, with a timeline to choose days from, and the page of one place."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]

from archive import atlas, reading, timeline, whereabouts, worldmap
from archive.atlas import Named
from archive.datasette.asking import execute, named, number
from archive.gazetteer import Spot, spots
from archive.search.find import publisher_named
from archive.search.page import Asked
from archive.worldmap import WORLD, Dot, View

_DOTS = 200  # places on the map, and in the table under it
_FITTED = 0.97  # of all articles' places that the first view holds: one far away does not make all others small
_ALONE = 4.0  # times what a view of one place needs: around it there have to be coasts and borders to know it by
_PAGE = 20
_MAX_PAGE = 50

# Where most of what is archived happens, by the names of geography.
REGIONS = (
    ("The world", WORLD),
    ("North Africa", View.of(-18, 14, 36, 38)),
    ("The Sahel", View.of(-18, 3, 40, 25)),
    ("Horn of Africa", View.of(30, -3, 54, 20)),
    ("Central Africa", View.of(8, -14, 38, 8)),
    ("Eastern Mediterranean", View.of(27, 29, 44, 40)),
    ("Arabian Peninsula", View.of(34, 11, 60, 33)),
    ("Iraq and Iran", View.of(38, 24, 64, 41)),
    ("Black Sea", View.of(22, 40, 46, 54)),
    ("Caucasus", View.of(37, 38, 51, 46)),
    ("Central and South Asia", View.of(55, 5, 98, 47)),
    ("South-East Asia", View.of(90, -11, 142, 29)),
    ("Central America", View.of(-118, -5, -58, 33)),
)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Addresses and what answers them."""
    return [(r"^/-/map$", map_page), (r"^/-/place/(?P<place>[^/]{1,200})$", place_page)]


async def map_page(datasette: Datasette, request: Request) -> Response:
    """The places of a search (as the home page takes it), in the view `box` (west,south,east,north)."""
    asked = asked_of(request)
    found = await execute(datasette, lambda conn: whereabouts.find(conn, asked))
    located = [(spot, one) for one in found.named if (spot := spots().get(one.place))]
    view = View.read(request.args.get("box")) or fitted(located)
    shown = [(spot, one) for spot, one in located if view.holds(spot)][:_DOTS]
    query = asked.address()
    dots = [
        Dot(spot=spot, sure=one.sure, ambiguous=one.ambiguous, address=place_address(datasette, one.place, query))
        for spot, one in shown
    ]
    context = {
        "asked": asked,
        "q": asked.text,
        "found": found,
        "map": worldmap.drawn(view, dots, f"Map of {len(dots)} places"),
        "view": view,
        "box": view if request.args.get("box") else None,
        "placed": [(spot, one, dot.address) for (spot, one), dot in zip(shown, dots, strict=True)],
        "outside": sum(1 for spot, _ in located if not view.holds(spot)),
        "unplaced": len(found.named) - len(located),
        "moves": moves(view, asked),
        "regions": [(name, address(asked, region)) for name, region in REGIONS],
        "publishers": await execute(datasette, reading.publisher_names),
        "publisher": await execute(
            datasette, lambda conn: publisher_named(conn, dict(asked.filters).get("publisher", ""))
        ),
        **timed(found.days, asked, lambda since, until: address(asked, None, since=since, until=until)),
    }
    return Response.html(await datasette.render_template("map.html", context, request=request))


async def place_page(datasette: Datasette, request: Request) -> Response:
    """The articles that name a place, latest first, of all or of a search; `page` is counted from 1."""
    place, asked = named(request, "place"), asked_of(request)
    page = min(max(number(request.args.get("page")) or 1, 1), _MAX_PAGE)
    spot = spots().get(place)
    label = await execute(datasette, lambda conn: reading.label_of_place(conn, place))
    if spot is None and label is None:
        raise NotFound(f"No article names a place {place}")
    rows, is_sample = await execute(
        datasette,
        lambda conn: whereabouts.naming(conn, asked, place, limit=_PAGE + 1, offset=_PAGE * (page - 1)),
    )
    days = await execute(datasette, lambda conn: atlas.days_of(conn, place))
    sure = dict(rows[:_PAGE])
    listed = await execute(datasette, lambda conn: reading.listed(conn, list(sure)))
    dots = [Dot(spot=spot, sure=1, ambiguous=0, address=None)] if spot else []
    context = {
        "asked": asked,
        "name": spot.label if spot else label,
        "spot": spot,
        "map": worldmap.drawn(View.around([spot]).zoomed(2), dots, "Where it lies") if spot else None,
        "rows": [{**row, "is_sure": sure[row["id"]]} for row in listed],
        "is_sample": is_sample,
        "articles": sum(days.values()),
        "page": page,
        "more": page + 1 if len(rows) > _PAGE and page < _MAX_PAGE else None,
        "map_address": datasette.urls.path("/-/map") + (f"?{urlencode({'box': View.around([spot])})}" if spot else ""),
        **timed(days, asked, lambda since, until: asked.address(since=since, until=until)),
    }
    return Response.html(await datasette.render_template("place.html", context, request=request))


def asked_of(request: Request) -> Asked:
    """The search that an address asks for."""
    return Asked.of({name: request.args.get(name) or "" for name in request.args})


def fitted(located: Sequence[tuple[Spot, Named]]) -> View:
    """A view that holds nearly all that is named."""
    total, held, around = sum(one.articles for _, one in located), 0, list[Spot]()
    for spot, one in located:
        if held >= _FITTED * total:
            break
        held += one.articles
        around.append(spot)
    view = View.around(around)
    return view.zoomed(_ALONE) if len(around) == 1 else view


def moves(view: View, asked: Asked) -> list[tuple[str, str, str]]:
    """What the map can be moved by: sign, words, address."""
    beside = (
        ("+", "Closer", view.zoomed(0.5)),
        ("−", "Further away", view.zoomed(2)),  # a minus, as wide as the plus
        ("←", "West", view.moved(-0.4, 0)),
        ("→", "East", view.moved(0.4, 0)),
        ("↑", "North", view.moved(0, 0.4)),
        ("↓", "South", view.moved(0, -0.4)),
    )
    return [(sign, words, address(asked, other)) for sign, words, other in beside]


def timed(days: Mapping[date, int], asked: Asked, leads_to: Callable[[str, str], str]) -> dict[str, Any]:
    """The timeline and what stands around it."""
    first, last = whereabouts.chosen(asked)
    bars = timeline.bars(days, first, last)
    drawn = timeline.drawn(
        bars, lambda since, until: leads_to(since.isoformat(), until.isoformat()), "Articles by day of publication"
    )
    return {
        "timeline": drawn if bars else None,
        "bars": [bar for bar in bars if bar.articles],
        "first": first,
        "last": last,
    }


def address(asked: Asked, view: View | None, **changes: str | None) -> str:
    """The address of the map of a search, with something else and in a view."""
    query = asked.address(sort=None, **changes)
    return f"{query}{'&' if len(query) > 1 else ''}{urlencode({'box': view})}" if view else query


def place_address(datasette: Datasette, place: str, query: str) -> str:
    """The page of a place, of the articles of a search."""
    path: str = datasette.urls.path(f"/-/place/{place}")
    return path + (query if len(query) > 1 else "")

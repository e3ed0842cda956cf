"""The home page: what the archive holds, or what a search finds.

Datasette's own lists every table, and asks for each whether the visitor may see it; no visitor is shown that list here.
"""

from typing import Any
from weakref import WeakKeyDictionary

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.database import Database  # type: ignore[import-untyped]
from datasette.utils.asgi import Request, Response  # type: ignore[import-untyped]

from archive import plots, reading
from archive.datasette.asking import DATABASE
from archive.datasette.kept import Kept
from archive.search.page import Asked


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The site's first address."""
    return [(r"^/$", home_page)]


async def home_page(datasette: Datasette, request: Request) -> Response:
    """The answer to `q` and what narrows it, or the whole archive in numbers, plots and its newest articles."""
    context: dict[str, Any] = {}
    if DATABASE in datasette.databases:
        asked = Asked.of(request.args)
        context["q"] = asked.text
        if asked.is_empty:
            context |= await _held(datasette)
        else:
            context |= {"asked": asked, "answer": await datasette.get_database(DATABASE).execute_fn(asked.answer)}
    return Response.html(await datasette.render_template("index.html", context, request=request))


async def _held(datasette: Datasette) -> dict[str, Any]:
    """What the archive holds, in numbers and plots."""
    database = datasette.get_database(DATABASE)
    figures = _FIGURES.setdefault(datasette, Kept())
    return {
        **await figures.get(lambda: _figures(database)),
        "latest": await database.execute_fn(lambda conn: reading.latest(conn, 12)),
        "edits": await database.execute_fn(lambda conn: reading.changes(conn, limit=8)),
    }


async def _figures(database: Database) -> dict[str, Any]:
    """What is counted over the whole archive."""
    return {
        "overview": await database.execute_fn(reading.overview),
        "publishers": await database.execute_fn(reading.publishers),
        "volume": await database.execute_fn(lambda conn: plots.drawn(plots.volume(conn))),
        "languages": await database.execute_fn(lambda conn: plots.drawn(plots.volume(conn, "language"))),
        "calendar": await database.execute_fn(plots.calendar),
    }


_FIGURES: WeakKeyDictionary[Datasette, Kept] = WeakKeyDictionary()

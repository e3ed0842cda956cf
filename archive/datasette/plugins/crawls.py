"""The pages of those whose crawls are looked at: one publisher with its sources, the runs, one run."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]

from archive import alarms, clock, plots, publishers, reading, runs
from archive.datasette.asking import day, execute, folder_of, named, number
from archive.folder import is_locked
from archive.search.find import publisher_named

_LISTED = 10  # articles and edits of a publisher


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Addresses and what answers them."""
    return [
        (r"^/-/publisher/(?P<name>.{1,300})$", publisher_page),
        (r"^/-/runs$", runs_page),
        (r"^/-/run/(?P<run>[0-9]{1,18})$", run_page),
    ]


async def publisher_page(datasette: Datasette, request: Request) -> Response:
    """What there is of a publisher and how its crawl does; `until` is the last day of the calendar.

    A spider's name, or one in other capitals, leads to the publisher that it means.
    """
    name, until, now = named(request, "name"), day(request.args.get("until")), clock.now()
    facts = await execute(datasette, lambda conn: publishers.facts(conn, name))
    if facts is None:
        meant = await execute(datasette, lambda conn: publisher_named(conn, name))
        if meant is None:
            raise NotFound(f"There is no publisher {name}")
        return Response.redirect(datasette.urls.path(f"/-/publisher/{quote(meant, safe='')}"), status=302)
    days = await execute(datasette, lambda conn: publishers.calendar(conn, name, until))
    context = {
        "facts": facts,
        "languages": await execute(datasette, lambda conn: plots.drawn(plots.volume(conn, "language", publisher=name))),
        "calendar": plots.weeks(days),
        "days": days,
        "earlier": days[0].day - timedelta(days=1) if len(days) == publishers.CALENDAR.days else None,
        "sources": await execute(datasette, lambda conn: publishers.sources(conn, name, now)),
        "health": await execute(datasette, lambda conn: publishers.health(conn, name)),
        "alarms": await execute(datasette, lambda conn: alarms.read(conn, publisher=name)[::-1][:50]),
        "latest": await execute(datasette, lambda conn: reading.latest(conn, _LISTED, publisher=name)),
        "edits": await execute(datasette, lambda conn: reading.changes(conn, publisher=name, limit=_LISTED)),
    }
    return Response.html(await datasette.render_template("publisher.html", context, request=request))


async def runs_page(datasette: Datasette, request: Request) -> Response:
    """The latest runs; `before` is a run's number."""
    before, is_writing = number(request.args.get("before")), is_locked(folder_of(datasette))
    listed = await execute(datasette, lambda conn: runs.listed(conn, before=before, is_writing=is_writing))
    context = {"runs": listed, "more": listed[-1]["id"] if len(listed) == runs.PAGE else None}
    return Response.html(await datasette.render_template("runs.html", context, request=request))


async def run_page(datasette: Datasette, request: Request) -> Response:
    """One run: what was run, how it ended, what came of it and what failed."""
    run_id, is_writing = int(request.url_vars["run"]), is_locked(folder_of(datasette))
    found = await execute(datasette, lambda conn: runs.one(conn, run_id, is_writing=is_writing))
    if found is None:
        raise NotFound(f"There is no run {run_id}")
    return Response.html(await datasette.render_template("run.html", {"run": found}, request=request))

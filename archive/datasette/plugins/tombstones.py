"""What answers at the address of a withheld article: 410 Gone (RFC 9110, section 15.5.11), since when and why."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]

from archive.withheld import tombstone

_DATABASE = "archive"

# "/archive/articles/12" · "/archive/versions/31.json" · "/-/story/12" · "/-/diff/12"
_PAGE = re.compile(r"/(?P<of>archive/articles|archive/versions|-/story|-/diff)/(?P<id>[0-9]{1,18})(?:\.[a-z]{2,8})?$")


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response | None]] | None:
    """The tombstone, where a page is not found because its article is withheld."""
    match = _PAGE.search(request.path)
    if not isinstance(exception, NotFound) or match is None or _DATABASE not in datasette.databases:
        return None

    async def answer() -> Response | None:
        number, is_version = int(match["id"]), match["of"].endswith("versions")
        stone = await datasette.get_database(_DATABASE).execute_fn(lambda conn: _stone(conn, number, is_version))
        if stone is None:
            return None
        if request.path.endswith(".json"):
            return Response.json({"ok": False, "error": "withheld", "status": 410, "title": None, **stone}, status=410)
        page = await datasette.render_template("tombstone.html", {"stone": stone}, request=request)
        return Response.html(page, status=410)

    return answer


def _stone(connection: sqlite3.Connection, number: int, is_version: bool) -> dict[str, Any] | None:
    if is_version:  # whose version it is, only the table itself still says
        found = connection.execute("SELECT article_id FROM main.versions WHERE id = ?", [number]).fetchone()
        number = found[0] if found else 0
    return tombstone(connection, number)

"""Addresses that stay, of articles; and the record of a capture: looked at as text, taken along, or replayed."""

import sqlite3
from pathlib import Path
from typing import Any

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import Forbidden, NotFound, Request, Response  # type: ignore[import-untyped]

from archive import evidence, permalinks
from archive.datasette.asking import execute, folder_of, named
from archive.errors import RecordError
from archive.rows import select
from archive.withheld import is_named_in

_MAX_URL = 4000  # characters of an address that is asked for


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Addresses and what answers them."""
    return [
        (r"^/-/a/(?P<digits>[0-9a-f]{1,64})$", by_permalink),
        (r"^/-/article$", by_address),
        (r"^/-/capture/(?P<capture>[0-9]{1,18})$", capture_page),
        (r"^/-/capture/(?P<capture>[0-9]{1,18})[.]warc$", capture_record),
    ]


async def by_permalink(datasette: Datasette, request: Request) -> Response:
    """The article of a permalink, wherever this archive has it."""
    digits = named(request, "digits")
    found = await execute(datasette, lambda conn: permalinks.article_of(conn, digits))
    return _to_article(datasette, found, f"No article has the permalink {digits}")


async def by_address(datasette: Datasette, request: Request) -> Response:
    """The article of an address, `url`: its canonical one, or one at which it was captured."""
    url = (request.args.get("url") or "").strip()[:_MAX_URL]
    found = await execute(datasette, lambda conn: permalinks.article_at(conn, url))
    return _to_article(datasette, found, f"No article was captured at {url}")


async def capture_page(datasette: Datasette, request: Request) -> Response:
    """What stands in a capture's record, as text."""
    capture = await _capture(datasette, request)
    try:
        shown = await execute(datasette, lambda _conn: evidence.read(folder_of(datasette), capture))
        problem = None
    except RecordError:  # its message names the path
        shown, problem = None, "Its record cannot be read; `archive verify` says more."
    context = {"capture": capture, "shown": shown, "problem": problem}
    return Response.html(await datasette.render_template("capture.html", context, request=request))


async def capture_record(datasette: Datasette, request: Request) -> Response:
    """A capture's record as a WARC file to be saved, never to be opened here."""
    capture = await _capture(datasette, request)
    try:
        content = await execute(datasette, lambda _conn: evidence.raw(folder_of(datasette), capture))
    except RecordError as error:
        raise NotFound("This record cannot be given away; it is in its WARC file") from error
    suffix = ".gz" if capture["file"].endswith(".gz") else ""
    headers = {"content-disposition": f'attachment; filename="capture-{capture["id"]}.warc{suffix}"'}
    return Response(content, headers=headers, content_type="application/warc")


async def _capture(datasette: Datasette, request: Request) -> dict[str, Any]:
    """The row of a capture. Raises NotFound, and Forbidden on a public site: pages are their publishers'."""
    if datasette.terms.public:
        raise Forbidden("The pages themselves are not given away here, only what was read from them")
    number = int(request.url_vars["capture"])

    def find(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        return select(connection, "SELECT * FROM captures WHERE id = ?", [number])

    found = await execute(datasette, find)
    if not found:
        raise NotFound(f"There is no capture {number}")
    if await execute(datasette, lambda conn: _is_kept_back(conn, folder_of(datasette), found[0])):
        raise Forbidden("This record names an article that is withheld, and is sealed with it")
    return found[0]


def _is_kept_back(connection: sqlite3.Connection, folder: Path, capture: dict[str, Any]) -> bool:
    try:
        return is_named_in(connection, capture, lambda: evidence.text_of(folder, capture))
    except RecordError:  # there is nothing to be read, and the page says so
        return False


def _to_article(datasette: Datasette, article_id: int | None, otherwise: str) -> Response:
    if article_id is None:
        raise NotFound(otherwise)
    return Response.redirect(datasette.urls.row("archive", "articles", str(article_id)), status=302)

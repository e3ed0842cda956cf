"""Feeds as Atom (RFC 4287): of a search, and of any table with its filters, `/archive/changes.atom?kind=removed`."""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import quoteattr

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils import path_from_row_pks  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]
from markupsafe import escape

from archive import reading
from archive.datasette.asking import execute
from archive.permalinks import permalink
from archive.search.page import Asked

_NEVER = "1970-01-01T00:00:00Z"  # of a feed without entries: the element must be there (RFC 4287, section 4.1.1)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?")  # "2026-03-04T12:00:00Z", or a day
_DAYS = ("day", "until")  # columns with times whose names do not end like the others'
_TITLES = ("headline", "title", "message", "reason", "label", "name", "kind", "url")
_AT_LENGTH = ("text", "provenance", "details", "fields")  # columns that nobody reads in a list of news
_LONGEST = 300  # characters of a value


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What a feed says of one thing. id: an address or URN that stays; updated: UTC."""

    id: str
    title: str
    updated: str
    link: str
    author: str | None
    summary: str = ""


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Addresses and what answers them."""
    return [(r"^/-/feed[.]atom$", of_search)]


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer() -> dict[str, Any]:
    """A format of tables and queries."""
    return {"extension": "atom", "render": of_rows, "can_render": has_times}


def has_times(columns: Sequence[str], view_name: str) -> bool:
    """Whether rows with these columns can be news: each needs a time, and none is invented."""
    return view_name != "row" and bool(_times(columns))


async def of_search(datasette: Datasette, request: Request) -> Response:
    """The newest articles of a search, or of all."""
    asked = Asked.of({**{name: request.args.get(name) or "" for name in request.args}, "sort": "newest"})
    if asked.is_empty:
        rows = tuple(await execute(datasette, lambda conn: reading.latest(conn, 50)))
    else:
        rows = (await execute(datasette, asked.answer)).results.articles
    base = _base(datasette, request)
    newest = max((row["published_at"] or "" for row in rows), default="") or _NEVER
    entries = [_of_article(row, base, newest) for row in rows]
    here = f"{base}/-/feed.atom{asked.address(sort='newest')}"
    return _feed(datasette, asked.text, here, entries)


async def of_rows(
    datasette: Datasette, request: Request, columns: Sequence[str], rows: Sequence[Any], data: dict[str, Any]
) -> Response:
    """What a table or query shows, in its order. Raises NotFound where rows have no times."""
    times = _times(columns)
    if not times:
        raise NotFound("Rows without a time are no feed; take them as JSON or CSV")
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    ids = sorted({row["article_id"] for row in found if isinstance(row.get("article_id"), int)})
    headlines = await execute(datasette, lambda conn: _headlines(conn, ids)) if ids else {}
    base, asked_for = _base(datasette, request), request.path.rpartition("/")[2]
    name, keys = asked_for.removesuffix(".atom"), data.get("primary_keys") or []
    entries = []
    for row in found:
        address = f"{base}/archive/{name}/{path_from_row_pks(row, keys, False)}" if keys else None
        if when := next(filter(None, (_time(row[name]) for name in times)), None):
            entries.append(_of_row(row, base, address, when, headlines.get(row.get("article_id", 0))))
    title = " ".join(filter(None, (name, data.get("human_description_en"))))
    asked = f"?{request.query_string}" if request.query_string else ""
    return _feed(datasette, title, f"{base}/archive/{asked_for}{asked}", entries)


def _times(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if name.endswith("_at") or name in _DAYS]


def _time(value: object) -> str | None:
    """A time of the archive as Atom wants it; None for what is none."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    return value if "T" in value else f"{value}T00:00:00Z"


def _headlines(connection: sqlite3.Connection, ids: list[int]) -> dict[int, str]:
    """Headlines of articles by their ids; of none that is withheld."""
    sql = "SELECT id, headline FROM articles WHERE id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(sql, [json.dumps(ids)]))


def _of_article(row: Mapping[str, Any], base: str, newest: str) -> Entry:
    return Entry(
        id=f"{base}/-/a/{permalink(row['canonical_url'])}",
        title=row["headline"] or "No headline",
        updated=row["published_at"] or newest,
        link=f"{base}/archive/articles/{row['id']}",
        author=row["publisher"] or "unknown",
    )


def _of_row(row: Mapping[str, Any], base: str, address: str | None, updated: str, headline: str | None) -> Entry:
    """A row as news. One that has no page is known by what it says: said otherwise, it is another entry."""
    said = {name: str(value) for name, value in row.items() if value not in {None, ""}}
    title = next((said[name] for name in _TITLES if name in said), "")
    shown = {name: _readable(value) for name, value in said.items() if name not in _AT_LENGTH}
    if address and "canonical_url" in said and "article_id" not in said:
        identity = f"{base}/-/a/{permalink(said['canonical_url'])}"
    else:
        identity = address or uuid5(NAMESPACE_URL, base + json.dumps(said, sort_keys=True)).urn
    return Entry(
        id=identity,
        title=": ".join(filter(None, (title, headline))) if headline != title else title,
        updated=updated,
        link=address or f"{base}/archive",
        author=said.get("publisher"),
        summary="\n".join(f"{name}: {value}" for name, value in shown.items() if value),
    )


def _readable(value: str) -> str:
    """A value for people: the beginning of a text, the words of a list, and nothing of what only machines read."""
    if value.startswith(("[", "{")):
        with suppress(ValueError):
            items = json.loads(value)
            value = ", ".join(item for item in items if isinstance(item, str)) if isinstance(items, list) else ""
    return value[:_LONGEST]


def _base(datasette: Datasette, request: Request) -> str:
    """Where the site is, for whoever asks from outside; without a slash at its end."""
    origin = datasette.terms.origin or f"{request.scheme}://{request.host}"
    return f"{origin}{datasette.terms.path.rstrip('/')}"


def _feed(datasette: Datasette, title: str, here: str, entries: Sequence[Entry]) -> Response:
    name = f"Dateline: {title}" if title else "Dateline"
    if datasette.jinja_env.globals.get("demonstration"):
        name = f"Demonstration. {name}"
    updated = max((entry.updated for entry in entries), default=_NEVER)
    return Response(
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{_xml(here)}</id><title>{_xml(name)}</title><updated>{updated}</updated>"
        "<author><name>Dateline</name></author>"
        f'<link rel="self" href={quoteattr(_plain(here))}/>{"".join(map(_written, entries))}</feed>',
        content_type="application/atom+xml; charset=utf-8",
    )


def _written(entry: Entry) -> str:
    author = f"<author><name>{_xml(entry.author)}</name></author>" if entry.author else ""
    summary = f"<summary>{_xml(entry.summary)}</summary>" if entry.summary else ""
    return (
        f"<entry><id>{_xml(entry.id)}</id><title>{_xml(entry.title or 'No title')}</title>"
        f"<updated>{_xml(entry.updated)}</updated><link href={quoteattr(_plain(entry.link))}/>{author}{summary}</entry>"
    )


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold, or a reader cannot see."""
    return "".join(letter for letter in text if letter.isprintable() or letter in " \n")


def _xml(text: str) -> str:
    return str(escape(_plain(text)))

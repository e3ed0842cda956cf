"""Datasette hooks of the archive's site: what its pages show, how values are drawn, and what no visitor may do."""

import json
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast
from urllib.parse import unquote, urlsplit

import datasette as datasette_package  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.database import QueryInterrupted  # type: ignore[import-untyped]
from datasette.plugins import pm  # type: ignore[import-untyped]
from datasette.utils.asgi import Base400, NotFound, Request  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]
from jinja2 import Environment
from markupsafe import Markup, escape

from archive import names, reading
from archive.datasette.connections import bound
from archive.datasette.gate import App, Gate
from archive.datasette.terms import Terms
from archive.moments import readable
from archive.opening import is_demonstration
from archive.search.aliases import vocabulary
from archive.search.find import fts_query
from archive.search.query import parse
from archive.search.snippet import marked, snippet
from archive.withheld import shield

_Hook = TypeVar("_Hook", bound=Callable[..., object])
hookimpl = cast("Callable[[_Hook], _Hook]", datasette_package.hookimpl)

_DATABASE = "archive"

# a run of escaped bytes beyond ASCII: "%D8%A7%D9%84"
_ESCAPED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")

_TIME_SUFFIX = "_at"
_MAX_ADDRESS = 90  # letters of one that are shown in a table


@datasette_package.hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # behind Datasette's own functions
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Hide what is withheld, bound what a query can cost, and let queries quote what a visitor typed."""
    # escape_fts is what Datasette's own search box calls; its version lets a lone quote through as a syntax error
    for name in ("fts_query", "escape_fts"):
        conn.create_function(name, 1, lambda text: fts_query(str(text or "")), deterministic=True)
    conn.create_function("snippet_of", 2, snippet_of, deterministic=True)
    if database == _DATABASE:
        shield(conn)
        bound(conn, _terms(datasette))


@hookimpl
def startup(datasette: Datasette) -> Callable[[], Awaitable[None]]:
    """`demonstration` for every page: a global of the templates, for error pages get no other variables."""

    async def mark() -> None:
        if _DATABASE in datasette.databases:
            demonstration = await datasette.get_database(_DATABASE).execute_fn(is_demonstration)
            datasette.jinja_env.globals["demonstration"] = demonstration
        datasette.jinja_env.globals["terms"] = _terms(datasette)

    return mark


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """The filters that the templates use."""
    env.filters["readable"] = readable
    env.filters["weblink"] = weblink
    env.filters["hits"] = hits
    env.filters["iri"] = iri
    env.filters["names"] = names.listed
    env.filters["pieces"] = names.pieces
    env.filters["kilobytes"] = lambda size: f"{(size or 0) / 1000:,.1f} kB"


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """The gate before all pages."""
    own = [pattern for routes in pm.hook.register_routes(datasette=datasette) for pattern, _ in routes]
    return lambda app: Gate(app, _terms(datasette), own)


@hookimpl
def handle_exception(request: Request, exception: Exception) -> None:
    """An error that nobody foresaw is logged; its page does not show the words, which may name files."""
    if isinstance(exception, QueryInterrupted):
        raise exception
    if isinstance(exception, DatasetteError) and exception.title == "SQL Interrupted":
        exception.message, exception.message_is_html = (
            "This query takes too long. Ask for less, or for what is indexed.",
            False,
        )
        exception.title, exception.status = "Too slow", 503
    if isinstance(exception, DatasetteError) and exception.status == 500:
        exception.status = 400  # what Datasette raises itself is about the address: "Cannot sort table by x"
    if not isinstance(exception, Base400 | DatasetteError):
        logging.getLogger("archive.site").error("%s failed", request.path, exc_info=exception)
        raise exception  # to the gate, which answers for it


@hookimpl
def extra_template_vars(
    datasette: Datasette, table: str | None, view_name: str, request: Request | None
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """What an article's page shows."""

    async def variables() -> dict[str, Any]:
        if _DATABASE not in datasette.databases or view_name != "row" or table != "articles" or not request:
            return {}
        number = request.url_vars["pks"]
        if not number.isascii() or not number.isdigit():
            raise NotFound(f"There is no article {number}")
        article = await datasette.get_database(_DATABASE).execute_fn(lambda conn: reading.article(conn, int(number)))
        return {"article": article}

    return variables


@hookimpl
def render_cell(value: object, column: str, database: str) -> Markup | None:
    """Times as people read them, lists as lists, addresses readable; Datasette escapes all else."""
    if database != _DATABASE or not isinstance(value, str) or not value:
        return None
    if column.endswith(_TIME_SUFFIX):
        return Markup('<time datetime="{}" title="{}">{}</time>').format(value, value, readable(value))
    if column in {"tags", "authors", "languages"} and value.startswith("["):
        try:
            items = json.loads(value)
        except ValueError:
            return None
        return Markup("<bdi>{}</bdi>").format(", ".join(map(str, items)))
    if weblink(value) and " " not in value:
        shown = iri(value)
        shown = shown if len(shown) <= _MAX_ADDRESS else shown[: _MAX_ADDRESS - 1] + "…"
        return Markup('<a href="{}" rel="noopener noreferrer nofollow"><bdi>{}</bdi></a>').format(value, shown)
    return None


def weblink(url: str | None) -> str | None:
    """`url` where a browser may be sent to it, else None: `javascript:` and friends stay text."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme.lower() in {"http", "https"} and parts.netloc else None


def iri(url: str | None) -> str:
    """`url` with its escaped letters readable (`%D8%B3` → `س`); what is invisible or ASCII stays escaped."""
    return _ESCAPED.sub(_readable_letters, url or "")


def _readable_letters(match: re.Match[str]) -> str:
    text = unquote(match[0], errors="replace")
    return text if text.isprintable() and "\ufffd" not in text else match[0]


def snippet_of(text: str | None, query: str | None) -> str:
    """For SQL: the piece of `text` that has most of `query`, its hits in brackets."""
    return marked(snippet(text or "", parse(query or "", vocabulary()).terms), "[", "]")


def hits(snippet: str | None) -> Markup:
    """A search snippet with its hits marked; the text itself is escaped first."""
    return Markup(marked(str(escape(snippet or "")), "<mark>", "</mark>"))  # noqa: S704  # escaped one step before


def _terms(datasette: Datasette) -> Terms:
    return getattr(datasette, "terms", None) or Terms()

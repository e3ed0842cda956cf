"""The search box of the table of articles, and its `?_search=`: what the site's own search finds, as rows of a table.

Datasette would sort every article that has the words, which of a common word are most. Here they are the newest of
them, as many as a search counts among; what else the address asks of the columns that a search can filter by is asked
with the words, so that the newest are the newest of those.
"""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.filters import FilterArguments, Filters  # type: ignore[import-untyped]
from datasette.utils.asgi import BadRequest, Request  # type: ignore[import-untyped]

from archive.datasette.asking import DATABASE, execute
from archive.search import find as finding
from archive.search.newest import SLIM_COLUMNS
from archive.search.query import Query

_FOUND = "id IN (SELECT value FROM json_each(:found))"


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # behind Datasette's own, which says that there is no search
def filters_from_request(
    request: Request, database: str, table: str, datasette: Datasette
) -> Callable[[], Awaitable[Any]] | None:
    """The articles that `_search` means."""
    if (database, table) != (DATABASE, "articles"):
        return None

    async def found() -> Any:
        if any(name.startswith("_search_") for name in request.args):
            raise BadRequest("Search one column with _search=headline:word or _search=text:word")
        text: str = request.args.get("_search") or ""
        context = {"supports_search": True, "search": text}
        if not text.strip():
            return FilterArguments([], extra_context=context)
        query, rows, is_more = await execute(datasette, partial(_newest, text=text, narrowed=_narrowed(request)))
        words = f'search matches "{text}"' + (f", the newest {finding.MAX_RANKED:,}" if is_more else "")
        words += "".join(f", of {begins}* the {len(found)} commonest words" for begins, found in query.beginnings)
        return FilterArguments([_FOUND], {"found": json.dumps([row["id"] for row in rows])}, [words], context)

    return found


def _newest(
    connection: sqlite3.Connection, *, text: str, narrowed: tuple[list[str], dict[str, Any]]
) -> tuple[Query, list[dict[str, Any]], bool]:
    query = finding.ask(connection, text)
    return query, *finding.sample(connection, query, finding.MAX_RANKED, also=narrowed)


def _narrowed(request: Request) -> tuple[list[str], dict[str, Any]]:
    """The address's conditions on columns that a search reads anyway, as SQL with its values."""
    columns = SLIM_COLUMNS.split(", ")
    given = [(name, value) for name in request.args for value in request.args.getlist(name)]
    asked = [(name, value) for name, value in given if name.rpartition("__")[0] in columns or name in columns]
    clauses, values = Filters(sorted(asked)).build_where_clauses("articles")
    return clauses, values

"""The archive's database for Datasette: read through the views that hide what is withheld, described as it is."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.database import QueryInterrupted  # type: ignore[import-untyped]
from datasette.utils import (  # type: ignore[import-untyped]
    detect_primary_keys,
    get_all_foreign_keys,
    get_outbound_foreign_keys,
    table_column_details,
)

from archive.datasette.connections import BoundedDatabase
from archive.datasette.counting import OF_A_ROW, OF_A_TABLE, from_tally
from archive.datasette.terms import Terms

NAME = "archive"
_COUNT_MS = 100  # for the number of rows above a table that no tally has: of millions it is left out
_COUNTS_MS = 300  # for those of the rows of all tables that name one row


class ArchiveDatabase(BoundedDatabase):
    """A view has no primary key and refers to no other table; the tables behind them do, and Datasette asks here."""

    def __init__(self, datasette: Datasette, path: Path, terms: Terms) -> None:
        super().__init__(datasette, str(path), terms)

    async def table_column_details(self, table: str) -> Any:
        """The columns of a table, with their types and keys."""
        return await self._described(table_column_details, table)

    async def primary_keys(self, table: str) -> Any:
        """The columns that name a row."""
        return await self._described(detect_primary_keys, table)

    async def foreign_keys_for_table(self, table: str) -> Any:
        """The columns that name a row of another table."""
        return await self._described(get_outbound_foreign_keys, table)

    async def get_all_foreign_keys(self) -> Any:
        """Those of all tables, and who refers to each."""
        return await self._described(get_all_foreign_keys)

    async def execute(self, sql: str, params: Any = None, truncate: bool = False, *given: Any, **named: Any) -> Any:
        """As in Datasette, but what it counts beside a table or row is read from tallies, or has little time.

        It goes on without a count that takes longer.
        """
        for begins, most in ((OF_A_TABLE, _COUNT_MS), (OF_A_ROW, _COUNTS_MS)):
            if not truncate and sql.startswith(begins):
                named["custom_time_limit"] = min(named.get("custom_time_limit") or most, most)
        return await super().execute(sql if truncate else from_tally(sql), params, truncate, *given, **named)

    async def fts_table(self, _table: str) -> None:
        """None that Datasette should search by itself: see `archive/datasette/plugins/words.py`."""
        return

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """The rows of each table that can be counted in `limit` milliseconds.

        Not of those that nobody reads: the parts of the search index are counted from blobs, which no limit interrupts.
        """
        hidden = set(await self.hidden_table_names())
        counts: dict[str, int | None] = {}
        for table in await self.table_names():
            counts[table] = None
            if table not in hidden:
                with suppress(QueryInterrupted):
                    found = await self.execute(f"SELECT count(*) FROM [{table}]", custom_time_limit=limit)  # noqa: S608
                    counts[table] = found.rows[0][0]
        return counts

    async def _described(self, describe: Callable[..., Any], *table: str) -> Any:
        return await self.execute_fn(lambda connection: describe(_Tables(connection), *table))


class _Tables:
    """A connection whose PRAGMAs describe the tables themselves, not the views of the same names."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(sql.replace("PRAGMA ", "PRAGMA main.", 1), *values)

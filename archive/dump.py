"""The canonical dump: every row of an archive's database as text that is the same wherever it is made."""

import json
import sqlite3
from collections.abc import Iterator

from archive.events import TABLES

# The rows that a table's others hang on come in the order of its key; what has no id has a key of its own.
_KEYS = {
    "about": ("key",),
    "publishers": ("name",),
    "files": ("file",),
    "shards": ("shard",),
    "mentions": ("version_id", "kind", "term", "part"),
    "syndications": ("article_id", "syndicated_from"),
    "watches": ("url",),
    "hosts": ("host",),
    "coverage": ("publisher", "day", "source"),
    "imports": ("file", "selection"),
}


def key(table: str) -> tuple[str, ...]:
    """The columns of a table's primary key."""
    return _KEYS.get(table, ("id",))


def rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    """The rows of one table in the order of its primary key."""
    cursor = connection.execute(f"SELECT * FROM [{table}] ORDER BY {', '.join(key(table))}")  # noqa: S608 - constants
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def dump(connection: sqlite3.Connection) -> Iterator[str]:
    """One JSON line a row, `["table", {column: value, …}]`, tables and rows in a fixed order, columns by name."""
    for table in TABLES:
        for row in rows(connection, table):
            yield json.dumps([table, row], ensure_ascii=False, sort_keys=True) + "\n"

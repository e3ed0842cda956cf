"""Rows in and out of an SQLite table, without the looks at the schema that a general library takes at each."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any


def select(
    connection: sqlite3.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """The rows that a query gives, each as column → value."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def insert(
    connection: sqlite3.Connection, table: str, row: Mapping[str, Any], conflict: str = "", *, verb: str = "INSERT"
) -> int:
    """Add a row. Returns its rowid. `conflict` is an ON CONFLICT clause."""
    sql = _insertion(verb, table, tuple(row), conflict)
    return int(connection.execute(sql, tuple(row.values())).lastrowid or 0)


def insert_all(connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows; one behind the other with the same columns are one statement."""
    for columns, alike in groupby(rows, key=tuple):
        connection.executemany(_insertion("INSERT", table, columns, ""), [tuple(row.values()) for row in alike])


def delete(connection: sqlite3.Connection, table: str, where: Mapping[str, Any]) -> None:
    """Take away all rows that fit."""
    fits = " AND ".join(f"[{name}] = ?" for name in where)
    connection.execute(f"DELETE FROM [{table}] WHERE {fits}", list(where.values()))  # noqa: S608 - as below


def update(connection: sqlite3.Connection, table: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Give all rows that fit new values.

    `where` None means NULL, written out: an index of the rows without an outcome is used then.
    """
    given = [value for value in where.values() if value is not None]
    empty = tuple(name for name in where if where[name] is None)
    connection.execute(_updating(table, tuple(where), empty, tuple(values)), [*values.values(), *given])


# Half a dozen shapes of rows come again and again, and SQLite keeps a statement by its text.


@lru_cache(maxsize=512)
def _insertion(verb: str, table: str, columns: tuple[str, ...], conflict: str) -> str:
    names = ", ".join(f"[{name}]" for name in columns)
    return f"{verb} INTO [{table}] ({names}) VALUES ({', '.join('?' * len(columns))}) {conflict}"


@lru_cache(maxsize=512)
def _updating(table: str, where: tuple[str, ...], empty: tuple[str, ...], columns: tuple[str, ...]) -> str:
    fits = " AND ".join(f"[{name}] IS NULL" if name in empty else f"[{name}] = ?" for name in where)
    new = ", ".join(f"[{name}] = ?" for name in columns)
    return f"UPDATE [{table}] SET {new} WHERE {fits}"  # noqa: S608 - names are this program's own

"""Rows in and out of an SQLite table, without the looks at the schema that a general library takes at each."""

import sqlite3
from collections.abc import Mapping, Sequence
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
    columns = ", ".join(f"[{name}]" for name in row)
    marks = ", ".join("?" * len(row))
    sql = f"{verb} INTO [{table}] ({columns}) VALUES ({marks}) {conflict}"
    return int(connection.execute(sql, list(row.values())).lastrowid or 0)


def delete(connection: sqlite3.Connection, table: str, where: Mapping[str, Any]) -> None:
    """Take away all rows that fit."""
    fits = " AND ".join(f"[{name}] = ?" for name in where)
    connection.execute(f"DELETE FROM [{table}] WHERE {fits}", list(where.values()))  # noqa: S608 - as below


def update(connection: sqlite3.Connection, table: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Give all rows that fit new values.

    `where` None means NULL, written out: an index of the rows without an outcome is used then.
    """
    fits = " AND ".join(f"[{name}] IS NULL" if value is None else f"[{name}] = ?" for name, value in where.items())
    new = ", ".join(f"[{name}] = ?" for name in values)
    given = [*values.values(), *(value for value in where.values() if value is not None)]
    connection.execute(f"UPDATE [{table}] SET {new} WHERE {fits}", given)  # noqa: S608 - names are this program's own

"""Rows in and out of an SQLite table, without the looks at the schema that a general library takes at each."""

# ruff: noqa: S608 - names are this program's own

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

# How many statements a connection for these functions should keep prepared: those of rows with the same columns differ
# by which are NULL. Half a dozen tables times a few dozen such patterns.
STATEMENTS = 512


def select(
    connection: sqlite3.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """The rows that a query gives, each as column → value."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def unlike(connection: sqlite3.Connection, table: str, due: str, found: str) -> Iterator[str]:
    """The rows that a table lacks, or has wrongly, in words: what one of two queries gives and the other does not.

    Neither may give a row twice. Each query runs once, where `EXCEPT` both ways would run them twice.
    """
    width = len(connection.execute(f"SELECT * FROM ({due}) LIMIT 0").description)
    each = ", ".join(map(str, range(1, width + 1)))
    rows = connection.execute(
        f"SELECT *, sum(due) FROM (SELECT *, 1 AS due FROM ({due}) UNION ALL SELECT *, -1 FROM ({found})) "
        f"GROUP BY {each} HAVING sum(due) ORDER BY sum(due) DESC, {each}"
    )
    return (f"{table} {'lacks' if row[width] > 0 else 'has wrongly'} {row[:width]}" for row in rows)


def insert(
    connection: sqlite3.Connection, table: str, row: Mapping[str, Any], conflict: str = "", *, verb: str = "INSERT"
) -> int:
    """Add a row. Returns its rowid. `conflict` is an ON CONFLICT clause.

    What is None is written out as NULL: `sqlite3` asks of each None that it is given whether it can be adapted, and
    half of a row's values may be None.
    """
    given = [name for name in row if row[name] is not None]
    sql = _insertion(verb, table, tuple(row), tuple(given), conflict)
    return int(connection.execute(sql, [row[name] for name in given]).lastrowid or 0)


def insert_all(connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows; one behind the other with the same columns are one statement."""
    for columns, alike in groupby(rows, key=tuple):
        sql = _insertion("INSERT", table, columns, columns, "")
        connection.executemany(sql, [tuple(row.values()) for row in alike])


def delete(connection: sqlite3.Connection, table: str, where: Mapping[str, Any]) -> None:
    """Take away all rows that fit."""
    fits = " AND ".join(f"[{name}] = ?" for name in where)
    connection.execute(f"DELETE FROM [{table}] WHERE {fits}", list(where.values()))


def update(connection: sqlite3.Connection, table: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Give all rows that fit new values.

    `where` None means NULL, written out: an index of the rows without an outcome is used then.
    """
    given = [value for value in where.values() if value is not None]
    empty = tuple(name for name in where if where[name] is None)
    connection.execute(_updating(table, tuple(where), empty, tuple(values)), [*values.values(), *given])


# The same shapes of rows come again and again, and a connection keeps a statement by its text.


@lru_cache(maxsize=STATEMENTS)
def _insertion(verb: str, table: str, columns: tuple[str, ...], given: tuple[str, ...], conflict: str) -> str:
    names = ", ".join(f"[{name}]" for name in columns)
    values = ", ".join("?" if name in given else "NULL" for name in columns)
    return f"{verb} INTO [{table}] ({names}) VALUES ({values}) {conflict}"


@lru_cache(maxsize=512)
def _updating(table: str, where: tuple[str, ...], empty: tuple[str, ...], columns: tuple[str, ...]) -> str:
    fits = " AND ".join(f"[{name}] IS NULL" if name in empty else f"[{name}] = ?" for name in where)
    new = ", ".join(f"[{name}] = ?" for name in columns)
    return f"UPDATE [{table}] SET {new} WHERE {fits}"

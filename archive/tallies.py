"""How many rows the large tables have, by what their pages count them by: kept in step, never counted anew.

Of a million rows, read from disk, a count takes seconds; a tally has as many rows as there are different values. It is
kept by triggers (https://www.sqlite.org/lang_createtrigger.html), so that whatever writes a table keeps its tally, in
the same transaction. What is unknown is NULL, as in the table. A count that came down to nothing may stay, as 0.

    SELECT sum(rows) FROM counted_captures WHERE outcome = 'failed'
"""

# ruff: noqa: S608 - SQL of constants

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archive.rows import unlike


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """A table that counts the rows of another by some of their values.

    of: the table whose rows are counted; the triggers are its own
    by: the tally's columns, each with its value; in SQL, `row` being the row that is counted
    amount: what a row adds to the tally's `rows`, likewise
    """

    name: str
    of: str
    by: Mapping[str, str]
    amount: str = "1"


def _counting(table: str, *columns: str) -> Tally:
    return Tally(name=f"counted_{table}", of=table, by={name: f"row.{name}" for name in columns})


TALLIES = (
    _counting("articles", "publisher", "language", "section"),
    _counting("versions", "publisher"),
    _counting("captures", "publisher", "outcome"),
    # those of which a standing is made are told apart (see `tables.STANDINGS`): each trigger costs fifteen microseconds
    Tally(
        name="counted_sightings",
        of="sightings",
        by={
            "publisher": "row.publisher",
            "outcome": "row.outcome",
            "is_first": "(row.new_to IS NOT NULL AND row.memento IS NULL)",
        },
    ),
    _counting("polls", "publisher", "outcome"),
    _counting("watches", "publisher", "outcome"),
    _counting("changes", "kind"),
    _counting("coverage", "publisher"),
    _counting("coverage_days", "publisher", "state"),
    # what `archive.atlas` counts by day, for plots of many years
    Tally(
        name="articles_months",
        of="articles_days",
        by={"month": "substr(row.day, 1, 7)", "publisher": "row.publisher", "language": "row.language"},
        amount="row.articles",
    ),
)


def make(connection: sqlite3.Connection) -> None:
    """Make all tallies anew, inside the caller's transaction; a million articles take a minute."""
    for tally in TALLIES:
        for statement in _schema(tally):
            connection.execute(statement)
        connection.execute(f"INSERT INTO {tally.name} {_counted(tally)}")


def differences(connection: sqlite3.Connection) -> Iterator[str]:
    """Where a tally does not say what there is: each in words."""
    for tally in TALLIES:
        yield from unlike(connection, tally.name, _counted(tally), _stored(tally))


def without(tally: Tally, hidden: str) -> str:
    """A tally as readers see it, as SQL: they do not see the rows of which the condition `hidden` holds."""
    # "+": what is asked of the tally must not be looked up in an index of the table, which has a million such rows
    *values, amount = (f"+{_of_row(value, 'gone')}" for value in (*tally.by.values(), tally.amount))
    return (
        f"SELECT {', '.join(tally.by)}, rows FROM main.{tally.name} "
        f"UNION ALL SELECT {', '.join(values)}, -({amount}) FROM main.{tally.of} AS gone WHERE {hidden}"
    )


def _stored(tally: Tally) -> str:
    return f"SELECT {', '.join(tally.by)}, rows FROM {tally.name} WHERE rows <> 0"


def _counted(tally: Tally) -> str:
    *values, amount = (_of_row(value, tally.of) for value in (*tally.by.values(), tally.amount))
    return f"SELECT {', '.join(values)}, sum({amount}) FROM {tally.of} GROUP BY {', '.join(values)}"


def _schema(tally: Tally) -> Iterator[str]:
    yield f"DROP TABLE IF EXISTS {tally.name}"
    yield f"CREATE TABLE {tally.name} ({', '.join(tally.by)}, rows INTEGER NOT NULL)"
    # two NULLs are different in an index; 0 equals itself, and no text
    key = ", ".join(f"coalesce({name}, 0)" for name in tally.by)
    yield f"CREATE UNIQUE INDEX {tally.name}_key ON {tally.name} ({key})"
    looked_at = [value for value in (*tally.by.values(), tally.amount) if "row." in value]
    same = " AND ".join(f"({_of_row(value, 'OLD')}) IS ({_of_row(value, 'NEW')})" for value in looked_at)
    added, removed = _adding(tally, "NEW", 1), _adding(tally, "OLD", -1)
    yield _trigger(tally, "INSERT", added)
    yield _trigger(tally, "DELETE", removed)
    yield _trigger(tally, "UPDATE", f"{removed}; {added}", f"WHEN NOT ({same})")


def _trigger(tally: Tally, event: str, does: str, when: str = "") -> str:
    name = f"{tally.name}_{event.lower()}"
    return f"CREATE TRIGGER {name} AFTER {event} ON {tally.of} {when} BEGIN {does}; END"


def _adding(tally: Tally, row: str, times: int) -> str:
    """SQL that adds a row to the tally, or takes it away."""
    *values, amount = (_of_row(value, row) for value in (*tally.by.values(), tally.amount))
    return (
        f"INSERT INTO {tally.name} VALUES ({', '.join(values)}, {times} * {amount}) "
        "ON CONFLICT DO UPDATE SET rows = rows + excluded.rows"
    )


def _of_row(sql: str, row: str) -> str:
    return sql.replace("row.", f"{row}.")

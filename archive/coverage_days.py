"""The calendar of coverage: each publisher and day in one row, days on which nobody asked among them.

`coverage` has a row for each source that was asked or announced something on a day; `coverage_days` sums these up, and
says "no crawl" of all other days between a publisher's first and the last of the archive. It is a table that is kept in
step, day by day: put together anew for each page, the half a million days of eighty publishers took a second and a
half.
"""

# ruff: noqa: S608 - SQL of constants

import sqlite3
from collections.abc import Iterator

SCHEMA = """
CREATE TABLE coverage_days (
    day TEXT NOT NULL,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    state TEXT NOT NULL,
    announced INTEGER NOT NULL,
    fetched INTEGER NOT NULL,
    extracted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    off_topic INTEGER NOT NULL,
    not_article INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    empty INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    polls INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    PRIMARY KEY (day, publisher)
) WITHOUT ROWID;
CREATE INDEX coverage_days_publisher ON coverage_days (publisher, day);
"""

_NUMBERS = ("fetched", "extracted", "unchanged", "off_topic", "not_article", "blocked", "empty", "failed", "pending",
            "polls", "unanswered")  # fmt: skip

_ASKED = f"""
SELECT day, publisher,
    CASE WHEN sum(polls + announced) = 0 THEN 'no crawl'
        WHEN sum(announced) = 0 AND sum(polls) = sum(unanswered) THEN 'no answer'
        WHEN sum(announced) = 0 THEN 'nothing announced'
        WHEN sum(blocked + empty + failed + pending) > 0 THEN 'in part'
        ELSE 'whole' END,
    sum(announced - known), {", ".join(f"sum({name})" for name in _NUMBERS)}
FROM coverage WHERE {{}} GROUP BY day, publisher
"""

# The days from `begin` to `end` of some publishers
_UNASKED = f"""
WITH RECURSIVE days (publisher, day, last) AS (
    SELECT publisher, begin, end FROM ({{}}) WHERE begin <= end
    UNION ALL SELECT publisher, date(day, '+1 day'), last FROM days WHERE day < last
)
SELECT day, publisher, 'no crawl', {", ".join("0" for _ in ("announced", *_NUMBERS))} FROM days
"""
_EVERY_DAY = (
    "SELECT publisher, min(day) AS begin, (SELECT max(day) FROM coverage) AS end FROM coverage GROUP BY publisher"
)
_SINCE_THE_LAST = """
SELECT name AS publisher, date(:last, '+1 day') AS begin, :day AS end FROM publishers
WHERE EXISTS (SELECT 1 FROM coverage_days WHERE publisher = name)
"""
_BEFORE_THE_FIRST = "SELECT :publisher AS publisher, :day AS begin, :first AS end"


_ASKED_OF_NOBODY = f"""
SELECT * FROM coverage_days AS kept WHERE (state <> 'no crawl' OR announced + {" + ".join(_NUMBERS)} <> 0)
AND NOT EXISTS (SELECT 1 FROM coverage WHERE coverage.publisher = kept.publisher AND coverage.day = kept.day)
"""
_LENGTHS = f"SELECT publisher, begin, end, CAST(julianday(end) - julianday(begin) AS INTEGER) + 1 FROM ({_EVERY_DAY})"
_AS_NOW = ", ".join(f"{name} = excluded.{name}" for name in ("state", "announced", *_NUMBERS))


def follow(connection: sqlite3.Connection, publisher: str, day: str) -> None:
    """Bring the calendar into step with what `coverage` has of a publisher on a day, in the caller's transaction."""
    last = connection.execute("SELECT max(day) FROM coverage_days").fetchone()[0] or day
    first = connection.execute("SELECT min(day) FROM coverage_days WHERE publisher = ?", [publisher]).fetchone()[0]
    if day > last:
        _fill(connection, _SINCE_THE_LAST, last=last, day=day)
    if first is None or day < first:
        _fill(connection, _BEFORE_THE_FIRST, publisher=publisher, day=day, first=first or max(last, day))
    asked = _ASKED.format("publisher = ? AND day = ?")
    connection.execute(f"INSERT INTO coverage_days {asked} ON CONFLICT DO UPDATE SET {_AS_NOW}", [publisher, day])


def _fill(connection: sqlite3.Connection, whose: str, **values: str) -> None:
    connection.execute(f"INSERT OR IGNORE INTO coverage_days {_UNASKED.format(whose)}", values)


def make(connection: sqlite3.Connection) -> None:
    """Make the calendar anew, inside the caller's transaction."""
    connection.execute("DROP TABLE IF EXISTS coverage_days")
    for statement in filter(str.strip, SCHEMA.split(";\n")):
        connection.execute(statement)
    connection.execute(f"INSERT INTO coverage_days {_ASKED.format(1)}")
    _fill(connection, _EVERY_DAY)


def differences(connection: sqlite3.Connection) -> Iterator[str]:
    """Where the calendar does not say what `coverage` does: each in words."""
    for sql, words in (
        (f"{_ASKED.format(1)} EXCEPT SELECT * FROM coverage_days", "lacks"),
        (_ASKED_OF_NOBODY, "has wrongly"),
        (
            f"{_LENGTHS} EXCEPT SELECT publisher, min(day), max(day), count(*) FROM coverage_days GROUP BY 1",
            "lacks days of",
        ),
        ("SELECT publisher FROM coverage_days EXCEPT SELECT publisher FROM coverage", "has wrongly"),
    ):
        yield from (f"coverage_days {words} {row}" for row in connection.execute(sql))

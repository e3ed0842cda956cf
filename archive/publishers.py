"""One publisher of the archive: what there is of it, how its sources answer, how well its pages are read.

Plain functions of a read-only connection, for its page on the site. What is counted is bounded: the last half year of
the calendar, the latest readings, the last month of polls.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from archive import coverage
from archive.alarm_facts import FIELDS, Reading, read_readings
from archive.articles import utc
from archive.rows import select

CALENDAR = timedelta(weeks=26)
_LATEST = 30  # readings that are compared with those before them
_MONTH = timedelta(days=30)  # of polls that are counted


Pair = tuple[float | None, float | None]  # in the latest readings and in those before; None where there is nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How a publisher's pages were read lately, beside how they were before; shares are 0 to 1."""

    latest: int  # readings
    before: int
    rules: Mapping[str, Pair]  # the share of readings whose text each rule gave, `layout:2019` or `generic`
    fields: Mapping[str, Pair]  # the share of readings that found it
    agreement: Pair  # median of what two ways of reading one page have in common, 0 to 1
    length: Pair  # median length of the text, in characters

    @property
    def by_layout(self) -> float:
        """The share of the latest readings that a layout of the publisher's own file gave."""
        return sum(share or 0 for rule, (share, _) in self.rules.items() if rule.startswith("layout"))


def facts(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """The row of a publisher with the numbers of its `articles`, `captures` and waiting addresses; None without one."""
    sql = """
        SELECT *, (SELECT count(*) FROM articles WHERE publisher = :name) AS articles,
            (SELECT min(published_at) FROM articles WHERE publisher = :name) AS first_published_at,
            (SELECT max(published_at) FROM articles WHERE publisher = :name) AS last_published_at,
            (SELECT count(*) FROM captures WHERE publisher = :name) AS captures,
            (SELECT count(DISTINCT url) FROM sightings WHERE publisher = :name AND outcome IS NULL) AS pending
        FROM publishers WHERE name = :name
    """
    return next(iter(select(connection, sql, {"name": name})), None)


def sources(connection: sqlite3.Connection, name: str, now: datetime) -> list[dict[str, Any]]:
    """Its sources, those with trouble first; each with its polls of the last 30 days and how many went unanswered."""
    sql = """
        SELECT *, next_at <= :now AS is_due,
            (SELECT count(*) FROM polls WHERE publisher = sources.publisher AND source = sources.url
                AND polled_at >= :since) AS polls,
            (SELECT count(*) FROM polls WHERE publisher = sources.publisher AND source = sources.url
                AND polled_at >= :since AND outcome NOT IN ('read', 'unmodified') AND entries = 0) AS unanswered
        FROM sources WHERE publisher = :name ORDER BY failures = 0, kind, url
    """
    return select(connection, sql, {"name": name, "now": utc(now), "since": utc(now - _MONTH)})


def calendar(connection: sqlite3.Connection, name: str, until: date | None = None) -> list[coverage.Day]:
    """The coverage of half a year that ends at `until`, or at the ledger's last day; empty where it has none."""
    span = "SELECT min(day), max(day) FROM coverage WHERE publisher = ?"
    begins, ends = connection.execute(span, [name]).fetchone()
    if begins is None:
        return []
    first, last = date.fromisoformat(begins), min(until or date.max, date.fromisoformat(ends))
    if last < first:
        return []
    first = max(first, last - min(CALENDAR - timedelta(days=1), last - first))
    return coverage.days(connection, since=first, until=last, publishers=[name]).get(name, [])


def health(connection: sqlite3.Connection, name: str) -> Health | None:
    """How its latest pages were read, beside those before them; None where none was read."""
    readings = read_readings(connection, name)
    if not readings:
        return None
    latest, before = readings[-_LATEST:], readings[:-_LATEST]

    def both(measure: Callable[[Sequence[Reading]], float | None]) -> Pair:
        return measure(latest), measure(before)

    rules = Counter(map(_rule, readings))
    return Health(
        latest=len(latest),
        before=len(before),
        rules={rule: both(partial(_share_by_rule, rule)) for rule, _ in rules.most_common(20)},
        fields={field: both(partial(_share_with, field)) for field in FIELDS},
        agreement=both(lambda part: _median([one.agreement for one in part if one.agreement is not None])),
        length=both(lambda part: _median([one.length for one in part])),
    )


def _rule(reading: Reading) -> str:
    return reading.rule or "no rule noted"


def _share_by_rule(rule: str, readings: Sequence[Reading]) -> float | None:
    return sum(_rule(reading) == rule for reading in readings) / len(readings) if readings else None


def _share_with(field: str, readings: Sequence[Reading]) -> float | None:
    return sum(field in reading.fields for reading in readings) / len(readings) if readings else None


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None

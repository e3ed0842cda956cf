"""What a search is about, in place and time: the places that its articles name, and when they were published.

A search by publisher and days alone is counted whole, from `archive.atlas`. Of any other the newest `SAMPLE` articles
are, and `is_sample` says so.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from archive import atlas
from archive.atlas import Named, Scope
from archive.search.aliases import Name
from archive.search.find import ask, publisher_named, sample
from archive.search.page import Asked
from archive.search.query import Query, first_day, last_day

SAMPLE = 10_000
_DAYS = ("since", "until")


@dataclass(frozen=True, kw_only=True, slots=True)
class Whereabouts:
    """The answer. `days` are of the search without its own days, so that others can be chosen."""

    named: Sequence[Named]
    days: Mapping[date, int]
    articles: int
    is_sample: bool
    names: tuple[Name, ...] = ()
    beginnings: tuple[tuple[str, tuple[str, ...]], ...] = ()


def chosen(asked: Asked) -> tuple[date | None, date | None]:
    """The first and the last day that are asked for."""
    given = dict(asked.filters)
    return (
        first_day(given["since"]) if "since" in given else None,
        last_day(given["until"]) if "until" in given else None,
    )


def scope(connection: sqlite3.Connection, asked: Asked) -> Scope | None:
    """What is asked for, where it is days and a publisher alone; None where it is more."""
    given = dict(asked.filters)
    if asked.text or given.keys() - {"publisher", *_DAYS}:
        return None
    first, last = chosen(asked)
    publishers = None
    if "publisher" in given:
        found = publisher_named(connection, given["publisher"])
        publishers = [found] if found else []
    return Scope(first=first, last=last, publishers=publishers)


def find(connection: sqlite3.Connection, asked: Asked) -> Whereabouts:
    """The places and days of a search; of the whole archive for one that asks nothing."""
    within = scope(connection, asked)
    if within is not None:
        days = atlas.days(connection, replace(within, first=None, last=None))
        return Whereabouts(
            named=atlas.named_in(connection, within), days=days, articles=atlas.articles(connection, within),
            is_sample=False,
        )  # fmt: skip
    query = _query(connection, asked)
    rows, is_sample = sample(connection, query, SAMPLE)
    named = atlas.named_by(connection, [row["id"] for row in rows])
    around = rows
    if any(name in query.filters for name in _DAYS):
        timeless = {name: value for name, value in query.filters.items() if name not in _DAYS}
        around, _ = sample(connection, replace(query, filters=timeless), SAMPLE)
    return Whereabouts(
        named=named, days=_by_day(around), articles=len(rows), is_sample=is_sample, names=query.names,
        beginnings=query.beginnings,
    )  # fmt: skip


def naming(
    connection: sqlite3.Connection, asked: Asked, place: str, *, limit: int, offset: int
) -> tuple[list[tuple[int, bool]], bool]:
    """Articles of the search that name a place, latest first, each with whether it surely does; whether of a sample."""
    within = scope(connection, asked)
    if within is not None:
        return atlas.naming(connection, place, within, limit=limit, offset=offset), False
    rows, is_sample = sample(connection, _query(connection, asked), SAMPLE)
    found = atlas.naming_among(connection, place, [row["id"] for row in rows])
    return found[offset : offset + limit], is_sample


def _query(connection: sqlite3.Connection, asked: Asked) -> Query:
    query = ask(connection, asked.text, aliases=asked.aliases)
    return replace(query, filters=query.filters | dict(asked.filters))


def _by_day(rows: Sequence[Mapping[str, Any]]) -> dict[date, int]:
    counts = Counter(row["published_at"][:10] for row in rows if row["published_at"])
    return {date.fromisoformat(day): counts[day] for day in sorted(counts)}

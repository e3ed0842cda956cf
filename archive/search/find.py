"""Asking the index: the articles that a query means, best or newest first, with snippets and facets.

What is common is not sorted whole: FTS5 takes seconds to rank a word that stands in every article of a million. Up to
`MAX_RANKED` articles are ranked exactly, by bm25 with the headline counting fivefold. Of more, the newest are taken
(`archive.search.newest`), for "best" those first that have a hit in the headline.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from archive import atlas
from archive.search.aliases import vocabulary
from archive.search.beginnings import commonest
from archive.search.index import TABLE, has_word
from archive.search.newest import SLIM, SLIM_COLUMNS, Row, by_time, newest
from archive.search.query import Query, first_day, last_day, parse
from archive.search.snippet import snippet

MAX_RANKED = 3000  # articles that are ranked and counted exactly
SORTS = ("best", "newest", "oldest")
FACETS = ("publisher", "language", "wire", "section", "actor")

_MAX_TITLES = 1000  # articles with a hit in the headline that come first where words are common
_MAX_VALUES = 20  # of a facet
_SHOWN = (
    "id, headline, publisher, published_at, published_offset, published_precision, section, language, wire, versions, "
    "captured_at, url, canonical_url, text"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What was found. With `is_more`, more than `total`, and facets are counted in the newest `total` of them."""

    articles: tuple[Row, ...]
    total: int
    is_more: bool
    facets: dict[str, tuple[tuple[str, int], ...]]


def find(
    connection: sqlite3.Connection, query: Query, *, sort: str = "best", limit: int = 20, offset: int = 0
) -> Results:
    """The articles that `query` means; `sort` is one of `SORTS`."""
    finder = _Finder(connection, query)
    slim, is_more = finder.candidates()
    if sort == "best" and query.match is not None:
        order = finder.by_headline(slim) if finder.is_common else finder.ranked(slim)
    elif is_more and (sort == "oldest" or offset + limit > len(slim)):
        order = [row["id"] for row in finder.first(offset + limit, is_oldest_first=sort == "oldest")]
    else:
        order = [row["id"] for row in by_time(slim, is_oldest_first=sort == "oldest")]
    articles = finder.shown(order[offset : offset + limit])
    return Results(articles=articles, total=len(slim), is_more=is_more, facets=_facets(connection, slim))


def ask(connection: sqlite3.Connection, text: str, *, aliases: bool = True, is_whole: bool = False) -> Query:
    """What was typed, as a question to this archive; with `aliases`, of actors and places under all their names.

    The beginning of too many words stands for the commonest of these, unless the answer is to be whole.
    """
    return parse(
        text,
        vocabulary() if aliases else None,
        has_word=partial(has_word, connection),
        commonest=(lambda _: ()) if is_whole else partial(commonest, connection),
    )


def matching(connection: sqlite3.Connection, query: Query) -> Iterator[int]:
    """The ids of all articles that `query` means, in order; every article for one that asks nothing."""
    finder = _Finder(connection, query)
    return finder.everything()


def sample(
    connection: sqlite3.Connection, query: Query, most: int, *, also: tuple[Sequence[str], Mapping[str, Any]] = ((), {})
) -> tuple[list[Row], bool]:
    """The newest articles that `query` means, `most` at most, and whether there are more: for counting among them.

    Each has its `id`, `published_at`, `publisher`, `language`, `section` and `wire`; `also` are SQL conditions on these
    columns, and the values of their parameters.
    """
    return _Finder(connection, query, most, also).candidates()


def publisher_named(connection: sqlite3.Connection, name: str) -> str | None:
    """The publisher that somebody means by its name or spider, in capitals or not; None where there is none."""
    sql = "SELECT name FROM publishers WHERE ? COLLATE NOCASE IN (name, spider) ORDER BY name = ? DESC LIMIT 1"
    found = connection.execute(sql, [name, name]).fetchone()
    return found[0] if found else None


def fts_query(text: str) -> str:
    """Any string as an FTS5 expression, names widened to all their forms; without words, one that finds nothing."""
    return parse(text, vocabulary()).match or '""'


class _Finder:
    """One query against one connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        query: Query,
        most: int | None = None,
        also: tuple[Sequence[str], Mapping[str, Any]] = ((), {}),
    ) -> None:
        self._connection = connection
        self._most = most or MAX_RANKED
        self._query = query
        self._where, self._values = _filters(connection, query)
        self._where += also[0]
        self._values |= also[1]
        self._is_narrowed = bool(also[0])
        self._values["match"] = query.match
        self._has_prefix = any(is_prefix for _, is_prefix in query.terms)
        self.is_common = False  # whether the words stand in more articles than are ranked
        if query.exclude is not None:
            self._where.append(f"id NOT IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :exclude)")
            self._values["exclude"] = query.exclude

    def candidates(self) -> tuple[list[Row], bool]:
        """The newest articles that fit, slim, `most` at most, and whether there are more."""
        if self._query.asks_nothing:
            return [], False
        if self._query.match is not None and not self._has_prefix:
            matching = self._numbers(f"{_MATCHING} LIMIT {self._most + 1}")
            if len(matching) <= self._most:
                return list(self._of(matching)), False
            self.is_common = True
        rows = self.first(self._most + 1)
        is_more = len(rows) > self._most
        # what begins so is looked for in the whole index each time: nobody asks how often the words alone occur
        self.is_common |= self._has_prefix and (is_more or bool(self._where))
        return rows[: self._most], is_more

    def first(self, count: int, *, is_oldest_first: bool = False) -> list[Row]:
        """The newest articles that fit, or the oldest, slim and in order."""
        if self._query.match is not None:
            return newest(self._connection, self._condition(), self._values, count, is_oldest_first=is_oldest_first)
        # in the order of time where an index has that, else from the smallest index that has all
        names = self._query.filters.keys() - {"since", "until"}
        is_ordered = names in (set(), {"publisher"}, {"language"}) and not self._is_narrowed
        source = "articles" if is_ordered else f"main.articles INDEXED BY {SLIM}"
        direction = "ASC NULLS LAST" if is_oldest_first else "DESC"
        ids = self._numbers(
            f"SELECT id FROM {source} WHERE {self._condition()} AND id NOT IN (SELECT article_id FROM withheld) "
            f"ORDER BY published_at {direction}, id {direction.partition(' ')[0]} LIMIT {count}"
        )
        return by_time(list(self._of(ids)), is_oldest_first=is_oldest_first)

    def everything(self) -> Iterator[int]:
        """The ids of all that fits, in order, as they are read."""
        where = list(self._where)
        if self._query.match is not None:
            where.append(f"id IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :match)")
        sql = f"SELECT id FROM articles WHERE {' AND '.join(where) or '1'} ORDER BY id"
        return (article_id for (article_id,) in self._connection.execute(sql, self._values))

    def ranked(self, slim: Sequence[Row]) -> list[int]:
        """The candidates by bm25, the newer of two equals first."""
        ids = {row["id"] for row in slim}
        sql = f"SELECT rowid, bm25({TABLE}, 5.0, 1.0) AS score FROM {TABLE} WHERE {TABLE} MATCH :match"
        scores = {row["rowid"]: row["score"] for row in self._rows(sql) if row["rowid"] in ids}
        return [row["id"] for row in sorted(by_time(slim), key=lambda row: round(scores.get(row["id"], 0.0), 2))]

    def by_headline(self, slim: Sequence[Row]) -> list[int]:
        """The candidates newest first, those before them that have a hit in the headline."""
        match = f"headline : ({self._query.match})"
        ids = self._numbers(f"{_MATCHING} ORDER BY rowid DESC LIMIT {_MAX_TITLES}", match=match)
        in_headline = list(self._of(ids))
        found = {row["id"] for row in in_headline}
        everything = list({row["id"]: row for row in (*slim, *in_headline)}.values())
        return [row["id"] for row in sorted(by_time(everything), key=lambda row: row["id"] not in found)]

    def shown(self, ids: Sequence[int]) -> tuple[Row, ...]:
        """What a reader sees of these articles, in this order."""
        sql = f"SELECT {_SHOWN} FROM articles WHERE id IN (SELECT value FROM json_each(:ids))"
        rows = {row["id"]: row for row in self._rows(sql, ids=json.dumps(ids))}
        for row in rows.values():
            row["snippet"] = snippet(row.pop("text"), self._query.terms)
        return tuple(rows[article_id] for article_id in ids if article_id in rows)

    def _of(self, ids: Sequence[int]) -> Iterator[Row]:
        condition = " AND ".join([*self._where, "id IN (SELECT value FROM json_each(:ids))"])
        yield from self._rows(
            f"SELECT {SLIM_COLUMNS} FROM main.articles INDEXED BY {SLIM} WHERE {condition}", ids=json.dumps(list(ids))
        )

    def _condition(self) -> str:
        return " AND ".join(self._where) or "1"

    def _numbers(self, sql: str, **more: object) -> list[int]:
        return [number for (number,) in self._connection.execute(sql, {**self._values, **more})]

    def _rows(self, sql: str, **more: object) -> list[Row]:
        cursor = self._connection.execute(sql, {**self._values, **more})
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


_MATCHING = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :match"


def _filters(connection: sqlite3.Connection, query: Query) -> tuple[list[str], dict[str, Any]]:
    where, values = [], dict[str, Any]()
    for name, value in query.filters.items():
        if name == "since":
            where.append("published_at >= :since")
            values["since"] = first_day(value).isoformat()
        elif name == "until":
            where.append("published_at < :until")
            values["until"] = f"{last_day(value).isoformat()}T24"  # behind every time of that day
        elif name == "publisher":
            # by its one name, so that SQLite reads them from an index in the order of their times
            where.append("publisher = :publisher")
            values["publisher"] = publisher_named(connection, value)
        elif name == "language":
            where.append("language = :language")
            values["language"] = value.lower()
        elif name == "actor":
            actor = "SELECT {} FROM actors_articles WHERE actor = :actor"
            # of some words' articles each is looked up; where there are no words, all are read
            only = (
                f"id IN ({actor.format('article_id')})"
                if query.match is None
                else f"EXISTS ({actor.format(1)} AND article_id = id)"
            )
            where.append(only)
            values["actor"] = vocabulary().actor(value)
        else:
            where.append(f"{name} = :{name} COLLATE NOCASE")
            values[name] = value
    return where, values


def _facets(connection: sqlite3.Connection, slim: Sequence[Row]) -> dict[str, tuple[tuple[str, int], ...]]:
    columns = (name for name in FACETS if name != "actor")
    counts = {name: Counter(row[name] for row in slim if row[name]) for name in columns}
    facets = {name: tuple(counted.most_common(_MAX_VALUES)) for name, counted in counts.items()}
    actors = atlas.actors_among(connection, [row["id"] for row in slim])[:_MAX_VALUES]
    return {**facets, "actor": tuple((vocabulary().label(actor), count) for actor, count in actors)}

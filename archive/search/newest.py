"""The newest of many hits, or the oldest, exactly, without a look at the time of each.

Articles are numbered in the order in which they were archived, by and large that of their publication. So they are
taken in blocks of `1 << _BLOCK` consecutive numbers, and an index of its own (schema step m019) says between which
times a block's articles were published. The blocks that reach furthest are read first, few of them and then ever more,
until enough was found that no article of another block can be newer. Where the order of archiving says nothing of the
time, all hits are read once: slower, and right as well.

What sorting, filtering and counting need of an article stands in one index that fits into memory (`SLIM`). A view has
no index to name, hence `main`: the search index has no article that is withheld.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.search.index import TABLE

SLIM = "articles_slim"
SLIM_COLUMNS = "id, published_at, publisher, language, section, wire"
Row = dict[str, Any]

_BLOCK = 12  # bits: the index is of `id >> 12`
_FIRST, _GROWTH = 8, 4  # blocks that are read together, and how many times more the next time
_MAX_RANGES = 8  # runs of numbers that are asked for one by one; to begin a search takes up to two milliseconds

_BLOCKS = f"""
WITH RECURSIVE blocks (block) AS (
    SELECT 0 UNION ALL SELECT block + 1 FROM blocks WHERE block < (SELECT max(id) >> {_BLOCK} FROM main.articles)
)
SELECT block, {{}} FROM blocks
"""
_EDGE = (
    f"(SELECT published_at FROM main.articles INDEXED BY articles_blocks WHERE id >> {_BLOCK} = block "
    "AND published_at IS NOT NULL ORDER BY published_at {} LIMIT 1)"
)


@dataclass(frozen=True, slots=True)
class _Order:
    """By time, the undated last; `nothing` is the time of these."""

    direction: str
    nothing: str
    is_reverse: bool

    @property
    def moment(self) -> str:
        return f"coalesce(published_at, '{self.nothing}')"

    @property
    def reaches(self) -> str:
        return ">=" if self.is_reverse else "<="

    def of(self, row: Row) -> tuple[str, int]:
        return row["published_at"] or self.nothing, row["id"]

    def is_beyond(self, one: str, other: str) -> bool:
        return one > other if self.is_reverse else one < other


_NEWEST = _Order("DESC", "", True)
_OLDEST = _Order("ASC", "~", False)  # "~" is behind all digits


def by_time(rows: Sequence[Row], *, is_oldest_first: bool = False) -> list[Row]:
    """Slim rows in the order of their publication, the undated at the end."""
    order = _OLDEST if is_oldest_first else _NEWEST
    return sorted(rows, key=order.of, reverse=order.is_reverse)


def newest(
    connection: sqlite3.Connection,
    condition: str,
    values: Mapping[str, Any],
    most: int,
    *,
    is_oldest_first: bool = False,
) -> list[Row]:
    """The `most` newest articles (slim) that match the words `values["match"]` and fit an SQL `condition`, in order."""
    order = _OLDEST if is_oldest_first else _NEWEST
    sql = (
        f"SELECT {SLIM_COLUMNS} FROM {TABLE} CROSS JOIN main.articles INDEXED BY {SLIM} ON id = {TABLE}.rowid "
        f"WHERE {TABLE} MATCH :match AND {TABLE}.rowid BETWEEN :begin AND :end "
        f"AND {order.moment} {order.reaches} :edge AND {condition} "
        f"ORDER BY {order.moment} {order.direction}, id {order.direction} LIMIT {most}"
    )
    found: list[Row] = []
    edge = order.nothing
    for group in _groups(_blocks(connection, order)):
        if order.is_beyond(edge, group[0][0]):
            break
        more: dict[int, Row] = {row["id"]: row for row in found}
        for begin, end in _ranges([block for _, block in group]):
            cursor = connection.execute(sql, {**values, "begin": begin, "end": end, "edge": edge})
            names = [column[0] for column in cursor.description]
            more.update((row[0], dict(zip(names, row, strict=True))) for row in cursor)
        found = by_time(list(more.values()), is_oldest_first=is_oldest_first)[:most]
        if len(found) == most:
            edge = order.of(found[-1])[0]
    return found


def _blocks(connection: sqlite3.Connection, order: _Order) -> list[tuple[str, int]]:
    """Up to when each block reaches, and its number; the one that reaches furthest first."""
    blocks = connection.execute(_BLOCKS.format(_EDGE.format(order.direction))).fetchall()
    reaches = [(edge or order.nothing, block) for block, edge in blocks]
    return sorted(reaches, reverse=order.is_reverse)


def _groups(blocks: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    begin, size = 0, _FIRST
    while begin < len(blocks):
        yield blocks[begin : begin + size]
        begin, size = begin + size, size * _GROWTH


def _ranges(blocks: Sequence[int]) -> list[tuple[int, int]]:
    """The first and last number of each run of blocks; of too many runs, those of all between the outermost."""
    runs: list[list[int]] = []
    for block in sorted(blocks):
        if runs and runs[-1][-1] == block - 1:
            runs[-1].append(block)
        else:
            runs.append([block])
    if len(runs) > _MAX_RANGES:
        runs = [[runs[0][0], runs[-1][-1]]]
    return [(run[0] << _BLOCK, ((run[-1] + 1) << _BLOCK) - 1) for run in runs]

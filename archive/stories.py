"""A story: articles that share a text, how many reports of their own they come to, and which copied which.

Copies are no further reports: what counts is how many accounts stand behind them (the *independent reports*).
"""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]  # as `reading.story` gives them, published first at the front


def origins(rows: Sequence[Row]) -> dict[int, int | None]:
    """The article whose text each carries, None where it is a report of its own.

    Of copies of an article that is not among `rows`, because it is withheld, the first stands for it.
    """
    sources = {row["id"]: row["copied_from"] for row in rows}
    stand_ins = dict[int, int]()
    found = dict[int, int | None]()
    for row in rows:
        root = _root(row["id"], sources)
        stand_in = root if root in sources else stand_ins.setdefault(root, row["id"])
        found[row["id"]] = None if stand_in == row["id"] else stand_in
    return found


def reports(rows: Sequence[Row]) -> int:
    """How many independent reports a story has."""
    return sum(origin is None for origin in origins(rows).values())


def _root(article_id: int, sources: Mapping[int, int | None]) -> int:
    """The beginning of a chain of copies; of a ring (dates were corrected between two links) the lowest number."""
    seen = list[int]()
    while article_id not in seen:
        seen.append(article_id)
        article_id = sources.get(article_id) or article_id
    return min(seen[seen.index(article_id) :])

"""Which articles have the same words: a wire's text at several publishers, however each cut it or added to it.

The words of an article, folded as for the search index, give overlapping *shingles* of five, each a 64-bit number
(Broder: On the resemblance and containment of documents, 1997). Two texts are copies when enough of the shorter one's
shingles stand in the other: containment, because publishers cut. To find candidates among a million articles each one
keeps the sixteenth part of its shingles whose number ends in four zero bits: all keep the same shingle or none does, so
long copies share some. Numbers come from BLAKE2b, which no library's next version will change.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from archive.search.folding import folded

METHOD = "shingles-1"  # of the rules below; stored beside what they found

_WIDTH = 5  # words of a shingle: four share many stock phrases, seven break at each edit of a light rewriting
_SAMPLE = 0xF  # a shingle is kept where these bits are zero
_MAX_WORDS = 10_000  # of a text that are read

MIN_CONTAINED = 0.35  # of the shorter text's shingles
MIN_SHARED = 25  # shingles; two short notes with the same closing sentence are no copies
WINDOW = timedelta(days=14)  # between two times of publication: the same words a year later are an anniversary
_MAX_CANDIDATES = 40
_MIN_HITS = 2  # kept shingles that a candidate shares

_AT = "coalesce(published_at, seen_at, captured_at)"

SCHEMA = """
CREATE TABLE IF NOT EXISTS fingerprints (
    shingle INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (shingle, article_id)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article with the same words. `similarity`: how much of the shorter text stands in the other, 0 to 1."""

    article_id: int
    published_at: str
    similarity: float


def shingles(text: str) -> frozenset[int]:
    """The text's shingles as signed 64-bit numbers; empty for a text of fewer than five words."""
    words = folded(text).split(" ")[:_MAX_WORDS]
    runs = (" ".join(words[place : place + _WIDTH]) for place in range(len(words) - _WIDTH + 1))
    return frozenset(_number(run) for run in runs)


def similarity(one: frozenset[int], other: frozenset[int]) -> float:
    """The part of the smaller set that the other holds; 0 where they share too few to be copies."""
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared >= MIN_SHARED else 0.0


def replace(connection: sqlite3.Connection, article_id: int, old: str | None, new: str | None) -> None:
    """Keep an article's sample of shingles in step with its text, inside the caller's transaction."""
    if old == new:
        return
    before, after = (_kept(shingles(text)) if text else frozenset() for text in (old, new))
    connection.executemany(
        "DELETE FROM fingerprints WHERE shingle = ? AND article_id = ?", [(n, article_id) for n in before - after]
    )
    connection.executemany(
        "INSERT OR IGNORE INTO fingerprints VALUES (?, ?)", [(n, article_id) for n in sorted(after - before)]
    )


def make(connection: sqlite3.Connection) -> None:
    """Take the sample of every article anew, inside the caller's transaction."""
    connection.execute("DROP TABLE IF EXISTS fingerprints")
    connection.execute(SCHEMA)
    for article_id, text in connection.execute("SELECT id, text FROM articles ORDER BY id"):
        replace(connection, article_id, None, text)


def of(connection: sqlite3.Connection, article_id: int) -> list[Copy]:
    """The copies of an article that other publishers have, those published first at the front."""
    own = connection.execute(
        f"SELECT text, publisher, {_AT} FROM articles WHERE id = ?",
        [article_id],
    ).fetchone()
    if own is None:
        return []
    text, publisher, published_at = own
    words = shingles(text)
    found = []
    for other_id, other_text, at in _candidates(connection, article_id, words, publisher):
        score = similarity(words, shingles(other_text)) if _near(at, published_at) else 0.0
        if score >= MIN_CONTAINED:
            found.append(Copy(other_id, at, round(score, 3)))
    return sorted(found, key=lambda copy: (copy.published_at, copy.article_id))


def links(connection: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """The rows of `syndications` that an article asks for: from whichever of its copies was published first."""
    found = of(connection, article_id)
    if not found:
        return []
    published_at = connection.execute(f"SELECT {_AT} FROM articles WHERE id = ?", [article_id]).fetchone()[0]
    first = found[0]
    if (first.published_at, first.article_id) < (published_at, article_id):
        pairs = [(article_id, first.article_id, first.similarity)]
    else:
        pairs = [(copy.article_id, article_id, copy.similarity) for copy in found]
    names = ("article_id", "syndicated_from", "similarity")
    return [{**dict(zip(names, pair, strict=True)), "method": METHOD} for pair in pairs]


def _candidates(
    connection: sqlite3.Connection, article_id: int, words: frozenset[int], publisher: str | None
) -> Sequence[tuple[int, str, str]]:
    kept = sorted(_kept(words))
    marks = ", ".join("?" * len(kept))
    rows = connection.execute(
        f"SELECT article_id FROM fingerprints WHERE shingle IN ({marks}) AND article_id <> ? "
        "GROUP BY article_id HAVING count(*) >= ? ORDER BY count(*) DESC, article_id LIMIT ?",
        [*kept, article_id, min(_MIN_HITS, max(1, len(kept))), _MAX_CANDIDATES],
    ).fetchall()
    found = []
    for (other,) in rows:
        found += connection.execute(
            f"SELECT id, text, {_AT} FROM articles WHERE id = ? AND publisher IS NOT ?",
            [other, publisher],
        ).fetchall()
    return found


def _kept(words: frozenset[int]) -> frozenset[int]:
    return frozenset(number for number in words if number & _SAMPLE == 0)


def _near(one: str, other: str) -> bool:
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) <= WINDOW


def _number(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), signed=True)

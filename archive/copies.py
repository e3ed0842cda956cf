"""Which articles have the same words: a wire's text at several publishers, however each cut it or added to it.

The words of an article, folded as for the search index, give overlapping *shingles* of five, each a 64-bit number
(Broder: On the resemblance and containment of documents, 1997). Two texts are copies when enough of the shorter one's
shingles stand in the other: containment, because publishers cut. To find candidates among a million articles each one
keeps the sixteenth part of its shingles whose number ends in four zero bits: all keep the same shingle or none does, so
long copies share some. Numbers come from BLAKE2b, which no library's next version will change.

The samples lie by fortnight of publication: only neighbours in time are looked at, and what is written today lies
together, where a million articles' random numbers would each change a page of their own.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from struct import unpack
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
    period INTEGER NOT NULL,
    shingle INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (period, shingle, article_id)
) WITHOUT ROWID
"""

Said = tuple[str, str]  # an article's text and when it was published or, without a claim, seen or captured


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article with the same words. `similarity`: how much of the shorter text stands in the other, 0 to 1."""

    article_id: int
    published_at: str
    similarity: float


@lru_cache(maxsize=8)  # of an article that is stored they are wanted twice
def shingles(text: str) -> frozenset[int]:
    """The text's shingles as signed 64-bit numbers; empty for a text of fewer than five words."""
    words = folded(text).split(" ")[:_MAX_WORDS]
    runs = map(" ".join, zip(*(words[place:] for place in range(_WIDTH)), strict=False))
    digests = b"".join([blake2b(run, digest_size=8).digest() for run in map(str.encode, runs)])
    return frozenset(unpack(f">{len(digests) // 8}q", digests))


def similarity(one: frozenset[int], other: frozenset[int]) -> float:
    """The part of the smaller set that the other holds; 0 where they share too few to be copies."""
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared >= MIN_SHARED else 0.0


def replace(connection: sqlite3.Connection, article_id: int, old: Said | None, new: Said | None) -> None:
    """Keep an article's sample of shingles in step with its text, inside the caller's transaction."""
    if old == new:
        return
    before, after = (_sample(said) if said else frozenset() for said in (old, new))
    connection.executemany(
        "DELETE FROM fingerprints WHERE period = ? AND shingle = ? AND article_id = ?",
        [(*place, article_id) for place in before - after],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO fingerprints VALUES (?, ?, ?)",
        [(*place, article_id) for place in sorted(after - before)],
    )


def moment(fields: Mapping[str, Any]) -> str:
    """When an article came out, as far as is known: a row of `articles`, or of its next version with `seen_at`."""
    return str(fields["published_at"] or fields["seen_at"] or fields["captured_at"])


def make(connection: sqlite3.Connection) -> None:
    """Take the sample of every article anew, inside the caller's transaction."""
    connection.execute("DROP TABLE IF EXISTS fingerprints")
    connection.execute(SCHEMA)
    for article_id, text, at in connection.execute(f"SELECT id, text, {_AT} FROM articles ORDER BY id"):
        replace(connection, article_id, None, (text, at))


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
    for other_id, other_text, at in _candidates(connection, article_id, words, publisher, _period(published_at)):
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
    connection: sqlite3.Connection, article_id: int, words: frozenset[int], publisher: str | None, period: int
) -> Sequence[tuple[int, str, str]]:
    kept = sorted(_kept(words))
    marks = ", ".join("?" * len(kept))
    rows = connection.execute(
        f"SELECT article_id FROM fingerprints WHERE period IN (?, ?, ?) AND shingle IN ({marks}) AND article_id <> ? "
        "GROUP BY article_id HAVING count(*) >= ? ORDER BY count(*) DESC, article_id LIMIT ?",
        [period - 1, period, period + 1, *kept, article_id, min(_MIN_HITS, max(1, len(kept))), _MAX_CANDIDATES],
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


def _sample(said: Said) -> frozenset[tuple[int, int]]:
    """Where an article's kept shingles lie."""
    text, at = said
    period = _period(at)
    return frozenset((period, number) for number in _kept(shingles(text)))


def _period(at: str) -> int:
    """The number of the stretch of time, as long as `WINDOW`, that a moment is in."""
    return date.fromisoformat(at[:10]).toordinal() // WINDOW.days


def _near(one: str, other: str) -> bool:
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) <= WINDOW

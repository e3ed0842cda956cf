"""Which articles have the same words: a wire's text at several publishers, however each cut it or added to it.

`archive.likeness` tells copies of two texts. To find an article's among a million, each article keeps a sample of its
shingles: those whose number ends in four zero bits, of its opening in three. All keep the same shingle or none does,
so long copies share some. The samples lie by fortnight of publication: only neighbours in time are looked at, and what
is written today lies together, where a million articles' random numbers would each change a page of their own.

What a publisher prints on many days (a form that is filled in daily, the background of a running story, a line under
each text) is *stock*, and no evidence of copying: it is left out of both texts before they are compared.

However common a phrase is, looking for copies costs the same: of a shingle the first `_MOST_HOLDERS` articles of each
fortnight are read, and `_MAX_CANDIDATES` texts are compared. A text that hundreds of publishers print is still found,
for the same articles come first in each of its shingles.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from archive.likeness import METHOD, Wording, likeness, wording

_SAMPLE = 0xF  # a shingle is kept where these bits are zero
_OPENING_SAMPLE = 0x7  # or these, in the opening: a short text would keep too few

WINDOW = timedelta(days=14)  # between two times of publication: the same words a year later are an anniversary
ANOTHER_DAY = timedelta(hours=20)  # from which on the same publisher's same words are no update of one story but stock
_MIN_HITS = 2  # kept shingles that a candidate shares
_MAX_CANDIDATES = 40
_MOST_HOLDERS = 100  # of one shingle in one fortnight, those that were archived first
_MOST_LOOKED_AT = 400  # articles whose publisher is looked at, to find as many candidates

_AT = "coalesce(published_at, seen_at, captured_at)"

SCHEMA = """
CREATE TABLE IF NOT EXISTS fingerprints (
    period INTEGER NOT NULL,
    shingle INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (period, shingle, article_id)
) WITHOUT ROWID
"""

# The holders of each shingle by their numbers, a list in one string, fortnight by fortnight: a statement for each costs
# more than it reads. What nobody has is left out.
_HOLDERS = """
SELECT holders FROM (
    SELECT (
        SELECT group_concat(article_id) FROM (
            SELECT article_id FROM fingerprints
            WHERE period = near.value AND shingle = kept.value ORDER BY article_id LIMIT :most
        )
    ) AS holders FROM json_each(:kept) AS kept CROSS JOIN json_each(:near) AS near
) WHERE holders NOT NULL
"""

Said = tuple[str, str]  # an article's text and when it was published or, without a claim, seen or captured


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article with the same words. `similarity`: how much of the shorter text stands in the other, 0 to 1."""

    article_id: int
    published_at: str
    similarity: float


@dataclass(frozen=True, slots=True)
class _Text:
    """An article that is compared."""

    article_id: int
    publisher: str | None
    at: str
    text: str


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
    own = _texts(connection, [article_id])
    if not own:
        return []
    article = own[0]
    near = _candidates(connection, article)
    found = []
    for other in near:
        if other.publisher != article.publisher:
            stock = _stock(article, near) | _stock(other, near)
            score = likeness(wording(article.text).without(stock), wording(other.text).without(stock))
            if score:
                found.append(Copy(other.article_id, other.at, round(score, 3)))
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


def _candidates(connection: sqlite3.Connection, article: _Text) -> list[_Text]:
    """Articles near in time that share kept shingles, those that share most first; half may be the publisher's own."""
    period = _period(article.at)
    kept = sorted(_kept(wording(article.text)))
    hits = Counter[int]()
    near = json.dumps([period - 1, period, period + 1])
    asked = {"kept": json.dumps(kept), "near": near, "most": _MOST_HOLDERS}
    for (holders,) in connection.execute(_HOLDERS, asked):
        hits.update(map(int, holders.split(",")))
    del hits[article.article_id]
    least = min(_MIN_HITS, max(1, len(kept)))
    looked_at = [holder for holder, count in hits.most_common(_MOST_LOOKED_AT) if count >= least]
    own, others = list[int](), list[int]()
    for holder, publisher in _publishers(connection, looked_at):
        (own if publisher == article.publisher else others).append(holder)
    chosen = [*others[: _MAX_CANDIDATES // 2], *own[: _MAX_CANDIDATES // 2]]
    return [text for text in _texts(connection, chosen) if _apart(text.at, article.at) <= WINDOW]


def _stock(article: _Text, near: Iterable[_Text]) -> frozenset[int]:
    """The shingles that an article's publisher printed on another day, too."""
    printed = (
        wording(text.text).shingles
        for text in near
        if text.publisher == article.publisher
        and text.article_id != article.article_id
        and _apart(text.at, article.at) >= ANOTHER_DAY
    )
    return frozenset().union(*printed)


def _publishers(connection: sqlite3.Connection, ids: Sequence[int]) -> list[tuple[int, str | None]]:
    sql = "SELECT publisher FROM articles WHERE id = ?"
    found = ((article_id, connection.execute(sql, [article_id]).fetchone()) for article_id in ids)
    return [(article_id, row[0]) for article_id, row in found if row]


def _texts(connection: sqlite3.Connection, ids: Iterable[int]) -> list[_Text]:
    sql = f"SELECT id, publisher, {_AT}, text FROM articles WHERE id = ?"
    return [_Text(*row) for article_id in ids for row in connection.execute(sql, [article_id])]


def _kept(words: Wording) -> frozenset[int]:
    return frozenset(
        [number for number in words.shingles if number & _SAMPLE == 0]
        + [number for number in words.opening if number & _OPENING_SAMPLE == 0]
    )


def _sample(said: Said) -> frozenset[tuple[int, int]]:
    """Where an article's kept shingles lie."""
    text, at = said
    period = _period(at)
    return frozenset((period, number) for number in _kept(wording(text)))


def _period(at: str) -> int:
    """The number of the stretch of time, as long as `WINDOW`, that a moment is in."""
    return date.fromisoformat(at[:10]).toordinal() // WINDOW.days


def _apart(one: str, other: str) -> timedelta:
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other))

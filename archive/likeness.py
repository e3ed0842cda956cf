"""How much of one text stands in another, and whether that makes it a copy.

The words of a text, folded as for the search index, give overlapping *shingles* of five, each a 64-bit number (Broder:
On the resemblance and containment of documents, 1997). What counts is containment, the part of the shorter text's
shingles that the other has, because publishers cut and add. Three things beside it tell copies from what only looks so:

- the opening. Wires are cut from the end and carry the news at the top, so a copy has the opening of the other, or the
  other has its. What two days' reports of one story share is the background, at their ends.
- the figures. A form that is filled in anew each day (losses, weather, prices) keeps its sentences and has other
  figures throughout; an editor changes a few.
- how many shingles are shared at all: a sentence that both quote is no copy.

Thresholds were chosen on labelled pairs of texts written for it (`tests/archive/copies`). On pairs in seven languages
written afterwards precision was .973 and recall .973, on all pairs .984 and .989.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from struct import unpack
from typing import Self

from archive.search.folding import folded

METHOD = "shingles-2"  # of the rules below; stored beside what they found

_WIDTH = 5  # words of a shingle: four share many stock phrases, seven break at each edit of a light rewriting
_MAX_WORDS = 10_000  # of a text that are read
_OPENING = 60  # shingles of a text's opening: two sentences or three; of a short text the first third

MIN_SHARED = 15  # shingles; a sentence of nineteen words
MIN_CONTAINED = 0.3  # of the shorter text, where an opening is shared
MIN_OPENING = 0.2  # of an opening that stands in the other text
MIN_WITHOUT_OPENING = 0.65  # of the shorter text, where none is
_MIN_FIGURES = 4  # different ones in each text, from which on they say something
_MIN_SAME_FIGURES = 1 / 3  # of the fewer

# in "و61" ("and 61"), too: letter forms and digits of all scripts are folded
_FIGURE = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is compared: its shingles as signed 64-bit numbers, those of its opening, and its figures."""

    shingles: frozenset[int]
    opening: frozenset[int]
    figures: frozenset[str]

    def without(self, stock: frozenset[int]) -> Self:
        """The same without some shingles."""
        return replace(self, shingles=self.shingles - stock, opening=self.opening - stock) if stock else self


@lru_cache(maxsize=64)  # an article that is stored is compared with the same few, whose copies come in the same hour
def wording(text: str) -> Wording:
    """A text of fewer than five words has no shingles."""
    words = folded(text).split(" ")[:_MAX_WORDS]
    runs = map(" ".join, zip(*(words[place:] for place in range(_WIDTH)), strict=False))
    # BLAKE2b: no library's next version will change it
    digests = b"".join([blake2b(run, digest_size=8).digest() for run in map(str.encode, runs)])
    numbers = unpack(f">{len(digests) // 8}q", digests)
    figures = frozenset(_FIGURE.findall(" ".join(words)))
    return Wording(frozenset(numbers), frozenset(numbers[: min(_OPENING, -(-len(numbers) // 3))]), figures)


def likeness(one: Wording, other: Wording) -> float:
    """The part of the shorter text that stands in the other, 0 to 1; 0 where neither is a copy of the other."""
    shared = len(one.shingles & other.shingles)
    if shared < MIN_SHARED or _is_filled_in_anew(one.figures, other.figures):
        return 0.0
    contained = shared / min(len(one.shingles), len(other.shingles))
    opening = max(_part(one.opening, other.shingles), _part(other.opening, one.shingles))
    least = MIN_CONTAINED if opening >= MIN_OPENING else MIN_WITHOUT_OPENING
    return contained if contained >= least else 0.0


def _part(some: frozenset[int], whole: frozenset[int]) -> float:
    return len(some & whole) / len(some) if some else 0.0


def _is_filled_in_anew(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer = min(len(one), len(other))
    return fewer >= _MIN_FIGURES and len(one & other) < _MIN_SAME_FIGURES * fewer

"""How an extraction is held against gold. All measures lie in 0..1 and are averaged over pages.

Body: F1 of the multisets of 4-gram shingles; tokens are words, each CJK character its own. `benchmark_f1` is the
measure of article-extraction-benchmark (Scrapinghub, 2020): precision and recall averaged over pages, then their
harmonic mean.
"""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

# CJK ideographs, kana: scripts without spaces, where a character is what a word is elsewhere
TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shingles of one page: in both texts, only in ours, only in gold."""

    common: int
    extra: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what was extracted, how much is gold."""
        return self.common / (self.common + self.extra) if self.common + self.extra else 0.0

    @property
    def recall(self) -> float:
        """Of the gold, how much was extracted."""
        return self.common / (self.common + self.missed) if self.common + self.missed else 0.0

    @property
    def f1(self) -> float:
        """Their harmonic mean; 1 where both texts are empty."""
        if not self.common + self.extra + self.missed:
            return 1.0
        return 2 * self.common / (2 * self.common + self.extra + self.missed)


def overlap(gold: str, text: str) -> Overlap:
    """The shingles that two texts share."""
    wanted, found = shingles(gold), shingles(text)
    common = sum((wanted & found).values())
    return Overlap(common, sum(found.values()) - common, sum(wanted.values()) - common)


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """The n-grams of a text's tokens; a text shorter than n gives one of what it has."""
    tokens = TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[start : start + size]) for start in range(max(1, len(tokens) - size + 1)))


def benchmark_f1(overlaps: Sequence[Overlap]) -> float:
    """article-extraction-benchmark's F1 of a set."""
    precision = fmean([page.precision for page in overlaps if page.common + page.extra] or [0.0])
    recall = fmean([page.recall for page in overlaps if page.common + page.missed] or [0.0])
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def same_headline(gold: str, headline: str | None) -> bool:
    """Equal but for case, punctuation, accents' encoding and white space."""
    return headline is not None and _letters(gold) == _letters(headline)


def same_minute(gold: datetime, found: datetime | None) -> bool:
    """Within a minute, zone included."""
    return found is not None and found.tzinfo is not None and abs((found - gold).total_seconds()) <= 60


def names_found(gold: Iterable[str], found: Iterable[str]) -> tuple[int, int, int]:
    """Names in both, only found, only in gold; case and punctuation aside."""
    wanted, given = {_letters(name) for name in gold}, {_letters(name) for name in found}
    return len(wanted & given), len(given - wanted), len(wanted - given)


def segments_found(segments: Iterable[str], text: str) -> tuple[int, int]:
    """How many segments stand in the text, white space aside, and how many there are."""
    flat = " ".join(text.split())
    listed = [" ".join(segment.split()) for segment in segments]
    return sum(segment in flat for segment in listed), len(listed)


def interval(values: Sequence[float], *, rounds: int = 1000) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean (Efron 1979, percentile method), with a fixed seed."""
    draw = random.Random(0)
    means = sorted(fmean(draw.choices(values, k=len(values))) for _ in range(rounds))
    return means[int(rounds * 0.025)], means[int(rounds * 0.975)]


def _letters(text: str) -> str:
    """Letters and digits in lower case, one space between words; soft hyphens and other marks nobody sees part none."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(re.findall(r"\w+", seen.lower()))

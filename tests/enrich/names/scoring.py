"""Labelled sentences and how far the rules agree with them."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from archive.gazetteer import Spot, places, spots
from crawler.enrich import names

FOLDER = Path(__file__).parent
GROUPS = {
    "ar": "Arabic script",
    "fa": "Arabic script",
    "ru": "Cyrillic",
    "uk": "Cyrillic",
    "zh": "Chinese",
    "he": "Hebrew",
}


@dataclass(slots=True)
class Tally:
    """Right and wrong claims (`sure` only), and what was not found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def sentences(file: str) -> list[tuple[str, dict[str, str]]]:
    """Language and fields of each sentence."""
    parsed = tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))
    return [(language, sentence) for language, listed in parsed.items() for sentence in listed]


def term(label: str) -> str:
    """`Khanaser`, `Tripoli LB`, `lachin-corridor` → the term of that place: of two, the largest."""
    if label in spots():
        return label
    name, _, country = label.rpartition(" ")
    found = _spots_by_form().get(label) or [
        spot for spot in _spots_by_form().get(name, ()) if spot.country == country
    ]  # fmt: skip
    if not found:
        return f"?{label}"  # none that the vocabulary has: missed, whatever the rules do
    return max(found, key=lambda spot: (spot.label == label, spot.curated, spot.population)).term


@cache
def _spots_by_form() -> dict[str, list[Spot]]:
    found: dict[str, list[Spot]] = defaultdict(list)
    for spot in spots().values():
        found[spot.label].append(spot)
    for place in places():
        for form in {place.name, *place.forms}:
            found[form].append(spots()[str(place.id)])
    return found


def score(file: str, *, strict: bool = False) -> dict[tuple[str, str], Tally]:
    """By kind and group of scripts. `strict`: to leave open which place is meant is wrong where none is."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for language, sentence in sentences(file):
        found = names.find(headline=None, lede=None, text=sentence["text"], language=language)
        group = GROUPS.get(language, "Latin")
        wanted = {
            "actor": {part.strip() for part in sentence.get("actors", "").split(",") if part.strip()},
            "place": {term(part.strip()) for part in sentence.get("places", "").split(",") if part.strip()},
        }
        open_ = {term(part.strip()) for part in sentence.get("ambiguous", "").split(",") if part.strip()}
        for kind, expected in wanted.items():
            claimed = {mention.term for mention in found if mention.kind == kind and mention.certainty == "sure"}
            if strict:
                unnamed = {mention.term for mention in found if mention.kind == kind} - expected - open_
                labels = {spots()[place].label for place in expected | open_ if place in spots()}
                claimed |= {place for place in unnamed if kind == "actor" or spots()[place].label not in labels}
            tally = tallies[kind, group]
            tally.right += len(claimed & expected)
            tally.wrong += len(claimed - expected)
            tally.missed += len(expected - claimed - open_)
            if claimed != expected:
                unsure = [mention.label for mention in found if mention.kind == kind and mention.certainty != "sure"]
                tally.notes.append(
                    f"{kind} {language}: {sentence['text']} wrong {sorted(claimed - expected)} "
                    f"missed {sorted(expected - claimed)} ambiguous {unsure}"
                )
    return tallies

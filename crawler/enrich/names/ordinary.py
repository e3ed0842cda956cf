"""Words that are spelled like a place and are something else besides: floods, an army, somebody's name."""

import re
from enum import Enum
from functools import cache
from importlib.resources import files

from crawler.enrich.names.hits import Hit, has_ending_apart, is_cased, is_of_a_kind
from crawler.enrich.names.reading import spelled

# Комсомольская улица: of Комсомольск it is no case
_ADJECTIVE = re.compile("(?:[иыо]й|[ая]я|[ое]е|[иы]е|[ое]го|[ое]му|[иы]м|[иы]ми|[иы]х|[ую]ю|[ое]й)\\Z")
# those that have been looked through; in another, which may well have borrowed it, a word of any of them is one
_LANGUAGES = frozenset(("ar", "de", "en", "es", "fa", "fr", "he", "it", "pt", "ru", "tr", "uk", "ur", "zh", "ja"))


_PARTICLE = frozenset("وفبلكובלמכש")
_PARTICLES = 2  # at most: and, in
_LEAST = 2  # letters that they leave


class Sense(Enum):
    """What a word of a language is besides a place, as `ordinary.tsv` has it."""

    WORD = "word"  # a noun, a verb, a number; where there are capitals, it has one only where a sentence begins
    NAME = "name"  # a person's, a firm's
    OTHER = "other"  # with other letters than the place: a particle taken off, an ending: never the place


def sense(hit: Hit, language: str | None) -> Sense | None:
    """What else the word is, at its place in the text; None where it is nothing else."""
    if hit.last - hit.first > 1:
        return None
    if hit.entry.declined and _ADJECTIVE.search(hit.raw.lower()) and not is_of_a_kind(hit):
        return Sense.OTHER
    meant = _meanings(spelled(hit.reading.raw(hit.first)))
    if not meant:
        return None
    found = meant.get(language or "") if language in _LANGUAGES else next(iter(meant.values()))
    if found is Sense.WORD and is_cased(hit.raw) and not (hit.part == "headline" or hit.reading.begins(hit.first)):
        return None
    if found is Sense.WORD and has_ending_apart(hit, language):
        return None
    return found


def _meanings(word: str) -> dict[str, Sense] | None:
    """Of the word, or of what is left behind its particles: وسار, "and went", for سار."""
    known = ordinary()
    at = 0
    while word[at:] not in known and at < _PARTICLES and word[at : at + 1] in _PARTICLE and len(word) - at > _LEAST:
        at += 1
    return known.get(word[at:])


@cache
def ordinary() -> dict[str, dict[str, Sense]]:
    """By word, as `spelled` has it, and language."""
    found: dict[str, dict[str, Sense]] = {}
    with files(__package__).joinpath("ordinary.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                language, meant, words = line.rstrip("\n").split("\t")
                for word in words.split():
                    found.setdefault(word, {})[language] = Sense(meant)
    return found

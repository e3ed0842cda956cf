"""Words that are spelled like a place and are something else besides: floods, an army, somebody's name."""

from enum import Enum
from functools import cache
from importlib.resources import files

from crawler.enrich.names.hits import Hit, has_ending_apart, is_cased
from crawler.enrich.names.reading import spelled


class Sense(Enum):
    """What a word of a language is besides a place, as `ordinary.tsv` has it."""

    WORD = "word"  # a noun, a verb, a number; where there are capitals, it has one only where a sentence begins
    NAME = "name"  # a person's, a firm's
    OTHER = "other"  # with other letters than the place: a particle taken off, an ending: never the place


def sense(hit: Hit, language: str | None) -> Sense | None:
    """What else the word is, at its place in the text; None where it is nothing else."""
    if hit.last - hit.first > 1:
        return None
    meant = ordinary().get(spelled(hit.reading.raw(hit.first)))
    found = meant.get(language or "", None if language else next(iter(meant.values()))) if meant else None
    if found is Sense.WORD and is_cased(hit.raw) and not (hit.part == "headline" or hit.reading.begins(hit.first)):
        return None
    if found is Sense.WORD and has_ending_apart(hit, language):
        return None
    return found


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

"""What a short text is about, by the small words of more than fifty languages: wording.toml.

A wall and a short report differ less by their subject (there are articles about cookies, captchas and missing pages)
than by their manner: a wall speaks to the reader and of the page; a report says who said what, on which day. Both show
in closed classes of words, so a few word beginnings a language suffice. The language is the one whose words occur most;
nothing else is asked for it.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from crawler.enrich.letters import Letters

_ANY = "any"  # the words that all languages have taken over
_STRAY = 2  # words of another language that a text may hold by chance
# Languages that are read by the words of another
_SIBLINGS = {"hr": "sr", "bs": "sr", "sh": "sr", "nb": "no", "nn": "no", "ms": "id", "gl": "pt"}
_LONGEST = 2_500  # characters that are looked at: more than any wall needs
# Scripts whose words are not parted by spaces: Thai, Lao, Myanmar; Khmer; kana, Han; and Hangul, which compounds.
_JOINED = ((0x0E00, 0x109F), (0x1780, 0x17FF), (0x1100, 0x11FF), (0x3040, 0x9FFF), (0xAC00, 0xD7FF))
# Articles, prepositions and conjunctions that Arabic and Hebrew write in front of a word: "وبالمتصفح", "ושהדף".
_PREFIXES = frozenset(
    ("و", "ف", "ب", "ل", "ك", "س", "ي", "ت", "ال", "وال", "بال", "فال", "كال", "لل", "ولل", "وبال", "وكال", "وب", "ول",
     "وي", "وت", "سي",
     "ה", "ו", "ב", "ל", "מ", "ש", "כ", "וה", "שה", "בה", "לה", "מה", "וב", "ול", "ומ", "וש", "כש")
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The concepts that a text touches, and by how many different words."""

    counts: Mapping[str, int] = field(default_factory=dict)
    language: str | None = None

    def __getitem__(self, concept: str) -> int:
        return self.counts.get(concept, 0)

    def any(self, *concepts: str) -> bool:
        """Whether one of `concepts` is touched."""
        return any(self[concept] for concept in concepts)

    def breadth(self, *concepts: str) -> int:
        """How many of `concepts` are touched."""
        return sum(self[concept] > 0 for concept in concepts)

    def total(self, *concepts: str) -> int:
        """How many different words of all `concepts` occur."""
        return sum(self[concept] for concept in concepts)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stem:
    text: str
    language: str
    concept: str
    joined: bool


def evened(text: str) -> str:
    """The words of `text` without case, accents and punctuation, parted and surrounded by single spaces."""
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())
    if not text.isascii():
        text = unicodedata.normalize("NFC", _UNMARKED.of(text))
    return f" {' '.join(_PARTED.of(text).split())} "


_UNMARKED = Letters(lambda letter: "" if unicodedata.category(letter) in {"Mn", "Cf"} else letter)
_PARTED = Letters(lambda letter: letter if letter.isalnum() else " ")


def words(*texts: str, language: str | None = None, likely: str | None = None) -> Words:
    """The concepts in `texts`, read in `language`, or in that of which most words occur.

    `likely` is what other evidence names: a word or two that another language has as well do not outvote it
    ("contact" is Portuguese, too).
    """
    found = _concepts(" \n ".join(texts)[:_LONGEST])
    everywhere = found.get(_ANY, {})
    found = {name: concepts for name, concepts in found.items() if name != _ANY}
    if language is None:
        counts = {name: sum(map(len, concepts.values())) for name, concepts in found.items()}
        language = max(counts, key=counts.__getitem__, default=None)
        likely = _SIBLINGS.get(likely or "", likely)
        if likely is not None and (language is None or counts[language] <= counts.get(likely, 0) + _STRAY):
            language = likely
    chosen = found.get(language or "", {})
    counted = {name: len(chosen.get(name, set()) | everywhere.get(name, set())) for name in (*chosen, *everywhere)}
    return Words(counts=counted, language=language)


@lru_cache(maxsize=16)  # of one page the same texts are looked at for several reasons
def _concepts(text: str) -> Mapping[str, Mapping[str, Set[str]]]:
    """The words that occur in a text by language and concept."""
    found: dict[str, dict[str, set[str]]] = {}
    for stem in _stems().occurring(evened(text)):
        found.setdefault(stem.language, {}).setdefault(stem.concept, set()).add(stem.text)
    return found


class _Stems:
    """All stems as one automaton (Aho and Corasick, Efficient String Matching, CACM 18, 1975)."""

    def __init__(self, stems: Iterable[_Stem]) -> None:
        self._stems = tuple(stems)
        numbers: dict[str, list[int]] = {}
        for number, stem in enumerate(self._stems):
            numbers.setdefault(stem.text, []).append(number)
        self._numbers = tuple(map(tuple, numbers.values()))
        self._automaton = AhoCorasick(
            numbers, matchkind=MatchKind.Standard, store_patterns=False, implementation=Implementation.ContiguousNFA
        )

    def occurring(self, text: str) -> Iterator[_Stem]:
        """The stems that occur in evened text, in the order in which they stand there and in wording.toml."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        for place, number in sorted((place, number) for at, place, _ in found for number in self._numbers[at]):
            stem = self._stems[number]
            before = text[text.rfind(" ", 0, place) + 1 : place]
            if not before or stem.joined or before in _PREFIXES:
                yield stem


@cache
def _stems() -> _Stems:
    data = tomllib.loads(files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))
    return _Stems(
        _stem(entry, language, concept)
        for language, concepts in data.items()
        for concept, listed in concepts.items()
        for entry in listed.split()
    )


def _stem(entry: str, language: str, concept: str) -> _Stem:
    """One word beginning as wording.toml lists it: "not+found", "you_"."""
    text = evened(entry.replace("+", " ").replace("_", " "))[1:]
    if not entry.endswith(("_", "+")):
        text = text.rstrip()
    joined = any(low <= ord(text[0]) <= high for low, high in _JOINED)
    return _Stem(text=text.rstrip() if joined else text, language=language, concept=concept, joined=joined)

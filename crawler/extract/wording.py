"""What a short text is about, by the small words of more than fifty languages: wording.toml.

A wall and a short report differ less by their subject (there are articles about cookies, captchas and missing pages)
than by their manner: a wall speaks to the reader and of the page; a report says who said what, on which day. Both show
in closed classes of words, so a few word beginnings a language suffice. The language is the one whose words occur most;
nothing else is asked for it.
"""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

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
    kept = (char for char in text if unicodedata.category(char) not in {"Mn", "Cf"})
    text = unicodedata.normalize("NFC", "".join(kept))
    return f" {' '.join(''.join(char if char.isalnum() else ' ' for char in text).split())} "


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
    for stem in _occurring(evened(text)):
        found.setdefault(stem.language, {}).setdefault(stem.concept, set()).add(stem.text)
    return found


def _occurring(text: str) -> Iterator[_Stem]:
    """The stems that occur in evened text. One look-up a character; few stems share their first two."""
    stems = _stems()
    for place in range(len(text) - 1):
        single, pair = stems.get(text[place]), stems.get(text[place : place + 2])
        for stem in (*(single or ()), *(pair or ())) if single or pair else ():
            begins = text[place - 1] == " " or stem.joined or text[text.rfind(" ", 0, place) + 1 : place] in _PREFIXES
            if begins and text.startswith(stem.text, place):
                yield stem


@cache
def _stems() -> dict[str, tuple[_Stem, ...]]:
    """All stems by their first two characters."""
    data = tomllib.loads(files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))
    found: dict[str, list[_Stem]] = {}
    for language, concepts in data.items():
        for concept, listed in concepts.items():
            for entry in listed.split():
                text = evened(entry.replace("+", " ").replace("_", " "))[1:]
                if not entry.endswith(("_", "+")):
                    text = text.rstrip()
                joined = any(low <= ord(text[0]) <= high for low, high in _JOINED)
                stem = _Stem(text=text.rstrip() if joined else text, language=language, concept=concept, joined=joined)
                found.setdefault(stem.text[:2], []).append(stem)
    return {start: tuple(stems) for start, stems in found.items()}

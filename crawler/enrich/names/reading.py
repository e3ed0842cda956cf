"""A text as the automaton reads it: one folded word behind the other, each with its place in the text.

Words that are parted by spaces stand between two spaces, so that a name is found only whole (` islamic  state `); of
scripts without spaces each letter is a word and stands bare (`阿勒颇市`).
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from archive.search import folding

_ARABIC = re.compile("[\u0600-\u06ff]")
_HEBREW = re.compile("[\u0590-\u05ff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_CLITICS = "بلفكو"  # in, to, so, like, and: written together with the following word
_HEBREW_PREFIX = re.compile("(?:ו?(?:כש|של|מה|[בלמהשכ])|ו)")  # and, when, of, in, to, from, the, that, like
# Halep'te, PKK'nın: Turkish case endings behind the apostrophe of a name
_TURKISH = re.compile(r"(?<=[^\W\d_])['’](?:[dt][ae](?:n|ki\w*)?|n?[ıiuü]n?|y?[aeıiuü]|y?l[ae]|l[ıiuü]\w*|nd[ae]n?)\Z")
_SENTENCE_END = re.compile(r"[.!?؟۔。！？](?=[\s\"”»)]|\Z)|[。！？]|\n")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: `text[start:end]`, and its folded form."""

    key: str
    start: int
    end: int


class Reading:
    """A text and what the automaton sees of it."""

    __slots__ = ("_ends", "_offsets", "joined", "text", "words")

    def __init__(self, text: str, words: list[Word], joined: str, offsets: list[int]) -> None:
        self.text = text
        self.words = words
        self.joined = joined
        self._offsets = offsets
        self._ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The words, `first` to before `last`, that stand at `joined[start:end]`."""
        return bisect_right(self._offsets, start) - 1, bisect_left(self._offsets, end)

    def raw(self, at: int) -> str:
        """A word as the text has it; empty beyond its ends."""
        if not 0 <= at < len(self.words):
            return ""
        return self.text[self.words[at].start : self.words[at].end]

    def key(self, at: int) -> str:
        """A word as it is compared; empty beyond the text's ends."""
        return self.words[at].key if 0 <= at < len(self.words) else ""

    def gap(self, at: int) -> str:
        """What stands between a word and the one before it."""
        if not 0 < at < len(self.words):
            return "\n"
        return self.text[self.words[at - 1].end : self.words[at].start]

    def sentence(self, at: int) -> int:
        """The number of the sentence that a word stands in."""
        if self._ends is None:
            self._ends = [match.start() for match in _SENTENCE_END.finditer(self.text)]
        return bisect_left(self._ends, self.words[at].end)

    def begins(self, at: int) -> bool:
        """Whether a sentence or quotation begins with this word, whose capital then says nothing."""
        return at == 0 or not self.gap(at).isspace() and not set(self.gap(at)) <= set(" ,-–/'’")


# حوثی‌ها, the Houthis: Persian endings behind the joiner of no width
_PERSIAN = re.compile("\u200c(?:ها|های|هایی|هایش|ای|اند|اش|ی)\\Z")


def read(text: str, language: str | None = None, known: frozenset[str] = frozenset()) -> Reading:
    """Read a text. `language` (ISO 639-1): in Turkish what stands behind an apostrophe is an ending.

    `known`: the words of names; an Arabic or Hebrew one with a particle before it is read without that.
    """
    turkish = language in ("tr", "az")
    words: list[Word] = []
    pieces: list[str] = []
    offsets: list[int] = []
    length = 0
    for match in folding.WORD.finditer(text):
        found, start = match[0], match.start()
        if found.isascii() and found.isalnum():
            read_as: tuple[tuple[str, int, int], ...] = ((found.lower(), 0, len(found)),)
        else:
            if turkish:
                found = _TURKISH.sub("", found)
            elif "\u200c" in found:
                found = _PERSIAN.sub("", found)
            read_as = _keys(found)
        for key, begin, end in read_as:
            bare = len(key) == 1 and folding.is_unspaced(key)
            if not bare and known and key not in known and not key.isascii():
                key = _without_particle(key, known)
            words.append(Word(key, start + begin, start + end))
            offsets.append(length)
            piece = key if bare else f" {key} "
            pieces.append(piece)
            length += len(piece)
    return Reading(text, words, "".join(pieces), offsets)


def joined(folded: str) -> str:
    """What a name of spaced words looks like, from its folded words parted by single spaces."""
    return f" {folded.replace(' ', '  ')} "


@lru_cache(maxsize=20_000)
def _keys(word: str) -> tuple[tuple[str, int, int], ...]:
    found = ((_key(part), start, end) for part, start, end in folding.parts(word))
    return tuple((key, start, end) for key, start, end in found if key)


def _key(part: str) -> str:
    if len(part) == 1 and folding.is_unspaced(part):
        return part
    return folding.bare(part) if _ARABIC.search(part) else folding.fold(part)


def _without_particle(key: str, known: frozenset[str]) -> str:
    if key[0] in _CLITICS and len(key) > 3:
        if key[1:] in known:
            return key[1:]
        if key[0] == "و" and key[1] in _CLITICS and key[2:] in known:
            return key[2:]
    elif _HEBREW.match(key):
        prefix = _HEBREW_PREFIX.match(key)
        if prefix and key[prefix.end() :] in known:
            return key[prefix.end() :]
    return key


# By the ending of a name's first case, the endings that its others have: Газа is no Газ and has no Газом, Сумы no Сума.
_FEMININE = frozenset(("а", "я", "ы", "и", "е", "і", "ї", "у", "ю", "ою", "ой", "ею", "ей", "єю", "о"))
_PLURAL = frozenset(("", "ы", "и", "і", "ї", "ам", "ами", "ах", "ям", "ями", "ях", "ів", "ов", "ев"))
_MASCULINE = frozenset(("", "а", "я", "у", "ю", "ом", "ем", "єм", "е", "і", "ї", "и", "ові", "еві", "ь", "ью", "й"))
_NEUTER = frozenset(
    ("о", "е", "є", "а", "я", "у", "ю", "ом", "ем", "им", "ім", "ого", "ому", "и", "і", "ье", "ья", "ью", "ьем", "ям")
)
_ADJECTIVE = ("ий", "ый", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "не", "ське", "ська", "ьке", "цьке")
_POSSESSIVE = re.compile("(?:[оеєії]в)(?=[аяуюоеиі]|\\Z)")  # Харків, Харькова: the search index takes it off


def ending_of(form: str) -> str:
    """The ending of a Cyrillic name's first case, with the letter before it; empty for other scripts."""
    if not _CYRILLIC.match(form):
        return ""
    plain, stem = folding.bare(form), folding.fold(form)
    return plain[max(len(stem) - 1, 0) :] if plain.startswith(stem) else ""


def is_adjective(ending: str) -> bool:
    """Whether a name declines as an adjective: Андреевское, Гродненская. Beside any noun it may be one."""
    return ending.endswith(_ADJECTIVE)


def is_inflected(ending: str, word: str) -> bool:
    """Whether a Cyrillic `word` of a text is a case of the name with the same stem whose first case ends in `ending`.

    True where `ending` says nothing, and of names that decline as adjectives, whose cases are many.
    """
    if not ending or is_adjective(ending):
        return True
    plain, stem = folding.bare(word), folding.fold(word)
    if not plain.startswith(stem):  # Маріїнці, of Маріїнка
        return True
    found = plain[len(stem) :]
    if found == ending[1:]:
        return True
    if possessive := _POSSESSIVE.match(found):
        found = found[possessive.end() :]
        if _POSSESSIVE.match(ending, 1) is None:
            return False
    if ending[-1] in "ая":
        return found in _FEMININE
    if ending[-1] in "ыиії":
        return found in _PLURAL
    if ending[-1] in "оеє":
        return found in _NEUTER
    return found in _MASCULINE

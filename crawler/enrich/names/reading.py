"""A text as the automaton reads it: one folded word behind the other, each with its place in the text.

Words that are parted by spaces stand between two spaces, so that a name is found only whole (` islamic  state `); of
scripts without spaces each letter is a word and stands bare (`阿勒颇市`).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import cast

from archive.search import folding

_ARABIC = re.compile("[\u0600-\u06ff]")
_HEBREW = re.compile("[\u0590-\u05ff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_CLITICS = "بلفكو"  # in, to, so, like, and: written together with the following word
# and, when, that, like, in, to, from, of: ובדמשק, שבסוריה. No article: a name has its own (הגולן) or none
_HEBREW_PREFIX = re.compile("(?=.)ו?(?:כש|ש)?(?:של|[בלמכ])?")
_ARTICLE = re.compile("\\A[وف]?(?:[بكف]?[اأإآٱ]|ل)ل(?=..)")  # الرقة, بالرقة, وللرقة
_SAME_LETTERS = str.maketrans("یکىۀہھے", "يكيههه\u064a") | dict.fromkeys(map(ord, "\u200c\u200d\u200e\u200f"))
_VOWELS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
# Halep'te, PKK'nın: Turkish case endings behind the apostrophe of a name
_TURKISH = re.compile(r"(?<=[^\W\d_])['’](?:[dt][ae](?:n|ki\w*)?|n?[ıiuü]n?|y?[aeıiuü]|y?l[ae]|l[ıiuü]\w*|nd[ae]n?)\Z")
_WITHIN = frozenset(" \u00a0,-–/'’")  # what stands between words of one clause
_SENTENCE_END = re.compile(r"[.!?؟۔。！？](?=[\s\"”»)]|\Z)|[。！？]|\n")


class Reading:
    """A text and what the automaton sees of it.

    `parts` are what stands before a word and the word in turn, and last what stands behind all of them; `pieces` what
    the words are read as. Where they stand is reckoned when it is asked for: many captions hold no name.
    """

    def __init__(self, text: str, parts: Sequence[str], pieces: Sequence[str]) -> None:
        self.text = text
        self.joined = "".join(pieces)
        self._parts = parts
        self._pieces = pieces

    @cached_property
    def _ends(self) -> Sequence[int]:
        """Where in the text each of the parts ends."""
        return list(accumulate(map(len, self._parts)))

    @cached_property
    def _offsets(self) -> Sequence[int]:
        return list(accumulate(map(len, self._pieces), initial=0))

    @cached_property
    def _joints(self) -> Sequence[int]:
        return [match.start() for match in _SENTENCE_END.finditer(self.text)]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The words, `first` to before `last`, that stand at `joined[start:end]`."""
        return bisect_right(self._offsets, start) - 1, bisect_left(self._offsets, end)

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Where in the text the words `first` to before `last` stand."""
        return self._ends[2 * first], self._ends[2 * last - 1]

    def raw(self, at: int) -> str:
        """A word as the text has it; empty beyond its ends."""
        return self._parts[2 * at + 1] if 0 <= at < len(self._pieces) else ""

    def key(self, at: int) -> str:
        """A word as it is compared; empty beyond the text's ends."""
        return self._pieces[at].strip() if 0 <= at < len(self._pieces) else ""

    def gap(self, at: int) -> str:
        """What stands between a word and the one before it."""
        return self._parts[2 * at] if 0 < at < len(self._pieces) else "\n"

    def sentence(self, at: int) -> int:
        """The number of the sentence that a word stands in."""
        return bisect_left(self._joints, self._ends[2 * at + 1])

    def begins(self, at: int) -> bool:
        """Whether a sentence or quotation begins with this word, whose capital then says nothing."""
        return at == 0 or not set(self.gap(at)) <= _WITHIN


# حوثی‌ها, the Houthis: Persian endings behind the joiner of no width
_PERSIAN = re.compile("\u200c(?:ها|های|هایی|هایش|ای|اند|اش|ی)\\Z")


class _Seen(dict[str, str | None]):
    """Words and what each is read as, most of which come again and again; None for one that is read as several."""

    def __init__(self, known: frozenset[str], *, turkish: bool) -> None:
        self._known = known
        self._turkish = turkish

    def __missing__(self, word: str) -> str | None:
        parts = self.parts(word)
        if len(parts) != 1:
            return None
        piece = self[word] = parts[0][0]
        return piece

    def parts(self, word: str) -> list[tuple[str, int, int]]:
        """What a word is read as, each piece with its span."""
        return _parts(word, self._known, turkish=self._turkish)


_SEEN: dict[tuple[bool, bool], _Seen] = {}
_MANY = 20_000
_WORD = re.compile(f"({folding.WORD.pattern})")


def forget() -> None:
    """Let go of the words that were read so far."""
    _SEEN.clear()


def read(text: str, language: str | None = None, known: frozenset[str] = frozenset()) -> Reading:
    """Read a text. `language` (ISO 639-1): in Turkish what stands behind an apostrophe is an ending.

    `known`: the words of names; an Arabic or Hebrew one with a particle before it is read without that.
    """
    turkish = language in ("tr", "az")
    seen = _SEEN.get((turkish, bool(known)))
    if seen is None or len(seen) > _MANY:
        seen = _SEEN[turkish, bool(known)] = _Seen(known, turkish=turkish)
    parts = _WORD.split(text)
    pieces = list(map(seen.__getitem__, parts[1::2]))
    if None in pieces:
        return _read_apart(text, parts, pieces, seen)
    return Reading(text, parts, cast(list[str], pieces))


def _read_apart(text: str, parts: Sequence[str], pieces: Sequence[str | None], seen: _Seen) -> Reading:
    """A text with words that are read as several: `l'armée`, `阿勒颇`."""
    found: list[str] = []
    read_as: list[str] = []
    gap = ""  # what is not read since the last word
    for before, word, piece in zip(parts[::2], parts[1::2], pieces, strict=False):
        gap, last = gap + before, 0
        for part, start, end in [(piece, 0, len(word))] if piece is not None else seen.parts(word):
            found += (gap + word[last:start], word[start:end])
            read_as.append(part)
            gap, last = "", end
        gap += word[last:]
    return Reading(text, [*found, gap + parts[-1]], read_as)


def _parts(word: str, known: frozenset[str], *, turkish: bool) -> list[tuple[str, int, int]]:
    """What a word is read as, each piece with its span."""
    whole = len(word)
    if turkish:
        word = _TURKISH.sub("", word)
    elif "\u200c" in word:
        word = _PERSIAN.sub("", word)
    found = [(_piece(part, known), start, end) for part, start, end in folding.parts(word)]
    if len(found) == 1:
        return [(found[0][0], 0, whole)]
    return [part for part in found if part[0].strip()]


def _piece(part: str, known: frozenset[str]) -> str:
    if part.isascii() and part.isalnum():
        return f" {part.lower()} "
    if len(part) == 1 and folding.is_unspaced(part):
        return part
    key = folding.bare(part) if _ARABIC.search(part) else folding.fold(part)
    if known and key and key not in known and not key.isascii():
        key = _without_particle(key, known)
    return f" {key} " if key else ""


def joined(folded: str) -> str:
    """What a name of spaced words looks like, from its folded words parted by single spaces."""
    return f" {folded.replace(' ', '  ')} "


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


def spelled(word: str) -> str:
    """A word as its language spells it, for lists of words: without case and ending; Arabic with hamza and clitics."""
    plain = folding.bare(word) if word[:1] < "\u0590" else _VOWELS.sub("", word)
    return plain.translate(_SAME_LETTERS)


def articles(words: Iterable[str]) -> str:
    """Which of these Arabic words have the article: `دير الزور` → "01"."""
    return "".join("1" if _ARTICLE.match(_VOWELS.sub("", word)) else "0" for word in words)


# By the ending of a name's first case, the endings that its others have: Газа is no Газ and has no Газом, Сумы no Сума.
_FEMININE = frozenset(("а", "я", "ы", "и", "е", "і", "ї", "у", "ю", "ою", "ой", "ею", "ей", "єю", "о"))
# горки, горок: between the last two consonants of such a plural comes a vowel where the ending is none, but сумы, сум
_FLEETING = re.compile("[^аеёиоуыэюяієї]к\\Z")
_PLURAL = frozenset(("", "ы", "и", "і", "ї", "ам", "ами", "ах", "ям", "ями", "ях", "ів", "ов", "ев"))
_MASCULINE = frozenset(("", "а", "я", "у", "ю", "ом", "ем", "єм", "е", "і", "ї", "и", "ові", "еві", "ь", "ью", "й"))
_NEUTER = frozenset(
    ("о", "е", "є", "а", "я", "у", "ю", "ом", "ем", "им", "ім", "ого", "ому", "и", "і", "ье", "ья", "ью", "ьем", "ям")
)
_ADJECTIVES = {  # Андреевское is no Андреевская
    "ое ее не ке": "ое ее е ого его ому ему ом ем ім ым им",
    "ая яя ка": "ая яя а ой ей ої ую юю у ою ею ій",
    "ий ый ой": "ий ый ой ого его ому ему ым им ом ем ім",
    "ые ие": "ые ие ых их ым им ыми ими",
}
_CASES = {"ая": _FEMININE, "ыиії": _PLURAL, "оеє": _NEUTER}
_ADJECTIVE = ("ий", "ый", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "не", "ське", "ська", "ьке", "цьке")
_POSSESSIVE = re.compile("(?:[оеєії]в)(?=[аяуюоеиі]|\\Z)")  # Харків, Харькова: the search index takes it off


def ending_of(form: str, stem: str) -> str:
    """The ending of a Cyrillic name's first case, with the letter before it; `stem` is the name folded."""
    plain = folding.bare(form)
    return plain[max(len(stem) - 1, 0) :] if plain.startswith(stem) else ""


def is_adjective(ending: str) -> bool:
    """Whether a name declines as an adjective: Андреевское, Гродненская. Beside any noun it may be one."""
    return ending.endswith(_ADJECTIVE)


def is_inflected(ending: str, word: str) -> bool:
    """Whether a Cyrillic `word` of a text is a case of the name with the same stem whose first case ends in `ending`.

    True where `ending` says nothing.
    """
    plain, stem = folding.bare(word), folding.fold(word)
    found = plain[len(stem) :]
    if not ending or not plain.startswith(stem) or found == ending[1:]:  # Маріїнці, of Маріїнка
        return True
    if is_adjective(ending):
        return any(
            ending.endswith(tuple(first.split())) and found in rest.split() for first, rest in _ADJECTIVES.items()
        )
    possessive = _POSSESSIVE.match(found)
    if possessive is not None:
        found = found[possessive.end() :]
    cases = next((cases for last, cases in _CASES.items() if ending[-1] in last), _MASCULINE)
    if not found and cases is _PLURAL and _FLEETING.search(stem):
        return False
    return found in cases and (possessive is None) == (_POSSESSIVE.match(ending, 1) is None)

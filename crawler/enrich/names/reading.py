"""A text as names are sought in it: one folded word behind the other, each with its place in the text.

Of scripts without spaces each letter is a word (`阿`, `勒`, `颇`), and `l'armée` is read as two.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from typing import TYPE_CHECKING

from archive.search import folding

if TYPE_CHECKING:
    from crawler.enrich.names.lexicon import Lexicon

_words, _marks = itemgetter(0), itemgetter(1)

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
_SENTENCE_END = re.compile(r"[.!?؟۔。！？\n](?:(?<=[。！？\n])|(?=[\s\"”»)]|\Z))")

_Span = tuple[int, int]


class Reading:
    """A text and the words it is read as. Where they stand is reckoned when it is asked for: few are names."""

    def __init__(self, text: str, seen: "_Seen") -> None:
        self.text = text
        self._spaced = text.split(" ")  # no word has a space in it, and none depends on what stands behind one
        self._read_as = list(map(seen.__getitem__, self._spaced))
        self.words = tuple(chain.from_iterable(map(_words, self._read_as)))
        self.behind = tuple(chain.from_iterable(map(_marks, self._read_as)))  # each of them, as the lexicon has it
        self._spans: dict[int, _Span] = {}

    @cached_property
    def _firsts(self) -> Sequence[int]:
        """By what stands between two spaces, the number of its first word."""
        return list(accumulate(map(len, map(_words, self._read_as)), initial=0))

    @cached_property
    def _lengths(self) -> Sequence[int]:
        """How many letters stand before it, those spaces not counted."""
        return list(accumulate(map(len, self._spaced), initial=0))

    @cached_property
    def _joints(self) -> Sequence[int]:
        return [match.start() for match in _SENTENCE_END.finditer(self.text)]

    def _span(self, at: int) -> tuple[int, int]:
        """Where in the text a word stands."""
        if (known := self._spans.get(at)) is None:
            number = bisect_right(self._firsts, at) - 1
            before = self._lengths[number] + number
            start, end = self._read_as[number][2][at - self._firsts[number]]
            known = self._spans[at] = before + start, before + end
        return known

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Where in the text the words `first` to before `last` stand."""
        return self._span(first)[0], self._span(last - 1)[1]

    def raw(self, at: int) -> str:
        """A word as the text has it; empty beyond its ends."""
        if not 0 <= at < len(self.words):
            return ""
        start, end = self._span(at)
        return self.text[start:end]

    def key(self, at: int) -> str:
        """A word as it is compared; empty beyond the text's ends."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    def gap(self, at: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self._span(at - 1)[1] : self._span(at)[0]] if 0 < at < len(self.words) else "\n"

    def sentence(self, at: int) -> int:
        """The number of the sentence that a word stands in."""
        return bisect_left(self._joints, self._span(at)[1])

    def begins(self, at: int) -> bool:
        """Whether a sentence or quotation begins with this word, whose capital then says nothing."""
        return at == 0 or not set(self.gap(at)) <= _WITHIN


# حوثی‌ها, the Houthis: Persian endings behind the joiner of no width
_PERSIAN = re.compile("\u200c(?:ها|های|هایی|هایش|ای|اند|اش|ی)\\Z")


_Parts = tuple[tuple[str, ...], tuple[Set[str], ...], tuple[_Span, ...]]


class _Seen(dict[str, _Parts]):
    """What stands between two spaces (`Aleppo,`, `(l'armée`): the words it is read as, what of names may stand behind
    each of them, and where in it they stand.

    Most of it comes again and again, and to part a text by spaces takes a twentieth of what it takes to find its words.
    """

    def __init__(self, names: "Lexicon | None", *, turkish: bool) -> None:
        self._names = names
        self._turkish = turkish
        self._spans: dict[tuple[_Span, ...], tuple[_Span, ...]] = {}  # a few thousand: a word of five letters, …

    def __missing__(self, spaced: str) -> _Parts:
        word = spaced.strip(_SIGNS)
        if word.isascii() and word.isalnum():  # four of five
            start = spaced.index(word)
            words: tuple[str, ...] = (word.lower(),)
            spans: tuple[_Span, ...] = ((start, start + len(word)),)
        else:
            found = list(parts(spaced, self._names, turkish=self._turkish))
            words, spans = tuple([word for word, _, _ in found]), tuple([(start, end) for _, start, end in found])
        behind = tuple(map(self._names.behind, words)) if self._names is not None else ()
        if len(spaced) > _KEPT:
            return words, behind, spans
        if len(self) >= _MANY:
            self.clear()
            self._spans.clear()
        kept = self[spaced] = words, behind, self._spans.setdefault(spans, spans)
        return kept


_SIGNS = ".,;:!?\"'()[]“”‘’«»…-–—"  # none of them belongs to a word that it begins or ends
_KEPT = 24  # letters; what is longer is an address, or a sentence without spaces, and comes once
_MANY = 40_000


def read(text: str, language: str | None = None, names: "Lexicon | None" = None) -> Reading:
    """Read a text. `language` (ISO 639-1): in Turkish what stands behind an apostrophe is an ending.

    `names`: those that are sought; an Arabic or Hebrew word of one with a particle before it is read without that.
    """
    return Reading(text, _seen(names, language in ("tr", "az")))


@lru_cache(maxsize=4)
def _seen(names: "Lexicon | None", turkish: bool) -> _Seen:
    return _Seen(names, turkish=turkish)


def forget() -> None:
    """Let go of the words that were read so far."""
    _seen.cache_clear()


def parts(text: str, names: "Lexicon | None", *, turkish: bool) -> Iterator[tuple[str, int, int]]:
    """The words that a text is read as, each with its span."""
    known = names.words if names is not None else frozenset()
    for match in folding.WORD.finditer(text):
        for piece, start, end in _parts(match[0], known, turkish=turkish):
            yield piece, match.start() + start, match.start() + end


def _parts(word: str, known: frozenset[str], *, turkish: bool) -> list[tuple[str, int, int]]:
    """What a word is read as, each piece with its span."""
    whole = len(word)
    if turkish:
        word = _TURKISH.sub("", word)
    elif "\u200c" in word:
        word = _PERSIAN.sub("", word)
    found = [(_piece(part, known), start, end) for part, start, end in folding.parts(word)]
    if len(found) == 1:
        found = [(found[0][0], 0, whole)]
    return [part for part in found if part[0]]


def _piece(part: str, known: frozenset[str]) -> str:
    """A word as it is compared; empty where nothing is left of it."""
    if part.isascii() and part.isalnum():
        return part.lower()
    if len(part) == 1 and folding.is_unspaced(part):
        return part
    key = folding.bare(part) if _ARABIC.search(part) else folding.fold(part)
    if known and key and key not in known and not key.isascii():
        key = _without_particle(key, known)
    return key


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

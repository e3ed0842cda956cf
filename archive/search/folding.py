"""Text as the search index holds it: the same word however it is written or inflected.

One function folds articles and queries alike, so whatever it merges is found. It merges letter case, accents, letter
forms (NFKD), digits of all scripts, Arabic vowel signs, hamza forms, article and clitics, Cyrillic inflection; and it
cuts scripts that are written without spaces into pairs of letters. It needs no language: the script decides.

Sources: Arabic as in light10 (Larkey, Ballesteros, Connell: Light Stemming for Arabic Information Retrieval, 2007);
Cyrillic as in the light stemmer of Dolamic and Savoy (Indexing and Searching Strategies for the Russian Language,
2009) with the endings of Ukrainian; pairs of letters as in Nie et al. (On the Use of Words and N-grams for Chinese
Information Retrieval, 2000).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

VERSION = "1"  # of the rules below; an index made by other ones is made anew

_MARK = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")

# A word: a run of letters, marks and digits; apostrophes and the middle dot join letters ("Sana'a", "Мар'їнка"), so do
# the Arabic lengthening stroke and the joiners of zero width.
_JOINERS = "'’ʼʻ`·"
WORD = re.compile(rf"[^\W_]+(?:(?:[{_MARK}\u0640\u200c\u200d]+|[{_JOINERS}](?=[^\W_]))[^\W_]*)*")

# "l'armée", "qu'il", "dell'Aquila": the article is a word of its own; "Aleppo's": the ending says nothing
_ELISION = re.compile(
    rf"\A(?:[cdjlmnst]|(?:jus|lors|puis)?qu|(?:d|n|s|qu)?ell|(?:d|n|s)?all|un)[{_JOINERS}](?=..)", re.IGNORECASE
)
_POSSESSIVE = re.compile(rf"[{_JOINERS}]s\Z", re.IGNORECASE)

# Written without spaces between words: Han, kana, Thai, Lao, Khmer, Burmese
_UNSPACED_LETTERS = (
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\U00020000-\U0002fa1f"
)
_UNSPACED = re.compile(f"[{_UNSPACED_LETTERS}]")
_RUN = re.compile(f"[{_UNSPACED_LETTERS}]+|[^{_UNSPACED_LETTERS}]+")
_MARKS = re.compile(
    rf"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200c\u200d{_JOINERS}]"
)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")

# What NFKD leaves apart: letters that readers type for each other. Alef forms are taken apart by NFKD already.
_LETTERS = str.maketrans({
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ə": "e",
    "ґ": "г", "ё": "е", "ў": "у",
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
    "ٱ": "ا", "ء": "", "ؤ": "و", "ئ": "ي",
})  # fmt: skip

# وبال‎ "and by the" comes with its parts: conjunction, preposition, article
_PREFIXES = re.compile(r"\A(?:و?(?:ال|بال|كال|فال|لل|وال)|و(?=...))")
_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")

# of nouns (войск-ами, столиц-ею, Сири-ей) and adjectives (сирий-ского, украинск-ими, російськ-ої), the longest first
_ENDINGS = tuple(re.split(r"\s+", """
    иями ами ями ого его ому ему ыми ими ией иею ием иям иях ією
    ах ях ам ям ом ем ою ею ей ий ый ой ая яя ое ее ые ие ую юю ых их ым им ої ій ії ію ия ию ии
    а я о е у ю ы и й ь і ї є
""".strip()))  # fmt: skip
_PLURAL = ("ов", "ев", "ів", "їв")  # боевик-ов; taken off behind a case ending too, for Харьков is inflected: Харьков-е
_MIN_STEM = 3  # letters that an ending leaves


class Token(NamedTuple):
    """A token of the index and where in the text it stands: `text[start:end]`."""

    term: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text in order."""
    for match in WORD.finditer(text):
        word = match[0]
        term = _TERMS[word]
        if " " in term:
            yield from _of_word(word, match.start())
        elif term:
            yield Token(term, match.start(), match.end())


def _of_word(word: str, start: int) -> Iterator[Token]:
    if not word.isascii() and _UNSPACED.search(word):
        yield from _runs(word, start)
    elif elision := _ELISION.match(word):
        yield Token(_plain(elision[0]), start, start + elision.end())
        yield Token(fold(word[elision.end() :]), start + elision.end(), start + len(word))
    elif term := fold(word):
        yield Token(term, start, start + len(word))


def parts(word: str) -> Iterator[tuple[str, int, int]]:
    """What a word of the text is read as: unspaced letters one by one, `l'`, and what is left. Each with its span."""
    if not word.isascii() and _UNSPACED.search(word):
        for match in _RUN.finditer(word):
            step = 1 if _UNSPACED.match(match[0]) else len(match[0])
            for start in range(match.start(), match.end(), step):
                yield word[start : start + step], start, start + step
    elif elision := _ELISION.match(word):
        yield word[: elision.end()], 0, elision.end()
        yield word[elision.end() :], elision.end(), len(word)
    else:
        yield word, 0, len(word)


def forget() -> None:
    """Let go of the words that were folded so far: of a long list they do not come again."""
    fold.cache_clear()
    _plain.cache_clear()


def is_unspaced(letter: str) -> bool:
    """Whether it belongs to a script that is written without spaces between words."""
    return _UNSPACED.match(letter) is not None


@lru_cache(maxsize=4)  # of an article that is stored it is wanted twice
def folded(text: str) -> str:
    """A text as it is handed to the index: its tokens, parted by spaces."""
    return " ".join(filter(None, map(_TERMS.__getitem__, text.split())))  # no word has a space in it


def count(text: str) -> int:
    """How many tokens a text has."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > len(text) * _MOSTLY_ASCII:
        return sum(map(_COUNTS.__getitem__, text.split()))
    # What stands between two signs that part words is one token if it is of ASCII letters and digits alone
    kinds = b" " + data.translate(_KINDS) + b" "
    found = kinds.count(b" a") + kinds.count(b" x")
    place = kinds.find(b"x")
    while place >= 0:
        begin, end = kinds.rfind(b" ", 0, place), kinds.find(b" ", place)
        word = data[begin : end - 1].decode("utf-8", "surrogatepass")
        found += sum(map(_COUNTS.__getitem__, word.split())) - 1
        place = kinds.find(b"x", end)
    return found


# Of each byte whether it is a letter or digit of ASCII (a), parts words (a space), or may do either (x): what is no
# ASCII, and what joins letters in it.
_KINDS = bytes(
    ord("a" if chr(byte).isalnum() else "x" if chr(byte) in _JOINERS else " ") if byte < 0x80 else ord("x")
    for byte in range(256)
)
_MOSTLY_ASCII = 1.05  # bytes a letter; in other texts most words have such letters


class _Terms(dict[str, str]):
    """What stands between two spaces ("burnt-out", "(Aleppo’s") with its tokens, parted by spaces.

    Most of a text stood in one before, and to part it by spaces takes a third of what it takes to find its words.
    """

    def __missing__(self, spaced: str) -> str:
        found = " ".join(term for word in WORD.findall(spaced) for term in _terms_of(word))
        if len(spaced) <= _KEPT:
            if len(self) >= _MANY:
                self.clear()
            self[spaced] = found
        return found


class _Counts(dict[str, int]):
    """How many tokens they are."""

    def __missing__(self, spaced: str) -> int:
        terms = _TERMS[spaced]
        found = terms.count(" ") + 1 if terms else 0
        if len(spaced) <= _KEPT:
            if len(self) >= _MANY:
                self.clear()
            self[spaced] = found
        return found


_TERMS, _COUNTS = _Terms(), _Counts()
_KEPT = 24  # letters; what is longer is mostly a sentence without spaces, and comes once
_MANY = 200_000


def _terms_of(word: str) -> Iterator[str]:
    """The tokens of a word, those of a run without spaces made in one go."""
    if word.isascii() or not _UNSPACED.search(word):
        yield from (token.term for token in _of_word(word, 0))
        return
    for run in _RUN.findall(word):
        if _UNSPACED.match(run):
            yield from _paired(run)
        elif term := fold(run):
            yield term


def _paired(run: str) -> Iterator[str]:
    """What `_pairs` gives, letter by letter: a pair is folded as its letters are, but for marks that change places."""
    letters = [_LETTER_FORMS[letter] for letter in run]
    forms = [form for form, _, _ in letters]
    pairs = list(map(str.__add__, forms, (*forms[1:], "")))
    if any(begins for _, begins, _ in letters):
        for place in range(len(run) - 1):
            if letters[place][2] and letters[place + 1][1]:
                pairs[place] = _plain(run[place : place + 2])
    if "" in pairs:
        return (pair or run[place : place + 2] for place, pair in enumerate(pairs))
    return iter(pairs)


class _LetterForms(dict[str, tuple[str, bool, bool]]):
    """Letters as they are folded, and whether each begins or ends with a mark that NFKD sorts among its neighbours."""

    def __missing__(self, letter: str) -> tuple[str, bool, bool]:
        apart = unicodedata.normalize("NFKD", letter)
        begins, ends = (bool(unicodedata.combining(apart[place])) for place in (0, -1))
        found = self[letter] = (_plain(letter), begins, ends)
        return found


_LETTER_FORMS = _LetterForms()  # of four blocks: no more than 100,000


def wanted(text: str) -> tuple[tuple[str, ...], bool]:
    """The tokens to look for where `text` was typed, and whether the last of them is only the beginning of one.

    The last letter of an unspaced run stands alone in the index only where its text has that run's end: it is left out.
    """
    found = list(tokens(text))
    terms = tuple(token.term for token in found)
    if not found or len(found[-1].term) > 1 or not _UNSPACED.match(found[-1].term):
        return terms, False
    if len(found) > 1 and found[-2].end == found[-1].end:
        return terms[:-1], False
    return terms, True


def with_clitics(term: str) -> tuple[str, ...]:
    """An Arabic word behind `ل` (to) and `ب` (in), which cannot be told from a word's own first letter in the index.

    Not behind `ك` and `ف`: with them `رقة` would also find `فرقة`, a division.
    """
    return tuple(letter + term for letter in "لب") if _ARABIC.search(term) and len(term) >= _MIN_STEM else ()


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """One spaced word as the index holds it; empty when nothing is left.

    `Ḥalab` → halab · `القصف` → قصف · `Харькове` → харьк · `١٢` → 12 · `İdlib` → idlib
    """
    plain = _plain(_POSSESSIVE.sub("", word))
    if plain.isascii():
        return plain
    if _ARABIC.search(plain):
        return _arabic_stem(plain)
    return _cyrillic_stem(plain) if _CYRILLIC.search(plain) else plain


def bare(word: str) -> str:
    """One spaced word without case, accents and Arabic clitics, its ending kept: `بالرقة` → رقه, `Харькове` → харькове.

    Where `fold` merges what a search may well confuse (حماية, protection, and حماة, a city), this tells it apart.
    """
    plain = _plain(_POSSESSIVE.sub("", word))
    prefix = _PREFIXES.match(plain) if not plain.isascii() else None
    return plain[prefix.end() :] if prefix and len(plain) - prefix.end() >= 2 else plain


@lru_cache(maxsize=200_000)
def _plain(word: str) -> str:
    if word.isascii():
        return word.replace("'", "").replace("`", "").lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold().replace("й", "\ue000"))
    plain = _MARKS.sub("", decomposed).replace("\ue000", "й").translate(_LETTERS)
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in plain)


def _arabic_stem(word: str) -> str:
    prefix = _PREFIXES.match(word)
    if prefix and len(word) - prefix.end() >= 2:
        word = word[prefix.end() :]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM:
            return word[: -len(suffix)]
    return word


def _cyrillic_stem(word: str) -> str:
    for endings in (_ENDINGS, _PLURAL):
        ending = next((ending for ending in endings if word.endswith(ending)), None)
        if ending is not None and len(word) - len(ending) >= _MIN_STEM:
            word = word[: -len(ending)]
    stem = word.rstrip("ь") if len(word) > _MIN_STEM else word
    return stem[:-1] + "к" if stem.endswith("ц") and len(stem) > _MIN_STEM else stem  # Мар'їнці, of Мар'їнка


def _runs(word: str, start: int) -> Iterator[Token]:
    """A word with letters of an unspaced script: pairs of these, and what stands between them (`3月`, `F-16战机`)."""
    for match in _RUN.finditer(word):
        run, begin = match[0], start + match.start()
        if _UNSPACED.match(run):
            yield from _pairs(run, begin)
        elif term := fold(run):
            yield Token(term, begin, begin + len(run))


def _pairs(run: str, start: int) -> Iterator[Token]:
    """`阿勒颇` → 阿勒, 勒颇, 颇: the last letter alone, so that one letter is found by its beginning."""
    for place in range(len(run)):
        pair = run[place : place + 2]
        yield Token(_plain(pair) or pair, start + place, start + place + len(pair))

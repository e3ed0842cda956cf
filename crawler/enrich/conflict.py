"""How much an article is about armed conflict, by a versioned vocabulary that is data (vocabulary/*.toml).

War and what belongs to it is in: fighting, terrorism, coups, war crimes trials, protests with deaths, peace talks,
sanctions over a war, refugees of a war. Ordinary crime, sport, markets, culture, epidemics and weather are out, however
much they borrow the words of war ("price war", "battle for the title", "heart attack").

1. fold      case, accents, Arabic hamza and vowel signs; words, or single signs in Chinese and Japanese
2. match     the longest term at each word; a phrase that only sounds like war swallows its words
3. weigh     certain, likely and ambiguous terms, more in headline and lede; words of other fields count against
4. score     evidence for the length of the text, on 0..1

Matching walks the words once with dictionary look-ups, so its time is linear in the text. What can begin at a word is
remembered by word: a page of 4,000 letters takes a third of a millisecond.
"""

import math
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import compress

from archive.model import Relevance, TermMatch
from crawler.enrich.letters import Letters

# On 161 labelled short articles in 14 languages (tests/enrich/conflict_cases.toml) the 80 relevant ones score .667 and
# more, the 81 others .429 and less; of the offline web's pages, written by other hands, 72 score .579 and more and ten
# score 0. On 992 saved pages of the Russian, Greek, Polish, Chinese and English press, most of them about health, 50
# pass: half of these are about war, the rest about soldiers and guns, or speak of a strike as of a battle.
THRESHOLD = 0.5
HALF = 4.0  # evidence that scores 0.5: one certain term in headline and text has 9, one in the text 3
USUAL_WORDS = 300  # the length of a short report; longer texts need more evidence, by the square root
AMBIGUOUS_CAP = 3.0  # what ambiguous terms may add together
THIN = 3.0  # below HALF: the most that terms too few or too much alike may add up to
# Added to the factor of a term's weight for a match there, and for each of at most two repetitions in the text.
HEADLINE = 2.0
LEDE = 1.0
REPEATED = 0.5
COUNTER = 0.75  # what one word of another field (sport, markets …) takes away from likely and ambiguous terms

LEVELS = ("certain", "likely", "ambiguous")
_MANY = 20_000  # words of a language that are remembered …
_KEPT = 24  # … and their letters; what is longer is mostly a sentence without spaces, and comes once
IDEOGRAPHIC = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_NUMBER = r"\d+(?:[.,\s]\d{3})*"
TOKEN = re.compile(rf"{_NUMBER}|[{IDEOGRAPHIC}]|[^\W\d_{IDEOGRAPHIC}]+")
_SPACED_TOKEN = re.compile(rf"{_NUMBER}|[^\W\d_]+")  # the same where no letter is ideographic, in half the time
_ASCII_TOKEN = re.compile(rf"[a-z]+|{_NUMBER}")  # the same in a text of small letters without any other
_IDEOGRAPHIC = re.compile(f"[{IDEOGRAPHIC}]")
# One letter that is written in several ways, or with a mark that is part of the letter: Arabic and Persian yeh, kaf and
# teh marbuta, Turkish dotless i, Polish ł.
SAME_LETTERS = str.maketrans(
    {"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ـ": None, "ı": "i", "ł": "l", "ø": "o"}
)
# What is written together with the following word: and, so, with, like, to, the. Longest first.
CLITICS = {
    "ar": ("وبال", "فبال", "وكال", "ولل", "وال", "فال", "بال", "كال", "لل", "ال", "وب", "ول", "و", "ف", "ب", "ك", "ل"),
    "he": ("וכשה", "ושה", "וה", "שה", "מה", "כש", "וב", "ול", "ומ", "ה", "ו", "ב", "ל", "מ", "ש", "כ"),
}
# The vocabularies of a script other than Latin; kana stand in texts whose other signs are Chinese.
SCRIPTS = {
    "ARABIC": "ar fa",
    "CYRILLIC": "ru uk",
    "HEBREW": "he",
    "CJK": "zh",
    "HIRAGANA": "zh",
    "KATAKANA": "zh",
    "GREEK": "el",
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Term:
    """One term of the vocabulary. `level` is certain, likely or ambiguous; "phrase" and "domain" speak against."""

    printed: str
    words: tuple[str, ...]  # folded; "*" at the end of a stem, "#" for a number
    level: str
    category: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """What a word of a text may begin: phrases, the longest first, and a term of its own."""

    phrases: tuple[Term, ...] = ()
    seconds: tuple[str, ...] = ()  # what the phrases' second words begin with
    alone: Term | None = None


class Vocabulary(dict[str, Beginning | None]):
    """The terms of one language by the words that begin them; None where a word begins none.

    It holds the words that were met: few of them begin a term, and most words of a text came in one before.
    """

    def __init__(self, language: str, terms: Iterable[Term]) -> None:
        self.language = language
        self.terms = tuple(terms)
        self._words: dict[str, list[Term]] = {}
        self._stems: dict[str, list[Term]] = {}
        for term in self.terms:
            first = term.words[0]
            known = self._stems if first.endswith("*") else self._words
            known.setdefault(first.removesuffix("*"), []).append(term)
        self._stem_lengths = sorted(set(map(len, self._stems)))
        self._shortest = min(self._stem_lengths, default=0)
        self._heads = frozenset(stem[: self._shortest] for stem in self._stems)

    def __missing__(self, word: str) -> Beginning | None:
        beginning = self["#"] if self._is_any_number(word) else self._beginning(word)
        if len(word) <= _KEPT:
            if len(self) >= _MANY:
                self.clear()
            self[word] = beginning
        return beginning

    def _is_any_number(self, word: str) -> bool:
        """Whether a word is a number that no term has: what any number begins is known, and each text has new ones."""
        return word[0].isdecimal() and word not in self._words and word[: self._shortest] not in self._heads

    def _beginning(self, word: str) -> Beginning | None:
        found: list[Term] = []
        for form in _forms(word, self.language):
            found += self._words.get(form, ())
            if form[: self._shortest] not in self._heads:
                continue
            for length in self._stem_lengths:
                if length > len(form):
                    break
                found += self._stems.get(form[:length], ())
        if not found:
            return None
        found.sort(key=_rank, reverse=True)
        phrases = tuple(term for term in found if len(term.words) > 1)
        seconds = frozenset(phrase.words[1].removesuffix("*") for phrase in phrases)
        return Beginning(phrases=phrases, seconds=tuple(seconds), alone=next(iter(found[len(phrases) :]), None))

    def longest(self, words: Sequence[str], at: int) -> Term | None:
        """The longest of the terms that stand at `words[at]`."""
        beginning = self[words[at]]
        if beginning is None:
            return None
        if beginning.phrases and at + 1 < len(words) and self._may_follow(beginning, words[at + 1]):
            for phrase in beginning.phrases:
                if self._follows(phrase, words, at):
                    return phrase
        return beginning.alone

    def _may_follow(self, beginning: Beginning, word: str) -> bool:
        """Whether one of a beginning's phrases goes on with a word like `word`: most do not."""
        if word.startswith(beginning.seconds):
            return True
        return any(form.startswith(beginning.seconds) for form in _forms(word, self.language)[1:])

    def _follows(self, phrase: Term, words: Sequence[str], at: int) -> bool:
        """Whether the words behind `words[at]` are those of `phrase` behind its first."""
        behind = words[at + 1 : at + len(phrase.words)]
        return len(behind) + 1 == len(phrase.words) and all(
            _fits(pattern, _forms(word, self.language)) for pattern, word in zip(phrase.words[1:], behind, strict=True)
        )


def score(*, headline: str | None, lede: str | None, text: str, language: str | None) -> Relevance:
    """Score an article by the vocabulary of its language (ISO 639-1); unknown ones by all of the text's script.

    `lede` may also be the first paragraph of `text`. A language without vocabulary scores by its script as well, so
    that names that cross languages still count. Never raises; no text at all scores 0.
    """
    scored = [
        _score_by(vocabulary, headline or "", lede or "", text)
        for vocabulary in _vocabularies_for(language, text or headline or "")
    ]
    nothing = Relevance(score=0.0, relevant=False, matches=(), vocabulary=vocabulary_version())
    return max(scored, key=lambda relevance: relevance.score, default=nothing)


@cache
def vocabulary_version() -> str:
    """The version under which all languages' files are published, for example "2026.11"."""
    return str(tomllib.loads(_read("index.toml"))["version"])


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a vocabulary."""
    names = (entry.name for entry in files(__package__).joinpath("vocabulary").iterdir())
    return tuple(sorted(name[:2] for name in names if re.fullmatch(r"[a-z]{2}\.toml", name)))


def fold(text: str) -> list[str]:
    """The words of `text` in the form in which they are compared."""
    text = text.casefold()
    if not text.isascii():
        # The breve of й is no accent: without it "бой", a fight or a bout, would be "бои", battles.
        text = _MERGED.of(unicodedata.normalize("NFKD", text).replace("и\u0306", "й"))
    if text.isascii():
        return _ASCII_TOKEN.findall(text)
    return (TOKEN if _IDEOGRAPHIC.search(text) else _SPACED_TOKEN).findall(text)


def _merged(letter: str) -> str:
    """Accents are left out, and each letter is written in one way; so is all that parts words, as typographers' quotes.

    Small once more: the capital within "𝑨" has only come to light (as in NFKC_Casefold, Unicode Standard, 3.13). Most
    texts in Latin letters are ASCII then, whose words are found in half the time.
    """
    if letter.isascii() or letter.isspace():
        return letter.lower()
    if unicodedata.combining(letter):
        return ""
    letter = letter.translate(SAME_LETTERS).casefold()
    return letter if letter.isalnum() or not letter or _IDEOGRAPHIC.match(letter) else "|"


_MERGED = Letters(_merged)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath("vocabulary", name).read_text(encoding="utf-8")


@cache
def _weights() -> Mapping[str, float]:
    weights: dict[str, float] = tomllib.loads(_read("index.toml"))["weights"]
    return weights


@cache
def _vocabulary(language: str) -> Vocabulary:
    return Vocabulary(
        language,
        (
            Term(printed=printed.strip(), words=words, level=level, category=category)
            for category, levels in tomllib.loads(_read(f"{language}.toml")).items()
            for level, terms in levels.items()
            for printed in re.split(r"[,\n]", terms)
            if (words := _pattern(printed))
        ),
    )


def _pattern(printed: str) -> tuple[str, ...]:
    """ "war crime*" → ("war", "crime*"); "# killed" → ("#", "killed")."""
    words: list[str] = []
    for part in printed.split():
        folded = ["#"] if part == "#" else fold(part)
        if folded and part.endswith("*"):
            folded[-1] += "*"
        words += folded
    return tuple(words)


def _vocabularies_for(language: str | None, text: str) -> list[Vocabulary]:
    known = languages()
    if language in known:
        return [_vocabulary(language)]
    scripts = Counter(
        unicodedata.name(char, "LATIN").split()[0].split("-")[0] for char in text[:1000] if char.isalpha()
    )
    script = scripts.most_common(1)[0][0] if scripts else "LATIN"
    elsewhere = " ".join(SCRIPTS.values()).split()
    names = SCRIPTS[script].split() if script in SCRIPTS else [name for name in known if name not in elsewhere]
    return [_vocabulary(name) for name in names if name in known]


def _forms(word: str, language: str) -> tuple[str, ...]:
    """The word and, where the language writes particles in front of it, the word without them; "#" for a number."""
    if word[0].isdecimal():
        return (word, "#")
    clitics = CLITICS.get(language)
    if clitics is None:
        return (word,)
    # Three letters must be left: the root of a Semitic word.
    return (
        word,
        *(word[len(clitic) :] for clitic in clitics if word.startswith(clitic) and len(word) - len(clitic) >= 3),
    )


def _fits(pattern: str, forms: Sequence[str]) -> bool:
    if pattern.endswith("*"):
        return any(form.startswith(pattern[:-1]) for form in forms)
    return pattern in forms


def _match(vocabulary: Vocabulary, text: str) -> tuple[Counter[Term], int]:
    """The terms in `text` with their counts, the longest at each place and none overlapping, and the words seen."""
    words = fold(text)
    found: Counter[Term] = Counter()
    free = 0  # the first word behind the last term
    for at in compress(range(len(words)), map(vocabulary.__getitem__, words)):
        if at < free:
            continue
        term = vocabulary.longest(words, at)
        if term is not None:
            found[term] += 1
            free = at + len(term.words)
    return found, len(words)


def _rank(term: Term) -> tuple[int, int]:
    """More words win, then more letters: "heart attack*" over "attack", "shelling*" over "shell"."""
    return len(term.words), sum(map(len, term.words))


def _score_by(vocabulary: Vocabulary, headline: str, lede: str, text: str) -> Relevance:
    places = {"headline": _match(vocabulary, headline)[0], "lede": _match(vocabulary, lede)[0]}
    places["text"], words = _match(vocabulary, text)
    evidence = dict.fromkeys((*LEVELS, "domains"), 0.0)
    for term in {term for found in places.values() for term in found}:
        if term.level != "phrases":
            evidence[term.level] += _weigh(term, places)
    weak = min(evidence["ambiguous"], AMBIGUOUS_CAP) + evidence["likely"]
    total = evidence["certain"] + max(0.0, weak - evidence["domains"])
    if _is_thin(places):
        total = min(total, THIN)
    total /= math.sqrt(max(1.0, words / USUAL_WORDS))
    value = round(total / (total + HALF), 3)
    matches = (
        TermMatch(term=term.printed, where=where, count=count)
        for where, found in places.items()
        for term, count in found.items()
        if term.level in LEVELS
    )
    return Relevance(score=value, relevant=value >= THRESHOLD, matches=tuple(matches), vocabulary=vocabulary_version())


def _is_thin(places: Mapping[str, Counter[Term]]) -> bool:
    """Whether the terms cannot carry an article, however often they come.

    A certain term needs a place in the headline or company, for one word in a text may be a figure of speech. Likely
    terms must come from two categories: soldiers alone may be about barracks, weapons about a crime, refugees about
    a flood.
    """
    terms = {term for found in places.values() for term in found}
    strong = [term for term in terms if term.level in ("certain", "likely")]
    certain = [term for term in strong if term.level == "certain"]
    if certain:
        alone = len(strong) < 2 and not any(term.level == "ambiguous" for term in terms)
        return alone and certain[0] not in places["headline"]
    return len({term.category for term in strong}) < 2


def _weigh(term: Term, places: Mapping[str, Counter[Term]]) -> float:
    in_text = places["text"][term]
    factor = HEADLINE * (term in places["headline"]) + LEDE * (term in places["lede"])
    if in_text:
        factor += 1 + REPEATED * min(in_text - 1, 2)
    return factor * (COUNTER if term.level == "domains" else _weights()[term.level])

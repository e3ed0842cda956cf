"""The words of `words/*.toml`, and texts cut into words so that they can be looked for."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from archive.diff import plain_digits, tokens
from crawler.enrich.agencies import AGENCIES, AMBIGUOUS
from crawler.enrich.conflict import CLITICS, SAME_LETTERS

# Languages that are tried where a text's own is unknown or has no words here, by script.
_BY_SCRIPT = {"LATIN": "en fr de es tr", "CYRILLIC": "ru uk", "ARABIC": "ar fa", "CJK": "zh"}
MOST_KEPT = 20_000  # words whose terms a lexicon keeps
TITLE_CASE = 0.7  # of a line's words
_JOINED = re.compile(r"['’ʼ`´\u00ad\u200b-\u200f-]")  # inside a word: "п'ять", "cease-fire"
_SENTENCE_END = re.compile(r"[.!?。！？؟…:]")  # whatever stands behind a colon may be capitalised
_CLAUSE_END = re.compile(r"[^\w\s%#$€£₽'’-]")
_SPLIT = re.compile(r"[,\n]")


class Word(NamedTuple):
    """A word, a number or a mark of a text; `form` is what it is compared by. (A tuple: there are many.)"""

    text: str
    form: str
    begin: int
    end: int
    is_first: bool  # of a sentence, where a capital says nothing

    @property
    def is_mark(self) -> bool:
        """Whether it parts clauses."""
        return not self.form and _CLAUSE_END.match(self.text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A term found: the words from `begin` up to `end`, and what it stands for."""

    begin: int
    end: int
    label: str


_Term = tuple[tuple[str, ...], str]  # the words of a term, and its label
_UNKNOWN: tuple[_Term, ...] = (((), ""),)  # a word that was not looked up yet


class Lexicon:
    """Terms of one or several words, found at the place where they begin; the longest wins."""

    def __init__(self, terms: Iterable[tuple[str, str]], *, clitics: Sequence[str] = ()) -> None:
        """`terms`: term and label; "*" ends a stem. `clitics`: what may be written before a word, longest first."""
        self._clitics = clitics
        self._words: dict[str, list[_Term]] = {}
        self._stems: dict[str, list[_Term]] = {}
        for term, label in terms:
            forms = tuple(word.form for word in words(term.removesuffix("*")) if word.form)
            if not forms:
                continue
            is_stem = term.endswith("*") and len(forms) == 1
            (self._stems if is_stem else self._words).setdefault(forms[0], []).append(
                ((*forms[:-1], forms[-1] + "*") if term.endswith("*") and not is_stem else forms, label)
            )
        self._lengths = sorted({len(stem) for stem in self._stems}, reverse=True)
        self._begun: dict[str, tuple[_Term, ...]] = {}

    def at(self, text: Sequence[Word], index: int) -> Hit | None:
        """The longest term that begins with the word at `index`."""
        for forms, label in self._beginning(text[index].form):
            if len(forms) == 1 or _fits(text, index, forms):
                return Hit(begin=index, end=index + len(forms), label=label)
        return None

    def find(self, text: Sequence[Word]) -> list[Hit]:
        """All terms of a text, none inside another."""
        hits: list[Hit] = []
        end = 0
        known = self._begun  # most words begin no term: they are passed over without a call
        for index, word in enumerate(text):
            if index >= end and known.get(word.form, _UNKNOWN) and (hit := self.at(text, index)):
                hits.append(hit)
                end = hit.end
        return hits

    def _beginning(self, form: str) -> tuple["_Term", ...]:
        """The terms that begin with a word, the longest first; kept, since words come again and again."""
        known = self._begun.get(form)
        if known is None:
            if len(self._begun) > MOST_KEPT:
                self._begun.clear()
            known = self._begun[form] = tuple(self._terms(form)) if form else ()
        return known

    def _terms(self, form: str) -> Iterator["_Term"]:
        for bare in self._forms(form):
            yield from sorted(self._words.get(bare, ()), key=lambda term: -len(term[0]))
            stem = next((bare[:length] for length in self._lengths if bare[:length] in self._stems), None)
            if stem is not None:
                yield self._stems[stem][0]

    def _forms(self, form: str) -> Iterator[str]:
        yield form
        for clitic in self._clitics:
            if form.startswith(clitic) and len(form) - len(clitic) >= 2:
                yield form[len(clitic) :]


def _fits(text: Sequence[Word], index: int, forms: Sequence[str]) -> bool:
    if index + len(forms) > len(text):
        return False
    for word, form in zip(text[index + 1 : index + len(forms)], forms[1:], strict=True):
        if not (word.form.startswith(form[:-1]) if form.endswith("*") else word.form == form):
            return False
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """The words of one language, or of several where nobody knows which it is."""

    says: Lexicon
    by: Lexicon
    hedges: Lexicon
    sources: Lexicon
    agencies: Lexicon
    that: Lexicon
    numbers: Lexicon
    joins: frozenset[str]
    vague: Lexicon
    counted: Lexicon  # label: killed, wounded, missing, captured, displaced, other
    titles: Lexicon
    places: Lexicon
    places_after: Lexicon
    days: Lexicon
    gazetteer: Lexicon
    peoples: Lexicon
    percent: Lexicon
    clocks: Lexicon
    counters: Lexicon
    labels: frozenset[str]
    slugs: Lexicon
    notices: re.Pattern[str]
    notice_labels: frozenset[str]
    source_first: bool
    verb_last: bool
    nouns_capitalised: bool
    compounds: bool


@cache
def version() -> str:
    """The version under which the words and rules are published, for example "2026.11"."""
    return str(tomllib.loads(_read("index"))["version"])


@cache
def wording(languages: tuple[str, ...]) -> Wording:
    """The words of these languages; see `languages_of`."""
    parts = [tomllib.loads(_read(language)) for language in languages]
    places = tomllib.loads(_read("places"))
    clitics = CLITICS["ar"] if "ar" in languages else ()

    def all_of(name: str) -> list[str]:
        return [term for part in parts for term in _terms(part.get(name, ""))]

    def lexicon(name: str) -> Lexicon:
        return Lexicon(((term, name) for term in all_of(name)), clitics=clitics)

    def by_line(name: str) -> Lexicon:
        lines = [line for part in parts for line in part.get(name, "").splitlines() if line.strip()]
        return Lexicon(((term, _terms(line)[0]) for line in lines for term in _terms(line)), clitics=clitics)

    counts = ("killed", "wounded", "missing", "captured", "displaced", "things")
    counted = [(term, "other" if name == "things" else name) for name in counts for term in all_of(name)]
    named = [term for language in languages for key in ("cldr", "more") for term in _terms(places[language][key])]
    return Wording(
        says=by_line("says"),
        by=by_line("by"),
        hedges=lexicon("hedges"),
        sources=Lexicon(((term, fold(term).strip("*")) for term in all_of("sources")), clitics=clitics),
        agencies=Lexicon(_agencies(), clitics=clitics),
        that=lexicon("that"),
        numbers=Lexicon((tuple(term.split("=")) for term in all_of("numbers")), clitics=clitics),  # type: ignore[misc]
        joins=frozenset(map(fold, all_of("joins"))),
        vague=Lexicon(((term, term) for term in all_of("vague")), clitics=clitics),
        counted=Lexicon(counted, clitics=clitics),
        titles=lexicon("titles"),
        places=lexicon("places"),
        places_after=lexicon("places_after"),
        days=lexicon("days"),
        gazetteer=Lexicon(((term, fold(term)) for term in named), clitics=clitics),
        percent=lexicon("percent"),
        peoples=Lexicon(((term, fold(term)) for term in all_of("peoples")), clitics=clitics),
        clocks=lexicon("clocks"),
        counters=lexicon("counters"),
        labels=frozenset(flat(term) for term in all_of("labels")),
        slugs=lexicon("slugs"),
        notices=_patterns(part.get("notices", "") for part in parts),
        notice_labels=frozenset(flat(term) for term in all_of("notice_labels")),
        source_first=all(part.get("source_first", False) for part in parts),
        verb_last=any(part.get("verb_last", False) for part in parts),
        nouns_capitalised=any(part.get("nouns_capitalised", False) for part in parts),
        compounds=any(part.get("compounds", False) for part in parts),
    )


def languages_of(language: str | None, text: str) -> tuple[str, ...]:
    """The languages whose words are looked for: the text's own, else those of its script, else English."""
    if language is not None and language in known():
        return (language,)
    scripts: dict[str, int] = {}
    for char in text[:2000]:
        if char.isalpha():
            script = unicodedata.name(char, "?").split()[0]
            scripts[script] = scripts.get(script, 0) + 1
    script = max(scripts, key=lambda name: scripts[name], default="LATIN")
    return tuple(_BY_SCRIPT.get(script, "en").split())


@cache
def known() -> frozenset[str]:
    """The languages that have words."""
    names = (entry.name for entry in files(__package__).joinpath("words").iterdir())
    return frozenset(name[:2] for name in names if re.fullmatch(r"[a-z]{2}\.toml", name))


# --- texts ---


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """A word as it is compared: without case and accents, one form of letters that are written in several ways."""
    text = unicodedata.normalize("NFKD", _JOINED.sub("", text.casefold())).replace("и\u0306", "й")
    return plain_digits("".join(char for char in text.translate(SAME_LETTERS) if not unicodedata.combining(char)))


def flat(text: str) -> str:
    """A line as a row of folded words."""
    return " ".join(word.form for word in words(text) if word.form)


def words(text: str) -> list[Word]:
    """The words, numbers and marks of a text; apostrophes and hyphens inside words are none."""
    found: list[Word] = []
    is_first = True
    parts = tokens(text)
    for index, token in enumerate(parts):
        letters = token.text[0].isalnum()
        if not letters and _JOINED.fullmatch(token.text) and _is_inside(text, token.begin, token.end):
            continue
        form = fold(token.text) if letters else ""
        found.append(Word(text=token.text, form=form, begin=token.begin, end=token.end, is_first=is_first))
        if letters:
            is_first = False
        elif _SENTENCE_END.match(token.text) or (index == 0 or is_first):
            is_first = True
        elif token.text in '"“„«‘»” ' and index + 1 < len(parts):
            is_first = is_first or _opens(text, token.begin)
    return found


def is_title_case(text: Sequence[Word]) -> bool:
    """Whether nearly all words of a line are capitalised: then a capital says nothing."""
    worded = [word.text[0] for word in text if word.form and word.text[0].isalpha()]
    return len(worded) > 3 and sum(first.isupper() for first in worded) >= TITLE_CASE * len(worded)


def _is_inside(text: str, begin: int, end: int) -> bool:
    return begin > 0 and end < len(text) and text[begin - 1].isalpha() and text[end].isalpha()


def _opens(text: str, begin: int) -> bool:
    """Whether a quotation mark opens a quotation: white space is in front of it."""
    return begin == 0 or text[begin - 1].isspace()


def _terms(text: str) -> list[str]:
    return [term.strip() for term in _SPLIT.split(text) if term.strip()]


def _agencies() -> Iterator[tuple[str, str]]:
    """All names of the news agencies; "معا" and the like are words as well."""
    return ((form, fold(row[0])) for row in AGENCIES for form in row if form not in AMBIGUOUS)


def _patterns(lines: Iterable[str]) -> re.Pattern[str]:
    """Regular expressions over `flat` lines: their letters are folded as a text's are, the rest is left as it is."""
    found = [line for part in lines for line in part.splitlines() if line.strip()]
    folded = (re.sub(r"(?<!\\)[^\W\d_]+", lambda word: fold(word[0]), line) for line in found)
    return re.compile("|".join(f"(?:{line})" for line in folded) or r"(?!)")


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath("words", f"{name}.toml").read_text(encoding="utf-8")

"""Names of actors, places and countries as one automaton, and what each may mean.

The vocabulary is data: `archive/search/vocabulary/` (actors, our own places), `archive/gazetteer/` (GeoNames) and the
files beside this module. The automaton is made once a process, when the first text is read.
"""

import re
import tomllib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from archive.gazetteer import Lookalike, Place, Spot, lookalikes, overlay, places, spots
from archive.search import folding
from crawler.enrich.names import spellings
from crawler.enrich.names.reading import articles, ending_of, forget, is_adjective, joined, read

LARGE = 100_000  # inhabitants of a place that reports name without saying where it lies
# بالبالا would be read as بالا, "above", behind "in the"; ووهو as وهو, "and he", behind "and"
_CLITIC = re.compile(r"(?:\A|\s)(?:و?(?:بال|كال|فال|لل|وال)|وو|و\w{1,4}(?:\s|\Z))")
_PERSIAN = ("IR", "AF")
_SPELLED = 5_000  # inhabitants of a Ukrainian town that foreign papers transcribe
_TOWN = 20_000  # … from which on its name's own declension counts
_COMMON = 4.0  # Zipf frequency of a small place's name that is a word, or the name of a president
_PEOPLE = ("ов", "ев", "ин", "ово", "ево", "ино")  # "у Медведева" is somebody more often than a village
# al, el and what they become before some letters: Ash Shaykh, Ad Duwaym
_ASSIMILATED = "l d dh n r s sh t th z ḑ ş ţ z̧ d͟h"
_ARTICLES = ("Al-", "El-", *(f"{vowel}{letters} " for vowel in "AE" for letters in _ASSIMILATED.split()))
_OFTEN = 4096  # names whose entries are kept: those of countries, capitals and armies come in most reports
_ACRONYM = 6  # letters of an abbreviation at most
# fmt: off
_SURNAMES = (
    "ov", "ev", "in", "ova", "eva", "enko", "sky", "skyi", "ски", "ов", "ев", "ін", "ин", "ова", "енко", "ский",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor of the vocabulary; `countries`: where it is at home or fights."""

    id: str
    label: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country by name, or by what else speaks of it (`is_people`): written small in many languages."""

    code: str
    is_people: bool


@dataclass(frozen=True, slots=True)
class Decoy:
    """What holds a name and is something else."""


Meaning = Actor | Spot | Country | Decoy


@dataclass(frozen=True)
class Entry:
    """What a form may mean. `forms`: as it is spelled, where that matters."""

    meanings: tuple[Meaning, ...]
    forms: tuple[str, ...]  # spellings of actors, for the surface to be compared with
    endings: frozenset[str]  # of Cyrillic names of one word: those of their first case
    articles: frozenset[str]  # of Arabic names: which of their words have the article
    exact: frozenset[str]  # spellings that count only as they are
    weak: bool  # an actor's, with other meanings
    doubtful: bool  # a place's: a person's name or a word as well
    is_word: bool  # … and a word more often
    declined: bool  # a place's that declines like a noun, with others of its stem that do like adjectives
    elsewhere: Mapping[str, int]  # countries with other places of the name: inhabitants of the largest

    @cached_property
    def countries(self) -> tuple[Country, ...]:
        """A name of a country and of a place in it (Kuwait) is taken for the country's."""
        return tuple(meaning for meaning in self.meanings if isinstance(meaning, Country))

    @cached_property
    def actors(self) -> tuple[Actor, ...]:
        return tuple(meaning for meaning in self.meanings if isinstance(meaning, Actor))

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        return tuple(meaning for meaning in self.meanings if isinstance(meaning, Spot))

    @cached_property
    def is_decoy(self) -> bool:
        """Whether it holds a name and is something else."""
        return any(isinstance(meaning, Decoy) for meaning in self.meanings)


class Lexicon:
    """The automaton and what its patterns mean."""

    def __init__(self) -> None:
        self.version = "+".join((index()["version"], _load("archive.search", "vocabulary/actors.toml")["version"]))
        made = _Maker()
        patterns = list(made.meanings)
        self._automaton = AhoCorasick(
            patterns,
            matchkind=MatchKind.LeftmostLongest,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )
        self._pool = made.pool
        self._starts = array("I", [0])
        self._meanings = array("I")
        for pattern in patterns:
            self._meanings.extend(made.meanings[pattern])
            self._starts.append(len(self._meanings))
        place_of = {pattern: number for number, pattern in enumerate(patterns)}
        self._facts = {place_of[pattern]: facts for pattern, facts in made.facts().items()}
        self._endings = {place_of[pattern]: endings for pattern, endings in made.endings().items()}
        self._articles = {place_of[pattern]: articles for pattern, articles in made.articles().items()}
        forget()
        folding.forget()
        self.known = frozenset(word for pattern in patterns if not pattern.isascii() for word in pattern.split())
        self.entry = lru_cache(maxsize=_OFTEN)(self._entry)

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """The longest names in a joined text, the leftmost first: number of the pattern, start and end."""
        return self._automaton.find_matches_as_indexes(text)

    def _entry(self, number: int) -> Entry:
        """What a pattern may mean."""
        meanings = tuple(self._pool[at] for at in self._meanings[self._starts[number] : self._starts[number + 1]])
        facts = self._facts.get(number, _NOTHING)
        endings, articles = self._endings.get(number, frozenset()), self._articles.get(number, frozenset())
        return Entry(meanings, facts[0], endings, articles, *facts[1:])


Facts = tuple[tuple[str, ...], frozenset[str], bool, bool, bool, bool, Mapping[str, int]]
_NOTHING: Facts = ((), frozenset(), False, False, False, False, {})


class _Maker:
    """Gathers patterns with what they mean."""

    def __init__(self) -> None:
        self.pool: list[Meaning] = []
        self.meanings: dict[str, tuple[int, ...]] = {}
        self._forms: dict[str, list[str]] = {}
        self._cases: dict[str, frozenset[str]] = {}
        self._own_cases: dict[str, frozenset[str]] = {}
        self._articles: dict[str, frozenset[str]] = {}
        self._same: dict[frozenset[str], frozenset[str]] = {}  # there are a few hundred endings, for thousands of names
        self._exact: dict[str, set[str]] = {}
        self._weak: set[str] = set()
        self._doubtful = {pattern(form) for form in listed(index()["doubtful"]["forms"])}
        self._ordinary: set[str] = set()  # small places' names that are words or surnames
        self._adjectives: set[str] = set()  # … that decline like adjectives
        self._nouns: set[str] = set()  # Лиски, which is no Лысково
        self._frequent: set[str] = set()  # everyday words
        self._firm: set[str] = set()  # … and those of well-known places
        self._never = {key for words in _plain_words() for key in (pattern(words),)}
        self._words = {pattern(form) for form in listed(index()["doubtful"]["words"])}
        self._elsewhere: dict[str, Mapping[str, int]] = {}
        self._add_actors()
        self._add_countries()
        self._add_own_places()
        self._add_gazetteer()
        for form in (form for forms in index()["decoys"].values() for form in listed(forms)):
            self._add(Decoy(), [pattern(form)])

    def facts(self) -> dict[str, Facts]:
        """What else is known of patterns, where there is anything."""
        found: dict[str, Facts] = {}
        words = self._words | (((self._adjectives - self._nouns) | self._frequent) - self._firm)
        doubtful = self._doubtful | words | (self._ordinary - self._firm)
        declined = (self._adjectives & self._nouns) - self._firm
        marked = (self._forms, self._exact, self._elsewhere, declined)
        for key in {*self._weak, *doubtful, *(key for part in marked for key in part)}:
            if key in self.meanings:
                found[key] = (
                    tuple(self._forms.get(key, ())),
                    frozenset(self._exact.get(key, ())),
                    key in self._weak,
                    key in doubtful,
                    key in words,
                    key in declined,
                    self._elsewhere.get(key, {}),
                )
        return found

    def endings(self) -> dict[str, frozenset[str]]:
        """Of Cyrillic names of one word: how their first case ends."""
        cases = {**self._cases, **self._own_cases}
        return {key: endings for key, endings in cases.items() if key in self.meanings}

    def articles(self) -> dict[str, frozenset[str]]:
        """Of Arabic names: which of their words have the article."""
        return {key: found for key, found in self._articles.items() if key in self.meanings}

    def _note_case(self, form: str, key: str) -> None:
        self._note_articles(form, key)
        if _is_cyrillic(form) and "  " not in key:
            self._note_ending(key, ending_of(form, key.strip()), own=True)

    def _note_articles(self, form: str, key: str, place: Place | None = None) -> None:
        """GeoNames has some names without their article: what `place` is called in Latin letters tells of it."""
        words = form.split()
        if not _is_arabic(form) or len(words) != len(key.split()):
            return
        found = articles(words)
        known = {*self._articles.get(key, ()), found}
        if place is not None and any(latin.startswith(_ARTICLES) for latin in (place.name, *place.forms)):
            known.add("1" + found[1:])
            if place.name.startswith(_ARTICLES):
                known.discard("0" + found[1:])
        same = frozenset(known)
        self._articles[key] = self._same.setdefault(same, same)

    def _note_ending(self, key: str, ending: str, *, own: bool) -> None:
        cases = self._own_cases if own else self._cases
        found = cases.get(key, frozenset()) | {ending}
        cases[key] = self._same.setdefault(found, found)

    def _add(self, meaning: Meaning, patterns: Iterable[str]) -> None:
        number = len(self.pool)
        self.pool.append(meaning)
        for key in patterns:
            if key.strip():
                known = self.meanings.get(key, ())
                if number not in known:
                    self.meanings[key] = (*known, number)

    def _add_actors(self) -> None:
        facts = _actors()
        plain = set(listed(facts["plain"]["forms"]))
        for entry in _load("archive.search", "vocabulary/actors.toml")["actor"]:
            name = entry["id"]
            actor = Actor(name, entry["forms"][0], tuple(facts["countries"].get(name, "").split()))
            weak = set(listed(facts["weak"].get(name, "")))
            exact = entry.get("exact", [])
            forms = [*entry["forms"], *exact, *listed(facts["more"].get(name, ""))]
            for form in forms:
                key = pattern(form)
                self._forms.setdefault(key, []).append(form)
                self._note_case(form, key)
                if form in weak or (is_acronym(form) and form not in plain):
                    self._weak.add(key)
                if form in exact:
                    self._exact.setdefault(key, set()).add(form)
            self._add(actor, map(pattern, forms))

    def _add_countries(self) -> None:
        with files(__package__).joinpath("countries.tsv").open(encoding="utf-8") as lines:
            named = dict(line.rstrip("\n").split("\t") for line in lines if not line.startswith("#"))
        peoples = _load(__package__, "peoples.toml")
        for code, forms in named.items():
            more = listed(peoples["names"].get(code, ""))
            names = [pattern(form) for form in (*forms.split("|"), *more)]
            self._add(Country(code, is_people=False), names)
            spoken = (
                form
                for language, spoken_of in peoples.items()
                if language != "names"
                for form in _declined(language, listed(spoken_of.get(code, "")))
            )
            self._add(Country(code, is_people=True), [key for key in map(pattern, spoken) if key not in names])

    def _add_own_places(self) -> None:
        for entry in overlay():
            exact = entry.get("exact", [])
            for form in entry["forms"]:
                self._note_case(form, pattern(form))
                if exact:
                    self._forms.setdefault(pattern(form), []).append(form)
                self._firm.add(pattern(form))
            for form in exact:
                self._exact.setdefault(pattern(form), set()).add(form)
            spot = spots()[entry["id"].removeprefix("geonames:")]
            self._add(spot, map(pattern, (*entry["forms"], *exact)))

    def _add_gazetteer(self) -> None:
        known, also = dict(lookalikes()), index()["also"]
        for place in places():
            spot = spots()[str(place.id)]
            keys = []
            for form in listed(also.get(spot.term, "")):
                keys.append(pattern(form))
                self._note_case(form, keys[-1])
            for form, words in zip(place.forms, place.words, strict=True):
                key = pattern(form) if not form.isascii() and _is_read_apart(form) else joined(words)
                lookalike = known.get(words)
                if lookalike is not None and lookalike.elsewhere:
                    self._elsewhere[key] = lookalike.elsewhere
                if spot.curated:
                    continue
                for other in spellings.stems(form) if _is_cyrillic(form) and " " not in words else ():
                    keys.append(pattern(other))
                    self._note_ending(keys[-1], ending_of(other, keys[-1].strip()), own=False)
                if " " in form and spot.country in _PERSIAN and _is_arabic(form) and len(form) > _ACRONYM:
                    keys.append(pattern(form.replace(" ", "")))  # فیض‌آباد, with a joiner of no width
                if key not in self._never and (form.isascii() or not _CLITIC.search(form)):
                    keys.append(key)
                self._note_form(form, key, words, place, lookalike)
            if spot.country == "UA" and (spot.curated or spot.population >= _SPELLED):
                keys += [key for key in map(pattern, spellings.abroad(place.name)) if key not in self.meanings]
            self._add(spot, keys)

    def _note_form(self, form: str, key: str, words: str, place: Place, lookalike: Lookalike | None) -> None:
        """How a form of a place of the gazetteer is inflected, and what speaks for and against it."""
        self._note_articles(form, key, place)
        if _is_cyrillic(form) and " " not in words:
            ending = ending_of(form, words)
            self._note_ending(key, ending, own=False)
            small = place.population < LARGE
            is_common = lookalike is not None and lookalike.frequency >= _COMMON
            if (is_adjective(ending) and (is_common or small)) or (small and form.endswith(_PEOPLE)):
                self._adjectives.add(key)
            elif place.population >= _TOWN and not is_adjective(ending):
                self._nouns.add(key)
        if form == place.name and place.population >= LARGE:
            self._firm.add(key)
        small = place.population < (LARGE if form == place.name else 10 * LARGE)
        if lookalike is not None and lookalike.frequency >= _COMMON and small and _is_latin(form):
            self._frequent.add(key)
        if _is_doubtful(form, words, place, lookalike):
            self._ordinary.add(key)


def pattern(form: str) -> str:
    """A form as the automaton looks for it."""
    return read(form).joined


def is_acronym(form: str) -> bool:
    """Capitals alone: SDF, U.N., ВС РФ, SPLM-N."""
    signs = [letter for letter in form if letter.isalnum()]
    return 1 < len(signs) <= _ACRONYM and not any(map(str.islower, signs)) and any(map(str.isupper, signs))


@cache
def lexicon() -> Lexicon:
    """The one that ships with the program."""
    return Lexicon()


def _is_cyrillic(form: str) -> bool:
    return "\u0400" <= form[0] <= "\u04ff"


def _is_latin(form: str) -> bool:
    return form[0] < "\u0370" or "\u1e00" <= form[0] < "\u2000"


def _is_arabic(form: str) -> bool:
    return "\u0600" <= form[0] <= "\u06ff"


def _is_read_apart(form: str) -> bool:
    """Arabic, whose endings the search index drops, and scripts without spaces, which it cuts into pairs."""
    return _is_arabic(form) or form[0] > "\u2e80"


def _is_doubtful(form: str, words: str, place: Place, lookalike: Lookalike | None) -> bool:
    """A word or somebody's surname rather than a small place; a large one's name only where it is not its main one."""
    population, frequency = place.population, lookalike.frequency if lookalike is not None else 0.0
    if not _is_latin(form):
        frequency = 0.0  # what is a word in other scripts stands in `ordinary.tsv`, by language
    if frequency >= 2.5 and form != place.name and form.isascii():
        return True
    if frequency >= (2.5 if population < 20_000 else 3.0):
        return population < LARGE
    if len(words) <= _ACRONYM and words.isascii() and form != place.name and words[0] != place.name[0].lower():
        return True  # in some language: Yei is Jej, which is "her" in another
    return population < LARGE and " " not in form and "-" not in form and form.lower().endswith(_SURNAMES)


def _declined(language: str, forms: Iterable[str]) -> Iterator[str]:
    """Adjectives and peoples with the endings that the folding does not take off."""
    endings = {
        "en": ("s",),
        "fr": ("s", "e", "es", "ne", "nes"),
        "de": ("e", "en", "er", "es", "em"),
        "he": ("ם", "ת", "ות"),
    }
    for form in forms:
        yield form
        yield from (form + ending for ending in endings.get(language, ()))
        if language == "es" and form.endswith("o"):
            yield from (form[:-1] + ending for ending in ("a", "os", "as"))
        if language == "ar":
            yield from (form + ending for ending in ("ة", "ون", "ين", "ات", "ا"))


def listed(text: str) -> list[str]:
    """Entries that are parted by commas."""
    return [form for form in (part.strip() for part in text.split(",")) if form]


def _plain_words() -> Iterator[str]:
    """Words that only say that a name follows: no village is meant by them, even if one is called so."""
    for name in ("before", "kinds"):
        yield from (form for forms in index()[name].values() for form in listed(forms))
    yield from listed(index()["titles"]["words"])


def rivals() -> dict[str, str]:
    """By abbreviation, who else bears it, in full."""
    found: dict[str, str] = _actors()["rivals"]
    return found


def firm_in(language: str | None) -> list[str]:
    """Forms that mean something else in other languages, but not in this one."""
    return listed(_actors()["firm"].get(language, ""))


def fighters() -> str:
    """Words for those who fight for somebody, parted by commas."""
    found: str = _actors()["fighters"]["words"]
    return found


@cache
def _actors() -> dict[str, Any]:
    return _load(__package__, "actors.toml")


@cache
def index() -> dict[str, Any]:
    """The words by which the rules go."""
    return _load(__package__, "words.toml")


def _load(package: str, path: str) -> dict[str, Any]:
    return tomllib.loads(files(package).joinpath(*path.split("/")).read_text(encoding="utf-8"))

"""Names of actors, places and countries, and what each may mean.

The vocabulary is data: `archive/search/vocabulary/` (actors, our own places), `archive/gazetteer/` (GeoNames) and the
files beside this module. `lexicon.tsv` holds what `compiler.py` makes of it: a name a line, its words folded as a
text's are, and what it may mean. What that is, is looked up when the name comes up; most of the 100,000 never do.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import chain
from typing import Any, Self

from archive.gazetteer import Spot, spots
from crawler.enrich.names.reading import Reading, read

LARGE = 100_000  # inhabitants of a place that reports name without saying where it lies
ACRONYM = 6  # letters of an abbreviation at most
FILE = "lexicon.tsv"
_OFTEN = 4096  # names whose entries are kept: those of countries, capitals and armies come in most reports
_WRITTEN = (  # what is written by hand; where it changed since the file was made, the file does not count
    ("archive.search", "vocabulary/actors.toml"), ("archive.search", "vocabulary/places.toml"),
    *((__package__, name) for name in ("actors.toml", "countries.tsv", "peoples.toml", "words.toml")),
)  # fmt: skip


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
    """The names, and what each may mean."""

    def __init__(self, rows: Mapping[str, str]) -> None:
        """`rows`: by name, what the file has behind it."""
        self.version = "+".join((index()["version"], actors_listed()["version"]))
        self.words = frozenset(chain.from_iterable(name.split(" ") for name in rows if not name.isascii()))
        self.entry = lru_cache(maxsize=_OFTEN)(self._entry)
        self._rows = rows
        self._behind = _behind(rows.keys())

    @classmethod
    def of(cls, text: str) -> Self | None:
        """From what the file holds; None where that was made of other words."""
        head, _, body = text.partition("\n#")
        if not head.endswith(f" {digest()}"):
            return None
        return cls(dict(line.split("\t", 1) for line in body.split("\n")[1:-1]))

    def behind(self, words: str) -> Set[str]:
        """What may follow words that a name begins with, "" where they are one; empty where none begins so."""
        return self._behind.get(words) or (_ALONE if words in self._rows else _NONE)

    def find(self, reading: Reading) -> list[tuple[str, int, int]]:
        """The longest names in a text, the leftmost first, none in another: with its first word and the one behind.

        For a text as fast as an automaton over its letters, which takes a quarter of a second to be made.
        """
        words, count = reading.words, len(reading.words)
        found: list[tuple[str, int, int]] = []
        free = 0  # the first word behind the last name
        for first, behind in enumerate(reading.behind):
            if not behind or first < free:
                continue
            key, last = words[first], first + 1
            name = (key, first, last) if "" in behind else None
            while last < count and words[last] in behind:
                key, last = f"{key} {words[last]}", last + 1
                behind = self.behind(key)  # noqa: PLW2901 - of one word more
                name = (key, first, last) if "" in behind else name
            if name:
                found.append(name)
                free = name[2]
        return found

    def _entry(self, key: str) -> Entry:
        """What a name may mean."""
        meanings, endings, articles, marks, elsewhere, forms, exact, *_ = self._rows[key].split("\t") + _NOTHING
        pairs = (pair.split(":") for pair in elsewhere.split())
        return Entry(
            meanings=tuple(map(_meaning, meanings.split())),
            forms=tuple(forms.split("|")) if forms else (),
            endings=frozenset(endings.split()),
            articles=frozenset(articles.split()),
            exact=frozenset(exact.split("|")) if exact else frozenset(),
            weak="weak" in marks,
            doubtful="doubtful" in marks,
            is_word="word" in marks,
            declined="declined" in marks,
            elsewhere={country: int(inhabitants) for country, inhabitants in pairs},
        )


COLUMNS = ("name", "meanings", "endings", "articles", "marks", "elsewhere", "forms", "exact")
_ALONE, _NONE = frozenset(("",)), frozenset[str]()
_NOTHING = [""] * len(COLUMNS)


def _behind(names: Set[str]) -> dict[str, set[str]]:
    """By what names of several words begin with, what may follow: `khan` → al, younis; `khan al` → shih."""
    found = defaultdict[str, set[str]](set)
    longer: Iterable[str] = [name for name in names if " " in name]
    while longer:
        begun = set()
        for name in longer:
            begin, _, last = name.rpartition(" ")
            if begin not in found and " " in begin:
                begun.add(begin)
            found[begin].add(last)
        longer = begun
    for begin in found.keys() & names:
        found[begin].add("")
    return dict(found)


def _meaning(reference: str) -> Meaning:
    """What the file names: `actor:hamas`, `country:SY`, `people:SY` (who or what is of it), `decoy`, a place's term."""
    kind, _, name = reference.rpartition(":")
    if kind == "actor":
        return _actors()[name]
    if kind in ("country", "people"):
        return Country(name, kind == "people")
    return _DECOY if reference == "decoy" else spots()[reference]


_DECOY = Decoy()


@cache
def _actors() -> dict[str, Actor]:
    countries = actor_facts()["countries"]
    return {
        entry["id"]: Actor(entry["id"], entry["forms"][0], tuple(countries.get(entry["id"], "").split()))
        for entry in actors_listed()["actor"]
    }


@cache
def lexicon() -> Lexicon:
    """The one that ships with the program; made anew, in a second, where its words were changed since."""
    if found := Lexicon.of(file_of_names()):
        return found
    from crawler.enrich.names.compiler import compiled  # noqa: PLC0415 - it is for this case alone

    return Lexicon(compiled())


def file_of_names() -> str:
    """What the file holds."""
    return files(__package__).joinpath(FILE).read_text(encoding="utf-8")


def digest() -> str:
    """Of what is written by hand."""
    whole = sha256()
    for package, path in _WRITTEN:
        whole.update(files(package).joinpath(*path.split("/")).read_bytes())
    return whole.hexdigest()


def key_of(form: str) -> str:
    """A form as it stands in the lexicon: the words it is read as, parted by spaces."""
    return " ".join(read(form).words)


def is_acronym(form: str) -> bool:
    """Capitals alone: SDF, U.N., ВС РФ, SPLM-N."""
    signs = [letter for letter in form if letter.isalnum()]
    return 1 < len(signs) <= ACRONYM and not any(map(str.islower, signs)) and any(map(str.isupper, signs))


def listed(text: str) -> list[str]:
    """Entries that are parted by commas."""
    return [form for form in (part.strip() for part in text.split(",")) if form]


def rivals() -> dict[str, str]:
    """By abbreviation, who else bears it, in full."""
    found: dict[str, str] = actor_facts()["rivals"]
    return found


def firm_in(language: str | None) -> list[str]:
    """Forms that mean something else in other languages, but not in this one."""
    return listed(actor_facts()["firm"].get(language, ""))


def fighters() -> str:
    """Words for those who fight for somebody, parted by commas."""
    found: str = actor_facts()["fighters"]["words"]
    return found


@cache
def actor_facts() -> dict[str, Any]:
    """What else is known of actors."""
    return load(__package__, "actors.toml")


@cache
def actors_listed() -> dict[str, Any]:
    """The actors of the vocabulary."""
    return load("archive.search", "vocabulary/actors.toml")


@cache
def index() -> dict[str, Any]:
    """The words by which the rules go."""
    return load(__package__, "words.toml")


def load(package: str, path: str) -> dict[str, Any]:
    """A file of a package's data."""
    return tomllib.loads(files(package).joinpath(*path.split("/")).read_text(encoding="utf-8"))

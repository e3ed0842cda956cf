"""Places in and around armed conflicts, the world's capitals and largest cities: where they are and how texts of any
language write their names.

`places.tsv` is made from GeoNames by `benchmarks/places.py`; what it lacks or has wrong stands in
`archive/search/vocabulary/places.toml`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """One populated place. `country` and `admin1` are GeoNames' codes (ISO 3166-1, own); 0 inhabitants: unknown."""

    id: int
    name: str
    country: str
    admin1: str
    latitude: float
    longitude: float
    population: int
    forms: tuple[str, ...]  # spellings by which it can be found
    words: tuple[str, ...]  # each of them as the search index holds it


def places() -> Iterator[Place]:
    """Every place of the gazetteer."""
    return map(_place, _lines())


def _lines() -> list[str]:
    text = files("archive.gazetteer").joinpath("places.tsv").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and line[0] != "#"]


def _place(line: str) -> Place:
    number, name, country, admin1, latitude, longitude, population, forms, words = line.split("\t")
    return Place(
        int(number), name, country, admin1, float(latitude), float(longitude), int(population),
        tuple(forms.split("|")) if forms else (), tuple(words.split("|")) if words else (),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lookalike:
    """What the words of a place's name may mean besides.

    `frequency`: how common they are as words, on the Zipf scale (3: once in a million). `elsewhere`: countries with
    places of the name that are not in the gazetteer, and the inhabitants of the largest there.
    """

    frequency: float
    elsewhere: Mapping[str, int]


def lookalikes() -> Iterator[tuple[str, Lookalike]]:
    """By the words of a name as the search index has them; names that mean nothing else are not in it."""
    with files("archive.gazetteer").joinpath("lookalikes.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                words, frequency, others = line[:-1].split("\t")
                pairs = (other.split(":") for other in others.split("|") if other)
                yield words, Lookalike(float(frequency), {country: int(number) for country, number in pairs})


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place lies that a mention names. `term` is that of the mention: GeoNames' number or our own id.

    `label` is how the English-language press writes it; `population` 0: unknown, or no town. `curated`: it stands in
    our own list, too.
    """

    term: str
    label: str
    country: str
    latitude: float
    longitude: float
    population: int
    curated: bool


class _Spots(Mapping[str, Spot]):
    """All of them, each made when it is asked for: an article names a handful of 16,000."""

    def __init__(self) -> None:
        self._own = {entry["id"].removeprefix("geonames:"): entry for entry in overlay()}
        own = (term for term, entry in self._own.items() if "latitude" in entry)
        self._lines = dict.fromkeys(own, "") | {line.partition("\t")[0]: line for line in _lines()}
        self._made: dict[str, Spot] = {}

    def __getitem__(self, term: str) -> Spot:
        if (known := self._made.get(term)) is None:
            known = self._made[term] = self._spot(term, self._lines[term])
        return known

    def _spot(self, term: str, line: str) -> Spot:
        own = self._own.get(term)
        if not line and own is not None:
            return Spot(term, own["forms"][0], own["country"], own["latitude"], own["longitude"], 0, curated=True)
        _, name, country, _, latitude, longitude, population, _ = line.split("\t", 7)
        label = name if own is None else own["forms"][0]
        return Spot(term, label, country, float(latitude), float(longitude), int(population), own is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


@cache
def spots() -> Mapping[str, Spot]:
    """Every place that a mention may name, by its term: the gazetteer's and those of our own list."""
    return _Spots()


def overlay() -> list[dict[str, Any]]:
    """The entries of our own list: `id`, `source`, `forms`, and the position of what GeoNames does not have."""
    text = files("archive.search").joinpath("vocabulary", "places.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text)["place"]
    return entries

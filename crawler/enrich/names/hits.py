"""Names as they stand in a text: found in the lexicon, compared with the text's letters and with what is beside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from archive.search import folding
from crawler.enrich.names.lexicon import Entry, index, is_acronym, key_of, lexicon, listed
from crawler.enrich.names.reading import Reading, articles, is_inflected

_KINDLESS = frozenset(" ()[]\"“”«»'’،,")
# "an Islamic state", "un estado islámico" is any; only in these languages are all words of the name written large
_STRICT = frozenset(("Islamic State", "Islamic State group", "Estado Islámico"))
_APOSTROPHE = ("tr", "az")  # languages where an apostrophe stands between a name and its ending
_CASE = re.compile("['’][^\\W\\d]+\\Z")
_IN = re.compile("['’][dt][ae](?:n|ki\\w*)?\\Z")  # … in it, from it
_ROMANCE = ("la", "las", "el", "los", "le", "les", "il", "lo")  # articles
_SHORT = 3  # capitals of what is an abbreviation rather than a place in a dateline: GAO
_TURKISH_CASES = ("nde", "nden", "ne", "nin", "ni", "nda", "ndan", "na", "nun", "nu", "ndeki", "ndaki")
_LARGE = ("И", "І", "É", "E", "I")


@dataclass(frozen=True, slots=True)
class Hit:
    """A name at the words `first` to before `last` of a part of a report.

    `span`: where in the part's text, in code points. `raw`: as the text has it.
    """

    reading: Reading
    part: str
    first: int
    last: int
    entry: Entry
    name: str  # as the lexicon has it
    span: tuple[int, int]
    raw: str

    @property
    def sentence(self) -> tuple[str, int]:
        """The sentence it stands in."""
        return self.part, self.reading.sentence(self.first)


def find(reading: Reading, part: str, language: str | None) -> Iterator[Hit]:
    """The names in a part of a report whose letters are those of a name."""
    names = lexicon()
    found = names.find(reading)
    shouted = bool(found) and _is_shouted(reading.text)
    for name, first, last in found:
        entry = names.entry(name)
        start, end = span = reading.place(first, last)
        hit = Hit(reading, part, first, last, entry, name, span, reading.text[start:end])
        if not entry.is_decoy and _is_spelled(hit, language, shouted=shouted):
            yield hit


def _is_spelled(hit: Hit, language: str | None, *, shouted: bool) -> bool:
    raw, entry = hit.raw, hit.entry
    if entry.exact and raw.partition("'")[0].partition("’")[0] in entry.exact:
        return not (is_acronym(raw) and len(raw) < 3 and (shouted or _is_among_capitals(hit)))
    if entry.exact and not entry.forms:
        return False
    if any(country.is_people for country in entry.countries):
        return _is_a_case(hit)
    if not (_is_a_case(hit) and _is_in_one_piece(hit) and _has_its_articles(hit, language)):
        return False
    if entry.actors:
        return _is_written_as_actor(hit, language, shouted=shouted)
    return _is_written_as_place(hit, shouted=shouted)


def _is_a_case(hit: Hit) -> bool:
    endings = hit.entry.endings
    return not endings or any(is_inflected(ending, hit.raw) for ending in endings)


def _is_written_as_place(hit: Hit, *, shouted: bool) -> bool:
    raw, entry = hit.raw, hit.entry
    if raw[0].islower() and hit.reading.key(hit.first) in _ROMANCE and not any(spot.curated for spot in entry.spots):
        return False  # "reina la paz"
    return _has_capital(hit) and (shouted or not raw.isupper() or len(raw) > _SHORT or not raw.isalpha())


def _is_in_one_piece(hit: Hit) -> bool:
    """Whether nothing parts its words: 电视台、中国 does not name 台中, nor "in Lin. I think" Lini."""
    reading = hit.reading
    for at in range(hit.first + 1, hit.last):
        gap = reading.gap(at)
        if gap not in ("", " ", "-") and not _is_joint(gap, reading.raw(at - 1), reading.raw(at)):
            return False
    return True


def _is_joint(gap: str, before: str, after: str) -> bool:
    """Space, hyphen or line's end; and the stops of abbreviations: U.N., St. Petersburg, Washington, D.C."""
    stops = gap.strip(" \u00a0\u202f-‐‑–'’\"“”«»·・")
    if stops in ("", "\n"):
        return True
    return (stops == "." and (len(before) <= _SHORT and before[:1].isupper())) or (
        stops == "," and after.isupper() and len(after) < _SHORT
    )


def _has_its_articles(hit: Hit, language: str | None) -> bool:
    """Whether an Arabic name has the article where it has one by itself, and nowhere else: السيول are floods, سيول is
    Seoul. Other languages of the script leave the article away."""
    found = articles(hit.reading.raw(at) for at in range(hit.first, hit.last)) if hit.entry.articles else ""
    if not hit.entry.articles or found in hit.entry.articles:
        return True
    return language not in ("ar", None) and any(
        all(here <= own for here, own in zip(found, known, strict=False)) for known in hit.entry.articles
    )


def _is_among_capitals(hit: Hit) -> bool:
    """Whether a word beside it is in capitals, too: LOVE IS ALL."""
    reading = hit.reading
    beside = ((reading.raw(hit.first - 1), hit.first), (reading.raw(hit.last), hit.last))
    return any(len(raw) > 1 and raw.isupper() and reading.gap(gap) == " " for raw, gap in beside)


def _is_written_as_actor(hit: Hit, language: str | None, *, shouted: bool) -> bool:
    raw, forms = hit.raw, hit.entry.forms
    if " " in raw and not shouted and any(actor.id == "islamic-state" for actor in hit.entry.actors):
        return raw in _STRICT if _STRICT.intersection(forms) else raw[0] in _LARGE or raw[0] > "\u0500"
    if all(map(is_acronym, forms)):
        return raw[0].isupper() and (raw[:2].isupper() or raw in forms)
    if any(form[0].islower() for form in forms) or (language != "en" and len(raw) > 4):
        return True
    return _has_capital(hit)


def is_cased(raw: str) -> bool:
    return raw.upper() != raw.lower()


def _has_capital(hit: Hit) -> bool:
    """A capital where the script has any."""
    raws = [hit.reading.raw(at) for at in range(hit.first, hit.last)]
    if all(raw[:1].lower() == raw[:1].upper() for raw in raws):
        return True
    return any(letter.isupper() for raw in raws for letter in raw[:3])


def _is_shouted(text: str) -> bool:
    """Whether it is written in capitals throughout: abbreviations do not stand out then."""
    begin = text[:400]
    if sum(map(str.islower, begin)) >= 0.3 * len(begin):  # nearly always, and a third of the time
        return False
    letters = [letter for letter in begin if letter.upper() != letter.lower()]
    return len(letters) > 12 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


# What stands beside a name


def is_located(hit: Hit, language: str | None) -> bool:
    """Whether a word in front says that a place comes: "near", "в", "قرب"."""
    if _has_particle(hit) or (language in _APOSTROPHE and _IN.search(hit.reading.raw(hit.last - 1))):
        return True
    before = _before(language)
    one, two = hit.reading.key(hit.first - 1), hit.reading.key(hit.first - 2)
    if _is_beside(hit, hit.first) and (one in before or f"{two} {one}" in before):
        return True
    return _is_beside(hit, hit.last) and hit.reading.key(hit.last) in _behind(language)


def _has_particle(hit: Hit) -> bool:
    """Whether "in", "to" or "from" is written together with it: بحلب, ברפיח."""
    raw = hit.reading.raw(hit.first)
    if raw.isascii():
        return False
    particle = raw[1] if raw[0] in "وושف" and len(raw) > 1 else raw[0]
    return particle in "بلבלמ" and len(folding.bare(raw)) > len(hit.reading.key(hit.first))


def has_ending_apart(hit: Hit, language: str | None) -> bool:
    """Whether an apostrophe parts a Turkish ending from it, as from names alone: Ordu'nun is no army's."""
    return language in _APOSTROPHE and _CASE.search(hit.reading.raw(hit.last - 1)) is not None


def is_of_a_kind(hit: Hit) -> bool:
    """Whether a word beside it says what place it is: "the town of", "市", "Oblast"."""
    kinds, reading, at = _kinds(), hit.reading, hit.first - 1
    if reading.key(at) in ("of", "de", "d") or (reading.key(at) in ("al", "el") and reading.key(at - 1)):
        at -= 1
    # المدينة البيضاء is the white city: before a name what it is has no article
    is_kind = reading.key(at) in kinds and articles((reading.raw(at),)) == "0"
    if is_kind and _is_beside(hit, hit.first) and reading.gap(hit.first):
        return True
    if reading.gap(hit.last) == "" and reading.text[hit.span[1] : hit.span[1] + 3]:
        return any(reading.text.startswith(kind, hit.span[1]) for kind in _unspaced_kinds())
    return reading.key(hit.last) in kinds and _is_beside(hit, hit.last)


def is_named_after(hit: Hit) -> bool:
    """A paper, a treaty, a club of that name: "Minsk agreements", "Шахтёр Донецк"."""
    reading = hit.reading
    after, before = _named_after()
    word = reading.raw(hit.last)
    if reading.gap(hit.last) in (" ", "-") and word in after:
        return True
    one, two = reading.key(hit.first - 1), reading.key(hit.first - 2)
    return _is_beside(hit, hit.first) and (one in before or f"{two} {one}" in before)


def is_a_person(hit: Hit, others: frozenset[int], language: str | None) -> bool:
    """Part of a person's name: behind a title or first name, or beside another word with a capital.

    `others`: words of the text that belong to other names.
    """
    reading = hit.reading
    if reading.key(hit.first - 1) in _titles() and reading.gap(hit.first) in (" ", ". "):
        return True
    if is_of_a_kind(hit):
        return False
    ends = has_ending_apart(hit, language) or hit.raw.endswith(("'s", "’s"))  # Hong Kong's Hang Seng
    before, after = ((hit.first - 1, hit.first),), ((hit.last, hit.last),)
    beside = (() if is_located(hit, language) else before) + (() if ends else after)
    for at, gap in beside:
        raw = reading.raw(at)
        if at < hit.first and len(raw) == 1 and raw.isupper() and reading.gap(gap) == ". ":  # John F. Kennedy
            return True
        if not raw or at in others or reading.gap(gap) != " " or not raw[:1].isupper() or raw.isupper():
            continue
        key = reading.key(at)
        if key not in _kinds() and not (at < hit.first and reading.begins(at)):
            return True
    return False


def _is_beside(hit: Hit, at: int) -> bool:
    return set(hit.reading.gap(at)) <= _KINDLESS


def words_of(text: str) -> frozenset[str]:
    """Listed words as they are compared."""
    return frozenset(map(key_of, listed(text)))


@cache
def _before(language: str | None) -> frozenset[str]:
    listed_by = index()["before"]
    scripts = {"uk": ("ru",), "tr": ()}
    wanted = scripts.get(language or "", (language,)) if language in listed_by or language in scripts else listed_by
    return frozenset(word for name in (*wanted, "ar", "ru") if name for word in words_of(listed_by[name]))


@cache
def _behind(language: str | None) -> frozenset[str]:
    return words_of(index()["behind"].get(language, ""))


@cache
def _kinds() -> frozenset[str]:
    found = {word for words in index()["kinds"].values() for word in words_of(words)}
    turkish = words_of(index()["kinds"]["tr"])  # ilçesinde, kentine, köyünden
    return frozenset(found | {word + ending for word in turkish for ending in _TURKISH_CASES})


@cache
def _unspaced_kinds() -> tuple[str, ...]:
    return tuple(listed(index()["kinds"]["zh"]))


@cache
def _titles() -> frozenset[str]:
    return words_of(index()["titles"]["words"]) | words_of(index()["titles"]["given"])


@cache
def _named_after() -> tuple[frozenset[str], frozenset[str]]:
    after = index()["named_after"]
    return frozenset(form for name in ("papers", "treaties", "things") for form in listed(after[name])), words_of(
        after["before"]
    )

"""Names as they stand in a text: found by the automaton, compared with the text's letters and with what is beside."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from archive.search import folding
from crawler.enrich.names.lexicon import Decoy, Entry, index, is_acronym, lexicon, listed, pattern
from crawler.enrich.names.reading import Reading, is_inflected

_KINDLESS = frozenset(" ()[]\"“”«»'’،,")
# "an Islamic state", "un estado islámico" is any; only in these languages are all words of the name written large
_STRICT = frozenset(("Islamic State", "Islamic State group", "Estado Islámico"))
_SHORT = 3  # capitals of what is an abbreviation rather than a place in a dateline: GAO
_LARGE = ("И", "І", "É", "E", "I")


@dataclass(frozen=True, slots=True)
class Hit:
    """A name at the words `first` to before `last` of a part of a report."""

    reading: Reading
    part: str
    first: int
    last: int
    entry: Entry
    number: int  # of the pattern

    @property
    def span(self) -> tuple[int, int]:
        """Where in the part's text, in code points."""
        return self.reading.place(self.first, self.last)

    @property
    def raw(self) -> str:
        """As the text has it."""
        start, end = self.span
        return self.reading.text[start:end]

    @property
    def sentence(self) -> tuple[str, int]:
        """The sentence it stands in."""
        return self.part, self.reading.sentence(self.first)


def find(reading: Reading, part: str, language: str | None) -> Iterator[Hit]:
    """The names in a part of a report whose letters are those of a name."""
    names = lexicon()
    shouted = _is_shouted(reading.text)
    for number, start, end in names.find(reading.joined):
        first, last = reading.span(start, end)
        entry = names.entry(number)
        hit = Hit(reading, part, first, last, entry, number)
        if not any(isinstance(meaning, Decoy) for meaning in entry.meanings) and _is_spelled(
            hit, language, shouted=shouted
        ):
            yield hit


def _is_spelled(hit: Hit, language: str | None, *, shouted: bool) -> bool:
    raw, entry = hit.raw, hit.entry
    if entry.exact and raw.partition("'")[0].partition("’")[0] in entry.exact:
        return not (is_acronym(raw) and len(raw) < 3 and (shouted or _is_among_capitals(hit)))
    if entry.exact and not entry.forms:
        return False
    if entry.endings and not any(is_inflected(ending, raw) for ending in entry.endings):
        return False
    if any(country.is_people for country in entry.countries):
        return True
    if entry.actors:
        return _is_written_as_actor(hit, language, shouted=shouted)
    return _has_capital(hit) and (shouted or not raw.isupper() or len(raw) > _SHORT or not raw.isalpha())


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


def _has_capital(hit: Hit) -> bool:
    """A capital where the script has any."""
    raws = [hit.reading.raw(at) for at in range(hit.first, hit.last)]
    if all(raw[:1].lower() == raw[:1].upper() for raw in raws):
        return True
    return any(letter.isupper() for raw in raws for letter in raw[:3])


def _is_shouted(text: str) -> bool:
    """Whether it is written in capitals throughout: abbreviations do not stand out then."""
    letters = [letter for letter in text[:400] if letter.upper() != letter.lower()]
    return len(letters) > 12 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


# What stands beside a name


def is_located(hit: Hit, language: str | None) -> bool:
    """Whether a word in front says that a place comes: "near", "в", "قرب"."""
    if _has_particle(hit):
        return True
    before = _before(language)
    one, two = hit.reading.key(hit.first - 1), hit.reading.key(hit.first - 2)
    return _is_beside(hit, hit.first) and (one in before or f"{two} {one}" in before)


def _has_particle(hit: Hit) -> bool:
    """Whether "in", "to" or "from" is written together with it: بحلب, ברפיח."""
    raw = hit.reading.raw(hit.first)
    return not raw.isascii() and raw[0] in "بلבלמ" and len(folding.bare(raw)) > len(hit.reading.key(hit.first))


def is_of_a_kind(hit: Hit) -> bool:
    """Whether a word beside it says what place it is: "the town of", "市", "Oblast"."""
    kinds, reading = _kinds(), hit.reading
    one, two = reading.key(hit.first - 1), reading.key(hit.first - 2)
    if one in ("of", "de", "d") or (one in ("al", "el") and two):
        one = two
    if one in kinds and _is_beside(hit, hit.first) and reading.gap(hit.first):
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
    beside = (
        ((hit.last, hit.last),) if is_located(hit, language) else ((hit.first - 1, hit.first), (hit.last, hit.last))
    )
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
    return frozenset(" ".join(pattern(form).split()) for form in listed(text))


@cache
def _before(language: str | None) -> frozenset[str]:
    listed_by = index()["before"]
    scripts = {"uk": ("ru",), "tr": ()}
    wanted = scripts.get(language or "", (language,)) if language in listed_by or language in scripts else listed_by
    return frozenset(word for name in (*wanted, "ar", "ru") if name for word in words_of(listed_by[name]))


@cache
def _kinds() -> frozenset[str]:
    return frozenset(word for name, words in index()["kinds"].items() for word in words_of(words))


@cache
def _unspaced_kinds() -> tuple[str, ...]:
    return tuple(listed(index()["kinds"]["zh"]))


@cache
def _titles() -> frozenset[str]:
    return words_of(index()["titles"]["words"])


@cache
def _named_after() -> tuple[frozenset[str], frozenset[str]]:
    after = index()["named_after"]
    return frozenset(form for name in ("papers", "treaties", "things") for form in listed(after[name])), words_of(
        after["before"]
    )

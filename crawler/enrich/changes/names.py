"""Names of people and places in a text: by their capitals where a script has them, by a gazetteer and by what stands
beside them ("city of", "General", 市) in any.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.enrich.changes.wording import Word, Wording, is_title_case
from crawler.extract.time_words import month

MOST = 50  # names of one sentence that are compared
_STEM = 4  # letters that "Ukraine" and "Ukrainian", "Харькова" and "Харьков" have in common at least
_SURNAMES = frozenset(
    ["ов", "ев", "ова", "ева", "ин", "ина", "енко", "ский", "ская", "ськии", "ська"]
)  # Мельник, Мельников
_ARABIC_ENDINGS = ("يون", "يين", "يات", "يه", "ي")


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A word of a name. `is_place`: the gazetteer has it."""

    form: str
    begin: int
    end: int
    is_place: bool


def names(text: Sequence[Word], known: Wording, seen: frozenset[str] = frozenset()) -> list[Name]:
    """The words of `text` that are (parts of) names. `seen`: names of the same report, known from elsewhere in it."""
    found: dict[int, Name] = {}
    has_case = any(word.text[0].isupper() for word in text if word.form) or any(
        word.text[0].islower() for word in text if word.form
    )
    for lexicon in (known.gazetteer, known.peoples):
        for hit in lexicon.find(text):
            cased = text[hit.begin].text[0]
            if not has_case or cased.isupper() or lexicon is known.peoples:
                found[hit.begin] = Name(form=hit.label.strip("*"), begin=hit.begin, end=hit.end, is_place=True)
    taken = {place for name in found.values() for place in range(name.begin, name.end)}
    common = _common(text, known)
    by_case = _capitalised(text, known, common, seen) if has_case else _beside(text, known, common)
    for place in by_case:
        if place not in taken:
            found[place] = Name(form=text[place].form, begin=place, end=place + 1, is_place=False)
    if not has_case:
        found |= {name.begin: name for name in _peoples(text, known) if name.begin not in taken}
    return [found[place] for place in sorted(found)]


def _common(text: Sequence[Word], known: Wording) -> set[int]:
    """Words that are capitalised, or stand beside a title, without being names: titles, offices, days, months."""
    lexicons = (
        known.titles,
        known.sources,
        known.agencies,
        known.days,
        known.places,
        known.places_after,
        known.says,
        known.by,
    )
    places = {place for lexicon in lexicons for hit in lexicon.find(text) for place in range(hit.begin, hit.end)}
    return places | {place for place, word in enumerate(text) if word.form and month(word.form) is not None}


def _capitalised(text: Sequence[Word], known: Wording, common: set[int], seen: frozenset[str]) -> list[int]:
    capital = [place for place, word in enumerate(text) if word.text[0].isupper()]
    title_case = is_title_case(text)
    found: list[int] = []
    for place in capital:
        word = text[place]
        if place in common or len(word.text) == 1:
            continue
        if title_case or known.nouns_capitalised:
            named = word.form in seen or (known.nouns_capitalised and _is_named_in_german(text, place, known, common))
        else:
            follows = place + 1 < len(text) and text[place + 1].text[0].isupper() and place + 1 not in common
            follows = follows or (place + 1 < len(text) and known.places_after.at(text, place + 1) is not None)
            named = not word.is_first or word.form in seen or follows
        if named:
            found.append(place)
    return found


def _is_named_in_german(text: Sequence[Word], place: int, known: Wording, common: set[int]) -> bool:
    """All nouns have capitals: a title or "in" is in front of a name, or it has two words, unlike other nouns."""
    before = text[place - 1] if place else None
    if before is not None and before.form and not text[place].is_first:
        if known.titles.at(text, place - 1) or known.places.at(text, place - 1):
            return True
        if before.text[0].isupper() and not before.is_first and place - 1 not in common:
            return True
        if before.text[0].isupper() and place >= 2 and known.titles.at(text, place - 2):
            return True
    after = text[place + 1] if place + 1 < len(text) else None
    return after is not None and after.text[0].isupper() and place + 1 not in common and not text[place].is_first


def _beside(text: Sequence[Word], known: Wording, common: set[int]) -> list[int]:
    """Where a script has no capitals: what follows a title or a word for a place, or stands in front of one."""
    found: list[int] = []
    is_chinese = any("\u4e00" <= word.text[0] <= "\u9fff" for word in text)
    for lexicon, length in ((known.titles, 3), (known.places, 1)):
        for hit in lexicon.find(text):
            of_office = lexicon is known.titles and not is_chinese
            begin = _behind_office(text, hit.end, common) if of_office else hit.end
            found += _run(text, range(begin, min(len(text), begin + length)), common)
    if is_chinese:
        for hit in known.places_after.find(text):
            found += _run(text, range(hit.begin - 1, max(-1, hit.begin - 4), -1), common)
    return found


def _behind_office(text: Sequence[Word], place: int, common: set[int]) -> int:
    """Behind what a title is of: وزير الخارجية المصري is followed by the name."""
    end = min(len(text) - 1, place + 3)
    while place < end and (place in common or text[place].form.startswith("ال")):
        place += 1
    return place


def _run(text: Sequence[Word], places: range, common: set[int]) -> list[int]:
    found: list[int] = []
    for place in places:
        if place in common or not text[place].form or text[place].text[0].isdigit():
            break
        found.append(place)
    return found


def _peoples(text: Sequence[Word], known: Wording) -> list[Name]:
    """Arabic adjectives of a country: قطرية, المصريين."""
    found: list[Name] = []
    for place, word in enumerate(text):
        ending = next((each for each in _ARABIC_ENDINGS if word.form.endswith(each)), None)
        if ending is None or len(word.form) - len(ending) < 2:
            continue
        base = word.form.removesuffix(ending).removeprefix("و").removeprefix("ال")
        for country in (base, base + "ا", base + "ه", base + "يا", "ال" + base):
            stem = Word(text=country, form=country, begin=0, end=0, is_first=False)
            if known.gazetteer.at((stem,), 0) is not None:
                found.append(Name(form=country, begin=place, end=place + 1, is_place=True))
                break
    return found


def differing(old: Sequence[Name], new: Sequence[Name]) -> tuple[list[Name], list[Name]]:
    """The names that only one of two passages has; forms of one name ("Ukraine", "Ukrainian") are one."""
    before, after = {name.form for name in old}, {name.form for name in new}
    gone = [name for name in old if name.form not in after][:MOST]
    come = [name for name in new if name.form not in before][:MOST]
    return _without_akin(gone, sorted(after)), _without_akin(come, sorted(before))


def _without_akin(some: Sequence[Name], others: Sequence[str]) -> list[Name]:
    return [name for name in some if not has_akin(name.form, others)]


def has_akin(form: str, others: Sequence[str]) -> bool:
    """Whether a form of the name is among `others`, which are sorted."""
    if len(form) < _STEM:
        place = bisect_left(others, form)
        return place < len(others) and others[place] == form
    begin = bisect_left(others, form[:_STEM])
    end = bisect_left(others, form[:_STEM] + "\U0010ffff")
    return any(akin(form, other) for other in others[begin : min(end, begin + MOST)])


def akin(one: str, other: str) -> bool:
    """Whether two folded words are forms of one name: they differ in endings that make no other name."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    common = next((place for place, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if longer[common:] in _SURNAMES and common == len(shorter):
        return False
    return common >= max(_STEM, len(shorter) - 2) and len(longer) - common <= 5

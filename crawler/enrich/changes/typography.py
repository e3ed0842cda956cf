"""What makes two texts look different and say the same: white space, marks, accents, spellings, misprints."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.diff import matches
from crawler.enrich.changes.figures import Figure
from crawler.enrich.changes.wording import Hit, Word

DOUBLED = 5  # letters of a word in which one may be doubled by mistake: "ten" and "teen" are two
_SIGNS = frozenset("%$€£₽₴₺¥")
LETTERS = 6  # the shortest word in which one wrong letter is a misprint; "Iran" and "Iraq" are none


def plain(text: Sequence[Word], figures: Sequence[Figure], percents: Sequence[Hit]) -> list[str]:
    """The words of a text as they are compared: without marks, figures by their value, one sign for per cent."""
    said = {figure.begin: (f"#{figure.value}#", figure.end) for figure in figures if figure.is_exact}
    said |= {hit.begin: ("%", hit.end) for hit in percents}
    found: list[str] = []
    index = 0
    while index < len(text):
        word = text[index]
        if index in said:
            form, index = said[index]
            found.append(form)
            continue
        if word.form or word.text in _SIGNS:
            found.append(word.form or word.text)
        index += 1
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """Folded words of a report that are right as they are: those both versions use (`settled`), and names."""

    settled: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


def reads_same(old: Sequence[str], new: Sequence[str], spelling: Spelling) -> bool:
    """Whether two texts, as `plain` gives them, say the same but for misprints and words set twice."""
    if "".join(old) == "".join(new):
        return True
    was = at = 0
    for begin, other, length in [*matches(old, new), (len(old), len(new), 0)]:
        before, after = old[was:begin], new[at:other]
        if (before or after) and not _same_region(before, after, _neighbours(old, was, begin), spelling):
            return False
        was, at = begin + length, other + length
    return True


def _neighbours(text: Sequence[str], begin: int, end: int) -> tuple[str, str]:
    return (text[begin - 1] if begin else "", text[end] if end < len(text) else "")


def _same_region(before: Sequence[str], after: Sequence[str], beside: tuple[str, str], spelling: Spelling) -> bool:
    if "".join(before) == "".join(after):
        return True
    if not before or not after:
        lone = [*before, *after]
        return len(lone) == 1 and not lone[0].startswith("#") and lone[0] in beside  # "the the"
    if len(before) != len(after):
        return False
    return all(one == other or is_misprint(one, other, spelling) for one, other in zip(before, after, strict=True))


def is_misprint(one: str, other: str, spelling: Spelling) -> bool:
    """Whether two folded words are one, misspelt: inside it, since beginnings and endings carry meaning.

    Two letters that changed places, a letter doubled or not, one letter more, less or other in a long word. Two settled
    words are two; what is one letter away from a settled one is a misprint of it; other names have to be the same.
    """
    both_are_words = one.isalpha() and other.isalpha() and one[0] == other[0]
    if not both_are_words or abs(len(one) - len(other)) > 1 or {one, other} <= spelling.settled:
        return False
    shorter, longer = sorted((one, other), key=len)
    begin = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    end = next((at for at in range(len(shorter) - begin) if shorter[-1 - at] != longer[-1 - at]), len(shorter) - begin)
    less, more = shorter[begin : len(shorter) - end], longer[begin : len(longer) - end]
    if len(less) == 2 and less == more[::-1]:
        return len(one) > 3 or "the" in {one, other}
    if not less and len(shorter) >= DOUBLED and more == longer[begin - 1]:
        return True
    is_plural = {less, more} == {"a", "e"} and longer.endswith("n")  # gunman, gunmen
    if len(more) > 1 or end == 0 or is_plural or len(shorter) < LETTERS:
        return False
    if not spelling.settled.isdisjoint((one, other)):
        return True
    return _writes_vowels(one) and spelling.named.isdisjoint((one, other))


def _writes_vowels(word: str) -> bool:
    """In Arabic and Hebrew a letter inside a word makes another word: صاروخ, صواريخ."""
    return not "\u0590" <= word[0] <= "\u08ff"

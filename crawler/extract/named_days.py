"""Days whose month is named: the numbers around a month's name, in the orders that languages print them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.extract.calendars import day_of
from crawler.extract.clocks import CLOCK
from crawler.extract.time_words import Month, fold, is_filler, may_begin_month, month

# Words run to the next space, digit or mark; points within them stay: "มี.ค.", "a.m."
_TOKEN = re.compile(r"\d+|[^\s\d,.:;/()|\[\]·•–—\-،؛。、]+(?:\.[^\s\d,.:;/()|\[\]·•–—\-،؛。、]+)*")
_GAP = re.compile(r"[\s.,/'’\-–—()،|·ـ]{0,12}\Z")  # what may stand between the parts of a date
_ZONE = re.compile(r"[A-Z]{2,5}\Z")
_WORDS_OF_MONTH = 3  # at most: "tháng mười hai"
_WORDS_BETWEEN = 2  # at most: "12 de marzo del año 2020"
_SHORTEST = 2  # characters of a month's name


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def number(self) -> int | None:
        return int(self.text) if self.text.isdecimal() and len(self.text) <= 4 else None

    @property
    def is_day(self) -> bool:
        return len(self.text) <= 2 and self.number is not None and 1 <= self.number <= 31

    @property
    def is_year(self) -> bool:
        return len(self.text) == 4 and self.number is not None


def named_days(text: str, languages: Sequence[str]) -> Iterator[tuple[int, int, date]]:
    """The days of `text`, a line whose digits are ASCII, in its order, with where each starts and ends."""
    if len(text) < len("1 mai 2020"):
        return
    clocks_out = CLOCK.sub(lambda found: " " * len(found[0]) if ":" in found[0] else found[0], text)
    tokens = [_Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(clocks_out)]
    line, passed = _Line(clocks_out, tokens), 0
    for first in range(len(tokens)):
        if first < passed:
            continue
        named = _month_at(line, first, languages)
        if named is None:
            continue
        passed = named[1]
        found = _around(line, first, *named)
        if found is not None:
            yield found


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    tokens: list[_Token]

    def joined(self, left: int, right: int) -> bool:
        """Whether nothing that parts a date stands between two tokens that follow one another."""
        return _GAP.match(self.text[self.tokens[left].end : self.tokens[right].start]) is not None

    def step(self, index: int, by: int) -> int | None:
        """The next token in a direction that is not a filler; None past the ends or where something else is between."""
        for _ in range(_WORDS_BETWEEN + 1):
            nearer, index = index, index + by
            if not 0 <= index < len(self.tokens) or not self.joined(min(nearer, index), max(nearer, index)):
                return None
            if not is_filler(self.tokens[index].text):
                return index
        return None


def _month_at(line: _Line, first: int, languages: Sequence[str]) -> tuple[Month, int] | None:
    """The month whose name begins with the token `first`, and the token after it.

    The Arab press prints both names of a month: "نيسان / أبريل".
    """
    found = _name_at(line, first, languages)
    if found is None or found[1] == len(line.tokens) or not line.joined(found[1] - 1, found[1]):
        return found
    again = _name_at(line, found[1], languages)
    return again if again is not None and again[0] == found[0] else found


def _name_at(line: _Line, first: int, languages: Sequence[str]) -> tuple[Month, int] | None:
    tokens = line.tokens
    if tokens[first].number is not None or len(tokens[first].text) < _SHORTEST:
        return None
    if fold(tokens[first].text) == "thang" and first + 1 < len(tokens):  # "12 tháng 3 năm 2020"
        number = tokens[first + 1].number
        if number is not None and 1 <= number <= 12:
            return Month(calendar="gregorian", number=number), first + 2
    if not may_begin_month(tokens[first].text):
        return None
    for count in range(min(_WORDS_OF_MONTH, len(tokens) - first), 0, -1):
        found = month(" ".join(token.text for token in tokens[first : first + count]), languages)
        if found is not None:
            return found, first + count
    return None


def _around(line: _Line, first: int, named: Month, after: int) -> tuple[int, int, date] | None:
    """The day and year printed around a month's name, which is the tokens [first, after)."""
    tokens = line.tokens
    before, behind = line.step(first, -1), line.step(after - 1, 1)
    day_before = before is not None and tokens[before].is_day
    places: tuple[int, int] | None = None
    if before is not None and day_before and behind is not None and tokens[behind].is_year:  # "12 March 2020"
        places = before, behind
    elif behind is not None and tokens[behind].is_day:
        further = line.step(behind, 1)
        if further is not None and _ZONE.match(tokens[further].text):  # "Mar 12 14:28:26 CET 2020"
            further = line.step(further, 1)
        if further is not None and tokens[further].is_year:  # "March 12th, 2020"
            places = behind, further
        elif before is not None and tokens[before].is_year:  # "2020. március 12."
            places = behind, before
    elif before is not None and day_before:  # "2020. gada 12. marts", "2017 Tuesday ,10 October"
        further = line.step(before, -1)
        if further is not None and tokens[further].number is None:
            further = line.step(further, -1)
        if further is not None and tokens[further].is_year:
            places = before, further
    if places is None:
        return None
    day, year = (tokens[place] for place in places)
    found = day_of(int(year.text), named.number, int(day.text), named.calendar)
    parts = (day, year, tokens[first], tokens[after - 1])
    return (min(part.start for part in parts), max(part.end for part in parts), found) if found is not None else None

"""Days written in numbers: "2016-02-26", "30.06.2017", "2020年3月12日"."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from crawler.extract.calendars import common_year, day_of

_YEAR_FIRST = frozenset(("zh", "ja", "ko", "hu", "lt", "mn", "fa", "eu"))  # CLDR: their short dates begin with the year

_NUMERIC: tuple[tuple[re.Pattern[str], str], ...] = (
    # "2016-02-26", "2020. 3. 12."
    (re.compile(r"(?<!\d)(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})(?!\d)"), "ymd"),
    (re.compile(r"(?<![\d.])(\d{1,2})\s?\.\s?(\d{1,2})\s?\.\s?(\d{4})(?!\d)"), "dmy"),  # "30.06.2017 17:05"
    (re.compile(r"(?<![\d/-])(\d{1,2})\s?[/-]\s?(\d{1,2})\s?[/-]\s?(\d{4})(?!\d)"), "either"),  # "30/06/2017"
    (re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{2})(?![\d./:-])"), "short"),  # "30.06.17"
    # "2020年3月12日", "2020년 3월 12일"
    (re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일號号]"), "ymd"),
    # "令和2年3月12日", "民國109年3月12日"
    (re.compile(r"(令和|平成|昭和|民國|民国)\s?(\d{1,3}|元)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日"), "era"),
    # "二〇二〇年三月十二日"
    (
        re.compile(r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"),
        "han",
    ),
)
_HAN = {char: number for number, char in enumerate("〇一二三四五六七八九十")} | {"○": 0, "零": 0}


def numeric_days(text: str, languages: Sequence[str], day_first: bool | None) -> Iterator[tuple[int, int, date]]:
    """The first day of each form in `text`, a line whose digits are ASCII, with where it starts and ends.

    `languages` (ISO 639-1) choose the calendar of "1399/04/12"; `day_first` reads "03/04/2020", None: not at all.
    """
    for pattern, order in _NUMERIC:
        for match in pattern.finditer(text):
            day = _read(match, order, languages, day_first)
            if day is not None:
                yield match.start(), match.end(), day
                break


def _read(match: re.Match[str], order: str, languages: Sequence[str], day_first: bool | None) -> date | None:
    """The day of a match; None where the order is ambiguous or no calendar has it."""
    if order == "han":
        year = int("".join(str(_HAN[char]) for char in match[1]))
        return day_of(year, _han_number(match[2]), _han_number(match[3]))
    if order == "era":
        count = 1 if match[2] == "元" else int(match[2])
        return day_of(common_year(count, match[1]), int(match[3]), int(match[4]))
    first, second, third = (int(group) for group in match.groups() if group.isdecimal())
    if order == "ymd":
        return day_of(first, second, third, languages=languages)
    if order == "dmy":
        return day_of(third, second, first, languages=languages)
    return _ordered(first, second, third, languages, day_first)


def _ordered(first: int, second: int, year: int, languages: Sequence[str], day_first: bool | None) -> date | None:
    """The day of "03/04/2020" and "03.04.20"; None where the order is not known."""
    if day_first is None and (year < 100 or (first <= 12 and second <= 12 and first != second)):
        return None
    if year < 100 and not _YEAR_FIRST.isdisjoint(languages):
        return None
    if second > 12 or (day_first is False and first <= 12):
        first, second = second, first
    return day_of(2000 + year if year < 100 else year, second, first, languages=languages)


def _han_number(text: str) -> int:
    """ "十二" is 12, "二十一" 21, "三" 3."""
    tens, ten, ones = text.rpartition("十")
    return (_HAN.get(tens, 1) * 10 if ten else 0) + _HAN.get(ones, 0)

"""Days of other calendars than the Gregorian one, as days of that."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, TypeAlias

from hijridate import Hijri

Calendar: TypeAlias = Literal["gregorian", "persian", "hijri"]

EARLIEST, LATEST = 1990, 2100  # years that news on the web can carry

# Which calendar a language's press counts the years 1300 to 1499 in.
_OF_LANGUAGE: dict[str, Calendar] = {
    "fa": "persian", "ps": "persian", "tg": "persian", "ar": "hijri", "ur": "hijri", "ms": "hijri",
}  # fmt: skip

# The years of a 33-year cycle that have 366 days. Compared with the equinox at Tehran's noon, which Iran's law of 1925
# asks for (equinoxes by Meeus, Astronomical Algorithms, chapter 27), the rule is right in each year from 1300 to 1499.
# The 2820-year cycle of the arithmetic Persian calendar in Calendrical Calculations (Reingold and Dershowitz) differs
# in 1404.
_LEAP = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
_KNOWN_YEAR, _NOWRUZ = 1399, date(2020, 3, 20)
_PERSIAN_YEARS = range(1300, 1500)
_THAI = 543  # years between the Buddhist era as Thailand counts it since 1941 and the common era
_TAIWAN = 1911  # the Republic of China counts 1912 as its first year
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": _TAIWAN, "民国": _TAIWAN}  # the year before the first


def day_of(
    year: int, month: int, day: int, calendar: Calendar = "gregorian", languages: Sequence[str] = ()
) -> date | None:
    """The day, from 1990 to 2100, that three numbers name in `calendar`; None where it has none.

    Years of Thailand's Buddhist era are known by their size, those of the Persian and Hijri calendars by `languages`.
    """
    if calendar == "gregorian" and 1300 <= year < 1500:
        named = {_OF_LANGUAGE[language] for language in languages if language in _OF_LANGUAGE}
        if len(named) != 1:
            return None
        calendar = named.pop()
    if calendar == "gregorian":
        try:
            found: date | None = date(common_year(year), month, day)
        except ValueError:
            return None
    else:
        found = (from_persian if calendar == "persian" else from_hijri)(year, month, day)
    return found if found is not None and EARLIEST <= found.year <= LATEST else None


def from_persian(year: int, month: int, day: int) -> date | None:
    """A day of the Solar Hijri calendar of Iran and Afghanistan; None where the calendar has no such day."""
    if year not in _PERSIAN_YEARS or not 1 <= month <= 12:
        return None
    length = 31 if month <= 6 else 30 if month < 12 or _is_leap(year) else 29
    if not 1 <= day <= length:
        return None
    between = range(_KNOWN_YEAR, year) if year >= _KNOWN_YEAR else range(year, _KNOWN_YEAR)
    days = sum(366 if _is_leap(passed) else 365 for passed in between)
    nowruz = _NOWRUZ + timedelta(days=days if year >= _KNOWN_YEAR else -days)
    return nowruz + timedelta(days=31 * (month - 1) - max(0, month - 7) + day - 1)


def from_hijri(year: int, month: int, day: int) -> date | None:
    """A day of the Umm al-Qura calendar, which Saudi Arabia prints; None where it has no such day.

    Countries that wait for the new moon to be seen may be a day or two off it.
    """
    try:
        return date.fromisoformat(Hijri(year, month, day).to_gregorian().isoformat())
    except (ValueError, OverflowError):
        return None


def common_year(year: int, era: str | None = None) -> int:
    """A year as the Gregorian calendar counts it: "2563" of Thailand, 2 of "令和"; other years as they are."""
    if era is not None:
        return _ERAS[era] + year
    return year - _THAI if 2400 < year < 2700 else year


def _is_leap(year: int) -> bool:
    return year % 33 in _LEAP

"""Days of other calendars, against published pairs."""

from datetime import date

import pytest

from crawler.extract.calendars import common_year, day_of, from_hijri, from_persian


@pytest.mark.parametrize(
    ("persian", "gregorian"),
    [
        ((1399, 1, 1), date(2020, 3, 20)),
        ((1399, 12, 30), date(2021, 3, 20)),  # a leap year
        ((1400, 1, 1), date(2021, 3, 21)),
        ((1402, 7, 15), date(2023, 10, 7)),
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),  # the 2820-year cycle says 20 March
        ((1357, 11, 22), date(1979, 2, 11)),
    ],
)
def test_persian_days(persian: tuple[int, int, int], gregorian: date) -> None:
    assert from_persian(*persian) == gregorian


@pytest.mark.parametrize("day", [(1400, 12, 30), (1400, 13, 1), (1400, 7, 31), (1400, 1, 0), (99, 1, 1), (9999, 1, 1)])
def test_no_persian_day(day: tuple[int, int, int]) -> None:
    assert from_persian(*day) is None


def test_hijri_days_of_umm_al_qura() -> None:
    assert from_hijri(1441, 9, 1) == date(2020, 4, 24)  # Ramadan 2020 in Saudi Arabia
    assert from_hijri(1444, 10, 1) == date(2023, 4, 21)
    assert from_hijri(1441, 13, 1) is None
    assert from_hijri(900, 1, 1) is None


def test_years_of_other_eras() -> None:
    assert [common_year(2563), common_year(2020)] == [2020, 2020]
    assert [common_year(2, "令和"), common_year(109, "民國")] == [2020, 2020]


def test_the_language_tells_the_calendar_of_a_year_in_the_fifteenth_century() -> None:
    assert day_of(1399, 4, 2, languages=("fa",)) == date(2020, 6, 22)
    assert day_of(1441, 9, 1, languages=("ar",)) == date(2020, 4, 24)
    assert day_of(1399, 4, 2) is None
    assert day_of(1399, 4, 2, languages=("fa", "ar")) is None
    assert day_of(1789, 7, 14) is None

"""Words that print times: the months of CLDR, and what stands in front of times."""

import subprocess
import sys

import pytest

from crawler.extract import time_words
from crawler.extract.time_words import labelled, may_begin_month, modification, month

_FROM_BABEL = """
import sys
from babel import Locale
for context in ("format", "stand-alone"):
    for width in ("wide", "abbreviated"):
        for number, name in Locale.parse(sys.argv[1]).months[context][width].items():
            print(number, name)
"""


@pytest.mark.parametrize("language", ["en", "fr", "uk", "ar_LB", "fa", "th", "hi", "hr", "el", "sw"])
def test_months_of_cldr(language: str) -> None:
    # in a process of its own: Babel lets a locale that was loaded before show through in the next one
    listed = subprocess.run([sys.executable, "-c", _FROM_BABEL, language], capture_output=True, text=True, check=True)
    rows = [line.split(" ", 1) for line in listed.stdout.splitlines()]
    names = [(int(number), name) for number, name in rows if len(name) > 1 and not any(map(str.isdigit, name))]
    assert len(names) >= 12
    found = [(number, month(name, (language[:2],))) for number, name in names]
    assert [number for number, _ in found] == [named.number if named else None for _, named in found]


def test_a_name_of_two_months_needs_its_language() -> None:
    assert month("listopada") is None
    assert [month("listopada", (language,)).number for language in ("pl", "hr")] == [11, 10]  # type: ignore[union-attr]
    assert month("listopada", ("pl", "hr")) is None


@pytest.mark.parametrize("name", ["Février", "FEVRIER", "févr.", "شباط", "ФЕВРАЛЯ", "Φεβρουαρίου", "ŞUBAT", "ก.พ."])
def test_spellings_of_one_month(name: str) -> None:
    found = month(name)
    assert found is not None
    assert (found.calendar, found.number) == ("gregorian", 2)


def test_every_month_begins_with_a_word_that_may() -> None:
    assert all(may_begin_month(name.upper().split()[0]) for name in time_words._months())
    assert not any(map(may_begin_month, ("Truce", "the", "5", "หยุดยิง")))


@pytest.mark.parametrize(
    "text", ["Δημοσίευση: 5", "ΔΗΜΟΣΙΕΥΣΗ: 5", "تم النشر 5", "发布时间：5", "Yayınlanma Tarihi: 5"]
)
def test_words_for_publication(text: str) -> None:
    found = labelled(text)
    assert found is not None
    assert found["published"]


@pytest.mark.parametrize("text", ["Updated 5", "Mis à jour le 5", "ОБНОВЛЕНО: 5", "آخر تحديث: 5", "最終更新 5"])
def test_words_for_a_change(text: str) -> None:
    assert modification(text) is not None


def test_a_word_within_a_word_says_nothing() -> None:
    assert labelled("the outdated update-free candidates") is None

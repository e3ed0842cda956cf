"""What two printings of one text have in common."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.prose import letters

LATIN = "".join(bytes((code,)).decode("cp1252", "ignore") for code in range(256))


@given(st.one_of(st.text(LATIN), st.text()))
def test_letters_are_what_is_left_without_other_signs(text: str) -> None:
    assert letters(text) == re.sub(r"[\W_]+", "", text.casefold())


@pytest.mark.parametrize(
    ("text", "bare"),
    [("“Truce” holds – 2nd day", "truceholds2ndday"), ("Straße_1½", "strasse1½"), ("ПЕРЕМИРИЕ, “7”", "перемирие7")],
)
def test_letters_of_several_scripts(text: str, bare: str) -> None:
    assert letters(text) == bare

"""What a text is made of: the tables of bytes say what the expressions say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import tallies
from crawler.extract.tallies import tally

# Characters of every class, of one byte and of more, and what only counts in a row
PIECES = st.sampled_from(
    [*"aZ9_ .,;:!?\"'’”»)|©@#·é²\t\n\xa0\x1c\x85Яя我。؟", " I ", "you ", "http:", "https:", "www.", ".” "]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=60).map("".join), st.text(), st.lists(PIECES).map(lambda p: "".join(p) * 90)
)


@given(TEXTS)
def test_tables_count_what_expressions_count(text: str) -> None:
    assert tally(text) == tallies._of_characters(text)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("The Dam, I said, was “old.” Go!", (7, 4, 0, 1, 2, 0, 2, 1)),
        ("© 2019 @post | www.post.example", (5, 0, 4, 0, 0, 4, 0, 0)),
        ("Ты сказал мне: «Да». 我", (5, 3, 0, 1, 1, 1, 2, 2)),
    ],
)
def test_what_is_counted(text: str, counted: tuple[int, ...]) -> None:
    assert tally(text) == counted

"""What spares most lines a closer look changes no answer: rules and marks with it and without it."""

import random
import re
import unicodedata
from collections.abc import Iterator
from re import _parser  # nothing public says how long a text an expression may fit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import marks
from crawler.extract.lines import same, tidy
from crawler.extract.residue_rules import BAR_WORDS, GLUED_HEADS, SHORT, fits_any, fold, rules
from crawler.publisher import publishers

PIECES = (
    *(example for rule in rules() for example in rule.examples),
    *GLUED_HEADS,
    *BAR_WORDS,
    "GMT 06:49:16", "Published 14.10.2018 20:31", "Updated 3", "ISTANBULMar 16, 2021 - 11:27 am", "Arab Today",
    "GMT 20:04 2017 Tuesday ,10 October", "fireFeb 11, 2026", "escapesApr 08, 2025", "The ferry ran again on Monday.",
    "٢٠١٨", "ALL RIGHTS RESERVED", "Все Права Защищены", "TÜM HAKLARI SAKLIDIR", "(FILE PHOTO)", ", ", " - ", "Jane",
)  # fmt: skip
SPACES = "\t \u00a0\u2003\u3000\ufeff\u200b\u200f\x1c\x85"


def made_lines(count: int) -> Iterator[str]:
    """Lines of chrome and text glued together, some in another case."""
    chance = random.Random(count)
    for _ in range(count):
        line = chance.choice(("", " ", ". ")).join(chance.choices(PIECES, k=chance.randint(1, 3)))
        yield chance.choice((str, str, str.upper, str.lower))(line)


def test_a_line_fits_a_rule_where_one_of_them_fits() -> None:
    found = {}
    for line in made_lines(2_000):
        text = fold(line)
        found[line] = fits_any(text)
        assert found[line] == any(rule.pattern.fullmatch(text) for rule in rules()), line
    assert 200 < sum(found.values()) < 1_800


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.holds], ids=lambda rule: rule.name)
def test_what_a_rule_holds_is_in_its_examples_in_every_case(rule) -> None:
    for example in rule.examples:
        for line in (example, example.upper(), example.title()):
            assert any(word in fold(line).casefold() for word in rule.holds) or not rule.pattern.fullmatch(fold(line))


def test_rules_for_long_lines_are_marked_as_such() -> None:
    for rule in rules():
        longest = _parser.parse(rule.pattern.pattern, re.IGNORECASE).getwidth()[1]
        assert (longest > SHORT) is (rule.long or bool(rule.holds)), f"{rule.name}: up to {longest} letters"


def test_lines_that_are_looked_at_closely_are_parted_and_marked_the_same() -> None:
    publisher = publishers()["rt"]
    lines = list(made_lines(250))
    quick = [(marks.unglue(line), marks.mark_line(line, publisher)) for line in lines]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "_GLUE", lambda _: True)
        patch.setattr(marks, "_YEAR", re.compile(""))
        assert [(marks.unglue(line), marks.mark_line(line, publisher)) for line in lines] == quick
    assert sum(len(parts) > 1 for parts, _ in quick) > 5


@settings(max_examples=200)
@given(st.text(st.sampled_from(f"aA é٣٤۵𝟚ءأىبَـ 1:{SPACES}") | st.characters(), max_size=30))
def test_lines_are_tidied_and_folded_as_letter_by_letter(line: str) -> None:
    spaced = "".join(" " if letter.isspace() or letter in "\ufeff\u200b" else letter for letter in line)
    assert tidy(line) == " ".join(spaced.split())
    silent = {"\ufeff", *map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)))}
    plain = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in line if letter not in silent
    )
    plain = " ".join(plain.split())
    if re.search("[\u0600-\u06ff]", plain):
        plain = re.sub("[\u064b-\u0652\u0640\u0670]", "", plain).translate(str.maketrans("أإآٱى", "ااااي"))
    assert fold(line) == plain
    assert fold(fold(line)) == fold(line)


@given(*2 * [st.text(st.sampled_from("aAbßsſŉİi_., -\u0301") | st.characters(), max_size=6)])
def test_lines_are_the_same_where_their_words_are(one: str, other: str) -> None:
    keys = [re.sub(r"[^\w]+", " ", line.casefold()).strip() for line in (one, other)]
    assert same(one, other) == (keys[0] == keys[1] != "")
    assert same(one, f"{one.upper()}!") or one.upper().casefold() != one.casefold() or not keys[0]

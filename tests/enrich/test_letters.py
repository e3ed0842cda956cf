"""Letters that are replaced one by one, or, where a text has many that change, looked up at each place."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.enrich.letters import _FEW, Letters


def spell(letter: str) -> str:
    """Small, and no digits."""
    return "" if letter.isdecimal() else letter.lower()


@given(st.text(max_size=80))
def test_each_letter_is_written_as_the_rule_says(text: str) -> None:
    assert Letters(spell).of(text) == "".join(map(spell, text))


def test_many_letters_are_looked_up_in_one_pass() -> None:
    capitals = "".join(map(chr, range(0x410, 0x430))) + "ABCDEFGH"
    assert len(capitals) > _FEW
    assert Letters(spell).of(f"{capitals} 12 é") == f"{capitals.lower()}  é"


def test_the_rule_is_asked_once_a_letter() -> None:
    asked: list[str] = []
    letters = Letters(lambda letter: asked.append(letter) or letter)
    assert [letters.of("abba"), letters.of("baab")] == ["abba", "baab"]
    assert sorted(asked) == ["a", "b"]

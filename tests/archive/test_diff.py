"""What differs between two texts, paragraph by paragraph and word by word."""

import random
from itertools import product

from archive.diff import align, fold, matches, runs, tokens

OLD = ("The bridge at Tarn was closed on Monday.", "Two trucks burned for hours.", "Nobody claimed the attack.")


def kinds(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    return [(passage.kind, passage.old, passage.new) for passage in align(old, new)]


def test_an_edited_paragraph_meets_its_older_self() -> None:
    new = ("Traffic was led round by Karun.", "The bridge at Tarn was shut on Monday.", *OLD[1:])
    assert kinds(OLD, new) == [
        ("added", (), (0,)), ("edited", (0,), (1,)), ("same", (1,), (2,)), ("same", (2,), (3,)),
    ]  # fmt: skip


def test_a_paragraph_that_stands_elsewhere_has_moved() -> None:
    assert ("moved", (0,), (2,)) in kinds(OLD, (OLD[1], OLD[2], OLD[0])) or ("moved", (2,), (0,)) in kinds(
        OLD, (OLD[2], OLD[0], OLD[1])
    )
    assert [kind for kind, _, _ in kinds(OLD, (OLD[1], OLD[2], OLD[0]))].count("moved") == 1


def test_the_halves_of_a_paragraph_stay_together() -> None:
    joined = "The bridge at Tarn was closed on Monday. Two trucks burned for hours."
    assert kinds((joined, OLD[2]), OLD) == [("edited", (0,), (0, 1)), ("same", (1,), (2,))]
    assert kinds(OLD, (joined, OLD[2])) == [("edited", (0, 1), (0,)), ("same", (2,), (1,))]


def test_paragraphs_with_nothing_in_common_went_and_came() -> None:
    assert kinds(OLD[:1], ("Ministers met behind shut doors.",)) == [("cut", (0,), ()), ("added", (), (0,))]


def test_runs_give_both_texts_back() -> None:
    old, new = "killed 12 people,  officials said", "killed at least 15 people, officials said."
    found = runs(old, new)
    assert [run.text.strip() for run in found if run.kind == "cut"] == ["12"]
    assert "".join(run.text for run in found if run.kind != "added").split() == old.split()
    assert "".join(run.text for run in found if run.kind != "cut") == new


def test_words_of_chinese_are_single_signs_and_numbers_keep_their_groups() -> None:
    assert [token.text for token in tokens("造成12人，1,200.5 и 2 500")] == [
        "造",
        "成",
        "12",
        "人",
        "，",
        "1,200.5",
        "и",
        "2 500",
    ]


def test_folding_leaves_what_is_read() -> None:
    assert fold("“L'Été”, à 12 h") == fold('"L’ete" a 12h')


def test_matches_are_common_rising_and_none_is_missed_in_short_sequences() -> None:
    def longest(old: list[str], new: list[str]) -> int:
        row = [0] * (len(new) + 1)
        for one in old:
            last = row[:]
            for place, other in enumerate(new):
                row[place + 1] = last[place] + 1 if one == other else max(row[place], last[place + 1])
        return row[-1]

    for old, new in product(["", "ab", "aabb", "abab"], ["", "ba", "bbaa", "aaab"]):
        assert sum(length for _, _, length in matches(old, new)) == longest(list(old), list(new))
    drawn = random.Random(3)
    for _ in range(300):
        old, new = (drawn.choices("abc", k=drawn.randint(0, 9)) for _ in range(2))
        reached = (0, 0)
        for begin, other, length in matches(old, new):
            assert old[begin : begin + length] == new[other : other + length]
            assert begin >= reached[0]
            assert other >= reached[1]
            reached = (begin + length, other + length)

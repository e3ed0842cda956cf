"""Edits in ten languages: is each of its class, and nothing cosmetic taken for real?"""

import pytest

from crawler.enrich.changes import compare
from tests.enrich.changes.labelled import Pair, further_pairs, pairs

COSMETIC = {(), ("cosmetic",)}
ALL = (*pairs(), *further_pairs())


def test_the_set_is_large_enough_to_say_something() -> None:
    classes = {name for pair in pairs() for name in pair.classes}
    assert len(pairs()) >= 120
    assert sum(pair.classes in COSMETIC for pair in pairs()) >= 35
    assert len({pair.old.language for pair in pairs()}) >= 8
    assert classes >= {"headline", "number", "attribution", "place_or_name", "correction", "paragraph_added"}
    assert classes >= {"paragraph_cut", "reworded", "cosmetic"}


@pytest.mark.parametrize("labelled", [pairs(), further_pairs()], ids=["first", "further"])
def test_nearly_all_pairs_are_classed_right(labelled: tuple[Pair, ...]) -> None:
    wrong = [pair.name for pair in labelled if set(compare(pair.old, pair.new).classes) != set(pair.classes)]
    assert len(wrong) <= 0.05 * len(labelled), wrong


@pytest.mark.parametrize("pair", [pair for pair in ALL if pair.classes in COSMETIC], ids=lambda pair: pair.name)
def test_what_only_looks_different_is_not_reported_as_real(pair: Pair) -> None:
    assert not compare(pair.old, pair.new).is_real


@pytest.mark.parametrize("pair", [pair for pair in ALL if pair.figures], ids=lambda pair: pair.name)
def test_figures_are_named_with_what_they_count(pair: Pair) -> None:
    found = {(finding.of, finding.old, finding.new) for finding in compare(pair.old, pair.new).findings}
    assert found >= set(pair.figures)


@pytest.mark.parametrize("pair", ALL, ids=lambda pair: pair.name)
def test_a_version_is_no_change_of_itself_and_cosmetic_stands_alone(pair: Pair) -> None:
    assert compare(pair.new, pair.new).classes == ()
    classes = compare(pair.old, pair.new).classes
    assert "cosmetic" not in classes or classes == ("cosmetic",)

"""How long a piece of work will take, in words."""

import time

import pytest

from crawler.estimate import SOON, Estimate, duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (5400, "2 h"), (86_400, "24 h"), (200_000, "2 days")],
)
def test_a_duration_is_as_exact_as_an_estimate(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_what_is_left_follows_from_what_was_done() -> None:
    begun = time.monotonic() - 60
    estimate = Estimate(total=1200, noun="captures", begun_at=begun)
    assert estimate.words(100) == "100 of 1,200 captures, about 11 min left"
    assert estimate.words(1200) == "1,200 of 1,200 captures"


def test_there_is_no_estimate_without_evidence() -> None:
    assert Estimate(total=10, noun="captures", begun_at=time.monotonic() - 60).words(0) == "0 of 10 captures"
    assert Estimate(total=10, noun="captures", begun_at=time.monotonic() - SOON / 2).words(5) == "5 of 10 captures"

"""The measures themselves, on texts small enough to count by hand."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from benchmarks.measures import (
    benchmark_f1,
    interval,
    names_found,
    overlap,
    same_headline,
    same_minute,
    segments_found,
    shingles,
)


def test_shingles_are_words_and_cjk_characters() -> None:
    assert list(shingles("one two three four five")) == [
        ("one", "two", "three", "four"),
        ("two", "three", "four", "five"),
    ]
    assert list(shingles("停火协议签署")) == [
        ("停", "火", "协", "议"),
        ("火", "协", "议", "签"),
        ("协", "议", "签", "署"),
    ]
    assert list(shingles("ok")) == [("ok",)]
    assert not shingles("…")


@pytest.mark.parametrize(
    ("gold", "text", "precision", "recall", "f1"),
    [
        ("a b c d e", "a b c d e", 1.0, 1.0, 1.0),
        ("a b c d e", "a b c d", 1.0, 0.5, 2 / 3),
        ("a b c d", "a b c d e", 0.5, 1.0, 2 / 3),
        ("a b c d", "w x y z", 0.0, 0.0, 0.0),
        ("", "", 0.0, 0.0, 1.0),
    ],
)
def test_overlap(gold: str, text: str, precision: float, recall: float, f1: float) -> None:
    page = overlap(gold, text)
    assert (page.precision, page.recall, page.f1) == (precision, recall, pytest.approx(f1))


def test_the_benchmarks_own_measure_averages_before_it_combines() -> None:
    pages = [overlap("a b c d", "a b c d"), overlap("a b c d", "a b c d e")]
    assert benchmark_f1(pages) == pytest.approx(2 * 0.75 * 1.0 / 1.75)


def test_headlines_are_compared_by_their_letters() -> None:
    assert same_headline("‘Truce’ holds", "TRUCE HOLDS.")
    assert not same_headline("Truce holds", "Truce holds – Courier")
    assert not same_headline("Truce holds", None)
    assert same_headline("Waffen\u00adruhe hält\u200b", "Waffenruhe hält")


def test_a_time_needs_its_zone() -> None:
    gold = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert same_minute(gold, datetime(2026, 11, 22, 12, 0, 40, tzinfo=timezone(timedelta(hours=3))))
    assert not same_minute(gold, datetime(2026, 11, 22, 9, 0))  # noqa: DTZ001
    assert not same_minute(gold, gold + timedelta(minutes=2))


def test_names_and_segments_are_counted() -> None:
    assert names_found(["Ana Lim", "Bo Ek"], ["ANA LIM", "Courier"]) == (1, 1, 1)
    assert segments_found(["a  truce", "holds"], "A truce? No: a\ntruce.") == (1, 2)


def test_the_interval_holds_the_mean() -> None:
    low, high = interval([0.0, 1.0] * 50)
    assert low < 0.5 < high
    assert interval([0.7] * 10) == (pytest.approx(0.7), pytest.approx(0.7))

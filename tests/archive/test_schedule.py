"""When sources are asked again, and pages visited."""

from datetime import UTC, datetime, timedelta

import pytest

from archive import schedule
from archive.schedule import backed_off, next_interval, next_try, next_visit

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def asked(gaps: list[float], *, kind: str = "feed", days: float = 8) -> tuple[list[float], list[float]]:
    """A source with a story after each of `gaps` (hours, again and again): when it is asked, and how late stories are.

    Both in hours; the first two days, in which the interval finds its length, are left out.
    """
    stories, at = list[float](), 0.0
    while at < days * 24:
        stories.append(at)
        at += gaps[len(stories) % len(gaps)]
    clock, interval, changed, known = 0.0, None, None, 0
    polls, late = list[float](), list[float]()
    while clock < days * 24:
        there = sum(story <= clock for story in stories)
        if clock > 48:
            polls.append(clock)
            late += [clock - story for story in stories[known:there]]
        quiet = timedelta(hours=clock - changed) if changed is not None else None
        interval = next_interval(kind, interval, new=there - known, quiet_for=quiet)
        changed = clock if there > known else changed
        known, clock = there, clock + interval / 3600
    return polls, late


@pytest.mark.parametrize(
    ("gaps", "polls_a_day", "latest"),
    [
        ([3.0], 33, 0.8),  # a story every three hours
        ([1.5] * 9 + [10.5], 45, 3.0),  # ten a day between morning and evening, none at night
        ([24.0], 5, 4.5),
        ([0.5], 145, 0.2),
        ([72.0], 2, 17.0),
    ],
)
def test_stories_are_seen_soon_for_a_few_requests_each(gaps: list[float], polls_a_day: int, latest: float) -> None:
    polls, late = asked(gaps)
    assert len(polls) / 6 <= polls_a_day
    assert max(late) <= latest


def test_a_busy_source_that_shows_twelve_stories_never_loses_one() -> None:
    """Twelve stories of a working day must not roll off between two askings, nor after a quiet weekend."""
    stories = [float(hour) for day in (0, 1, 2, 3, 4, 7, 8, 9) for hour in range(24 * day + 7, 24 * day + 19)]
    clock, interval, changed, known = 0.0, None, 0.0, 0
    while clock < 240:
        there = sum(story <= clock for story in stories)
        assert there - known < 12, f"at hour {clock:.1f}"
        interval = next_interval("feed", interval, new=there - known, quiet_for=timedelta(hours=clock - changed))
        changed = clock if there > known else changed
        known, clock = there, clock + interval / 3600


def test_a_source_that_never_had_news_of_its_own_is_asked_less_and_less() -> None:
    """Another source of the publisher is always first with what it lists."""
    interval, seen = None, []
    for _ in range(20):
        interval = next_interval("feed", interval, new=0, quiet_for=None)
        seen.append(interval)
    assert seen == sorted(seen)
    assert seen[-1] == 86_400


def test_a_first_reading_says_nothing_of_the_pace() -> None:
    assert next_interval("feed", None, new=40, quiet_for=None) == schedule.bounds("feed")[1]


def test_intervals_stay_within_bounds() -> None:
    for kind in ("feed", "section"):
        least, _, most = schedule.bounds(kind)
        assert next_interval(kind, 3600, new=500, quiet_for=HOUR) == least
        assert next_interval(kind, 3600, new=0, quiet_for=400 * DAY) == most


def test_after_an_outage_of_a_day_a_source_is_asked_within_hours() -> None:
    waits = [backed_off("feed", 1800, failures) for failures in range(1, 40)]
    assert waits == sorted(waits)
    passed = 0
    for wait in waits:
        assert wait <= 4 * 3600 or passed > 24 * 3600
        passed += wait
    assert waits[-1] == 86_400
    assert backed_off("feed", None, 10**6) == 86_400


def test_visits_follow_age_and_a_late_one_stands_for_those_it_missed() -> None:
    ages = [at - NOON for at in iter_visits()]
    assert ages == list(schedule.REVISITS)
    assert next_visit(NOON, NOON + 8 * HOUR) == NOON + DAY


def iter_visits() -> list[datetime]:
    found, at = [], next_visit(NOON, NOON)
    while at is not None:
        found.append(at)
        at = next_visit(NOON, at)
    return found


def test_tries_grow_rarer_and_end() -> None:
    tries = [next_try(NOON, failures) for failures in range(1, 9)]
    assert tries[0] == NOON
    assert tries[:7] == sorted(at for at in tries[:7] if at is not None)
    assert tries[7] is None

"""When to ask again: pure functions of what happened so far.

*Sources* are asked at intervals that follow how often they have news, in the manner of additive-free AIMD: the interval
halves when much is new and grows by half when nothing is, between bounds. A burst is caught up with quickly and a dead
feed costs a request a day. A source is never given up: many that look dead come back (Media Cloud's rss-fetcher raised
its limit from 4 failures to 30, then to none).

*Pages* are visited again at fixed ages, counted from their first capture and anew from each change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

# Ages at which a page is visited again. News is edited in its first hours; what changes later is a correction, a
# removal or a rewriting, and is looked for at growing distance.
REVISITS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7), timedelta(days=30))

# A page that was no article, or off topic, is looked at once more: live pages grow, headlines are written anew.
SECOND_LOOK = (timedelta(hours=24),)

# After the first failure, the second …; then the URL is given up until a source announces it again.
RETRIES = (timedelta(0), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8), timedelta(days=1),
           timedelta(days=3), timedelta(days=7))  # fmt: skip

# Seconds between two askings of a source: least, first, most. A feed is made for being asked.
_FEED_BOUNDS = (600, 1800, 86_400)
_BOUNDS = (1800, 3600, 86_400)


def bounds(kind: str) -> tuple[int, int, int]:
    """Seconds between two askings of a source of this kind: least, first, most."""
    return _FEED_BOUNDS if kind == "feed" else _BOUNDS


def next_visit(first_at: datetime, visited_at: datetime, ages: Sequence[timedelta] = REVISITS) -> datetime | None:
    """When a page is due again that was first captured (or last changed) at `first_at`; None when it has been seen old.

    A visit that came late stands for those that it missed.
    """
    return next((first_at + age for age in ages if first_at + age > visited_at), None)


def next_try(failed_at: datetime, failures: int) -> datetime | None:
    """When to try a URL again that failed `failures` times in a row; None when it is given up."""
    return failed_at + RETRIES[failures - 1] if failures <= len(RETRIES) else None


def next_interval(kind: str, interval_s: int | None, *, entries: int, new: int) -> int:
    """Seconds until a source is asked again that was read: `entries` listed, `new` of them never seen before.

    A quarter of a list turned over is taken for too late a call: twice that, and entries could have come and gone
    unseen. Within `bounds`.
    """
    least, first, most = bounds(kind)
    current = interval_s or first
    if new == 0:
        wanted = current * 3 // 2
    elif new * 4 >= max(entries, 1):
        wanted = current // 2
    else:
        wanted = current
    return max(least, min(most, wanted))


def backed_off(kind: str, interval_s: int | None, failures: int) -> int:
    """Seconds until a source is asked again that failed `failures` times in a row: doubled each time, at most a day."""
    _, first, most = bounds(kind)
    return min(most, (interval_s or first) * (1 << min(failures, 10)))

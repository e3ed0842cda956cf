"""When to ask again: pure functions of what happened so far.

*Sources* are asked about four times between two pieces of news, between bounds: the interval is a quarter of the time
that lies between them, and grows with the time that nothing came. HTTP's caches reckon likewise, with a tenth of the
time since the last change (RFC 9111 section 4.2.2). So a story is seen soon after it is published, whatever the
source's pace; a burst is caught up with quickly, and a dead feed costs a request a day. A source is never given up:
many that look dead come back (Media Cloud's rss-fetcher raised its limit from 4 failures to 30, then to none).

*Pages* are visited again at fixed ages, counted from their first capture and anew from each change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

# Ages at which a page is visited again. News is edited in its first hours; what changes later is a correction, a
# removal or a rewriting, and is looked for at growing distance.
REVISITS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=7), timedelta(days=30))

# A page that was no article, or off topic, is looked at once more: live pages grow, headlines are written anew.
SECOND_LOOK = (timedelta(hours=24),)

# A page behind a wall is looked at at these ages too: most walls stand for hours or days, and what is behind them may
# be edited in the meantime.
WALLED = tuple(timedelta(days=days) for days in (2, 4, 10, 14, 21))

# After the first failure, the second …; then the URL is given up until a source announces it again.
RETRIES = (timedelta(0), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8), timedelta(days=1),
           timedelta(days=3), timedelta(days=7))  # fmt: skip

_SHARE = 0.25  # of the time between two pieces of news

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


def next_interval(kind: str, interval_s: int | None, *, new: int, quiet_for: timedelta | None) -> int:
    """Seconds until a source is asked again that was read and listed `new` URLs never seen before.

    `quiet_for`: how long ago it last had news, before this time; None if it never had. Within `bounds`.
    """
    least, first, most = bounds(kind)
    current = interval_s or first
    if quiet_for is None:
        wanted = first if new else current * 3 // 2
    elif new:
        wanted = int(quiet_for.total_seconds() * _SHARE / new)
    else:
        wanted = max(current, int(quiet_for.total_seconds() * _SHARE))
    return max(least, min(most, wanted))


def backed_off(kind: str, interval_s: int | None, failures: int) -> int:
    """Seconds until a source is asked again that failed `failures` times in a row, at most a day.

    Doubled three times, and only then kept for a while: what was published during an outage of hours must not have
    rolled off its feed when somebody looks again. Doubled further after twelve failures.
    """
    _, first, most = bounds(kind)
    doublings = min(failures, 3) + max(0, min(failures, 30) - 12)
    return min(most, (interval_s or first) << doublings)

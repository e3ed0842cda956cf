"""When something is wrong with a crawl: pure rules that measure a publisher against its own past, nothing else.

*Shares* (walls, failures, empty pages, pages that no layout fits, fields that are missing, texts shorter and readings
further apart than usual): of the last few observations, so many are bad that the ones before make it a one in 100,000
chance, and more than in any stretch of that length before. The chance is that of the beta-binomial distribution, the
posterior prediction of a binomial under a uniform prior (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.4), so that
little history makes the rule careful instead of wrong. The second condition is for news that come in clusters.
For lengths and agreements, bad is what lies below the past's own 5 % quantile (and a tenth below its median): no
shape of distribution is assumed.

*Silence*: a source answers, and has had nothing new for so long that by its own rhythm (rate by hour of the day and
day of the week) so many entries are due that none is a one in 100,000 chance; Poisson, with the variance of its days
(quasi-Poisson, McCullagh and Nelder, Generalized Linear Models, 2nd ed., 6.2) and a lower bound of the rate. And it is
half as long again, in entries due, as any silence before.

An alarm keeps what was usual when it was raised, and is over when twice as many observations as raised it look like
that again; so trouble that lasts does not become the norm by lasting.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, lgamma, sqrt
from typing import Any

CHANCE = 1e-5
USUAL = 0.05  # an alarm is over when what is seen has at least this chance
HISTORY = 300  # observations that make the past
LEAST_HISTORY = 10  # below this many the past says nothing
# Nor on fewer days, of lengths and fields: what stands in the sources when a publisher is crawled first was gathered
# over weeks, longer pieces among it, and is no measure of a day's news.
LEAST_DAYS = 5
WINDOWS = (5, 8, 12, 24, 48)
POLL_WINDOWS = (3, 5, 8, 12)
FAILING_HOURS = 6  # a source may be down for an evening's work on the server
LOW = 0.05  # the quantile below which a length or an agreement is unusual

WEEKS = 6  # of a source's rhythm
_LEAST_DAYS, _LEAST_NEWS = 10, 12
_LONGEST_GAP = 36  # hours between two answers; what came in a longer one has no hour
_HOURS, _WEEK = 24, 168


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """Observations of one kind, oldest first. With `graded`, values are measures and low ones bad; else 1 good, 0 bad.

    `at`: when each was made, as text that sorts by time.
    """

    kind: str
    at: Sequence[str]
    values: Sequence[float]
    graded: bool = False
    source: str | None = None
    windows: Sequence[int] = WINDOWS
    least_hours: float = 0.0  # that the bad ones must span
    least_days: int = 1  # on which the past must lie


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """A source's life by the hour (hours since 1970-01-01 00:00 UTC, a Thursday): when it answered, and what was new.

    `news`: hour → entries that the source had never listed before.
    """

    source: str
    answered: Sequence[int]
    news: Mapping[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something is wrong. `figures` are what was measured, and what a later look needs to see that it is over."""

    kind: str
    source: str | None = None
    figures: dict[str, Any] = field(default_factory=dict)


# --- shares -----------------------------------------------------------------------------------------------------------


def worsened(series: Series) -> Finding | None:
    """Whether the latest observations are worse than the ones before account for; the shortest window that shows it."""
    for window in series.windows:
        past, recent = series.values[-HISTORY - window : -window], series.values[-window:]
        days = {at[:10] for at in series.at[-HISTORY - window : -window]}
        # a busy publisher's past may be whole and two days long
        if len(past) < LEAST_HISTORY or (len(past) < HISTORY and len(days) < series.least_days):
            return None
        limit = _limit(past, series.graded)
        bad = sum(value < limit for value in recent)
        if not bad:
            continue
        flags = [value < limit for value in past]
        usual = sum(flags)
        if tail(bad, window, usual, len(past)) >= CHANCE or bad <= _worst(flags, window):
            continue
        first = next(place for place in range(-window, 0) if series.values[place] < limit)
        if _hours_between(series.at[first], series.at[-1]) < series.least_hours:
            continue
        figures = {"window": window, "bad": bad, "usual_bad": usual, "usual_of": len(past), "limit": limit}
        return Finding(kind=series.kind, source=series.source, figures={**figures, "since": series.at[first]})
    return None


def is_over(series: Series, figures: Mapping[str, Any]) -> bool:
    """Whether twice as many observations as raised an alarm look again as they did before it.

    Twice, lest an alarm of half the pages came and went with their luck.
    """
    window = max(WINDOWS[2], 2 * int(figures["window"]))
    recent = series.values[-window:]
    bad = sum(value < figures["limit"] for value in recent)
    return tail(bad, window, figures["usual_bad"], figures["usual_of"]) >= USUAL


def tail(bad: int, window: int, usual_bad: int, usual_of: int) -> float:
    """The chance of `bad` or more among `window` observations, after `usual_bad` among `usual_of`.

    1 where there are no more than usual: the true value then matters to nobody.
    """
    a, b = usual_bad + 1, usual_of - usual_bad + 1
    if usual_of and bad * usual_of <= window * usual_bad:
        return 1.0

    def log_chance(count: int) -> float:
        return (
            lgamma(window + 1) - lgamma(count + 1) - lgamma(window - count + 1)
            + lgamma(count + a) + lgamma(window - count + b) - lgamma(window + a + b)
            + lgamma(a + b) - lgamma(a) - lgamma(b)
        )  # fmt: skip

    return min(1.0, sum(exp(log_chance(count)) for count in range(bad, window + 1)))


def _limit(past: Sequence[float], graded: bool) -> float:
    """Below it an observation is bad: the past's quantile, and a tenth below its median where all are much alike."""
    if not graded:
        return 0.5
    ordered = sorted(past)
    return min(ordered[int(LOW * len(past))], 0.9 * ordered[len(past) // 2])


def _worst(flags: Sequence[bool], window: int) -> int:
    """The most bad ones that ever stood in a stretch of `window`."""
    count = worst = sum(flags[:window])
    for place in range(window, len(flags)):
        count += flags[place] - flags[place - window]
        worst = max(worst, count)
    return worst


def _hours_between(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() / 3600


# --- silence ----------------------------------------------------------------------------------------------------------


def fell_silent(rhythm: Rhythm) -> Finding | None:
    """Whether a source that answers has had nothing new for longer than its rhythm accounts for."""
    news, hours = _observed(rhythm)
    if not news or hours[-1] <= (last := max(news)):
        return None
    past, silent = hours[: bisect_right(hours, last)], hours[bisect_right(hours, last) :]
    total = sum(news.values())
    if len(past) < _LEAST_DAYS * _HOURS or total < _LEAST_NEWS:
        return None
    rate = _rates(past, news)
    spread = _dispersion(past, news, rate)
    surely = max(0.2, 1 - 1.645 * sqrt(spread / total))  # the rate's lower bound, 95 % one-sided
    due = sum(rate[hour % _WEEK] for hour in silent)
    longest = _longest_silence(past, news, rate)
    if exp(-due * surely / spread) >= CHANCE or due <= 1.5 * longest:
        return None
    figures = {"last": last, "hours": len(silent), "due": round(due, 1), "longest": round(longest, 1)}
    return Finding(
        kind="silent", source=rhythm.source, figures={**figures, "a_day": round(_HOURS * total / len(past), 2)}
    )


def _observed(rhythm: Rhythm) -> tuple[dict[int, int], list[int]]:
    """What was new, and the hours in which it would have been seen: between answers that are not too far apart.

    What the first answer listed, or one after a long gap, came at nobody knows which hour.
    """
    news: dict[int, int] = {}
    hours: list[int] = []
    for before, hour in zip(rhythm.answered, rhythm.answered[1:], strict=False):
        if hour - before <= _LONGEST_GAP:
            hours.extend(range(before + 1, hour + 1))
            if rhythm.news.get(hour):
                news[hour] = rhythm.news[hour]
    return news, hours


def _rates(hours: Sequence[int], news: Mapping[int, int]) -> list[float]:
    """Entries to be expected in each hour of the week (from Thursday 00:00 UTC): rate × hour of day × day of week.

    Factors lean towards 1 where little was seen.
    """
    overall = sum(news.values()) / len(hours)
    by_hour, by_day = Counter(hour % _HOURS for hour in hours), Counter(hour // _HOURS % 7 for hour in hours)
    new_by_hour: Counter[int] = Counter()
    new_by_day: Counter[int] = Counter()
    for hour, count in news.items():
        new_by_hour[hour % _HOURS] += count
        new_by_day[hour // _HOURS % 7] += count
    hourly = [(new_by_hour[hour] + 2) / (overall * by_hour[hour] + 2) for hour in range(_HOURS)]
    daily = [(new_by_day[day] + 4) / (overall * by_day[day] + 4) for day in range(7)]
    return [overall * hourly[hour % _HOURS] * daily[hour // _HOURS] for hour in range(_WEEK)]


def _dispersion(hours: Sequence[int], news: Mapping[int, int], rate: Sequence[float]) -> float:
    """How much more the days vary than a Poisson process would (Pearson's statistic a day); at least 1."""
    due: defaultdict[int, float] = defaultdict(float)
    for hour in hours:
        due[hour // _HOURS] += rate[hour % _WEEK]
    seen: Counter[int] = Counter()
    for hour, count in news.items():
        seen[hour // _HOURS] += count
    days = list(due)[1:-1]
    return max(1.0, sum((seen[day] - due[day]) ** 2 / due[day] for day in days) / max(1, len(days) - 1))


def _longest_silence(hours: Sequence[int], news: Mapping[int, int], rate: Sequence[float]) -> float:
    """The most entries that ever were due without one."""
    longest = due = 0.0
    for hour in hours:
        due = 0.0 if hour in news else due + rate[hour % _WEEK]
        longest = max(longest, due)
    return longest

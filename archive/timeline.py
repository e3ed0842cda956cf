"""A timeline to choose days from: a bar for each day, week or month, the days chosen marked, each bar a link.

It works as a row of links; `static/brush.js` lets days be chosen by dragging over it, by what each bar says of itself
(`data-since`, `data-until`).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from archive.plots import bucket_of, buckets, bulk, ceiling, shown_bucket, step_of

WIDTH, HEIGHT = 1000, 132
_TOP, _BOTTOM = 16, 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bucket: its days, how many articles were published in them, and whether they are among those chosen."""

    since: date
    until: date
    words: str
    articles: int
    is_chosen: bool


def bars(days: Mapping[date, int], first: date | None, last: date | None) -> list[Bar]:
    """The bars of `days` (in order), with those from `first` to `last` chosen; None does not limit."""
    if not days:
        return []
    begin, end = bulk(list(days.items()))
    step = step_of(begin, end)
    counts: Counter[date] = Counter()
    for day, count in days.items():
        if day >= begin:
            counts[bucket_of(day, step)] += count
    starts = buckets(begin, end, step)
    ends = [*(start - timedelta(days=1) for start in starts[1:]), end]
    return [
        Bar(
            since=since, until=until, words=shown_bucket(since, step), articles=counts[since],
            is_chosen=(first is None or first <= until) and (last is None or since <= last),
        )
        for since, until in zip(starts, ends, strict=True)
    ]  # fmt: skip


def drawn(shown: list[Bar], address: Callable[[date, date], str], label: str) -> Markup:
    """The bars as SVG; `address` gives where the bar of some days leads."""
    top = ceiling(max((bar.articles for bar in shown), default=1))
    wide = WIDTH / max(1, len(shown))
    parts = [_one(bar, number * wide, wide, top, address) for number, bar in enumerate(shown)]
    every = max(1, len(shown) // 8)
    for number in range(0, len(shown), every):
        if number * wide < WIDTH - 70:
            text = Markup('<text x="{:.1f}" y="{}">{}</text>')
            parts.append(text.format(number * wide, HEIGHT - 6, shown[number].words))
    parts.append(Markup('<text x="0" y="11">{}</text>').format(f"{top:,}"))
    return Markup('<svg class="plot timeline" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup().join(parts)
    )


def _one(bar: Bar, x: float, wide: float, top: int, address: Callable[[date, date], str]) -> Markup:
    floor = HEIGHT - _BOTTOM
    high = max((floor - _TOP) * bar.articles / top, 1.5 if bar.articles else 0)
    words = f"{bar.words}: {bar.articles:,}"
    marks: dict[str, Any] = {"chosen": "chosen" if bar.is_chosen else "", "since": bar.since, "until": bar.until}
    shape = Markup(
        '<g class="bar {chosen}" data-since="{since}" data-until="{until}"><title>{words}</title>'
        '<rect class="slot" x="{x:.2f}" y="{y}" width="{wide:.2f}" height="{room}"/>'
        '<rect class="s0" x="{x:.2f}" y="{at:.1f}" width="{body:.2f}" height="{high:.1f}"/></g>'
    ).format(
        **marks, words=words, x=x, y=_TOP, wide=wide, room=floor - _TOP, at=floor - high, body=max(wide - 1, 0.8),
        high=high,
    )  # fmt: skip
    if not bar.articles:
        return shape
    return Markup('<a href="{}" aria-label="{}" tabindex="-1">{}</a>').format(
        address(bar.since, bar.until), words, shape
    )

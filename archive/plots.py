"""Plots as SVG text, drawn here and not in the browser: they need no script, no network, and read well without colours.

Colours come from the style sheet by class (`s0` … `s5`, `rest`), so that they follow light and dark; each mark has a
`<title>`, which browsers show and screen readers read.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape

from archive import atlas, coverage
from archive.coverage import Day

WIDTH, HEIGHT = 720, 190
_LEFT, _BOTTOM, _TOP = 44, 22, 8
_WIDEST = 36  # a bar: in an archive of two days they are no walls
_SERIES = 6  # publishers with a colour of their own
_CELL, _GAP = 13, 2
_DAYS = 42  # of the coverage plot
_DONE = ("extracted", "unchanged", "off_topic", "not_article")


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """Articles by time of publication and, say, publisher: `counts[(bucket, name)]`; a bucket is `step` long."""

    buckets: tuple[date, ...]
    step: str  # day | week | month
    by: str  # publisher | language
    names: tuple[str, ...]  # the largest; what others have is counted under ""
    counts: Mapping[tuple[date, str], int]

    @property
    def total(self) -> int:
        """All articles that are shown."""
        return sum(self.counts.values())


def volume(connection: sqlite3.Connection, by: str = "publisher", *, publisher: str | None = None) -> Volume | None:
    """How many articles were published when: by day in an archive of four months, by week of two years, else by month.

    `by` is `publisher` or `language`. None where no article has a date. A few dates far from all others (a page of
    1970) do not stretch the plot: its span begins where a thousandth of all articles is older.
    """
    months = atlas.months_by(connection, by, publisher)
    days = [(date.fromisoformat(f"{month}-01"), name, count) for month, name, count in months]
    if days and step_of(*_bulk_of(days)) != "month":
        counted = atlas.days_by(connection, by, publisher)
        days = [(date.fromisoformat(day), name, count) for day, name, count in counted]
    if not days:
        return None
    first, last = _bulk_of(days)
    step = step_of(first, last)
    sizes = Counter[str]()
    for _, name, count in days:
        sizes[name] += count
    largest = tuple(name for name, _ in sizes.most_common(_SERIES) if name)
    counts = Counter[tuple[date, str]]()
    for day, name, count in days:
        if day >= bucket_of(first, step):
            counts[bucket_of(day, step), name if name in largest else ""] += count
    return Volume(buckets=buckets(first, last, step), step=step, by=by, names=largest, counts=counts)


def bulk(days: Sequence[tuple[date, int]]) -> tuple[date, date]:
    """From when to when to draw, of days in order with their counts: not the thousandth that is older than the rest."""
    total, older = sum(count for _, count in days), 0
    for day, count in days:
        older += count
        if older > total / 1000:
            return day, days[-1][0]
    return days[0][0], days[-1][0]


def _bulk_of(days: Sequence[tuple[date, str, int]]) -> tuple[date, date]:
    return bulk([(day, count) for day, _, count in days])


def step_of(first: date, last: date) -> str:
    """How long a bucket of this span is: a day, week or month."""
    span = (last - first).days
    return "day" if span <= 120 else "week" if span <= 730 else "month"


def drawn(shown: Volume | None) -> dict[str, Any] | None:
    """A plot with what stands around it: its legend, and its figures as a table. None where there is nothing."""
    if shown is None:
        return None
    return {"svg": bars(shown), "legend": legend(shown), "figures": figures(shown), "step": shown.step}


def bars(shown: Volume) -> Markup:
    """A stacked bar a bucket, names in the order of their size from below."""
    names = (*shown.names, "")
    totals = {bucket: sum(shown.counts.get((bucket, name), 0) for name in names) for bucket in shown.buckets}
    top = ceiling(max(totals.values(), default=1))
    wide = (WIDTH - _LEFT) / len(shown.buckets)
    scale = (HEIGHT - _TOP - _BOTTOM) / top
    parts = [_grid(top, scale)]
    for number, bucket in enumerate(shown.buckets):
        y: float = HEIGHT - _BOTTOM
        for place, name in enumerate(names):
            count = shown.counts.get((bucket, name), 0)
            if count:
                high = count * scale
                y -= high
                parts.append(
                    Markup(
                        '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
                        "<title>{}, {}: {}</title></rect>"
                    ).format(
                        f"s{place}" if name else "rest", _LEFT + number * wide, y,
                        min(max(wide - 1, 0.6), _WIDEST), high,
                        shown_bucket(bucket, shown.step), name or _rest(shown), count,
                    )
                )  # fmt: skip
    parts.append(_axis(shown, wide))
    label = f"Articles by {shown.step} of publication and {shown.by}"
    return _svg(Markup().join(parts), WIDTH, HEIGHT, label)


def legend(shown: Volume) -> Sequence[tuple[str, str]]:
    """Class and name of each publisher or language of a plot."""
    rest = [("rest", _rest(shown))] if any(name == "" for _, name in shown.counts) else []
    return [*((f"s{place}", name) for place, name in enumerate(shown.names)), *rest]


def figures(shown: Volume) -> list[tuple[str, list[int]]]:
    """The plot as a table, for those who cannot see it: each bucket that has articles, with a count a name."""
    names = [*shown.names, *([""] if any(name == "" for _, name in shown.counts) else [])]
    counted = [(bucket, [shown.counts.get((bucket, name), 0) for name in names]) for bucket in shown.buckets]
    return [(shown_bucket(bucket, shown.step), counts) for bucket, counts in counted if any(counts)]


def calendar(connection: sqlite3.Connection) -> Markup | None:
    """The coverage of the last six weeks: a row a publisher, a cell a day; None for an archive without a ledger."""
    # of each the first and the last day is looked up in an index: it is not read from one end to the other
    ends = "SELECT name, {0} AS begin, {1} FROM publishers WHERE begin NOT NULL ORDER BY name"
    edge = "(SELECT {0}(day) FROM coverage WHERE publisher = name)"
    known = connection.execute(ends.format(edge.format("min"), edge.format("max"))).fetchall()
    if not known:
        return None
    last = date.fromisoformat(max(row[2] for row in known))
    since = last - timedelta(days=_DAYS - 1)
    asked = coverage.days(connection, since=since, until=last)
    rows = [
        (day.day, name, day.state, day.counts)
        for name, begin, _ in known
        for day in asked.get(name) or [coverage.no_crawl(name, since + timedelta(days=n)) for n in range(_DAYS)]
        if day.day >= date.fromisoformat(begin)
    ]
    first = min(row[0] for row in rows)
    first = min(first, last - timedelta(days=13))  # of a young archive the labels need some room
    names = sorted({row[1] for row in rows})[:40]
    left, step = 150, _CELL + _GAP
    parts = []
    for place, name in enumerate(names):
        y = 16 + place * step
        short = name if len(name) < 22 else name[:20] + "…"
        parts.append(Markup('<text x="{}" y="{}" class="end">{}</text>').format(left - 8, y + _CELL - 3, short))
    for day, name, state, counts in rows:
        if name in names:
            announced, done = counts["announced"], sum(counts[outcome] for outcome in _DONE)
            x = left + (day - first).days * step
            y = 16 + names.index(name) * step
            words = f"{name}, {day}: {state}" + (f", {announced} announced, {done} done" if announced else "")
            parts.append(_day_cell(_cell(state, announced, done), x, y, words))
    span = (last - first).days + 1
    for number in range(0, span, 7):
        day = first + timedelta(days=number)
        parts.append(Markup('<text x="{}" y="10">{}</text>').format(left + number * step, f"{day.day} {day:%b}"))
    width = left + max(span, 30) * step
    return _svg(Markup().join(parts), width, 20 + len(names) * step, "Coverage by day and publisher")


def weeks(days: Sequence[Day]) -> Markup | None:
    """One publisher's coverage, a column a week and a row a day of the week; None without a day."""
    if not days:
        return None
    left, top, step = 34, 16, _CELL + _GAP
    monday = days[0].day - timedelta(days=days[0].day.weekday())
    parts = [
        Markup('<text x="{}" y="{}" class="end">{}</text>').format(left - 6, top + place * step + _CELL - 3, name)
        for place, name in ((0, "Mon"), (2, "Wed"), (4, "Fri"), (6, "Sun"))
    ]
    for day in days:
        done = sum(day.counts[name] for name in _DONE)
        announced = day.counts["announced"]
        x, y = left + (day.day - monday).days // 7 * step, top + day.day.weekday() * step
        words = f"{day.day}: {day.state}" + (f", {announced} announced, {done} done" if announced else "")
        parts.append(_day_cell(_cell(day.state, announced, done), x, y, words))
        if day.day.day == 1:
            parts.append(
                Markup('<text x="{}" y="10">{}</text>').format(
                    x, f"{day.day:%Y}" if day.day.month == 1 else f"{day.day:%b}"
                )
            )
    width = left + max(26, (days[-1].day - monday).days // 7 + 1) * step  # of a young archive, too
    return _svg(Markup().join(parts), width, top + 7 * step, "Coverage by day")


def _day_cell(kind: str, x: float, y: float, words: str) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>').format(
        kind, x, y, _CELL, _CELL, words
    )


def _cell(state: str, announced: int, done: int) -> str:
    if state in {"no crawl", "no answer", "nothing announced"}:
        return state.replace(" ", "-")
    return "in-part" if done < 0.9 * announced else "whole"


def _grid(top: int, scale: float) -> Markup:
    lines = []
    for count in (0, top // 2, top) if top > 1 else (0, top):
        y = HEIGHT - _BOTTOM - count * scale
        lines.append(Markup('<line x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(_LEFT, WIDTH, y, y))
        lines.append(Markup('<text x="{}" y="{:.1f}" class="end">{}</text>').format(_LEFT - 6, y + 4, f"{count:,}"))
    return Markup().join(lines)


def _axis(shown: Volume, wide: float) -> Markup:
    every = max(1, len(shown.buckets) // 6)
    labels = [
        Markup('<text x="{:.1f}" y="{}">{}</text>').format(
            _LEFT + number * wide, HEIGHT - 6, shown_bucket(shown.buckets[number], shown.step)
        )
        for number in range(0, len(shown.buckets), every)
        if _LEFT + number * wide < WIDTH - 50
    ]
    return Markup().join(labels)


def _svg(content: Markup, width: int, height: int, label: str) -> Markup:
    # a small plot is not blown up to the width of the page, or its letters would be larger than the page's
    return Markup('<svg class="plot" viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}">{}</svg>').format(
        width, height, max(round(1.3 * width), 560) if width < WIDTH else 1180, escape(label), content
    )


def ceiling(count: int) -> int:
    """The next round number, not far away: 1, 2, 3, 4, 6, 8, 10, 20 …"""
    size = 1
    while True:
        for factor in (1, 2, 3, 4, 6, 8):
            if count <= factor * size:
                return factor * size
        size *= 10


def bucket_of(day: date, step: str) -> date:
    """The first day of the bucket that a day is in."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def buckets(first: date, last: date, step: str) -> tuple[date, ...]:
    """The buckets from one day to another, each by its first day."""
    found = [bucket_of(first, step)]
    while found[-1] < bucket_of(last, step):
        following = found[-1] + timedelta(days={"day": 1, "week": 7, "month": 32}[step])
        found.append(bucket_of(following, step))
    return tuple(found)


def shown_bucket(bucket: date, step: str) -> str:
    """`4 Mar 2026`, the first day of a week likewise; `Mar 2026` for a month."""
    return f"{bucket:%b %Y}" if step == "month" else f"{bucket.day} {bucket:%b %Y}"


def _rest(shown: Volume) -> str:
    return "others, or unsure" if shown.by == "language" else "others"

"""The coverage ledger in a terminal: `archive coverage`, calendars, and under them what is missing and why."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive import clock, coverage
from archive.coverage import COUNTS, Day
from archive.terminal import escape, folder_option, json_option, opened, print_json, screen

_WEEKS = 26  # that are shown unless a span is asked for
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MISSING = ("blocked", "empty", "failed", "pending")

# Days without an announcement, told apart by sign and by colour.
_ABSENCES = {
    "no crawl": ("x", "bold white on red"),
    "no answer": ("?", "black on magenta"),
    "nothing announced": ("-", "dim"),
}
_FINE = ("black on #9be9a8", "black on #40c463", "white on #30a14e", "white on #216e39")
_LACKING = ("black on #fff3b0", "black on #ffd75f", "black on #ffaf00", "black on #d78700")


@click.command("coverage")
@folder_option
@click.option("--publisher", "publishers", multiple=True, help="Only this publisher; may be given several times.")
@click.option("--source", help="Only sources whose URL holds this.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day (UTC) on; half a year ago by default.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day (UTC); today by default.")
@json_option
def command(  # noqa: PLR0917  # click hands each option over by name
    folder: Path, publishers: tuple[str, ...], source: str | None, since: datetime | None, until: datetime | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Show day by day what was announced, what became of it, and where nobody looked.

    A calendar for each publisher: weeks are columns, days of the week rows. An address counts on the day on which a
    source first announced it.

    \b
      a b c d   few … many announced, and come to a good end: at most a tenth is missing
      A B C D   likewise, but more than a tenth is missing: blocked, empty, failed or pending
      -         asked, and nothing new was announced
      ?         asked, and no source answered
      x         no crawl: nobody asked

    Under the calendars stands each kind of absence with its reason. Exit code 1 where the ledger holds nothing.

    \b
    Examples:
      archive coverage
      archive coverage --publisher RT --since 2026-01-01
      archive coverage --source sitemap --json
    """  # fmt: skip
    last = until.date() if until else clock.now().date()
    with opened(folder) as archive:
        first = _first_shown(coverage.first_day(archive.connection), since.date() if since else None, last)
        days = coverage.days(archive.connection, since=first, until=last, publishers=publishers, source=source)
    if as_json:
        print_json([_as_json(day) for shown in days.values() for day in shown])
    elif days:
        console = screen()
        for publisher, shown in days.items():
            _print_calendar(console, publisher, shown)
        console.print(_legend())
        console.print()
        _print_reasons(console, days)
    if not days:
        click.echo(f"archive: the ledger holds nothing from {first} to {last} that fits", err=True)
        sys.exit(1)


def _first_shown(begins: date | None, since: date | None, last: date) -> date:
    """The first day of the calendars: the one asked for, or half a year ago, but not before the ledger begins."""
    if since is not None:
        return since
    return min(last, max(begins or last, last - timedelta(weeks=_WEEKS) + timedelta(days=1)))


def _as_json(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(), "publisher": day.publisher, "state": day.state, **day.counts, "reasons": day.reasons
    }  # fmt: skip


# --- the calendars ----------------------------------------------------------------------------------------------------


def _print_calendar(console: Console, publisher: str, days: Sequence[Day]) -> None:
    """The days of a publisher, as many weeks side by side as there is room for."""
    console.print(_headline(publisher, days))
    levels = _levels([day.counts["announced"] for day in days if day.counts["announced"]])
    room = max(4, (min(console.width, 120) - 4) // 2)
    weeks: dict[date, dict[int, Day]] = {}
    for day in days:
        weeks.setdefault(day.day - timedelta(days=day.day.weekday()), {})[day.day.weekday()] = day
    mondays = sorted(weeks)
    for begin in range(0, len(mondays), room):
        strip = mondays[begin : begin + room]
        console.print(_months(strip), no_wrap=True)
        for weekday, name in enumerate(_WEEKDAYS):
            line = Text.assemble((f"{name} ", "dim"))
            for monday in strip:
                line.append_text(_cell(weeks[monday].get(weekday), levels))
            console.print(line, no_wrap=True)
    console.print()


def _headline(publisher: str, days: Sequence[Day]) -> Text:
    total = sum(day.counts["announced"] for day in days)
    missing = sum(day.counts[name] for day in days for name in _MISSING)
    states = Counter(day.state for day in days)
    named = (("no crawl", "without a crawl"), ("no answer", "without an answer"))
    gaps = [f"{states[state]} day{'s'[: states[state] > 1]} {words}" for state, words in named if states[state]]
    facts = [f"{days[0].day} to {days[-1].day}", f"{total:,} announced", f"{missing:,} missing", *gaps]
    return Text.assemble((escape(publisher), "bold"), "  ", (" · ".join(facts), "dim"))


def _months(mondays: Sequence[date]) -> Text:
    """Names of months over the week in which each begins; January brings its year."""
    line = ""
    for place, monday in enumerate(mondays):
        sunday, column = monday + timedelta(days=6), 4 + 2 * place
        begins = place == 0 or sunday.day <= 7
        if begins and (not line or len(line) < column):
            line = line.ljust(column) + (f"{sunday:%Y}" if sunday.month == 1 else f"{sunday:%b}")
    return Text(line, "dim")


def _levels(counts: list[int]) -> Sequence[float]:
    """Bounds between few and many, by the publisher's own quarters: each shade is as frequent as the others."""
    return quantiles(counts * 2, n=4, method="inclusive") if counts else ()


def _cell(day: Day | None, levels: Sequence[float]) -> Text:
    """Two columns: a sign, coloured, and a gap of the same colour."""
    if day is None:
        return Text("  ")
    if day.state in _ABSENCES:
        sign, style = _ABSENCES[day.state]
        return Text(f"{sign} ", style)
    level = sum(day.counts["announced"] > bound for bound in levels)
    if 10 * sum(day.counts[name] for name in _MISSING) <= day.counts["announced"]:
        return Text(f"{'abcd'[level]} ", _FINE[level])
    return Text(f"{'ABCD'[level]} ", _LACKING[level])


def _legend() -> Text:
    parts: list[str | tuple[str, str]] = []
    for sign, style in zip("abcd", _FINE, strict=True):
        parts.append((f"{sign} ", style))
    parts.append(" few … many announced  ")
    for sign, style in zip("ABCD", _LACKING, strict=True):
        parts.append((f"{sign} ", style))
    parts.append(" a tenth or more missing\n")
    for state, (sign, style) in _ABSENCES.items():
        parts += [(f"{sign} ", style), f" {state}  "]
    return Text.assemble(*parts)


# --- the reasons ------------------------------------------------------------------------------------------------------


def _print_reasons(console: Console, days: Mapping[str, Sequence[Day]]) -> None:
    """What became of all announcements, by publisher: sums, then each absence with its reason."""
    sums = Table(title="What became of it", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    sums.add_column("publisher", style="bold", overflow="fold")
    columns = ("announced", "articles", "off-topic", "other", *_MISSING)
    for name in columns:
        sums.add_column(name, justify="right")
    why = Table(title="What is missing, and why", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("publisher", "outcome", "reason"):
        why.add_column(name, overflow="fold")
    why.add_column("addresses", justify="right")
    for publisher, its_days in days.items():
        totals = {name: sum(day.counts[name] for day in its_days) for name in ("announced", *COUNTS)}
        totals |= {"articles": totals["extracted"] + totals["unchanged"], "off-topic": totals["off_topic"]}
        totals |= {"other": totals["not_article"]}
        sums.add_row(escape(publisher), *(f"{totals[name]:,}" for name in columns))
        reasons: Counter[str] = Counter()
        for day in its_days:
            reasons.update(day.reasons)
        for reason, number in reasons.most_common():
            outcome, _, kind = reason.partition(":")
            if outcome in _MISSING:
                why.add_row(escape(publisher), outcome, escape(kind), f"{number:,}")
    console.print(sums)
    if why.row_count:
        console.print()
        console.print(why)

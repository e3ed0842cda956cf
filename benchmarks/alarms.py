"""How well the alarms do: simulated publishers, quiet months and months with trouble; false alarms and delays.

    python -m benchmarks.alarms [--months 240] [--seed 1]

A publisher publishes at random (Poisson) at a rate that follows its nights, its weekends and the luck of the day, in
bursts now and then; its sources are asked by the schedule of `archive.schedule`; its pages end in outcomes, and its
articles have fields and lengths, each with the publisher's own frequencies. After some weeks nothing happens, or one
trouble begins. The alarms are asked four times a day, as runs would. Nothing is fitted to these numbers: the rules'
one threshold is a chance, stated in `archive.alarm_rules`.
"""

import argparse
import random
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from archive import schedule
from archive.alarm_facts import FIELDS, LATEST, Facts, Poll, Reading, Visit, hour_of
from archive.alarm_rules import WEEKS, Rhythm
from archive.alarms import Alarm, judge

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
TROUBLES = ("silent", "failing", "layout", "text_length", "missing_authors", "agreement", "blocked", "empty", "failed")
LOOKS = 6  # hours between two


@dataclass(kw_only=True)
class Publisher:
    """The habits of an invented publisher."""

    name: str
    rate: float  # articles a day
    weekend: float  # of a weekday's rate
    night: float  # of a day's rate
    zone: int  # hours east of UTC
    layout: float  # share of articles that the layout reads
    fields: dict[str, float]
    outcomes: dict[str, float]
    length: float
    sources: dict[str, float]  # URL → share of the articles that it lists


@dataclass(kw_only=True)
class History:
    """What a crawl of a publisher saw, oldest first."""

    publisher: Publisher
    visits: list[Visit] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    polls: dict[str, list[Poll]] = field(default_factory=dict)
    listed: dict[str, list[tuple[datetime, list[str]]]] = field(default_factory=dict)  # by source: new at an asking


def a_publisher(chance: random.Random, number: int) -> Publisher:
    """Somebody new."""
    host = f"https://p{number}.example"
    outcomes = {"off_topic": chance.uniform(0.05, 0.4), "not_article": chance.uniform(0, 0.1)}
    outcomes |= {
        "failed": chance.uniform(0, 0.03),
        "blocked": chance.uniform(0, 0.02),
        "empty": chance.uniform(0, 0.02),
    }
    return Publisher(
        name=f"Publisher {number}",
        rate=2 ** chance.uniform(1, 6.5),  # 2 to 90
        weekend=chance.uniform(0.3, 1),
        night=chance.uniform(0.05, 0.5),
        zone=chance.choice((0, 1, 2, 3, 8, -5)),
        layout=chance.choice((1.0, 0.995, 0.97, 0.9)),
        fields={name: chance.choice((1.0, 0.98, 0.9, 0.7, 0.4)) for name in FIELDS} | {"headline": 1.0},
        outcomes=outcomes,
        length=chance.uniform(1200, 5000),
        sources={f"{host}/feed": 1.0, f"{host}/sitemap": 0.95, f"{host}/world": chance.uniform(0.1, 0.5)},
    )


def published(chance: random.Random, publisher: Publisher, days: int) -> list[datetime]:
    """When articles appear: hour by hour, Poisson, with lucky days and bursts."""
    found = []
    for day in range(days):
        luck = chance.gammavariate(12, 1 / 12)
        for hour in range(24):
            at = BEGIN + timedelta(days=day, hours=hour)
            local = at + timedelta(hours=publisher.zone)
            share = publisher.night if local.hour < 6 or local.hour >= 22 else 1.0
            share *= publisher.weekend if local.weekday() >= 5 else 1.0
            burst = chance.uniform(2, 4) if chance.random() < 0.01 else 1.0
            found += [
                at + timedelta(seconds=chance.uniform(0, 3600))
                for _ in range(_poisson(chance, publisher.rate / 24 * 1.2 * share * luck * burst))
            ]
    return sorted(found)


def _poisson(chance: random.Random, mean: float) -> int:
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count += 1
        left += chance.expovariate(1)
    return count


def simulate(chance: random.Random, publisher: Publisher, *, days: int, trouble: str | None, begins: int) -> History:
    """Live through `days`; `trouble` begins on day `begins`."""
    history = History(publisher=publisher)
    start = BEGIN + timedelta(days=begins)
    first = next(iter(publisher.sources))
    articles = [(at, f"{first}/{number}") for number, at in enumerate(published(chance, publisher, days))]
    seen: dict[str, datetime] = {}
    for source, share in publisher.sources.items():
        mine = [(at, url) for at, url in articles if chance.random() < share]
        is_hit = trouble in {"silent", "failing"} and source == first
        _ask(chance, history, source, mine, days, start if is_hit else None, trouble)
        for at, urls in history.listed[source]:
            for url in urls:
                seen[url] = min(at, seen.get(url, at))
    for url, at in sorted(seen.items(), key=lambda item: item[1]):
        _visit(chance, history, url, at, trouble if at >= start else None)
        history.visits += [  # revisits
            Visit(at=_text(at + age), url=url, outcome=_other(chance, "unchanged", at + age >= start and trouble))
            for age in schedule.REVISITS[:3]
        ]
    history.visits.sort(key=lambda visit: visit.at)
    return history


def _ask(  # noqa: PLR0917
    chance: random.Random, history: History, source: str, mine: Sequence[tuple[datetime, str]], days: int,
    start: datetime | None, trouble: str | None,
) -> None:  # fmt: skip
    """Ask a source by the schedule, from day to day."""
    kind = "feed" if source.endswith("feed") else "sitemap"
    at, interval, failures = BEGIN + timedelta(minutes=chance.uniform(0, 60)), None, 0
    last: datetime | None = None
    times = [moment for moment, _ in mine]
    shown = 0
    polls, listed = history.polls.setdefault(source, []), history.listed.setdefault(source, [])
    while at < BEGIN + timedelta(days=days):
        is_hit = start is not None and at >= start
        fails = chance.random() < 0.005 or (is_hit and trouble == "failing")
        polls.append(Poll(at=_text(at), answered=not fails))
        if fails:
            failures += 1
            at += timedelta(seconds=schedule.backed_off(kind, interval, failures))
            continue
        until = bisect_right(times, start if is_hit and start else at)
        new, shown = [url for _, url in mine[shown:until]], max(shown, until)
        if new:
            listed.append((at, new))
        quiet_for = at - last if last is not None else None
        interval, failures = schedule.next_interval(kind, interval, new=len(new), quiet_for=quiet_for), 0
        last = at if new else last
        at += timedelta(seconds=interval + chance.uniform(0, 600))


def _visit(chance: random.Random, history: History, url: str, at: datetime, trouble: str | None) -> None:
    publisher = history.publisher
    outcome, draw = "extracted", chance.random()
    for name, share in publisher.outcomes.items():
        if draw < share:
            outcome = name
            break
        draw -= share
    outcome = _other(chance, outcome, trouble)
    history.visits.append(Visit(at=_text(at), url=url, outcome=outcome))
    if outcome != "extracted":
        return
    length = int(chance.lognormvariate(0, 0.6) * publisher.length * (0.15 if trouble == "text_length" else 1))
    by_layout = chance.random() < publisher.layout and trouble != "layout"
    fields = {name for name, share in publisher.fields.items() if chance.random() < share}
    agreement = chance.betavariate(20, 2) * (0.6 if trouble == "agreement" else 1)
    history.readings.append(
        Reading(
            at=_text(at), url=url, rule="layout:2021" if by_layout else "trafilatura", length=length,
            fields=frozenset(fields - {str(trouble).removeprefix("missing_")}), agreement=round(agreement, 2),
        )
    )  # fmt: skip


def _other(chance: random.Random, outcome: str, trouble: object) -> str:
    """How a visit ends when there is trouble."""
    return str(trouble) if trouble in {"blocked", "empty", "failed"} and chance.random() < 0.5 else outcome


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- looking ----------------------------------------------------------------------------------------------------------


def looks(history: History, days: int) -> Iterator[tuple[datetime, Facts]]:
    """What the alarms are shown of a history, several times a day."""
    visits, readings = [visit.at for visit in history.visits], [reading.at for reading in history.readings]
    polls = {source: [poll.at for poll in polls] for source, polls in history.polls.items()}
    answered = {
        source: sorted({hour_of(poll.at) for poll in polls if poll.answered}) for source, polls in history.polls.items()
    }
    news = {source: _by_hour(listed) for source, listed in history.listed.items()}
    for look in range(24 // LOOKS * days):
        at = BEGIN + timedelta(hours=LOOKS * (look + 1))
        now, since = _text(at), hour_of(_text(at - timedelta(weeks=WEEKS)))
        hour = hour_of(now)
        yield at, Facts(
            publisher=history.publisher.name,
            visits=_latest(history.visits, visits, now),
            readings=_latest(history.readings, readings, now),
            polls={source: _latest(history.polls[source], times, now) for source, times in polls.items()},
            rhythms=[
                Rhythm(
                    source=source,
                    answered=hours[bisect_left(hours, since) : bisect_left(hours, hour)],
                    news={at: count for at, count in news[source].items() if since <= at < hour},
                )
                for source, hours in answered.items()
            ],
        )  # fmt: skip


def _latest(items: list, times: list[str], now: str) -> list:  # type: ignore[type-arg]
    end = bisect_left(times, now)
    return items[max(0, end - LATEST) : end]


def _by_hour(listed: Sequence[tuple[datetime, list[str]]]) -> dict[int, int]:
    found: Counter[int] = Counter()
    for at, urls in listed:
        found[hour_of(_text(at))] += len(urls)
    return dict(found)


def alarms_of(history: History, days: int) -> list[Alarm]:
    """Every alarm of a history, raised and cleared as the archive would."""
    alarms: list[Alarm] = []
    for at, facts in looks(history, days):
        judgement = judge(facts, alarms)
        for place, alarm in enumerate(alarms):
            if alarm.id in judgement.over:
                alarms[place] = Alarm(**{**_fields(alarm), "cleared_at": _text(at)})
        for finding in judgement.raised:
            alarms.append(
                Alarm(
                    id=len(alarms) + 1, raised_at=_text(at), publisher=facts.publisher, source=finding.source,
                    kind=finding.kind, message="", figures=finding.figures, cleared_at=None, told=None,
                )
            )  # fmt: skip
    return alarms


def _fields(alarm: Alarm) -> dict[str, object]:
    return {name: getattr(alarm, name) for name in Alarm.__slots__}


# --- the report -------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Score:
    """How one kind of trouble fared."""

    tried: int = 0
    found: int = 0
    hours: list[float] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)  # observations until the alarm


def observations(history: History, alarm: Alarm, start: str) -> int:
    """How many pages, articles or entries due lay between the trouble and its alarm."""
    if alarm.kind == "silent":
        return round(float(alarm.figures["due"]))
    if alarm.kind == "failing":
        return sum(start <= poll.at <= alarm.raised_at for poll in history.polls[alarm.source or ""])
    seen = history.visits if alarm.kind in {"blocked", "empty", "failed"} else history.readings
    return sum(start <= item.at <= alarm.raised_at for item in seen)


def main() -> None:
    """Run it and print two tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--months", type=int, default=240, help="simulated publisher-months (30 days), half of them quiet"
    )
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--verbose", action="store_true", help="name each false alarm")
    given = options.parse_args()
    began = perf_counter()
    false: Counter[str] = Counter()
    quiet = given.months // 4  # of 60 days: the second month is judged with a past, as most months are
    sources = 0
    for number in range(quiet):
        chance = random.Random(f"{given.seed} quiet {number}")
        publisher = a_publisher(chance, number)
        history = simulate(chance, publisher, days=60, trouble=None, begins=60)
        sources += len(publisher.sources)
        for alarm in alarms_of(history, 60):
            false[alarm.kind] += 1
            if given.verbose:
                print(number, f"{publisher.rate:.1f} a day", alarm.raised_at, alarm.kind, alarm.source, alarm.figures)
    years = quiet * 60 / 365.25
    source_years = sources * 60 / 365.25
    print(f"quiet: {quiet * 2} months of {quiet} publishers, {source_years:.1f} source-years")
    print(f"false alarms: {sum(false.values())}, {sum(false.values()) / source_years:.3f} a source-year, {dict(false)}")
    scores: defaultdict[str, Score] = defaultdict(Score)
    for number in range(given.months // 4):
        trouble = TROUBLES[number % len(TROUBLES)]
        chance = random.Random(f"{given.seed} {trouble} {number}")
        publisher = a_publisher(chance, number)
        publisher.fields["authors"] = max(publisher.fields["authors"], 0.7)
        history = simulate(chance, publisher, days=60, trouble=trouble, begins=40)
        start = _text(BEGIN + timedelta(days=40))
        found = [alarm for alarm in alarms_of(history, 60) if alarm.raised_at > start and alarm.kind == trouble]
        score = scores[trouble]
        score.tried += 1
        if found:
            first = datetime.fromisoformat(found[0].raised_at)
            score.found += 1
            score.hours.append((first - datetime.fromisoformat(start)).total_seconds() / 3600)
            score.seen.append(observations(history, found[0], start))
        elif given.verbose:
            print("missed", trouble, f"{publisher.rate:.1f} a day")
    print(f"{'trouble':<16} {'found':>8} {'hours, median':>14} {'most':>6} {'observations':>13} {'most':>6}")
    for trouble, score in scores.items():
        hours, seen = score.hours or [float("nan")], score.seen or [0]
        print(
            f"{trouble:<16} {score.found:>4}/{score.tried:<3} {median(hours):>14.0f} {max(hours):>6.0f} "
            f"{median(seen):>13.0f} {max(seen):>6}"
        )
    print(f"({years:.1f} publisher-years quiet, {perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()

"""What happens, from a seed: who publishes what and when, what is edited and taken down, what breaks.

A script knows nothing of crawling. It is the truth that an archive is held against.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from benchmarks.simulation.prose import EDITS, Report, new_report

Fate = Literal["404", "410", "home", "wall"]
Trouble = Literal["outage", "unreachable", "challenge", "robots", "crawl_delay", "known_design", "unknown_design"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# When an article is edited that is: (share, first hour, last hour) after its publication.
EDIT_TIMES = ((0.55, 0.3, 3), (0.25, 3, 24), (0.15, 24, 144), (0.05, 150, 480))
# Spring 2016: Tehran's clocks went forward on 21 March, Istanbul's on the 27th.
SPRING = datetime(2016, 3, 11, 5, 0, tzinfo=UTC)
# Autumn 2015: Istanbul's went back in the small hours of 8 November.
AUTUMN = datetime(2015, 11, 6, 5, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One edition of a publisher. `daily`: stories on a working day; `quiet`: its days of rest, Monday is 0."""

    spider: str
    publisher: str
    host: str
    layout: str
    zone: str
    daily: float
    sections: tuple[str, ...]
    url: str  # with {section}, {slug}, {number} and strftime's letters, in the desk's zone
    quiet: tuple[int, ...] = (5, 6)


DESKS = (
    Desk(
        spider="rt", publisher="RT", host="www.rt.com", layout="rt_2015", zone="UTC", daily=5,
        sections=("news", "news", "news", "usa"), url="https://www.rt.com/{section}/{number}-{slug}/",
    ),
    Desk(
        spider="sputnik", publisher="Sputnik", host="sputnikglobe.com", layout="sputnik_new", zone="Europe/Moscow",
        daily=12, sections=("world",), url="https://sputnikglobe.com/%Y%m%d/{slug}-1036{number}.html",
    ),
    Desk(
        spider="dailysabah", publisher="Daily Sabah", host="www.dailysabah.com", layout="dailysabah_2017",
        zone="Europe/Istanbul", daily=5, sections=("mideast", "turkey"),
        url="https://www.dailysabah.com/{section}/%Y/%m/%d/{slug}-{number}",
    ),
    Desk(
        spider="alalam", publisher="Al-Alam", host="en.alalam.ir", layout="alalam_en", zone="Asia/Tehran", daily=4,
        quiet=(3, 4), sections=("world",), url="https://en.alalam.ir/news/1{number}",
    ),
    Desk(
        spider="arabstoday", publisher="Arabs Today", host="www.arabstoday.net", layout="arabstoday_en", zone="UTC",
        daily=4, sections=("997",), url="https://www.arabstoday.net/en/{section}/{slug}-%d%m%y%H%M%S",
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What a story says from `at` on. `kind`: a key of `prose.EDITS`, or `published`."""

    at: datetime
    kind: str
    report: Report


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A story is gone from `at` on, and back from `until` on where there is such a time."""

    at: datetime
    fate: Fate
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the story is gone at `at`."""
        return self.at <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story from its publication on."""

    desk: Desk
    url: str
    section: str
    published_at: datetime
    editions: tuple[Edition, ...]
    removals: tuple[Removal, ...] = ()

    def edition(self, at: datetime) -> Edition | None:
        """What was last published of it by `at`."""
        return next((edition for edition in reversed(self.editions) if edition.at <= at), None)

    def fate(self, at: datetime) -> Fate | None:
        """How it is gone at `at`, if it is."""
        return next((removal.fate for removal in self.removals if removal.holds(at)), None)


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something that befalls a desk for a while. `text` is the new robots.txt, or the new design's name."""

    kind: Trouble
    desk: Desk
    begin: datetime
    end: datetime
    text: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether it lasts at `at`."""
        return self.begin <= at < self.end


@dataclass(frozen=True, kw_only=True)
class Script:
    """The truth. `kills`: which runs are killed, by their number."""

    seed: int
    start: datetime
    end: datetime
    stories: tuple[Story, ...] = field(repr=False)
    incidents: tuple[Incident, ...]

    def troubles(self, desk: Desk, at: datetime) -> set[Trouble]:
        """What befalls a desk at `at`."""
        return {incident.kind for incident in self.incidents if incident.desk == desk and incident.holds(at)}


def write(seed: int, start: datetime, days: float) -> Script:
    """The script of so many days."""
    rng = random.Random(seed)
    end = start + days * DAY
    stories = [story for desk in DESKS for story in _stories(desk, rng, start, end)]
    stories.sort(key=lambda story: (story.published_at, story.url))
    return Script(
        seed=seed, start=start, end=end, stories=tuple(stories), incidents=tuple(_incidents(start, end, days))
    )


def desk_of(spider: str) -> Desk:
    """The desk of a spider."""
    return next(desk for desk in DESKS if desk.spider == spider)


def _incidents(start: datetime, end: datetime, days: float) -> Iterator[Incident]:
    """What goes wrong, at the same shares of any script."""
    short = DAY * min(1.0, days / 10)
    week = 7 * DAY * (days / 30)

    def at(share: float) -> datetime:
        return start + (end - start) * share

    closed, spring = "User-agent: *\nDisallow: /search\nDisallow: /usa/\n", desk_of("rt")
    yield Incident(kind="robots", desk=spring, begin=at(0.2), end=at(0.35), text=closed)
    yield Incident(kind="outage", desk=desk_of("dailysabah"), begin=at(0.3), end=at(0.3) + short)
    yield Incident(kind="known_design", desk=spring, begin=at(0.4), end=end + DAY, text="rt_2019")
    yield Incident(kind="unreachable", desk=desk_of("alalam"), begin=at(0.5), end=at(0.5) + short)
    yield Incident(kind="unknown_design", desk=desk_of("sputnik"), begin=at(0.6), end=end + DAY, text="redesign")
    yield Incident(kind="challenge", desk=desk_of("arabstoday"), begin=at(0.65), end=at(0.65) + week)
    slow = "User-agent: *\nCrawl-delay: 5\nDisallow: /api/\n"
    yield Incident(kind="crawl_delay", desk=desk_of("dailysabah"), begin=at(0.75), end=end + DAY, text=slow)


def _stories(desk: Desk, rng: random.Random, start: datetime, end: datetime) -> Iterator[Story]:
    numbers = iter(range(rng.randint(300_000, 320_000), 999_999))
    zone = ZoneInfo(desk.zone)
    day = (start - DAY).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    taken: set[str] = set()
    while day < end:
        expected = desk.daily * (0.4 if day.weekday() in desk.quiet else 1.0)
        for _ in range(_poisson(rng, expected)):
            # Aware local times are added to in UTC: on the days when clocks change an hour is missing or there twice.
            published = (day.astimezone(UTC) + timedelta(seconds=_second_of_day(rng))).replace(microsecond=0)
            if start - DAY <= published < end:
                story = _story(desk, rng, published, next(numbers))
                if story.url not in taken:
                    taken.add(story.url)
                    yield story
        following = (day + 1.5 * DAY).replace(hour=0)
        day = following.replace(minute=0)


def _poisson(rng: random.Random, mean: float) -> int:
    """Knuth's method, for small means."""
    count, product, limit = 0, rng.random(), 2.718281828459045**-mean
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _second_of_day(rng: random.Random) -> int:
    """Mostly between six and midnight, most of all at noon; a few at night."""
    hour = rng.random() * 6 if rng.random() < 0.06 else min(23.99, max(6.0, rng.gauss(13, 4)))
    return int(hour * 3600)


def _story(desk: Desk, rng: random.Random, published: datetime, number: int) -> Story:
    local = published.astimezone(ZoneInfo(desk.zone))
    report = new_report(rng, local.strftime("%A"))
    headline, _ = report.tell()
    slug = re.sub(r"[^a-z0-9]+", "-", headline.lower()).strip("-")
    section = rng.choice(desk.sections)
    url = local.strftime(desk.url.format(section=section, slug=slug, number=number))
    editions = tuple(_editions(rng, published, report))
    return Story(
        desk=desk, url=url, section=section, published_at=published, editions=editions,
        removals=tuple(_removals(rng, published)),
    )  # fmt: skip


def _editions(rng: random.Random, published: datetime, report: Report) -> Iterator[Edition]:
    yield Edition(at=published, kind="published", report=report)
    times = sorted(_edit_time(rng) for _ in range(rng.choices((0, 1, 2, 3), (0.5, 0.3, 0.15, 0.05))[0]))
    for hours in times:
        kind = rng.choice(list(EDITS))
        if kind == "paragraph_cut" and len(report.paragraphs) < 6:
            kind = "paragraph_added"
        report = EDITS[kind](report, rng)
        yield Edition(at=published + hours * HOUR, kind=kind, report=report)


def _edit_time(rng: random.Random) -> float:
    _, least, most = rng.choices(EDIT_TIMES, [share for share, _, _ in EDIT_TIMES])[0]
    return rng.uniform(least, most)


def _removals(rng: random.Random, published: datetime) -> Iterator[Removal]:
    if rng.random() >= 0.06:
        return
    fates: tuple[Fate, ...] = ("404", "410", "home", "wall")
    gone = published + rng.uniform(2, 160) * HOUR
    until = gone + rng.uniform(8, 170) * HOUR if rng.random() < 0.4 else None
    yield Removal(at=gone, fate=rng.choice(fates), until=until)

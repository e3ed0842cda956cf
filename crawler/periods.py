"""Days that a crawl is asked for (`-a since=… -a until=…`), and what tells the day of a file or a story."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from archive.model import Sighting
from crawler.extract.dates import day_in_url, time_from_url
from crawler.publisher import Publisher

# In the names of sitemaps and day pages: 2016-01-31 · 20160131 · 2016/01/31 · yyyy=2016&mm=01&dd=31
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_/.]?|&mm=)(0[1-9]|1[0-2])(?:\2|&dd=)(0[1-9]|[12]\d|3[01])(?!\d)")
# 2016-01 · 201601 · yyyy=2016&mm=01; of "2016_1" nobody knows whether it is January or a first part
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?|&mm=)(0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(199\d|20[0-4]\d)(?!\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From day to day, both in it."""

    since: date = date.min
    until: date = date.max

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.since <= day <= self.until

    def meets(self, other: "Period") -> bool:
        """Whether both have a day in common."""
        return self.since <= other.until and other.since <= self.until

    def days(self) -> Iterator[date]:
        """Its days, newest first."""
        for back in range((self.until - self.since).days + 1):
            yield self.until - timedelta(days=back)


def period_named(url: str) -> Period | None:
    """The days that the name of a file tells: "/sitemap-2016-01.xml" is of January 2016. None where it tells none.

    Of two days in a name ("?from=20160101&to=20160131") it reaches from one to the other.
    """
    try:
        parts = urlsplit(unquote(url))
    except ValueError:
        return None
    name = f"{parts.path}?{parts.query}"
    days = [found for year, _, month, day in _DAY.findall(name) if (found := _date(year, month, day))]
    if days:
        return Period(since=min(days), until=max(days))
    months = [date(int(year), int(month), 1) for year, month in _MONTH.findall(name)]
    if months:
        return Period(since=min(months), until=_month_end(max(months)))
    years = [int(year) for year in _YEAR.findall(name)]
    return Period(since=date(min(years), 1, 1), until=date(max(years), 12, 31)) if years else None


def day_of(sighting: Sighting, publisher: Publisher) -> date | None:
    """The day of a story as far as its announcement tells, in the publisher's zone: its date, else its address."""
    if sighting.announced_at is not None:
        return day_at(sighting.announced_at, publisher.timezone)
    found = time_from_url(sighting.url, publisher) or day_in_url(sighting.url)
    return found.at.date() if found is not None else None


def day_at(when: datetime, zone: str) -> date:
    """The calendar day of a moment in an IANA zone."""
    return when.astimezone(ZoneInfo(zone)).date()


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None

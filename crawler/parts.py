"""The parts of a source: the sitemaps that an index names, the next page of a list, the days of an archive.

What is asked for is bounded, however long a source's list of its own parts may be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.discovery import Listing, NamedSitemap
from crawler.periods import Period, day_at, period_named
from crawler.publisher import DayArchive, Publisher, Section, Source
from crawler.urls import clean_url, registrable_domain

MAX_DEPTH = 3  # an index of indexes of sitemaps
MAX_SITEMAPS = 50  # of one source in one run; the newest
MAX_PAST_SITEMAPS = 500  # where a period is asked for
MAX_PAST_PAGES = 200  # of one section, where a period is asked for
MAX_DAYS = 100  # of one archive by days in one run: some ten thousand stories wait in memory
EARLIEST = date(1995, 1, 1)  # before that no newspaper had its days on the web
SETTLED = timedelta(days=2)  # after its end, the list of a day's stories is taken for whole
_FRESH = timedelta(days=2)  # a sitemap of days gone by that was not changed for so long holds no news


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What is asked for next, newest first, and in words what is not."""

    urls: tuple[str, ...] = ()
    remark: str | None = None


def sitemaps_of(
    listing: Listing, source: Source, publisher: Publisher, *, at: datetime, period: Period | None, asked: int
) -> Parts:
    """The sitemaps of an index that are worth asking for at `at`; `asked` were asked for already in this run.

    An index may name sitemaps on the hosts of its own site and its publisher's (https://www.sitemaps.org/protocol.html,
    "Sitemap file location"); those elsewhere are left out. Where a period is asked for, those that can hold stories
    of it; otherwise those that can hold news.
    """
    own = [named for named in listing.sitemaps if _is_own(named.url, source, publisher)]
    wanted = [named for named in own if _may_hold(named, at, period)]
    most = max(0, (MAX_SITEMAPS if period is None else MAX_PAST_SITEMAPS) - asked)
    remarks = []
    if len(own) < len(listing.sitemaps):
        remarks.append(f"{len(listing.sitemaps) - len(own)} sitemaps of other sites are not asked for")
    if len(wanted) > most:
        remarks.append(f"of {len(wanted)} sitemaps the first {most} are read")
    urls = tuple(named.url for named in (wanted or own[:1])[:most])
    return Parts(urls=urls, remark="; ".join(remarks) or None)


def _is_own(url: str, source: Source, publisher: Publisher) -> bool:
    cleaned = clean_url(url, source.url)
    if cleaned is None:
        return False
    domain = registrable_domain(cleaned)
    return domain == registrable_domain(source.url) or publisher.owns(domain)


def _may_hold(named: NamedSitemap, at: datetime, period: Period | None) -> bool:
    """Whether a sitemap can hold stories of `period`, or without one news."""
    days = period_named(named.url)
    if period is not None:
        changed_since = named.changed_at is None or named.changed_at.date() >= period.since
        return changed_since and (days is None or days.meets(period))
    fresh = (at - _FRESH).date()
    if named.changed_at is not None and named.changed_at.date() >= fresh:
        return True
    return days is None or days.until >= fresh


def next_page(listing: Listing, source: Source, url: str, *, depth: int, until: int) -> str | None:
    """The page after the one at `url`, or None where there is none, or `until` pages were read."""
    if not isinstance(source, (Section, DayArchive)) or depth >= until or not listing.entries:
        return None
    if isinstance(source, Section) and source.pages is not None:
        return source.pages.format(page=depth)
    return listing.next_page if listing.next_page != url else None


def reaches_back(days: Iterable[date | None], period: Period) -> bool:
    """Whether a list whose stories are of `days` may go on into the period: one of them is not older than it."""
    return any(day is not None and day >= period.since for day in days)


def day_pages(source: DayArchive, publisher: Publisher, *, at: datetime, period: Period | None) -> dict[str, date]:
    """The pages of an archive by days, newest first, with their days: today and yesterday, or those of `period`.

    Days are the publisher's.
    """
    today = day_at(at, publisher.timezone)
    if period is None:
        asked = Period(since=today - timedelta(days=1), until=today)
    else:
        asked = Period(since=max(period.since, EARLIEST), until=min(period.until, today))
    return {source.url.format(day=day): day for day in asked.days()}

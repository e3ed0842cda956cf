"""What a spider is told on the command line (`-a name=value`), checked before anything is opened."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlsplit

import scrapy

from archive import clock
from crawler.errors import UsageError
from crawler.periods import Period
from crawler.publisher import Publisher
from crawler.urls import clean_url


def check_arguments(spider: type[scrapy.Spider], given: Mapping[str, str]) -> None:
    """Raise UsageError for arguments that the spider does not declare, for a `url` that is none, for wrong days."""
    known: Mapping[str, str] = getattr(spider, "arguments", {})
    unknown = sorted(set(given) - set(known) - {"crawler", "_job"})  # _job: scrapyd names its jobs to their spiders
    if unknown:
        names = "\n".join(f"  -a {name}=…  {text}" for name, text in known.items()) or "  (none)"
        raise UsageError(f"spider {spider.name!r} takes no argument {', '.join(unknown)}; it knows:\n{names}")
    missing = [name for name in getattr(spider, "required", ()) if not given.get(name)]
    if missing:
        raise UsageError(f"spider {spider.name!r} needs -a {missing[0]}=…: {known[missing[0]]}")
    if {"since", "until"} <= set(known):
        period(given)
    if "url" in given:
        _check_url(given["url"], getattr(spider, "publisher", None))


def day(name: str, value: str) -> date:
    """A day that was given as `-a name=2016-12-31`. Raises UsageError."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"-a {name}={value}: not a day; give it as in -a {name}=2016-12-31") from None


def period(given: Mapping[str, str]) -> Period | None:
    """The days from `-a since=…` to `-a until=…`; None where neither is given. Raises UsageError."""
    days = {name: day(name, given[name]) for name in ("since", "until") if name in given}
    if not days:
        return None
    wanted = Period(**days)
    if wanted.since > wanted.until:
        raise UsageError(f"-a since={wanted.since} is later than until={wanted.until}")
    if wanted.since > clock.now().date() + timedelta(days=1):
        raise UsageError(f"-a since={wanted.since}: has not come yet")
    return wanted


def _check_url(url: str, publisher: Publisher | None) -> None:
    cleaned = clean_url(url)
    if cleaned is None:
        raise UsageError(f"-a url={url}: not an http or https URL")
    if publisher is not None and not publisher.owns(urlsplit(cleaned).hostname or ""):
        raise UsageError(f"-a url={url}: not a page of {publisher.name} ({', '.join(publisher.domains)})")

"""What a spider is told on the command line (`-a name=value`), checked before anything is opened."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

import scrapy

from crawler.errors import UsageError
from crawler.publisher import Publisher
from crawler.urls import clean_url


def check_arguments(spider: type[scrapy.Spider], given: Mapping[str, str]) -> None:
    """Raise UsageError for arguments that the spider does not declare, and for a `url` that is none."""
    known: Mapping[str, str] = getattr(spider, "arguments", {})
    unknown = sorted(set(given) - set(known) - {"crawler", "_job"})  # _job: scrapyd names its jobs to their spiders
    if unknown:
        names = "\n".join(f"  -a {name}=…  {text}" for name, text in known.items()) or "  (none)"
        raise UsageError(f"spider {spider.name!r} takes no argument {', '.join(unknown)}; it knows:\n{names}")
    missing = [name for name in getattr(spider, "required", ()) if not given.get(name)]
    if missing:
        raise UsageError(f"spider {spider.name!r} needs -a {missing[0]}=…: {known[missing[0]]}")
    if "url" in given:
        _check_url(given["url"], getattr(spider, "publisher", None))


def day(name: str, value: str) -> date:
    """A day that was given as `-a name=2016-12-31`. Raises UsageError."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"-a {name}={value}: not a day; give it as in -a {name}=2016-12-31") from None


def _check_url(url: str, publisher: Publisher | None) -> None:
    cleaned = clean_url(url)
    if cleaned is None:
        raise UsageError(f"-a url={url}: not an http or https URL")
    if publisher is not None and not publisher.owns(urlsplit(cleaned).hostname or ""):
        raise UsageError(f"-a url={url}: not a page of {publisher.name} ({', '.join(publisher.domains)})")

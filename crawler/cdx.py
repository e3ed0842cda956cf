"""Indexes of what other archives hold: the queries they take, their answers read. Pure functions, for a worker.

*Wayback*: the CDX server of web.archive.org, https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server:
one JSON array of arrays, the first of them the names of the fields; behind an empty one, the key to resume with.
*Common Crawl*: pywb's CDX server, https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html, one for each crawl:
a JSON object a line, in numbered pages. Both answer in the order of SURT keys and, within one, of time.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from w3lib.url import safe_url_string

from archive.http_message import MAX_BODY, parse_response
from archive.intermediaries import exclusion
from crawler.discovery import opening
from crawler.errors import SourceError
from crawler.urls import clean_url

T = TypeVar("T")
Match = Literal["exact", "prefix", "host", "domain"]

# What is asked of each line; without more, an answer is half as long.
_WAYBACK_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_COMMON_CRAWL_FIELDS = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset", "filename")
PAGE_SIZE = 2  # blocks of 3,000 lines in a page of Common Crawl's index: 2 MB; its own 5 could be above the size cap

_NUMBER = re.compile(r"[0-9]{1,15}\Z")

# A crawl takes two weeks; where only the week is known after which it is named, this is added on both sides.
_CRAWL_LASTS = timedelta(days=28)

# "http://www.example.org:80/news/1": a habit of the first crawlers, not how the page was linked
_DEFAULT_PORT = re.compile(r"\A(http://[^/?#]+):80(?=[/?#]|\Z)|\A(https://[^/?#]+):443(?=[/?#]|\Z)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Days in UTC, both included, within which captures were made."""

    since: date
    until: date

    def bounds(self) -> tuple[str, str]:
        """First and last second, as 14 digits."""
        return f"{self.since:%Y%m%d}000000", f"{self.until:%Y%m%d}235959"

    def had_ended(self, at: datetime) -> bool:
        """Whether all of it was past at `at`."""
        return at.astimezone(UTC).date() > self.until

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.since, time.min, UTC)

    @property
    def end(self) -> datetime:
        """Its last second."""
        return datetime.combine(self.until, time(23, 59, 59), UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What to ask an index for: one address, those that begin like it, or all of a host or domain."""

    url: str
    match: Match = "exact"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One capture that an index lists. `address` is where it can be had (see `archive.model.Original`)."""

    url: str
    address: str
    captured_at: datetime
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexPage:
    """An answer of an index. `resume_key` leads to the next; `unreadable` lines are no captures, or damaged."""

    lines: tuple[Line, ...] = ()
    resume_key: str | None = None
    unreadable: int = 0


# --- queries ----------------------------------------------------------------------------------------------------------


def wayback_query(
    endpoint: str, scope: Scope, window: Window, *, every: bool, limit: int, resume_key: str | None = None
) -> str:
    """The address of the answer behind `resume_key`: pages that came whole, the first of each URL, or `every` text."""
    begin, end = window.bounds()
    query = [("url", scope.url), ("matchType", scope.match), ("from", begin), ("to", end), ("output", "json")]
    query += [("fl", ",".join(_WAYBACK_FIELDS)), ("filter", "statuscode:200"), ("filter", "mimetype:text/html")]
    query += [("collapse", "digest" if every else "urlkey"), ("limit", str(limit)), ("showResumeKey", "true")]
    return f"{endpoint}?{urlencode([*query, *([('resumeKey', resume_key)] if resume_key else [])])}"


def common_crawl_query(endpoint: str, scope: Scope, window: Window, *, page: int | None) -> str:
    """The address of one page of one crawl's index; with `page` None, of the number of its pages."""
    begin, end = window.bounds()
    query = [("url", scope.url), ("matchType", scope.match), ("from", begin), ("to", end), ("output", "json")]
    query += [("fl", ",".join(_COMMON_CRAWL_FIELDS)), ("filter", "=status:200"), ("filter", "=mime:text/html")]
    query += [("pageSize", str(PAGE_SIZE)), ("showNumPages", "true") if page is None else ("page", str(page))]
    return f"{endpoint}?{urlencode(query)}"


# --- answers ----------------------------------------------------------------------------------------------------------


def read_answer(http: bytes, *, url: str, read: Callable[..., T]) -> T:
    """In a worker: what `read` makes of an index's answer, given as the response's raw bytes. Raises SourceError.

    A 404 says in its body that there is nothing (pywb's way); every other status than 200 is an error.
    """
    message = parse_response(http, max_body=MAX_BODY)
    nothing = message.status == 404 and b"No Captures found" in message.body[:1000]
    if message.status != 200 and not nothing:
        _raise_exclusion(message.body[:4096].decode("utf-8", "replace"), url)
        raise SourceError(f"index {url}: answered {message.status}")
    if message.incomplete is not None:
        raise SourceError(f"index {url}: {message.incomplete}")
    return read(message.body, url=url)


def read_wayback(body: bytes, *, url: str, replay: str) -> IndexPage:
    """An answer of the Wayback index; `replay` is the address below which captures are replayed.

    Raises SourceError where it is an error, or cut off.
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return IndexPage()  # its way of saying that there is nothing
    _raise_exclusion(text, url)
    if not text.startswith("["):
        raise SourceError(f"index {url}: the answer is not JSON but begins {opening(body)}")
    if not text.endswith("]"):
        raise SourceError(f"index {url}: the answer is cut off after {len(body)} bytes")
    rows, unreadable = _rows(text)
    if not rows:
        return IndexPage(unreadable=unreadable)
    names, resume_key = rows[0], None
    if [] in rows:  # then one row with the key
        end = rows.index([])
        resume_key = str(rows[end + 1][0]) if len(rows) > end + 1 and rows[end + 1] else None
        rows = rows[:end]
    lines: dict[str, Line] = {}
    for row in rows[1:]:
        line = _wayback_line(dict(zip(names, row, strict=False)), replay) if len(row) == len(names) else None
        unreadable += line is None
        if line is not None:
            lines.setdefault(line.address, line)  # now and then a line comes twice
    return IndexPage(lines=tuple(lines.values()), resume_key=resume_key, unreadable=unreadable)


def _rows(text: str) -> tuple[list[list[Any]], int]:
    """The rows of a JSON array of arrays, a row a line; where one line is broken, the others all the same."""
    try:
        found = json.loads(text)
        return [row for row in found if isinstance(row, list)], sum(not isinstance(row, list) for row in found)
    except ValueError:
        rows, broken = [], 0
    for line in text.removeprefix("[").removesuffix("]").splitlines():
        try:
            rows.append(list(json.loads(line.strip().rstrip(",") or "[]")))
        except (ValueError, TypeError):
            broken += 1
    return rows, broken


def _wayback_line(fields: Mapping[str, Any], replay: str) -> Line | None:
    original, timestamp = str(fields.get("original", "")), str(fields.get("timestamp", ""))
    captured_at = _moment(timestamp)
    host = original.partition("://")[2].partition("/")[0]
    if captured_at is None or clean_url(original) is None or "@" in host:
        return None  # "http://mailto:someone@example.org/", "data:image/png;base64,…"
    address = f"{replay.rstrip('/')}/{timestamp}id_/{safe_url_string(original.partition('#')[0])}"
    return Line(url=_plain(original), address=address, captured_at=captured_at, digest=str(fields.get("digest", "")))


def read_common_crawl(body: bytes, *, url: str, data: str) -> IndexPage:
    """A page of one crawl's index; `data` is the address below which the crawls' files lie. Raises SourceError."""
    lines: list[Line] = []
    unreadable = 0
    for fields in _objects(body, url):
        line = _common_crawl_line(fields, data) if fields is not None else None
        unreadable += line is None
        if line is not None:
            lines.append(line)
    return IndexPage(lines=tuple(lines), unreadable=unreadable)


def _objects(body: bytes, url: str) -> Iterator[dict[str, Any] | None]:
    """The object of each line, None for one that is none; of an answer without captures nothing. Raises SourceError."""
    if body.lstrip()[:1] not in {b"{", b""}:
        raise SourceError(f"index {url}: the answer is not JSON but begins {opening(body)}")
    lines = body.splitlines()
    for number, line in enumerate(lines):
        try:
            fields = json.loads(line) if line.strip() else {}
        except ValueError:
            if number == len(lines) - 1 and not body.endswith(b"\n"):
                raise SourceError(f"index {url}: the answer is cut off after {len(body)} bytes") from None
            fields = None
        if number == 0 and isinstance(fields, dict) and {"message", "error"} & fields.keys():
            if "No Captures found" in str(fields.get("message", fields.get("error"))):
                return
            raise SourceError(f"index {url}: {str(fields)[:200]}")
        if fields != {}:
            yield fields if isinstance(fields, dict) else None


def _common_crawl_line(fields: Mapping[str, Any], data: str) -> Line | None:
    url, filename = str(fields.get("url", "")), str(fields.get("filename", ""))
    offset, length = str(fields.get("offset", "")), str(fields.get("length", ""))
    captured_at = _moment(str(fields.get("timestamp", "")))
    is_place = bool(_NUMBER.match(offset) and _NUMBER.match(length)) and filename.endswith(".warc.gz")
    if captured_at is None or clean_url(url) is None or not is_place:
        return None
    address = f"{data.rstrip('/')}/{filename}#bytes={offset}-{int(offset) + int(length) - 1}"
    return Line(url=url, address=address, captured_at=captured_at, digest=str(fields.get("digest", "")))


def read_page_count(body: bytes, *, url: str) -> int:
    """How many pages an index has: `{"pages": 4, "pageSize": 2, "blocks": 7}`. Raises SourceError."""
    fields = next(_objects(body, url), {"pages": 0})
    try:
        return int((fields or {})["pages"])
    except (KeyError, TypeError, ValueError):
        raise SourceError(f"index {url}: no number of pages, but {opening(body)}") from None


def read_crawls(body: bytes, window: Window, *, url: str) -> tuple[str, ...]:
    """The index addresses of Common Crawl's crawls within `window`, oldest first, from its `collinfo.json`.

    Raises SourceError.
    """
    try:
        crawls = [(str(crawl["cdx-api"]), *_crawled(crawl)) for crawl in json.loads(body)]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"index {url}: not the list of crawls: {type(error).__name__}: {error}") from error
    crawls.sort(key=lambda crawl: crawl[1])
    return tuple(address for address, begin, end in crawls if begin <= window.until and end >= window.since)


def _crawled(crawl: Mapping[str, str]) -> tuple[date, date]:
    """From when to when a crawl went: as it says, else by its name.

    CC-MAIN-2024-10 is named after a week, CC-MAIN-2009-2010 and CC-MAIN-2012 after years.
    """
    if crawl.get("from") and crawl.get("to"):
        return date.fromisoformat(crawl["from"][:10]), date.fromisoformat(crawl["to"][:10])
    numbers = [int(number) for number in re.findall(r"\d+", crawl["id"])]
    if len(numbers) == 2 and numbers[1] <= 53:
        week = date.fromisocalendar(numbers[0], max(numbers[1], 1), 1)
        return week - _CRAWL_LASTS, week + _CRAWL_LASTS
    return date(numbers[0], 1, 1), date(numbers[-1], 12, 31)


def _raise_exclusion(text: str, url: str) -> None:
    if excluded := exclusion(text[:4096]):
        raise SourceError(f"index {url}: the archive excludes this site ({excluded})")


def _moment(timestamp: str) -> datetime | None:
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if len(timestamp) == 14 else None
    except ValueError:
        return None


def _plain(url: str) -> str:
    return _DEFAULT_PORT.sub(lambda match: match[1] or match[2], url)


# --- choosing ---------------------------------------------------------------------------------------------------------


def by_page(lines: Iterable[Line], key: Mapping[str, str]) -> Iterator[tuple[str, list[Line]]]:
    """The captures of each page, texts that come again left out; `key` gives the page's name for a URL."""
    ordered = sorted(lines, key=lambda line: (key[line.url], line.captured_at))
    for page, captures in groupby(ordered, key=lambda line: key[line.url]):
        digests: dict[str, Line] = {}
        for line in captures:
            digests.setdefault(line.digest, line)
        yield page, list(digests.values())


def spread(lines: Sequence[Line], count: int) -> list[Line]:
    """At most `count` of `lines`: the first, the last, and evenly between them; of one, the first."""
    if count >= len(lines):
        return list(lines)
    if count < 2:
        return list(lines[:count])
    step = (len(lines) - 1) / (count - 1)
    return [lines[round(number * step)] for number in range(count)]

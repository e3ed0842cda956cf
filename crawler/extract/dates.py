"""Printed and claimed times: exact forms only, never a guess.

A time is believed when its text says year, month and day, in whatever calendar. Without a zone it gets the
publisher's; with neither, only the day is kept. Words such as "yesterday", bare years and ambiguous orders
("03/04/2020") give nothing.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from crawler.extract import clocks
from crawler.extract.calendars import EARLIEST, LATEST, common_year
from crawler.extract.lines import is_single_spaced
from crawler.extract.named_days import named_days
from crawler.extract.numeric_days import numeric_days
from crawler.publisher import Publisher, Time, UrlTime

Precision = Literal["second", "minute", "day"]
Zone = Literal["printed", "publisher"]

_LONGEST = 300  # characters: a printed time is a line, not a paragraph
_BIDI = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NUMERAL = re.compile(r"\d")
_DIGIT = re.compile(r"[^\D0-9]")  # of other scripts
_BEYOND = re.compile("[\u0660-\u1fff\u3000-\U0010ffff]")  # where they are, punctuation and Latin letters apart
_EPOCH = re.compile(r"\d{10}(?:\d{3})?\Z")  # "1574101047", "1574101047000"
_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?\Z")  # "20200412", "20200412163807"
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})T(\d{2}):?(\d{2})(?::?(\d{2}))?(Z|[+-]\d{2}:?\d{2})?", re.I)
_ARCHIVED = re.compile(
    r"\Ahttps?://[^/]+/web/\d{4,14}[a-z_]*/"
)  # "https://web.archive.org/web/20131110121040/http://…"
_PATH = re.compile(r"[?#]")  # ends it
_URL_DAYS = (
    re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})/(\d{1,2})(?=/|\Z)"),  # "/2020/02/17/ferry", "/2020-02/17/c_1.htm"
    re.compile(r"/((?:19|20)\d\d)[-_](\d{1,2})[-_](\d{1,2})(?=[-/_.]|\Z)"),  # "/2020-02-17-ferry"; only in front:
    # "the-attack-of-2001-09-11-remembered" is a story's subject. "/20200217/", "-20200217-", "/2020/0217/"
    re.compile(r"(?<=[-/_])((?:19|20)\d\d)/?(\d\d)(\d\d)(?=[-/_.]|\Z)"),
)
_URL_DAY_FIRST = re.compile(r"/~?([0-3]\d)-([01]\d)-(20\d\d)(?=[-/_.]|\Z)")  # "/meldungen/29-10-2021"
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"\s?(Z|[+-]\d{2}:?\d{2}(?!\d)|[+-]\d{2}(?!\d))?",
    re.I,
)  # "2020-03-17T17:27+0300", "2019-11-20 05:47:00.123Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedTime:
    """A time read from a page.

    `at` keeps the printed offset. `zone` is `printed` where the text names one, else `publisher`. With precision `day`
    `at` is 00:00 UTC of the printed day.
    """

    at: datetime
    zone: Zone
    precision: Precision


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A day as a text prints it at [start, end), and the clock beside it."""

    day: date
    start: int
    end: int
    clock: clocks.Clock | None = None


def parse_time(
    text: str, *, zone: str | None, languages: Sequence[str] = (), day_first: bool | None = None
) -> ParsedTime | None:
    """Read the first full date in `text` and the clock beside it.

    `zone` is the IANA name used where none is printed. `languages` (ISO 639-1) choose between months of one name and
    between calendars. `day_first` reads "03/04/2020"; None: day first where `languages` are known and none is English.
    None where the text holds no full date.
    """
    text = plain(text)
    if not text or len(text) > _LONGEST:
        return None
    if _EPOCH.match(text):
        return _from_epoch(int(text[:10]))
    found = _from_iso(text, zone)
    if found is not None:
        return found
    reading = read_day(text, languages=languages, day_first=day_first)
    if reading is None:
        return None
    date_parts, clock = (reading.day.year, reading.day.month, reading.day.day), reading.clock
    if clock is None:
        return _build(date_parts, None, None, zone)
    return _build(date_parts, clock.hands, clock.zone, None if clock.unknown else zone)


def read_day(text: str, *, languages: Sequence[str] = (), day_first: bool | None = None) -> Reading | None:
    """The first full date in `text`, which is `plain`, and the clock beside it."""
    if _NUMERAL.search(text) is None and "年" not in text:
        return None
    if day_first is None and languages:
        day_first = "en" not in languages or None
    return _read_day(text, tuple(languages), day_first)


@lru_cache(maxsize=1024)  # a line, its pieces and its parts are often one text, and pages of a site print the same
def _read_day(text: str, languages: tuple[str, ...], day_first: bool | None) -> Reading | None:
    found = [*numeric_days(text, languages, day_first), *named_days(text, languages)]
    if not found:
        return None
    start, end, day = min(found, key=lambda one: one[:2])
    return Reading(day=day, start=start, end=end, clock=clocks.clock_beside(text, start, end))


def read_time(text: str, spec: Time, *, zone: str, languages: Sequence[str] = ()) -> ParsedTime | None:
    """Read `text` as a layout's `Time` says; `zone` is the publisher's."""
    zone = spec.zone or zone
    if spec.format is None or spec.format == "unix":
        found = parse_time(text, zone=zone, languages=languages)
        if spec.format == "unix" and found is not None and not _EPOCH.match(plain(text)):
            return None
    else:
        found = _by_format(plain(text), spec.format, zone)
    if found is not None and spec.zone_overrides and found.precision != "day":
        return ParsedTime(at=found.at.replace(tzinfo=ZoneInfo(zone)), zone="publisher", precision=found.precision)
    return found


def time_from_url(url: str, publisher: Publisher | None) -> ParsedTime | None:
    """The time that the URL carries by the publisher's `url_times`, or None. A date alone has precision `day`."""
    if publisher is None:
        return None
    url = unquote(url)
    readings = (_from_url_match(re.search(rule.pattern, url), rule) for rule in publisher.url_times)
    return next((reading for reading in readings if reading is not None), None)


def day_in_url(url: str) -> ParsedTime | None:
    """The day that the path of a URL of unknown make spells out; None where it spells none, or several.

    The day that a web archive captured a page is not the page's.
    """
    path = unquote(_PATH.split(_ARCHIVED.sub("", url), maxsplit=1)[0])
    found = {
        _build((int(year), int(month), int(day)), None, None, None)
        for pattern in _URL_DAYS
        for year, month, day in pattern.findall(path)
    }
    found |= {
        _build((int(year), int(month), int(day)), None, None, None)
        for day, month, year in _URL_DAY_FIRST.findall(path)
        if int(day) > 12
    }
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def plain(text: str) -> str:
    """`text` with its digits ASCII ("٢٠١٦" → "2016"), bidi marks gone and white space single."""
    if not text.isascii():
        if _BEYOND.search(text):
            text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
        if not text.isprintable():
            text = _BIDI.sub("", text)
    return text.strip() if is_single_spaced(text) else " ".join(text.split())


def _from_epoch(seconds: int) -> ParsedTime | None:
    at = datetime.fromtimestamp(seconds, UTC)
    return ParsedTime(at=at, zone="printed", precision="second") if at.year >= EARLIEST else None


def _from_iso(text: str, zone: str | None) -> ParsedTime | None:
    found = _ISO.search(text) or _COMPACT.match(text) or _DIGITS.match(text)
    if found is None:
        return None
    date_parts = (int(found[1]), int(found[2]), int(found[3]))
    hands = (int(found[4]), int(found[5]), int(found[6]) if found[6] else None) if found[4] else None
    if found.re is _DIGITS:
        return _build(date_parts, hands, None, zone)
    printed = clocks.offset(found[7]) if found[7] else clocks.zone_after(text, found.end())
    if printed is None and clocks.names_unknown_zone(text, found.end()):
        zone = None
    return _build(date_parts, hands, printed, zone)


def _by_format(text: str, form: str, zone: str) -> ParsedTime | None:
    try:
        at = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
    except ValueError:
        return None
    hands = (at.hour, at.minute, at.second if "%S" in form else None) if "%H" in form or "%I" in form else None
    return _build((at.year, at.month, at.day), hands, at.tzinfo, zone)


def _from_url_match(match: re.Match[str] | None, rule: UrlTime) -> ParsedTime | None:
    if match is None:
        return None
    groups = {name: int(value) for name, value in match.groupdict().items() if value}
    year = groups.get("Y", 2000 + groups["y"] if "y" in groups else 0)
    hands = (groups["H"], groups["M"], groups.get("S")) if {"H", "M"} <= groups.keys() else None
    return _build((year, groups.get("m", 0), groups.get("d", 0)), hands, None, rule.zone)


def _build(
    date_parts: tuple[int, int, int], hands: clocks.Hands | None, printed: tzinfo | None, zone: str | None
) -> ParsedTime | None:
    """A time out of its parts; the day alone where no clock or no zone is known; None where no calendar has it."""
    try:
        day = date(common_year(date_parts[0]), *date_parts[1:])
        if not EARLIEST <= day.year <= LATEST:
            return None
        if hands is None or (printed is None and zone is None):
            return ParsedTime(at=datetime(day.year, day.month, day.day, tzinfo=UTC), zone="publisher", precision="day")
        where = printed or ZoneInfo(zone or "UTC")
        at = datetime(day.year, day.month, day.day, hands[0], hands[1], hands[2] or 0, tzinfo=where)
    except ValueError:
        return None
    precision: Precision = "minute" if hands[2] is None else "second"
    return ParsedTime(at=at, zone="printed" if printed else "publisher", precision=precision)

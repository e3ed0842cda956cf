"""Printed and claimed times: exact forms only, never a guess.

A time is believed when its text says year, month and day. Without a zone it gets the publisher's; with neither, only
the day is kept. Words such as "yesterday", bare years and ambiguous orders ("03/04/2020") give nothing.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from crawler.publisher import Publisher, Time, UrlTime

Precision = Literal["second", "minute", "day"]
Zone = Literal["printed", "publisher"]

# Month names as newspapers print them, January first, spellings parted by "|". Arabic has two sets: the Levant's Syriac
# names and the Latin ones of Egypt and the Maghreb; many sites print both ("نوفمبر / تشرين الثاني").
_MONTHS: dict[str, str] = {
    "en": "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct"
    " november|nov december|dec",
    "ar": "يناير|جانفي|كانون_الثاني فبراير|فيفري|شباط مارس|آذار|اذار أبريل|ابريل|إبريل|أفريل|نيسان مايو|ماي|أيار|ايار"
    " يونيو|يونيه|جوان|حزيران يوليو|يوليوز|يوليه|جويلية|تموز أغسطس|اغسطس|غشت|أوت|آب|اب سبتمبر|شتنبر|أيلول|ايلول"
    " أكتوبر|اكتوبر|تشرين_الأول|تشرين_الاول نوفمبر|نونبر|تشرين_الثاني ديسمبر|دجنبر|كانون_الأول|كانون_الاول",
    "ru": "января|янв февраля|фев|февр марта|мар апреля|апр мая июня|июн июля|июл августа|авг сентября|сен|сент"
    " октября|окт ноября|ноя|нояб декабря|дек",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "tr": "ocak|oca şubat|şub mart|mar nisan|nis mayıs|may haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki"
    " kasım|kas aralık|ara",
    "fr": "janvier|janv février|févr|fevrier mars avril mai juin juillet|juil août|aout septembre|sept octobre|oct"
    " novembre|nov décembre|déc|decembre",
    "de": "januar|jan|jänner februar|feb märz|mär april|apr mai juni|jun juli|jul august|aug september|sep|sept"
    " oktober|okt november|nov dezember|dez",
    "es": "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago"
    " septiembre|setiembre|sep|sept octubre|oct noviembre|nov diciembre|dic",
    "pt": "janeiro|jan fevereiro|fev março|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set"
    " outubro|out novembro|nov dezembro|dez",
    "it": "gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set|sett"
    " ottobre|ott novembre|nov dicembre|dic",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
}


def _month_numbers(languages: Sequence[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for language in languages:
        for number, spellings in enumerate(_MONTHS[language].split(), start=1):
            for name in spellings.split("|"):
                numbers.setdefault(name.replace("_", " "), number)
    return numbers


# Where two languages disagree about a short name the first in the table wins ("mar" is March everywhere it is a month).
_ANY_MONTH = _month_numbers(tuple(_MONTHS))

# Zone names with one meaning. RFC 2822 section 4.3 gives the American ones; names with several meanings (IST, AST) are
# left out: their times keep the day only.
_NAMED_ZONES: dict[str, tzinfo] = {
    "z": UTC,
    "gmt": UTC,
    "utc": UTC,
    "ut": UTC,
    "بتوقيت غرينتش": UTC,
    "بتوقيت جرينتش": UTC,
    "غرينتش": UTC,
    "جرينتش": UTC,
    "msk": ZoneInfo("Europe/Moscow"),
    "мск": ZoneInfo("Europe/Moscow"),
    "est": timezone(timedelta(hours=-5)),
    "edt": timezone(timedelta(hours=-4)),
    "cst": timezone(timedelta(hours=-6)),
    "cdt": timezone(timedelta(hours=-5)),
    "mst": timezone(timedelta(hours=-7)),
    "mdt": timezone(timedelta(hours=-6)),
    "pst": timezone(timedelta(hours=-8)),
    "pdt": timezone(timedelta(hours=-7)),
    "cet": timezone(timedelta(hours=1)),
    "cest": timezone(timedelta(hours=2)),
    "eet": timezone(timedelta(hours=2)),
    "eest": timezone(timedelta(hours=3)),
}
_EARLIEST, _LATEST = 1990, 2100  # years that news on the web can carry
_LONGEST = 300  # characters: a printed time is a line, not a paragraph

_BIDI = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_DIGIT = re.compile(r"(?![0-9])\d")  # of other scripts
_EPOCH = re.compile(r"\d{10}(?:\d{3})?\Z")  # "1574101047", "1574101047000"
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})T(\d{2}):?(\d{2})(?::?(\d{2}))?(Z|[+-]\d{2}:?\d{2})?", re.I)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"\s?(Z|[+-]\d{2}:?\d{2}(?!\d)|[+-]\d{2}(?!\d))?",
    re.I,
)  # "2020-03-17T17:27+0300", "2019-11-20 05:47:00.123Z"
_CLOCK = re.compile(
    r"(?<![\d.:])(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?![\d.]\d)(?:\s?(am|pm|a\.m\.|p\.m\.|ص|م)(?!\w))?", re.I
)
_OFFSET = re.compile(r"(?:gmt|utc)?\s?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)", re.I)  # "GMT+3", "+03:00", "+0330"
_ZONE_NAME = re.compile(
    rf"(?<!\w)({'|'.join(sorted(map(re.escape, _NAMED_ZONES), key=len, reverse=True))})(?![^\W\d_])", re.I
)
_UNKNOWN_ZONE = re.compile(r"\s?\(?[A-Z]{2,5}T\b")  # "17:00 IST"

_WORD = r"[^\W\d_]+\.?"
_DATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), "ymd"),  # "2016-02-26"
    (re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)"), "dmy"),  # "30.06.2017 17:05"
    (re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)"), "slash"),  # "30/06/2017"
    (re.compile(rf"(?<!\d)(\d{{4}})\s+{_WORD}\s*,\s*(\d{{1,2}})\s+({_WORD})"), "ydn"),  # "2017 Tuesday ,10 October"
    (
        re.compile(
            rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?({_WORD}(?:\s{_WORD})?),?\s+(?:de\s+)?(\d{{4}})(?!\d)",
            re.I,
        ),
        "dny",
    ),
    (
        re.compile(rf"({_WORD})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|\s)(\d{{4}})(?!\d)", re.I),
        "ndy",
    ),  # "Feb 26, 2016 14:28:26"
    (re.compile(rf"(?<!\d)(\d{{1,2}})[-\s]({_WORD})[-\s](\d{{4}})(?!\d)"), "dny"),  # "30-Jun-2017"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedTime:
    """A time read from a page.

    `at` keeps the printed offset. `zone` is `printed` where the text names one, else `publisher`. With precision `day`
    `at` is 00:00 UTC of the printed day.
    """

    at: datetime
    zone: Zone
    precision: Precision


def parse_time(text: str, *, zone: str | None, languages: Sequence[str] = ()) -> ParsedTime | None:
    """Read the first full date in `text` and the clock beside it.

    `zone` is the IANA name used where none is printed. `languages` (ISO 639-1) narrow the month names and allow
    "03/04/2020" to be read day first where none of them is English. None where the text holds no full date.
    """
    text = plain(text)
    if not text or len(text) > _LONGEST:
        return None
    if _EPOCH.match(text):
        return _from_epoch(int(text[:10]))
    return _from_iso(text, zone) or _from_parts(text, zone, languages)


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


def plain(text: str) -> str:
    """`text` with its digits ASCII ("٢٠١٦" → "2016"), bidi marks gone and white space single."""
    if not text.isascii():
        text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), _BIDI.sub("", text))
    return " ".join(text.split())


def _from_epoch(seconds: int) -> ParsedTime | None:
    at = datetime.fromtimestamp(seconds, UTC)
    return ParsedTime(at=at, zone="printed", precision="second") if at.year >= _EARLIEST else None


def _from_iso(text: str, zone: str | None) -> ParsedTime | None:
    found = _ISO.search(text) or _COMPACT.match(text)  # "20230607T1105+0000"
    if found is None:
        return None
    year, month, day, hour, minute = (int(found[group]) for group in range(1, 6))
    printed = _offset(found[7]) if found[7] else _zone_beside(text, found.end())
    if printed is None and _UNKNOWN_ZONE.match(text, found.end()):
        zone = None
    second = int(found[6]) if found[6] else None
    return _build((year, month, day), (hour, minute, second), printed, zone)


def _from_parts(text: str, zone: str | None, languages: Sequence[str]) -> ParsedTime | None:
    found = _find_date(text, languages)
    if found is None:
        return None
    date, start, end = found
    clock = _nearest_clock(text, start, end)
    if clock is None:
        return _build(date, None, None, zone)
    printed = _zone_beside(text, clock.end()) or _zone_before(text, clock.start())
    if printed is None and _UNKNOWN_ZONE.match(text, clock.end()):
        zone = None
    return _build(date, _hands(clock), printed, zone)


def _find_date(text: str, languages: Sequence[str]) -> tuple[tuple[int, int, int], int, int] | None:
    """The first full date of `text` with where it starts and ends."""
    known = [language for language in languages if language in _MONTHS]
    months = {**_ANY_MONTH, **_month_numbers(known)} if known else _ANY_MONTH
    candidates: list[tuple[int, int, tuple[int, int, int]]] = []
    for pattern, order in _DATES:
        for match in pattern.finditer(text):
            date = _order(match.groups(), order, months, languages)
            if date is not None:
                candidates.append((match.start(), match.end(), date))
                break
    if not candidates:
        return None
    start, end, date = min(candidates)
    return date, start, end


def _order(
    groups: Sequence[str], order: str, months: dict[str, int], languages: Sequence[str]
) -> tuple[int, int, int] | None:
    """Year, month and day out of a match; None where the order is ambiguous or a name is no month."""
    if order == "slash":
        first, second, year = map(int, groups)
        if first > 12 or first == second or (languages and "en" not in languages):
            return year, second, first
        return (year, first, second) if second > 12 else None
    parts = dict(zip(order, groups, strict=True))
    month = int(parts["m"]) if "m" in parts else _month(parts["n"], months)
    if month is None:
        return None
    return int(parts["y"]), month, int(parts["d"])


def _month(name: str, months: dict[str, int]) -> int | None:
    name = name.rstrip(".").lower().replace("i̇", "i")
    return months.get(name) or months.get(name.split(" ")[0].rstrip("."))


def _nearest_clock(text: str, start: int, end: int) -> re.Match[str] | None:
    """The clock closest to the date at [start, end): after it, as a rule, else in front."""
    clocks = [match for match in _CLOCK.finditer(text) if match.end() <= start or match.start() >= end]
    clocks = [match for match in clocks if int(match[1]) < 24 and int(match[2]) < 60]
    if not clocks:
        return None
    return min(clocks, key=lambda match: match.start() - end if match.start() >= end else start - match.end())


def _hands(clock: re.Match[str]) -> tuple[int, int, int | None]:
    hour, minute = int(clock[1]), int(clock[2])
    half = (clock[4] or "").lower().replace(".", "")
    if half in {"pm", "م"} and hour < 12:
        hour += 12
    elif half in {"am", "ص"} and hour == 12:
        hour = 0
    return hour, minute, int(clock[3]) if clock[3] else None


def _zone_beside(text: str, position: int) -> tzinfo | None:
    """The zone printed right after `position`: "GMT", "+03:00", "(UTC)"."""
    rest = text[position : position + 24].lstrip(" (,")
    offset = _OFFSET.match(rest)
    if offset is not None and not re.match(r"[+-]\s?\d{1,2}[./]", rest):
        return _offset(offset[0])
    name = _ZONE_NAME.match(rest)
    return _NAMED_ZONES[name[1].lower()] if name else None


def _zone_before(text: str, position: int) -> tzinfo | None:
    """The zone printed right before `position`: "GMT 20:04"."""
    head = text[max(0, position - 16) : position].rstrip(" :")
    names = list(_ZONE_NAME.finditer(head))
    return _NAMED_ZONES[names[-1][1].lower()] if names and names[-1].end() == len(head) else None


def _offset(text: str) -> tzinfo | None:
    if text.lower() == "z":
        return UTC
    found = _OFFSET.search(text)
    if found is None:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if span > timedelta(hours=14):
        return None
    return timezone(-span if found[1] == "-" else span) if span else UTC


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
    date: tuple[int, int, int], hands: tuple[int, int, int | None] | None, printed: tzinfo | None, zone: str | None
) -> ParsedTime | None:
    """A time out of its parts; the day alone where no clock or no zone is known; None where no calendar has it."""
    if not _EARLIEST <= date[0] <= _LATEST:
        return None
    try:
        if hands is None or (printed is None and zone is None):
            return ParsedTime(at=datetime(*date, tzinfo=UTC), zone="publisher", precision="day")
        where = printed or ZoneInfo(zone or "UTC")
        at = datetime(*date, hands[0], hands[1], hands[2] or 0, tzinfo=where)
    except ValueError:
        return None
    precision: Precision = "minute" if hands[2] is None else "second"
    return ParsedTime(at=at, zone="printed" if printed else "publisher", precision=precision)

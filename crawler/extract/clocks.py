"""Clocks beside dates, and the zones that they name."""

import re
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

_EASTERN, _PARIS, _KYIV = ZoneInfo("America/New_York"), ZoneInfo("Europe/Paris"), ZoneInfo("Europe/Kyiv")
_MOSCOW = ZoneInfo("Europe/Moscow")


def _hours(hours: float) -> tzinfo:
    return timezone(timedelta(hours=hours))


# Zone names with one meaning. RFC 2822 section 4.3 gives the American ones, the IANA time zone database the others;
# names with several meanings (IST, AST, BST) are left out: their times keep the day only.
_NAMED_ZONES: dict[str, tzinfo] = {
    "z": UTC, "gmt": UTC, "utc": UTC, "ut": UTC,
    "بتوقيت غرينتش": UTC, "بتوقيت جرينتش": UTC, "غرينتش": UTC, "جرينتش": UTC,
    "est": _hours(-5), "edt": _hours(-4), "cst": _hours(-6), "cdt": _hours(-5),
    "mst": _hours(-7), "mdt": _hours(-6), "pst": _hours(-8), "pdt": _hours(-7),
    "msk": _MOSCOW, "мск": _MOSCOW, "по московскому времени": _MOSCOW, "по киеву": _KYIV, "за києвом": _KYIV,
    "wet": UTC, "west": _hours(1), "cet": _hours(1), "cest": _hours(2), "mez": _hours(1), "mesz": _hours(2),
    "eet": _hours(2), "eest": _hours(3), "trt": _hours(3), "idt": _hours(3), "heure de paris": _PARIS,
    "pkt": _hours(5), "npt": _hours(5.75), "ict": _hours(7), "wib": _hours(7), "wita": _hours(8), "wit": _hours(9),
    "hkt": _hours(8), "sgt": _hours(8), "myt": _hours(8), "pht": _hours(8), "jst": _hours(9), "kst": _hours(9),
    "awst": _hours(8), "acst": _hours(9.5), "aest": _hours(10), "aedt": _hours(11), "nzst": _hours(12),
    "nzdt": _hours(13), "sast": _hours(2), "eat": _hours(3), "wat": _hours(1),
}  # fmt: skip
_AFTERNOON = frozenset(("pm", "م", "مساء", "بظ", "بعدازظهر", "μμ", "下午", "午後", "晚上", "오후", "chieu"))
_MORNING = frozenset(("am", "ص", "صباحا", "قظ", "قبلازظهر", "πμ", "上午", "午前", "早上", "오전"))

CLOCK = re.compile(
    r"(?:(?P<before>上午|下午|午前|午後|早上|晚上|오전|오후)\s?)?"
    r"(?<![\d.:])(\d{1,2})(?:\s?:\s?|\.|\s?h\s?|\s?[時时시点點]\s?)(\d{2})(?!\d)(?:(?::|\s?[分분]\s?)(\d{2})(?!\d)[秒초]?)?"
    r"(?![.:]\d)[分분]?"
    r"(?:\s?(?P<after>am|pm|a\.\s?m\.|p\.\s?m\.|صباحاً?|مساءً?|ص|م|[بق]\.ظ|بعد از ظهر|قبل از ظهر|[μπ]\.?μ\.?)(?!\w))?",
    re.I,
)  # "1:09 pm", "17h05", "16시 52분", "下午4:52", "09:22 مساءً"; not "30.06.2017"
_OFFSET = re.compile(r"(?:gmt|utc)?\s?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)", re.I)  # "GMT+3", "+03:00", "+0330"
_ZONE_NAME = re.compile(
    rf"(?<!\w)({'|'.join(sorted(map(re.escape, _NAMED_ZONES), key=len, reverse=True))})(?![^\W\d_])", re.I
)
_EASTERN_TIME = re.compile(r"ET(?![^\W\d_])")  # in capitals: "et" is French
_UNKNOWN_ZONE = re.compile(r"\s?\(?[A-Z]{2,5}T\b")  # "17:00 IST"
_NO_OFFSET = re.compile(r"[+-]\s?\d{1,2}[./]")  # "10:30 -12.03.2020" is no offset


Hands: TypeAlias = tuple[int, int, int | None]  # hour, minute, second where printed


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A wall clock and what it says about its zone. `unknown`: it names a zone that has several meanings."""

    hands: Hands
    zone: tzinfo | None
    unknown: bool


def clock_beside(text: str, start: int, end: int) -> Clock | None:
    """The clock of `text` closest to the date at [start, end): after it, as a rule, else in front."""
    clocks = [match for match in CLOCK.finditer(text) if match.end() <= start or match.start() >= end]
    clocks = [match for match in clocks if int(match[2]) < 24 and int(match[3]) < 60 and int(match[4] or 0) < 60]
    if not clocks:
        return None
    near = min(clocks, key=lambda match: match.start() - end if match.start() >= end else start - match.end())
    zone = zone_after(text, near.end()) or _zone_before(text, near.start())
    return Clock(hands=_hands(near), zone=zone, unknown=zone is None and names_unknown_zone(text, near.end()))


def zone_after(text: str, position: int) -> tzinfo | None:
    """The zone printed right after `position`: "GMT", "+03:00", "(UTC)"."""
    rest = text[position : position + 28].lstrip(" (,")
    if _OFFSET.match(rest) and not _NO_OFFSET.match(rest):
        return offset(rest)
    if _EASTERN_TIME.match(rest):
        return _EASTERN
    name = _ZONE_NAME.match(rest)
    return _NAMED_ZONES[name[1].lower()] if name else None


def names_unknown_zone(text: str, position: int) -> bool:
    """Whether a zone's name with more than one meaning stands at `position`."""
    return _UNKNOWN_ZONE.match(text, position) is not None


def offset(text: str) -> tzinfo | None:
    """The zone that "Z" or an offset at the start of `text` gives; None for more than 14 hours."""
    if text.lower() == "z":
        return UTC
    found = _OFFSET.match(text)
    if found is None:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if span > timedelta(hours=14):
        return None
    return timezone(-span if found[1] == "-" else span) if span else UTC


def _hands(clock: re.Match[str]) -> Hands:
    hour, minute = int(clock[2]), int(clock[3])
    half = (clock["before"] or clock["after"] or "").lower().translate(_PLAIN_HALF)
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in _MORNING and hour == 12:
        hour = 0
    return hour, minute, int(clock[4]) if clock[4] else None


_PLAIN_HALF = dict.fromkeys(map(ord, ". \u064b"))


def _zone_before(text: str, position: int) -> tzinfo | None:
    """The zone printed right before `position`: "GMT 20:04"."""
    head = text[max(0, position - 16) : position].rstrip(" :")
    names = list(_ZONE_NAME.finditer(head))
    return _NAMED_ZONES[names[-1][1].lower()] if names and names[-1].end() == len(head) else None

"""Marks: what a line is found to be by its own words and shape."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from crawler.enrich import wire
from crawler.enrich.phrases import finder
from crawler.extract.dates import parse_time, plain
from crawler.extract.lines import is_prose, tidy, words
from crawler.extract.residue_rules import (
    BAR_ANCHORS,
    BAR_WORDS,
    GLUED_HEADS,
    MODIFIED_LABELS,
    PUBLISHED_LABELS,
    Role,
    fits_any,
    fold,
    printed,
    rules,
)
from crawler.publisher import Publisher

_LONGEST_TIME = 120  # characters of a line that prints times and nothing else
_MAX_LINE = 1500  # characters: a longer line is text, or a run that has its own rule

# "GMT 20:04 2017 Tuesday ,10 October", in Arabic "GMT 20:04 2017 الثلاثاء ,10 تشرين الأول / أكتوبر"
_STAMP = re.compile(
    r"GMT \d{1,2}:\d{2} \d{4} [^\W\d_]{2,12} ?[,،] ?\d{1,2} (?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December|(?:كانون|تشرين) (?:الأول|الاول|الثاني|الثانى)(?: ?/ ?[^\W\d_]{3,8})?"
    r"|[^\W\d_a-zA-Z]{2,8}(?: ?/ ?[^\W\d_]{3,8})?)"
)
# Newsrooms' sign-offs: "S/SH 11" · "S/SH" · "218-12" · "17302" · "NJF/MB" · "م.ن/12" · "انتهای پیام/ی" · "(jd)"
# "(ab, cd)" · "SDA/jd" · "jd/ ab" · "ab, cd"
_SIGN_OFF = re.compile(
    r"(?=.{2,14}$)/?(?:[A-Z]{1,4}(?:[./\-][A-Z]{1,4}){1,3}(?:[ /\-]{1,2}\d{1,4})?"
    r"|/[A-Z]{1,4}(?: \d{1,4})?|[A-Z]{1,4}[/\-]\d{1,4}|\d{2,4}[-/]\d{1,4}|\d{3,6}"
    r"|[\u0621-\u064a\u06a9-\u06cc]{1,2}(?:[./\- ][\u0621-\u064a\u06a9-\u06cc]{1,2}){0,3}[ /\-]{0,2}\d{0,4}"
    r"|\([^\W\d_]{1,4}(?:[,/ ]{1,2}[^\W\d_]{1,4}){0,3}\)|[^\W\d_]{2,3}/ ?[^\W\d_]{2,3}(?:/ ?[^\W\d_]{2,3}){0,2}"
    r"|[a-z]{2,4}, [a-z]{2,4}|[a-z]{2,4}/"
    r"|انتهای پیام ?/?.{0,4})"
)
# "… mortar fireFeb 11, 2026Forensic team begins …Apr 08, 2025": a list of stories with their days
_GLUED_DAY = re.compile(
    r"(?<=[a-z\d’'\")])(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d{1,2}, \d{4}(?![\s,.])"
)
_YEAR = re.compile(r", \d{4}")  # in front of which such a day stands
_ICON = re.compile(r"icon[ \-_]", re.I)
_TIME_WORD = re.compile(r"[^\W\d_]+")
_COMMA = re.compile("[,،]")
_LABEL = re.compile(rf"^\(?(?:(?P<modified>{MODIFIED_LABELS})|(?P<published>{PUBLISHED_LABELS}))\s?[:：]?\s", re.I)
_MODIFIED_INSIDE = re.compile(rf"(?:[\s(/|·•–-]|(?<=\d))(?P<label>{MODIFIED_LABELS})\s?[:：]?\s", re.I)
_TIME_WORDS = frozenset(
    fold(word)
    for word in (  # noqa: SIM905 - quoting each word of four scripts helps nobody
        "gmt utc msk мск am pm a m z at on in the and year years month months day days hour hours minute minutes ago"
        " monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun"
        " الأول الثاني الثانى كانون تشرين بتوقيت غرينتش جرينتش الساعة ص م في"
        " الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"
        " понедельник вторник среда четверг пятница суббота воскресенье в"
        " pazartesi salı çarşamba perşembe cuma cumartesi pazar"
        " uhr um am den vom montag dienstag mittwoch donnerstag freitag samstag sonntag"
        " à h le lundi mardi mercredi jeudi vendredi samedi dimanche"
        " a las às el de del lunes martes miércoles jueves viernes sábado domingo"
        " segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta quinta sexta feira"
        " lunedì martedì mercoledì giovedì venerdì sabato domenica ore alle"
        " poniedziałek wtorek środa czwartek piątek sobota niedziela godz"
        " понеділок вівторок середа четвер п’ятниця субота неділя г года року"
        " kl kl. måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag"
        " δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή"
    ).split()
)


_NAMES = frozenset({Role.TAGS, Role.TOPIC, Role.CREDIT, Role.SECTION})  # their values are names, never sentences


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What a line is found to be. `edge`: believed only outside the body."""

    role: Role
    rule: str
    value: str | None = None
    credit: str | None = None
    edge: bool = False


def mark_line(line: str, publisher: Publisher | None) -> Mark | None:
    """What `line` is by its own words and shape, or None for text."""
    if is_icon_run(line):
        return Mark(role=Role.CHROME, rule="icons")
    if _YEAR.search(line) and len(_GLUED_DAY.findall(line[:20_000])) >= 2:
        return Mark(role=Role.CHROME, rule="stories-run-together")
    text = fold(line) if len(line) <= _MAX_LINE else ""
    if not text:
        return None
    return (
        _mark_wire(line, publisher)
        or _mark_shape(text)
        or _mark_by_rules(text, line)
        or _mark_time(text)
        or _mark_bar(text)
        or _mark_by_publisher(line, publisher)
    )


def _mark_shape(text: str) -> Mark | None:
    if is_stamp(text):
        return Mark(role=Role.STAMP, rule="related-stamp", credit=text)
    if _SIGN_OFF.fullmatch(text):
        return Mark(role=Role.SIGN_OFF, rule="sign-off", edge=True)
    return None


def _mark_by_rules(text: str, line: str) -> Mark | None:
    """The first rule of `residue.toml` that matches; `text` is `line` folded."""
    if not fits_any(text):
        return None
    for rule in rules():
        match = rule.pattern.fullmatch(text)
        if match is None:
            continue
        parts = {name: printed(line, *match.span(name)) for name, text in match.groupdict().items() if text is not None}
        value = parts.get("value")
        if rule.name == "left-over-tag" and value:
            return _mark_left_over(value)
        if value and rule.role in _NAMES and is_prose(value) and len(words(value)) > 4:
            continue  # "Tags: that is what the soldiers called the plates." is a sentence
        return Mark(role=rule.role, rule=rule.name, value=value, credit=parts.get("credit"), edge=rule.edge)
    return None


def _mark_wire(line: str, publisher: Publisher | None) -> Mark | None:
    """An agency's credit alone on its line; a bare name counts only outside the body."""
    own = publisher.self_names if publisher else ()
    name = wire.bare_credit(line, self_names=own)
    if name is not None:
        return Mark(role=Role.WIRE, rule="line", value=name, edge=name == line or not wire.names_agency(name))
    if wire.is_source_line(line):  # it names the publisher itself
        return Mark(role=Role.WIRE, rule="line", edge=True)
    return None


def _mark_left_over(value: str) -> Mark:
    """What stood in a tag whose brackets were taken away: "emAP Photo/em", "emSoldiers at … (AA Photo)/em"."""
    inner = mark_line(value, None)
    if inner is not None and inner.role in {Role.CREDIT, Role.CAPTION} and not inner.edge:
        return inner
    if len(words(value)) >= 6:
        return Mark(role=Role.CAPTION, rule="left-over-tag", value=value)
    return Mark(role=Role.CREDIT, rule="left-over-tag", value=value)


def is_icon_run(line: str) -> bool:
    """Whether `line` is the titles of an icon sprite, one or many run together ("icon closeicon mail")."""
    if line[:4].lower() != "icon":
        return False
    count = len(_ICON.findall(line[:20_000]))
    if count == 0 or re.search(r"[.,;:!?]\s", line[:2000]):
        return False
    return (count >= 3 and len(line) / count < 40) or (len(line) <= 30 and line.islower())


def _mark_time(text: str) -> Mark | None:
    times = split_times(text) if len(text) <= _LONGEST_TIME else ()
    if not times:
        return None
    labelled = _LABEL.match(text) is not None
    return Mark(role=times[0][0], rule="time", value=text, edge=not labelled)


def split_times(line: str) -> tuple[tuple[Role, str], ...]:
    """The times of a line that prints nothing else, each with its kind; empty for any other line."""
    if len(line) > 2 * _LONGEST_TIME:
        return ()
    text, printed = fold(line), plain(line)
    if len(text) > _LONGEST_TIME or not any(map(str.isdigit, text)):
        return ()
    printed = printed if len(printed) == len(text) else text  # month names are read as printed where they can be
    inside = _MODIFIED_INSIDE.search(text)
    spans = [(0, len(text))] if inside is None else [(0, inside.start()), (inside.start("label"), len(text))]
    found: list[tuple[Role, str]] = []
    for start, end in spans:
        label = _LABEL.match(text[start:end])
        begin = start + label.end() if label else start
        if not _only_time_words(text[begin:end]):
            return ()
        if parse_time(printed[begin:end], zone="UTC") is not None:
            found.append((Role.MODIFIED if label and label["modified"] else Role.PUBLISHED, printed[begin:end]))
    return tuple(found)


def _only_time_words(text: str) -> bool:
    found = _TIME_WORD.findall(text.casefold())
    return len(found) <= 8 and all(word in _TIME_WORDS or _is_month(word) for word in found)


@lru_cache(maxsize=2048)
def _is_month(word: str) -> bool:
    return parse_time(f"1 {word} 2017", zone="UTC") is not None


@cache
def _bar_words() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(BAR_WORDS, key=len, reverse=True)), re.I)


_SHARING = finder((*BAR_ANCHORS, "print", "share", "طباعة"))


def _mark_bar(text: str) -> Mark | None:
    """A line of nothing but networks' and icons' names ("Share on FacebookShare on Twitter")."""
    folded = text.casefold()
    if len(text) > 300 or not _SHARING(folded):
        return None
    rest = re.sub(r"[\W\d_]+", "", _bar_words().sub("", folded))
    parts = len(_bar_words().findall(folded))
    if rest or (parts < 2 and len(words(text)) > 1):
        return None
    sure = any(anchor in folded for anchor in BAR_ANCHORS) and parts > 1 and "," not in text
    return Mark(role=Role.SHARE, rule="share-bar", edge=not sure)


@lru_cache(maxsize=256)
def _house(
    residue: tuple[str, ...], names: tuple[str, ...], domains: tuple[str, ...]
) -> tuple[tuple[re.Pattern[str], ...], frozenset[str]]:
    """A publisher's own patterns, and how it calls itself, small."""
    own = {name.casefold() for name in names}
    own |= {domain.split(".")[0] for domain in domains}  # "almaghribtoday"
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in residue), frozenset(own)


def _bare(name: str) -> str:
    return name.strip(" -–—ـ|").casefold()


def _mark_by_publisher(line: str, publisher: Publisher | None) -> Mark | None:
    if publisher is None:
        return None
    patterns, own = _house(publisher.residue, publisher.self_names, publisher.domains)
    for pattern in patterns:
        if pattern.search(line):
            return Mark(role=Role.CHROME, rule=f"publisher:{pattern.pattern[:60]}")
    parts = line.split(",", 2) if "،" not in line else _COMMA.split(line, maxsplit=2)
    first = _bare(parts[0])
    if first and first not in own and (len(parts) == 1 or _bare(parts[1]) != first):
        return None  # as most lines are
    parts = list(map(_bare, _COMMA.split(line)))
    twice = len(parts) > 1 and len(set(parts)) == 1 and len(words(line)) <= 8  # "Lebanon Today, lebanon today"
    if twice or (all(part in own or not part for part in parts) and any(parts)):  # "Arab Today" · "العرب اليوم -"
        return Mark(role=Role.CHROME, rule="site-name")
    return None


# --- lines run together


def unglue(line: str) -> list[str]:
    """Part a line where chrome is glued to what stands before it; a stamp's title goes with the stamp's next line."""
    if not _GLUE(line):
        return [tidy(line)] if line.strip() else []
    pieces = [line]
    if "GMT" in line:
        pieces = _split_before(line, [match.span() for match in _STAMP.finditer(line[:20_000])], own_line=True)
    parted: list[str] = []
    for piece in (part for whole in pieces for part in [*_GLUED_TIME.split(whole[:20_000]), whole[20_000:]]):
        starts = [position for head in GLUED_HEADS for position in _glued_at(piece, head)]
        parted.extend(_split_before(piece, [(start, start) for start in sorted(starts)], own_line=False))
    return [tidy(piece) for piece in parted if piece.strip()]


# "Last Updated : GMT 06:49:16Arab Today" · "Jane DoePublished 14.10.2018 20:31" · "ISTANBULMar 16, 2021 - 11:27 am"
_GLUED_TIME = re.compile(
    r"(?<=GMT \d\d:\d\d:\d\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=(?:Published|Updated) \d)"
    r"|(?<=[^\W\d_])(?=(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} \d{1,2}, \d{4} - \d)"
)
# Each of these, each stamp and each glued head holds one of these texts; one line in ten of the press does.
_GLUE = finder(("GMT", "Published ", "Updated ", " - ", *GLUED_HEADS))


def is_stamp(line: str) -> bool:
    """Whether `line` is a related story's stamp and nothing else."""
    return _STAMP.fullmatch(plain(line)) is not None if len(line) < 80 else False


def stamp_time(stamp: str) -> str:
    """A stamp as a time that is read everywhere: of two month names the one behind the stroke ("… / أكتوبر")."""
    head, stroke, month = stamp.partition("/")
    parts = re.match(r"(?P<head>.*?\d{1,2}) [^\d]+$", head.strip()) if stroke else None
    return f"{parts['head']} {month.strip()}" if parts else stamp


def _glued_at(line: str, head: str) -> list[int]:
    start = line.find(head, 1)
    if start > 0 and head in {"Get short URL", "انسخ الرابط"} and line.endswith(head):
        return [start]  # behind the time: "22:57 GMT 28.04.2020 Get short URL"
    return [] if start < 1 or line[start - 1].isspace() else [start]


def _split_before(line: str, spans: list[tuple[int, int]], *, own_line: bool) -> list[str]:
    cuts = [0]
    for start, end in spans:
        cuts.extend([start, end] if own_line else [start])
    cuts.append(len(line))
    return [line[start:end] for start, end in pairwise(cuts) if start < end]

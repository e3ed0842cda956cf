"""Figures in a text and what they count: digits of any script, numerals, "two dozen", and figures that are none.

A casualty figure is one whose nearest word in the clause speaks of the killed, wounded, missing, captured or displaced;
all others are told apart as dates, times and `other`.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from archive.diff import plain_digits
from crawler.enrich.changes.wording import Hit, Word, Wording, is_title_case
from crawler.extract.time_words import month

CASUALTIES = ("killed", "wounded", "missing", "captured", "displaced")
MOST = 50  # figures of one sentence that are paired
REACH = 9  # words between a figure and what it counts
_COMMA = 3  # words that a mark between them is worth: "12 killed, 30 wounded"
_JOIN = 1  # … and an "and"
_SCORES = frozenset((60, 80))  # "soixante-douze", "quatre-vingt-dix"
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’٬ \u00a0\u202f]\d{3})+")  # 1,200 · 1.200 · 1 200
_CLOCK = re.compile(r"\d{1,2}[:٫]\d{2}(?::\d{2})?")
_CHINESE = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2, "廿": 20}
_CHINESE_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_CHINESE_COUNTED = frozenset(
    "人名位个個枚架艘次辆輛具岁歲天年月日万亿余多国國家所座处處栋棟小分条條支枪发發起死伤傷级級"
)
_INTERNAL_MARKS = frozenset("،,、")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A figure of a text: the words from `begin` up to `end`. `value` is a decimal number, or "several" …"""

    value: str
    kind: str  # one of CASUALTIES, date, time or other
    begin: int
    end: int

    @property
    def is_exact(self) -> bool:
        """Whether it is a number at all: "several" is none."""
        return self.value[:1].isdigit()


def figures(text: Sequence[Word], known: Wording) -> list[Figure]:
    """The figures of a text, in order."""
    found: list[Hit] = []
    index = 0
    while index < len(text):
        hit = _number(text, index, known) or known.vague.at(text, index)
        if hit is None:
            index += 1
            continue
        found.append(hit)
        index = hit.end
    counted = known.counted.find(text)
    names_numbers = not known.nouns_capitalised and not is_title_case(text)
    return [
        Figure(
            value=hit.label,
            kind="other" if names_numbers and _is_named(text, hit, known) else _kind(text, hit, counted, known),
            begin=hit.begin,
            end=hit.end,
        )
        for hit in found
    ]


def _is_named(text: Sequence[Word], hit: Hit, known: Wording) -> bool:
    """Whether a number is part of a name: "Hill 402", "Resolution 1701"; not in "Police: 12 dead"."""
    before = text[hit.begin - 1] if hit.begin else None
    if before is None or not before.text[0].isupper() or not text[hit.begin].text[0].isdigit():
        return False
    return not before.is_first and month(before.form) is None and known.days.at(text, hit.begin - 1) is None


# --- values ---


def _number(text: Sequence[Word], index: int, known: Wording) -> Hit | None:
    """The number that begins at `index`: digits or numerals, and what multiplies them."""
    word = text[index]
    if not word.form:
        return None
    if _CLOCK.fullmatch(plain_digits(word.text)):
        return Hit(begin=index, end=index + 1, label=plain_digits(word.text))
    if word.text[0] in _CHINESE or word.text[0] == "十":
        return _chinese(text, index)
    if word.text[0] in _CHINESE_SCALES:
        return None  # 百姓, 万一
    parts, end = _parts(text, index, known)
    return Hit(begin=index, end=end, label=_plain(_sum(parts))) if parts else None


def _parts(text: Sequence[Word], index: int, known: Wording) -> tuple[list[tuple[Decimal, bool]], int]:
    """The words of a number: the value of each and whether it multiplies; and where the number ends."""
    parts: list[tuple[Decimal, bool]] = []
    end = index
    while end < len(text):
        skipped = int(bool(parts) and text[end].form in known.joins)
        found = _part(text, end + skipped, known) if end + skipped < len(text) else None
        if found is None or (parts and not _continues(found, parts[-1][0], joined=skipped > 0)):
            break
        value, multiplies, length = found
        parts.append((value, multiplies))
        end += skipped + length
    return parts, end


def _sum(parts: Sequence[tuple[Decimal, bool]]) -> Decimal:
    total, current = Decimal(0), Decimal(0)
    for value, multiplies in parts:
        if not multiplies:
            current += value
        elif value < 1000:
            current = (current or 1) * value
        else:
            total, current = total + (current or 1) * value, Decimal(0)
    return total + current


def _continues(part: tuple[Decimal, bool, int], last: Decimal, *, joined: bool) -> bool:
    """Whether a part may follow one of the value `last`: "twenty five", "on beş", "خمسة عشر", not "five six"."""
    value, multiplies, _ = part
    if multiplies:
        return not joined
    if 10 <= last < 100:
        return last % 10 == 0 and value < (20 if last in _SCORES else 10)
    return last > value if last >= 100 else 10 <= value < 100 and value % 10 == 0 and last > 0


def _part(text: Sequence[Word], index: int, known: Wording) -> tuple[Decimal, bool, int] | None:
    """One number word or group of digits: its value, whether it multiplies, how many words it has."""
    word = text[index]
    if not word.form:
        return None
    if word.text[0].isdigit():
        value = _digits(plain_digits(word.text))
        return None if value is None else (value, False, 1)
    hit = known.numbers.at(text, index)
    if hit is not None:
        return _value(hit.label), hit.label.startswith("x"), hit.end - hit.begin
    if known.compounds and (value := _compound(word, known)) is not None:
        return value, False, 1
    return None


def _value(label: str) -> Decimal:
    return Decimal(label.removeprefix("x"))


def _compound(word: Word, known: Wording) -> Decimal | None:
    """A numeral written as one word: "einundzwanzig", "zweihundertfünfzig"."""
    rest, total, current, steps = word.form, Decimal(0), Decimal(0), 0
    while rest and steps < 8:
        steps += 1
        for length in range(min(len(rest), 9), 2, -1):
            part = Word(text=rest[:length], form=rest[:length], begin=0, end=length, is_first=False)
            hit = known.numbers.at((part,), 0)
            if hit is not None or rest[:length] == "ein":
                label = hit.label if hit is not None else "1"
                value = _value(label)
                if label.startswith("x") and value >= 1000:
                    total, current = total + (current or 1) * value, Decimal(0)
                else:
                    current = (current or 1) * value if label.startswith("x") else current + value
                rest = rest[length:].removeprefix("und")
                break
        else:
            return None
    return total + current if steps > 1 and not rest else None


def _digits(text: str) -> Decimal | None:
    """1,200 and 1.200 and 1 200 are one thousand two hundred; 1.5 and 1,5 one and a half."""
    if _GROUPED.fullmatch(text):
        return Decimal(re.sub(r"\D", "", text))
    plain = text.replace("٫", ".").replace(",", ".").strip(".'’:٬")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _chinese(text: Sequence[Word], index: int) -> Hit | None:
    """十二 · 两百三十 · 四千 · 三万五千, where something counted follows: 一 is in many words."""
    total = section = digit = 0
    end = index
    while end < len(text) and (text[end].text in _CHINESE or text[end].text in _CHINESE_SCALES):
        char = text[end].text
        if char in _CHINESE:
            digit = _CHINESE[char]
        elif _CHINESE_SCALES[char] >= 10_000:
            total, section, digit = (total + section + digit) * _CHINESE_SCALES[char], 0, 0
        else:
            section, digit = section + (digit or 1) * _CHINESE_SCALES[char], 0
        end += 1
    if end < len(text) and text[end].text[0] in _CHINESE_COUNTED:
        return Hit(begin=index, end=end, label=str(total + section + digit))
    return None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


# --- what they count ---


def _kind(text: Sequence[Word], hit: Hit, counted: Sequence[Hit], known: Wording) -> str:
    if ":" in hit.label:
        return "time"
    around = [text[place].form for place in (hit.begin - 1, hit.end) if 0 <= place < len(text)]
    if any(form and not form.isdigit() and month(form) is not None for form in around):
        return "date"
    if (
        hit.label.isdigit()
        and hit.end - hit.begin == 1
        and 1900 <= int(hit.label) <= 2100
        and text[hit.begin].text.isdigit()
    ):
        return "date"  # a year; 2,000 people are written with a comma, or are few enough to be mistaken
    best: tuple[float, str] = (REACH, "other")
    near = bisect_left(counted, hit.begin - 2 * REACH, key=_begin)
    for term in counted[near : bisect_left(counted, hit.end + REACH, key=_begin)]:
        if term.begin >= hit.end:
            distance = _distance(text, hit.end, term.begin, known)
        elif term.end <= hit.begin:
            distance = _distance(text, term.end, hit.begin, known) + 0.5
        else:
            continue
        best = min(best, (distance, term.label))
    return best[1]


def _begin(hit: Hit) -> int:
    return hit.begin


def _distance(text: Sequence[Word], begin: int, end: int, known: Wording) -> float:
    """Words between two places; beyond reach where a sentence or clause ends."""
    if end - begin > REACH:
        return REACH + 1
    distance = 0.0
    for word in text[begin:end]:
        if word.is_mark and word.text not in _INTERNAL_MARKS and word.text not in '"“”«»()':
            return REACH + 1
        distance += _COMMA if word.is_mark else 1 + _JOIN * (word.form in known.joins)
    return distance


# --- two texts ---


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureEdit:
    """A figure that became another one; None where there was or is none: `at` is then where the other one stands."""

    kind: str
    old: str | None
    new: str | None
    at: int = -1


def figure_edits(old: Sequence[Figure], new: Sequence[Figure]) -> list[FigureEdit]:
    """What became of the figures of a passage: those that only stand elsewhere are none."""
    gone, come = _without_common(old, new)[:MOST], _without_common(new, old)[:MOST]
    for figure in tuple(gone):
        other = next((each for each in come if _same_value(figure, each)), None)
        if other is not None:
            gone.remove(figure)
            come.remove(other)
    edits: list[FigureEdit] = []
    for akin in (_same_kind, _anything):
        for figure in tuple(gone):
            other = next((each for each in come if akin(figure, each)), None)
            if other is not None:
                gone.remove(figure)
                come.remove(other)
                kind = figure.kind if figure.kind != "other" else other.kind
                edits.append(FigureEdit(kind=kind, old=figure.value, new=other.value))
    edits += [FigureEdit(kind=figure.kind, old=figure.value, new=None, at=figure.begin) for figure in gone]
    edits += [FigureEdit(kind=figure.kind, old=None, new=figure.value, at=figure.begin) for figure in come]
    return edits


def _without_common(some: Sequence[Figure], others: Sequence[Figure]) -> list[Figure]:
    """Those of which the other text has fewer."""
    left = Counter((figure.value, figure.kind) for figure in others)
    found: list[Figure] = []
    for figure in some:
        left[figure.value, figure.kind] -= 1
        if left[figure.value, figure.kind] < 0:
            found.append(figure)
    return found


def _same_value(one: Figure, other: Figure) -> bool:
    return one.value == other.value and "other" in {one.kind, other.kind}


def _same_kind(one: Figure, other: Figure) -> bool:
    return one.kind == other.kind


def _anything(one: Figure, other: Figure) -> bool:
    """A casualty figure does not become one of something else, nor a date."""
    return not (one.kind in CASUALTIES and other.kind in CASUALTIES) and "date" not in {one.kind, other.kind}

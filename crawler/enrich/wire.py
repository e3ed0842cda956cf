"""Which news agency an article's text comes from, by the credit that it prints.

Explicit credits come first: a line of its own ("source: Xinhua", "/ТАСС/", "© 2020 Reuters", "--(بترا)"), the dateline
of the first paragraph ("KYIV, July 3 (Reuters) -"), a sign at the end of the last ("(AFP)"). Without one, an account
that cites exactly one agency other than the publisher rests on it; one that cites two or more has no wire.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from crawler.enrich import credit_words as words
from crawler.enrich.agencies import AGENCIES, AMBIGUOUS
from crawler.enrich.phrases import finder

CITED = frozenset(("closing", "cited"))  # the rules that read it off the account, where it is not printed as a credit


@dataclass(frozen=True, kw_only=True, slots=True)
class WireCredit:
    """An agency's name as printed, the rule that found it, and the paragraphs without a bare credit line."""

    name: str
    rule: str  # line | dateline | sign | closing | cited
    paragraphs: tuple[str, ...]


# "source: Xinhua" · "Source : AFP" · "(المصدر: رويترز)" · "来源：新华社"
_SOURCE_LINE = re.compile(rf"[(（\[【]?(?:{words.SOURCE})\s{{0,3}}[:：]\s{{0,3}}(?P<name>\S.{{0,78}}?)[)）\]】]?", re.I)
# "© 2020 Reuters" · "(c) AFP 2016" · "Copyright 2019 The Associated Press. All rights reserved. This material may …"
_COPYRIGHT_LINE = re.compile(
    r"(?:©|\(c\)|copyright)\s{0,3}(?:©\s{0,3})?(?:\d{4},?\s{1,3})?(?P<name>[^\W\d][^\n.]{0,48}?)(?:,?\s{1,3}\d{4})?"
    r"(?:,?\sinc)?\.?(?:\s{1,3}all rights reserved\b.{0,300})?",
    re.I,
)
# "/ТАСС/" · "(AFP)" · "[Reuters]" · "--(بترا)" · "- Interfax." · "Reuters" · "（路透社）"
_BARE_LINE = re.compile(r"[-–—/(\[（【|\s]{0,6}(?P<name>[^\W\d_][^()\[\]（）【】|]{0,48}?)[-–—/)\]）】|.\s]{0,6}")
# "(With inputs from PTI)" · "Avec AFP" · "(mit dpa)"
_WITH_LINE = re.compile(rf"\(?(?:{words.WITH})(?P<name>[^()]{{2,60}}?)\.?\)?\.?", re.I)
# at the end of the last paragraph: "… Friday. (AFP)" · "… --(بترا)" · "… /ТАСС/" · "… - Interfax." · "… heridos. EFE"
_SIGN = re.compile(
    r"(?:(?:\s[-–—]{0,3}\s?[(\[]|[（【])(?P<a>[^()\[\]（）【】]{2,40})[)\]）】]|\s/(?P<b>[^/\s][^/]{0,30})/"
    r"|[-–—]{2}\s?(?P<c>[^\s\-–—][^-–—]{1,30})|[.!?\"”»]\s[-–—]\s(?P<d>[^\s\-–—][^-–—]{1,30}?)\.?"
    r"|[.!?\"”»]\s(?P<e>[A-Z]{3,6}))\s?\.?$"
)
# "KYIV, July 3 (Reuters) -" · "ANKARA (AA)" · "MOSCOW (Sputnik) —" · "عمان 3 تموز (بترا)-" · "МОСКВА, 3 июля. /ТАСС/."
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][^()/\n]{1,60}?)[\s.,]{0,3}"
    r"(?:\((?P<a>[^()]{2,40})\)(?P<end>\s{0,2}(?:[-–—:.]|$))?|/(?P<b>[^/\n]{2,30})/)"
)
# "Kyiv. July 3. Interfax-Ukraine -" · "MOSCOW. July 3. INTERFAX.RU -": the agency, then a dash
_DASH = re.compile(r"(?:\.(?:ru|com))?\s{0,2}[-–—]{1,2}\s", re.I)
# "دمشق-سانا" · "إسطنبول/ الأناضول/" · "القاهرة ـ رويترز" · "Marlow - AFP": nothing but the place before it
_PLACE_AND_DASH = re.compile(r"(?P<place>[^\W\d_]+(?: [^\W\d_]+){0,2})\s?[-–—ـ/]\s?$")
# "新华社北京3月4日电" · "（中央社台北4日电）"
_CABLE = re.compile(r"[（(【]?(?P<name>[^\W\d_]{2,6}?社)[^，。\s]{1,16}?\d{1,2}日[电電]")
# "(ANSA) - ROMA, 12 AGO -"
_IN_FRONT = re.compile(r"\((?P<name>[^()]{2,40})\)\s{0,2}[-–—]{1,2}\s")

_BETWEEN = r"(?:(?!told\b|citing\b)[^\W\d_][\w'’\-]{0,20} ){0,6}"  # "according to [the Iranian news agency] FARS"
# "a déclaré le maire à l'AFP": at an agency one also works
_TOLD_IN_FRENCH = re.compile(
    r"\b(?:déclaré|dit|confié|indiqué|assuré|expliqué|affirmé|raconté|précisé|témoigné)e?s?\b.{0,60}\s[àa] l['’]$"
)
# "وكالة أنباء فارس" · "لوكالة بترا"
_NAMED_AGENCY = re.compile(r"وكالة (?:[^\W\d_]{1,12} ){0,2}[\"“«(]?$")
# "RT|Reuters" · "AFP, Reuters" · "dpa/abc"
_JOINED = re.compile(r"\s{0,2}[|/+,،、&]\s{0,2}|\s-\s")
_MAX_SHORT, _MAX_LINE = 100, 400  # characters of a line that is read as a credit; notes of rights are long
_MAX_CITING = 5_000  # characters of a paragraph that are read for citations; a longer one is no news paragraph


def credit(paragraphs: Sequence[str], *, self_names: Sequence[str] = ()) -> WireCredit | None:
    """The agency that `paragraphs` (an article's body, in order) credit, or None.

    `self_names` are the publisher's own names: a credit to itself is no wire.
    """
    own = {_key(name) for name in self_names}
    lines = tuple(paragraphs)
    return _credit_line(lines, own) or _credit_in_dateline(lines, own) or _credit_sign(lines, own) or _cited(lines, own)


def signer(authors: Sequence[str], *, self_names: Sequence[str] = ()) -> str | None:
    """The agency among the names that sign an article ("By Ann Hale, Reuters"), or None."""
    own = {_key(name) for name in self_names}
    own |= {_key(known) for name in self_names if (known := agency(name))}
    return next((name for name in authors if (known := agency(name)) and not {_key(name), _key(known)} & own), None)


def bare_credit(line: str, *, self_names: Sequence[str] = ()) -> str | None:
    """The name in a line that is nothing but a credit to a known agency ("(AFP)", "source: Xinhua"), or None."""
    name = _line_name(line.strip(), anywhere=False)
    return None if name is None else _foreign_name(name, {_key(own) for own in self_names})


def is_source_line(line: str) -> bool:
    """Whether `line` is a "source: …" line, whoever it names ("المصدر: RT")."""
    match = _SOURCE_LINE.fullmatch(line.strip())
    return match is not None and _plausible(match["name"])


def agency(name: str) -> str | None:
    """The agency (its usual English form) that `name` is a printed form of, or None. "FARS" → "FNA"."""
    if name.isascii() and name.islower() and name != "dpa":
        return None  # "sana" is no credit to SANA
    return _forms().get(_key(name))


def _credit_line(lines: tuple[str, ...], own: set[str]) -> WireCredit | None:
    last = len(lines) - 1
    for index, line in enumerate(lines):
        name = _line_name(line.strip(), anywhere=1 < index < last - 2)
        if name == line.strip() and 0 < index < last:
            continue  # a bare name between paragraphs is a line of text
        if name is None:
            continue
        rest = lines[:index] + lines[index + 1 :]
        printed = _foreign_name(name, own)
        if printed is None:
            return credit(rest, self_names=tuple(own)) if rest else None
        return WireCredit(name=printed, rule="line", paragraphs=rest)
    return None


@lru_cache(maxsize=256)  # a page's lines are asked for one by one, and twice all together
def _line_name(line: str, *, anywhere: bool) -> str | None:
    """The name that `line` credits when the line is nothing else. `anywhere`: only unmistakable forms count."""
    if not line or len(line) > _MAX_LINE:
        return None
    match = _SOURCE_LINE.fullmatch(line) if len(line) <= _MAX_SHORT else None
    if match and _plausible(match["name"]):
        name = match["name"].strip(" .")
        return name if not anywhere or names_agency(name) else None
    for pattern in (_COPYRIGHT_LINE, _WITH_LINE, _BARE_LINE) if len(line) <= _MAX_SHORT else (_COPYRIGHT_LINE,):
        match = pattern.fullmatch(line)
        if (
            match
            and _are_agencies(match["name"].strip(), is_framed=line != match["name"])
            and not (anywhere and pattern is _BARE_LINE and line == match["name"])
        ):
            return match["name"].strip()
    return None


def _are_agencies(name: str, *, is_framed: bool) -> bool:
    """Whether `name` is an agency's, or, in brackets or the like, several ("AFP, Reuters")."""
    return bool(agency(name)) or (is_framed and all(agency(part) for part in _JOINED.split(name)))


def _plausible(name: str) -> bool:
    """A credit names someone; it is no sentence ("Source: officials say the road is closed.")."""
    is_short = len(name.split()) <= 6 and not re.search(r"[.!?؟]$|[.!?؟]\s", name)
    return (is_short and not name[0].islower()) or names_agency(name)  # "Quelle: eigene Recherche"


def names_agency(name: str) -> bool:
    """Whether `name`, or one of the names it joins ("RT|Reuters"), is an agency's."""
    return any(agency(part) for part in _JOINED.split(name.strip(" .")))


def _foreign_name(name: str, own: set[str]) -> str | None:
    """`name` without the publisher's own: "RT|رويترز" → "رويترز"; None when nothing else is left."""
    parts = [part.strip() for part in re.split(r"[|+]|\s/\s", name) if part.strip()]
    foreign = [part for part in parts if _key(part) not in own]
    if not foreign:
        return None
    return name.strip() if len(foreign) == len(parts) else foreign[0]


def _credit_in_dateline(lines: tuple[str, ...], own: set[str]) -> WireCredit | None:
    for line in lines[:2]:
        for place, printed in _dateline_names(line[:120]):
            name = printed if agency(printed) else _JOINED.split(printed)[0]  # "dpa/abc": the agency and a desk of it
            if len(place.split()) <= 6 and agency(name) is not None and _key(name) not in own:
                return WireCredit(name=name, rule="dateline", paragraphs=lines)
    return None


def _dateline_names(head: str) -> Iterator[tuple[str, str]]:
    """Places and the agencies behind them at the beginning of a paragraph."""
    match = _DATELINE.match(head)
    if match and (match["b"] or match["end"] is not None or _is_dated(match["place"])):
        yield match["place"], (match["a"] or match["b"]).strip()
    for pattern in (_CABLE, _IN_FRONT):
        if match := pattern.match(head):
            yield "", match["name"].strip()
    if len(parts := head.split("/")) == 3:  # "إسطنبول / reporter / الأناضول"
        yield parts[0], parts[2].strip()
    for mention in _mentions(head):
        place, rest, name = head[: mention.start()].rstrip(), head[mention.end() :], mention["name"]
        is_parted = place.endswith((".", ",", "-", "–", "—"))
        is_dated = _is_dated(place)
        is_closed = is_parted and is_dated and rest.startswith((".", ":"))  # "МОСКВА, 3 июл — РИА Новости."
        if is_closed or ((is_parted or is_dated) and _DASH.match(rest)):
            yield place, name
        elif (alone := _PLACE_AND_DASH.match(place)) and (not rest.strip() or _stands_in_arabic(place, name, rest)):
            yield alone["place"], name


def _is_dated(place: str) -> bool:
    """Whether a place comes with a day ("MARLOW, July 3") and is no agency spelt out ("Agence France-Presse (AFP)")."""
    return any(letter.isdigit() for letter in place) and next(_mentions(place), None) is None


def _stands_in_arabic(place: str, name: str, rest: str) -> bool:
    """ "دمشق-سانا سقطت …": Arabic agencies put no dash behind their name, and no sentence begins with a dashed word."""
    return "\u0600" <= place[0] <= "\u06ff" and rest[0] in " /\u060c" and name not in AMBIGUOUS


def _credit_sign(lines: tuple[str, ...], own: set[str]) -> WireCredit | None:
    if not lines:
        return None
    match = _SIGN.search(lines[-1][-60:])
    if match:
        name = next((group for group in match.groups() if group), "").strip(" .")
        if agency(name) and _key(name) not in own:
            return WireCredit(name=name, rule="sign", paragraphs=lines)
    return None


def _cited(lines: tuple[str, ...], own: set[str]) -> WireCredit | None:
    own_agencies = {_forms().get(name) for name in own}
    found: dict[str, str] = {}
    for line in lines:
        for name in _citations(line[:_MAX_CITING]):
            known = agency(name) or name
            if _key(name) not in own and known not in own_agencies:
                found.setdefault(known, name)
    if len(found) != 1:
        return None
    (name,) = found.values()
    closing = re.search(rf",\s{re.escape(name)}\s{{1,2}}(?:reported|reports|said|added)\.?[\"”]?$", lines[-1][-120:])
    return WireCredit(name=name, rule="closing" if closing else "cited", paragraphs=lines)


@lru_cache(maxsize=128)  # a page's text is read twice: without the publisher's own names, then without the page's
def _citations(text: str) -> tuple[str, ...]:
    """Agencies named together with a phrase of reporting."""
    return tuple(_cite(text))


def _cite(text: str) -> Iterator[str]:
    if _UNSPACED.search(text):
        yield from _unspaced_citations(text)
    for match in _mentions(text):
        name = match["name"]
        before, after = text[max(0, match.start() - 90) : match.start()], text[match.end() : match.end() + 40]
        if name in AMBIGUOUS and not _NAMED_AGENCY.search(before):
            continue
        if _before_pattern().search(before) or _after_pattern().match(after) or _TOLD_IN_FRENCH.search(before):
            yield name


def _unspaced_citations(text: str) -> Iterator[str]:
    """The same in scripts that part no words, or that hang endings on names."""
    for match in _unspaced_mentions().finditer(text):
        before, after = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 20]
        is_told = _UNSPACED_TOLD[0].search(before) and _UNSPACED_TOLD[1].match(after)
        if is_told or _UNSPACED_BEFORE.search(before) or _UNSPACED_AFTER.match(after):
            yield match["name"]


_UNSPACED_BEFORE = re.compile(f"(?:{words.UNSPACED_BEFORE})$")
_UNSPACED_AFTER = re.compile(f"(?:{words.UNSPACED_AFTER}|{words.KOREAN_AFTER})")
_UNSPACED_TOLD = (re.compile(f"{words.UNSPACED_TOLD[0]}$"), re.compile(words.UNSPACED_TOLD[1]))


@cache
def _before_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s\"“«('’])(?:{words.TELL})\s{{0,2}}{_BETWEEN}(?:the\s)?[\"“«(]?$", re.I)


@cache
def _after_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"[\"”»)]?(?:\s\([^()]{{2,12}}\))?(?:[’'][^\W\d_]{{1,6}})?,?\s"
        rf"(?:(?:has|have|also|earlier|had|state|official)\s)?(?:{words.SAY})\b",
        re.I,
    )


@cache
def _unspaced_mentions() -> re.Pattern[str]:
    """The names in these scripts."""
    forms = sorted({form for row in AGENCIES for form in row if _UNSPACED.search(form)}, key=len, reverse=True)
    return re.compile(f"(?P<name>{'|'.join(map(re.escape, forms))})")


# Han, kana, Hangul
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _mentions(text: str) -> Iterator[re.Match[str]]:
    """The agencies' names in `text`. Most texts hold none, which is told without trying them at each word."""
    if _holds_capitals(text) or _holds_other(_small(text)):
        yield from _mention().finditer(text)


def _small(text: str) -> str:
    """`text` in one case, as `re.IGNORECASE` sees it, to which the Turkish letters are an i, too."""
    return text.casefold().replace("\u0307", "").replace("ı", "i")


_SPACED_FORMS = sorted({form for row in AGENCIES for form in row if not _UNSPACED.search(form)}, key=len, reverse=True)
_CAPITALS = tuple(form for form in _SPACED_FORMS if form.isupper())
_holds_capitals = finder((*_CAPITALS, "Sana"))
_holds_other = finder(_small(form) for form in _SPACED_FORMS if not form.isupper())


@cache
def _mention() -> re.Pattern[str]:
    loose: dict[str, list[str]] = {}  # by first letter: the engine then tries only those that can begin here
    for form in _SPACED_FORMS:
        if not form.isupper():
            first = "".join(sorted({form[0], form[0].lower(), form[0].upper()}))
            loose.setdefault(f"[{first}]", []).append(re.escape(form[1:]))
    begun = [f"{first}(?i:{'|'.join(rests)})" for first, rests in loose.items()]
    arabic_prefix = r"(?:(?<=\bل)|(?<=\bب))"
    strict = map(re.escape, _CAPITALS)
    return re.compile(rf"(?:\b|{arabic_prefix})(?P<name>{'|'.join(begun)}|{'|'.join(strict)}|Sana(?= news))\b")


@cache
def _forms() -> dict[str, str]:
    return {_key(form): row[0] for row in AGENCIES for form in row}


def _key(name: str) -> str:
    """How names are compared: one case, single spaces, no article."""
    folded = " ".join(name.casefold().split())
    return folded.removeprefix("the ")

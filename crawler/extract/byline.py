"""The grammar of bylines: from a line as printed to the names in it, in many scripts.

A name is never altered but for white space and what stands around it: by-words ("By", "Von", "記者"), offices ("staff
writer"), places behind a name ("in Tarsk"), addresses, times, and the parts that others had ("Editing by …").
"""

import re

from crawler.enrich.wire import agency
from crawler.extract import byline_words as words

# "By Ann Lee" · "Written by Ann Lee" · "Автор: Анна Ли" · "記者王小明" · "كتبت سارة الخطيب"
_LEAD = re.compile(
    rf"\A\W{{0,5}}(?:(?:(?:{words.BEGINNINGS})\s{{1,3}})?(?:{words.BY})(?=\s|:|\Z)|(?:{words.LABELS})\s?(?=[:：])"
    rf"|(?:{words.BARE_LABELS})(?=\s)|(?:[\u4e00-\u9fff]{{2,6}}[╱／/]?)?(?:{words.WORKERS})(?=[:：╱／/\s\u4e00-\u9fff]))"
    r"[\s:：╱／/]{0,5}",
    re.I,
)
# "Di Mario Rossi" names Mario Rossi, "Di Maio" is a name
_LEAD_OR_PARTICLE = re.compile(rf"\A(?i:{words.BY_OR_PARTICLE})\s(?=[A-ZÀ-Þ]\S*\s[A-ZÀ-Þ])")
_REPORTING = re.compile(r"\W{0,3}(?:additional )?(?:reporting|writing|report)\b", re.I)
# "Posted on Monday by Ann Lee"
_BY_INSIDE = re.compile(rf"\A.{{2,60}}\s(?:{words.BY})\s(?=\S)", re.I)
# "Ann Lee; Editing by Omar Haddad" · "Text: Ann Lee, Foto: dpa"
_OTHER_PARTS = re.compile(rf"(?:\A|(?<=[\s;(.,|/]))(?:{words.OTHER_PARTS})[^;]*", re.I)
_CLAUSE = re.compile(r"[|•·→»;]|\s[-–—]{1,2}\s|\s[-–—]\Z")
# "Ann Lee am Montag, 3. Juli 2021" · "Ann Lee, 12:20pm" · "Ann Lee Fr, 18. Oktober": all from the time on
_DAY = (
    r"(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]{0,6}day)?|mo|di|mi|do|fr|sa|so|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|jun[ie]?|jul[iy]?|aug(?:ust)?|sept?(?:ember)?"
    r"|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
)
_TIME = re.compile(
    rf"(?:[\s,(]{{1,3}}(?:on|am|le|el|den|um|at|{_DAY})\b[.,:]?){{0,4}}[\s,(]{{0,3}}(?<![^\s,(])\d.*\Z"
    rf"|[\s,(]{{0,3}}\b(?:{words.TIMES})\b.*\Z",
    re.I | re.S,
)
_BEHIND_NAME = re.compile(
    r"\s(?:in|aus|from|à)\s(?:[A-ZÀ-Þ][\w'’.\-]*\s?){1,3}\Z"  # "Ann Lee in Port Selby"
    r"|[╱／/][\u4e00-\u9fff]{2,4}(?:報導|报道|報道|電|电)\Z"  # "王小明／台北報導"
    r"|\s[Ff](?:or|ür)\s(?:[Tt]he\s|[Dd](?:ie|en|as)\s)?[A-Z@].{0,60}\Z"  # "Ann Lee for The Courier"
)
_BRACKETS = re.compile(r"\s?[(\[（【][^()\[\]（）【】]{0,80}[)\]）】]")
_ALL_IN_BRACKETS = re.compile(r"\s*[(\[（【]([^()\[\]（）【】]*)[)\]）】]\s*")
_ADDRESS = re.compile(r"\[email\s?protected\]|\S*@\S*|https?:\S+|www\.\S+", re.I)
_BETWEEN = re.compile(rf"\s*[,،、؛&]\s*(?:(?:{words.JOINED})\s+)?|\s+/\s+|(?:\A|\s+)(?:{words.JOINED})\s+", re.I)
_BETWEEN_LONG = re.compile(rf"\s+(?:{words.JOINED_SHORT})\s+|\s+و(?=\S)", re.I)
_SLASH = re.compile(r"/")
_EDGE = ' \t,:：–—-|/·•→«»„“”"'
_INITIAL = re.compile(r"(?:\b\w{1,2}|\b[JS]r)\.\Z")  # "Nico Gutiérrez C.": the stop is the name's
_OFFICE = re.compile(rf"\b(?:{words.OFFICES})\b", re.I)
_OFFICE_IN_FRONT = re.compile(rf"\A(?:(?:{words.OFFICES})\s)+(?=\S+\s\S)", re.I)
_WORKER_BEHIND = re.compile(rf"\s?(?:{words.WORKERS}|\sद्वारा)\Z")  # "홍길동 기자"
_TEAM = re.compile(rf"\b(?:{words.TEAMS})\b", re.I)
_BARE_TEAM = re.compile(rf"(?:(?:{words.TEAMS}|online|news)[\s-]?){{1,4}}", re.I)  # any newsroom's: "Online-Redaktion"
# "دمشق ـ نور خوام", "Damascus - Arab Today": a place, a dash, who reports
PLACE = re.compile(r"\A(?P<place>[^\W\d_][^-–—ـ]{1,40}?)\s+[-–—ـ]\s+(?P<rest>\S.{1,80})\Z")
_ORGANISATION = re.compile(rf"\b(?:{words.ORGANISATIONS})(?!\w)", re.I)
_SOCIAL = re.compile(r"\b(?:twitter|facebook|instagram|linkedin|e-?mail|rss|whatsapp|telegram)\b", re.I)
_HANDLE = re.compile(r"@|https?:|www\.|\.(?:com|net|org|ru|de)\b", re.I)
_PARTICLES = frozenset(
    ("de", "di", "da", "do", "dos", "das", "del", "della", "der", "den", "des", "du", "van", "von", "vom", "zu", "zur",
     "ter", "ten", "el", "al", "bin", "ibn", "bint", "abu", "le", "la", "af", "av", "y", "e", "st")
)  # fmt: skip
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,5}")  # "松岡大地": one word
_CHINESE = 3  # characters of a Chinese name at most; a Japanese one has four or so
_HAN_HOUSE = re.compile(words.HAN_HOUSE)
_HANGUL_NAME = re.compile(r"[\uac00-\ud7a3]{2,4}")
_LONGEST_NAME = 60  # characters
_LONGEST_LIST = 1_000  # characters of a claim; a longer one names nobody


def without_by(line: str) -> str:
    """A line without the by-word or label in front: "Von Ann Lee" → "Ann Lee"."""
    return _LEAD.sub("", line).strip()


def has_by(line: str) -> bool:
    """Whether a line begins with a by-word or a label."""
    return _LEAD.match(line) is not None


def split_authors(byline: str) -> list[str]:
    """The names in a byline: "By Ann Lee and Omar Haddad" → two names; a place in front is left out."""
    text = without_by(byline)
    place = PLACE.match(text)
    return split_names(place["rest"] if place is not None else text)


def names_in(line: str) -> list[str]:
    """The names in a line that a page prints: what is said around them, times and other people's parts are left out."""
    found: list[str] = []
    by = False
    for clause in _CLAUSE.split(_OTHER_PARTS.sub("", _ADDRESS.sub(" ", line))):
        bracketed = _ALL_IN_BRACKETS.fullmatch(clause)
        text = (bracketed[1] if bracketed is not None else _BRACKETS.sub(" ", clause)).lstrip(" (")
        inside = None if has_by(text) else _BY_INSIDE.match(text)
        names = split_names(_TIME.sub("", _LEAD_OR_PARTICLE.sub("", text[inside.end() if inside else 0 :])))
        if by and not _REPORTING.match(text):  # "Reporting by Ann Lee; Additional reporting by Omar Haddad"
            continue
        if names and (inside is not None or has_by(text)):
            found, by = (found if by else []) + names, True
        elif not found or all(" " not in name for name in (*found, *names)):  # initials: "mh; dan"
            found += names
    return found


def split_names(text: str) -> list[str]:
    """Names that commas and conjunctions join: "Ann Lee, Tarsk correspondent, and Omar Haddad, dpa" → three names.

    Where one of them is a person's, offices and places beside it are left out; agencies and newsrooms stay.
    """
    if len(text) > _LONGEST_LIST:
        return []
    parts = [_trimmed(part) for piece in _BETWEEN.split(without_by(text)) for part in _joined(piece)]
    parts = [part for part in parts if part]
    if not any(map(is_person, parts)):
        return [part for part in parts if is_collective(part)] or parts
    return [part for part in parts if is_person(part) or agency(part) is not None or _is_team(part)]


def is_collective(name: str) -> bool:
    """Whether a name is an agency's ("dpa") or a newsroom's that signs its stories ("Gear Team", "Web Desk")."""
    return agency(name) is not None or _TEAM.search(name) is not None


def _is_team(name: str) -> bool:
    """Whether a name tells one newsroom from others; "Online-Redaktion" and "News Reporter" are offices."""
    return _TEAM.search(name) is not None and _OFFICE.search(name) is None and _BARE_TEAM.fullmatch(name) is None


def is_person(name: str) -> bool:
    """Whether a name is a person's: no agency, no newsroom, no address, two words at least, few digits."""
    parts = name.split()
    if _HAN_NAME.fullmatch(name):
        return _HAN_HOUSE.search(name) is None
    if _HANGUL_NAME.fullmatch(name):
        return True
    if not 2 <= len(parts) <= 6 or len(name) > _LONGEST_NAME:
        return False
    if agency(name) is not None or any(rule.search(name) for rule in (_HANDLE, _ORGANISATION, _SOCIAL, _OFFICE)):
        return False
    if parts[0].islower() and not parts[-1].islower() and parts[0] not in _PARTICLES:  # "ml Tarsk": initials, a place
        return False
    return not any(char.isdigit() for char in name)


def is_chinese(name: str) -> bool:
    """Whether a name is of the length that Chinese ones have, where it is written in Han characters at all."""
    return _HAN_NAME.fullmatch(name) is None or len(name) <= _CHINESE


def is_written_as_name(name: str) -> bool:
    """Whether every word but particles begins with a capital ("Lea van der Berg"), a Chinese name with a surname."""
    if _HAN_NAME.fullmatch(name) and len(name) <= _CHINESE:
        return name[0] in words.HAN_SURNAMES
    return all(not word[0].islower() or word.split("-")[0] in _PARTICLES or "'" in word for word in name.split())


def _joined(piece: str) -> list[str]:
    """The names that a short conjunction or a slash joins; "José Ortega y Gasset" and "srf/hosb" are one."""
    for pattern in (_BETWEEN_LONG, _SLASH):
        sides = [side.strip() for side in pattern.split(piece)]
        if len(sides) > 1 and all(is_person(_trimmed(side)) for side in sides):
            return sides
    return [piece]


def _trimmed(part: str) -> str:
    """One name without the place, house or office beside it."""
    name = _BEHIND_NAME.sub("", part.strip(_EDGE))
    name = _WORKER_BEHIND.sub("", _OFFICE_IN_FRONT.sub("", name)).strip(_EDGE)
    return name if _INITIAL.search(name) else name.rstrip("." + _EDGE)

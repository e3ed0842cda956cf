"""The rules of `residue.toml`: which lines of a page's text are chrome, and what each is doing there."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from crawler.enrich.letters import Letters
from crawler.enrich.phrases import finder
from crawler.errors import PublisherError
from crawler.extract.dates import plain

SHORT = 150  # letters of a line on which all rules are tried


class Role(StrEnum):
    """What a line is doing on the page."""

    CHROME = "chrome"  # navigation, buttons: nothing in it to keep
    CLOCK = "clock"  # the site's clock, never the time of publication
    SHARE = "share"
    SHORT_URL = "short_url"  # stands under the headline at Sputnik and RT
    PROMO = "promo"  # one related story inside the text; value: its title, else the next line is
    RELATED = "related"  # heads a list of related stories; with a value, one of them
    ELSEWHERE = "elsewhere"  # heads a list of stories that have nothing to do with this one
    TAGS = "tags"  # heads or holds tags
    TOPIC = "topic"  # heads one topic's name
    SECTION = "section"
    CREDIT = "credit"  # of a picture
    CAPTION = "caption"  # of a picture, perhaps with its credit
    BYLINE = "byline"
    COMMENTS = "comments"  # the readers' comments, or the form for them
    FOOTER = "footer"
    # the rest is told by shape or place, not by rules
    PUBLISHED = "published"
    MODIFIED = "modified"
    DATELINE = "dateline"
    SIGN_OFF = "sign_off"
    WIRE = "wire"  # an agency's credit alone on its line
    STAMP = "stamp"  # a related story's time; its title follows


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of chrome line. `edge`: believed only outside the body. `examples`: lines that it must match.

    `holds`: of a rule that is dear to try, what a line that fits has in it (one of these, case folded). `long`: it may
    fit a line of more than `SHORT` letters.
    """

    name: str
    role: Role
    pattern: re.Pattern[str]
    edge: bool
    holds: tuple[str, ...]
    long: bool
    examples: tuple[str, ...]


# Words that make up icon lists and share bars. A line that is nothing but these, glued or not, is chrome.
BAR_WORDS: tuple[str, ...] = (
    "share on", "share with", "share via", "share to", "share", "tweet", "facebook messenger", "facebook", "twitter",
    "google plus", "google+", "google", "whatsapp", "telegram", "viber", "vkontakte", "odnoklassniki", "linkedin",
    "pinterest", "reddit", "tumblr", "instagram", "youtube", "messenger", "livejournal", "flipboard", "skype", "line",
    "stumbleupon", "digg", "e-mail", "email", "print", "copy link", "bookmark", "vk", "ok", "icon", "chevron", "arrow",
    "close", "search", "menu", "play", "pause", "mute", "muted", "download", "upload", "camera", "check", "edit",
    "trash", "left", "right", "down", "up", "expand", "compress", "swipe", "step", "back", "forward", "full", "more",
    "and", "on",
    "فيسبوك", "فيس بوك", "تويتر", "واتساب", "واتس اب", "تلغرام", "تيليغرام", "مشاركة", "شارك", "علي", "على", "عبر",
    "طباعة", "انستغرام", "يوتيوب", "جوجل", "لينكد ان", "بلس",
    "фейсбук", "твиттер", "вконтакте", "одноклассники", "телеграм", "вотсап", "поделиться", "paylaş", "yazdır",
)  # fmt: skip

# A bar holds at least one of these.
BAR_ANCHORS: tuple[str, ...] = (
    "facebook", "twitter", "whatsapp", "telegram", "google", "linkedin", "vk", "chevron", "icon", "tweet", "reddit",
    "pinterest", "viber", "instagram", "فيسبوك", "فيس بوك", "تويتر", "واتساب", "вконтакте", "фейсбук",
)  # fmt: skip

# Labels of printed times ("Published 30.06.2017 17:05", "Edited time: …", "(محدثة GMT 17:49 17.03.2020)").
PUBLISHED_LABELS = (
    r"published(?: time| on| at)?|posted(?: on| at)?|publication date|date|تاريخ النشر|نشرت? (?:في|بتاريخ)|نشرت?"
    r"|опубликовано|опубліковано|yayın(?:lanma)?(?: tarihi)?|giriş(?: tarihi)?|veröffentlicht(?: am)?|erstellt(?: am)?"
    r"|publié(?: le)?|publicado(?: (?:el|em))?|pubblicato(?: il)?|opublikowano|dodane|gepubliceerd|publi[sc]ert"
    r"|publicerad|udgivet|julkaistu|ημερομηνία δημοσίευσης|δημοσίευση|发布时间|發布時間|公開"
)
MODIFIED_LABELS = (
    r"updated(?: at| on)?|last (?:updated?|modified)|edited(?: time)?|modified(?: on)?|محدثه|محدثة|حدثت?|تم التحديث"
    r"|aktualisiert(?: am)?|stand|mis à jour(?: le)?|actualizado(?: el)?|atualizado(?: em)?|aggiornato(?: il)?"
    r"|(?:ostatnia )?aktualizacja|bijgewerkt|oppdatert|uppdaterad|opdateret|päivitetty|оновлено|ενημερώθηκε|更新"
    r"|تحديث|اخر تحديث|обновлено(?: в)?|güncelle(?:me|nme)(?: tarihi)?|son güncelleme"
)

# Beginnings of chrome that sites glue to the line before ("… daring escapesMaintained and developed by …").
GLUED_HEADS: tuple[str, ...] = (
    "Maintained and developed by", "All rights reserved", "Comment via Facebook", "Comment via Sputnik",
    "Community standards", "Send your comments", "Also on rt.com", "READ MORE:", "Get short URL",
    "Like this story? Share it with a friend!", "Follow RT on", "جميع الحقوق محفوظة", "انسخ الرابط", "معايير المجتمع",
)  # fmt: skip

_VOWEL_SIGNS = frozenset(map(chr, (*range(0x064B, 0x0653), 0x0640, 0x0670)))  # harakat, tatweel, dagger alef
_ARABIC = re.compile("[\u0600-\u06ff]")
_ALEF_FORMS = str.maketrans("أإآٱى", "ااااي")
_PLAIN_ARABIC = Letters(lambda letter: "" if letter in _VOWEL_SIGNS else letter.translate(_ALEF_FORMS))


def fold(line: str) -> str:
    """`line` as the rules see it: plain digits and spaces, no direction marks, Arabic without vowel signs, one alef."""
    text = plain(line)
    if text.isascii() or not _ARABIC.search(text):
        return text
    return _PLAIN_ARABIC.of(text)


def printed(line: str, start: int, end: int) -> str:
    """The part of `line` (tidy) that became `fold(line)[start:end]`."""
    widths = [len(fold(char)) if not char.isspace() else 1 for char in line]
    at, first, last = 0, len(line), len(line)
    for index, width in enumerate(widths):
        if width and at == start:
            first = min(first, index)
        at += width
        if at >= end:
            last = index + 1
            break
    return line[first:last].strip()


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are tried."""
    data = tomllib.loads(Path(__file__).with_name("residue.toml").read_text(encoding="utf-8"))
    fragments: dict[str, str] = {}
    for name, text in data["fragments"].items():
        fragments[name] = _fill(text, fragments)
    return tuple(_rule(row, fragments) for row in data["rule"])


def fits_any(text: str) -> bool:
    """Whether a folded line fits one of the rules: most lines fit none, and are told so in one step.

    The rules that begin with any text would be tried at each letter, and some with many phrases on every line; one that
    does not hold their words is spared. Two rules in three are about shorter lines than paragraphs.
    """
    if _begun(long=len(text) > SHORT).fullmatch(text):
        return True
    small = text.casefold()
    return _held()(small) and any(
        rule.pattern.fullmatch(text) for rule in rules() if any(word in small for word in rule.holds)
    )


@cache
def _held() -> Callable[[str], bool]:
    return finder(word for rule in rules() for word in rule.holds)


@cache
def _begun(*, long: bool) -> re.Pattern[str]:
    """The rules that hold nothing certain as one expression, or those of them for long lines."""
    begun = (rule.pattern.pattern for rule in rules() if not rule.holds and (rule.long or not long))
    patterns = (re.sub(r"(\(\?P[<=]\w+)", rf"\1_{n}", pattern) for n, pattern in enumerate(begun))
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _rule(row: Mapping[str, Any], fragments: Mapping[str, str]) -> Rule:
    phrases: Mapping[str, Sequence[str]] = row.get("phrases", {})
    spoken = "|".join(phrase.translate(_ALEF_FORMS) for language in phrases.values() for phrase in language)
    text = _fill(row.get("pattern", "{phrases}"), {**fragments, "phrases": f"(?:{spoken})"})
    try:
        pattern = re.compile(text.translate(_ALEF_FORMS), re.IGNORECASE)
    except re.error as error:
        raise PublisherError(
            f"residue.toml: the pattern of rule {row['name']!r} is no regular expression: {error}"
        ) from error
    return Rule(
        name=row["name"],
        role=Role(row["role"]),
        pattern=pattern,
        edge=bool(row.get("edge", False)),
        holds=tuple(row.get("holds", ())),
        long=bool(row.get("long", False)),
        examples=tuple(row["examples"]),
    )


def _fill(text: str, fragments: Mapping[str, str]) -> str:
    for name, fragment in fragments.items():
        text = text.replace("{" + name + "}", fragment)
    return text

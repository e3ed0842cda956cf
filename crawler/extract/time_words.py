"""The words that print times, in the languages of `time_words.toml`: months, and "published" and "updated"."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from crawler.enrich.phrases import finder
from crawler.extract.calendars import Calendar
from crawler.extract.remembered import remembered

# Letters that Arabic-script press writes in several ways, and Turkish's two i.
_VARIANTS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ı": "i"})
_MARKS_UP_TO = (
    "\u08ff"  # combining marks of Latin, Greek, Cyrillic, Hebrew, Arabic; those of India's scripts are vowels
)
_JOINERS = re.compile(r"[\u200b-\u200f\u0640.׳'’]")  # tatweel and invisible marks, points of abbreviations


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A month that a word names: January, Farvardin and Muharram are 1."""

    calendar: Calendar
    number: int


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """What the spellings of a word have in common: no case, accents, points; one form of each Arabic letter."""
    word = unicodedata.normalize("NFKD", _JOINERS.sub("", word.casefold()))
    word = "".join(char for char in word if char > _MARKS_UP_TO or not unicodedata.combining(char))
    return unicodedata.normalize("NFC", word).translate(_VARIANTS).strip()


def month(name: str, languages: Sequence[str] = ()) -> Month | None:
    """The month that `name` is, in whatever language.

    "listopad" is October in Croatian and November in Czech and Polish: such a word is a month only where `languages`
    (ISO 639-1) leave one meaning.
    """
    meanings = _months().get(fold(name), {})
    if len(meanings) > 1:
        meanings = {found: spoken for found, spoken in meanings.items() if not spoken.isdisjoint(languages)}
    return next(iter(meanings)) if len(meanings) == 1 else None


def may_begin_month(word: str) -> bool:
    """Whether a month's name may begin with `word`: hardly any word of a line does."""
    first, _, _ = fold(word).partition(" ")
    return not first or first in _first_words()


def is_filler(word: str) -> bool:
    """Whether a word between the parts of a date says nothing: "12 de marzo de 2020", "March 12th"."""
    return fold(word) in _fillers()


def labelled(text: str) -> re.Match[str] | None:
    """The first word that says what a time in `text` is of; the group that matched is `published` or `modified`."""
    return next(iter(_labels_in(text)), None)


def modification(text: str) -> re.Match[str] | None:
    """The first word of `text` that speaks of a change."""
    return next((found for found in _labels_in(text) if found["modified"]), None)


def publication(text: str) -> re.Match[str] | None:
    """The first word of `text` that speaks of publication."""
    return next((found for found in _labels_in(text) if found["published"]), None)


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("crawler.extract").joinpath("time_words.toml").read_text(encoding="utf-8"))


@cache
def _months() -> dict[str, dict[Month, frozenset[str]]]:
    table: dict[str, dict[Month, frozenset[str]]] = {}
    sections: tuple[tuple[str, Calendar], ...] = (("months", "gregorian"), ("persian", "persian"), ("hijri", "hijri"))
    for section, calendar in sections:
        for language, names in _data()[section].items():
            for number, spellings in enumerate(names, start=1):
                for name in spellings.split("|"):
                    meanings = table.setdefault(fold(name), {})
                    meaning = Month(calendar=calendar, number=number)
                    meanings[meaning] = meanings.get(meaning, frozenset()) | {language}
    return table


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in _months())


@cache
def _fillers() -> frozenset[str]:
    return frozenset(fold(word) for word in _data()["fillers"]["any"])


@remembered
def _labels_in(text: str) -> tuple[re.Match[str], ...]:
    """The words of `text` that say what a time is of. Most texts have none, which one pass tells for all words."""
    level = _level(text)
    return tuple(_labels().finditer(level)) if _holds_label()(_small(level)) else ()


def _level(text: str) -> str:
    """`text` in lower case and without accents, each character in its place: "ΔΗΜΟΣΙΕΥΣΗ" and "Δημοσίευση" are one."""
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFKD", char.lower())[0] for char in text)


def _small(level: str) -> str:
    """A levelled text as `re.IGNORECASE` sees it, to which the Turkish letters are an i, too."""
    return level.casefold().replace("\u0307", "").replace("ı", "i")


@cache
def _holds_label() -> Callable[[str], bool]:
    return finder(_small(_level(word)) for words in _data()["labels"].values() for word in words)


@cache
def _labels() -> re.Pattern[str]:
    words = _data()["labels"]
    return re.compile(
        rf"(?P<modified>{_alternatives(words['modified'])})|(?P<published>{_alternatives(words['published'])})", re.I
    )


def _alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; words of spaced scripts stand by themselves."""
    spaced: list[str] = []
    dense: list[str] = []
    for word in sorted({_level(word) for word in words}, key=lambda word: (-len(word), word)):
        (dense if re.match(r"[\u0e00-\u0eff\u3040-\ud7ff]", word) else spaced).append(re.escape(word))
    return rf"(?<![^\W\d_])(?:{'|'.join(spaced)})(?![^\W\d_])|(?:{'|'.join(dense)})"

"""The shape of a line of text: white space, sentence or title, words. Nothing here knows a publisher."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

_TERMINAL = re.compile(r"[.!?…؟。！？।։][\"'“”’»)\]*]{0,3}$")
_FULL_STOP = re.compile(r"[.…。।։][\"'“”’»)\]*]{0,3}$")
_INNER_STOP = re.compile(r"[.!?؟][\"”»]?\s[\"“«(]?[^\W\d_]")
_QUOTED = re.compile(r"[\"“«„].+[\"”»“]$")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SIGN = re.compile(r"\w")
_NO_SIGN = re.compile(r"\W+")
_LIST_ITEM = re.compile(r"(?:[-–—•*●▪◦·]\s?|\d{1,2}[.)]\s|\([a-z0-9]\)\s)\S")
# "— Harbor Watch (@harborwatch) April 2, 2019": the end of an embedded post
_SIGNED = re.compile(r"[-–—]{1,2}\s?[^@]{1,60}\(@\w{1,30}\)[^@]{0,40}")
_LONG = 180  # characters: headlines and captions of the press stay below, measured on 400 headlines of 45 countries


def is_single_spaced(line: str) -> bool:
    """Whether all white space within `line` is single spaces, and nothing is in it that cannot be seen.

    So are most lines, and that is told in half the time that it takes to part and to join their words.
    """
    return line.isprintable() and "  " not in line


def tidy(line: str) -> str:
    """`line` with white space of every kind single and none at the ends; nothing else is touched."""
    if is_single_spaced(line):
        return line.strip()
    if not line.isascii():  # Unicode does not count the joiners of no width among the spaces
        line = line.replace("\ufeff", " ").replace("\u200b", " ")
    return " ".join(line.split())


def words(line: str) -> list[str]:
    """The words of `line` that hold letters."""
    return _WORD.findall(line[:2000])


def is_prose(line: str) -> bool:
    """Whether `line` reads as running text: it ends as a sentence does, or is too long for anything else.

    A question or a call in Title Case is a headline ("Who Blew Up the Lorn Bridge?").
    """
    if len(line) >= _LONG:
        return True
    count = len(words(line))
    if (_QUOTED.match(line) and count >= 5) or _SIGNED.fullmatch(line):
        return True
    if not _TERMINAL.search(line):
        return len(line) >= 80 and _INNER_STOP.search(line) is not None
    if not _FULL_STOP.search(line) and count >= 4 and title_case(line) >= 0.7:
        return False
    return count >= 3 or (count == 2 and line[-1] == "." and line[-2] != ".") or _wide(line) >= 8


def is_title_like(line: str) -> bool:
    """Whether `line` could be a headline: some words, no full stop, not too long."""
    return 2 <= len(words(line)) <= 30 and len(line) < _LONG and not _FULL_STOP.search(line)


def title_case(line: str) -> float:
    """The share of words of four letters and more that begin with a capital; 0 where the script has none."""
    long_words = [word for word in words(line) if len(word) > 3]
    if not long_words:
        return 0.0
    return sum(word[0].isupper() for word in long_words) / len(long_words)


def is_quoted(line: str) -> bool:
    """Whether `line` is a quotation from end to end."""
    return _QUOTED.match(line) is not None


def is_list_item(line: str) -> bool:
    """Whether `line` opens as an item of a list: "- grain", "2. fuel"."""
    return _LIST_ITEM.match(line) is not None


@lru_cache(maxsize=4096)
def stems(line: str) -> frozenset[str]:
    """The words of `line`, cut to five letters so that "Syria" meets "Syrian"; short words and numbers apart."""
    folded = line.casefold()
    found = {word[:5] for word in re.findall(r"[^\W_]+", folded[:1000]) if len(word) > 2 or word.isdigit()}
    return frozenset(found)


def same(one: str, other: str) -> bool:
    """Whether two lines say the same but for case, white space and closing punctuation."""
    first, second = _SIGN.search(one), _SIGN.search(other)
    if first is None or second is None or first[0].casefold()[:1] != second[0].casefold()[:1]:
        return False  # most lines differ in their first letter
    return _key(one.casefold()) == _key(other.casefold())


def doubled(lines: list[str]) -> Iterator[int]:
    """Indices of lines that the next line repeats, of five words and more: a picture's alt text and its caption."""
    for index, (line, following) in enumerate(pairwise(lines)):
        if line and same(line, following) and len(words(line)) >= 5:
            yield index


def _key(line: str) -> str:
    return _NO_SIGN.sub(" ", line).strip()


def _wide(line: str) -> int:
    """Letters of scripts that part no words (Chinese, Japanese, Thai)."""
    return sum("\u0e00" <= char <= "\u0e7f" or "\u3040" <= char <= "\u9fff" for char in line[:200])

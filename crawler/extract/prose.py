"""What tells running text from menus, titles and labels: its length, its links and how it ends."""

import re
from collections.abc import Sequence

from crawler.enrich.phrases import finder
from crawler.extract.body import Block
from crawler.extract.remembered import remembered

SHORT = 80  # characters; a shorter block is not taken for prose by itself
LINKY = 0.4  # share of a block's characters inside links from which on it is not prose
_NO_LETTER = re.compile(r"[\W_]+")
_NO_ASCII_LETTER = bytes(code for code in range(128) if not chr(code).isalnum())
_NO_LATIN_LETTER = bytes(code for code in range(256) if not bytes((code,)).decode("cp1252", "replace").isalnum())
_CJK = re.compile(r"[\u3040-\u9fff]")
_IMPRINT = re.compile(r"©|\(c\)\s*\d{4}|\ball rights reserved\b|\bcopyright\b", re.I)
_MAY_BE_IMPRINT = finder(("©", "(c)", "all r", "copyr"))  # without the letters that have odd capitals
_IMPRINT_LENGTH = 200  # characters
_STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "։", "።", "။", "។", "”", '"', "»", "’", "」", "’", ")")


def is_imprint(line: str) -> bool:
    """Whether a line only says whose the site is: "© 2026 The Courier. All rights reserved."."""
    return len(line) <= _IMPRINT_LENGTH and _MAY_BE_IMPRINT(line.lower()) and _IMPRINT.search(line) is not None


@remembered
def letters(text: str) -> str:
    """What two printings of one text have in common: letters and digits, case folded."""
    if text.isascii():  # the same, ten times as fast
        return text.lower().encode("ascii").translate(None, _NO_ASCII_LETTER).decode("ascii")
    folded = text.casefold()
    try:  # a text with curly quotes or accents, three times as fast
        return folded.encode("cp1252").translate(None, _NO_LATIN_LETTER).decode("cp1252")
    except UnicodeEncodeError:
        return _NO_LETTER.sub("", folded)


def letters_in(lines: Sequence[str]) -> int:
    """How many letters and digits the lines hold."""
    return sum(len(letters(line)) for line in lines)


def size(text: str) -> int:
    """Characters, those of Chinese and Japanese counted thrice: they say as much."""
    return len(text) if text.isascii() else len(text) + 2 * len(_CJK.findall(text))


def ends_well(line: str) -> bool:
    """Whether a line ends as sentences do."""
    return line.endswith(_STOPS)


def is_running(block: Block) -> bool:
    """Whether a block is running text: long enough, hardly linked, ended as sentences are."""
    return size(block.text) >= SHORT and block.linked < LINKY and ends_well(block.text)

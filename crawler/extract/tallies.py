"""What a text is made of, counted: words, capitals in front, digits, stops, commas, marks of labels, quotation marks.

Expressions define what is counted. Six of them over each block take a quarter of the time in which a page's blocks are
measured, so a text of the Latin alphabet, each character of which is one byte in Windows-1252, is counted by tables of
bytes instead: thrice as fast, and the tables are made of the expressions' own answers.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

_WORD = re.compile(r"\w+")
_CAPITAL = re.compile(r"\b[^\W\d_a-zа-яα-ω]")
_INNER_STOP = re.compile(r"[.!?؟][\"'”’»)\]]?\s|[。！？।]")
_COMMAS = re.compile(r"[,;:،؛，、；：]")
_MARKS = re.compile(r"[|©@#»›→▶•·]|https?:|www\.")
_QUOTE = re.compile(r"[\"“”„«»「『]")
# Readers' comments speak so
_PERSONS: Final = frozenset(("I", "you", "your", "me", "my", "ich", "du", "я", "мне", "ja", "εγώ"))
_EARLY: Final = 1000  # characters in which persons are looked for
_START: Final = 500  # characters in which marks are


class Tally(NamedTuple):
    """How many of each there are; `persons`: words by which somebody speaks of himself or to the reader."""

    words: int
    capitals: int
    digits: int
    stops: int
    commas: int
    marks: int
    quotes: int
    persons: int


def tally(text: str) -> Tally:
    """What `text` is made of."""
    try:
        return _of_bytes(text.encode("ascii" if text.isascii() else _CODEC))
    except UnicodeEncodeError:
        return _of_characters(text)


def _of_characters(text: str) -> Tally:
    words = _WORD.findall(text)
    early = words if len(text) <= _EARLY else _WORD.findall(text[:_EARLY])
    return Tally(
        words=len(words),
        capitals=len(_CAPITAL.findall(text)),
        digits=sum(map(str.isdigit, text)),
        stops=len(_INNER_STOP.findall(text)),
        commas=len(_COMMAS.findall(text)),
        marks=len(_MARKS.findall(text[:_START])),
        quotes=len(_QUOTE.findall(text)),
        persons=sum(map(_PERSONS.__contains__, early)) + text.count("我", 0, _EARLY) + text.count("你", 0, _EARLY),
    )


_CODEC: Final = "cp1252"
_BYTES: Final = [bytes((code,)).decode(_CODEC, "replace") for code in range(256)]


def _all_that(matches: Callable[[str], object]) -> bytes:
    """The bytes that stand for characters of which `matches` is true."""
    return bytes(code for code, char in enumerate(_BYTES) if matches(char))


def _table(*classes: tuple[bytes, bytes]) -> bytes:
    """A table that makes each byte of a class the sign given with it, all others a space."""
    table = bytearray(b" " * 256)
    for members, sign in classes:
        for code in members:
            table[code] = sign[0]
    return bytes(table)


_LETTERS: Final = _all_that(_WORD.match)
_CAPITALS: Final = _all_that(_CAPITAL.match)
_AS_WORDS: Final = bytes(code if code in _LETTERS else ord(" ") for code in range(256))
_AS_CASES: Final = _table((_LETTERS, b"a"), (_CAPITALS, b"A"))
_AS_ENDS: Final = _table(
    (bytes(range(256)), b"x"),
    (_all_that(lambda char: _INNER_STOP.match(f"{char} ")), b"."),
    (_all_that(lambda char: char != " " and not char.isspace() and _INNER_STOP.match(f".{char} ")), b")"),
    (_all_that(str.isspace), b" "),
)
_DIGIT_BYTES: Final = _all_that(str.isdigit)
_COMMA_BYTES: Final = _all_that(_COMMAS.match)
_MARK_BYTES: Final = _all_that(_MARKS.match)
_QUOTE_BYTES: Final = _all_that(_QUOTE.match)
_PERSON_BYTES: Final = frozenset(word.encode(_CODEC, "ignore") for word in _PERSONS) - {b""}


def _of_bytes(raw: bytes) -> Tally:
    words = raw.translate(_AS_WORDS).split()
    early = words if len(raw) <= _EARLY else raw[:_EARLY].translate(_AS_WORDS).split()
    cases, ends, start = raw.translate(_AS_CASES), raw.translate(_AS_ENDS), raw[:_START]
    return Tally(
        len(words),
        cases.count(b" A") + cases.startswith(b"A"),
        len(raw) - len(raw.translate(None, _DIGIT_BYTES)),
        ends.count(b". ") + ends.count(b".) "),
        len(raw) - len(raw.translate(None, _COMMA_BYTES)),
        len(start) - len(start.translate(None, _MARK_BYTES)) + sum(map(start.count, (b"http:", b"https:", b"www."))),
        len(raw) - len(raw.translate(None, _QUOTE_BYTES)),
        sum(map(_PERSON_BYTES.__contains__, early)),
    )

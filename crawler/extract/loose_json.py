"""JSON as pages hold it: values one after another, with comments, stray commas and quotes, in HTML's wrappings.

`json` decodes; where it refuses, one pass over the characters mends what real pages get wrong, and it decodes again.
Every step is linear, and no nesting overflows: what stays broken is passed over.
"""

import html
import json
import re
from typing import Any

MAX_CHARACTERS = 1_000_000  # of a text; a longer one is passed over
_MAX_VALUES = 200  # one after another
_OPENING = re.compile(r"(?<!<!)(?<!CDATA)[{\[]")  # not those of "<![CDATA["
# What needs a look outside strings: "//<![CDATA[", "// comment", "/* comment */", quotes, commas, brackets
_TOKEN = re.compile(r"(?://[ \t]{0,9})?(?:<!\[CDATA\[|\]\]>|<!--|-->)|//|/\*|[\"'{}\[\],]")
_IN_STRING = re.compile(r"[\"'\\]")
# Escapes of no character: half a surrogate pair ("\\ud83d" cut off its "\\ude00"), which no file or database takes, and
# control characters other than white space.
NO_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u00(?:0[0-8bceBCEfF]|1[0-9a-fA-F]|7[fF])"
)
_ESCAPE = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4})")
# What follows the quote that ends a string: `:`, `}`, `]`, a comma before a value, a comment, the end; or, where the
# comma was forgotten, the next line's quote.
_BEHIND = re.compile(
    r"\s{0,500}(?:[:}\]]|,\s{0,500}(?:[\"'{\[}\]\-\d,]|true\b|false\b|null\b|/[/*]|\Z)|/[/*]|\Z)|[^\S\n]{0,99}\n\s{0,500}[\"']"
)


def read_values(text: str) -> list[Any]:
    """The objects and arrays in `text`, in order. What is no JSON is passed over; never raises."""
    if len(text) > MAX_CHARACTERS:
        return []
    if '"' not in text and "&quot;" in text:  # escaped as though it stood in markup
        text = html.unescape(text)
    text = NO_CHARACTER.sub("", text)
    decoder, position, mended = json.JSONDecoder(strict=False), 0, False
    values: list[Any] = []
    while len(values) < _MAX_VALUES and (start := _OPENING.search(text, position)) is not None:
        try:
            value, position = decoder.raw_decode(text, start.start())
            values.append(value)
        except (ValueError, RecursionError):
            if mended:
                break
            text, position, mended = mend(text[start.start() :]), 0, True
    return values


def mend(text: str) -> str:
    """`text` without comments and stray commas, with quotes and backslashes inside strings escaped. Linear."""
    kept: list[str] = []
    last, comma, position = "", 0, 0  # the last character that counts; where the last comma is kept
    while (match := _TOKEN.search(text, position)) is not None:
        between = text[position : match.start()]
        kept.append(between)
        last = between.strip()[-1:] or last
        sign, position = match.group(), match.end()
        if sign == '"' or (sign == "'" and last in {":", ",", "{", "["}):
            string, position = _string(text, position, sign)
            kept.append(f",{string}" if last.isalnum() or last in {'"', "}", "]"} else string)
        elif sign == "//":
            position = _behind(text, "\n", position)
        elif sign == "/*":
            position = _behind(text, "*/", position)
        elif sign == ",":
            stray = last in {",", "{", "[", ""}
            comma = comma if stray else len(kept)
            kept.append("" if stray else sign)
        elif len(sign) == 1:
            if last == "," and sign in {"}", "]"}:
                kept[comma] = ""
            kept.append(sign)
        last = '"' if sign == "'" else sign if len(sign) == 1 else last
    kept.append(text[position:])
    return "".join(kept)


def _string(text: str, position: int, quote: str) -> tuple[str, int]:
    """The string that begins at `position`, behind its `quote`, as JSON; and where it ends."""
    pieces, start = ['"'], position
    while (match := _IN_STRING.search(text, position)) is not None:
        escape = _ESCAPE.match(text, match.start())
        if escape is not None:
            position = escape.end()
            continue
        pieces.append(text[start : match.start()])
        start = position = match.end()
        if match.group() == quote and _BEHIND.match(text, position) is not None:
            return "".join([*pieces, '"']), position
        if match.group() == "\\":  # JSON knows no such escape: "\\'", "\\x", "\\ "
            position += text.startswith("'", position)
        else:
            pieces.append('\\"' if match.group() == '"' else "'")
    return "".join([*pieces, text[start:], '"']), len(text)


def _behind(text: str, needle: str, position: int) -> int:
    found = text.find(needle, position)
    return len(text) if found < 0 else found + len(needle)

"""PHP `var_dump` output that a page printed by mistake: `string(1152) "[{"id":"…","title":"…"}, …]"`.

The number is the length of the string in bytes of UTF-8. What it holds is a page's list of related stories, so it is
read, not only dropped; a cut or damaged one gives the stories that can still be told.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.model import Related
from crawler.extract.loose_json import NO_CHARACTER

DUMP = "string("  # is in every dump
DUMP_START = re.compile(r"string\((\d{1,7})\)\s{0,3}[\"“”]")  # 'string(2316) "[{"id":…'
# A line of a dump that runs over many: 'array(2) {' · '["title"]=>' · '[0]=>' · 'int(3)' · 'bool(false)' · 'NULL' · '}'
_DUMP_LINE = re.compile(
    r"(?:(?:array|object)\([^()]{0,60}\)(?:#\d{1,6})?(?: \(\d{1,6}\))? ?\{|\[[^\[\]]{1,60}\] ?=>.{0,400}"
    r"|(?:int|float|bool|string)\([^()]{0,60}\)(?: ?\".{0,400}\")?|NULL|\{|\})"
)
_OBJECT = re.compile(r"\{[^{}]{0,4000}\}?")
# A quotation mark inside a value may lack its stroke: '"title":"Governor Hails "Victory" at Qarra"}'
_PAIR = re.compile(
    r"\"(id|title|pic|url|link|date)\"\s{0,3}:\s{0,3}\"((?:[^\"\\]|\\.|\"(?!\s{0,3}(?:,\s{0,3}\"\w|\}|$))){0,1000})\"?"
)
_DECODER = json.JSONDecoder()
_MAX_STORIES = 200  # a page links to a dozen; more is hostile


@dataclass(frozen=True, kw_only=True, slots=True)
class Dump:
    """A dump found in text: the stories it lists and where it ends."""

    related: tuple[Related, ...]
    end: int


def read_dump(text: str, match: re.Match[str], *, story_url: str | None = None) -> Dump:
    """Read the dump that `match` (of `DUMP_START`) opens in `text`.

    `story_url` turns an id into an address: "https://en.alalam.ir/news/{id}". The dump ends after the announced bytes
    where a quotation mark closes it there, else with the line.
    """
    size = int(match[1])
    head = text[match.end() : match.end() + size].encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
    end = match.end() + len(head)
    if text[end : end + 1] in {'"', "“", "”"} and _parsed(head) is not None:
        return Dump(related=_stories(head, story_url), end=end + 1)
    try:  # the length is wrong: end where the list does
        end = _DECODER.raw_decode(text, match.end())[1]
    except (ValueError, RecursionError):
        newline = text.find("\n", match.end())
        end = len(text) if newline < 0 else newline
    closed = end + 1 if text[end : end + 1] in {'"', "“", "”"} else end
    return Dump(related=_stories(text[match.end() : end], story_url), end=closed)


def is_dump_line(line: str) -> bool:
    """Whether `line` belongs to a dump of arrays that runs over many lines."""
    return len(line) < 500 and _DUMP_LINE.fullmatch(line) is not None


def _stories(text: str, story_url: str | None) -> tuple[Related, ...]:
    rows = _parsed(text)
    if rows is None:
        rows = [dict(_PAIR.findall(found[0])) for found in _OBJECT.finditer(text)]
    stories = (_story(row, story_url) for row in rows[:_MAX_STORIES])
    return tuple(story for story in stories if story is not None)


def _parsed(text: str) -> list[Mapping[str, Any]] | None:
    try:
        rows = json.loads(NO_CHARACTER.sub("", text) if "\\u" in text else text)
    except (ValueError, RecursionError):
        return None
    rows = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else [rows]
    return [row for row in rows if isinstance(row, Mapping)]


def _story(row: Mapping[str, Any], story_url: str | None) -> Related | None:
    title = " ".join(str(row.get("title") or "").replace('\\"', '"').replace("\\/", "/").split())
    if not title:
        return None
    number, url = str(row.get("id") or ""), row.get("url") or row.get("link")
    if not url and story_url and number.isascii() and number.isdigit():
        url = story_url.format(id=number)
    return Related(title=title, url=str(url) if url else None)

"""Repeated entries: what a list of stories and a live blog are made of, and an article is not.

Entries are elements of the same tag and class (or children of one parent). Those of a list hold a linked title each;
those of a live blog begin with a clock time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.extract.body import Block
from crawler.extract.prose import LINKY, letters
from crawler.extract.select import bare_text

_ENTRY_TAGS = ("article", "div", "li", "section", "tr", "td", "dl", "dd", "figure")
_LEAST = 3  # entries that make a list
_TITLE = 15  # letters of a linked title; half of that where a character is a word
_LONGEST = 1_500  # characters of an entry of a list; an article's own container is longer or stands alone
_MOST = 4_000  # possible entries that are looked at
_ELEMENTS = 200  # in an entry
_UPDATE = 40  # characters of an update
_OPENING = 40  # letters by which a paragraph is found again
# "14:22 Mediators arrive", "[09:05]", "15.40 Uhr", "7:45 pm", "14h22": a time that opens a line. "3.01." is a day.
_CLOCK = re.compile(
    r"\A\W{0,3}([01]?\d|2[0-3])(?:[:h]|\.(?=\d\d(?:\s*\Z|\s(?:Uhr|[ap]\.?m))))([0-5]\d)(?!\d)(?:\s?([ap])\.?m)?", re.I
)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """Entries with linked titles: how many, how much of a given text stands in how many of them, how much does not."""

    entries: int = 0
    share: float = 0.0
    spread: int = 0
    outside: int = 0


def find_listing(tree: HtmlElement, paragraphs: Sequence[str]) -> Listing:
    """The list of entries with linked titles that holds most of `paragraphs`, or has most entries where none does."""
    sought = [letters(paragraph)[:_OPENING] for paragraph in paragraphs]
    weights = [len(paragraph) for paragraph in paragraphs]
    best = Listing()
    for entries in _groups(tree):
        texts = [letters(text) for text in entries]
        held = [next((place for place, text in enumerate(texts) if opening in text), None) for opening in sought]
        inside = sum(weight for weight, place in zip(weights, held, strict=True) if place is not None)
        found = Listing(
            entries=len(entries),
            share=inside / max(1, sum(weights)),
            outside=sum(weights) - inside,
            spread=len({place for place in held if place is not None}),
        )
        best = max(best, found, key=lambda listing: (round(listing.share, 2), listing.entries))
    return best


def timed_entries(found: Sequence[Block]) -> list[int]:
    """The times of day of the entries of a live blog: a time in front of text that is no link, or above it."""
    times = []
    for place, block in enumerate(found):
        match = clock_times([block.text])
        if not match or block.linked >= LINKY:
            continue
        below = found[place + 1 : place + 3]
        own = len(block.text) >= _UPDATE
        if own or any(len(after.text) >= _UPDATE and after.linked < LINKY for after in below):
            times += match
    return times


def clock_times(paragraphs: Sequence[str]) -> list[int]:
    """The times of day, in minutes, that paragraphs open with."""
    found = []
    for paragraph in paragraphs:
        match = _CLOCK.match(paragraph[:40].translate(_DIGITS))
        if match is not None:
            hour = int(match[1]) % 12 + (12 if match[3].lower() == "p" else 0) if match[3] else int(match[1])
            found.append(60 * hour + int(match[2]))
    return found


def run_backwards(times: Sequence[int]) -> bool:
    """Whether times of day go from the newest to the oldest; one step may pass midnight, one may be out of order."""
    forward = sum(later > earlier for earlier, later in pairwise(times))
    return len(times) > 1 and len(set(times)) > 1 and forward <= max(1, len(times) // 10)


def _groups(tree: HtmlElement) -> Iterator[list[str]]:
    """The texts of the entries of each list on the page."""
    kinds: dict[object, list[HtmlElement]] = {}
    for place, node in enumerate(tree.iter(*_ENTRY_TAGS)):
        if place == _MOST:
            break
        name = node.get("class")
        kinds.setdefault((node.tag, name) if name else (node.tag, node.getparent()), []).append(node)
    for nodes in kinds.values():
        if len(nodes) >= _LEAST:
            texts = _entry_texts(nodes)
            if texts is not None:
                yield texts


def _entry_texts(nodes: Sequence[HtmlElement]) -> list[str] | None:
    """The texts of those that are entries; None where they are too few, told as soon as too many are none."""
    most = len(nodes) - max(_LEAST, 0.7 * len(nodes))
    texts, others = [], 0
    for node in nodes:
        text = _entry_text(node)
        if text is not None:
            texts.append(text)
        else:
            others += 1
            if others > most:
                return None
    return texts


def _entry_text(node: HtmlElement) -> str | None:
    """The text of an entry that has a linked title; None for anything else, and for what is too large to be one."""
    if next(node.iter("a"), None) is None or len(bare_text(node)) > _LONGEST:
        return None
    pieces, length, titled = [], 0, False
    for place, inner in enumerate(node.iter()):
        pieces += [text for text in (inner.text, inner.tail if inner is not node else None) if text]
        length += len(inner.text or "") + len(inner.tail or "")
        if length > _LONGEST or place > _ELEMENTS:
            return None
        titled = titled or (inner.tag == "a" and is_title(inner))
    return " ".join(pieces) if titled else None


def is_title(link: HtmlElement) -> bool:
    """Whether a link is the title of a story: long enough, and not within a sentence."""
    text = " ".join(link.itertext())
    wide = 0 if text.isascii() else sum(char >= "\u3040" for char in text)
    if len(letters(text)) + wide < _TITLE or not link.get("href"):
        return False
    around = [link.tail or "", (link.getparent().text or "") if link.getparent() is not None else ""]
    return not any(len(letters(piece)) >= _TITLE for piece in around)

"""The short lines that a page prints, with their places in reading order, read in one pass."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.prose import letters
from crawler.extract.select import BLOCKS, clean

LONGEST = 400  # letters; a longer text is no line
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARAGRAPH = 100  # characters without a break that make a paragraph
_TOO_LONG = "\0" * (LONGEST + 1)  # stands for a text that is no line, so that no text around it is one either
_NO_TEXT = frozenset(("title", "script", "style"))
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A short text: that of an element, or a run in it (not `whole`). `place` is where it begins in reading order."""

    place: int
    element: HtmlElement
    raw: str
    bare: str
    whole: bool = True

    @property
    def text(self) -> str:
        """As printed, white space single."""
        return clean(self.raw)


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What a page prints, with places in reading order: short texts, headings, paragraphs."""

    texts: list[Text] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    paragraphs: list[int] = field(default_factory=list)

    @cached_property
    def _near(self) -> frozenset[int]:
        """The last heading above each paragraph."""
        marks = sorted([(place, True) for place in self.headings] + [(place, False) for place in self.paragraphs])
        return frozenset(place for (place, heading), (_, other) in pairwise(marks) if heading and not other)

    def is_near(self, place: int) -> bool:
        """Whether a paragraph follows the heading at `place` before another heading does."""
        return place in self._near


def read_printed(tree: HtmlElement) -> Printed:
    """Every element with at most `LONGEST` letters, and the single runs of text in it."""
    printed = Printed()
    open_runs: list[list[tuple[int, str]]] = [[]]
    for place, (event, element) in enumerate(etree.iterwalk(tree, events=("start", "end"))):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            if element.tag in HEADINGS:
                printed.headings.append(place)
            run = _run(element.text) if element.tag not in _NO_TEXT else _TOO_LONG
            open_runs.append([(place, run)])
        else:
            runs = open_runs.pop()
            whole = _joined(runs)
            if whole is not _TOO_LONG:
                printed.texts.extend(_texts(element, whole, runs))
            gap = " " if element.tag in BLOCKS else ""
            open_runs[-1].append((runs[0][0], f"{gap}{whole}{gap}" if whole is not _TOO_LONG else _TOO_LONG))
            run = _run(element.tail)
            open_runs[-1].append((place, run))
        if len(run) > _PARAGRAPH and run is not _TOO_LONG and len(clean(run)) > _PARAGRAPH:
            printed.paragraphs.append(place)
    printed.texts.sort(key=lambda text: text.place)
    return printed


def _run(text: str | None) -> str:
    """A text with its white space single; most runs between tags are nothing else."""
    if not text:
        return ""
    return " " if text.isspace() else _SPACE.sub(" ", text)


def _joined(runs: list[tuple[int, str]]) -> str:
    """The runs as one text, or `_TOO_LONG`. No run is read that stands behind one too many."""
    length = 0
    for _, run in runs:
        length += len(run)
        if length > 2 * LONGEST or run is _TOO_LONG:
            return _TOO_LONG
    whole = "".join(run for _, run in runs)
    return whole if len(whole) <= LONGEST or len(clean(whole)) <= LONGEST else _TOO_LONG


def _texts(element: HtmlElement, whole: str, runs: list[tuple[int, str]]) -> Iterator[Text]:
    bare = letters(whole)
    if len(bare) > 2:
        yield Text(place=runs[0][0], element=element, raw=whole, bare=bare)
        for place, run in runs if len(runs) > 1 else ():
            if len(run) > 2:
                yield Text(place=place, element=element, raw=run, bare=letters(run), whole=False)

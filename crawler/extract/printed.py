"""The short lines that a page prints, with their places in reading order, read in one pass."""

from collections.abc import Callable, Iterator
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
_LABEL = 2  # letters that say nothing


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


def read_printed(tree: HtmlElement, is_wanted: Callable[[HtmlElement | None, str], bool]) -> Printed:
    """The texts of at most `LONGEST` letters that elements hold, and the single runs in them, as far as wanted.

    `is_wanted` is asked of a text's letters, with its element where the text is all that is in it, else None.
    """
    printed = Printed()
    open_ones = [_Open(0)]
    for place, (event, element) in enumerate(etree.iterwalk(tree, events=("start", "end"))):
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            if tag in HEADINGS:
                printed.headings.append(place)
            open_ones.append(_Open(place))
            text = element.text if tag not in _NO_TEXT else _TOO_LONG
        else:
            closed = open_ones.pop()
            whole = closed.joined()
            if whole is not _TOO_LONG:
                printed.texts.extend(_texts(element, whole, closed, is_wanted))
                whole = f" {whole} " if tag in BLOCKS else whole
            open_ones[-1].add(closed.place, whole)
            text = element.tail
        if text:
            run = _run(text)
            open_ones[-1].add(place, run)
            if len(run) > _PARAGRAPH and run is not _TOO_LONG and len(clean(run)) > _PARAGRAPH:
                printed.paragraphs.append(place)
    printed.texts.sort(key=lambda text: text.place)
    return printed


class _Open:
    """An element whose end was not met yet, and the runs of text in it with their places, until they are too long."""

    __slots__ = ("length", "place", "runs")

    def __init__(self, place: int) -> None:
        self.place = place
        self.runs: list[tuple[int, str]] = []
        self.length = 0

    def add(self, place: int, run: str) -> None:
        if self.length <= 2 * LONGEST:
            self.length += len(run) if run is not _TOO_LONG else 3 * LONGEST
            self.runs.append((place, run))

    def joined(self) -> str:
        """The runs as one text, or `_TOO_LONG`."""
        if self.length > 2 * LONGEST:
            return _TOO_LONG
        whole = "".join([run for _, run in self.runs])
        return whole if len(whole) <= LONGEST or len(clean(whole)) <= LONGEST else _TOO_LONG


def _run(text: str) -> str:
    """A text with its white space single; most runs between tags are nothing else."""
    if text is _TOO_LONG:
        return text
    words = " ".join(text.split())
    return f"{' ' * text[0].isspace()}{words}{' ' * text[-1].isspace()}" if words else " "


def _texts(
    element: HtmlElement, whole: str, closed: _Open, is_wanted: Callable[[HtmlElement | None, str], bool]
) -> Iterator[Text]:
    bare = letters(whole)
    if len(bare) <= _LABEL:
        return
    if is_wanted(element, bare):
        yield Text(place=closed.place, element=element, raw=whole, bare=bare)
    for place, run in closed.runs if len(element) else ():
        if len(run) > _LABEL and len(bare := letters(run)) > _LABEL and is_wanted(None, bare):
            yield Text(place=place, element=element, raw=run, bare=bare, whole=False)

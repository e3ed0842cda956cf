"""The short lines that a page prints, with their places in reading order, read in one pass."""

from collections.abc import Container, Iterator
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


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which texts are looked for: those whose letters are a part of `claimed` or begin with one of `cut`, and all that
    an element of `whole` holds."""

    claimed: str
    cut: tuple[str, ...] = ()
    whole: Container[HtmlElement] = ()

    def has(self, bare: str) -> bool:
        """Whether a text of these letters is looked for wherever it stands."""
        return bare in self.claimed or bare.startswith(self.cut)


def read_printed(tree: HtmlElement, wanted: Wanted) -> Printed:
    """The texts of at most `LONGEST` letters that elements hold, and the single runs in them, as far as wanted.

    A run that is no part of what is claimed keeps all texts that it is in from being one, unless any may follow
    (`cut`): so most of a page is only passed over.
    """
    printed = Printed()
    open_ones = [_Open(0)]
    claimed, any_may_follow = wanted.claimed, bool(wanted.cut)
    for place, (event, element) in enumerate(etree.iterwalk(tree, events=("start", "end"), tag="*")):
        tag = element.tag
        if event == "start":
            if tag in HEADINGS:
                printed.headings.append(place)
            open_ones.append(_Open(place))
            text = element.text if tag not in _NO_TEXT else _TOO_LONG
        else:
            closed = open_ones.pop()
            whole = closed.joined()
            if whole is not _TOO_LONG:
                if closed.possible or closed.parts or element in wanted.whole:
                    printed.texts.extend(_texts(element, whole, closed, wanted))
                whole = f" {whole} " if tag in BLOCKS else whole
            possible = closed.possible and (any_may_follow or len(closed.runs) < 2 or letters(whole) in claimed)
            open_ones[-1].add(closed.place, whole, possible=possible)
            text = element.tail
        if text:
            run = _run(text)
            open_ones[-1].add(place, run, possible=run == " " or any_may_follow or letters(run) in claimed)
            if len(run) > _PARAGRAPH and run is not _TOO_LONG and len(clean(run)) > _PARAGRAPH:
                printed.paragraphs.append(place)
    printed.texts.sort(key=lambda text: text.place)
    return printed


class _Open:
    """An element whose end was not met yet: the runs of text in it, until they are too long, and those of them that
    are possible parts of a text that is looked for, with their places. `possible`: whether all are."""

    __slots__ = ("length", "parts", "place", "possible", "runs")

    def __init__(self, place: int) -> None:
        self.place = place
        self.runs: list[str] = []
        self.parts: list[tuple[int, str]] = []
        self.length = 0
        self.possible = True

    def add(self, place: int, run: str, *, possible: bool) -> None:
        if self.length <= 2 * LONGEST:
            self.length += len(run) if run is not _TOO_LONG else 3 * LONGEST
            self.runs.append(run)
            if not possible:
                self.possible = False
            elif len(run) > _LABEL:
                self.parts.append((place, run))

    def joined(self) -> str:
        """The runs as one text, or `_TOO_LONG`."""
        if self.length > 2 * LONGEST:
            return _TOO_LONG
        whole = self.runs[0] if len(self.runs) == 1 else "".join(self.runs)
        return whole if len(whole) <= LONGEST or len(clean(whole)) <= LONGEST else _TOO_LONG


def _run(text: str) -> str:
    """A text with its white space single; most runs between tags are nothing else."""
    if text is _TOO_LONG:
        return text
    words = " ".join(text.split())
    return f"{' ' * text[0].isspace()}{words}{' ' * text[-1].isspace()}" if words else " "


def _texts(element: HtmlElement, whole: str, closed: _Open, wanted: Wanted) -> Iterator[Text]:
    bare = letters(whole)
    if len(bare) > _LABEL and (wanted.has(bare) or element in wanted.whole):
        yield Text(place=closed.place, element=element, raw=whole, bare=bare)
    for place, run in closed.parts if len(element) else ():
        if len(bare := letters(run)) > _LABEL and wanted.has(bare):
            yield Text(place=place, element=element, raw=run, bare=bare, whole=False)

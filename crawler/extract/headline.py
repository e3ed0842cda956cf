"""The headline: the line that the page prints and that its title, meta tags and linked data speak of.

What a page tells machines names the headline, but with a site's name, a section or a date around it, cut short, or
reworded for search engines. What it prints is exact, but mixed with menus and with the headlines of other stories, and
often no `<h1>`: on old pages a table cell. So each printed line is weighed by how it is printed and by what claims it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter, itemgetter

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.generic import letters
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.select import BLOCKS, clean, first_texts
from crawler.publisher import Layout

# What parts a headline from a site's name, a section, a date or a kicker: " - Example News", " | World", "｜例報",
# "Example :: ", "標題_頻道_例網", "Kicker: ". The first kind never stands within a headline.
_SEPARATOR = re.compile(r"\s*(?:[|｜»›←→·•]|::+|/{2,})\s*|\s+[-–—―:/<>]\s+|(?<=[\u3040-\u9fff”」！？。…])\s*[-–—_]+\s*")
_BOUNDARY = re.compile(r"\s*[-–—―|｜»›·•:：/_,.!?…「」『』【】\[\]()（）]+\s*|(?<=[\u3040-\u9fff”」！？。…])\s+|\Z")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…)\Z")
_LONGEST = 400  # characters; a longer text is no line
_PARAGRAPH = 100  # characters without a break that make a paragraph
_TOO_LONG = "\0" * (_LONGEST + 1)  # stands for a text that is no line, so that no text around it is one either
_PRINTED = "trafilatura"  # the rule's name of what is read off an undeclared page

# Where other stories and the site itself have their say.
_ASIDE_TAGS = frozenset(("nav", "aside", "footer"))
_ASIDE_NAMES = re.compile(r"bread-?_?crumb|(?<![a-z])crumbs?(?![a-z])|seo-?title", re.I)
_TAG_WEIGHTS = {"h1": 2.0, "h2": 1.2, "h3": 1.0, "h4": 0.8, "h5": 0.8, "h6": 0.8}
_NO_TEXT = frozenset(("title", "script", "style"))
_PLAIN_WEIGHT = 0.5
_UNPRINTED = 0.5  # what a claim is worth that the page prints nowhere


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the page tells machines its headline is; `weight` is how far that is believed."""

    text: str
    rule: str
    weight: float

    @cached_property
    def bare(self) -> str:
        """Its letters, an ellipsis at the end aside."""
        return letters(_ELLIPSIS.sub("", self.text))

    @cached_property
    def cut(self) -> bool:
        """Whether it ends with an ellipsis."""
        return _ELLIPSIS.search(self.text) is not None

    @cached_property
    def part(self) -> int:
        """The letters of its longest part."""
        return max((len(letters(part)) for part in _SEPARATOR.split(self.text)), default=0)

    @cached_property
    def borders(self) -> frozenset[int]:
        """The places in `bare` where a part may begin or end: at its ends and where punctuation stands."""
        found, position = {0}, 0
        for match in _BOUNDARY.finditer(self.text):
            position = len(letters(self.text[: match.start()]))
            found.add(position)
        return frozenset(found)

    @cached_property
    def colons(self) -> frozenset[int]:
        """The places in `bare` where a kicker ends: a colon with more behind it than a site's name."""
        places = (len(letters(self.text[: match.start()])) for match in re.finditer("[:：]", self.text))
        return frozenset(place for place in places if len(self.bare) - place > 12)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A short line of the page, and how much its element makes a headline of it.

    `heading`: it is all of a heading of the first rank; `near`: which is the last one above a paragraph.
    """

    text: str
    bare: str
    weight: float = 0.0
    heading: bool = False
    near: bool = False


def find_headline(
    tree: HtmlElement, layout: Layout | None, data: LinkedData, meta: Meta, names: Sequence[str]
) -> tuple[str, str] | None:
    """The headline and the rule that gave it. `names` are the site's own, to be cut off.

    The layout's is believed as printed. Elsewhere the best of the printed lines and the claims wins: a line counts by
    its element (`h1` most), and by each claim that it equals, that it is a part of ("Truce holds" of "Truce holds -
    World - Example News"), or, for an `h1`, that it resembles. A claim that is printed nowhere counts half.
    """
    if layout is not None:
        declared = [text for text in first_texts(tree, layout.headline) if len(text) <= _LONGEST]
        if declared:
            return declared[0], f"layout:{layout.name}"
    folded = {letters(name) for name in names if name}
    claims = [claim for claim in _claims(data, meta) if claim.bare and claim.bare not in folded]
    printed = [line for line in _lines(tree, claims) if line.bare not in folded]
    found = [(_value(line, claims), _punctuated(line, claims), _PRINTED) for line in printed]
    for claim in claims:
        text = cut_site_name(claim.text, names)
        line = Line(text=text, bare=letters(text))
        value = _UNPRINTED * sum(_support(line, other) * other.weight for other in claims)
        found.append((value, text, claim.rule))
    value, text, rule = max(found, default=(0.0, "", ""), key=itemgetter(0))
    return (text, rule) if value > 0 else None


def cut_site_name(title: str, names: Sequence[str]) -> str:
    """`title` without a trailing or leading site name: "Truce holds | Example News" → "Truce holds"."""
    parts = _SEPARATOR.split(title)
    folded = {letters(name) for name in names if name}
    while len(parts) > 1 and _is_name(parts[-1], folded):
        title = title[: title.rindex(parts[-1])].rstrip(" -–—|｜»:·•/_\t")
        parts.pop()
    if len(parts) > 1 and _is_name(parts[0], folded):
        title = title[len(parts[0]) :].lstrip(" -–—|｜»:·•/_\t")
    return title.strip()


def _claims(data: LinkedData, meta: Meta) -> list[Claim]:
    found = (
        (data.headline, "jsonld", 1.0),
        (meta.first("og:title"), "meta", 1.0),
        (meta.title, "meta", 0.7),
        (meta.first("twitter:title"), "meta", 0.3),
        (meta.first("dc.title", "title"), "meta", 0.3),
    )
    return [
        Claim(text=text, rule=rule, weight=weight) for text, rule, weight in found if text and len(text) <= _LONGEST
    ]


def _punctuated(line: Line, claims: Sequence[Claim]) -> str:
    """The line, or a claim that is equal but for more punctuation: "Tarsk talks: Truce holds", printed in two rows."""
    return max((line.text, *(claim.text for claim in claims if claim.bare == line.bare and not claim.cut)), key=len)


def _value(line: Line, claims: Sequence[Claim]) -> float:
    """How surely a printed line is the headline."""
    support = [_support(line, claim) for claim in claims]
    if line.heading:
        support = [
            max(one, 0.85 * _likeness(line.bare, claim.bare)) for one, claim in zip(support, claims, strict=True)
        ]
    claimed = max(support, default=0.0)
    if claimed < 0.3 and len(line.bare) < _short(line.bare):
        return 0.0
    agreement = sum(one * claim.weight for one, claim in zip(support, claims, strict=True))
    return line.weight * max(claimed, 0.65 if line.near else 0.25) + agreement


def _support(line: Line, claim: Claim) -> float:
    """How much of `claim` the line says: 1 for all of it, 0.9 for its headline, less for a smaller part, else 0.

    A part must begin and end where punctuation stands; one that ends with a colon is a kicker.
    """
    bare = line.bare
    if bare == claim.bare:
        return 1.0
    if claim.cut and len(claim.bare) > _short(bare) and bare.startswith(claim.bare):
        return 1.0 - len(bare) / 1000  # the line, rather than the box it stands in
    start = claim.bare.find(bare)
    if start < 0 or len(bare) < _short(bare) or line.text.endswith((":", "：")):
        return 0.0
    if start not in claim.borders or start + len(bare) not in claim.borders:
        return 0.0
    if start + len(bare) in claim.colons:
        return 0.3
    return 0.9 * min(1.0, len(bare) / (0.5 * max(claim.part, 1)))


def _short(bare: str) -> int:
    """Letters below which a line is a label: twelve, and five in scripts that write words with one or two."""
    return 5 if bare and "\u3040" <= bare[0] <= "\u9fff" else 12


def _likeness(one: str, other: str) -> float:
    """How alike two texts are: the share of common trigrams (Dice), less what any two texts of a language share."""
    first, second = ({text[i : i + 3] for i in range(len(text) - 2)} for text in (one, other))
    if not first or not second:
        return 0.0
    return max(0.0, (2 * len(first & second) / (len(first) + len(second)) - 0.15) / 0.85)


def _lines(tree: HtmlElement, claims: Sequence[Claim]) -> Iterator[Line]:
    """The short lines of the page that may be its headline: first-rank headings, and what is a part of a claim."""
    claimed = "\n".join(claim.bare for claim in claims)
    cut = [claim.bare for claim in claims if claim.cut]
    page = _read(tree)
    for text in sorted(page.texts, key=attrgetter("place")):
        bare = letters(text.text)
        tag = "h1" if text.element.get("itemprop") == "headline" else text.element.tag
        heading = text.whole and tag == "h1"
        fits = heading or bare in claimed or any(bare.startswith(start) for start in cut)
        if len(bare) > 2 and fits and not _is_aside(text.element):
            near = heading and page.is_near(text.place)
            yield Line(text=text.text, bare=bare, weight=_weight(text.element), heading=heading, near=near)


def _weight(element: HtmlElement) -> float:
    if element.get("itemprop") == "headline":
        return _TAG_WEIGHTS["h1"]
    heading = next((node for node in (element, *element.iterancestors()) if node.tag in _TAG_WEIGHTS), None)
    return _TAG_WEIGHTS[str(heading.tag)] if heading is not None else _PLAIN_WEIGHT


def _is_aside(element: HtmlElement) -> bool:
    return any(
        node.tag in _ASIDE_TAGS or _ASIDE_NAMES.search(f"{node.get('class') or ''} {node.get('id') or ''}")
        for node in (element, *element.iterancestors())
        if node.tag not in {"body", "html"}
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Text:
    """A short text: that of an element, or a run in it (not `whole`). `place` is where it begins in reading order."""

    place: int
    element: HtmlElement
    text: str
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class _Printed:
    """What a page prints, with places in reading order: short texts and their elements, headings, paragraphs."""

    texts: list[_Text]
    headings: list[int]
    paragraphs: list[int]

    def is_near(self, place: int) -> bool:
        """Whether a paragraph follows `place` before another heading does."""
        paragraph = next((other for other in self.paragraphs if other > place), None)
        heading = next((other for other in self.headings if other > place), None)
        return paragraph is not None and (heading is None or paragraph < heading)


def _read(tree: HtmlElement) -> _Printed:
    """Every element with at most `_LONGEST` characters, and the single runs of text in it."""
    printed = _Printed(texts=[], headings=[], paragraphs=[])
    open_runs: list[list[tuple[int, str]]] = [[]]
    for place, (event, element) in enumerate(etree.iterwalk(tree, events=("start", "end"))):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            if element.tag in _TAG_WEIGHTS:
                printed.headings.append(place)
            run = (element.text or "") if element.tag not in _NO_TEXT else _TOO_LONG
            open_runs.append([(place, run)])
        else:
            runs = open_runs.pop()
            whole = "".join(run for _, run in runs)
            text = clean(whole)
            if 2 < len(text) <= _LONGEST:
                printed.texts.append(_Text(place=runs[0][0], element=element, text=text))
                for at, run in runs if len(runs) > 1 else ():
                    if len(run) > 2:
                        printed.texts.append(_Text(place=at, element=element, text=clean(run), whole=False))
            gap = " " if element.tag in BLOCKS else ""
            open_runs[-1] += [(runs[0][0], f"{gap}{whole}{gap}" if len(text) <= _LONGEST else _TOO_LONG)]
            run = element.tail or ""
            open_runs[-1].append((place, run))
        if len(run) > _PARAGRAPH and len(clean(run)) > _PARAGRAPH and run is not _TOO_LONG:
            printed.paragraphs.append(place)
    return printed


def _is_name(part: str, folded: set[str]) -> bool:
    bare = letters(part)
    return (
        bare in folded
        or any(len(name) > 3 and bare.startswith(name) and len(bare) < len(name) + 20 for name in folded)
        or any(len(name) > 6 and bare.endswith(name) and len(bare) < len(name) + 8 for name in folded)
    )

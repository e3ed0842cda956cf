"""The headline: the line that the page prints and that its title, meta tags and linked data speak of.

What a page tells machines names the headline, but with a site's name, a section or a date around it, cut short, or
reworded for search engines. What it prints is exact, but mixed with menus and with the headlines of other stories, and
often no `<h1>`: on old pages a table cell. So each printed line is weighed by how it is printed and by what claims it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from operator import itemgetter

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.printed import LONGEST, Wanted, read_printed
from crawler.extract.prose import letters
from crawler.extract.remembered import remembered
from crawler.extract.select import first_texts
from crawler.extract.site_names import SEPARATOR, cut_site_name, fold, learned_names, only_names
from crawler.publisher import Layout

_BOUNDARY = re.compile(r"\s*[-–—―|｜»›·•:：/_,.!?…「」『』【】\[\]()（）]+\s*|(?<=[\u3040-\u9fff”」！？。…])\s+|\Z")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…)\Z")
_PRINTED = "trafilatura"  # the rule's name of what is read off an undeclared page

# Where other stories and the site itself have their say.
_ASIDE_TAGS = frozenset(("nav", "aside", "footer"))
_ASIDE_NAMES = re.compile(r"bread-?_?crumb|(?<![a-z])crumbs?(?![a-z])|seo-?title", re.I)
_FIRST_RANK = etree.XPath("//h1 | //*[@itemprop='headline']")
_TAG_WEIGHTS = {"h1": 2.0, "h2": 1.2, "h3": 1.0, "h4": 0.8, "h5": 0.8, "h6": 0.8}
_PLAIN_WEIGHT = 0.5
_STRONG = 0.7  # the weight of a claim that a publisher cares about: all but twitter's and Dublin Core's
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
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Where in `bare` its parts begin and end."""
        sizes = [len(letters(part)) for part in SEPARATOR.split(self.text)]
        ends = tuple(accumulate(sizes))
        return tuple((end - size, end) for size, end in zip(sizes, ends, strict=True))

    @cached_property
    def longest(self) -> int:
        """The letters of its longest part."""
        return max((end - start for start, end in self.parts), default=0)

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
    tree: HtmlElement, layout: Layout | None, data: LinkedData, meta: Meta, *, names: Sequence[str], url: str
) -> tuple[str, str] | None:
    """The headline and the rule that gave it. `names` are the site's own, to be cut off.

    The layout's is believed as printed. Elsewhere the best of the printed lines and the claims wins: a line counts by
    its element (`h1` most), and by each claim that it equals, that it is a part of ("Truce holds" of "Truce holds -
    World - Example News"), or, for an `h1`, that it resembles. A claim that is printed nowhere counts half; where it
    is the only one and not linked data's, the site's name must have been cut from it, or else it may be that name.
    Last, the headline that linked data state may win over a printed variant.
    """
    if layout is not None:
        declared = [text for text in first_texts(tree, layout.headline) if len(text) <= LONGEST]
        if declared:
            return declared[0], f"layout:{layout.name}"
    names = (*names, *learned_names(tree, url))
    folded = fold(names)
    claims = [claim for claim in _claims(data, meta) if claim.bare and not only_names(claim.text, folded)]
    lines = [line for line in _lines(tree, claims) if line.bare not in folded]
    told = any(_tells(line, claim) for line in lines if not line.heading for claim in claims)
    found = [(_value(line, claims, told), *_punctuated(line, claims)) for line in lines]
    for claim in claims:
        text = cut_site_name(claim.text, names)
        line = Line(text=text, bare=letters(text))
        value = _UNPRINTED * sum(_support(line, other) * other.weight for other in claims)
        if len(claims) > 1 or claim.rule == "jsonld" or text != claim.text:
            found.append((value, text, claim.rule))
    value, text, rule = max(found, default=(0.0, "", ""), key=itemgetter(0))
    if value <= 0:
        return None
    return _of_record(text, lines, claims, names) or (text, rule)


def _of_record(
    found: str, lines: Sequence[Line], claims: Sequence[Claim], names: Sequence[str]
) -> tuple[str, str] | None:
    """The headline that linked data state, where the page's title and Open Graph do not side with `found`.

    schema.org's `headline` is the article's headline, kicker included; a page may print it without, or a variant of
    the day. It wins where `found` is printed nowhere, where the two differ by what stands before, and where Open
    Graph states the same. One that begins as `found` does is cut short, or holds a section that could not be cut.
    """
    strong = [claim for claim in claims if claim.weight >= _STRONG]
    stated = next(
        (cut_site_name(claim.text, names) for claim in strong if claim.rule == "jsonld" and not claim.cut), ""
    )
    others = [letters(cut_site_name(claim.text, names)) for claim in strong if claim.rule != "jsonld"]
    bare, record = letters(found), letters(stated)
    if not record or record.startswith(bare) or bare.startswith(record):
        return None
    if any(line.bare == bare for line in lines):
        kicker = record.endswith(bare) or bare.endswith(record)
        if bare in others or not (kicker or record in others[:1]):
            return None
    return next(((line.text, _PRINTED) for line in lines if line.bare == record), (stated, "jsonld"))


def _claims(data: LinkedData, meta: Meta) -> list[Claim]:
    found = (
        (data.headline, "jsonld", 1.0),
        (meta.first("og:title"), "meta", 1.0),
        (meta.title, "meta", 0.7),
        (meta.first("twitter:title"), "meta", 0.3),
        (meta.first("dc.title", "title"), "meta", 0.3),
    )
    return [Claim(text=text, rule=rule, weight=weight) for text, rule, weight in found if text and len(text) <= LONGEST]


def _tells(line: Line, claim: Claim) -> bool:
    """Whether a line is the headline with which a claim begins, so that no heading is taken that nothing speaks of."""
    begins = claim.weight >= _STRONG and len(line.bare) > 1.5 * _short(line.bare) and claim.bare.startswith(line.bare)
    return begins and _support(line, claim) >= 0.85


def _punctuated(line: Line, claims: Sequence[Claim]) -> tuple[str, str]:
    """The line, or a claim that is equal but for more punctuation: "Tarsk talks: Truce holds", printed in two rows."""
    same = ((claim.text, claim.rule) for claim in claims if claim.bare == line.bare and not claim.cut)
    return max([(line.text, _PRINTED), *same], key=lambda pair: len(pair[0]))


def _value(line: Line, claims: Sequence[Claim], told: bool) -> float:
    """How surely a printed line is the headline."""
    support = [_support(line, claim) for claim in claims]
    if line.heading:
        support = [
            max(one, 0.85 * _likeness(line.bare, claim.bare)) for one, claim in zip(support, claims, strict=True)
        ]
    claimed = max(support, default=0.0)
    unclaimed = claimed < 0.3 and (not line.heading or len(line.bare) < _short(line.bare))
    if unclaimed or _is_title(line, claims):
        return 0.0
    agreement = sum(one * claim.weight for one, claim in zip(support, claims, strict=True))
    return line.weight * max(claimed, 0.65 if line.near and not told else 0.25) + agreement


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
    end = start + len(bare)
    if start < 0 or len(bare) < _short(bare) or line.text.endswith((":", "：")):
        return 0.0
    if start not in claim.borders or end not in claim.borders:
        return 0.0
    if end in claim.colons:
        return 0.3
    part = next((last - first for first, last in claim.parts if first <= start and end <= last), len(bare))
    covered = 0.9 + 0.1 * len(bare) / part
    if start > 0 and end == len(claim.bare) and part < claim.longest:  # the site's name, most often
        covered *= 0.6
    return 0.9 * covered * min(1.0, len(bare) / (0.5 * max(claim.longest, 1))) * (1.0 - start / 1000)


def _is_title(line: Line, claims: Sequence[Claim]) -> bool:
    """Whether a line is the title made for machines: "Truce holds | World | Example News", of which one claims less."""
    first, bar, _ = line.text.partition("|")
    start = letters(first)
    return bool(bar) and len(start) > _short(start) and any(claim.bare == start for claim in claims)


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
    first = _FIRST_RANK(tree)
    wanted = Wanted(
        claimed="\n".join(claim.bare for claim in claims),
        cut=tuple(claim.bare for claim in claims if claim.cut),
        whole=frozenset(first) if isinstance(first, list) else (),
    )
    page = read_printed(tree, wanted)
    for text in page.texts:
        if not _is_aside(text.element):
            heading = text.whole and text.element in wanted.whole
            near = heading and page.is_near(text.place)
            yield Line(text=text.text, bare=text.bare, weight=_weight(text.element), heading=heading, near=near)


def _weight(element: HtmlElement) -> float:
    if element.get("itemprop") == "headline":
        return _TAG_WEIGHTS["h1"]
    heading = next((node for node in (element, *element.iterancestors()) if node.tag in _TAG_WEIGHTS), None)
    return _TAG_WEIGHTS[str(heading.tag)] if heading is not None else _PLAIN_WEIGHT


def _is_aside(element: HtmlElement) -> bool:
    return any(
        node.tag in _ASIDE_TAGS or (node.attrib and _names_aside(f"{node.get('class') or ''} {node.get('id') or ''}"))
        for node in (element, *element.iterancestors())
        if node.tag not in {"body", "html"}
    )


@remembered
def _names_aside(name: str) -> bool:
    return _ASIDE_NAMES.search(name) is not None

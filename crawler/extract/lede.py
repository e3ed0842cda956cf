"""The lede: what stands in front of the body, or the description that is really the first paragraph."""

import re
from collections.abc import Sequence

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.body import blocks
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.prose import letters
from crawler.extract.remembered import remembered
from crawler.extract.select import text_of

_FEW = 3  # elements of one mark; more mark the stories of a list
_LONGEST = 1000  # characters
_SHORTEST = 40  # characters; a shorter description ("World news") is no lede
# Class names that newsrooms give the paragraph in front of the body, on pages of unknown design.
_NAMED = re.compile(
    r"standfirst|article(?:__|-)(?:summary|lead|lede|intro)|articleLead|announce-text|article__subtitle"
    r"|(?<!\S)(?:lead|lede|intro)(?!\S)"
)
_CALLED = etree.XPath("//*[(@class or @itemprop) and not(self::meta)]")
_PLAIN = frozenset(("lead", "lede", "intro"))  # too short a name for any element but these:
_OF_TEXT = frozenset(("p", "div", "h2"))


def find_lede(paragraphs: Sequence[str], tree: HtmlElement, data: LinkedData, meta: Meta) -> tuple[str, str] | None:
    """The lede of a page of unknown design, and its rule.

    It is a marked element below the headline, or a first paragraph that the page's description is.

    None where nothing on the page says which paragraph is the lede.
    """
    claims = ((data.description, "jsonld"), (meta.first("og:description", "description"), "meta"))
    for marked in _marked(tree):
        fitting = [text_of(node) for node in marked if _fits(node, [claim for claim, _ in claims])]
        if len(marked) <= _FEW and len(set(fitting)) == 1:  # more are a feed's teasers
            return fitting[0], "trafilatura"
    for claim, rule in claims:
        if claim and paragraphs and len(claim) >= _SHORTEST and _same(paragraphs[0], claim):
            return paragraphs[0], rule
    return None


def _marked(tree: HtmlElement) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """The single paragraphs that microdata, and those that class names, call a description or a lede.

    The box that holds the headline too is no paragraph.
    """
    described: list[HtmlElement] = []
    named: list[HtmlElement] = []
    found = _CALLED(tree)
    for node in found if isinstance(found, list) else ():
        if not isinstance(node, HtmlElement):
            continue
        if node.get("itemprop") == "description":
            described.append(node)
        name = _lede_name(node.get("class") or "")
        if name is not None and (name not in _PLAIN or node.tag in _OF_TEXT):
            named.append(node)
    return _paragraphs_of(described), _paragraphs_of(named)


@remembered
def _lede_name(name: str) -> str | None:
    found = _NAMED.search(name)
    return found[0] if found is not None else None


def _paragraphs_of(marked: Sequence[HtmlElement]) -> list[HtmlElement]:
    sized = (node for node in marked if _SHORTEST <= len(text_of(node)) <= _LONGEST)
    return [node for node in sized if len(blocks(node)) == 1]


def with_lede(paragraphs: Sequence[str], lede: str | None) -> tuple[str, ...]:
    """`paragraphs` with the lede in front, once: a body that repeats it is not made to say it twice."""
    if not lede:
        return tuple(paragraphs)
    wanted = letters(lede)
    if any(wanted in letters(paragraph) for paragraph in paragraphs[:4]):
        return tuple(paragraphs)
    return (lede, *paragraphs)


def _fits(node: HtmlElement, claims: Sequence[str | None]) -> bool:
    return _below_headline(node) or any(_same(text_of(node), claim) for claim in claims)


def _below_headline(node: HtmlElement) -> bool:
    """Whether an element stands in the same box as a heading of the first rank, and in no link (a teaser)."""
    parent = node.getparent()
    boxes = [box for box in (parent, parent.getparent() if parent is not None else None) if box is not None]
    in_link = next(node.iterancestors("a"), None) is not None
    return not in_link and any(
        box.tag not in {"body", "html"} and next(box.iter("h1"), None) is not None for box in boxes
    )


def _same(paragraph: str, claim: str | None) -> bool:
    """Whether a description, perhaps cut short by an ellipsis, is the paragraph or its beginning."""
    wanted = letters(claim or "")
    return len(wanted) >= _SHORTEST // 2 and letters(paragraph).startswith(wanted)

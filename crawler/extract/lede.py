"""The lede: what stands in front of the body, or the description that is really the first paragraph."""

from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.body import blocks
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.prose import letters
from crawler.extract.select import nodes, text_of

_FEW = 3  # elements of one mark; more mark the stories of a list
_SHORTEST = 40  # characters; a shorter description ("World news") is no lede
# Class names that newsrooms give the paragraph in front of the body, on pages of unknown design.
_MARKS = (
    "[itemprop=description]:not(meta)",
    "[class*=standfirst], [class*=article__summary], [class*=article-summary], [class*=article__lead]",
    "[class*=article-lead], [class*=articleLead], [class*=article__lede], [class*=announce-text]",
    "[class*=article__intro], [class*=article-intro], [class*=article__subtitle], p.lead, div.lead, p.lede,"
    " p.intro, h2.lead",
)


def find_lede(paragraphs: Sequence[str], tree: HtmlElement, data: LinkedData, meta: Meta) -> tuple[str, str] | None:
    """The lede of a page of unknown design, and its rule.

    It is a marked element below the headline, or a first paragraph that the page's description is.

    None where nothing on the page says which paragraph is the lede.
    """
    claims = ((data.description, "jsonld"), (meta.first("og:description", "description"), "meta"))
    for css in _MARKS:
        marked = [node for node in nodes(tree, css) if _SHORTEST <= len(text_of(node)) <= 1000]
        marked = [node for node in marked if len(blocks(node)) == 1]  # a box with the headline in it is no paragraph
        if len(marked) > _FEW:
            continue  # a feed's teasers
        fitting = [node for node in marked if _below_headline(node) or any(_same(text_of(node), c) for c, _ in claims)]
        if len(fitting) == 1:
            return text_of(fitting[0]), "trafilatura"
    for claim, rule in claims:
        if claim and paragraphs and len(claim) >= _SHORTEST and _same(paragraphs[0], claim):
            return paragraphs[0], rule
    return None


def with_lede(paragraphs: Sequence[str], lede: str | None) -> tuple[str, ...]:
    """`paragraphs` with the lede in front, once: a body that repeats it is not made to say it twice."""
    if not lede:
        return tuple(paragraphs)
    wanted = letters(lede)
    if any(wanted in letters(paragraph) for paragraph in paragraphs[:4]):
        return tuple(paragraphs)
    return (lede, *paragraphs)


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

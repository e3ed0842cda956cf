"""The lede: what stands in front of the body, or the description that is really the first paragraph."""

from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.select import nodes, text_of

_SHORTEST = 40  # characters; a shorter description ("World news") is no lede
# Class names that newsrooms give the paragraph in front of the body, on pages of unknown design.
_MARKS = (
    "[itemprop=description]:not(meta)",
    "[class*=standfirst], [class*=article__summary], [class*=article-summary], [class*=article__lead]",
    "[class*=article-lead], [class*=articleLead], [class*=article__lede], [class*=announce-text]",
    "[class*=article__intro], [class*=article-intro], [class*=article__subtitle], p.lead, div.lead, p.lede, p.intro, h2.lead",
)


def find_lede(paragraphs: Sequence[str], tree: HtmlElement, data: LinkedData, meta: Meta) -> tuple[str, str] | None:
    """The lede of a page of unknown design, and its rule: a marked element, or a first paragraph that the description is.

    None where nothing on the page says which paragraph is the lede.
    """
    for css in _MARKS:
        marked = [text for text in (text_of(node) for node in nodes(tree, css)) if _SHORTEST <= len(text) <= 1000]
        if len(marked) == 1:
            return marked[0], "trafilatura"
    claims = ((data.description, "jsonld"), (meta.first("og:description", "description"), "meta"))
    for claim, rule in claims:
        if claim and paragraphs and len(claim) >= _SHORTEST and _begins(paragraphs[0], claim):
            return paragraphs[0], rule
    return None


def with_lede(paragraphs: Sequence[str], lede: str | None) -> tuple[str, ...]:
    """`paragraphs` with the lede in front, once: a body that repeats it is not made to say it twice."""
    if not lede:
        return tuple(paragraphs)
    wanted = _letters(lede)
    if any(wanted in _letters(paragraph) for paragraph in paragraphs[:4]):
        return tuple(paragraphs)
    return (lede, *paragraphs)


def _begins(paragraph: str, claim: str) -> bool:
    """Whether a description, perhaps cut short by an ellipsis, is the paragraph or its beginning."""
    wanted = _letters(claim)
    return len(wanted) >= _SHORTEST // 2 and _letters(paragraph).startswith(wanted)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())

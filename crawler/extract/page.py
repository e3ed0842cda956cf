"""From bytes to a tree that is safe to search: decode, prune by a linear tokenizer, parse."""

from dataclasses import dataclass

import lxml.html
from lxml import etree
from lxml.etree import LxmlError
from lxml.html import HtmlElement

from crawler.extract.charset import decode
from crawler.extract.pruning import MAX_RUN, prune

# Elements that hold no running text: links, controls, drawings, what is shown elsewhere or later.
_NO_CONTAINERS = frozenset(
    (
        *(
            "a",
            "button",
            "label",
            "fieldset",
            "legend",
            "select",
            "option",
            "object",
            "map",
            "canvas",
            "audio",
            "video",
        ),
        *("svg", "foreignobject", "g", "text", "math", "mtext", "mi", "annotation-xml", "template", "noscript"),
        *("frameset", "noframes", "details", "summary", "dialog", "ruby", "rt", "marquee", "caption", "figcaption"),
    )
)
# Elements one in the other: where there are not as many, no depth that `MAX_DEPTH` and `MAX_RUN` limit was reached.
# libxml2 counts them in a fiftieth of the time in which they can be counted from the tags.
_IS_DEEP = etree.XPath(f"boolean({'/*' * (MAX_RUN + 1)})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A parsed page: its tree, the encoding it was read with, its JSON-LD scripts as text, and its pruned markup."""

    tree: HtmlElement
    encoding: str
    linked_data: tuple[str, ...]
    markup: str

    def fresh_tree(self) -> HtmlElement:
        """The tree once more, whatever has been taken out of the first one since: a quarter of a whole reading."""
        tree = parse(self.markup)
        return _opened(tree) if tree is not None else self.tree


def read_page(html: bytes, content_type: str | None = None) -> Document | None:
    """Decode, prune and parse a page. None where no element is left."""
    text, encoding = decode(html, content_type)
    markup, linked_data = prune(text)
    tree = parse(markup)
    if tree is not None and _IS_DEEP(tree):
        markup, linked_data = prune(text, carefully=True)
        tree = parse(markup)
    if tree is None:
        return None
    return Document(tree=_opened(tree), encoding=encoding, linked_data=linked_data, markup=markup)


def parse(markup: str) -> HtmlElement | None:
    """The tree of `markup`, or None where it holds no element."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    # One class for every element: lxml.html's own choice among six asks Python for each, each time it is met.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


def _opened(tree: HtmlElement) -> HtmlElement:
    """`tree` with a `div` for a link, a button, a drawing or the like that stands around half of its paragraphs.

    Nobody looks for text in such elements; where a whole page is in one, that is a mistake or meant to hide it.
    """
    paragraphs = list(tree.iter("p", "br"))
    quarters = [paragraphs[len(paragraphs) * part // 4] for part in (1, 2, 3)] if len(paragraphs) > 2 else []
    around = set.intersection(*(set(place.iterancestors()) for place in quarters)) if quarters else ()
    for element in around:
        if element.tag in _NO_CONTAINERS:
            element.tag = "div"
    return tree

"""CSS selectors on lxml trees, with parsel's `::text` and `::attr(name)`, and the text of what they find."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Selector
from lxml import etree
from lxml.html import HtmlElement
from parsel.csstranslator import HTMLTranslator

from crawler.extract.elements import NAMING, Elements, elements_of
from crawler.extract.lines import is_single_spaced

_HEADLINE = 15  # characters from which on a heading is no label
_NEAR = 60  # elements behind the headline
_PARAGRAPH = 100  # characters from which on a `<p>` is text
_ASIDE = frozenset(("aside", "footer", "nav"))
_MARKS = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad"  # no space, a direction, a place to hyphenate
_INVISIBLE = re.compile(f"[{_MARKS}]")
_VISIBLE = re.compile(rf"[^\s{_MARKS}]")
_STRING = etree.XPath("string()", smart_strings=False)
_ITEMS = (HtmlElement, str)
_FEW = 20  # elements of a tag, from each of which to look is faster than to walk over the page

# Elements whose borders part words: text on both sides of them is never one word.
BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "dir",
     "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
     "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table",
     "tbody", "td", "tfoot", "th", "thead", "time", "tr", "ul")
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Alternative:
    """One of the selectors that commas part.

    `needs` are the naming attributes, each with its words, that a page must have; `anchor` is one that the selector's
    first element must have, `tag` its tag; `at_anchor` finds from that element, None where it is all there is to find.
    """

    needs: tuple[tuple[str, frozenset[str]], ...]
    anchor: tuple[str, str] | None
    tag: str | None
    at_anchor: etree.XPath | None


@cache
def _compiled(css: str) -> etree.XPath:
    return etree.XPath(HTMLTranslator().css_to_xpath(css))


@cache
def _alternatives(css: str) -> tuple[_Alternative, ...]:
    return tuple(map(_alternative, parse(css)))


def _alternative(selector: Selector) -> _Alternative:
    first: Any = selector.parsed_tree
    while isinstance(first, CombinedSelector):
        first = first.selector
    element = first
    while not isinstance(element, Element):
        element = element.selector
    tree = selector.parsed_tree
    is_one_name = isinstance(tree, Class | Hash) and tree.selector is element and selector.pseudo_element is None
    path = HTMLTranslator().selector_to_xpath(selector, prefix="self::", translate_pseudo_elements=True)
    return _Alternative(
        needs=tuple(
            (attribute, frozenset(word for _, word in names))
            for attribute, names in groupby(sorted(_names_in(tree)), key=itemgetter(0))
        ),
        anchor=next(_names_in(first), None),
        tag=element.element.lower() if element.element else None,
        at_anchor=etree.XPath(path) if not is_one_name else None,
    )


def _names_in(part: Any) -> Iterator[tuple[str, str]]:
    """The naming attributes and words that a parsed selector asks for, those in `:not()` and the like left out."""
    while part is not None:
        if isinstance(part, CombinedSelector):
            yield from _names_in(part.subselector)
        elif isinstance(part, Class):
            yield "class", part.class_name
        elif isinstance(part, Hash):
            yield "id", part.id
        elif isinstance(part, Attrib) and part.operator in {"=", "~="} and part.attrib in NAMING:
            for word in str(part.value.value if part.value else "").split():
                yield part.attrib, word
        part = getattr(part, "selector", None)


def _found(tree: HtmlElement, css: str) -> list[HtmlElement | str]:
    by_name = _found_by_name(tree, css) if tree.tag == "html" else None
    result = by_name if by_name is not None else _compiled(css)(tree)
    return [item for item in result if isinstance(item, _ITEMS)] if isinstance(result, list) else []


def _found_by_name(page: HtmlElement, css: str) -> list[Any] | None:
    """What a selector finds on a page from the elements that its alternatives begin with; None where many do.

    A walk over all of the page takes 0.1 to 2 ms, and a publisher's file has fifty selectors.
    """
    elements, results = elements_of(page), list[list[Any]]()
    for one in _alternatives(css):
        if _can_find(elements, one):
            anchors = _anchors(elements, one)
            if anchors is None:
                return None
            results += _found_at(anchors, one)
    if len(results) < 2:
        return results[0] if results else []
    items = {item: None for result in results for item in result}
    # Strings have no place; with two alike, or one within the other, only the walk tells their order.
    return elements.in_order(items) if not any(isinstance(item, str) for item in items) else None


def _can_find(elements: Elements, one: _Alternative) -> bool:
    for attribute, words in one.needs:  # noqa: SIM110 - asked 140 times a page, half of them of parts of one word
        if not elements.named(attribute).keys() >= words:
            return False
    return True


def _found_at(anchors: list[HtmlElement], one: _Alternative) -> list[list[Any]]:
    """What an alternative finds from the elements that it may begin with: the lists of those that have any."""
    if one.at_anchor is None:
        found = [node for node in anchors if one.tag is None or node.tag == one.tag]
        return [found] if found else []
    return [result for result in map(one.at_anchor, anchors) if result and isinstance(result, list)]


def _anchors(elements: Elements, one: _Alternative) -> list[HtmlElement] | None:
    """The elements still on the page that an alternative may begin with; None where it does not say or many are."""
    if one.anchor is not None:
        attribute, word = one.anchor
        return _still(elements, elements.named(attribute)[word])
    tagged = list(elements.page.iter(one.tag)) if one.tag else None
    return tagged if tagged is None or len(tagged) <= _FEW else None


def _still(elements: Elements, found: Sequence[HtmlElement]) -> list[HtmlElement]:
    """Those of the elements that are still on the page, in document order."""
    page = elements.page
    return elements.in_order([node for node in found if node is page or page in node.iterancestors(page.tag)])


def bearing(page: HtmlElement, attribute: str, *words: str) -> list[HtmlElement]:
    """The elements still on a page that have one of `words` in one of the naming attributes, in document order."""
    elements = elements_of(page)
    named = elements.named(attribute)
    return _still(elements, [node for word in words for node in named.get(word, ())])


def present(part: HtmlElement, selectors: Iterable[str]) -> tuple[str, ...]:
    """Those of `selectors` that can find something in a part of a page, by the names in it: few do as a rule."""
    elements = Elements(part)
    return tuple(css for css in selectors if any(_can_find(elements, one) for one in _alternatives(css)))


def nodes(tree: HtmlElement, css: str | Iterable[str]) -> list[HtmlElement]:
    """The elements that a selector, or each of several, finds in document order of each."""
    selectors = (css,) if isinstance(css, str) else css
    return [node for selector in selectors for node in _found(tree, selector) if isinstance(node, HtmlElement)]


def first_nodes(tree: HtmlElement, selectors: Sequence[str]) -> list[HtmlElement]:
    """What the first selector that finds any element finds."""
    return next((found for found in (nodes(tree, css) for css in selectors) if found), [])


def texts(tree: HtmlElement, css: str) -> list[str]:
    """What a selector finds, as clean strings; empty ones left out."""
    found = (clean(str(item)) if isinstance(item, str) else text_of(item) for item in _found(tree, css))
    return [text for text in found if text]


def first_texts(tree: HtmlElement, selectors: Iterable[str]) -> list[str]:
    """The texts of the first selector that yields any."""
    return next((found for found in (texts(tree, css) for css in selectors) if found), [])


def text_of(node: HtmlElement) -> str:
    """The text in an element, words apart where blocks are, white space single."""
    if not len(node):
        return clean(node.text or "")
    pieces: list[str] = []
    for event, element in etree.iterwalk(node, events=("start", "end")):
        is_tag = isinstance(element.tag, str)
        if event == "start":
            if is_tag and element.tag in BLOCKS:
                pieces.append(" ")
            if is_tag and element.text:
                pieces.append(element.text)
        else:
            if is_tag and element.tag in BLOCKS:
                pieces.append(" ")
            if element is not node and element.tail:
                pieces.append(element.tail)
    return clean("".join(pieces))


def bare_text(node: HtmlElement) -> str:
    """The text in an element as it stands in the markup: fifteen times as fast as `text_of`."""
    return str(_STRING(node))


def has_text(node: HtmlElement) -> bool:
    """Whether there is anything to read in an element."""
    return _VISIBLE.search(bare_text(node)) is not None


def below_headline(tree: HtmlElement, headline: str | None = None) -> Iterator[HtmlElement]:
    """The elements between the only heading of the first rank that is a sentence, and the text.

    There bylines and dates are printed. Above the headline stand clocks that show today, below the text other stories,
    comments and the footer. A page with several such headings is taken for a list, unless one of them is `headline`;
    of two printings of one headline the last counts, of `headline` the first three.
    """
    headings: dict[str, list[HtmlElement]] = {}
    for node in tree.iter("h1"):
        if len(text := text_of(node)) >= _HEADLINE:
            headings.setdefault(text, []).append(node)
    if headline is not None and headline in headings:
        yield from dict.fromkeys(node for heading in headings[headline][:3] for node in _behind(heading))
    elif len(headings) == 1:
        (printings,) = headings.values()
        yield from _behind(printings[-1])


def _behind(heading: HtmlElement) -> Iterator[HtmlElement]:
    """The elements behind a heading up to the first paragraph of text."""
    for node in heading.xpath(f"following::*[position() <= {_NEAR}]"):
        if node.tag == "p" and len(text_of(node)) > _PARAGRAPH:
            return
        if not any(box.tag in _ASIDE for box in (node, *node.iterancestors())):
            yield node


def clean(text: str) -> str:
    """`text` without invisible marks, white space single."""
    if is_single_spaced(text):
        return text.strip()
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())

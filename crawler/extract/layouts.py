"""Layouts: choosing the one that fits a page, and narrowing the page to the nodes it names."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.furniture import drop
from crawler.extract.select import first_nodes, has_text, nodes, present, text_of
from crawler.publisher import Layout, Publisher


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowed:
    """The nodes of a page that hold its text: copies, chrome already gone, in reading order."""

    lede: tuple[HtmlElement, ...]
    body: tuple[HtmlElement, ...]
    stripped: tuple[str, ...]  # the texts of the nodes that went


def choose(tree: HtmlElement, publisher: Publisher | None) -> Layout | None:
    """The first of the publisher's layouts whose `match` finds something and whose body holds text.

    Where none has a body, the first that matches: it still knows where times, tags and bylines are.
    """
    fitting = [] if publisher is None else (layout for layout in publisher.layouts if nodes(tree, layout.match))
    first = None
    for layout in fitting:
        if any(map(has_text, first_nodes(tree, layout.body))):
            return layout
        first = first or layout
    return first


def narrow(tree: HtmlElement, layout: Layout) -> Narrowed:
    """Lede and body nodes of the page as `layout` names them, minus `strip` and all from `stop_at` on."""
    lede = first_nodes(tree, layout.lede)
    body = [node for node in first_nodes(tree, layout.body) if not _inside(node, lede)]
    lede = [node for node in lede if not _inside(node, body)]
    stripped: list[str] = []
    copies = [[_pruned(node, layout, stripped) for node in _outermost(group)] for group in (lede, body)]
    return Narrowed(lede=tuple(copies[0]), body=tuple(copies[1]), stripped=tuple(stripped))


def _pruned(node: HtmlElement, layout: Layout, stripped: list[str]) -> HtmlElement:
    """A copy of `node` without the layout's chrome; the texts of what went are added to `stripped`."""
    root = copy.deepcopy(node)
    root.tail = None
    for end in nodes(root, present(root, layout.stop_at))[:1]:
        for node_after in [end, *_following(end)]:
            _note(node_after, stripped)
            drop(node_after)
    for chrome in _outermost(nodes(root, present(root, layout.strip))):
        if chrome is not root:
            _note(chrome, stripped)
            drop(chrome)
    return root


def _note(node: HtmlElement, stripped: list[str]) -> None:
    text = text_of(node)
    if text:
        stripped.append(text)


def _following(node: HtmlElement) -> list[HtmlElement]:
    """Every element after `node` in document order, tails included: theirs are dropped with them."""
    found: list[HtmlElement] = []
    node.tail = None
    for level in [node, *node.iterancestors()]:
        for sibling in list(level.itersiblings()):
            sibling.tail = None
            found.append(sibling)
        if level is not node:
            level.tail = None
    return found


def _outermost(found: Sequence[HtmlElement]) -> list[HtmlElement]:
    """The nodes that lie in no other of `found`, each once."""
    return [node for node in dict.fromkeys(found) if not _inside(node, found)]


def _inside(node: HtmlElement, containers: Sequence[HtmlElement]) -> bool:
    wanted = set(containers)
    return bool(wanted) and any(ancestor in wanted for ancestor in node.iterancestors())

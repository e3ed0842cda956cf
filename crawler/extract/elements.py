"""A page's elements by what they are called: looked up once for all who look for some of them."""

from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

NAMING = ("class", "id", "itemprop", "property", "name", "rel")
_FEW = 300  # elements up to which libxml2's ways are the quickest; they are quadratic
_IN_ORDER = etree.XPath("$nodes")


class Elements:
    """The elements of a page by their attributes, each attribute as it was when first asked for.

    libxml2 lists an attribute's values, and who has it, in a fiftieth of a millisecond: to ask each of a page's
    thousand elements for its attributes takes ten times as long.
    """

    def __init__(self, page: HtmlElement) -> None:
        self.page = page
        self._valued: dict[str, dict[str, list[HtmlElement]]] = {}
        self._named: dict[str, dict[str, list[HtmlElement]]] = {}

    def valued(self, attribute: str) -> dict[str, list[HtmlElement]]:
        """The elements that have an attribute, by its whole value, in document order."""
        found = self._valued.get(attribute)
        if found is None:
            found = self._valued[attribute] = {}
            for value, node in zip(*_bearing(self.page, attribute), strict=True):
                if value in found:
                    found[value].append(node)
                else:
                    found[value] = [node]
        return found

    def named(self, attribute: str) -> dict[str, list[HtmlElement]]:
        """The elements that have a word in an attribute, by that word, in no order; some twice."""
        found = self._named.get(attribute)
        if found is None:
            found = self._named[attribute] = {}
            for value, nodes in self.valued(attribute).items():
                for word in value.split():
                    found.setdefault(word, []).extend(nodes)
        return found

    def in_order(self, nodes: Collection[HtmlElement]) -> list[HtmlElement]:
        """Elements that are on the page, each once, in document order."""
        if len(nodes) < 2:
            return list(nodes)
        if len(nodes) > _FEW:
            sought = set(nodes)
            return [node for node in self.page.iter("*") if node in sought]
        return _listed(_IN_ORDER(self.page, nodes=list(nodes)))


@lru_cache(maxsize=1)
def elements_of(page: HtmlElement) -> Elements:
    """The elements of a page."""
    return Elements(page)


def _bearing(page: HtmlElement, attribute: str) -> tuple[list[str], list[HtmlElement]]:
    """The values of an attribute, and the elements that have it."""
    of_values, of_few, of_many = _expressions(attribute)
    values = _listed(of_values(page))
    return values, _listed((of_few if len(values) <= _FEW else of_many)(page)) if values else []


def _listed(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


@cache
def _expressions(attribute: str) -> tuple[etree.XPath, etree.XPath, etree.XPath]:
    """What finds the values of an attribute, and in two ways the elements that have it."""
    values = f"descendant-or-self::*/@{attribute}"
    found = values, f"{values}/..", f"descendant-or-self::*[@{attribute}]"
    of_values, of_few, of_many = (etree.XPath(path, smart_strings=False) for path in found)
    return of_values, of_few, of_many

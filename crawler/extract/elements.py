"""A page's elements by what they are called: one walk for all who look for some of them."""

from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

NAMING = frozenset(("class", "id", "itemprop", "property", "name", "rel"))
_CONCEALING = frozenset(("hidden", "aria-hidden", "style"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Elements:
    """The elements of a page as first seen; some may have been dropped since.

    `places` has the place of each in the document, `named` those with a class, an id or a word in another of the
    naming attributes, by that word and in no order, `classed` those with a class attribute, by its whole value, and
    `concealed` those with an attribute that can take them out of sight.
    """

    places: dict[HtmlElement, int]
    named: dict[str, list[HtmlElement]]
    classed: dict[str, list[HtmlElement]]
    concealed: list[HtmlElement]


@lru_cache(maxsize=1)
def elements_of(page: HtmlElement) -> Elements:
    """The elements of a page. A page has a thousand of them and a tenth as many classes: those are taken apart once."""
    places: dict[HtmlElement, int] = {}
    classed, others, concealing = (dict[str, list[HtmlElement]]() for _ in range(3))
    tables = {**dict.fromkeys(NAMING, others), **dict.fromkeys(_CONCEALING, concealing), "class": classed}
    for place, node in enumerate(page.iter("*")):
        places[node] = place
        for name, value in node.items():
            if name in tables:
                table = tables[name]
                if value in table:
                    table[value].append(node)
                else:
                    table[value] = [node]
    named: dict[str, list[HtmlElement]] = {}
    for value, nodes in (*classed.items(), *others.items()):
        for word in value.split():
            named.setdefault(word, []).extend(nodes)
    concealed = [node for nodes in concealing.values() for node in nodes]
    return Elements(places=places, named=named, classed=classed, concealed=concealed)

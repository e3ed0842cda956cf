"""What is taken off a page before it is read, found by what its elements are called."""

from collections.abc import Iterator

import lxml.html
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, tostring

from crawler.extract import furniture
from crawler.extract.elements import NAMING, elements_of

TEXTS = ("", "12", "Ferry sails", ", again", "word " * 70)
ATTRIBUTES = (
    "", "class=story", "class='sr-only big'", "class=comments_count", "id=comments", "hidden", "aria-hidden=true",
    "aria-hidden=false", "style='display: none'", "style='color:red' rel='a b a'", "itemprop=lede class=' story '",
)  # fmt: skip
TAGS = ("a", "div", "form", "p", "span", "svg", "title", "h1", "button", "select", "noscript", "input")
elements = st.recursive(
    st.sampled_from(TEXTS),
    lambda inner: st.builds(
        lambda tag, attributes, parts, tail: f"<{tag} {attributes}>{''.join(parts)}</{tag}>{tail}",
        st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES), st.lists(inner, max_size=3), st.sampled_from(TEXTS),
    ),
    max_leaves=12,
)  # fmt: skip
pages = st.builds(
    lambda of_body, parts: f"<html><head><title>Ferry</title></head><body {of_body}>{''.join(parts)}</body></html>",
    st.sampled_from(ATTRIBUTES), st.lists(elements, max_size=4),
)  # fmt: skip


def furniture_by_walk(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The same, each element asked in turn."""
    in_body = False
    for node in tree.iter("*"):
        if node.tag in furniture._ALWAYS:
            yield node
        elif node.tag in {"html", "head", "body"}:
            in_body = node.tag == "body"
        elif (
            (node.tag in furniture._CONTROLS and furniture._is_short(node))
            or (node.tag == "title" and in_body)
            or (node.tag == "form" and furniture._is_short(node) and next(node.iter("h1"), None) is None)
            or (node.tag == "a" and furniture._is_counter(node))
            or (
                (furniture._is_concealed(node) or furniture._names_unseen(node.get("class") or ""))
                and furniture._is_short(node)
            )
        ):
            yield node


@given(pages)
def test_the_names_find_what_a_walk_over_the_page_finds(markup: str) -> None:
    by_name, by_walk = lxml.html.document_fromstring(markup), lxml.html.document_fromstring(markup)
    furniture.remove_furniture(by_name)
    for node in list(furniture_by_walk(by_walk)):
        furniture.drop(node)
    assert tostring(by_name) == tostring(by_walk)


@given(pages)
def test_elements_are_known_by_place_and_by_each_of_their_names(markup: str) -> None:
    page = lxml.html.document_fromstring(markup)
    found = elements_of(page)
    nodes = list(page.iter("*"))
    assert list(found.places) == nodes
    assert [found.places[node] for node in nodes] == list(range(len(nodes)))
    expected = {(word, node) for node in nodes for name in NAMING for word in (node.get(name) or "").split()}
    assert {(word, node) for word, named in found.named.items() for node in named} == expected
    assert {(value, node) for value, classed in found.classed.items() for node in classed} == {
        (node.get("class"), node) for node in nodes if "class" in node.attrib
    }


def test_what_hides_the_page_itself_hides_nothing() -> None:
    page = lxml.html.document_fromstring("<body style='visibility:hidden' class='sr-only'><p>Ferry sails</p></body>")
    furniture.remove_furniture(page)
    assert page.text_content() == "Ferry sails"

"""What is taken off a page before it is read, found by what its elements are called."""

from collections.abc import Iterator
from unittest.mock import patch

import lxml.html
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, tostring

from crawler.extract import elements, furniture

TEXTS = ("", "12", "Ferry sails", ", again", "word " * 70)
ATTRIBUTES = (
    "", "class=story", "class='sr-only big'", "class=comments_count", "id=comments", "hidden", "aria-hidden=true",
    "aria-hidden=false", "style='display: none'", "style='color:red' rel='a b a'", "itemprop=lede class=' story '",
)  # fmt: skip
TAGS = ("a", "div", "form", "p", "span", "svg", "title", "h1", "button", "select", "noscript", "input")
parts_of_pages = st.recursive(
    st.sampled_from(TEXTS),
    lambda inner: st.builds(
        lambda tag, attributes, parts, tail: f"<{tag} {attributes}>{''.join(parts)}</{tag}>{tail}",
        st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES), st.lists(inner, max_size=3), st.sampled_from(TEXTS),
    ),
    max_leaves=12,
)  # fmt: skip
pages = st.builds(
    lambda of_body, parts: f"<html><head><title>Ferry</title></head><body {of_body}>{''.join(parts)}</body></html>",
    st.sampled_from(ATTRIBUTES), st.lists(parts_of_pages, max_size=4),
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
            or (furniture._is_counter(node) and "comment" in f"{node.get('class')} {node.get('id')}".lower())
            or (is_concealed(node) and furniture._is_short(node))
        ):
            yield node


def is_concealed(node: HtmlElement) -> bool:
    return (
        "hidden" in node.attrib
        or node.get("aria-hidden") == "true"
        or furniture._UNSEEN_STYLE.search(node.get("style") or "") is not None
        or furniture._names_unseen(node.get("class") or "")
    )


@given(pages)
def test_the_names_find_what_a_walk_over_the_page_finds(markup: str) -> None:
    by_name, by_walk = lxml.html.document_fromstring(markup), lxml.html.document_fromstring(markup)
    furniture.remove_furniture(by_name)
    for node in list(furniture_by_walk(by_walk)):
        furniture.drop(node)
    assert tostring(by_name) == tostring(by_walk)


@given(pages, st.integers(min_value=0, max_value=3))
def test_elements_are_known_by_their_attributes(markup: str, few: int) -> None:
    page = lxml.html.document_fromstring(markup)
    nodes = list(page.iter("*"))
    with patch.object(elements, "_FEW", few):  # many are found in other ways
        found = elements.elements_of(page)
        assert found.in_order(set(nodes[::2])) == nodes[::2]
        for attribute in (*elements.NAMING, "style"):
            valued, named = found.valued(attribute), found.named(attribute)
            bearers = [node for node in nodes if attribute in node.attrib]
            assert valued == {
                node.get(attribute): [one for one in bearers if one.get(attribute) == node.get(attribute)]
                for node in bearers
            }
            words = {(word, node) for node in bearers for word in node.get(attribute).split()}
            assert {(word, node) for word, with_it in named.items() for node in with_it} == words


def test_what_hides_the_page_itself_hides_nothing() -> None:
    page = lxml.html.document_fromstring("<body style='visibility:hidden' class='sr-only'><p>Ferry sails</p></body>")
    furniture.remove_furniture(page)
    assert page.text_content() == "Ferry sails"

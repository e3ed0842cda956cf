"""Pruning that loses no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import builder

from crawler.extract.page import parse
from crawler.extract.pruning import _CONTROL_REFERENCE, _CONTROLS, prune
from crawler.extract.select import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<!-- b -->c", "ac"),
        ("a<!-->b", "ab"),
        ("a<script>if (1 < 2) '<p>'</script>b", "ab"),
        ("a<SCRIPT>x</Script >b", "ab"),
        ("<p title='1 > 2'>a</p>", "a"),
        ("<p a=1 a=2 b c='d\"' e=\"f'\">a</p>", "a"),
        ("3 < 4", "3 < 4"),
        ("<?xml version='1.0' encoding='x'?><p>a", "a"),
        ("<p class=\"x>a</p><p>b", ""),
    ],
)  # fmt: skip
def test_pruned_text(html: str, text: str) -> None:
    tree = parse(prune(html)[0])
    if text:
        assert tree is not None
        assert text_of(tree) == text


@pytest.mark.parametrize(
    "code", [*range(32), 127, 128, 159, 0xD800, 0xDFFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF, 0x110000, 2**32 + 3, 10**20]
)
@pytest.mark.parametrize("form", ["&#%d;", "&#x%x;", "&#x%X", "&#00%d", "&#x000%x;"])
def test_character_references_give_text_that_a_tree_can_hold(code: int, form: str) -> None:
    tree = parse(prune(f"<p>a{form % code} b</p>")[0])
    assert tree is not None
    text = text_of(tree)
    assert text.startswith("a")
    assert text.endswith("b")
    builder.P(text)


def test_attributes_of_ordinary_tags_stay() -> None:
    markup, _ = prune('<a href="/x" class="y z" data-n=\'{"k": "v>w"}\'>t</a>')
    assert markup == '<a href="/x" class="y z" data-n=\'{"k": "v>w"}\'>t</a>'


PIECES = [
    "<div>", "</div>", "<DIV class='a' id=b>", "<p title='1 > 2'>", "<p title=\"a<b\">", "<p a=\"", "<p a='x>", "</p>",
    "<br/>", "<br a=1 />", "<title>", "</title>", "<script>", "</Script>", "<plaintext>", "</body>", "<frame src=x>",
    "<a b=c\"d e=\"f>g\">", "<a =\"b>\">", "<a\nb\n=\n'c'>", "<!-- x -->", "<!x>", "< ", "<", "ferry", " ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_stretches_of_plain_tags_are_kept_as_they_are_tag_by_tag(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert prune(text) == prune(text, carefully=True)


@given(
    st.lists(
        st.sampled_from(("<p>", "</p>", "<b a='\x01'>", "<scr\x00ipt>", "</script>", "x", "\x07", "&#7;", "&#x1F"))
    )
)
def test_no_control_character_is_left(pieces: list[str]) -> None:
    markup, _ = prune("<p>ferry " + "".join(pieces))
    assert _CONTROLS.search(markup) is None
    assert _CONTROL_REFERENCE.search(markup) is None


def test_a_page_without_control_characters_reads_as_before_they_came_in() -> None:
    plain = "<script>{1}</script><p class='a'>The ferry sailed.</p><p>It came back.</p>"
    assert prune(plain.replace("ferry", "fer\x0bry").replace("It", "&#3;It")) == prune(plain)

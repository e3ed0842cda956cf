"""Decoding by evidence, and pruning that loses no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import builder

from crawler.extract.charset import decode
from crawler.extract.page import _CONTROL_REFERENCE, _CONTROLS, MAX_DEPTH, _deepest, parse, prune, read_page
from crawler.extract.select import text_of

RUSSIAN = "Паромное сообщение с островами возобновлено"


@pytest.mark.parametrize("label", ["utf-8", "windows-1251", "iso-8859-1", "nonsense"])
def test_utf8_is_utf8_whatever_the_label_says(label: str) -> None:
    html = f"<meta charset={label}><p>{RUSSIAN}".encode()
    assert decode(html, f"text/html; charset={label}") == (html.decode(), "utf-8")


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16"])
def test_label_is_believed_where_the_bytes_fit(encoding: str) -> None:
    html = f"<meta charset={encoding}><p>{RUSSIAN}".encode(encoding)
    assert RUSSIAN in decode(html, f"text/html; charset={encoding}")[0]


def test_latin1_means_cp1252() -> None:
    assert "“Ferry”" in decode("<meta charset=iso-8859-1>“Ferry”".encode("cp1252"))[0]


def test_label_in_the_page_counts_without_a_header() -> None:
    assert (
        RUSSIAN
        in decode(
            f'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">{RUSSIAN}'.encode("cp1251")
        )[0]
    )


def test_detection_where_nothing_is_declared() -> None:
    html = ("<p>" + " ".join([RUSSIAN] * 40)).encode("cp1251")
    assert RUSSIAN in decode(html)[0]


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    text, encoding = decode(f"<p>{RUSSIAN * 20}".encode() + b"\xd0<p>end")
    assert encoding == "utf-8"
    assert RUSSIAN in text


def test_byte_order_mark_is_no_text() -> None:
    assert decode("\ufeff<p>x".encode())[0] == "<p>x"


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


def test_linked_data_is_taken_out() -> None:
    document = read_page(b'<script type="application/ld+json">{"a": 1}</script><script>b</script><p>c')
    assert document is not None
    assert document.linked_data == ('{"a": 1}',)
    assert text_of(document.tree) == "c"


def test_attributes_of_ordinary_tags_stay() -> None:
    markup, _ = prune('<a href="/x" class="y z" data-n=\'{"k": "v>w"}\'>t</a>')
    assert markup == '<a href="/x" class="y z" data-n=\'{"k": "v>w"}\'>t</a>'


def test_deep_elements_are_unwrapped_and_their_siblings_keep_their_place() -> None:
    depth = MAX_DEPTH * 3
    tree = parse(prune("<div>" * depth + "deep" + "</div>" * depth + "<p id=after>after")[0])
    assert tree is not None
    after = tree.get_element_by_id("after")
    assert sum(1 for _ in after.iterancestors()) <= 3


def test_nothing_gives_nothing() -> None:
    assert read_page(b"") is None
    assert read_page(b"   ") is None


@given(st.text(alphabet="</", max_size=60))
def test_the_greatest_depth_is_that_of_a_count_tag_by_tag(signs: str) -> None:
    depth = highest = 0
    for sign in signs:
        depth = depth + 1 if sign == "<" else max(0, depth - 1)
        highest = max(highest, depth)
    assert _deepest(signs) == highest


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

"""Decoding by evidence, and the tree of what pruning leaves."""

import time

import pytest

from crawler.extract.charset import decode
from crawler.extract.page import read_page
from crawler.extract.pruning import MAX_DEPTH
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


def test_linked_data_is_taken_out() -> None:
    document = read_page(b'<script type="application/ld+json">{"a": 1}</script><script>b</script><p>c')
    assert document is not None
    assert document.linked_data == ('{"a": 1}',)
    assert text_of(document.tree) == "c"


def test_deep_elements_are_unwrapped_and_their_siblings_keep_their_place() -> None:
    depth = MAX_DEPTH * 3
    document = read_page(b"<div>" * depth + b"deep" + b"</div>" * depth + b"<p id=after>after")
    assert document is not None
    after = document.tree.get_element_by_id("after")
    assert sum(1 for _ in after.iterancestors()) <= 3


@pytest.mark.parametrize(
    "tag", ["div", "b", "a", "font", "table", "form", "button", "h1", "svg", "nobr", "em", "object"]
)
@pytest.mark.parametrize("end", ["</%s>", "</i>", ""])
def test_a_tree_of_any_depth_is_parsed_in_a_second(tag: str, end: str) -> None:
    start = time.process_time()
    document = read_page(f"<{tag}>".encode() * 12_000 + (end.replace("%s", tag) * 12_000).encode() + b"<p>ferry</p>")
    assert time.process_time() - start < 3
    assert document is not None


def test_nothing_gives_nothing() -> None:
    assert read_page(b"") is None
    assert read_page(b"   ") is None

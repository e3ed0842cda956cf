"""Bytes that were made, or grew, to hurt a parser: nothing raises, nothing stalls, and the article in them is found."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import extract
from crawler.extract.charset import decode
from crawler.extract.page import parse, read_page
from crawler.extract.pruning import prune

URL = "https://news.example.org/world/ferry-2019"
STORY = (
    b"<h1>Ferry service resumes</h1><p>The ferry between Port Selby and the northern islands resumed on Monday after"
    b" eleven days, the harbour master said.</p><p>Two ships had been damaged in the shelling of the outer mole, he"
    b" added, and one of them will stay in dock until the end of the month.</p>"
)
SECONDS = 5.0  # of processor time; the slowest takes three, most under one


def timed_extract(html: bytes, url: str = URL):
    start = time.process_time()
    article = extract(html, url)
    assert time.process_time() - start < SECONDS
    return article


@given(st.binary(max_size=2000))
@settings(max_examples=150)
def test_random_bytes_never_raise(html: bytes) -> None:
    article = extract(html, URL)
    assert article.url == URL
    assert article.text == "\n\n".join(article.paragraphs)


FRAGMENTS = [
    b"<div>", b"</div>", b"<p>", b"<p class='a", b"<br><br>", b"<script>", b"<script type='application/ld+json'>",
    b"</script>", b"{\"@type\":\"NewsArticle\",\"datePublished\":", b"<!--", b"-->", b"<svg><title>x</title>",
    b"<table><tr>", b"<time datetime='", b"2019-11-20T05:47:00Z", b"\x00", b"\xff\xfe", b"&#x110000;", b"<![CDATA[",
    b"<meta charset=utf-16>", b"The ferry resumed on Monday, the harbour master said. ", b"string(99) \"[{",
    b"<a href='//[::1'>", b"<title>", b"<b>",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=40),
    st.sampled_from([URL, "https://www.rt.com/news/1234-a-b/", "", "http://[", "x"]),
)
@settings(max_examples=150)
def test_broken_markup_never_raises(pieces: list[bytes], url: str) -> None:
    article = extract(b"".join(pieces), url)
    assert "failed" not in article.provenance


@pytest.mark.parametrize("depth", [253, 1000, 5000, 40_000])
@pytest.mark.parametrize("tag", [b"div", b"b", b"blockquote", b"section"])
def test_article_below_many_nested_elements_is_found(depth: int, tag: bytes) -> None:
    html = b"<html><body>" + b"<%s>" % tag * depth + STORY + b"</%s>" % tag * depth + b"</body></html>"
    assert "harbour master" in timed_extract(html).text


@pytest.mark.parametrize("wrapper", [b"<table><tr><td>", b"<ul><li>"])
def test_article_in_nested_tables_and_lists_is_found(wrapper: bytes) -> None:
    assert "harbour master" in timed_extract(b"<html><body>" + wrapper * 400 + STORY).text


@pytest.mark.parametrize("value", [b"", b"=x", b'="x>"', b"='y'"])
def test_forty_thousand_attributes_on_one_tag(value: bytes) -> None:
    attributes = b" ".join(b"a%d" % number + value for number in range(40_000))
    assert "harbour master" in timed_extract(b"<html><body><div " + attributes + b">" + STORY + b"</div>").text


BIG = {
    "attributes on many tags": b"<p " + b" ".join(b"a%d=1" % n for n in range(150)) + b">",
    "unclosed quotes": b'<a href="x ',
    "angle brackets": b"<",
    "comments that never end": b"<!--",
    "scripts that never end": b"<script>",
    "line breaks": b"<br>",
    "headings": b"<h2>Ferry</h2>",
    "links": b"<a href=/x>Ferry service</a> ",
    "spaces": b"        ",
    "dates": b'<span class="date">31.31.2019 25:61</span>',
    "options": b"<option>Port Selby",
    "identical paragraphs": b"<p>The ferry resumed on Monday, he said.</p>",
    "list items": b"<li>The ferry resumed on Monday, he said.",
    "tables": b"<table><tr><td>1</td><td>2</td></tr></table>",
    "titles that never end": b"<title>",
    "frames": b"<frameset><frame>",
    "drawings": b"<svg><title>x</title></svg>",
    "wide characters' bytes": b"\xd0",
    "links around": b"<a href=/x><b>",
}


@pytest.mark.parametrize("name", BIG)
def test_repetition_stays_quick(name: str) -> None:
    piece = BIG[name]
    timed_extract(STORY + piece * (400_000 // len(piece)))


@pytest.mark.parametrize(
    "script",
    [
        b'{"@type":"NewsArticle","headline":"Ferry", "datePublished":',
        b'{"author":{' * 20_000,
        b"[" * 100_000,
        b'{"@graph":[' * 3000 + b"]}" * 3000,
        b'{"@type":"NewsArticle","headline":["a",{"b":1}],"author":[null,1,{"name":{}}],"image":[[],3],"keywords":{}}',
        b"{'single': 'quotes'}",
        b'"just a string"',
        b"NaN",
        b"\xff\xfe",
    ],
    ids=range(9),
)
def test_malformed_linked_data(script: bytes) -> None:
    html = b'<html><head><script type="application/ld+json">' + script + b"</script></head><body>" + STORY
    article = timed_extract(html)
    assert "harbour master" in article.text
    assert article.headline == "Ferry service resumes"


def test_linked_data_with_common_faults_is_still_read() -> None:
    script = (
        '<!-- {"@context":"https://schema.org","@type":"NewsArticle","headline":"Ferry\nservice resumes",'
        '"datePublished":"2019-11-20T05:47:00+00:00","author":[{"@type":"Person","name":"Mara Lindqvist"},],} -->'
    )
    html = f'<html><head><script type="application/ld+json">{script}</script></head><body>'.encode() + STORY
    article = extract(html, URL)
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2019-11-20T05:47:00+00:00"
    assert article.authors == ("Mara Lindqvist",)


def test_a_comment_that_never_ends_hides_nothing() -> None:
    assert "harbour master" in extract(b"<html><body><!-- a stray opening " + STORY, URL).text


@pytest.mark.parametrize(
    "before",
    [
        b"</p></div></body></html>",
        b"<plaintext>",
        b"<frameset><frame><noframes>",
        b"<script>var a = 1;",
        b"<title>",
        b"<textarea>",
        b"<iframe src=/x>",
        b"<xmp>",
        b"<svg><foreignObject>",
        b"<math><mtext>",
        b"<template>",
        b"<button>",
        b"<select><option>",
        b"<a href=/x>",
        b"<label><fieldset><legend>",
        b"<?xml version='1.0'?><?php echo 1 ?><![CDATA[ x ]]>",
        b"<!DOCTYPE html [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>",
        b"<b><i><u>" * 3000,
        b"\x00\x00\x00",
    ],
)
def test_article_behind_what_would_swallow_it(before: bytes) -> None:
    more = b"".join(
        b"<p>The pilot of ship number %d said that he would sail with the next tide.</p>" % n for n in range(9)
    )
    article = timed_extract(
        b"<html><head><title>Ferry</title></head><body>" + before + STORY + more + b"</body></html>"
    )
    assert "harbour master" in article.text
    assert "pilot of ship number 8" in article.text


def test_nested_wrappers_do_not_cost_the_page_its_own_structure() -> None:
    menu = b"<ul>" + b"<li><a href=/x>Harbours and ships of the northern coast</a></li>" * 20 + b"</ul>"
    html = (
        b"<body>" + b"<div>" * 1000 + menu + b"<article>" + STORY + b"</article><div><p>Footer of the page.</p></div>"
    )
    document = read_page(html)
    assert document is not None
    assert [len(node.findall("p")) for node in document.tree.iter("article")] == [2]


def test_five_megabytes_of_script_cost_nothing() -> None:
    html = b"<html><head><script>var state = {" + b'"a":"b",' * 700_000 + b"}</script></head><body>" + STORY
    assert "harbour master" in timed_extract(html).text


def test_giant_text_is_bounded() -> None:
    timed_extract(b"<html><body><p>" + b"ferry " * 2_000_000)
    timed_extract(b'<html><body><p title="' + b"f" * 11_000_000 + b'">' + STORY)


@given(st.text(alphabet="<>/!-='\" abp", max_size=300))
@settings(max_examples=300)
def test_pruning_always_ends_and_keeps_plain_words(text: str) -> None:
    markup, _ = prune(text + "\n<p>ferry</p>")
    assert parse(markup) is not None or "ferry" not in markup


@given(st.binary(max_size=400))
def test_decoding_never_raises(html: bytes) -> None:
    text, encoding = decode(html, "text/html; charset=nonsense")
    assert isinstance(text, str)
    assert encoding

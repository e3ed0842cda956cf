"""The reading of pages that broke everything else: coarse, but never nothing, and in linear time."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Article
from crawler.extract import article as extraction
from crawler.extract import extract
from crawler.extract.plain import MAX_TEXT, extract_plainly

URL = "https://news.example.org/world/ferry-2019"
FIRST = "The ferry between Port Selby and the northern islands resumed on Monday, the harbour master said."
SECOND = "Two ships had been damaged in the shelling of the outer mole & one of them stays in dock until May."
PAGE = f"""<!DOCTYPE html><html><head><title>Ferry service resumes | Selby Courier</title>
<meta property="og:title" content="Ferry service resumes"><meta property=og:site_name content='Selby Courier'>
<meta name="description" content="x > y"><meta property="article:published_time" content="2019-11-20T05:47:00+02:00">
<script>if (1 < 2) document.write("<p>Not the story, however long this line of the script may be made.</p>")</script>
</head><body><ul><li><a href="/">All the news of the day from everywhere along the long and windy northern coast.</a>
</ul><p>Advertisement of a long sentence that stands above the headline and is no part of the story at all.</p>
<h1>Ferry service resumes</h1><!-- <p>A comment that is as long as a paragraph but that no reader ever saw here.</p> -->
<p>{FIRST}</p><p>{SECOND.replace("&", "&amp;")}</p><p><a href=/x>Read more about the harbour of Port Selby, its ships
and its people, in our long report.</a></p></body></html>""".encode()


def read(html: bytes) -> Article:
    return extract_plainly(html, URL, captured_at=datetime(2026, 1, 1, tzinfo=UTC), reason="timeout")


def test_text_below_the_headline_and_what_the_head_claims() -> None:
    article = read(PAGE)
    assert article.paragraphs == (FIRST, SECOND)
    assert article.headline == "Ferry service resumes"
    assert article.published_at == datetime.fromisoformat("2019-11-20T05:47:00+02:00")
    assert article.provenance["text"] == "plain"
    assert article.provenance["failed"] == "timeout"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (b"just words", "just words"),
        (b"<p>Short.<p>Words", "Short.\n\nWords"),
        (b"<a href=/>Only a link", "Only a link"),
        (b"<script>never closed<p>words", "never closed\n\nwords"),
        (b"<!-- never closed<p>words", "never closed\n\nwords"),
        (b"1 < 2 <3", "1 < 2 <3"),
        (b"<p>a\x00b&#0;c&#1;</p>", "abc"),
        (b"", ""),
        ("<p>Паром".encode("koi8-r"), "Паром"),
    ],
)
def test_a_page_with_words_never_gives_nothing(html: bytes, text: str) -> None:
    assert read(html).text.replace("\ufffd", "") == text


@given(st.binary(max_size=1000))
@settings(max_examples=100)
def test_any_bytes_are_read(html: bytes) -> None:
    assert read(html).url == URL


@given(
    st.lists(st.sampled_from([b"<", b">", b"<p", b"<!--", b"-->", b"<meta name='", b'content="', b"<a ", b"</", b"x"]))
)
@settings(max_examples=200)
def test_any_markup_is_read(pieces: list[bytes]) -> None:
    assert read(b"".join(pieces)).url == URL


@pytest.mark.parametrize(
    "piece",
    [
        b"<", b"<a", b"<a ", b"</", b"<!--", b"<!---->", b"<script>", b"<p>", b"<br>x", b"&amp", b"&#", b'<a b="', b" ",
        b"<meta name=a content=b>", b"<meta ", b"<h1>x", b"<title>", b"x ", b"<svg></svg>", b"\xff", b"\xd0\xbf",
    ],
)  # fmt: skip
def test_repetition_stays_linear(piece: bytes) -> None:
    begun = time.process_time()
    article = read(PAGE + piece * (3_000_000 // len(piece)))
    assert time.process_time() - begun < 2.5
    assert len(article.text) <= 5 * MAX_TEXT
    assert FIRST in article.text


def test_a_library_that_breaks_does_not_take_the_article_along(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise AssertionError("tree dropped")

    monkeypatch.setattr(extraction, "find_headline", broken)
    article = extract(PAGE, URL)
    assert article.paragraphs == (FIRST, SECOND)
    assert article.provenance["failed"] == "AssertionError: tree dropped"

"""What selectors find by an index of names is what a walk over the page finds."""

import lxml.html
import pytest

from crawler.extract.select import _compiled, _found, nodes, texts

PAGE = lxml.html.document_fromstring(
    """<html><head><meta name="clock" content="7"></head><body class="top">
    <div class="story big" id="s1"><h2 class="big">Ferry</h2><p>One <b>two</b></p>
    <div class="story"><p>Three</p></div></div>
    <div class="aside"><p itemprop="lede">Four</p><time datetime="2026-03-04">today</time></div><p class="big">Five</p>
    </body></html>"""
)


@pytest.mark.parametrize(
    "css",
    [
        ".story", ".story p", ".big", "p.big", ".big.story", "#s1 > p", "#s1 b::text", ".aside time::attr(datetime)",
        ".story ~ p", ".none", ".none p, .aside p", ".story p, .aside p", "[itemprop=lede]",
        "meta[name='clock']::attr(content)",
        "div:not(.story) p", "[class*=sto] p", ".top", "html", "h2, .aside", ".aside:contains('Four') time",
        "[itemprop~=lede]", "time", "p", "h2, p", "div p, h2 ~ p", ".aside time, .story p, #s1",
        ".story .story p, .big", "h2 ~ .story p, .story b", ".story p::text", "p::text",
        ".none, p.big, [itemprop=lede]", "div p::text, .big::text",
    ],
)  # fmt: skip
def test_the_index_finds_what_the_expression_finds(css: str) -> None:
    assert _found(PAGE, css) == _compiled(css)(PAGE)


def test_what_was_dropped_from_a_page_is_not_found() -> None:
    page = lxml.html.document_fromstring("<div class=a><p class=b>x</p></div><p class=c>y</p>")
    (gone,) = nodes(page, ".a")
    gone.drop_tree()
    assert nodes(page, ".b") == []
    assert nodes(page, ".a .b") == []
    assert texts(page, ".c") == ["y"]

"""Walls, error pages, listings and galleries, and the articles that look like them."""

import re
import tomllib
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Article
from crawler.extract.gates import gates, page_kind
from crawler.extract.page import read_page

PAGES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("gate_pages.toml").read_text(encoding="utf-8"))[
    "page"
]
URL = "https://courier.example/news/2019/05/04/story"


def markup(page: dict[str, Any]) -> bytes:
    links = "".join(
        f'<li><a href="/news/{number}">Headline number {number} of the day in the valley</a></li>'
        for number in range(page.get("links", 0))
    )
    head = f"<head><meta charset='utf-8'><title>{escape(page.get('title', ''))}</title></head>"
    return f"<!doctype html><html>{head}<body>{page['body']}<ul>{links}</ul></body></html>".encode()


def extracted(page: dict[str, Any]) -> Article:
    """What extraction makes of it: the text given, or the page's paragraphs."""
    tree = lxml.html.fromstring(markup(page))
    heading = tree.findtext(".//h1")
    text = page.get("text")
    if text is None:
        text = "\n\n".join(filter(None, (node.text_content().strip() for node in tree.iter("p"))))
    return Article(
        url=page.get("url", URL),
        canonical_url=page.get("url", URL),
        headline=heading,
        text=text,
        paragraphs=tuple(text.split("\n\n")) if text else (),
        published_at=datetime(2019, 5, 4, 12, 30, tzinfo=UTC) if page.get("date") else None,
    )


def kind_of(page: dict[str, Any], body: Any = None) -> str:
    body = markup(page) if body is None else body
    return page_kind(body, url=page.get("url", URL), status=page.get("status", 200), article=extracted(page)) or ""


def test_there_are_sixty_pages_and_traps_among_them() -> None:
    assert len(PAGES) >= 60
    assert sum(page["kind"] == "" for page in PAGES) >= 15
    assert len({page["name"] for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_pages_are_told_apart(page: dict[str, Any]) -> None:
    assert kind_of(page) == page["kind"]


@pytest.mark.parametrize("page", [page for page in PAGES if page["kind"] == ""], ids=lambda page: page["name"])
def test_no_article_is_lost_when_the_tree_comes_instead_of_bytes(page: dict[str, Any]) -> None:
    document = read_page(markup(page))
    assert document is not None
    assert kind_of(page, document.tree) == ""


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_error_status_is_not_a_kind_of_page(status: int) -> None:
    page = next(page for page in PAGES if page["name"] == "soft 404, english")
    assert kind_of({**page, "status": status}) == ""


@pytest.mark.parametrize(
    "start", ["<?xml version='1.0'?><rss version='2.0'>", "<urlset xmlns='x'>", "<feed xmlns='y'>"]
)
def test_feeds_and_sitemaps_are_told(start: str) -> None:
    article = Article(url=URL, canonical_url=URL)
    assert page_kind(start.encode() + b"<item/>", url=URL, status=200, article=article) == "not_article:feed"


def test_a_dated_article_of_length_is_never_called_anything_else() -> None:
    """Whatever a page says: a date and a thousand characters of prose are an article."""
    prose = "The ferry sailed. " * 60
    article = Article(
        url=URL, canonical_url=URL, headline="Just a moment...", text=prose, paragraphs=(prose,),
        published_at=datetime(2019, 5, 4, tzinfo=UTC),
    )  # fmt: skip
    body = " ".join(phrase for gate in gates().values() for phrase in gate.phrases)
    page = f"<title>404</title><h1>Page not found</h1><p>{escape(body)}</p>".encode()
    assert page_kind(page, url=URL, status=200, article=article) is None


def test_the_wording_is_kept_as_it_is_compared() -> None:
    for kind, gate in gates().items():
        assert all(phrase == " ".join(phrase.split()).strip(" .!…") for phrase in gate.phrases), kind
        assert all(marker == marker.lower() for marker in gate.markers), kind
        assert all(re.fullmatch(r"[\w.-]+", path) for path in gate.paths), kind


@pytest.mark.parametrize("page", [None, b"", b"\x00\xff", b"<", b"<html>" * 3000, "\ufeff<p>".encode("utf-16")])
def test_broken_pages_have_no_kind(page: bytes | None) -> None:
    assert page_kind(page, url=URL, status=200, article=Article(url=URL, canonical_url=URL)) is None


@given(st.binary(max_size=300), st.text(max_size=60), st.integers(100, 599))
def test_nothing_makes_it_raise(page: bytes, text: str, status: int) -> None:
    article = Article(url=URL, canonical_url=URL, text=text, headline=text, paragraphs=(text,))
    kind = page_kind(page, url=URL + "/" + text, status=status, article=article)
    assert kind is None or re.fullmatch(r"(blocked|not_article):[a-z]+", kind)

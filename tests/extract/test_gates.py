"""Walls, error pages, listings and galleries, and the articles that look like them."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model import Article, Outcome
from crawler.extract import extract
from crawler.extract.article import read_article
from crawler.extract.evidence import Evidence, compared
from crawler.extract.gates import page_kind
from crawler.extract.signs import gates
from crawler.extract.wording import words
from crawler.flow import process
from crawler.publisher import publisher_for
from tests.extract.labelled import DESIGNS, LabelledPage, labelled_pages

PAGES = labelled_pages()
URL = "https://courier.example/news/2019/05/04/story"

# Known to go wrong, each with the reason; a page that comes right must leave the list.
WRONG: dict[str, str] = {}
MISNAMED = {
    "index: topic with introduction, da": "a sentence and links: told as a notice",
    "soft 404: ko": "the words for checking an address are those for checking a browser",
    "challenge: en, too fast, 200, site frame": "one concept alone: told as a notice",
    "soft 404: en, chatty": "says neither missing nor removed: told as a notice",
    "withdrawn story: de": "withdrawn for legal reasons: told as a region's block",
}


@cache
def outcome_of(page: LabelledPage, design: str | None = None) -> str:
    """What the whole extraction makes of it: "" for an article, else the outcome and its detail."""
    ended = process(page.page(design), None, conflict_only=False)
    return "" if ended.outcome is Outcome.EXTRACTED else f"{ended.outcome}:{ended.detail}"


def test_the_labelled_set_is_what_it_should_be() -> None:
    assert len(PAGES) >= 300
    assert len({page.name for page in PAGES}) == len(PAGES)
    assert sum(page.kind == "" for page in PAGES) >= 140
    assert len({page.lang for page in PAGES if page.kind == ""}) >= 25
    assert len({page.lang for page in PAGES if page.kind != ""}) >= 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_told_apart(page: LabelledPage) -> None:
    found = outcome_of(page)
    assert ((found == "") == (page.kind == "")) is (page.name not in WRONG), found
    if page.kind not in {"", "-"} and page.name not in WRONG:
        assert (found == page.kind) is (page.name not in MISNAMED), found


@pytest.mark.parametrize("every", [18, pytest.param(2, marks=pytest.mark.slow)])
def test_one_trap_in_a_hundred_and_one_article_in_two_hundred_go_wrong_in_any_design(every: int) -> None:
    """Pages of the newer batches in every design: what it says decides, not how it is laid out."""
    pages = [page for page in PAGES if page.batch != "0" and page.body is None][::every]
    leaked, dropped, traps, articles = [], [], 0, 0
    for page in pages:
        for design in DESIGNS:
            is_article = outcome_of(page, design) == ""
            traps += page.kind != ""
            articles += page.kind == ""
            if is_article and page.kind:
                leaked.append((page.name, design))
            if not is_article and not page.kind:
                dropped.append((page.name, design))
    assert len(leaked) <= 0.01 * traps, leaked
    assert len(dropped) <= 0.005 * articles, dropped


@pytest.mark.parametrize("page", PAGES[::10], ids=lambda page: page.name)
def test_a_page_is_judged_by_all_that_it_shows_whatever_extraction_took_out(page: LabelledPage) -> None:
    captured = page.page()
    article, document = read_article(
        captured.body, captured.url, content_type=None, captured_at=None, publisher=publisher_for(captured.url)
    )
    assert document is not None
    anew, again = (
        page_kind(Evidence(captured.body, url=captured.url, status=200, article=article, document=one))
        for one in (None, document)
    )
    assert again == anew


def declared(**changed: Any) -> Article:
    """What extraction makes of a long page that speaks of consent alone and is dated by its address alone."""
    lines = tuple(
        f"{number}. The cookies and the data that you consent to are yours to refuse." for number in range(30)
    )
    found = Article(
        url="https://www.rt.com/news/412345-ferry-sails-again/",
        canonical_url="https://www.rt.com/news/412345-ferry-sails-again/",
        headline="Your privacy, your choice",
        text="\n\n".join(lines),
        paragraphs=lines,
        published_at=datetime(2019, 5, 4, tzinfo=UTC),
        provenance={"headline": "layout:2015", "text": "layout:2015", "published_at": "url"},
    )
    return replace(found, **changed)


def kind_of(article: Article) -> str | None:
    page = b"<h1>Your privacy, your choice</h1><button>Accept</button><button>Refuse</button>"
    return page_kind(Evidence(page, url=article.url, status=200, article=article, publisher=publisher_for(article.url)))


def test_a_page_that_is_an_article_by_all_that_its_publisher_declares_is_no_wall() -> None:
    assert kind_of(declared()) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "https://www.rt.com/privacy/"},
        {"url": "https://courier.example/news/412345-ferry-sails-again/"},
        {"published_at": None},
        {"provenance": {"headline": "jsonld", "text": "layout:2015", "published_at": "url"}},
        {"provenance": {"headline": "layout:2015", "text": "trafilatura", "published_at": "url"}},
    ],
    ids=("another address", "another publisher", "no time", "no headline in its place", "no text in its place"),
)
def test_a_page_that_lacks_one_of_them_may_be_a_wall(changed: dict[str, Any]) -> None:
    assert kind_of(declared(**changed)) == "blocked:consent"


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_error_status_is_not_a_kind_of_page(status: int) -> None:
    page = next(page for page in PAGES if page.name == "soft 404: de").page()
    article = extract(page.body, page.url)
    assert page_kind(Evidence(page.body, url=page.url, status=status, article=article)) is None


@pytest.mark.parametrize(
    "start", ["<?xml version='1.0'?><rss version='2.0'>", "<urlset xmlns='x'>", "<feed xmlns='y'>"]
)
def test_feeds_and_sitemaps_are_told(start: str) -> None:
    article = Article(url=URL, canonical_url=URL)
    assert page_kind(Evidence(start.encode() + b"<item/>", url=URL, status=200, article=article)) == "not_article:feed"


def test_a_dated_article_of_length_is_never_called_anything_else() -> None:
    """Whatever a page says: a date and a thousand characters of prose are an article."""
    prose = "The ferry sailed. " * 60
    article = Article(
        url=URL, canonical_url=URL, headline="Just a moment...", text=prose, paragraphs=(prose,),
        published_at=datetime(2019, 5, 4, tzinfo=UTC),
    )  # fmt: skip
    body = "Accept all cookies. Verify you are human. Subscribe to continue reading. Log in. Domain for sale."
    page = f"<title>404</title><h1>Page not found</h1><p>{escape(body)}</p>".encode()
    assert page_kind(Evidence(page, url=URL, status=200, article=article)) is None


def test_a_day_in_the_address_is_no_date_of_an_article() -> None:
    """A wall stands at the article's address."""
    page = b"<title>Verify</title><h1>Verify you are human</h1><p>Please wait while we check your browser.</p>"
    article = extract(page, URL)
    assert article.published_at is not None
    assert page_kind(Evidence(page, url=URL, status=200, article=article)) == "blocked:challenge"


def test_the_signs_are_kept_as_they_are_compared() -> None:
    for kind, gate in gates().items():
        assert all(title == compared(title) for title in gate.titles), kind
        assert all(sign == sign.lower() for sign in (*gate.markers, *gate.proofs, *gate.boxes)), kind
        assert all(path == path.lower() and "/" not in path for path in gate.paths), kind


@pytest.mark.parametrize(
    ("text", "language", "concepts"),
    [
        ("Your browser is being checked, please wait.", "en", {"address", "browser", "check", "wait"}),
        ("Der Sprecher sagte am Montag, die Brücke sei frei.", "de", {"report"}),
        ("ваш БРАУЗЕР не поддерживается", "ru", {"address", "browser"}),
        ("وبالمتصفح", "ar", {"browser"}),
        ("請稍候,正在驗證您的瀏覽器", "zh", {"address", "wait", "check", "browser"}),
    ],
)
def test_words_are_read_in_the_language_they_are_of(text: str, language: str, concepts: set[str]) -> None:
    found = words(text)
    assert found.language == language
    assert concepts <= {concept for concept, count in found.counts.items() if count}


@pytest.mark.parametrize(
    ("text", "likely", "language"),
    [
        ("For information: contact@water.example", "en", "en"),  # "contact" alone would be Portuguese
        ("Most zatvoren je za kamione", "hr", "sr"),  # "je" is Dutch for you as well
        ("Verificamos que usted no es un robot, espere un momento por favor", "en", "es"),
        ("Мост закрыт", "xx", "xx"),  # a language without words of its own
    ],
)
def test_stray_words_do_not_outvote_the_language_of_the_text(text: str, likely: str, language: str) -> None:
    assert words(text, likely=likely).language == language


def test_quoted_speech_counts_for_an_article_and_the_name_of_a_button_does_not() -> None:
    def quotes(line: str) -> bool:
        article = Article(url=URL, canonical_url=URL, text=line, paragraphs=(line,))
        return Evidence(None, url=URL, status=200, article=article).quotes

    assert quotes("« Nous avons appris à nager de nuit », dit-elle.")
    assert quotes("「夜に川を泳いで渡ることを覚えた」と話した。")
    assert not quotes("Zanim klikniesz „Przechodzę do serwisu”, prosimy o zapoznanie się z niniejszą informacją.")
    assert not quotes('By clicking "Accept all" you agree to our use of cookies.')


def test_a_word_within_a_word_does_not_count() -> None:
    """المقال (the article) holds قال (he said); the young are not you."""
    assert words("المقال متاح", language="ar")["report"] == 0
    assert words("the young farmer", language="en")["address"] == 0


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le"])
def test_an_article_in_utf_16_is_read_as_one(charset: str) -> None:
    page = next(page for page in PAGES if page.name == "article: brief, cs, undated, captcha tender (5)").page()
    body = page.body.decode().replace('<meta charset="utf-8">', "").encode(charset)
    page = replace(page, body=body, content_type=f"text/html; charset={charset}")
    assert process(page, None, conflict_only=False).outcome is Outcome.EXTRACTED


@pytest.mark.parametrize("page", [None, b"", b"\x00\xff", b"<", b"<html>" * 3000, "\ufeff<p>".encode("utf-16")])
def test_broken_pages_are_no_walls(page: Any) -> None:
    kind = page_kind(Evidence(page, url=URL, status=200, article=Article(url=URL, canonical_url=URL)))
    assert kind in {None, "not_article:notice"}


@given(st.binary(max_size=300), st.text(max_size=60), st.integers(100, 599))
def test_nothing_makes_it_raise(page: bytes, text: str, status: int) -> None:
    article = Article(url=URL, canonical_url=URL, text=text, headline=text, paragraphs=(text,))
    kind = page_kind(Evidence(page, url=URL + "/" + text, status=status, article=article))
    assert kind is None or kind.partition(":")[0] in {"blocked", "not_article"}

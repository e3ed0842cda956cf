"""Every page of the offline web, in every layout, comes out as its gold says, field by field."""

from dataclasses import fields, replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from archive.model import Article
from crawler.extract import extract
from crawler.publisher import Layout, publishers
from tests.web.messages import Request
from tests.web.pages import WebPage, load
from tests.web.site import Web

PAGES = [page for page in load() if page.is_article]
WEB = Web(load())


def read(url: str) -> Article:
    """The article at `url`, as the offline web serves it."""
    parts = urlsplit(url)
    request = Request(
        raw=b"",
        scheme=parts.scheme,
        method="GET",
        target=parts.path,
        version="HTTP/1.1",
        headers={"host": parts.netloc},
    )
    reply = WEB.respond(request)
    assert reply.status == 200, url
    return extract(reply.body, url, content_type="text/html; charset=utf-8")


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    """Each page, extracted once."""
    return {page.url: read(page.url) for page in PAGES}


def each_page(function):
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)(function)


@each_page
def test_paragraphs(page: WebPage, articles: dict[str, Article]) -> None:
    assert articles[page.url].paragraphs == page.expected_paragraphs


@each_page
def test_headline_and_lede(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    assert article.headline == page.expected_headline
    assert article.lede == page.expected_lede


@each_page
def test_published(page: WebPage, articles: dict[str, Article]) -> None:
    found, wanted = articles[page.url].published_at, page.expected_published_at
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        # a page may hold seconds that its gold, as printed, leaves out
        assert found == wanted if page.precision != "minute" else found.replace(second=0) == wanted


@each_page
def test_modified(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    # a page that never changed may still claim a modification: at the time of its publication
    wanted = page.expected_modified_at or article.published_at
    if page.expected_modified_at is not None:
        assert article.modified_at is not None
    if article.modified_at is not None:
        assert wanted is not None
        assert abs(article.modified_at - wanted) < timedelta(minutes=1)


@each_page
def test_people(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    assert article.authors == page.expected_authors
    assert article.byline == page.expected_byline
    assert article.dateline == page.expected_dateline


@each_page
def test_section_and_tags(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    assert article.section == page.expected_section
    assert article.tags == page.expected_tags


@each_page
def test_images(page: WebPage, articles: dict[str, Article]) -> None:
    found = [(image.caption, image.credit) for image in articles[page.url].images if image.caption or image.credit]
    assert found == [(image.caption, image.credit) for image in page.expected_images if image.caption or image.credit]


@each_page
def test_related(page: WebPage, articles: dict[str, Article]) -> None:
    found = [(story.title, story.published_at) for story in articles[page.url].related]
    assert found == [(story.title, story.published_at) for story in page.expected_related]


@each_page
def test_wire_and_language(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    assert article.wire == page.expected_wire
    assert article.language == page.expected_language


@each_page
def test_publisher_and_canonical_url(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    publisher = publishers()[page.publisher]
    assert article.publisher == publisher.name
    assert publisher.is_article(page.url)
    for alias in page.aliases:
        assert read(alias).canonical_url == article.canonical_url


@each_page
def test_every_filled_field_says_which_rule_gave_it(page: WebPage, articles: dict[str, Article]) -> None:
    article = articles[page.url]
    given = {"url", "canonical_url", "publisher", "paragraphs", "provenance", "removed"}
    filled = {field.name for field in fields(article) if getattr(article, field.name)} - given
    ruled = {name.removesuffix("_zone").removesuffix("_precision") for name in article.provenance} - {"text_agreement"}
    assert ruled == filled


def test_a_layouts_text_is_held_against_what_the_head_says() -> None:
    """A page whose head describes its story; then one whose box of that name holds another text."""
    story = (
        "Engineers began to drain the reservoir above Lower Marten on Friday after a crack was found in its wall.",
        "The water will be let out over nine days, the river board said, so that no field below the dam is flooded.",
    )
    layout = Layout(name="2021", match="div.story", body=("div.story p",))
    publisher = replace(publishers()["rt"], layouts=(layout,))
    page = """<html><head><meta property="og:description" content="{}"></head>
        <body><h1>Drained</h1><div class="story"><p>{}</p><p>{}</p></div></body></html>"""

    def agreement(*texts: str) -> float:
        found = extract(page.format(story[0], *texts).encode(), "https://www.rt.com/news/1-a", publisher=publisher)
        assert found.provenance["text"] == "layout:2021"
        return float(found.provenance["text_agreement"])

    assert agreement(*story) == 1.0
    assert agreement("Sign up for the morning letter.", "Write to us when you know more than we do.") < 0.5

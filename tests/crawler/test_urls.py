"""One page, one URL; and claims of a canonical URL that are not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.publisher import publisher_for
from crawler.urls import canonical_url, clean_url, page_url

SAME = [
    ("https://www.rt.com/news/473849-a-b/?utm_source=rss&utm_medium=rss", "https://www.rt.com/news/473849-a-b/"),
    ("https://www.rt.com/news/473849-a-b/amp/", "https://www.rt.com/news/473849-a-b/"),
    ("http://rt.com/news/473849-a-b/#comments", "https://www.rt.com/news/473849-a-b/"),
    ("https://sputniknews.com/amp/world/201911181077343476-a/", "https://sputniknews.com/world/201911181077343476-a/"),
    ("https://m.sputniknews.com/world/201911181077343476-a/", "https://sputniknews.com/world/201911181077343476-a/"),
    (
        "https://sputnikglobe.com/20230815/a-1112622222.html?chat_room_id=1112622222",
        "https://sputnikglobe.com/20230815/a-1112622222.html",
    ),
    ("https://almaghribtoday.net/en/997/a-b-070317182414", "https://www.arabstoday.net/en/997/a-b-070317182414"),
    ("https://www.casablancatoday.com/en/997/a-b-070317182414", "https://www.arabstoday.net/en/997/a-b-070317182414"),
    ("https://en.alalam.ir/news/1822343/fifty-words", "https://en.alalam.ir/news/1822343"),
    ("http://www.alalamtv.net/news/1822343", "https://www.alalam.ir/news/1822343"),
    ("https://www.dailysabah.com/world/2017/06/30/a-b-c/amp", "https://www.dailysabah.com/world/2017/06/30/a-b-c"),
    ("HTTPS://News.Example.org:443/a?id=7&fbclid=x&page=2", "https://news.example.org/a?id=7&page=2"),
    ("https://news.example.org/a?from=2019", "https://news.example.org/a?from=2019"),
    ("https://news.example.org/خبر", "https://news.example.org/%D8%AE%D8%A8%D8%B1"),
    ("https://news.example.org", "https://news.example.org/"),
]


@pytest.mark.parametrize(("url", "canonical"), SAME)
def test_canonical(url: str, canonical: str) -> None:
    publisher = publisher_for(url)
    assert canonical_url(url, publisher) == canonical
    assert canonical_url(canonical, publisher) == canonical


@pytest.mark.parametrize(
    "claim", ["/", "https://news.example.org/", "https://other.example.com/a/b", "", None, "http://[", "javascript:1"]
)
def test_claims_that_are_not_believed(claim: str | None) -> None:
    url = "https://news.example.org/world/ferry-service"
    assert page_url(url, claim, None) == url


def test_a_claim_of_the_same_site_is_believed() -> None:
    found = page_url(
        "https://m.example.org/a?story=7", "https://www.example.org/world/ferry-service?utm_source=x", None
    )
    assert found == "https://www.example.org/world/ferry-service"


def test_a_publishers_claim_must_be_an_article() -> None:
    url = "https://www.rt.com/news/473849-a-b/"
    assert page_url(url, "https://www.rt.com/news/", publisher_for(url)) == url


@given(st.text(max_size=80))
def test_any_text_is_survived(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once


def test_a_url_without_end_is_none() -> None:
    assert clean_url("http://example.org/" + "1" * 8000)
    assert clean_url("http://example.org/" + "1" * 10**6) is None

"""URLs, section pages and the search for sources."""

from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import Entry, read_section, sightings
from crawler.errors import SourceError
from crawler.site_hints import read_hints
from crawler.urls import clean_url

URL = "https://www.example.org/world/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://Example.org", "https://example.org/"),
        ("https://example.org/a?utm_source=rss&id=7&fbclid=x#top", "https://example.org/a?id=7"),
        ("https://example.org/a?utm_medium=feed", "https://example.org/a"),
        ("https://example.org/a?id=7&b=&b=2", "https://example.org/a?id=7&b=&b=2"),
        ("https://example.org/20200317/a-1.html?chat_room_id=5", "https://example.org/20200317/a-1.html"),
        ("https://example.org/a?fromage=1&cmpnote=2", "https://example.org/a?fromage=1&cmpnote=2"),
        ("  http://example.org:80/a  ", "http://example.org/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org/خبر", "https://example.org/%D8%AE%D8%A8%D8%B1"),
        ("https://example.org/%D8%AE", "https://example.org/%D8%AE"),
        ("/a/../b", "https://www.example.org/b"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        ("?page=2", "https://www.example.org/world/?page=2"),
    ],
)
def test_clean_url(given_url: str, expected: str) -> None:
    assert clean_url(given_url, URL) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mailto:a@example.org",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://example.org/",
        "http://",
        "http://[::1",
        "https://example.org:port/",
        "",
        "tel:+1",
    ],
)
def test_what_is_no_web_address_has_no_clean_url(url: str) -> None:
    assert clean_url(url) is None


@given(st.text(max_size=80))
def test_clean_url_never_raises_and_is_stable(text: str) -> None:
    cleaned = clean_url(text, URL)
    if cleaned is not None:
        assert cleaned.startswith(("http://", "https://"))
        assert clean_url(cleaned) == cleaned


def test_sightings_keep_order_and_place_and_drop_doubles() -> None:
    entries = [
        Entry(url="https://example.org/b?utm_source=x", title="B", announced_at=NOW),
        Entry(url="mailto:editor@example.org"),
        Entry(url="/a"),
        Entry(url="https://example.org/b"),
    ]
    found = sightings(entries, publisher="P", source="https://example.org/feed", seen_at=NOW)
    assert [(sighting.url, sighting.position) for sighting in found] == [
        ("https://example.org/b", 0),
        ("https://example.org/a", 2),
    ]
    assert (found[0].raw_url, found[0].title, found[0].announced_at) == ("https://example.org/b?utm_source=x", "B", NOW)


SECTION = b"""<!doctype html><html><head><base href="https://www.example.org/en/"></head><body>
<nav><a href="/about">About</a></nav>
<div class=card><a class=story href="world/1-bridge">Bridge <b>closed</b></a></div>
<div class=card><a class=story href="/world/2-dam?utm_source=home">Dam holds</a></div>
<div class=card><a class=story>no address</a><a class=story href="javascript:void(0)">more</a></div>
<a class=next href="?page=2">Older</a></body></html>"""


def test_a_section_page_gives_its_stories_and_the_next_page() -> None:
    listing = read_section(SECTION, url=URL, links="a.story", next_page="a.next")
    assert [(entry.url, entry.title) for entry in listing.entries] == [
        ("https://www.example.org/en/world/1-bridge", "Bridge closed"),
        ("https://www.example.org/world/2-dam?utm_source=home", "Dam holds"),
    ]
    assert listing.next_page == "https://www.example.org/en/?page=2"


@pytest.mark.parametrize(
    ("body", "links", "words"),
    [
        (b"", "a", "empty"),
        (b"   \n", "a", "empty"),
        (b'{"error": 1}', "a", "not HTML"),
        (b"\x89PNG\r\n\x1a\n", "a", "not HTML"),
        (b"<?xml version='1.0'?><rss/>", "a", "not HTML"),
        (SECTION, "a.gone", "nothing matches"),
        (SECTION, "a[[", "not CSS"),
    ],
)
def test_a_section_that_is_none_says_what_and_where(body: bytes, links: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read_section(body, url=URL, links=links)
    assert URL in str(caught.value)


@pytest.mark.parametrize("base", ["http://[half", "javascript:x", "", "//cdn.example.net/"])
def test_a_base_that_is_no_web_address_is_passed_over(base: str) -> None:
    page = f'<html><head><base href="{base}"></head><body><a href="/world/1-truce">Truce</a></body></html>'.encode()
    expected = "https://cdn.example.net/world/1-truce" if "cdn" in base else urljoin(URL, "/world/1-truce")
    assert [entry.url for entry in read_section(page, url=URL, links="a").entries] == [expected]
    assert read_hints(page, URL).feeds == ()


@given(st.binary(max_size=400), st.integers(0, len(SECTION)))
def test_a_mangled_section_never_crashes(junk: bytes, at: int) -> None:
    try:
        listing = read_section(SECTION[:at] + junk + SECTION[at:], url=URL, links="a")
    except SourceError:
        return
    assert listing.entries

"""The bounds of the crawl."""

import pytest

from crawler.middlewares.scope import out_of_scope
from crawler.publisher import Publisher

PUBLISHER = Publisher(
    name="Example",
    homepage="https://example.org/",
    country="XX",
    languages=("en",),
    timezone="UTC",
    domains=("example.org",),
    sources=(),
    article_url=r"/news/\d+",
)


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("https://example.org/news/1", "page", None),
        ("http://www.example.org:80/news/1", "page", None),
        ("https://example.org:443/", "source", None),
        ("https://feeds.example.net/x", "source", None),
        ("https://cdn.example.net/robots.txt", "robots", None),
        ("https://example.net/news/1", "page", "not a host of Example"),
        ("https://badexample.org/news/1", "page", "not a host of Example"),
        ("https://example.org.evil.net/", "page", "not a host of Example"),
        ("file://example.org/etc/passwd", "source", "only http and https"),
        ("file:///etc/passwd", "robots", "only http and https"),
        ("ftp://example.org/x", "page", "only http and https"),
        ("data:text/html,x", "page", "only http and https"),
        ("https://user:secret@example.org/", "source", "credentials"),
        ("https://example.org:22/", "source", "port 22"),
        ("http://example.org:8080/", "page", "port 8080"),
        ("http:///x", "source", "no host"),
        ("http://[::1", "source", "IPv6"),
        ("http://example.org:99999/", "source", "ort"),
    ],
)
def test_scope(url: str, kind: str, words: str | None) -> None:
    problem = out_of_scope(url, kind, PUBLISHER)
    assert (problem is None) == (words is None), problem
    assert words is None or words in str(problem)
    assert "secret" not in str(problem)

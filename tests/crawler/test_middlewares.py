"""robots.txt by RFC 9309, and the bounds of the crawl."""

import pytest

from crawler.middlewares.robots import MAX_SIZE, DisallowedByRobots, RobotsUnreachable, read_robots
from crawler.middlewares.scope import out_of_scope
from crawler.publisher import Publisher

AGENT = "Dateline"
OPEN, CLOSED = "https://example.org/news/1", "https://example.org/private/1"
FILE = b"User-agent: *\nDisallow: /private/\nCrawl-delay: 7\n"


def allowed(status: int, body: bytes, url: str) -> bool:
    try:
        read_robots(status, body).check(url, AGENT)
    except DisallowedByRobots:
        return False
    return True


@pytest.mark.parametrize(
    ("status", "body", "opened", "closed"),
    [
        (200, FILE, True, False),
        (200, b"", True, True),
        (200, b"<html><body>not the file</body></html>", True, True),
        (200, b"User-agent: *\nDisallow: /", False, False),
        (200, b"User-agent: dateline\nDisallow: /news/\n\nUser-agent: *\nDisallow: /private/", False, True),
        (200, b"User-agent: otherbot\nDisallow: /\n", True, True),
        (200, b"\xef\xbb\xbf" + FILE, True, False),
        (200, FILE.replace(b"\n", b"\r\n"), True, False),
        (200, b"User-agent: *\nDisallow: /*/1$\nAllow: /news/", True, False),
        (200, b"#" * (MAX_SIZE - len(FILE) - 1) + b"\n" + FILE, True, False),
        (404, FILE, True, True),
        (403, b"User-agent: *\nDisallow: /", True, True),
        (401, b"", True, True),
        (410, b"", True, True),
        (429, b"", True, True),
        (500, b"", False, False),
        (503, b"<html>try later</html>", False, False),
        (503, b"User-agent: *\nAllow: /", False, False),
        (301, b"", False, False),
        (0, b"", False, False),
    ],
)
def test_what_an_answer_to_robots_txt_allows(status: int, body: bytes, opened: bool, closed: bool) -> None:
    assert (allowed(status, body, OPEN), allowed(status, body, CLOSED)) == (opened, closed)


def test_a_closed_site_is_told_from_a_forbidden_page() -> None:
    with pytest.raises(RobotsUnreachable, match="503"):
        read_robots(503, b"").check(OPEN, AGENT)
    with pytest.raises(DisallowedByRobots, match="disallows") as caught:
        read_robots(200, FILE).check(CLOSED, AGENT)
    assert not isinstance(caught.value, RobotsUnreachable)


def test_the_crawl_delay_is_read() -> None:
    assert read_robots(200, FILE).delay(AGENT) == 7
    assert read_robots(200, b"").delay(AGENT) is None
    assert read_robots(404, FILE).delay(AGENT) is None


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

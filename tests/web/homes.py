"""`*.homes.example`: small sites as the usual systems make them (`homes.toml`), for the search for sources."""

import json
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.web import misbehaving
from tests.web.messages import Reply, Request

DOMAIN = "homes.example"
DATA = Path(__file__).with_suffix(".toml")
DAY = "2026-03-17T08:12:00+00:00"


@dataclass(frozen=True, kw_only=True)
class Home:
    """One site; see `homes.toml`."""

    name: str
    head: str
    expected: tuple[str, ...]
    robots: tuple[str, ...]
    files: dict[str, dict[str, Any]]
    body: str = ""
    root: str = field(default="")

    @property
    def url(self) -> str:
        """Its home page."""
        return f"https://{self.name}.{DOMAIN}/"

    def story(self, number: int) -> str:
        """The address of a story."""
        return f"{self.url}world/shelling-of-a-market-{4710 + number}/"


@cache
def homes() -> dict[str, Home]:
    """Every site by its host."""
    entries = tomllib.loads(DATA.read_text(encoding="utf-8"))["site"]
    found = [Home(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
             for entry in entries]  # fmt: skip
    return {f"{home.name}.{DOMAIN}": home for home in found}


def owns(host: str) -> bool:
    """Whether a host is one of these sites."""
    return host in homes()


def respond(request: Request) -> Reply:
    """The home page, the files, a story for each address of one, and 404 for the rest."""
    home = homes()[request.host]
    if request.target == "/":
        links = "".join(f'<a href="{home.story(number)}">Story {number}</a>' for number in (1, 2))
        return _html(f"<html><head><title>News</title>{home.head}</head><body>{links}{home.body}</body></html>")
    if request.target == "/robots.txt":
        lines = ["User-agent: *", "Disallow: /private/", *(f"Sitemap: {_full(home, path)}" for path in home.robots)]
        return _reply(200, "text/plain", "\n".join(lines).encode())
    if request.target.startswith("/world/shelling-of-a-market-"):
        return _reply(200, "text/html; charset=utf-8", misbehaving.article(request.host + request.target))
    if request.target in home.files:
        return _file(home, **home.files[request.target])
    return _reply(404, "text/html", b"<!DOCTYPE html><html><body><h1>Not found</h1></body></html>")


def _file(home: Home, *, kind: str, stories: tuple[int, ...] = (), links: tuple[str, ...] = ()) -> Reply:
    urls = [(f"Shelling of market {number}", home.story(number)) for number in stories]
    if kind == "wall":
        return _html("<!DOCTYPE html><html><body>All our news on one page.</body></html>")
    if kind == "page":
        anchors = [f'<a href="{link}">RSS</a>' for link in links]
        return _html(f"<html><body>{''.join(anchors)}</body></html>")
    if kind == "json":
        items = [{"id": url, "url": url, "title": title, "date_published": DAY} for title, url in urls]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items}
        return _reply(200, "application/feed+json", json.dumps(feed).encode())
    if kind in {"rss", "comments"}:
        said = "#comment-1" if kind == "comments" else ""
        rows = "".join(f"<item><title>{title}</title><link>{url}{said}</link></item>" for title, url in urls)
        return _xml(f'<rss version="2.0"><channel><title>News</title>{rows}</channel></rss>')
    if kind == "atom":
        rows = "".join(f'<entry><title>{title}</title><link href="{url}"/></entry>' for title, url in urls)
        return _xml(f'<feed xmlns="http://www.w3.org/2005/Atom">{rows}</feed>')
    if kind == "index":
        rows = "".join(f"<sitemap><loc>{escape(_full(home, link))}</loc></sitemap>" for link in links)
        return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>')
    return _xml(_urlset(urls, is_news=kind == "news"))


def _urlset(urls: list[tuple[str, str]], *, is_news: bool) -> str:
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    spaces += 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    publication = "<news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>"
    publication += f"<news:publication_date>{DAY}</news:publication_date>"
    rows = ""
    for title, url in urls:
        news = f"<news:news>{publication}<news:title>{title}</news:title></news:news>" if is_news else ""
        rows += f"<url><loc>{url}</loc>{news}</url>"
    return f"<urlset {spaces}>{rows}</urlset>"


def _full(home: Home, path: str) -> str:
    return path if path.startswith("https://") else home.url.rstrip("/") + path


def _xml(text: str) -> Reply:
    return _reply(200, "application/xml; charset=utf-8", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode())


def _html(text: str) -> Reply:
    return _reply(200, "text/html; charset=utf-8", text.encode())


def _reply(status: int, content_type: str, body: bytes) -> Reply:
    return Reply(status=status, headers=(("Server", "nginx"), ("Content-Type", content_type)), body=body)

"""Feeds, sitemaps and robots.txt that lie, bite or have no end."""

import gzip
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from xml.sax.saxutils import escape

from tests.web.faults.book import Fault, fault
from tests.web.messages import Reply

XML, PLAIN = "application/xml; charset=utf-8", "text/plain; charset=utf-8"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _reply(content_type: str, text: str | bytes) -> Reply:
    body = text.encode() if isinstance(text, str) else text
    return Reply(headers=(("Server", "nginx"), ("Content-Type", content_type)), body=body)


def feed_of(links: Iterable[str]) -> bytes:
    """An RSS feed with these links, whatever they are."""
    items = "".join(f"<item><title>Entry</title><link>{escape(link)}</link></item>" for link in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def sitemap_of(links: Iterable[str], *, index: bool = False, doctype: str = "") -> bytes:
    """A sitemap, or an index, with these locations, whatever they are."""
    root, item = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    items = "".join(f"<{item}><loc>{link if doctype else escape(link)}</loc></{item}>" for link in links)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?>{doctype}<{root} xmlns="{space}">{items}</{root}>'.encode()


@fault("feed_links")
def _feed_links(reply: Reply, settings: Fault) -> Reply:
    """A feed of the links in `location`, parted by blanks."""
    return _reply(XML, feed_of(settings.location.split(" ")))


@fault("feed_doctype")
def _feed_doctype(reply: Reply, settings: Fault) -> Reply:
    """A feed whose DOCTYPE names the file `location`, and entities that expand a billionfold."""
    opening = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}<!ENTITY file SYSTEM "{settings.location}">]>'
    text = feed_of(["http://x.faults.example/"]).replace(b"<rss", opening.encode() + b"<rss", 1)
    return _reply(XML, text.replace(b"Entry", b"&l9;&file;"))


@fault("sitemap_links")
def _sitemap_links(reply: Reply, settings: Fault) -> Reply:
    """A sitemap of the links in `location`, parted by blanks."""
    return _reply(XML, sitemap_of(settings.location.split(" ")))


@fault("sitemap_entities")
def _sitemap_entities(reply: Reply, settings: Fault) -> Reply:
    """Locations made of entities: one expands a billionfold, one is the file `location`."""
    doctype = f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{LAUGHS}<!ENTITY file SYSTEM "{settings.location}">]>'
    return _reply(XML, sitemap_of(["http://x.faults.example/&l9;", "http://x.faults.example/&file;"], doctype=doctype))


@fault("sitemap_loop")
def _sitemap_loop(reply: Reply, settings: Fault) -> Reply:
    """A sitemap index that names itself, and itself under `size` other addresses."""
    return _reply(
        XML, sitemap_of([settings.location, *(f"{settings.location}?{n}" for n in range(settings.size))], index=True)
    )


@fault("sitemap_bomb")
def _sitemap_bomb(reply: Reply, settings: Fault) -> Reply:
    """A gzip file of a sitemap that unpacks to `size` bytes."""
    return _reply("application/gzip", _packed_sitemap(settings.size))


@cache
def _packed_sitemap(size: int) -> bytes:
    filler = b"<!--" + b" " * size + b"-->"
    return gzip.compress(
        sitemap_of(["http://x.faults.example/news/1"]).replace(b"<url>", filler + b"<url>", 1), mtime=0
    )


@fault("sitemap_huge_loc")
def _sitemap_huge_loc(reply: Reply, settings: Fault) -> Reply:
    """A location of `size` characters."""
    return _reply(XML, sitemap_of(["http://x.faults.example/news/" + "1" * settings.size]))


@fault("sitemap_many")
def _sitemap_many(reply: Reply, settings: Fault) -> Reply:
    """`size` locations."""
    return _reply(XML, sitemap_of(f"http://x.faults.example/other/{number}" for number in range(settings.size)))


@fault("sitemap_deep")
def _sitemap_deep(reply: Reply, settings: Fault) -> Reply:
    """Elements nested `size` deep."""
    deep = b"<x>" * settings.size + b"</x>" * settings.size
    return _reply(XML, sitemap_of(["http://x.faults.example/other/1"]).replace(b"<url>", deep + b"<url>", 1))


@fault("robots_text")
def _robots_text(reply: Reply, settings: Fault) -> Reply:
    """A robots.txt of `body`, behind `size` bytes of comment."""
    line = b"# nothing to see here\n"
    return _reply(PLAIN, line * (settings.size // len(line)) + settings.body)


@fault("content_lie")
def _content_lie(reply: Reply, settings: Fault) -> Reply:
    """The page under the label in `body`."""
    return reply.with_header("Content-Type", settings.body.decode("latin-1"))


@fault("links_instead")
def _links_instead(reply: Reply, settings: Fault) -> Reply:
    """The page with links, pictures, frames and a canonical address that all lead to `location`."""
    to = escape(settings.location, {'"': "&quot;"})
    head = f'<base href="{to}"><link rel="canonical" href="{to}"><meta property="og:url" content="{to}">'
    head += f'<meta http-equiv="refresh" content="0;url={to}"><link rel="amphtml" href="{to}">'
    links = f'<a href="{to}">on</a><img src="{to}"><iframe src="{to}"></iframe><script src="{to}"></script>'
    body = reply.body.replace(b"</head>", head.encode() + b"</head>", 1)
    return replace(reply, body=body.replace(b"<article>", b"<article>" + links.encode(), 1))

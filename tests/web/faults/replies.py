"""Wrong content, properly framed."""

import gzip
import itertools
from dataclasses import replace

from tests.web.faults.book import Fault, fault
from tests.web.faults.wires import half
from tests.web.messages import Reply

_numbers = itertools.count(1)

HTML_INSTEAD = b"""<!DOCTYPE html>
<html lang="en"><head><title>Please wait</title></head>
<body><h1>One moment</h1><p>We are checking your browser before you proceed.</p></body></html>
"""


@fault("status")
def _status(reply: Reply, settings: Fault) -> Reply:
    """An error page with that code."""
    return _error_page(settings, settings.status)


@fault("not_found")
def _not_found(reply: Reply, settings: Fault) -> Reply:
    """An error page with 404."""
    return _error_page(settings, 404)


def _error_page(settings: Fault, status: int) -> Reply:
    text = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
    headers = (*settings.headers, ("Server", "nginx"), ("Content-Type", "text/html"))
    return Reply(status=status, headers=headers, body=text.encode())


@fault("empty")
def _empty(reply: Reply, settings: Fault) -> Reply:
    """A 200 with no entity at all."""
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=b"", framing="length")


@fault("body")
def _body(reply: Reply, settings: Fault) -> Reply:
    """Another entity with the same headers."""
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=settings.body)


@fault("html_instead")
def _html_instead(reply: Reply, settings: Fault) -> Reply:
    """A 200 with a waiting page where a feed, sitemap or article should be."""
    headers = (("Server", "nginx"), ("Content-Type", "text/html; charset=utf-8"))
    return Reply(headers=headers, body=HTML_INSTEAD)


@fault("page")
def _page(reply: Reply, settings: Fault) -> Reply:
    """A page of its own, `body`, under `status`: what a guard answers whatever was asked, and to conditions too."""
    headers = (*settings.headers, ("Server", "nginx"), ("Content-Type", "text/html; charset=utf-8"))
    return Reply(status=settings.status, headers=headers, body=settings.body)


@fault("cut_text")
def _cut_text(reply: Reply, settings: Fault) -> Reply:
    """Half of the entity, with a length that agrees: a document that was cut before it was sent."""
    plain = gzip.decompress(reply.body) if reply.header("content-encoding") == "gzip" else reply.body
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=plain[: half(plain, settings)])


@fault("redirect")
def _redirect(reply: Reply, settings: Fault) -> Reply:
    """A redirect to `location`, with a code of 300 or more in `status`, else 302."""
    status = settings.status if 300 <= settings.status < 400 else 302
    return Reply(status=status, headers=(("Server", "nginx"), ("Location", settings.location)))


@fault("redirect_on")
def _redirect_on(reply: Reply, settings: Fault) -> Reply:
    """Each address redirects to another that was never asked for: a chain without end."""
    return Reply(status=302, headers=(("Server", "nginx"), ("Location", f"?{next(_numbers)}")))


@fault("redirect_loop")
def _redirect_loop(reply: Reply, settings: Fault) -> Reply:
    """A redirect to the same address."""
    return Reply(status=302, headers=(("Server", "nginx"), ("Location", "?")))


@fault("mislabelled")
def _mislabelled(reply: Reply, settings: Fault) -> Reply:
    """The text in `encoding` under the old labels, in header and `<meta>` both; what it lacks is left out."""
    plain = gzip.decompress(reply.body) if reply.header("content-encoding") == "gzip" else reply.body
    kept = tuple(pair for pair in reply.headers if pair[0].lower() != "content-encoding")
    return replace(reply, headers=kept, body=plain.decode().encode(settings.encoding, "ignore"))


@fault("gzip_bomb")
def _gzip_bomb(reply: Reply, settings: Fault) -> Reply:
    """A small body that unpacks to `size` bytes."""
    return replace(reply.with_header("Content-Encoding", "gzip"), body=gzip.compress(bytes(settings.size), mtime=0))

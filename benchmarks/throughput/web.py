"""The local web, in a process of its own: `python -m benchmarks.throughput.web KNOWN UNKNOWN [bare]`.

All pages are made before the first request, so that a run of it costs little more than sending. Every host's pages are
served under their own addresses (over TLS, to a crawler that is led here), and over plain HTTP as
`http://127.0.0.1:<port>/<host>/<path>` to programs that know of no such thing, a feed of which is at
`/mixed.rss?<number>`.
It talks by lines of JSON: its ports at the start; for each line that it reads, what happened since the last one.
"""

import asyncio
import json
import os
import re
import resource
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from zlib_ng import zlib_ng

from benchmarks.throughput import pages
from tests.web.certificates import Authority
from tests.web.messages import Reply, head_bytes, parse_head
from tests.web.pages import WebPage
from tests.web.site import Site, Web, sites

LEVEL = 6  # of gzip, as servers have it
MIXED = "/mixed.rss?"  # followed by a number of pages


def mixed(articles: Sequence[str], count: int) -> list[str]:
    """So many of the pages, of publishers with and without a file by turns."""
    unknown = [url for url in articles if urlsplit(url).hostname == pages.UNKNOWN]
    known = [url for url in articles if urlsplit(url).hostname != pages.UNKNOWN]
    return [url for pair in zip(known, unknown, strict=False) for url in pair][:count]


@dataclass(kw_only=True)
class Watch:
    """What was asked for since the last question; times by `time.monotonic`."""

    requests: int = 0
    articles: int = 0
    began: float | None = None

    def note(self, is_article: bool) -> None:
        """One more answer."""
        self.began = self.began or time.monotonic()
        self.requests += 1
        self.articles += is_article


@dataclass(kw_only=True)
class Answers:
    """Ready answers by host and target; what is not among them is left to the offline web's own."""

    web: Web
    ready: dict[tuple[str, str], bytes] = field(default_factory=dict)
    articles: list[str] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)

    def to(self, raw: bytes, scheme: str) -> bytes:
        """The bytes that answer a request's head."""
        request = parse_head(raw, scheme)
        if request is None:
            return head_bytes(Reply(status=400), [("Content-Length", "0")])
        host, target = request.host, request.target
        if host == "127.0.0.1":
            if target.startswith(MIXED):
                return self._mixed(raw.decode("latin-1"), int(target.removeprefix(MIXED)))
            host, _, target = target[1:].partition("/")
            target = f"/{target}"
        wire = self.ready.get((host, target.partition("?")[0]))
        self.watch.note(wire is not None)
        return wire if wire is not None else _framed(self.web.respond(request))

    def _mixed(self, head: str, count: int) -> bytes:
        """A feed of the addresses that any program can ask for."""
        found = re.search(r"\r\nhost: *(\S+)", head, re.IGNORECASE)
        home = found[1] if found is not None else ""
        return _feed(f"http://{home}/{url.partition('://')[2]}" for url in mixed(self.articles, count))


def make(known: int, unknown: int, *, bare: bool = False) -> Answers:
    """Make all pages, so many of publishers with a file and so many of others; `bare`: little but their articles."""
    known_pages, by_host = pages.known_pages(known), {site.host: site for site in sites()}
    answers = Answers(web=Web(known_pages))
    bodies = _bodies(known_pages, by_host, unknown, bare=bare)
    for url, body in bodies:
        parts = urlsplit(url)
        answers.ready[parts.hostname or "", parts.path] = _page(body)
        answers.articles.append(url)
    return answers


def _bodies(
    known: tuple[WebPage, ...], by_host: dict[str, Site], unknown: int, *, bare: bool
) -> Iterator[tuple[str, bytes]]:
    for number, page in enumerate(known):
        yield page.url, pages.known_html(page, by_host[page.host], number, bare=bare)
    for number, url in enumerate(pages.unknown_urls(unknown)):
        yield url, pages.unknown_html(number, bare=bare)


def _page(body: bytes) -> bytes:
    packer = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, 31)
    reply = Reply(
        headers=(
            ("Server", "nginx"),
            ("Date", format_datetime(pages.LATEST, usegmt=True)),
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Cache-Control", "max-age=60"),
        ),
        body=packer.compress(body) + packer.flush(),
    )
    return _framed(reply)


def _framed(reply: Reply) -> bytes:
    return head_bytes(reply, [("Content-Length", str(len(reply.body)))]) + reply.body


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Answers, scheme: str) -> None:
        self._answers = answers
        self._scheme = scheme
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            head, self._received = self._received[:end], self._received[end:]
            self._transport.write(self._answers.to(head, self._scheme))


async def serve(answers: Answers, folder: Path) -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    authority = Authority(folder)
    context: ssl.SSLContext = authority.context({*answers.web.hosts, pages.UNKNOWN})
    plain = await loop.create_server(lambda: _Connection(answers, "http"), "127.0.0.1", 0)
    secure = await loop.create_server(lambda: _Connection(answers, "https"), "127.0.0.1", 0, ssl=context)
    http, https = (server.sockets[0].getsockname()[1] for server in (plain, secure))
    _lead(answers)
    _say({"http": http, "https": https, "ca": os.fspath(authority.file), "articles": answers.articles})
    ended = asyncio.Event()

    def listen() -> None:
        for _ in sys.stdin:
            loop.call_soon_threadsafe(_report, answers)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=listen, daemon=True).start()
    await ended.wait()


def _lead(answers: Answers) -> None:
    """What leads to the pages of the host of many designs: its home page, a feed, a robots.txt."""
    host = pages.UNKNOWN
    home = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body></body></html>'
    answers.ready[host, "/feed.xml"] = _feed(url for url in answers.articles if urlsplit(url).hostname == host)
    answers.ready[host, "/"] = _plain("text/html", home)
    answers.ready[host, "/robots.txt"] = _plain("text/plain", "User-agent: *\nDisallow: /search\n")


def _feed(urls: Iterable[str]) -> bytes:
    entries = "".join(
        f"<item><title>Report {number}</title><link>{url}</link></item>" for number, url in enumerate(urls)
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>The Press</title>{entries}</channel></rss>'
    return _plain("application/rss+xml", feed)


def _plain(kind: str, text: str) -> bytes:
    return _framed(Reply(headers=(("Server", "nginx"), ("Content-Type", kind)), body=text.encode()))


def _report(answers: Answers) -> None:
    watch, answers.watch = answers.watch, Watch()
    used = resource.getrusage(resource.RUSAGE_SELF)
    _say({**asdict(watch), "cpu": used.ru_utime + used.ru_stime})


def _say(fields: dict[str, object]) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    """Make the pages, serve them."""
    answers = make(int(sys.argv[1]), int(sys.argv[2]), bare="bare" in sys.argv[3:])
    with tempfile.TemporaryDirectory(prefix="throughput-web-") as folder:
        asyncio.run(serve(answers, Path(folder)))


if __name__ == "__main__":
    main()

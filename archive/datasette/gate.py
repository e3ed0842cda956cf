"""The gate of the site: what it lets in, how much of it, and the headers that every answer carries.

An ASGI application around Datasette's. Only what reads is let in (GET and HEAD), only pages that are the site's own
(Datasette's pages about itself name files and threads), nothing overlong; answers set no cookie. On a public site each
client gets so many requests a second, and no more answers are worked on at once than the machine can bear.
"""

import asyncio
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from datasette.database import QueryInterrupted  # type: ignore[import-untyped]

from archive.datasette.cells import harmless
from archive.datasette.terms import Terms

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Event, Receive, Send], Awaitable[None]]

MAX_TARGET = 8_000  # bytes of path and query; RFC 9110, section 4.1, asks for 8,000 at least
MAX_PARAMETERS = 60
MAX_FACETS = 8  # each may take half a second
MAX_AT_ONCE = 24  # answers that are worked on; what comes beyond is told to come again
PER_SECOND, BURST = 10.0, 120  # requests of one client: a page with its style sheets is four
_MAX_CLIENTS = 20_000  # that are remembered

# Parameters of Datasette that are for its developers, or fail on what they do not expect; no page here needs them.
_REFUSED = frozenset({"_through", "_timelimit", "_trace", "_json_infinity", "_ttl"})

_HOST = re.compile(rb"[A-Za-z0-9._\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")  # "news.example:8001", "[::1]:8001"
_STATIC = re.compile(r"/-/static/[\w.-]+$")
_OWN = re.compile(r"/-/")
# Of a path: "%00", and what a redirect would take for another host, "//evil.example/" or "https://evil.example/"
_FORBIDDEN = re.compile(rb"^(?!/)|^/[/\\]|%(?:0[0-9a-f]|1[0-9a-f]|7f)|[\x00-\x20\x7f-\xff]", re.IGNORECASE)

HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
_DROPPED = {b"set-cookie", b"server"}


class Gate:
    """An application that lets through what `terms` allow; `own` are the addresses of the site's pages below /-/."""

    def __init__(self, app: App, terms: Terms, own: Sequence[str]) -> None:
        self._app = app
        self._terms = terms
        self._own = [re.compile(pattern) for pattern in own]
        self._at_once = 0
        self._rates = Rates()

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, self._headers(scope), of_csv=scope["path"].endswith(".csv"))
        refused = self._refused(scope)
        if refused is not None:
            await answer.plain(*refused)
            return
        self._at_once += 1
        try:
            seconds = None if scope["path"].endswith("/archive.db") else self._terms.answer_seconds
            await asyncio.wait_for(self._app(scope, _nothing(receive), answer.send), seconds)
        except TimeoutError:
            await answer.plain(503, "This takes too long. Ask for less.", (b"retry-after", b"10"))
        except QueryInterrupted:
            await answer.plain(503, "This query takes too long. Ask for less.")
        except Exception:
            logging.getLogger("archive.site").exception("a page failed")
            await answer.plain(500, "Something went wrong here; the operator finds the reason in the log.")
        finally:
            self._at_once -= 1

    def _refused(self, scope: Event) -> tuple[Any, ...] | None:
        """Status, words and headers where a request is not let in."""
        raw = scope.get("raw_path") or scope["path"].encode()
        path, _, _ = raw.partition(b"?")
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, "Here one can only read.", (b"allow", b"GET, HEAD")
        if (malformed := _malformed(path, scope)) is not None:
            return malformed
        if not self._is_of_the_site(path.decode("ascii")):
            return 404, "There is no such page."
        return self._too_busy(scope) if self._terms.public else None

    def _too_busy(self, scope: Event) -> tuple[Any, ...] | None:
        wait = self._rates.wait(_client(scope))
        if wait:
            return 429, "Too many requests. Please wait.", (b"retry-after", str(int(wait) + 1).encode())
        if self._at_once >= MAX_AT_ONCE:
            return 503, "Too many readers at once. Please come again.", (b"retry-after", b"5")
        return None

    def _is_of_the_site(self, path: str) -> bool:
        if self._terms.path != "/" and path.startswith(self._terms.path):
            path = "/" + path[len(self._terms.path) :]
        if path.startswith(("/_", "/:")):  # Datasette's own databases
            return False
        return not _OWN.match(path) or bool(_STATIC.match(path)) or any(route.match(path) for route in self._own)

    def _headers(self, scope: Event) -> dict[bytes, bytes]:
        headers = dict(HEADERS)
        if not self._terms.allow_robots:
            headers[b"x-robots-tag"] = b"noindex, nofollow"
        if self._terms.public and scope.get("scheme") == "https":
            headers[b"strict-transport-security"] = b"max-age=31536000"
        # a crawl may be writing: what is shown is a minute old at most
        headers[b"cache-control"] = b"public, max-age=60" if self._terms.public else b"no-cache"
        return headers


class Rates:
    """So many requests a second of each client, more in a burst; a bucket of tokens each."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """How many seconds `client` has to wait; 0 where it is let in."""
        now = time.monotonic()
        left, since = self._buckets.pop(client, (float(BURST), now))
        left = min(left + (now - since) * PER_SECOND, BURST)
        self._buckets[client] = (max(left - 1, 0), now)
        if len(self._buckets) > _MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / PER_SECOND


class _Answer:
    """One answer, with the headers of the site."""

    def __init__(self, send: Send, headers: dict[bytes, bytes], *, of_csv: bool) -> None:
        self._send = send
        self._of_csv = of_csv
        self._headers = headers
        self._has_begun = False

    async def send(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self._has_begun = True
            given = [(name.lower(), value) for name, value in event.get("headers", ())]
            kept = [(name, value) for name, value in given if name not in _DROPPED]
            self._of_csv = self._of_csv and event["status"] == 200
            names = {name for name, _ in kept}
            headers = {} if event["status"] == 200 else {b"cache-control": b"no-store"}
            added = (self._headers | headers).items()
            event = {**event, "headers": [*kept, *((name, value) for name, value in added if name not in names)]}
        elif self._of_csv and event.get("body"):
            event = {**event, "body": harmless(event["body"])}  # Datasette sends row by row
        await self._send(event)

    async def plain(self, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
        """A line of text, where nothing was sent yet; an answer that broke off stays broken."""
        if self._has_begun:
            raise ConnectionAbortedError
        body = f"{words}\n".encode()
        own = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
        await self._send({"type": "http.response.body", "body": body})


def _malformed(path: bytes, scope: Event) -> tuple[int, str] | None:
    query: bytes = scope["query_string"]
    if len(path) + len(query) > MAX_TARGET:
        return 414, "That address is too long."
    if _FORBIDDEN.search(path) or not _HOST.fullmatch(dict(scope["headers"]).get(b"host", b"localhost")):
        return 400, "That is no address of a page."
    parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    facets = [value for name, value in parameters if name.startswith("_facet")]
    if len(parameters) > MAX_PARAMETERS or len(facets) > MAX_FACETS:
        return 400, "That address asks for too much at once."
    if any(_is_senseless(name, value) for name, value in parameters):
        return 400, "That address asks for something that there is not."
    if path.endswith(b"/archive.csv") and not any(name == "sql" and value.strip() for name, value in parameters):
        return 404, "The tables have a file each; they do not fit into one."
    return None


def _is_senseless(name: str, value: str) -> bool:
    """Whether Datasette would stumble over a parameter: columns have no NUL in their names, facets are no objects."""
    is_instruction = name.startswith("_") and not name.startswith("_search")
    if name.endswith(("__in", "__notin")) and value[:1] == "[" and not _is_list(value):
        return True
    return name in _REFUSED or (is_instruction and "\0" in value) or (name.startswith("_facet") and value[:1] == "{")


def _is_list(value: str) -> bool:
    try:
        return all(isinstance(item, str | int | float) for item in json.loads(value))
    except (ValueError, RecursionError):
        return False


def _nothing(receive: Receive) -> Receive:
    """A request without its body: what is let in has none that counts."""

    async def without_body() -> Event:
        event = await receive()
        return {**event, "body": b"", "more_body": False} if event["type"] == "http.request" else event

    return without_body


def _client(scope: Event) -> str:
    """The client's address; of IPv6 the network of 64 bits, for that is what one client is given."""
    address: str = (scope.get("client") or ("unknown",))[0]
    return ":".join(address.split(":")[:4]) if ":" in address else address

"""What makes several addresses of one page, and how each is undone: tracking, AMP, wrappers. The table is data.

AMP's cache addresses: https://amp.dev/documentation/guides-and-tutorials/learn/amp-caches-and-cors/amp-cache-urls
"""

import base64
import binascii
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

# https://www.google.com/amp/s/www.example.org/a/amp · /amp/www.example.org/a (http)
_GOOGLE_AMP = re.compile(r"/amp/(s/)?([^/?#]+\.[^/?#]+.*)", re.DOTALL)
# https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a · /v/s/… (viewer) · /wp/s/…
_AMP_CACHE = re.compile(r"/(?:c|v|wp)/(s/)?([^/?#]+\.[^/?#]+.*)", re.DOTALL)
# https://news.google.com/rss/articles/CBMi… · /articles/… · /__i/rss/rd/articles/…
_NEWS_ID = re.compile(r"/(?:__i/rss/rd/|rss/)?articles/([\w=-]{16,2000})\Z")
_PRINTABLE = re.compile(rb"https?://[\x21-\x7e]+")
# "/amp/world/a" · "/world/a/amp/" · "/world/a.amp.html", "/world/a.amp"
_AMP_PATH = re.compile(r"\A/amp(?=/.)|/amp/?\Z|(?<=[^/])\.amp(?=\.html\Z|/?\Z)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Folds:
    """The table, ready for use."""

    tracking: re.Pattern[str]
    sometimes: frozenset[tuple[str, str]]  # name and value
    forms: frozenset[str]
    wrappers: tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]], ...]


@cache
def folds() -> Folds:
    """crawler/url_folds.toml."""
    table: dict[str, Any] = tomllib.loads((files("crawler") / "url_folds.toml").read_text(encoding="utf-8"))
    names = "|".join(re.escape(name).replace(r"\*", r"[\w.-]*") for name in table["tracking"])
    return Folds(
        tracking=re.compile(names, re.IGNORECASE),
        sometimes=frozenset(product(table["switches"], table["on"]))
        | frozenset(product(table["origins"], table["places"])),
        forms=frozenset(table["forms"]),
        wrappers=tuple(
            (re.compile(entry["host"], re.IGNORECASE), re.compile(entry["path"]), tuple(entry["parameters"]))
            for entry in table["wrapper"]
        ),
    )


def without_tracking(query: str, *, sometimes: bool) -> str:
    """A query without its tracking parameters, the others as they stand; `sometimes`: see the table."""
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair, sometimes=sometimes))


def _is_tracking(pair: str, *, sometimes: bool) -> bool:
    name, _, value = pair.removeprefix("amp;").partition("=")  # "&amp;utm_source=rss", escaped once too often
    if folds().tracking.fullmatch(name):
        return True
    return sometimes and (name.lower(), value.lower()) in folds().sometimes


def without_amp(path: str) -> str:
    """A path without AMP's part: "/world/a/amp/" → "/world/a/"."""
    while (shorter := _AMP_PATH.sub("", path, count=1)) != path:
        path = shorter + "/" if path.endswith("/") and not shorter.endswith("/") else shorter
    return path


def plain_host(host: str, homepage: str) -> str:
    """The host of a publisher's page without a label for another form of it: "m.courier.example" → the home page's."""
    first, _, rest = host.partition(".")
    if first not in folds().forms or "." not in rest:
        return host
    home = (urlsplit(homepage).hostname or "").lower()
    return home if home.removeprefix("www.") == rest.removeprefix("www.") else rest


def unwrapped(url: str) -> str:
    """The address that `url` stands for: a cache's, a counted click's. One that stands for itself comes back as it is.

    Each step takes something off. Never raises.
    """
    while True:
        try:
            inner = _inner(urlsplit(url))
        except ValueError:
            return url
        if inner is None or len(inner) >= len(url):
            return url
        url = inner


def _inner(parts: SplitResult) -> str | None:
    host = (parts.hostname or "").lower()
    if re.fullmatch(r"(?:www\.)?google\.[a-z.]{2,6}", host) and (found := _GOOGLE_AMP.match(parts.path)):
        return _built(found, parts.query)
    if host.endswith(".cdn.ampproject.org") and (found := _AMP_CACHE.match(parts.path)):
        return _built(found, parts.query)
    if host == "news.google.com" and (found := _NEWS_ID.match(parts.path)):
        return _from_identifier(found[1])
    for wrapper, path, parameters in folds().wrappers:
        if wrapper.fullmatch(host) and path.fullmatch(parts.path or "/"):
            return _from_query(parts.query, parameters)
    return None


def _built(found: re.Match[str], query: str) -> str:
    return f"http{'s' if found[1] else ''}://{found[2]}{f'?{query}' if query else ''}"


def _from_query(query: str, parameters: Iterable[str]) -> str | None:
    given = dict(reversed(parse_qsl(query, max_num_fields=100)))
    named = (given.get(name, "") for name in parameters)
    return next((value for value in named if value.startswith(("http://", "https://"))), None)


def _from_identifier(identifier: str) -> str | None:
    """The address in an identifier of Google News, where it holds one: base64 of a message with a length before it."""
    try:
        message = base64.urlsafe_b64decode(identifier + "=" * (-len(identifier) % 4))
    except (binascii.Error, ValueError):
        return None
    found = _PRINTABLE.search(message)
    if found is None or found.start() == 0:
        return None
    length = message[found.start() - 1]
    if found.start() > 1 and message[found.start() - 2] >= 0x80:  # a length above 127 takes two bytes, low one first
        length = (message[found.start() - 2] & 0x7F) | length << 7
    return found[0][:length].decode("ascii")

"""URLs: as they are fetched, the one form under which a page is known, and the links of a page made absolute."""

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from crawler.publisher import Publisher
from crawler.url_folds import folds, plain_host, unwrapped, without_amp, without_tracking

if TYPE_CHECKING:
    from tldextract import TLDExtract

# Characters. Servers refuse lines of more than 8 KiB, and a megabyte of URL takes 80 megabytes of memory to clean up.
MAX_LENGTH = 8192


@cache
def _suffixes() -> "TLDExtract":
    """The bundled list of public suffixes; by default the library would download one."""
    import tldextract  # noqa: PLC0415 - with requests and urllib3, a tenth of the time that a command takes to start

    return tldextract.TLDExtract(suffix_list_urls=())


def registrable_domain(url: str) -> str:
    """The domain that names a site: "euronews.com" for https://de.euronews.com/…; the host where there is none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return _suffixes()(host).top_domain_under_public_suffix or host


def clean_url(url: str, base: str | None = None) -> str | None:
    """`url` as it is fetched and archived: absolute, percent-encoded, without fragment and tracking parameters.

    An address that stands for another (a counted click, a cache of AMP) gives that one. None when it is no http or
    https URL (`mailto:`, `javascript:`, no host, unbalanced brackets), or one without end.
    """
    if len(url) > MAX_LENGTH:
        return None
    try:
        absolute_url = urljoin(base, url.strip()) if base else url.strip()
        parts = urlsplit(safe_url_string(unwrapped(safe_url_string(absolute_url))))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        netloc = f"{netloc}:{port}"
    query = "&".join(pair for pair in parts.query.split("&") if without_tracking(pair, sometimes=False) or not pair)
    return urlunsplit((parts.scheme, netloc, parts.path or "/", query, ""))


def canonical_url(url: str, publisher: Publisher | None = None) -> str:
    """The one form under which a page is known: wrappers, tracking, AMP, fragment and default port dropped.

    For pages of `publisher` mobile hosts go, too, and its own folds (`canonical_rewrites`) are made: network twins.
    Idempotent, and never raises. A URL that is not http(s) comes back stripped of white space, nothing more.
    """
    url = url.strip()
    if len(url) > MAX_LENGTH:
        return url
    try:
        parts = urlsplit(unwrapped(url).encode(errors="replace").decode())  # of half a surrogate pair there is no URL
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return url
    host = parts.hostname.lower().rstrip(".")
    owned = publisher is not None and publisher.owns(host)
    if owned and publisher is not None:
        host = plain_host(host, publisher.homepage)
    if port and port != {"http": 80, "https": 443}[parts.scheme.lower()]:
        host = f"{host}:{port}"
    query = without_tracking(parts.query, sometimes=True)
    path = _ascii(without_amp(parts.path) or "/")
    folded = urlunsplit((parts.scheme.lower(), host, path, _ascii(query), ""))
    for pattern, replacement in publisher.canonical_rewrites if owned and publisher is not None else ():
        folded = re.sub(pattern, replacement, folded)
    return folded


def page_url(url: str, claimed: str | None, publisher: Publisher | None) -> str:
    """The canonical URL of the page at `url`, whose own claim (`rel=canonical`, og:url) is `claimed`.

    The claim is believed when it leads to a page of the same site that is no home page: Al-Alam's pages all claim "/".
    """
    own = canonical_url(url, publisher)
    try:
        address = urljoin(url, claimed) if claimed else url
        if address == url:
            return own
        candidate = canonical_url(address, publisher)
        here, there = urlsplit(own), urlsplit(candidate)
    except ValueError:
        return own
    if there.scheme not in {"http", "https"} or _site(there.hostname) != _site(here.hostname):
        return own
    if len(there.path.strip("/")) == 0 or there.path.count("/") < here.path.count("/") - 1:
        return own
    if publisher is not None and publisher.is_article(own) and not publisher.is_article(candidate):
        return own
    return candidate


def completed(url: str, base: str) -> str:
    """`url` as a source printed it, completed by `base` where it is relative; empty for none and for what is no URL."""
    try:
        return urljoin(base, url) if url else ""
    except ValueError:  # http://[::1
        return ""


def absolute(url: str, link: str | None) -> str | None:
    """`link` seen from the page at `url`, or None where it is not a web address."""
    if not link or link.strip().startswith(("#", "javascript:", "mailto:", "data:")):
        return None
    try:
        joined = urljoin(url, link.strip())
        return joined if urlsplit(joined).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _ascii(text: str) -> str:
    """`text` with what is not ASCII percent-encoded; what is already encoded stays."""
    return quote(text, safe="/%:@!$&'()*+,;=~-._?[]|", errors="replace")


def _site(host: str | None) -> str:
    """The host without its "www." and labels for other forms ("m.", "amp."); subdomains with a meaning (en.) stay."""
    name = (host or "").lower()
    while (label := name.partition(".")[0]) in folds().forms or label == "www":
        name = name.partition(".")[2]
    return name

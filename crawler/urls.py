"""URLs: as they are fetched, the one form under which a page is known, and the links of a page made absolute."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import tldextract
from w3lib.url import safe_url_string

from crawler.publisher import Publisher

# Characters. Servers refuse lines of more than 8 KiB, and a megabyte of URL takes 80 megabytes of memory to clean up.
MAX_LENGTH = 8192

# Query parameters that say how a reader came, never what is read. utm_source=rss · fbclid=IwAR0… · at_medium=RSS ·
# ns_mchannel=social · ito=1490 · chat_room_id=1063891 (Sputnik: the page with its comments open)
_TRACKING = re.compile(
    r"utm_\w+|at_(?:medium|campaign|custom\d|link_\w+|bbc_team|format|ptr_name)|ns_(?:mchannel|source|campaign|linkname|fee)"
    r"|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|__twitter_impression|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid"
    r"|twclid|ttclid|igsh(?:id)?|_ga|_gl|_openstat|ref_src|referrer|cmp(?:id)?|ocid|ito|xtor|wt_(?:mc|zmc)\w*|spm|s_kwcid"
    r"|s_cid|smid|guccounter|guce_referrer\w*|chat_room_id",
    re.I,
)
_MODES = re.compile(r"(?:amp|outputType|print|from|ref)\Z", re.I)  # tracking only with one of the values below
_MODE_VALUES = re.compile(r"(?:|1|true|amp|rss|twitter|facebook|telegram|whatsapp|social|push|newsletter|home)\Z", re.I)
_AMP_PATH = re.compile(r"\A/amp(?=/)|/amp/?\Z|(?<=[^/])\.amp(?=\.html\Z|\Z)")  # "/amp/world/…", "…-slug/amp/"


# The bundled list of public suffixes; by default the library would download one.
_suffixes = tldextract.TLDExtract(suffix_list_urls=())


def registrable_domain(url: str) -> str:
    """The domain that names a site: "euronews.com" for https://de.euronews.com/…; the host where there is none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return _suffixes(host).top_domain_under_public_suffix or host


def clean_url(url: str, base: str | None = None) -> str | None:
    """`url` as it is fetched and archived: absolute, percent-encoded, without fragment and tracking parameters.

    None when it is no http or https URL (`mailto:`, `javascript:`, no host, unbalanced brackets), or one without end.
    """
    if len(url) > MAX_LENGTH:
        return None
    try:
        parts = urlsplit(safe_url_string(urljoin(base, url.strip()) if base else url.strip()))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        netloc = f"{netloc}:{port}"
    pairs = parts.query.split("&") if parts.query else []
    query = "&".join(pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0]))
    return urlunsplit((parts.scheme, netloc, parts.path or "/", query, ""))


def canonical_url(url: str, publisher: Publisher | None = None) -> str:
    """The one form under which a page is known: tracking parameters, AMP, fragment and default port dropped.

    `publisher` adds its own folds (`canonical_rewrites`): mobile hosts, network twins. Idempotent. A URL that is not
    http(s) comes back stripped of white space, nothing more.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return url
    host = parts.hostname.lower().rstrip(".")
    if port and port != {"http": 80, "https": 443}[parts.scheme.lower()]:
        host = f"{host}:{port}"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(*pair.partition("=")[::2]))
    path = _ascii(_without_amp(parts.path) or "/")
    folded = urlunsplit((parts.scheme.lower(), host, path, _ascii(query), ""))
    if publisher is not None and publisher.owns(parts.hostname.lower()):
        for pattern, replacement in publisher.canonical_rewrites:
            folded = re.sub(pattern, replacement, folded)
    return folded


def page_url(url: str, claimed: str | None, publisher: Publisher | None) -> str:
    """The canonical URL of the page at `url`, whose own claim (`rel=canonical`, og:url) is `claimed`.

    The claim is believed when it leads to a page of the same site that is no home page: Al-Alam's pages all claim "/".
    """
    own = canonical_url(url, publisher)
    if not claimed:
        return own
    try:
        candidate = canonical_url(urljoin(url, claimed), publisher)
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


def _is_tracking(name: str, value: str) -> bool:
    if _MODES.match(name):
        return _MODE_VALUES.match(value) is not None
    return _TRACKING.fullmatch(name) is not None


def _without_amp(path: str) -> str:
    shorter = _AMP_PATH.sub("", path)
    if shorter != path and path.endswith("/") and not shorter.endswith("/"):
        return shorter + "/"
    return shorter or path


def _site(host: str | None) -> str:
    """The host without its "www.", "m." or "amp."; subdomains with a meaning (en., arabic.) stay."""
    return re.sub(r"\A(?:www|m|amp|mobile)\.", "", (host or "").lower())

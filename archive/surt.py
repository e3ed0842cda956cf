"""URLs as index keys: sort-friendly (SURT) and with what does not tell pages apart taken out.

    https://www.Example.org:443/News//a/?b=2&A=1#top   →   org,example)/news/a?a=1&b=2

The rules are those by which CDX indexes are made and searched everywhere (the canonicalisation of Google's Safe
Browsing, then the Internet Archive's; IIPC "CDXJ 1.0"): a reader that makes its keys otherwise finds nothing.
"""

import re
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

# "https://user@host:8080/path?query"
_URL = re.compile(r"(https?)://(?:[^/?@]*@)?(\[[^\]]*\]|[^/?:]*)(?::(\d*))?([^?]*)(\?.*)?$", re.IGNORECASE | re.DOTALL)
# "https://news.example/world/2026-03-04/a-story": most addresses have nothing to undo, put in order or leave out
_PLAIN = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*)/?")
_PORTS = {"http": "80", "https": "443"}

# "www.", "www2."
_WWW = re.compile(r"^www\d*\.")

# Keys of visits, not of pages: "/(S(…))/a.aspx", "/(…)/a.aspx"
_PATH_SESSIONS = (
    (re.compile(r"^(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)$"), r"\1\2"),
    (re.compile(r"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$"), r"\1\2"),
)
# "jsessionid=…", "phpsessid=…", "sid=…", "aspsessionidabcdefgh=…", "cfid=12&cftoken=34"
_QUERY_SESSIONS = (
    re.compile(r"(?:(?<=^)|(?<=&))(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}(?:&|$)"),
    re.compile(r"(?:(?<=^)|(?<=&))aspsessionid[a-z]{8}=[a-z]{24}(?:&|$)"),
    re.compile(r"(?:(?<=^)|(?<=&))cfid=[^&]+&cftoken=[^&]+(?:&|$)"),
)


def surt(url: str) -> str:
    """The key of a URL; of one that is not http or https, the URL itself."""
    plain = _PLAIN.fullmatch(url)
    if plain is not None:
        return f"{_host(plain[1])}){plain[2].lower() or '/'}"
    match = _URL.match(re.sub(r"[\t\r\n]", "", url.strip()).partition("#")[0])
    if match is None:
        return url
    scheme, host, port, path, query = match.groups()
    shown = f":{port}" if port and port != _PORTS[scheme.lower()] else ""
    return f"{_host(host)}{shown}){_path(path)}{_query(query)}"


@lru_cache(maxsize=1024)
def _host(host: str) -> str:
    """`www.example.co.uk` → `uk,co,example`."""
    name = unquote_to_bytes(host).decode("utf-8", "replace").lower()
    name = re.sub(r"\.{2,}", ".", name).strip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            name = _escaped(name.encode("utf-8"))
    name = _WWW.sub("", name)
    return name if name.startswith("[") else ",".join(reversed(name.split(".")))


def _path(path: str) -> str:
    """Without dot segments, empty segments, session and closing slash, in lower case."""
    kept: list[str] = []
    for segment in _normal(path).split("/"):
        if segment == ".." and kept and kept[-1] != "..":  # above the root there is nothing to go up to
            del kept[-1]
        elif segment not in {"", "."}:
            kept.append(segment)
    joined = "/" + "/".join(kept).lower()
    for pattern, put in _PATH_SESSIONS:
        joined = pattern.sub(put, joined)
    return joined


def _query(query: str | None) -> str:
    """Lower case, without session, its parts in order: servers rarely care for theirs."""
    text = _normal((query or "")[1:]).lower()
    for pattern in _QUERY_SESSIONS:
        text = pattern.sub("", text, count=1)
    parts = sorted(part.partition("=") for part in text.split("&"))
    joined = "&".join("".join(part) for part in parts)
    return f"?{joined}" if joined else ""


def _normal(text: str) -> str:
    """Every escape undone, again and again, then only what must be escaped is."""
    data = text.encode("utf-8", "surrogatepass")
    while (plain := unquote_to_bytes(data)) != data:
        data = plain
    return _escaped(data)


# All that is printed, but for the two signs that escapes and fragments begin with.
_SAFE = "".join(map(chr, range(0x21, 0x7F))).replace("%", "").replace("#", "")


def _escaped(data: bytes) -> str:
    return quote_from_bytes(data, safe=_SAFE)

"""Every way in which the network misbehaves, each at a host of its own, and how a URL there has to end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tests.web.faults import Fault

Kind = Literal["page", "feed", "sitemap"]
# How an address ends: the outcome of its sighting, "open" (it stays in the frontier for the next run), "read" and
# "problem" of a source; several where it is a matter of the machine's pace, or of judging a page without words.
Ends = Literal[
    "extracted",
    "not_article",
    "blocked",
    "failed",
    "open",
    "read",
    "problem",
    "failed or open",
    "empty or not_article or off_topic",
]

FOREVER = 10**9  # bytes: endless, and yet the server stops some day
LONG = 3600.0  # seconds
MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A host `NAME.faults.example` that has one fault: at its page or source, in its handshake or robots.txt."""

    name: str
    fault: Fault
    ends: Ends
    kind: Kind = "page"
    scheme: str = "http"
    where: str = "/news/"  # what of the host is spoilt: a path's beginning
    path: str = "/news/1"

    @property
    def host(self) -> str:
        """Its host."""
        return f"{self.name.replace('_', '-')}.faults.example"

    @property
    def url(self) -> str:
        """What is asked for."""
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def pattern(self) -> str:
        """The regex of the URLs that are spoilt."""
        return rf"://{self.host.replace('.', '[.]')}{self.where}"


def _page(ends: Ends, name: str, kind: str | None = None, **settings: object) -> Endpoint:
    return Endpoint(name=name, fault=Fault(kind or name, **settings), ends=ends)  # type: ignore[arg-type]


def _source(ends: Ends, kind: Kind, name: str, fault: str | None = None, **settings: object) -> Endpoint:
    return Endpoint(name=name, fault=Fault(fault or name, **settings), ends=ends, kind=kind)  # type: ignore[arg-type]


def _tls(name: str, **settings: object) -> Endpoint:
    fault = Fault(name, **settings)  # type: ignore[arg-type]
    return Endpoint(name=name, fault=fault, ends="open", scheme="https", where="/")


def _robots(ends: Ends, name: str, fault: str, **settings: object) -> Endpoint:
    given = Fault(fault, **settings)  # type: ignore[arg-type]
    return Endpoint(name=name, fault=given, ends=ends, where="/robots[.]txt")


def endpoints(canary: str, private: str) -> tuple[Endpoint, ...]:
    """All of them. `canary`: URL of a local file that nobody may read; `private`: of a service nobody may reach."""
    return (*_pace(), *_malformed(), *_codings(), *_content(), *_redirects(canary, private), *_handshakes(),
            *_sources(canary, private), *_robots_files(canary, private))  # fmt: skip


def _pace() -> Iterator[Endpoint]:
    """Slow, silent, endless, cut."""
    yield _page("open", "slow_head", size=1, seconds=0.5)
    yield _page("open", "slow_body", "slow", size=1, seconds=0.5)
    yield _page("extracted", "slow_but_whole", "slow", size=400, seconds=0.02)
    yield _page("open", "silent_connection", "stalled", after=0, seconds=LONG)
    yield _page("open", "silent_body", "stalled", after=50, seconds=LONG)
    yield _page("failed", "endless_headers", size=FOREVER)
    yield _page("failed", "endless_status", size=4 * MIB)
    for number in range(8):
        yield _page("failed or open", f"endless_body_{number}", "endless_body", size=FOREVER)
        yield _page("failed or open", f"endless_close_{number}", "endless_close", size=FOREVER)
    yield _page("open", "truncated")
    yield _page("open", "head_only")
    yield _page("open", "no_answer")
    yield _page("open", "reset_at_once", "reset", after=0)
    yield _page("open", "reset_after_head", "reset", after=1)
    yield _page("open", "reset_in_body", "reset")
    yield _page("open", "too_long", "wrong_length", size=10)
    yield _page("extracted", "too_short", "wrong_length", size=-20)
    yield _page("extracted", "tiny_chunks")
    yield _page("extracted", "comes_back", "status", status=503, times=1)


def _malformed() -> Iterator[Endpoint]:
    """No proper HTTP."""
    for name in ("bad_version", "no_reason", "nul_in_header", "no_colon", "same_lengths", "length_and_chunks",
                 "early_hints", "bare_lf", "two_answers", "spaced_name", "high_bytes", "empty_name"):  # fmt: skip
        yield _page("extracted", name)
    for name in ("status_000", "status_999", "vast_length"):
        yield _page("failed", name)
    # What cannot be read as HTTP is kept as far as it came, and asked for again by the next run
    for name in ("no_version", "http_09", "status_word", "garbage_first", "blank_first", "interim_only", "switching",
                 "negative_length", "worded_length", "two_lengths", "bad_chunk_size", "negative_chunk", "vast_chunk",
                 "short_chunk", "no_last_chunk", "not_http", "fold_first",
                 "odd_transfer_coding"):  # fmt: skip
        yield _page("open", name)
    yield _page("extracted", "many_headers", size=2000)
    yield _page("failed", "too_many_headers", "many_headers", size=200_000)
    yield _page("failed", "huge_line", size=MIB)
    yield _page("extracted", "cookie_flood", size=1000)
    yield _page("extracted", "interim_flood", size=500)
    yield _page("failed", "interim_without_end", "interim_flood", size=100_000)
    yield _page("open", "endless_chunk_line", size=4 * MIB)
    yield _page("open", "endless_trailers", size=300_000)
    yield _page("failed", "body_on_204")
    yield _page("failed", "body_on_304")


def _codings() -> Iterator[Endpoint]:
    """Compression."""
    for coding in ("gzip", "deflate", "br", "zstd"):
        yield _page("open", f"bomb_{coding}", "bomb", encoding=coding, size=128 * MIB)
        yield _page("open", f"cut_{coding}", "cut_stream", encoding=coding)
        if coding != "zstd":  # zstd streams carry no checksum as a rule: a wrong byte of text shows nowhere
            yield _page("open", f"broken_{coding}", "broken_stream", encoding=coding)
        yield _page("extracted", f"only_said_{coding}", "only_said", encoding=coding)
    yield _page("open", "bomb_in_bomb", "bomb", encoding="gzip, gzip", size=128 * MIB)
    yield _page("open", "bomb_layered", "bomb", encoding="gzip, br", size=128 * MIB)
    yield _page("open", "named_2000_times", "named_layers", encoding="gzip", size=2000)
    yield _page("open", "unknown_coding", "only_said", encoding="rot13")


def _content() -> Iterator[Endpoint]:
    """Labels and contents that lie."""
    for name, label in (("as_picture", "image/png"), ("as_zip", "application/zip"), ("as_feed", "application/rss+xml")):
        yield _page("not_article", name, "content_lie", body=label.encode())
    for name, label in (
        ("as_text", "text/plain"),
        ("as_nonsense", ";;;=;"),
        ("as_utf_16", "text/html; charset=utf-16"),
        ("as_utf_7", "text/html; charset=utf-7"),
        ("as_idna", "text/html; charset=idna"),
        ("as_zlib", "text/html; charset=zlib_codec"),
        ("as_long_charset", f"text/html; charset={'x' * 5000}"),
    ):
        yield _page("extracted", name, "content_lie", body=label.encode())
    yield _page("empty or not_article or off_topic", "no_bytes", "empty")
    yield _page("empty or not_article or off_topic", "only_nul", "body", body=bytes(200_000))
    yield _page("empty or not_article or off_topic", "binary", "body", body=bytes(range(256)) * 500)
    yield _page("blocked", "waiting_page", "html_instead")
    yield _page("failed", "gone", "status", status=410)
    yield _page("open", "error_503", "status", status=503)
    yield _page("extracted", "refresh_header", "early_hints", headers=(("Refresh", "0; url=http://127.0.0.1/"),))
    yield _page("extracted", "cookies", "early_hints", headers=(("Set-Cookie", "id=canary-cookie; Domain=example"),))


def _redirects(canary: str, private: str) -> Iterator[Endpoint]:
    """Redirects that lead nowhere good."""
    yield _page("failed", "redirect_loop")
    yield _page("failed", "redirect_without_end", "redirect_on")
    yield _page("failed", "redirect_pair", "redirect", location="http://redirect-pair.faults.example/news/2")
    yield _page("failed", "redirect_schemes", "redirect", location="https://redirect-schemes.faults.example/news/1")
    for name, location in (
        ("to_private", private),
        ("to_file", canary),
        ("to_own_file", canary.replace("file://", "file://to-own-file.faults.example")),
        ("to_ftp", "ftp://faults.example/news/1"),
        ("to_data", "data:text/html,<p>canary"),
        ("to_credentials", "http://user:canary-password@x.faults.example/news/1"),
        ("to_far_too_long", "/news/" + "1" * 20_000),
    ):
        yield _page("not_article", name, "redirect", location=location)
    for name, location in (
        ("to_script", "javascript:alert(1)"),
        ("to_nowhere", ""),
        ("to_broken", "http://[::1"),
        ("to_bad_port", "http://x.faults.example:99999/news/1"),
        ("to_bytes", "http://\xff\xfe.faults.example/\x80"),
    ):
        yield _page("failed", name, "redirect", location=location)
    yield _page("not_article", "no_location", "status", status=302)
    yield _page("extracted", "links_to_private", "links_instead", location=private)
    yield _page("extracted", "links_to_file", "links_instead", location=canary)


def _handshakes() -> Iterator[Endpoint]:
    """TLS."""
    for name in ("tls_expired", "tls_other_name", "tls_self_signed", "tls_cut", "tls_plain"):
        yield _tls(name)
    yield _tls("tls_silent", seconds=LONG)


def _sources(canary: str, private: str) -> Iterator[Endpoint]:
    """Feeds and sitemaps."""
    bad = (canary, private, "ftp://x.faults.example/news/1", "data:text/html,canary", "javascript:alert(1)")
    links = " ".join((*bad, "http://user:canary-password@links.faults.example/news/1", "http://[::1", "http://"))
    links += f" {canary.replace('file://', 'file://feed-links.faults.example')} http://well-1.faults.example/news/0"
    yield _source("problem", "feed", "feed_links", location=links)  # an entry without an address is named
    yield _source("read", "sitemap", "sitemap_links", location=links)
    yield _source("problem", "feed", "feed_doctype", location=canary)
    yield _source("problem", "sitemap", "sitemap_entities", location=canary)
    yield _source("read", "sitemap", "sitemap_loop", location="http://sitemap-loop.faults.example/news/1", size=5)
    # of an index without one file that may be read, nothing was read
    yield _source("problem", "sitemap", "sitemap_index_of_files", "sitemap_loop", location=canary, size=2)
    yield _source("problem", "sitemap", "sitemap_bomb", size=128 * MIB)
    yield _source("read", "sitemap", "sitemap_huge_loc", size=MIB)
    yield _source("read", "sitemap", "sitemap_many", size=5_000)
    yield _source("problem", "sitemap", "sitemap_deep", size=200_000)
    yield _source("problem", "feed", "feed_bomb", "bomb", encoding="gzip", size=128 * MIB)
    yield _source("problem", "feed", "feed_silent", "stalled", after=0, seconds=LONG)
    yield _source("problem", "feed", "feed_to_private", "redirect", location=private)
    yield _source("problem", "feed", "feed_to_file", "redirect", location=canary)
    yield _source("problem", "feed", "feed_is_binary", "body", body=bytes(range(256)) * 64)
    yield _source("problem", "feed", "feed_is_a_page", "html_instead")


def _robots_files(canary: str, private: str) -> Iterator[Endpoint]:
    """robots.txt."""
    yield _robots("open", "robots_503", "status", status=503)
    yield _robots("open", "robots_silent", "stalled", after=0, seconds=LONG)
    yield _robots("open", "robots_loop", "redirect_loop")
    yield _robots("open", "robots_to_private", "redirect", location=private)
    yield _robots("open", "robots_to_file", "redirect", location=canary)
    yield _robots("open", "robots_endless", "endless_body", size=FOREVER)
    yield _robots("open", "robots_cut", "truncated", after=5)
    yield _robots("extracted", "robots_404", "status", status=404)
    yield _robots("extracted", "robots_is_a_page", "html_instead")
    yield _robots("extracted", "robots_binary", "body", body=bytes(range(256)) * 64)
    yield _robots("blocked", "robots_closed", "robots_text", body=b"User-agent: *\nDisallow: /\n", size=300_000)
    yield _robots("extracted", "robots_huge", "robots_text", body=b"User-agent: *\nDisallow: /\n", size=MIB)
    sitemaps = f"Sitemap: {canary}\nSitemap: {private}\nUser-agent: *\nDisallow:\n"
    yield _robots("extracted", "robots_names_files", "robots_text", body=sitemaps.encode(), size=0)
    slow = b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*a*b$\n" * 200
    patterns = _robots("extracted", "robots_patterns", "robots_text", body=slow, size=0)
    yield replace(patterns, path=f"/news/1{'a' * 400}")
    yield _robots("extracted", "robots_odd_delay", "robots_text", body=b"User-agent: *\nCrawl-delay: inf\n", size=0)

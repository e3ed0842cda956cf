"""What the offline web answers to a request: pages, feeds, sitemaps, section pages, robots.txt, redirects, errors."""

import gzip
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from tests.web import homes, misbehaving
from tests.web.archives import HOSTS, Archives
from tests.web.messages import Reply, Request
from tests.web.pages import WebPage
from tests.web.render import render, render_page

SITES = Path(__file__).parent / "sites.toml"


# What a site's ETag and Last-Modified are worth: strong · weak (`W/"…"`) · suffixed (`"…-gzip"`, as Apache's where it
# compresses) · none (never a 304) · lying (always the same, so that a change answers 304) · date (Last-Modified alone)
Validators = Literal["strong", "weak", "suffixed", "none", "lying", "date"]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed at `path` with the pages whose path matches the regex `match`."""

    path: str
    title: str
    match: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section page, `per_page` stories a page; further pages by the query parameter of the site."""

    path: str
    name: str
    match: str = ""
    per_page: int = 8


@dataclass(frozen=True, kw_only=True)
class Site:
    """One host. `look` names the templates of its section and error pages; `sitemap` the path of its index."""

    host: str
    publisher: str
    name: str
    lang: str
    look: str
    aliases: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
    sections: tuple[Section, ...] = ()
    sitemap: str = "/sitemap.xml"
    sitemap_news: str = "/sitemap-news.xml"
    sitemap_articles: str = "/sitemap-articles.xml.gz"
    page_parameter: str = "page"
    zone: str = "UTC"  # in which its days begin
    day_archive: str = ""  # path of the page that lists a day's stories, for strftime: "/archive/%Y%m%d"
    day_sitemap: str = ""  # path and query of the sitemap of a day's stories
    numbered: str = ""  # what "load more" asks for: a path with {count} stories of the {page}, from 0
    disallow: tuple[str, ...] = ()
    tracking: str = ""  # what the feed appends to its links
    validators: Validators = "strong"
    https_only: bool = True
    gzip: bool = True
    chunked: bool = False
    header_case: Literal["given", "lower", "upper"] = "given"
    reason: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def direction(self) -> str:
        """Writing direction, for the `dir` attribute."""
        return "rtl" if self.lang == "ar" else "ltr"


@cache
def sites() -> tuple[Site, ...]:
    """Every host of `sites.toml`."""
    found = []
    for entry in tomllib.loads(SITES.read_text(encoding="utf-8"))["site"]:
        entry["feeds"] = tuple(Feed(**feed) for feed in entry.get("feeds", ()))
        entry["sections"] = tuple(Section(**section) for section in entry.get("sections", ()))
        for key in ("aliases", "disallow"):
            entry[key] = tuple(entry.get(key, ()))
        entry["headers"] = tuple((name, value) for name, value in entry.get("headers", ()))
        found.append(Site(**entry))
    return tuple(found)


class Web:
    """All sites together: what a `Request` is answered with."""

    def __init__(self, pages: Iterable[WebPage], *, feed_length: int | None = None) -> None:
        self._sites = {name: site for site in sites() for name in (site.host, *site.aliases)}
        self._pages: tuple[WebPage, ...] = tuple(pages)
        self._feed_length = feed_length
        self._rendered: dict[str, bytes] = {}
        self._validators: list[tuple[str, Validators]] = []
        self._archives = Archives(self._pages, self._sites)

    def set_validators(self, url_pattern: str, validators: Validators) -> None:
        """Have every URL in which the regex is found, and which nobody set since, validate so."""
        self._validators.insert(0, (url_pattern, validators))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that is served, aliases included; `*.` stands for one label."""
        return (*self._sites, *HOSTS, f"*.{misbehaving.DOMAIN}", f"*.{homes.DOMAIN}")

    @property
    def pages(self) -> tuple[WebPage, ...]:
        """The pages that are up now, each once."""
        return self._pages

    def put(self, page: WebPage) -> None:
        """Add a page or replace the one at its URL."""
        self._pages = (*(old for old in self._pages if old.url != page.url), page)
        self._rendered = {}

    def remove(self, url: str) -> None:
        """Take a page down; KeyError where there is none at `url`."""
        if all(page.url != url for page in self._pages):
            raise KeyError(url)
        self._pages = tuple(page for page in self._pages if page.url != url)
        self._rendered = {}

    def on_host(self, site: Site) -> list[WebPage]:
        """The pages of a host, aliases included, newest first, each under its URL there."""
        here = [
            page.on(url)
            for page in self._pages
            for url in (page.url, *page.aliases)
            if urlsplit(url).hostname == site.host
        ]
        return sorted(here, key=lambda page: page.published_at, reverse=True)

    def respond(self, request: Request) -> Reply:
        """The reply to any request; never raises on what a client may send."""
        site = self._sites.get(request.host)
        if site is None and misbehaving.owns(request.host):
            return misbehaving.respond(request)
        if request.host in HOSTS:
            return self._archives.respond(request)
        if site is None and homes.owns(request.host):
            return homes.respond(request)
        if site is None:
            text = f"No such host in the offline web: {request.host or '(no Host header)'}\n"
            return Reply(status=502, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=text.encode())
        if request.method not in {"GET", "HEAD"}:
            return Reply(status=405, headers=(("Allow", "GET, HEAD"), ("Server", "nginx")))
        if request.host != site.host or (site.https_only and request.scheme == "http"):
            scheme = "https" if site.https_only else request.scheme
            return _redirect(f"{scheme}://{site.host}{request.target}")
        path = unquote(urlsplit(request.target).path)
        listings = (self._day, self._numbered, self._sitemap, self._listing)
        for answer in (self._robots, self._feed, *listings, self._page, self._moved):
            reply = answer(site, path, request)
            if reply is not None:
                return reply
        return self._not_found(site)

    def _robots(self, site: Site, path: str, request: Request) -> Reply | None:
        if path != "/robots.txt":
            return None
        lines = ["User-agent: *", *(f"Disallow: {entry}" for entry in site.disallow), ""]
        lines += [f"Sitemap: https://{site.host}{entry}" for entry in (site.sitemap, site.sitemap_news)]
        return self._entity(site, request, "text/plain", "\n".join(lines).encode() + b"\n")

    def _feed(self, site: Site, path: str, request: Request) -> Reply | None:
        feed = next((feed for feed in site.feeds if feed.path == path), None)
        if feed is None:
            return None
        pages = _matching(self.on_host(site), feed.match)[: self._feed_length]
        body = self._cached(request.url, lambda: render("feed.xml", site=site, feed=feed, pages=pages))
        return self._entity(site, request, "application/rss+xml; charset=utf-8", body, _newest(pages))

    def _sitemap(self, site: Site, path: str, request: Request) -> Reply | None:
        templates = {
            site.sitemap: "sitemap_index.xml",
            site.sitemap_news: "sitemap_news.xml",
            site.sitemap_articles: "sitemap_articles.xml",
        }
        if path not in templates:
            return None
        pages = self.on_host(site)
        body = self._cached(request.url, lambda: render(templates[path], site=site, pages=pages))
        if path.endswith(".gz"):
            # A gzip file as such: no Content-Encoding.
            packed = gzip.compress(body, mtime=0)
            packed_type = "application/x-gzip"
            return self._entity(replace(site, gzip=False), request, packed_type, packed, _newest(pages))
        return self._entity(site, request, "application/xml; charset=utf-8", body, _newest(pages))

    def _listing(self, site: Site, path: str, request: Request) -> Reply | None:
        home = Section(path="/", name=site.name, per_page=12)
        section = next((section for section in (home, *site.sections) if section.path == path), None)
        if section is None:
            return None
        return self._shown(site, request, section, _matching(self.on_host(site), section.match))

    def _shown(self, site: Site, request: Request, section: Section, pages: list[WebPage]) -> Reply:
        """A list of stories, page by page."""
        number = _page_number(request.target, site.page_parameter)
        start = (number - 1) * section.per_page
        shown = pages[start : start + section.per_page]
        if number > 1 and not shown:
            return self._not_found(site)
        more = section.path != "/" and len(pages) > start + section.per_page
        body = self._cached(
            request.url,
            lambda: render(
                f"{site.look}_listing.html",
                site=site,
                section=section,
                pages=shown,
                number=number,
                next_url=_next_url(request.target, site.page_parameter, number + 1) if more else None,
            ),
        )
        return self._entity(site, request, "text/html; charset=utf-8", body, _newest(pages))

    def _day(self, site: Site, path: str, request: Request) -> Reply | None:
        """The stories of one day of the site's calendar, on a page or in a sitemap; there may be none."""
        if site.day_sitemap and (day := _day_in(request.target, site.day_sitemap)):
            pages = self._of_day(site, day)
            body = render("sitemap_articles.xml", site=site, pages=pages).encode()
            return self._entity(site, request, "application/xml; charset=utf-8", body, _newest(pages))
        if not site.day_archive or (day := _day_in(path, site.day_archive)) is None:
            return None
        section = Section(path=path, name=f"{day:%d.%m.%Y}")
        return self._shown(site, request, section, self._of_day(site, day))

    def _of_day(self, site: Site, day: date) -> list[WebPage]:
        zone = ZoneInfo(site.zone)
        return [page for page in self.on_host(site) if page.published_at.astimezone(zone).date() == day]

    def _numbered(self, site: Site, path: str, request: Request) -> Reply | None:
        """A list without a page around it, as scripts ask for it."""
        pattern = re.escape(site.numbered).replace(r"\{count\}", r"(\d+)").replace(r"\{page\}", r"(\d+)")
        found = re.fullmatch(pattern, path) if site.numbered else None
        if found is None:
            return None
        count, number = int(found[1]), int(found[2])
        pages = self.on_host(site)[number * count : (number + 1) * count]
        listing = render(
            f"{site.look}_listing.html", site=site, section=Section(path=path, name=""), pages=pages, number=1,
            next_url=None,
        )  # fmt: skip
        rows = re.search(r"<ul class=\"listing__rows\">.*?</ul>", listing, re.DOTALL)
        return self._entity(
            site, request, "text/html; charset=utf-8", (rows[0] if rows else "").encode(), _newest(pages)
        )

    def _page(self, site: Site, path: str, request: Request) -> Reply | None:
        # The query is ignored, as on the real sites: ?chat_room_id=…, ?utm_source=… give the same page.
        page = next((page for page in self.on_host(site) if unquote(page.path) == path), None)
        if page is None:
            return None
        latest = [other for other in self.on_host(site) if other.url != page.url][:10]
        body = self._cached(f"{site.host}{path}", lambda: render_page(page, site=site, latest=latest))
        changed = page.modified_at or page.published_at
        return self._entity(site, request, "text/html; charset=utf-8", body, changed, page.http)

    def _moved(self, site: Site, path: str, request: Request) -> Reply | None:
        """Where an address without its last slash, or an AMP address, now is."""
        known = {unquote(page.path): page.url for page in self.on_host(site)}
        known |= {section.path: f"https://{site.host}{section.path}" for section in site.sections}
        plain_path = re.sub(r"^/amp/|/amp/?$", "/", path)
        for candidate in (f"{path}/", plain_path, plain_path.rstrip("/")):
            if candidate != path and candidate in known:
                return _redirect(known[candidate])
        return None

    def _not_found(self, site: Site) -> Reply:
        latest = self.on_host(site)[:6]
        body = self._cached(f"{site.host} 404", lambda: render("error.html", site=site, latest=latest))
        return Reply(
            status=404,
            headers=(("Server", "nginx"), ("Content-Type", "text/html; charset=utf-8")),
            body=body,
        )

    def _cached(self, key: str, produce: Callable[[], str]) -> bytes:
        rendered = self._rendered
        if key not in rendered:
            rendered[key] = produce().encode()
        return rendered[key]

    def _entity(
        self,
        site: Site,
        request: Request,
        content_type: str,
        body: bytes,
        changed: datetime | None = None,
        http: Any = None,
    ) -> Reply:
        """A 200 with validators, or a 304 where the client's copy is current."""
        http = http or {}
        fits = (validators for pattern, validators in self._validators if re.search(pattern, request.url))
        validators: Validators = next(fits, site.validators)
        etag = _etag(validators, request.url, body)
        changed = {"none": None, "lying": datetime(2000, 1, 1, tzinfo=UTC)}.get(validators, changed)
        headers = [("Server", "nginx"), ("Content-Type", content_type), *([("ETag", etag)] if etag else [])]
        if changed is not None:
            headers.append(("Last-Modified", format_datetime(changed.astimezone(UTC), usegmt=True)))
        headers += [*site.headers, *((name, value) for name, value in http.get("headers", ()))]
        framing: Any = "length"
        if http.get("close"):
            framing = "close"
        elif http.get("chunked", site.chunked):
            framing = "chunked"
        reply = Reply(
            reason=http.get("reason", site.reason),
            headers=tuple(headers),
            body=body,
            framing=framing,
            header_case=http.get("header_case", site.header_case),
        )
        if _is_current(request, etag, changed):
            return Reply(status=304, headers=reply.headers, header_case=reply.header_case)
        if http.get("gzip", site.gzip) and "gzip" in request.headers.get("accept-encoding", ""):
            return reply.gzipped()
        return reply


def _etag(validators: Validators, url: str, body: bytes) -> str | None:
    """The ETag of a body at `url`."""
    tag = hashlib.sha256(url.encode() if validators == "lying" else body).hexdigest()[:20]
    tags: dict[Validators, str | None] = {"weak": f'W/"{tag}"', "suffixed": f'"{tag}-gzip"', "none": None, "date": None}
    return tags.get(validators, f'"{tag}"')


def _is_current(request: Request, etag: str | None, changed: datetime | None) -> bool:
    """RFC 9110, section 13.2.2: If-Modified-Since counts only where there is no If-None-Match."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None and etag is not None:
        tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
        return wanted.strip() == "*" or etag.removeprefix("W/") in tags
    since = request.headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # no date, or one without a zone: the condition is ignored
        return False


def _matching(pages: list[WebPage], pattern: str) -> list[WebPage]:
    return [page for page in pages if re.search(pattern, page.path)]


def _newest(pages: list[WebPage]) -> datetime | None:
    return max((page.modified_at or page.published_at for page in pages), default=None)


def _page_number(target: str, parameter: str) -> int:
    value = parse_qs(urlsplit(target).query).get(parameter, ["1"])[0]
    return int(value) if value.isdecimal() and int(value) > 0 else 1


def _next_url(target: str, parameter: str, number: int) -> str:
    """The same address with another page number: "/search?qsection=world&pgno=1" → "…&pgno=2"."""
    parts = urlsplit(target)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != parameter]
    return f"{parts.path}?{urlencode([*query, (parameter, str(number))])}"


def _day_in(target: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(target, pattern).date()  # noqa: DTZ007 - a day of the site's calendar
    except ValueError:
        return None


def _redirect(url: str) -> Reply:
    body = f'<html><head><title>Moved</title></head><body><a href="{url}">here</a></body></html>\n'.encode()
    return Reply(status=301, headers=(("Server", "nginx"), ("Location", url), ("Content-Type", "text/html")), body=body)

"""Other people's archives in the offline web: the Wayback Machine with its CDX server, and a small Common Crawl.

Each answers as the original does (documentation: see `crawler.cdx`), from captures of the offline publishers' pages.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

from w3lib.url import safe_url_string

from archive.surt import surt
from tests.web.messages import Reply, Request
from tests.web.pages import WebPage, hash_of
from tests.web.past import Captured, render_past, settings, states

WAYBACK, INDEX, DATA = "web.archive.org", "index.commoncrawl.org", "data.commoncrawl.org"
HOSTS = (WAYBACK, INDEX, DATA)

_REPLAY = re.compile(r"/web/(\d{14})id_/(https?://.+)")
_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_GONE_BY = timedelta(days=3 * 365)  # what is older than that is not met by a crawl any more


def _reply(status: int, content_type: str, body: str | bytes, *headers: tuple[str, str]) -> Reply:
    raw = body.encode() if isinstance(body, str) else body
    return Reply(status=status, headers=(("Server", "nginx"), ("Content-Type", content_type), *headers), body=raw)


class Archives:
    """What the three hosts answer. `sites`: the offline publishers' hosts, which render the pages."""

    def __init__(self, pages: Sequence[WebPage], sites: dict[str, Any]) -> None:
        self._pages = pages
        self._sites = sites

    def respond(self, request: Request) -> Reply:
        """The reply to a request for one of HOSTS."""
        if request.scheme == "http":
            return _reply(301, "text/html", b"", ("Location", f"https://{request.host}{request.target}"))
        path = urlsplit(request.target).path
        if path == "/robots.txt":
            return _reply(200, "text/plain", "User-agent: *\nDisallow:\n")
        answers: dict[str, Callable[[Request, str], Reply]] = {
            WAYBACK: self._wayback, INDEX: self._common_crawl_index, DATA: self._common_crawl_data
        }  # fmt: skip
        return answers[request.host](request, path)

    # --- the Wayback Machine ------------------------------------------------------------------------------------------

    @cached_property
    def captured(self) -> tuple[Captured, ...]:
        """All that the Wayback Machine has, in the order of its index."""
        moved = {entry["page"]: timedelta(seconds=entry["seconds"]) for entry in settings()["wayback"]["moved"]}
        found = [
            Captured(
                url=safe_url_string(page.url),
                at=at,
                page=page,
                body=render_past(page, self._sites[page.host]),
                listed_at=at + moved.get(page.name, timedelta()),
            )
            for page, at in states(self._pages)
        ]
        if found:
            leads = settings()["wayback"]["leads"]
            found += [
                Captured(url=each["url"], at=each["at"], listed_at=each["at"], body=each["html"].encode())
                for each in settings()["elsewhere"]
            ]
            found += [
                Captured(url=lead["url"], at=lead["at"], listed_at=lead["at"], location=lead["to"]) for lead in leads
            ]
        return tuple(sorted(found, key=lambda one: (one.urlkey, one.timestamp)))

    def _wayback(self, request: Request, path: str) -> Reply:
        if path == "/cdx/search/cdx":
            return self._cdx(parse_qs(urlsplit(request.target).query))
        match = _REPLAY.fullmatch(request.target)
        if match is None:
            return _reply(404, "text/html", "<html><title>Internet Archive Wayback Machine</title></html>")
        return self._replay(match[1], match[2], request)

    def _cdx(self, query: dict[str, list[str]]) -> Reply:
        """One answer of the CDX server: filtered, collapsed, cut at `limit` with a key to resume with."""
        asked = {name: values[0] for name, values in query.items()}
        if "url" not in asked:
            return _reply(400, "text/plain", "The url parameter is required\n")
        names = asked.get("fl", ",".join(_FIELDS)).split(",")
        rows = [_line(one) for one in self.captured if _is_asked_for(one.url, one.urlkey, asked)]
        rows = [row for row in rows if _is_within(row["timestamp"], asked)]
        rows = [row for row in rows if all(_passes(row, rule) for rule in query.get("filter", ()))]
        rows = _collapsed(rows, asked.get("collapse"))
        if key := asked.get("resumeKey"):
            after = unquote_plus(key).removesuffix("!")
            rows = [row for row in rows if f"{row['urlkey']} {row['timestamp']}" > after]
        limit = int(asked.get("limit", "150000"))
        shown, more = rows[:limit], len(rows) > limit
        lines = [json.dumps([row[name] for name in names], ensure_ascii=False) for row in shown]
        if asked.get("matchType") == "domain" and "resumeKey" not in asked and lines:
            lines[1:1] = settings()["wayback"]["lines"]
        if more and asked.get("showResumeKey") == "true":
            last = f"{shown[-1]['urlkey']} {shown[-1]['timestamp']}!"
            lines += ["[]", json.dumps([quote_plus(last)])]
        body = "[]" if not lines else "[" + ",\n".join([json.dumps(names), *lines]) + "]"
        return _reply(200, "application/json", body + "\n")

    def _replay(self, timestamp: str, url: str, request: Request) -> Reply:
        """The capture as it was made; at another second, a redirect to the nearest."""
        if any(re.search(excluded, url) for excluded in settings()["wayback"]["excluded"]):
            error = "AdministrativeAccessControlException: Blocked Site Error"
            return _reply(403, "text/html", f"<p>{error}</p>", ("X-Archive-Wayback-Runtime-Error", error))
        found = [one for one in self.captured if one.urlkey == surt(url)]
        if not found:
            return _reply(404, "text/html", "<p>The Wayback Machine has not archived that URL.</p>")
        wanted = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        one = min(found, key=lambda each: abs(each.at - wanted))
        if one.location is not None:
            return _reply(302, "text/html", b"", ("Location", one.location), *_memento(one))
        if one.timestamp != timestamp:
            address = f"https://{WAYBACK}/web/{one.timestamp}id_/{one.url}"
            return _reply(302, "text/html", b"", ("Location", address))
        original = (("x-archive-orig-content-type", "text/html; charset=utf-8"), ("x-archive-orig-server", "nginx/1.8"))
        reply = _reply(200, "text/html", one.body, *_memento(one))
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return replace(reply, headers=(*original, *reply.headers))
        gzipped = reply.gzipped()  # the machine sends both: the original's header, emptied, and that of the replay
        return replace(gzipped, headers=(*original, ("content-encoding", ""), *gzipped.headers))

    # --- Common Crawl -------------------------------------------------------------------------------------------------

    @cached_property
    def crawls(self) -> dict[str, "Crawl"]:
        """Its crawls by id."""
        return {entry["id"]: Crawl.make(entry, self._met(entry)) for entry in settings()["common_crawl"]["crawl"]}

    def _met(self, crawl: dict[str, Any]) -> list[Captured]:
        """What a crawl met: each page that was online, as it was by then."""
        begin = crawl.get("from")
        if begin is None:
            return []
        online: dict[str, Captured] = {}
        for one in sorted(self.captured, key=lambda each: each.at):
            if one.page is not None and begin - _GONE_BY < one.at < begin:
                at = begin + timedelta(seconds=hash_of(one.url) % 600_000)
                online[one.url] = Captured(url=one.url, at=at, listed_at=at, page=one.page, body=one.body)
        return sorted(online.values(), key=lambda each: each.urlkey)

    def _common_crawl_index(self, request: Request, path: str) -> Reply:
        if path == "/collinfo.json":
            return _reply(200, "application/json", json.dumps([crawl.info for crawl in self.crawls.values()][::-1]))
        crawl = self.crawls.get(path.removeprefix("/").removesuffix("-index"))
        if crawl is None:
            return _reply(404, "text/html", "<p>no such crawl</p>")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
        lines = [line for key, line in crawl.lines if _is_asked_for(line["url"], key, asked)]
        lines = [line for line in lines if _is_within(line["timestamp"], asked)]
        if not lines:
            nothing = json.dumps({"message": f"No Captures found for: {asked['url']}"})
            return _reply(404, "text/x-ndjson", nothing)
        size = settings()["common_crawl"]["lines_per_block"] * int(asked.get("pageSize", "5"))
        pages = -(-len(lines) // size)
        if asked.get("showNumPages") == "true":
            return _reply(200, "application/json", json.dumps({"pages": pages, "pageSize": 5, "blocks": pages * 5}))
        page = int(asked.get("page", "0"))
        if page >= pages:
            return _reply(400, "text/html", f"<p>Page {page} invalid: first page is 0, last page is {pages - 1}</p>")
        names = asked["fl"].split(",")
        shown = [
            json.dumps({name: line[name] for name in names}, ensure_ascii=False)
            for line in lines[page * size : (page + 1) * size]
        ]
        return _reply(200, "text/x-ndjson", "\n".join([*shown, *settings()["common_crawl"]["lines"]]) + "\n")

    def _common_crawl_data(self, request: Request, path: str) -> Reply:
        """A part of a file, as a Range request asks for it (RFC 9110, section 14.2)."""
        crawl = next((crawl for crawl in self.crawls.values() if f"/{crawl.filename}" == path), None)
        if crawl is None:
            return _reply(404, "application/xml", "<Error><Code>NoSuchKey</Code></Error>")
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if match is None:
            return _reply(200, "application/octet-stream", crawl.file, ("Accept-Ranges", "bytes"))
        first, last = int(match[1]), int(match[2])
        part, size = crawl.file[first : last + 1], len(crawl.file)
        if not part:
            return _reply(416, "application/xml", b"", ("Content-Range", f"bytes */{size}"))
        place = f"bytes {first}-{first + len(part) - 1}/{size}"
        return _reply(206, "application/octet-stream", part, ("Content-Range", place), ("ETag", '"whole-file"'))


@dataclass(frozen=True, kw_only=True)
class Crawl:
    """One crawl of Common Crawl: the line of each capture by its key, and the WARC file that holds them."""

    info: dict[str, str]
    filename: str
    file: bytes
    lines: tuple[tuple[str, dict[str, str]], ...]

    @classmethod
    def make(cls, entry: dict[str, Any], captured: Iterable[Captured]) -> "Crawl":
        """Write the file, and the index of it."""
        name = str(entry["id"])
        filename = f"crawl-data/{name}/segments/1471982290442.1/warc/{name}-00000.warc.gz"
        file = _member("warcinfo", {"WARC-Date": "2016-01-01T00:00:00Z"}, b"software: a crawler of the offline web\r\n")
        lines = []
        for one in captured:
            assert one.page is not None
            faulty = settings()["common_crawl"]
            digest = one.digest if one.page.name not in faulty["wrong_digest"] else "A" * 32
            member = _response(one, digest)
            length = len(member) - (40 if one.page.name in faulty["truncated"] else 0)
            line = {"urlkey": one.urlkey, "timestamp": one.timestamp, "url": one.url, "mime": "text/html"}
            line |= {"status": "200", "digest": one.digest, "length": str(length), "offset": str(len(file))}
            lines.append((one.urlkey, {**line, "filename": filename, "languages": "eng"}))
            file += member
        info = {"id": name, "name": f"{name} Index", "cdx-api": f"https://{INDEX}/{name}-index"}
        times = {key: f"{entry[key]:%Y-%m-%dT%H:%M:%S}" for key in ("from", "to") if key in entry}
        return cls(info=info | times, filename=filename, file=file, lines=tuple(lines))


def _response(one: Captured, digest: str) -> bytes:
    """A record as this crawler writes it: the body decoded, the headers that spoke of its coding renamed."""
    head = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n"
    head += "X-Crawler-Transfer-Encoding: chunked\r\nX-Crawler-Content-Encoding: gzip\r\n"
    head += f"Content-Length: {len(one.body)}"
    fields = {
        "WARC-Date": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
        "WARC-Target-URI": one.url,
        "WARC-Payload-Digest": f"sha1:{digest}",
        "WARC-Identified-Payload-Type": "text/html",
        "Content-Type": "application/http; msgtype=response",
    }
    return _member("response", fields, head.encode() + b"\r\n\r\n" + one.body)


def _member(kind: str, fields: dict[str, str], block: bytes) -> bytes:
    given = {"WARC-Type": kind, **fields, "Content-Length": str(len(block))}
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in given.items()) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def _memento(one: Captured) -> tuple[tuple[str, str], ...]:
    return (("Memento-Datetime", f"{one.at:%a, %d %b %Y %H:%M:%S GMT}"), ("Link", f'<{one.url}>; rel="original"'))


def _line(one: Captured) -> dict[str, str]:
    """A line of the CDX server. Half of the addresses have a port, as those of the first crawlers."""
    parts = urlsplit(one.url)
    with_port = parts._replace(scheme="http", netloc=f"{parts.netloc}:80").geturl()
    original = with_port if hash_of(one.url) % 2 else one.url
    values = (one.urlkey, one.listed, original, "text/html", "200", one.digest, str(len(one.body)))
    return dict(zip(_FIELDS, values, strict=True))


def _is_asked_for(url: str, key: str, asked: dict[str, str]) -> bool:
    """`matchType`: the page itself, all that begins so, all of a host, or of a domain."""
    wanted = asked["url"] if "://" in asked["url"] else f"http://{asked['url']}"
    host, of = urlsplit(url).hostname or "", urlsplit(wanted).hostname or ""
    match asked.get("matchType", "exact"):
        case "domain":
            return host == of or host.endswith(f".{of}")
        case "host":
            return surt(f"http://{host}/") == surt(f"http://{of}/")
        case "prefix":
            return key.startswith(surt(wanted))
        case _:
            return key == surt(wanted)


def _is_within(timestamp: str, asked: dict[str, str]) -> bool:
    return asked.get("from", "").ljust(14, "0") <= timestamp <= asked.get("to", "").ljust(14, "9")


def _passes(row: dict[str, str], rule: str) -> bool:
    """`statuscode:200`, `!mimetype:image/.*`: a regex for the whole of a field."""
    name, _, pattern = rule.removeprefix("!").partition(":")
    return (re.fullmatch(pattern, row[name]) is not None) is not rule.startswith("!")


def _collapsed(rows: list[dict[str, str]], rule: str | None) -> list[dict[str, str]]:
    """Of neighbours that have the same field, or the same first characters of it, the first."""
    if rule is None:
        return rows
    name, _, length = rule.partition(":")
    same = [row[name][: int(length)] if length else row[name] for row in rows]
    return [row for number, row in enumerate(rows) if number == 0 or same[number] != same[number - 1]]

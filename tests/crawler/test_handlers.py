"""What the archive holds is what crossed the wire: every case against the log of a server that sends raw bytes."""

import gzip
import hashlib
import json
import os
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive.captures import parse_fields
from archive.members import digest
from archive.records import WarcRecord, read_records
from tests import commands
from tests.crawler.raw_server import RawServer, Script

try:
    from compression import zstd
except ImportError:
    from backports import zstd

PAGE = (
    b"<html><head><title>Bridge</title></head><body><article><p>" + b"The bridge was closed. " * 40 + b"</p></article>"
)
ZIPPED = gzip.compress(PAGE, mtime=0)


def response(head: bytes, body: bytes = b"", *, ending: str = "keep", length: int | None = None) -> Script:
    """A response with a right Content-Length, or with the one that is given."""
    size = len(body) if length is None else length
    return Script((b"HTTP/1.1 " + head + b"\r\nContent-Length: %d\r\n\r\n" % size, body), ending)


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    return (
        b"".join(b"%X;note=kept\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
        + b"0\r\nX: t\r\n\r\n"
    )


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + chunked(ZIPPED)

SCRIPTS = {
    "/robots.txt": response(b"200 OK\r\ncontent-TYPE: text/plain", b"User-agent: *\nDisallow: /secret\n"),
    "/plain": response(b"200 Fine By Me\r\nx-ODD:  two  spaces \r\nETag: 1\r\nSet-Cookie: a\r\nSet-Cookie: b", PAGE),
    "/chunked": Script((CHUNKED[:100], CHUNKED[100:])),
    "/moved": response(b"301 Moved\r\nLocation: /plain?x=1"),
    "/plain?x=1": response(b"200 OK", PAGE),
    "/unchanged": Script((b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",)),
    "/hints": Script((b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", *response(b"200 OK", PAGE).pieces)),
    "/continue": Script((b"HTTP/1.1 100 Continue\r\n\r\n" + b"".join(response(b"200 OK", PAGE).pieces),)),
    "/two-hints": Script((
        b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: </b.css>\r\n\r\n",
        *response(b"200 OK", PAGE).pieces,
    )),
    "/no-reason": response(b"200 ", PAGE),
    "/odd-reason": response("200 Все хорошо".encode(), PAGE),
    "/odd-space": response(b"200 OK\r\nA:1\r\nB:\t2\t\r\nc  :3\r\nEmpty:\r\na:4", PAGE),
    "/order": response(b"200 OK\r\nZ: 1\r\nServer: x\r\nVary: a\r\nDate: x\r\nvary: b\r\nZ: 2\r\nVARY: c", PAGE),
    "/surplus": Script((b"".join(response(b"200 OK", PAGE).pieces) + b"<!-- more than was promised -->",), "close"),
    "/one-byte-chunks": Script((
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
        + b"".join(b"01\r\n%c\r\n" % byte for byte in PAGE[:200]) + b"000;last\r\nTrailer-A: 1\r\ntrailer-a: 2\r\n\r\n",
    )),
    "/br": response(b"200 OK\r\nContent-Encoding: br", brotli.compress(PAGE)),
    "/zstd": response(b"200 OK\r\nContent-Encoding: zstd", zstd.compress(PAGE)),
    "/deflate": response(b"200 OK\r\nContent-Encoding: deflate", zlib.compress(PAGE)),
    "/gone": response(b"410 Gone"),
    "/busy": response(b"503 Busy\r\nRetry-After: 1", b"<html>later</html>"),
    "/other-status": response(b"299 Something", PAGE),
    "/no-content": Script((b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",)),
    "/empty": response(b"200 OK"),
    "/colonless": response(b"200 OK\r\nthis line has no colon\r\nX-Caf\xe9: \xff\xfe\r\nFolded: a\r\n b", PAGE),
    "/bare-lf": Script((b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(PAGE) + PAGE,), "close"),
    "/http10": Script((b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,), "close"),
    "/short": response(b"200 OK", PAGE, ending="close", length=len(PAGE) + 500),
    "/reset": response(b"200 OK", PAGE[:100], ending="reset", length=len(PAGE)),
    "/cut-chunked": Script((CHUNKED[:200],), "close"),
    "/drip": response(b"200 OK", PAGE[:60], ending="hang", length=len(PAGE)),
    "/silent": Script((), "hang"),
    "/huge": response(b"200 OK", b"x" * 70_000),
    "/huge-chunked": Script((CHUNKED.partition(b"Content")[0] + b"\r\n10000\r\n", b"y" * 65536), "hang"),
    "/endless-headers": Script((b"HTTP/1.1 200 OK\r\n", *(b"X-Fill: %d\r\n" % line for line in range(3000))), "hang"),
    "/error": response(b"404 Not Here", b"<html><body>gone</body></html>"),
    "/hostile": response(b"302 Found\r\nLocation: file://raw.example/etc/passwd"),
    "/elsewhere": response(b"302 Found\r\nLocation: http://elsewhere.example/plain"),
    "/loop": response(b"302 Found\r\nLocation: /loop"),
    "/nowhere": response(b"302 Found\r\nLocation: http://[::1"),
    "/secret": response(b"200 OK", PAGE),
}  # fmt: skip

CONTACT = "https://operator.example/about"
NOT_ASKED = {"/robots.txt", "/plain?x=1"}
WHOLE = ("/robots.txt", "/plain", "/chunked", "/moved", "/plain?x=1", "/unchanged", "/hints", "/colonless", "/bare-lf",
         "/http10", "/error", "/hostile", "/elsewhere", "/continue", "/two-hints", "/no-reason", "/odd-reason",
         "/odd-space", "/order", "/surplus", "/one-byte-chunks", "/br", "/zstd", "/deflate", "/gone", "/busy",
         "/other-status", "/no-content", "/empty")  # fmt: skip
OVER_TLS = ("/plain", "/chunked", "/unchanged", "/hints", "/colonless", "/bare-lf", "/http10", "/odd-reason", "/order",
            "/odd-space", "/one-byte-chunks", "/busy")  # fmt: skip
CUT = {
    "/short": "disconnect",
    "/reset": "disconnect",
    "/cut-chunked": "disconnect",
    "/drip": "time",
    "/huge": "length",
    "/huge-chunked": "length",
    "/endless-headers": "length",
}


@dataclass
class Crawled:
    """The server's account and the archive's."""

    server: RawServer
    records: dict[tuple[str, str], list[WarcRecord]]  # (type, URL)
    captures: list[sqlite3.Row]
    output: str

    def one(self, kind: str, url: str) -> WarcRecord:
        found = self.records.get((kind, url), [])
        assert found, f"no {kind} record of {url}; there are {sorted(self.records)}"
        return found[0]


def crawl(server: RawServer, folder: Path, urls: list[str]) -> Crawled:
    """Fetch `urls` in a process of their own and read the archive."""
    settings = [
        "DOWNLOAD_MAXSIZE=50000",
        "HEADERS_MAXSIZE=20000",
        "DOWNLOAD_TIMEOUT=2",
        "RETRY_TIMES=0",
        "LOG_LEVEL=ERROR",
        "EXTRACTION_WORKERS=1",
    ]
    environment = {**os.environ, **server.env(), "DATELINE_ARCHIVE": str(folder), "DATELINE_CONTACT": CONTACT}
    done = commands.run("tests.crawler.crawl_urls", *settings, *urls, env=environment)
    records: dict[tuple[str, str], list[WarcRecord]] = {}
    for path in sorted((folder / "warc").glob("*.warc.gz")):
        for record in read_records(path):
            records.setdefault((record.type, record.target_uri or ""), []).append(record)
    database = sqlite3.connect(folder / "archive.db")
    database.row_factory = sqlite3.Row
    captures = database.execute("SELECT * FROM captures").fetchall()
    database.close()
    return Crawled(server, records, captures, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """Everything in SCRIPTS over http, and some of it over https."""
    folder = tmp_path_factory.mktemp("raw")
    with RawServer(SCRIPTS, ("raw.example", "other.example"), folder) as server:
        urls = [f"http://raw.example{path}" for path in SCRIPTS if path not in NOT_ASKED]
        urls += [f"https://other.example{path}" for path in (*OVER_TLS, "/short")]
        yield crawl(server, folder / "archive", urls)


def request_of(crawled: Crawled, scheme: str, path: str) -> bytes:
    return next(asked.request for asked in crawled.server.asked if (asked.scheme, asked.target) == (scheme, path))


@pytest.mark.parametrize("path", WHOLE)
def test_request_and_response_are_byte_for_byte_the_servers(crawled: Crawled, path: str) -> None:
    url = f"http://raw.example{path}"
    record = crawled.one("response", url)
    assert (record.block, record.header("WARC-Truncated")) == (SCRIPTS[path].response, None)
    assert crawled.one("request", url).block == request_of(crawled, "http", path)


@pytest.mark.parametrize("path", OVER_TLS)
def test_over_tls_the_bytes_are_those_inside(crawled: Crawled, path: str) -> None:
    url = f"https://other.example{path}"
    record = crawled.one("response", url)
    assert (record.block, record.header("WARC-Truncated")) == (SCRIPTS[path].response, None)
    assert crawled.one("request", url).block == request_of(crawled, "https", path)


def test_the_servers_certificate_is_on_record_once_and_each_exchange_names_it(crawled: Crawled) -> None:
    server = x509.load_pem_x509_certificate((crawled.server.folder / "server.pem").read_bytes())
    leaf = server.public_bytes(Encoding.DER)
    uri = f"urn:dateline:certificate:{hashlib.sha256(leaf).hexdigest()}"
    (record,) = crawled.records["metadata", uri]
    assert record.header("Content-Type") == "application/pem-certificate-chain"
    assert [sent.public_bytes(Encoding.DER) for sent in x509.load_pem_x509_certificates(record.block)] == [leaf]
    for path in ("/plain", "/chunked", "/short"):
        fields = parse_fields(crawled.one("metadata", f"https://other.example{path}").block)
        assert fields["certificateRecord"] == record.record_id
        assert fields["certificateDigest"] == digest(leaf)
        assert fields["certificateVerified"] == "yes"
        assert fields["tlsProtocol"].startswith("TLSv1.")
        assert fields["tlsCipher"]
    assert b"tls" not in crawled.one("metadata", "http://raw.example/plain").block


@pytest.mark.slow
def test_a_certificate_that_nobody_checked_is_said_to_be_so(tmp_path: Path) -> None:
    with RawServer(SCRIPTS, ("raw.example",), tmp_path) as server:
        crawled = crawl(server, tmp_path / "archive", ["DOWNLOAD_VERIFY_CERTIFICATES=0", "https://raw.example/plain"])
    fields = parse_fields(crawled.one("metadata", "https://raw.example/plain").block)
    assert fields["certificateVerified"] == "no"


@pytest.mark.parametrize("path", ["/chunked", "/br", "/zstd", "/deflate", "/plain", "/hints", "/continue", "/surplus"])
def test_the_page_reads_back_whatever_it_was_wrapped_in(crawled: Crawled, path: str) -> None:
    message = crawled.one("response", f"http://raw.example{path}").http()
    assert (message.status, message.incomplete) == (200, None)
    assert message.body[: len(PAGE)] == PAGE


@pytest.mark.parametrize(("path", "reason"), CUT.items())
def test_a_cut_response_is_kept_as_far_as_it_came(crawled: Crawled, path: str, reason: str) -> None:
    record = crawled.one("response", f"http://raw.example{path}")
    assert record.block
    assert SCRIPTS[path].response.startswith(record.block)
    assert record.header("WARC-Truncated") == reason
    (row,) = (row for row in crawled.captures if row["url"] == f"http://raw.example{path}")
    assert row["outcome"] == "failed"
    assert row["error"]
    assert row["detail"] == f"{reason}: {row['error']}"


def test_a_cut_response_over_tls_too(crawled: Crawled) -> None:
    record = crawled.one("response", "https://other.example/short")
    assert (record.block, record.header("WARC-Truncated")) == (SCRIPTS["/short"].response, "disconnect")


def test_a_request_that_nobody_answered_is_kept(crawled: Crawled) -> None:
    assert crawled.one("request", "http://raw.example/silent").block == request_of(crawled, "http", "/silent")
    assert ("response", "http://raw.example/silent") not in crawled.records


def test_a_redirected_exchange_names_the_one_that_led_to_it(crawled: Crawled) -> None:
    assert b"via: http://raw.example/moved" in crawled.one("metadata", "http://raw.example/plain?x=1").block


def test_connections_are_reused_and_the_bytes_still_told_apart(crawled: Crawled) -> None:
    used = [asked.connection for asked in crawled.server.asked]
    assert len(set(used)) < len(used)


def test_every_capture_ends_in_one_outcome(crawled: Crawled) -> None:
    assert len(crawled.captures) == len(crawled.server.asked)
    assert all(row["outcome"] for row in crawled.captures)


@pytest.mark.parametrize(
    ("path", "outcome", "detail"),
    [
        ("/robots.txt", "not_article", "robots"),
        ("/moved", "not_article", "redirect"),
        ("/hostile", "not_article", "redirect"),
        ("/elsewhere", "not_article", "redirect"),
        ("/loop", "not_article", "redirect"),
        ("/nowhere", "not_article", "redirect"),
        ("/error", "failed", "http 404"),
    ],
)
def test_outcomes_of_what_is_no_page(crawled: Crawled, path: str, outcome: str, detail: str) -> None:
    row = next(row for row in crawled.captures if row["url"] == f"http://raw.example{path}")
    assert (row["outcome"], row["detail"]) == (outcome, detail)


def test_a_redirect_loop_ends_and_every_turn_of_it_is_on_record(crawled: Crawled) -> None:
    turns = [row for row in crawled.captures if row["url"].endswith("/loop")]
    assert len(turns) == 9  # the first, and REDIRECT_MAX_TIMES
    assert {row["outcome"] for row in turns} == {"not_article"}


def test_what_robots_txt_and_scope_forbid_is_not_asked_for(crawled: Crawled) -> None:
    targets = [(asked.target, asked.request.split(b"Host: ")[1].split(b"\r\n")[0]) for asked in crawled.server.asked]
    assert "/secret" not in dict(targets)
    assert b"elsewhere.example" not in dict(targets).values()
    assert not any("passwd" in target for target, _ in targets)


def test_requests_say_who_asks_and_carry_nothing_else(crawled: Crawled) -> None:
    lines = request_of(crawled, "http", "/plain").decode().split("\r\n")
    assert lines[0] == "GET /plain HTTP/1.1"
    names = {line.partition(":")[0] for line in lines[1:] if line}
    assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
    assert "Accept-Encoding: gzip, deflate" in lines
    assert any(line.startswith("User-Agent: Dateline/") for line in lines)


def test_the_head_of_a_file_says_who_captured_what_how(crawled: Crawled) -> None:
    (info,) = (record for record in crawled.records["warcinfo", ""] if "-text" not in record.path.name)
    fields = parse_fields(info.block)
    assert fields["software"].startswith("dateline/")
    assert fields["operator"] == CONTACT
    assert fields["http-header-user-agent"].startswith("Dateline/")
    assert fields["robots"] == "obey"
    settings = json.loads(fields["settings"])
    assert int(settings["DOWNLOAD_MAXSIZE"]) == 50000
    assert settings["CONFLICT_ONLY"] is True
    assert re.match(r"Python/3\.\d+\.\d+\S* SQLite/3\.", fields["platform"])
    assert {name.partition("/")[0] for name in fields["libraries"].split()} >= {"scrapy", "twisted", "warcio"}
    assert fields["clock"].startswith(("synchronised", "not synchronised", "unknown"))
    assert not {"hostname", "ip"} & set(fields)

"""The offline web on the wire: every byte is known, every host has TLS, the command ends when told."""

import gzip
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.web import OfflineWeb, load
from tests.web.client import connect, fetch, html, raw, request_bytes
from tests.web.site import sites

ROOT = Path(__file__).parents[1]
PAGES = load()
ADDRESSES = [url for page in PAGES for url in (page.url, *page.aliases)]
ARTICLE = "https://www.rt.com/news/396920-sarven-dam-militants-retreat/"
CHUNKED = "https://sputniknews.com/middleeast/201512091031460772-zamyria-army-wadi-hamra/"
FEED = "https://www.rt.com/rss/news/"


@pytest.mark.parametrize("url", [ARTICLE, CHUNKED, FEED, "http://www.rt.com/news/", "https://sarabic.ae/no/such/page"])
def test_the_log_holds_exactly_what_crossed(spoilt: OfflineWeb, url: str) -> None:
    received = raw(spoilt, url, Accept_Encoding="gzip")
    exchange = spoilt.exchanges[-1]
    assert exchange.response == received
    assert exchange.request == request_bytes(url, Connection="close", Accept_Encoding="gzip")
    assert exchange.url == url


def test_a_connection_is_kept_for_the_next_request(spoilt: OfflineWeb) -> None:
    with connect(spoilt, "https", "www.rt.com") as connection:
        for url in (ARTICLE, FEED, "https://www.rt.com/robots.txt"):
            connection.sendall(request_bytes(url))
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert response.status == 200
            assert response.read()
            response.close()
    assert len(spoilt.exchanges) == 3


def test_a_request_body_is_part_of_the_exchange(spoilt: OfflineWeb) -> None:
    response = b""
    with connect(spoilt, "http", "en.alalam.ir") as connection:
        sent = b"POST /rss HTTP/1.1\r\nHost: en.alalam.ir\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
        connection.sendall(sent)
        while more := connection.recv(65536):
            response += more
    assert spoilt.exchanges[-1].request == sent
    assert response.startswith(b"HTTP/1.1 405 ")


@pytest.mark.parametrize("sent", [b"hello\r\n\r\n", b"GET /\r\n\r\n", b"\x16\x03\x01\r\n\r\n"])
def test_what_is_no_request_gets_a_400(spoilt: OfflineWeb, sent: bytes) -> None:
    with connect(spoilt, "http", "www.rt.com") as connection:
        connection.sendall(sent)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_chunked_pages_have_several_chunks(web: OfflineWeb) -> None:
    received = raw(web, CHUNKED)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert len(re.findall(rb"(?:\A|\r\n)[0-9a-f]+\r\n", body)) > 2
    assert body.endswith(b"0\r\n\r\n")


def test_gzip_is_given_to_those_who_ask(web: OfflineWeb) -> None:
    plain, body = fetch(web, ARTICLE)
    packed, packed_body = fetch(web, ARTICLE, Accept_Encoding="br, gzip")
    assert plain.getheader("Content-Encoding") is None
    assert packed.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(packed_body) == body


def test_repeated_headers_stay_apart(web: OfflineWeb) -> None:
    assert fetch(web, ARTICLE)[0].headers.get_all("Link") == [
        "</static/main.css>; rel=preload; as=style",
        "<https://cdni.rt.com>; rel=preconnect",
    ]
    assert len(fetch(web, CHUNKED)[0].headers.get_all("Set-Cookie")) == 2


def test_header_case_and_reason_are_the_site_s_own(web: OfflineWeb) -> None:
    head = raw(web, "http://en.alalam.ir/rss").partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 200 OK, fine\r\n")
    assert b"\r\ncontent-type: " in head


@pytest.mark.parametrize("url", [ARTICLE, CHUNKED, FEED, "https://sarabic.ae/sitemap-news.xml"])
def test_conditional_requests_get_a_304_without_body(web: OfflineWeb, url: str) -> None:
    first, body = fetch(web, url)
    assert body
    etag, changed = first.getheader("ETag"), first.getheader("Last-Modified")
    for headers in ({"If_None_Match": etag}, {"If_Modified_Since": changed}, {"If_None_Match": f'"x", W/{etag}'}):
        assert raw(web, url, **headers).startswith(b"HTTP/1.1 304 "), headers
        assert raw(web, url, **headers).endswith(b"\r\n\r\n")
    for headers in (
        {"If_None_Match": '"other"', "If_Modified_Since": changed},  # the tag decides, RFC 9110 13.2.2
        {"If_Modified_Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert raw(web, url, **headers).startswith(b"HTTP/1.1 200 "), headers


def test_head_is_the_head_of_get(web: OfflineWeb) -> None:
    response, body = fetch(web, ARTICLE, method="HEAD")
    assert body == b""
    assert int(response.getheader("Content-Length")) == len(fetch(web, ARTICLE)[1])


@pytest.mark.parametrize("host", sorted({name for site in sites() for name in (site.host, *site.aliases)}))
def test_tls_is_valid_for_every_host(web: OfflineWeb, host: str) -> None:
    with connect(web, "https", host) as connection:
        certificate = connection.getpeercert()
    assert ("DNS", host) in certificate["subjectAltName"]
    assert ssl.cert_time_to_seconds(certificate["notBefore"]) < time.time() - 3600


def test_unknown_hosts_and_paths(web: OfflineWeb) -> None:
    response, body = fetch(web, "http://nobody.example/")
    assert response.status == 502
    assert b"nobody.example" in body
    for site in sites():
        scheme = "https" if site.https_only else "http"
        response, body = fetch(web, f"{scheme}://{site.host}/no/such/page")
        assert response.status == 404
        assert site.name in body.decode()


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("http://www.rt.com/news/", "https://www.rt.com/news/"),
        ("https://rt.com/news/?a=1&b=2", "https://www.rt.com/news/?a=1&b=2"),
        (ARTICLE.rstrip("/"), ARTICLE),
        (ARTICLE + "amp/", ARTICLE),
        (CHUNKED.replace(".com/", ".com/amp/"), CHUNKED),
        ("https://alalam.ir/rss", "https://www.alalam.ir/rss"),
    ],
)
def test_redirects(web: OfflineWeb, asked: str, target: str) -> None:
    response, _ = fetch(web, asked)
    assert response.status == 301
    assert response.getheader("Location") == target
    assert fetch(web, target)[0].status == 200


def test_a_query_does_not_change_the_page(web: OfflineWeb) -> None:
    url = "https://sputnikglobe.com/20230607/sundera-kota-baruna-agree-to-reopen-naval-hotline-1110998742.html"
    assert fetch(web, url + "?chat_room_id=1110998742")[1] == fetch(web, url)[1]


@pytest.mark.parametrize("url", ADDRESSES)
def test_every_page_is_served(web: OfflineWeb, url: str) -> None:
    response, body = fetch(web, url)
    assert response.status == 200, body.decode()
    assert "Demonstration page of the offline web" in body.decode()[:400]
    assert "Demonstration page" not in html(web, url).text_content()


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "SIGINT"])
def test_the_command_says_where_and_ends_when_told(tmp_path: Path, how: str) -> None:
    port_file = tmp_path / "ports.json"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.web", "--port-file", os.fspath(port_file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        line = process.stdout.readline()
        said = json.loads(line)
        assert json.loads(port_file.read_text()) == said
        assert set(said) == {"http", "https", "ca"}
        context = ssl.create_default_context(cafile=said["ca"])
        # A connection that is still open must not keep the server alive.
        with (
            socket.create_connection(("127.0.0.1", said["https"]), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="sarabic.ae") as connection,
        ):
            connection.sendall(request_bytes("https://sarabic.ae/robots.txt"))
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
            if how == "stdin":
                process.stdin.close()
            else:
                process.send_signal(getattr(signal, how))
            assert process.wait(timeout=10) == 0
        assert process.stderr.read() == b""
    assert not Path(said["ca"]).exists()


def test_env_points_a_crawler_here(web: OfflineWeb) -> None:
    assert web.env() == {
        "DATELINE_OFFLINE_WEB": f"127.0.0.1:{web.http_port}:{web.https_port}",
        "SSL_CERT_FILE": os.fspath(web.ca),
    }
    assert web.ca.is_file()


def test_two_webs_side_by_side_and_a_taken_port(web: OfflineWeb) -> None:
    with OfflineWeb() as other:
        assert {other.http_port, other.https_port}.isdisjoint({web.http_port, web.https_port})
        assert other.exchanges == ()
    with pytest.raises(OSError, match="in use"), OfflineWeb(http_port=web.http_port):
        pass

"""The offline web: every byte is known, every page is announced, and its gold agrees with what it prints."""

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
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit
from zoneinfo import ZoneInfo

import feedparser
import lxml.etree
import lxml.html
import pytest

from crawler.publisher import Feed, NewsSitemap, Section, publishers
from tests.web import Fault, OfflineWeb, WebPage, load
from tests.web.faults import FAULTS
from tests.web.pages import LAYOUTS, picture_url
from tests.web.render import RT_ICONS
from tests.web.site import Web, sites

ROOT = Path(__file__).parents[1]
PAGES = load()
ADDRESSES = [url for page in PAGES for url in (page.url, *page.aliases)]
ARTICLE = "https://www.rt.com/news/396920-sarven-dam-militants-retreat/"
CHUNKED = "https://sputniknews.com/middleeast/201512091031460772-zamyria-army-wadi-hamra/"
FEED = "https://www.rt.com/rss/news/"


@pytest.fixture(scope="module")
def web() -> Iterator[OfflineWeb]:
    """One server for the module; tests that spoil it put it right again (`spoilt`)."""
    with OfflineWeb() as running:
        yield running


@pytest.fixture
def spoilt(web: OfflineWeb) -> Iterator[OfflineWeb]:
    """The server, with faults and log cleared before and after."""
    web.forget()
    yield web
    web.clear_faults()


def connect(web: OfflineWeb, scheme: str, host: str) -> socket.socket:
    """A raw connection as a crawler pointed at the offline web makes it: real name in SNI, loopback address."""
    port = web.https_port if scheme == "https" else web.http_port
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    if scheme == "http":
        return plain
    return ssl.create_default_context(cafile=os.fspath(web.ca)).wrap_socket(plain, server_hostname=host)


def request_bytes(url: str, *, method: str = "GET", **headers: str) -> bytes:
    parts = urlsplit(url)
    target = quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def raw(web: OfflineWeb, url: str, **headers: str) -> bytes:
    """Everything the server sends for one request, until it closes."""
    parts = urlsplit(url)
    with connect(web, parts.scheme, parts.netloc) as connection:
        connection.sendall(request_bytes(url, Connection="close", **headers))
        received = b""
        while more := connection.recv(65536):
            received += more
    return received


def fetch(web: OfflineWeb, url: str, *, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """One exchange through the standard library's client: an independent reader of what the server frames."""
    parts = urlsplit(url)
    with connect(web, parts.scheme, parts.netloc) as connection:
        connection.sendall(request_bytes(url, method=method, Connection="close", **headers))
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        body = response.read()
        response.close()
    return response, body


def html(web: OfflineWeb, url: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(fetch(web, url)[1].decode())


# ------------------------------------------------------------------ the wire


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


# ------------------------------------------------------------------ addresses


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


# ------------------------------------------------------------------ sources


@pytest.mark.parametrize(
    "url", [f"https://{site.host}{feed.path}" for site in sites() for feed in site.feeds if not feed.match]
)
def test_feeds_parse_and_announce_every_page_of_their_host(web: OfflineWeb, url: str) -> None:
    parsed = feedparser.parse(fetch(web, url)[1])
    assert not parsed.bozo, parsed.get("bozo_exception")
    here = [address for address in ADDRESSES if urlsplit(address).netloc == urlsplit(url).netloc]
    assert {entry.id for entry in parsed.entries} == set(here)
    assert {urlsplit(entry.link)._replace(query="").geturl() for entry in parsed.entries} == set(here)
    for entry in parsed.entries:
        page = next(page for page in PAGES if entry.id in (page.url, *page.aliases))
        assert entry.title == page.headline
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == page.published_at


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.host)
def test_sitemaps_named_by_robots_list_every_page(web: OfflineWeb, site) -> None:
    robots = fetch(web, f"https://{site.host}/robots.txt")[1].decode()
    index, news = re.findall(r"^Sitemap: (.*)$", robots, flags=re.M)
    for path in site.disallow:
        assert f"Disallow: {path}" in robots
    here = {address for address in ADDRESSES if urlsplit(address).netloc == site.host}
    children = locations(fetch(web, index)[1])
    assert news in children
    for child in children:
        body = fetch(web, child)[1]
        assert locations(gzip.decompress(body) if child.endswith(".gz") else body) == here


def locations(body: bytes) -> set[str]:
    """The `<loc>` of a sitemap or sitemap index."""
    root = lxml.etree.fromstring(body)
    return {element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.host)
def test_home_pages_name_their_feeds(web: OfflineWeb, site) -> None:
    home = html(web, f"https://{site.host}/")
    named = home.xpath("//link[@rel='alternate'][contains(@type, 'rss')]/@href")
    assert named
    for href in named:
        body = fetch(web, urljoin(f"https://{site.host}/", href))[1]
        assert feedparser.parse(body).entries


def test_section_pages_lead_through_their_pages_once(web: OfflineWeb) -> None:
    url, seen, pages = "https://www.dailysabah.com/search?qsection=world&pgno=1", [], 0
    while url:
        page = html(web, url)
        seen += page.xpath("//div[@class='widget_content']/a/@href")
        following = page.xpath("//a[@rel='next']/@href")
        url, pages = (urljoin(url, following[0]) if following else ""), pages + 1
        assert not url or "qsection=world" in url
    assert pages > 1
    wanted = [page.path for page in PAGES if re.search(r"sabah\.com/(world|asia|mideast|syrian-crisis)/", page.url)]
    assert sorted(seen) == sorted(wanted)


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.host)
def test_sections_show_stories_that_exist(web: OfflineWeb, site) -> None:
    known = {urlsplit(address).path for address in ADDRESSES if urlsplit(address).netloc == site.host}
    for section in site.sections:
        response, body = fetch(web, f"https://{site.host}{section.path}")
        assert response.status == 200
        links = set(lxml.html.document_fromstring(body.decode()).xpath("//a/@href"))
        own = {page.path for page in Web(PAGES).on_host(site) if re.search(section.match, page.path)}
        assert links & known <= own
        assert bool(links & known) == bool(own)


@pytest.mark.parametrize(
    ("name", "source"),
    [(name, source) for name, publisher in publishers().items() for source in publisher.sources],
    ids=lambda value: getattr(value, "url", value),
)
def test_every_source_that_a_spider_declares_yields_stories(web: OfflineWeb, name: str, source: object) -> None:
    assert isinstance(source, Feed | NewsSitemap | Section)
    response, body = fetch(web, source.url)
    assert response.status == 200
    if isinstance(source, Feed):
        found = {entry.id for entry in feedparser.parse(body).entries}
    elif isinstance(source, NewsSitemap):
        found = locations(body)
    else:
        selected = lxml.html.document_fromstring(body.decode()).cssselect(source.links)
        found = {urljoin(source.url, element.get("href")) for element in selected}
    assert found & set(ADDRESSES)


# ------------------------------------------------------------------ gold


def test_every_publisher_has_a_dozen_articles_and_other_pages() -> None:
    for name in {design.publisher for design in LAYOUTS.values()}:
        kinds = [page.kind for page in PAGES if page.publisher == name]
        assert kinds.count("article") >= 12, name
        assert kinds.count("off_topic") >= 2, name
        assert kinds.count("gallery") + kinds.count("video") >= 1, name
    assert {page.layout for page in PAGES if page.is_article} == set(LAYOUTS)


def test_texts_are_of_natural_length_and_each_its_own() -> None:
    sentences: dict[str, str] = {}
    for page in PAGES:
        if page.kind == "article":
            assert 4 <= len(page.expected_paragraphs) <= 9, page.name
            assert 100 <= len(page.expected_text.split()) <= 450, (page.name, len(page.expected_text.split()))
        for paragraph in page.expected_paragraphs:
            assert sentences.setdefault(paragraph, page.name) == page.name
    assert len({page.headline for page in PAGES}) == len({page.url for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_article], ids=lambda page: page.name)
def test_what_is_expected_is_printed(web: OfflineWeb, page: WebPage) -> None:
    for url in (page.url, *page.aliases):
        document = html(web, url)
        for junk in document.xpath("//script | //style"):
            junk.drop_tree()
        text = " ".join(document.text_content().split())
        assert page.headline in " ".join(document.xpath("string(//body//h1)").split())
        alternatives = " ".join(" ".join(document.xpath("//@alt | //@title")).split())
        for wanted in (page.headline, *page.expected_paragraphs, *page.expected_tags):
            assert " ".join(wanted.split()) in text, wanted
        for wanted in (page.expected_section, page.wire, page.dateline, *page.authors):
            assert wanted is None or wanted in text
        for image in page.expected_images:
            assert image.caption is None or image.caption in text + alternatives
            assert image.credit is None or image.credit in text
        for story in page.expected_related:
            assert story.title in text


@pytest.mark.parametrize("page", [page for page in PAGES if page.layout == "alalam_en"], ids=lambda page: page.name)
def test_the_dump_counts_its_bytes(web: OfflineWeb, page: WebPage) -> None:
    text = html(web, page.url).text_content()
    found = re.search(r'string\((\d+)\) "(\[.*?\])"', text)
    assert found is not None
    assert len(found[2].encode()) == int(found[1])
    stories = json.loads(found[2])
    assert [story["title"] for story in stories] == [story.title for story in page.expected_related]
    assert [f"https://en.alalam.ir/news/{story['id']}" for story in stories] == [s.url for s in page.expected_related]


@pytest.mark.parametrize("url", [address for address in ADDRESSES if "/en/" in address])
def test_the_stamps_of_related_stories_name_the_right_weekday(web: OfflineWeb, url: str) -> None:
    page = next(page for page in PAGES if url in (page.url, *page.aliases))
    stamps = html(web, url).xpath("//span[@class='stamp']/text()")
    read = [datetime.strptime(stamp, "GMT %H:%M %Y %A ,%d %B").replace(tzinfo=UTC) for stamp in stamps]
    assert read == [story.published_at for story in page.expected_related]
    for stamp, when in zip(stamps, read, strict=True):
        assert when.strftime("%A") in stamp


def test_addresses_carry_the_date_of_their_page() -> None:
    moscow = ZoneInfo("Europe/Moscow")
    for page in PAGES:
        if page.layout == "sputnik_old":
            assert page.path.split("/")[2][:8] == f"{page.published_at.astimezone(moscow):%Y%m%d}", page.name
        elif page.layout == "sputnik_new":
            assert page.path.split("/")[1] == f"{page.published_at.astimezone(moscow):%Y%m%d}", page.name
        elif page.layout == "dailysabah_2017":
            assert f"{page.published_at:/%Y/%m/%d/}" in page.path, page.name
        elif page.layout == "arabstoday_en":
            assert page.path.endswith(f"-{page.published_at:%d%m%y%H%M%S}"), page.name
        elif page.layout == "arabstoday_ar":
            assert page.path.split("/")[2].startswith(f"{page.published_at:%H%M%S}-"), page.name


def test_zones_follow_the_calendar() -> None:
    offsets = {
        (page.layout, page.published_at.year, page.published_at.month): page.published_at.utcoffset() for page in PAGES
    }
    assert offsets["dailysabah_2017", 2016, 5] == timedelta(hours=3)  # EEST, before Turkey stayed at UTC+3
    assert offsets["alalam_en", 2013, 12] == timedelta(hours=3, minutes=30)
    assert offsets["alalam_en", 2014, 6] == timedelta(hours=4, minutes=30)  # Iran kept summer time until 2022


def test_known_traps_are_laid(web: OfflineWeb) -> None:
    rt = html(web, ARTICLE)
    icons = rt.xpath("//body/*[1]//title/text()")
    assert len(icons) == 47
    assert icons == [f"icon {icon}" for icon in RT_ICONS]
    page = next(page for page in PAGES if page.url == ARTICLE)
    assert str(int(page.modified_at.timestamp())) in "".join(rt.xpath("//div[@class='article__date']/script/text()"))
    column = next(page for page in PAGES if page.extra.get("false_z"))
    metadata = html(web, column.url)
    assert metadata.xpath("//meta[@name='pubdate']/@content") == [
        f"{column.published_at + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    ]
    assert metadata.xpath("//meta[@name='analytics:p_ts']/@content") == [str(int(column.published_at.timestamp()))]
    sabah = html(web, next(page.url for page in PAGES if page.layout == "dailysabah_2017" and page.is_article))
    assert re.search(r"em[A-Z]\w* Photo/em", sabah.text_content())
    assert html(web, "https://en.alalam.ir/news/1795130").xpath("//meta[@property='og:url']/@content") == ["/"]


def test_twins_share_their_text_and_not_their_chrome(web: OfflineWeb) -> None:
    twins = [page for page in PAGES if page.aliases]
    assert len(twins) >= 3
    for page in twins:
        bodies = {fetch(web, url)[1] for url in (page.url, *page.aliases)}
        assert len(bodies) == 1 + len(page.aliases)


def test_picture_addresses_are_distinct() -> None:
    pictures = [image.url for page in PAGES for image in page.all_images]
    assert len(pictures) == len(set(pictures))
    assert picture_url(PAGES[0], 1) != picture_url(PAGES[0], 2)


# ------------------------------------------------------------------ faults


def test_a_fault_spoils_its_urls_and_no_others(spoilt: OfflineWeb) -> None:
    spoilt.fault(r"rt\.com/news/396920", Fault("status", status=503))
    assert fetch(spoilt, ARTICLE)[0].status == 503
    assert spoilt.exchanges[-1].fault == "status"
    assert fetch(spoilt, CHUNKED)[0].status == 200
    spoilt.clear_faults()
    assert fetch(spoilt, ARTICLE)[0].status == 200


def test_a_fault_is_spent_after_its_times(spoilt: OfflineWeb) -> None:
    spoilt.fault(r"/rss/news/", Fault("not_found", times=2))
    assert [fetch(spoilt, FEED)[0].status for _ in range(3)] == [404, 404, 200]


def test_an_unknown_fault_names_the_known() -> None:
    with pytest.raises(ValueError, match=r"gremlin.*wrong_length"):
        Fault("gremlin")


def test_empty_and_html_instead_and_another_body(spoilt: OfflineWeb) -> None:
    spoilt.fault("/rss/news/", Fault("empty"))
    response, body = fetch(spoilt, FEED, Accept_Encoding="gzip")
    assert (response.status, body, response.getheader("Content-Encoding")) == (200, b"", None)
    spoilt.fault("/rss/news/", Fault("html_instead"))
    response, body = fetch(spoilt, FEED)
    assert response.getheader("Content-Type").startswith("text/html")
    assert not feedparser.parse(body).entries
    spoilt.fault("/rss/news/", Fault("body", body=b"<rss>"))
    assert fetch(spoilt, FEED)[1] == b"<rss>"


def test_a_truncated_body_ends_before_its_length(spoilt: OfflineWeb) -> None:
    good = fetch(spoilt, ARTICLE)[1]
    for url in (ARTICLE, CHUNKED):
        spoilt.fault(re.escape(url), Fault("truncated", after=500))
        with pytest.raises(http.client.IncompleteRead) as caught:
            fetch(spoilt, url)
        assert len(caught.value.partial) == 500
    assert good.startswith(spoilt.exchanges[-2].response.partition(b"\r\n\r\n")[2])


def test_cut_text_has_a_length_that_agrees(spoilt: OfflineWeb) -> None:
    whole = fetch(spoilt, FEED)[1]
    spoilt.fault("/rss/news/", Fault("cut_text"))
    assert fetch(spoilt, FEED, Accept_Encoding="gzip")[1] == whole[: len(whole) // 2]


@pytest.mark.parametrize("after", [0, 200])
def test_a_reset_is_a_reset(spoilt: OfflineWeb, after: int) -> None:
    spoilt.fault("sarven-dam", Fault("reset", after=after))
    # the ssl module of 3.11 takes a reset for an end of file and says so in one way or the other
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected, http.client.IncompleteRead)):
        fetch(spoilt, ARTICLE)
    spoilt.fault(r"en\.alalam\.ir/rss", Fault("reset", after=after))
    with pytest.raises(ConnectionResetError):
        fetch(spoilt, "http://en.alalam.ir/rss")


def test_wrong_lengths(spoilt: OfflineWeb) -> None:
    good = fetch(spoilt, ARTICLE)[1]
    spoilt.fault("sarven-dam", Fault("wrong_length", size=10))
    with pytest.raises(http.client.IncompleteRead):
        fetch(spoilt, ARTICLE)
    spoilt.fault("sarven-dam", Fault("wrong_length", size=-5))
    assert fetch(spoilt, ARTICLE)[1] == good[:-5]


def test_a_slow_body_drips(spoilt: OfflineWeb) -> None:
    good = fetch(spoilt, FEED)[1]
    spoilt.fault("/rss/news/", Fault("slow", after=len(good) - 100, size=50, seconds=0.15))
    started = time.monotonic()
    assert fetch(spoilt, FEED)[1] == good
    assert 0.3 <= time.monotonic() - started < 3


def test_silence_and_then_the_answer(spoilt: OfflineWeb) -> None:
    spoilt.fault("/rss/news/", Fault("silent", seconds=0.3))
    started = time.monotonic()
    assert fetch(spoilt, FEED)[0].status == 200
    assert time.monotonic() - started >= 0.3


def test_endless_things_end_at_their_size(spoilt: OfflineWeb) -> None:
    spoilt.fault("/rss/news/", Fault("endless_headers", size=300_000))
    assert 290_000 < len(raw(spoilt, FEED)) < 310_000
    spoilt.fault("/rss/news/", Fault("endless_body", size=6_000_000))
    received = raw(spoilt, FEED)
    assert 5_900_000 < len(received) < 6_100_000
    exchange = spoilt.exchanges[-1]
    assert not exchange.complete
    assert received.startswith(exchange.response)


def test_a_bomb_is_small_until_it_is_opened(spoilt: OfflineWeb) -> None:
    spoilt.fault("sarven-dam", Fault("gzip_bomb", size=5_000_000))
    body = fetch(spoilt, ARTICLE)[1]
    assert len(body) < 10_000
    assert len(zlib.decompress(body, wbits=31)) == 5_000_000


def test_a_slow_head_drips(spoilt: OfflineWeb) -> None:
    spoilt.fault("/rss/news/", Fault("slow_head", size=60, seconds=0.05))
    started = time.monotonic()
    assert fetch(spoilt, FEED)[0].status == 200
    assert time.monotonic() - started >= 0.15


def test_odd_heads(spoilt: OfflineWeb) -> None:
    spoilt.fault("/rss/news/", Fault("early_hints"))
    assert raw(spoilt, FEED).startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 ")
    spoilt.fault("/rss/news/", Fault("bare_lf"))
    assert b"\r\n" not in raw(spoilt, FEED).partition(b"\n\n")[0]
    spoilt.fault("/rss/news/", Fault("redirect_loop"))
    response, _ = fetch(spoilt, FEED)
    assert (response.status, response.getheader("Location")) == (302, "?")


def test_a_mislabelled_page_keeps_its_labels(spoilt: OfflineWeb) -> None:
    page = next(page for page in PAGES if page.layout == "sputnik_old" and page.lang == "ar")
    spoilt.fault(r"arabic\.sputniknews", Fault("mislabelled", encoding="windows-1256"))
    response, body = fetch(spoilt, page.url, Accept_Encoding="gzip")
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    assert b"charset=utf-8" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert page.headline in body.decode("windows-1256")


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_the_server_outlives_every_fault(spoilt: OfflineWeb, kind: str) -> None:
    spoilt.fault("/rss/news/", Fault(kind, seconds=0.001, size=4000, after=100, headers=(("X-Spoilt", "yes"),)))
    with connect(spoilt, "https", "www.rt.com") as connection:
        connection.sendall(request_bytes(FEED))
        connection.recv(1)  # and go away in the middle
    spoilt.clear_faults()
    assert fetch(spoilt, FEED)[0].status == 200


def test_pages_can_be_edited_and_taken_down() -> None:
    page = next(page for page in PAGES if page.url == ARTICLE)
    with OfflineWeb() as web:
        first, body = fetch(web, ARTICLE)
        web.put(replace(page, headline="Edited headline", modified_at=datetime(2020, 1, 1, tzinfo=UTC)))
        second, edited = fetch(web, ARTICLE, If_None_Match=first.getheader("ETag"))
        assert second.status == 200
        assert b"Edited headline" in edited
        assert body != edited
        assert "Edited headline" in fetch(web, FEED)[1].decode()
        web.remove(ARTICLE)
        assert fetch(web, ARTICLE)[0].status == 404
        assert ARTICLE not in fetch(web, FEED)[1].decode()
        with pytest.raises(KeyError):
            web.remove(ARTICLE)


def test_a_broken_template_shows_itself() -> None:
    page = next(page for page in PAGES if page.layout == "alalam_en")
    with OfflineWeb() as web:
        web.put(replace(page, related=(replace(page.related[0], url="https://nowhere.example/"),)))
        response, body = fetch(web, page.url)
    assert response.status == 500
    assert b"AssertionError" in body


# ------------------------------------------------------------------ the command


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

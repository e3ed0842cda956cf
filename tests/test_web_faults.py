"""The offline web misbehaves as told, where told, and survives it."""

import http.client
import re
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import pytest

from tests.web import Fault, OfflineWeb, load
from tests.web.client import connect, fetch, raw, request_bytes
from tests.web.faults import FAULTS

PAGES = load()
ARTICLE = "https://www.rt.com/news/396920-sarven-dam-militants-retreat/"
CHUNKED = "https://sputniknews.com/middleeast/201512091031460772-zamyria-army-wadi-hamra/"
FEED = "https://www.rt.com/rss/news/"


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

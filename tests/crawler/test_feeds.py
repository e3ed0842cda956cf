"""Feeds, whole and broken."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import Listing
from crawler.errors import SourceError
from crawler.feeds import read_feed
from tests.crawler.broken_feeds import BASE, FEEDS, REFUSED, Broken, item, rss

URL = "https://example.org/rss"

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Example</title>
<item><title>Bridge &amp; dam &lt;b&gt;closed&lt;/b&gt;</title><link>https://example.org/1-bridge?utm_source=rss</link>
<pubDate>Tue, 17 Mar 2026 08:12:00 +0300</pubDate></item>
<item><title>Ferry runs</title><link>/2-ferry</link><dc:date>2026-03-17T06:00:00Z</dc:date></item>
<item><title>No zone</title><link>https://example.org/3</link><pubDate>Tue, 17 Mar 2026 08:12:00</pubDate></item>
<item><title>No address</title></item>
<item><guid isPermaLink="true">https://example.org/4</guid></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>مثال</title>
<entry><title>إغلاق الجسر</title><link rel="alternate" href="https://example.org/خبر/1"/>
<published>2026-03-17T08:12:00+03:00</published></entry></feed>""".encode()

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"url": "https://example.org/1", "title": "One", "date_published": "2026-03-17T08:12:00+03:00"},
            {"external_url": "https://example.org/2", "date_published": "2026-03-17T08:12:00"},
            {"title": "no address"},
            "junk",
        ],
    }
).encode()


def tried(body: bytes) -> Listing | SourceError:
    """The entries, or the error."""
    try:
        return read_feed(body, url=URL)
    except SourceError as error:
        return error


def test_rss() -> None:
    listing = read_feed(RSS, url=URL)
    assert [(entry.url, entry.title) for entry in listing.entries] == [
        ("https://example.org/1-bridge?utm_source=rss", "Bridge & dam closed"),
        ("https://example.org/2-ferry", "Ferry runs"),
        ("https://example.org/3", "No zone"),
        ("https://example.org/4", None),
    ]
    assert listing.problem == f"feed {URL}: 1 of 5 entries have no address"
    assert not listing.cut


def test_times_are_utc_and_none_is_made_up() -> None:
    times = [entry.announced_at for entry in read_feed(RSS, url=URL).entries]
    assert times == [datetime(2026, 3, 17, 5, 12, tzinfo=UTC), datetime(2026, 3, 17, 6, tzinfo=UTC), None, None]


def test_atom_and_json() -> None:
    (entry,) = read_feed(ATOM, url=URL).entries
    assert (entry.url, entry.title) == ("https://example.org/خبر/1", "إغلاق الجسر")
    assert entry.announced_at == datetime(2026, 3, 17, 5, 12, tzinfo=UTC)
    first, second = read_feed(JSON_FEED, url=URL).entries
    assert (first.url, first.title, first.announced_at) == (
        "https://example.org/1", "One", datetime(2026, 3, 17, 5, 12, tzinfo=UTC),
    )  # fmt: skip
    assert (second.url, second.announced_at) == ("https://example.org/2", None)


@pytest.mark.parametrize("broken", FEEDS, ids=[broken.name for broken in FEEDS])
def test_a_broken_feed_yields_what_can_be_saved_and_says_what_is_lost(broken: Broken) -> None:
    listing = read_feed(broken.body, url=BASE)
    assert tuple((entry.url, entry.title) for entry in listing.entries) == broken.entries
    assert (broken.problem or "None") in str(listing.problem)
    if broken.at:
        times = [entry.announced_at for entry in listing.entries]
        assert times == [at and datetime.fromisoformat(at) for at in broken.at]
        printed = listing.entries[0].fields.get("published")
        assert (printed is None) == (times[0] is not None), "a date that gave no time is kept as printed"


@pytest.mark.parametrize(("name", "body", "words"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_what_is_dangerous_or_empty_is_refused(name: str, body: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        read_feed(body, url=BASE)


def test_what_a_feed_says_beside_address_title_and_time_is_kept() -> None:
    more = """<guid isPermaLink="false">tag:7</guid><dc:creator>Ann Bel</dc:creator><category>War</category>
    <category>Relief</category><category>War</category><atom:updated>2026-03-18T08:00:00Z</atom:updated>
    <pubDate>Tue, 17 Mar 2026 08:12:00 GMT</pubDate><comments>https://example.org/1#c</comments>"""
    (entry,) = read_feed(rss(item(more)), url=URL).entries
    assert entry.fields == {
        "guid": "tag:7", "author": ["Ann Bel"], "categories": ["War", "Relief"], "updated": "2026-03-18T08:00:00Z",
    }  # fmt: skip
    feed = b"""{"items": [{"id": "7", "url": "https://example.org/1", "tags": ["War", 3], "date_modified":
    "2026-03-18T08:00:00Z", "authors": [{"name": "Ann Bel"}, "x"]}]}"""
    (entry,) = read_feed(feed, url=URL).entries
    assert entry.fields == {
        "guid": "7",
        "author": ["Ann Bel"],
        "categories": ["War"],
        "updated": "2026-03-18T08:00:00Z",
    }
    assert entry.announced_at == datetime(2026, 3, 18, 8, tzinfo=UTC)


def test_what_a_feed_says_is_kept_short() -> None:
    many = "".join(f"<category>{number}</category>" for number in range(500))
    (entry,) = read_feed(rss(item(f"<guid>{'x' * 9000}</guid>{many}")), url=URL).entries
    assert len(entry.fields["guid"]) == 500
    assert len(entry.fields["categories"]) == 20


@pytest.mark.parametrize(
    "piece", ["<title>", "<!DOCTYPE [", "&", "<![CDATA[", "<item", "<link>x", "&#55357;", "<!--", "'"]
)
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    started = time.process_time()
    tried(b"<rss><channel><item><link>https://example.org/1</link></item>" + piece.encode() * 8_000)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("encoding", ["windows-1256", "iso-8859-6", "utf-16"])
def test_the_declared_encoding_is_believed(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><item><title>جسر</title>'
    text += "<link>https://example.org/1</link></item></channel></rss>"
    assert read_feed(text.encode(encoding), url=URL).entries[0].title == "جسر"


def test_a_malformed_feed_yields_what_can_be_saved() -> None:
    broken = RSS.replace(b"Bridge &amp; dam", b"Bridge & dam \x0b &nbsp;").replace(b"<channel>", b"<channel><unclosed>")
    assert read_feed(broken, url=URL).entries[0].url == "https://example.org/1-bridge?utm_source=rss"


@pytest.mark.parametrize("cut", range(260, len(RSS) - 20, 37))
def test_a_cut_feed_gives_whole_entries_and_says_so(cut: int) -> None:
    whole = {entry.url for entry in read_feed(RSS, url=URL).entries}
    read = tried(RSS[:cut])
    if isinstance(read, Listing):
        assert {entry.url for entry in read.entries} <= whole
    assert "cut off" in str(read.problem if isinstance(read, Listing) else read)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"<!doctype html><html><body>Just a moment</body></html>", "HTML page"),
        (b"\xef\xbb\xbf\n<!-- x --><HTML><body>", "HTML page"),
        (b"Not found", "no feed"),
        (b"\x1f\x8b\x08\x00junk", "no feed"),
        (b"<rss version='2.0'><channel></channel></rss>", "no entries"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel><item><title>x</ti", "cut off"),
        (b'{"items": []}', "no entries"),
        (b'{"items": [{"url": ', "JSON is broken"),
        (b'{"error": "no"}', "no JSON Feed"),
        (b"{" * 100_000, "JSON is broken"),
    ],
)
def test_what_is_no_feed_says_what_and_where(body: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read_feed(body, url=URL)
    assert URL in str(caught.value)


def test_a_doctype_is_refused_and_its_file_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    with pytest.raises(SourceError, match="DOCTYPE"):
        read_feed(RSS.replace(b"<rss", doctype + b"<rss", 1).replace(b"Ferry", b"&x;"), url=URL)


def test_a_body_that_is_a_path_or_url_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(RSS)
    for body in (str(path).encode(), path.as_uri().encode()):
        with pytest.raises(SourceError):
            read_feed(body, url=URL)


@given(st.data())
def test_a_mutated_feed_never_crashes(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([RSS, ATOM, JSON_FEED])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=20))
    read = tried(bytes(body))
    if isinstance(read, Listing):
        assert read.entries
        assert all(entry.announced_at is None or entry.announced_at.tzinfo for entry in read.entries)
    else:
        assert URL in str(read)


def test_a_json_feed_cannot_smuggle_in_what_no_database_takes() -> None:
    item = rb'{"url":"https://example.org/1","title":"A\ud800\u0000 B"}'
    whole = b'{"version":"https://jsonfeed.org/version/1.1","items":[' + item + b"]}"
    for body in (whole, whole.replace(rb"\ud800", b"\xed\xa0\x80")):
        entry = read_feed(body, url=URL).entries[0]
        assert entry.title is not None
        assert entry.title.replace("\ufffd", "") == "A B"

"""Sitemaps, whole and broken."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import sitemaps
from crawler.discovery import Listing
from crawler.errors import SourceError
from crawler.sitemaps import read_sitemap

URL = "https://example.org/sitemap.xml"

NEWS = """<?xml version="1.0" encoding="UTF-8"?><!-- made at noon -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://example.org/1?a=1&amp;b=2</loc><lastmod>2026-03-17</lastmod><image:image>
<image:loc>https://example.org/1.jpg</image:loc><image:title>A picture</image:title></image:image><news:news>
<news:publication><news:name>Example</news:name><news:language>ar</news:language></news:publication>
<news:publication_date>2026-03-17T08:12:00+03:00</news:publication_date><news:title> إغلاق
 الجسر </news:title></news:news></url>
<url><loc>
 https://example.org/2 </loc><lastmod>2026-03-16T10:00:00Z</lastmod></url>
<url><lastmod>2026-03-16T10:00:00Z</lastmod></url>
<url><loc>https://example.org/3</loc></url>
</urlset>""".encode()

INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://example.org/old.xml</loc><lastmod>2020-01-01T00:00:00Z</lastmod></sitemap>
<sitemap><loc>https://example.org/undated.xml</loc></sitemap>
<sitemap><loc>https://example.org/new.xml</loc><lastmod>2026-03-17T00:00:00Z</lastmod></sitemap>
</sitemapindex>"""


def tried(body: bytes) -> Listing | SourceError:
    """The entries, or the error."""
    try:
        return read_sitemap(body, url=URL)
    except SourceError as error:
        return error


def test_news_fields() -> None:
    listing = read_sitemap(NEWS, url=URL)
    first, second, third = listing.entries
    assert (first.url, first.title, first.language) == ("https://example.org/1?a=1&b=2", "إغلاق الجسر", "ar")
    assert first.announced_at == datetime(2026, 3, 17, 5, 12, tzinfo=UTC)
    assert (second.url, second.title) == ("https://example.org/2", None)
    assert second.announced_at == datetime(2026, 3, 16, 10, tzinfo=UTC)
    assert (third.url, third.announced_at, listing.problem) == ("https://example.org/3", None, None)


def test_what_a_news_sitemap_says_beside_address_title_and_time_is_kept() -> None:
    more = "<news:access>Subscription</news:access><news:genres>Blog, OpEd</news:genres><news:keywords>war, relief,war"
    more += "</news:keywords><news:stock_tickers>NASDAQ:A</news:stock_tickers></news:news>"
    body = NEWS.replace(b"</news:news>", more.encode())
    body = body.replace(b"</image:title>", b"</image:title><image:caption>At the lock</image:caption>")
    first, second, third = read_sitemap(body, url=URL).entries
    assert first.fields == {
        "publication": "Example", "language": "ar", "lastmod": "2026-03-17", "caption": "At the lock",
        "access": "Subscription", "genres": ["Blog", "OpEd"], "keywords": ["war", "relief"],
        "stock_tickers": ["NASDAQ:A"],
    }  # fmt: skip
    assert first.title == "إغلاق الجسر", "not the picture's"
    assert (second.fields, third.fields) == ({"lastmod": "2026-03-16T10:00:00Z"}, {})


WHOLE = ["https://e.org/1?a=1&b=2", "https://e.org/2"]
PLAIN = "<urlset><url><loc>https://e.org/1?a=1&amp;b=2</loc></url><url><loc>https://e.org/2</loc></url></urlset>"


@pytest.mark.parametrize(
    "broken",
    [
        PLAIN.replace("&amp;", "&"),
        PLAIN.replace("</loc></url>", "</loc><news:news><news:title>A & B</news:title></news:news></url>"),
        PLAIN.replace("</loc></url>", "</loc><news:title>A&nbsp;B \x0b</news:title></url>"),
        "<br />\n<b>Warning</b>: date() in <b>x.php</b><br />\n" + PLAIN,
        "\n\n" + '<?xml version="1.0" encoding="utf8mb4"?>' + PLAIN,
        PLAIN + "<!-- cached --><script>count()</script>",
        '<!DOCTYPE urlset SYSTEM "https://e.org/sitemap.dtd">' + PLAIN.replace("&amp;", "&"),
        '<?xml version="1.0" encoding="utf-16"?>' + PLAIN,
    ],
)
def test_a_broken_sitemap_is_mended(broken: str) -> None:
    listing = read_sitemap(broken.encode(), url=URL)
    assert [entry.url for entry in listing.entries] == WHOLE
    assert (listing.problem, listing.cut) == (None, False)


def test_of_a_text_sitemap_that_was_cut_the_last_line_is_left_out() -> None:
    packed = gzip.compress("\n".join(f"https://e.org/{number}-{'x' * number}" for number in range(300)).encode())
    listing = read_sitemap(packed[: len(packed) // 2], url=URL)
    assert all(entry.url.endswith("x" * number) for number, entry in enumerate(listing.entries))
    assert listing.cut


def test_a_day_is_no_time() -> None:
    body = NEWS.replace(b"2026-03-16T10:00:00Z", b"2026-03-16")
    assert read_sitemap(body, url=URL).entries[1].announced_at is None


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"\n\n  "])
def test_an_index_names_the_newest_first(prefix: bytes) -> None:
    listing = read_sitemap(prefix + INDEX, url=URL)
    names = [named.url for named in listing.sitemaps]
    assert names == [f"https://example.org/{name}.xml" for name in ("new", "old", "undated")]
    assert not listing.entries


def test_prefixed_gzipped_text_and_feed_forms() -> None:
    prefixed = (
        b'<sm:urlset xmlns:sm="http://www.sitemaps.org/schemas/sitemap/0.9"><sm:url><sm:loc>https://e.org/1</sm:loc>'
    )
    prefixed += b"</sm:url></sm:urlset>"
    assert [entry.url for entry in read_sitemap(prefixed, url=URL).entries] == ["https://e.org/1"]
    assert len(read_sitemap(gzip.compress(NEWS, mtime=0), url=URL).entries) == 3
    assert [entry.url for entry in read_sitemap(b"https://e.org/1\nnot a url\nhttps://e.org/2\n", url=URL).entries] == [
        "https://e.org/1",
        "https://e.org/2",
    ]
    feed = b"<rss version='2.0'><channel><item><link>https://e.org/9</link></item></channel></rss>"
    assert read_sitemap(feed, url=URL).entries[0].url == "https://e.org/9"


@pytest.mark.parametrize("cut", range(300, len(NEWS) - 10, 53))
@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_sitemap_gives_whole_entries_and_says_so(cut: int, packed: bool) -> None:
    body = NEWS[:cut]
    if packed:
        body = gzip.compress(NEWS, mtime=0)
        body = body[: len(body) * cut // len(NEWS)]
    whole = [entry.url for entry in read_sitemap(NEWS, url=URL).entries]
    read = tried(body)
    if isinstance(read, Listing):
        found = [entry.url for entry in read.entries]
        assert found == whole[: len(found)]
        assert "cut off" in str(read.problem)
    else:
        assert any(words in str(read) for words in ("cut off", "no sitemap", "empty"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"<!DOCTYPE html><html></html>", "HTML page"),
        (b"Service unavailable", "no sitemap"),
        (b"<opml><body/></opml>", "no sitemap"),
        (b"<urlset></urlset>", "no entries"),
        (b"<urlset><url><loc>https://e.org/1", "cut off"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff", "broken gzip"),
        (gzip.compress(b"", mtime=0), "empty"),
    ],
)
def test_what_is_no_sitemap_says_what_and_where(body: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read_sitemap(body, url=URL)
    assert URL in str(caught.value)


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://example.org/canary")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY l0 "lol">{laughs}]>'
    body = f"<?xml version='1.0'?>{doctype}<urlset><url><loc>https://e.org/1</loc></url><url><loc>&x;</loc></url>"
    body += "<url><loc>https://e.org/&l9;</loc></url></urlset>"
    read = tried(body.encode())
    found = read.entries if isinstance(read, Listing) else ()
    assert all("canary" not in entry.url and len(entry.url) < 100 for entry in found)


def test_a_flood_is_cut_at_the_protocols_limit() -> None:
    urls = "".join(f"<url><loc>https://e.org/{number}</loc></url>" for number in range(50_500))
    listing = read_sitemap(f"<urlset>{urls}</urlset>".encode(), url=URL)
    assert len(listing.entries) == 50_000
    assert "more than 50000" in str(listing.problem)


def test_a_bomb_is_not_unpacked_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_SIZE", 10_000)
    urls = "".join(f"<url><loc>https://e.org/{number}</loc></url>" for number in range(1000))
    listing = read_sitemap(gzip.compress(f"<urlset>{urls}{' ' * 10**7}</urlset>".encode()), url=URL)
    assert 0 < len(listing.entries) < 1000
    assert "more than 10000 bytes" in str(listing.problem)
    assert listing.cut


@given(st.data())
def test_a_mutated_sitemap_never_crashes(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([NEWS, INDEX, gzip.compress(NEWS, mtime=0)])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=20))
    read = tried(bytes(body))
    if isinstance(read, Listing):
        assert read.entries or read.sitemaps
    else:
        assert URL in str(read)


def test_a_namespace_with_a_brace_in_it_is_read() -> None:
    xml = INDEX.replace(b"sitemap/0.9", b"sitemap/0.9}")
    assert len(read_sitemap(xml, url=URL).sitemaps) == 3

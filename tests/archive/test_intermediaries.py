"""Captures that came by somebody else's archive: what their rows say, what is read of them, when they are of."""

import base64
import gzip
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.captures import exchanges, record_row
from archive.dump import dump
from archive.errors import RecordError
from archive.http_message import parse_response
from archive.intermediaries import answered, byte_range, handed_on, refusal
from archive.model import Exchange, Original, Outcome
from archive.rebuild import rebuild
from archive.records import read_record, read_records
from archive.recovery import index_file
from archive.store import Archive
from archive.verify import verify
from tests.archive.conftest import NOON, article, exchange, sighting

PAGE = "https://news.example/tarn"
THEN = datetime(2016, 5, 4, 10, 20, 30, tzinfo=UTC)
REPLAY = f"https://web.archive.org/web/20160504102030id_/{PAGE}"
MEMBER = "https://data.commoncrawl.org/crawl-data/CC-MAIN-2016-18/segment.warc.gz#bytes=100-599"
HTML = b"<html><body><h1>Bridge at Tarn shelled</h1><p>The bridge was shelled.</p></body></html>"
SAID = b"Memento-Datetime: Wed, 04 May 2016 10:20:30 GMT\r\n"


def asked(address: str = REPLAY, **fields: object) -> Original:
    given: dict[str, object] = {"url": PAGE, "address": address, "intermediary": "web.archive.org"}
    return Original(**(given | fields))  # type: ignore[arg-type]


def replayed(*, status: bytes = b"200 OK", fields: bytes = SAID, body: bytes = HTML) -> bytes:
    head = b"HTTP/1.1 %b\r\nServer: nginx\r\nContent-Type: text/html\r\n%bContent-Length: %d\r\n\r\n"
    return head % (status, fields, len(body)) + body


def member(*, url: str = PAGE, date: str = "2016-05-04T10:20:30Z", digest: bytes | None = None, **more: str) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nX-Crawler-Content-Length: 7\r\n\r\n" + HTML
    sha1 = digest or base64.b32encode(hashlib.sha1(HTML, usedforsecurity=False).digest())
    fields = {"WARC-Target-URI": url, "WARC-Date": date, "WARC-Payload-Digest": f"sha1:{sha1.decode()}", **more}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    whole = f"WARC/1.0\r\nWARC-Type: response\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode() + block
    return gzip.compress(whole + b"\r\n\r\n", mtime=0)


def part(body: bytes, *, status: bytes = b"206 Partial Content") -> bytes:
    head = b'HTTP/1.1 %b\r\nContent-Type: application/octet-stream\r\nETag: "of-the-file"\r\nContent-Length: %d\r\n\r\n'
    return head % (status, len(body)) + body


def by(original: Original, raw: bytes, **fields: object) -> Exchange:
    """An exchange with an intermediary."""
    address = original.address.partition("#")[0]
    return exchange(address, raw=raw, original=answered(original, address, raw), via="https://index.example/", **fields)


def test_the_answer_says_of_when_a_replayed_page_is() -> None:
    nearby = REPLAY.replace("20160504102030", "20160504093000")
    dated = replayed(fields=b"MEMENTO-DATETIME:Wed, 04 May 2016 09:30:00 GMT\r\n")
    expected = asked(nearby, captured_at=THEN.replace(hour=9, minute=30, second=0))
    assert answered(asked(captured_at=THEN), nearby, dated) == expected
    unreadable = replayed(fields=b"Memento-Datetime: once upon a time\r\n")
    assert answered(asked(captured_at=THEN), REPLAY, unreadable).captured_at == THEN
    other_page = REPLAY.replace("/tarn", "/market")
    assert answered(asked(captured_at=THEN), other_page, replayed()).url == "https://news.example/market"


def test_what_is_no_capture_has_no_time() -> None:
    for raw in (replayed(fields=b""), replayed(status=b"404 Not Found", fields=b""), b""):
        assert answered(asked(captured_at=THEN), REPLAY, raw).captured_at is None
    member_asked = asked(MEMBER, captured_at=THEN)
    assert answered(member_asked, "https://data.example/", part(b"")) == member_asked
    for status in (b"200 OK", b"403 Forbidden"):
        assert answered(member_asked, "https://data.example/", part(b"", status=status)).captured_at is None
    assert (byte_range(MEMBER), byte_range(REPLAY)) == ("bytes=100-599", None)


EXCLUDED = b"X-Archive-Wayback-Runtime-Error: AdministrativeAccessControlException: Blocked Site Error\r\n"
BY_ROBOTS = b"org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots"


@pytest.mark.parametrize(
    ("raw", "ending"),
    [
        (replayed(), None),
        (replayed(fields=b""), (Outcome.FAILED, "web.archive.org answered with something that is no capture")),
        (replayed(status=b"302 Found", fields=b""), (Outcome.NOT_ARTICLE, "redirect")),
        (replayed(status=b"503 Busy", fields=b""), (Outcome.FAILED, "web.archive.org answered 503")),
        (
            replayed(status=b"403 Forbidden", fields=EXCLUDED),
            (Outcome.BLOCKED, "excluded from web.archive.org: AdministrativeAccessControlException"),
        ),
        (
            replayed(status=b"403 Forbidden", fields=b"", body=BY_ROBOTS),
            (Outcome.BLOCKED, "excluded from web.archive.org: RobotAccessControlException"),
        ),
    ],
)
def test_how_an_answer_ends_that_is_no_capture(raw: bytes, ending: tuple[Outcome, str] | None) -> None:
    assert refusal(parse_response(raw), answered(asked(captured_at=THEN), REPLAY, raw)) == ending


def test_a_replayed_page_has_the_publishers_own_type() -> None:
    raw = replayed(fields=b"x-archive-orig-content-type: text/html; charset=windows-1251\r\n" + SAID)
    message = handed_on(parse_response(raw), asked(captured_at=THEN))
    assert (message.content_type, message.body) == ("text/html; charset=windows-1251", HTML)


def test_a_page_that_was_captured_compressed_is_read_whatever_the_replay_says() -> None:
    packed = gzip.compress(HTML, mtime=0)
    for fields in (
        b"",
        b"x-archive-orig-content-encoding: gzip\r\n",
        b"content-encoding: \r\nContent-Encoding: gzip\r\n",
    ):
        message = handed_on(parse_response(replayed(fields=fields + SAID, body=packed)), asked(captured_at=THEN))
        assert (message.body, message.incomplete) == (HTML, None)
    cut = handed_on(parse_response(replayed(body=packed[:-9])), asked(captured_at=THEN))
    assert cut.incomplete is not None


def test_a_member_gives_the_response_in_its_record() -> None:
    message = handed_on(parse_response(part(member())), asked(MEMBER, captured_at=THEN))
    assert (message.status, message.body, message.content_type) == (200, HTML, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("cut", "problem"),
    [
        (member()[:-40], "torn record"),
        (member(digest=b"A" * 32), "does not have the payload"),
        (member(url="https://news.example/market"), "the record is of https://news.example/market"),
        (member(date="2017-01-01T00:00:00Z"), "at 2017-01-01T00:00:00Z, the index says"),
        (member(**{"WARC-Truncated": "length"}), "truncated when it was made: length"),
        (b"<html>no gzip</html>", "no gzip member"),
    ],
)
def test_a_member_that_is_not_what_the_index_said_is_refused(cut: bytes, problem: str) -> None:
    with pytest.raises(RecordError, match=problem):
        handed_on(parse_response(part(cut)), asked(MEMBER, captured_at=THEN))


def test_rows_name_page_time_and_intermediary_and_are_read_back_the_same(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        whole = archive.capture(by(asked(captured_at=THEN), replayed()))
        cut = archive.capture(by(asked(MEMBER, captured_at=THEN, intermediary="commoncrawl.org"), part(member())))
        archive.capture(by(asked(captured_at=THEN), replayed(status=b"429 Slow down", fields=b"")))
        assert whole.as_of == cut.as_of == THEN
        assert whole.captured_at == NOON.replace(microsecond=0)
        assert archive.page(whole).body == archive.page(cut).body == HTML
        rows = list(archive._db.query("SELECT url, via, original_at, intermediary, etag FROM captures"))
        record = read_record(archive.path(cut.file), cut.offset)
        assert (record.target_uri, record.block) == (MEMBER.partition("#")[0], part(member()))
        expected = list(dump(archive.connection))
    then = "2016-05-04T10:20:30Z"
    assert [tuple(row.values()) for row in rows] == [
        (PAGE, REPLAY, then, "web.archive.org", None),
        (PAGE, MEMBER, then, "commoncrawl.org", None),
        (PAGE, REPLAY, None, "web.archive.org", None),
    ]
    assert verify(tmp_path).findings == ()
    rebuild(tmp_path, software="test")
    with Archive.open(tmp_path) as archive:
        assert [line for line in dump(archive.connection) if '["captures"' in line] == [
            line for line in expected if '["captures"' in line
        ]


def test_the_row_that_was_never_written_is_read_back_from_its_records(archive: Archive) -> None:
    archive.capture(by(asked(captured_at=THEN), replayed(fields=SAID + b'ETag: "of-the-archive"\r\n')))
    (row,) = archive._db.query("SELECT * FROM captures")
    (found,) = exchanges(read_records(archive.path(row["file"])))
    assert record_row(found, row["file"], None).items() <= row.items()


def test_replay_finds_the_exchange_under_the_address_asked_for(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        archive.capture(by(asked(captured_at=THEN), replayed()))
    (path,) = (tmp_path / "warc").glob("*.warc.gz.cdxj")
    written = path.read_text()
    assert f'"url": "{REPLAY}"' in written
    path.unlink()
    index_file(path.with_name(path.name.removesuffix(".cdxj")))
    assert path.read_text() == written


def test_what_an_intermediary_sent_is_neither_a_revisit_nor_its_original(archive: Archive) -> None:
    long = replayed(body=HTML + b"<!-- " + b"x" * 2000 + b" -->")
    captures = [archive.capture(by(asked(captured_at=THEN), long)) for _ in range(2)]
    captures.append(archive.capture(exchange(PAGE, raw=long)))
    types = [read_record(archive.path(capture.file), capture.offset).type for capture in captures]
    assert types == ["response"] * 3


def test_a_page_of_the_past_never_stands_above_what_was_crawled_since(archive: Archive) -> None:
    live = archive.capture(exchange(PAGE))
    archive.store_article(live, article(PAGE, headline="Bridge at Tarn reopens"), extractor="test")
    past = archive.capture(by(asked(captured_at=THEN), replayed(), minutes=600))
    verdict, _ = archive.store_article(past, article(PAGE, headline="Bridge at Tarn shelled"), extractor="test")
    assert verdict == "changed"
    (shown,) = archive._db.query("SELECT headline, captured_at, versions, capture_id FROM articles")
    assert tuple(shown.values()) == ("Bridge at Tarn reopens", "2026-03-04T12:00:00Z", 2, live.id)
    # and the text of today is still the one in force today
    again = archive.capture(exchange(PAGE, minutes=60))
    assert archive.store_article(again, article(PAGE), extractor="test")[0] == "unchanged"
    same_then = archive.capture(by(asked(captured_at=THEN.replace(day=5)), replayed(
        fields=SAID.replace(b"04 May", b"05 May")), minutes=700))  # fmt: skip
    assert archive.store_article(same_then, article(PAGE, headline="Bridge at Tarn shelled"), extractor="test")[0] == (
        "unchanged"
    )


def test_what_waits_at_an_intermediary_is_no_work_at_the_publisher(archive: Archive) -> None:
    run = archive.start_run(command="crawl", arguments={}, version="1")
    listed = replace(sighting(PAGE), memento=REPLAY, announced_at=THEN, raw_url="http://news.example/tarn")
    assert archive.record_sightings(run, [sighting(PAGE), listed]) == 1
    assert archive.pending("Tarn Post") == [PAGE]
    (waiting,) = archive.mementos.waiting("Tarn Post")
    assert (waiting.url, waiting.address, waiting.captured_at) == ("http://news.example/tarn", REPLAY, THEN)
    archive.mark_sighting(PAGE, Outcome.EXTRACTED)
    assert archive.pending("Tarn Post") == []
    assert archive.mementos.waiting("Tarn Post", after=waiting.id) == []
    archive.mementos.defer(REPLAY, "web.archive.org answered 503")
    assert archive.mementos.count("Tarn Post") == 1
    archive.mementos.end(REPLAY, Outcome.UNCHANGED, None)
    assert archive.mementos.waiting("Tarn Post") == []
    archive.record_sightings(run, [listed])
    (last,) = archive._db.query("SELECT outcome, detail FROM sightings ORDER BY id DESC LIMIT 1")
    assert last == {"outcome": "known", "detail": None}, "a capture of the past is fetched once"

"""A body that came before is not written again, and every reader still gets each response to the byte."""

import base64
import gzip
import random
from pathlib import Path

import pytest

from archive import fixity
from archive.dump import dump
from archive.errors import RecordError
from archive.members import digest
from archive.rebuild import rebuild
from archive.records import WarcRecord, read_record
from archive.store import Archive
from archive.verify import verify
from tests.archive.conftest import exchange

URL = "https://news.example/tarn"
BODY = b"<p>" + base64.b64encode(random.Random(4).randbytes(3000)) + b"</p>"  # compresses badly: sizes tell


def answer(body: bytes = BODY, *, status: bytes = b"200 OK", fields: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 %b\r\nContent-Type: text/html\r\n%bContent-Length: %d\r\n\r\n%b" % (status, fields, size, body)


def chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def records(archive: Archive, *raws: bytes, **fields: object) -> list[WarcRecord]:
    """Capture responses of one URL, a minute apart; the records that their rows point at."""
    captures = [
        archive.capture(exchange(URL, minutes=minute, raw=raw, **fields), run_id=None)
        for minute, raw in enumerate(raws)
    ]
    return [read_record(archive.path(capture.file), capture.offset) for capture in captures]


def test_a_body_that_came_before_is_named_instead_of_written(archive: Archive) -> None:
    raws = [answer(fields=b"Date: noon\r\n"), answer(fields=b"date:  later \r\nX: 1\r\nX: 2\r\n")]
    first, second = records(archive, *raws)
    assert (first.type, second.type) == ("response", "revisit")
    assert second.block == raws[1].removesuffix(BODY)
    assert second.length < first.length / 3
    assert dict(second.headers).items() >= {
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To": first.record_id,
        "WARC-Refers-To-Target-URI": URL,
        "WARC-Refers-To-Date": first.header("WARC-Date"),
        "WARC-Payload-Digest": digest(BODY),
        "WARC-Truncated": "length",
        "Content-Type": "application/http; msgtype=response",
    }.items()  # fmt: skip
    assert archive.whole(second).block == raws[1]
    assert archive.whole(first) is first


def test_a_row_of_a_revisit_is_like_any_other(archive: Archive) -> None:
    records(archive, answer(), answer())
    sql = "SELECT status, content_type, payload_digest, truncated, error FROM captures"
    first, second = archive.connection.execute(sql).fetchall()
    assert tuple(first) == tuple(second) == (200, "text/html", digest(BODY), None, None)


def test_extraction_sees_the_page_that_came(archive: Archive) -> None:
    zipped = gzip.compress(BODY, mtime=0)
    raw = answer(zipped, fields=b"Content-Encoding: gzip\r\n")
    captures = [archive.capture(exchange(URL, minutes=minute, raw=raw), run_id=None) for minute in range(3)]
    pages = [archive.page(capture) for capture in captures]
    assert [page.body for page in pages] == [BODY] * 3
    assert [page.captured_at for page in pages] == [capture.captured_at for capture in captures]


@pytest.mark.parametrize(
    ("before", "raw", "fields"),
    [
        (answer(b"short"), answer(b"short"), {}),
        (chunked(BODY), chunked(BODY), {}),
        (answer(), answer(BODY + b"."), {}),
        (answer(status=b"404 Gone"), answer(status=b"404 Gone"), {}),
        (answer(), b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(), {}),
        (answer(), answer(length=len(BODY) + 1), {"truncated": "disconnect", "error": "cut"}),
        (answer(), answer(length=len(BODY) + 1), {}),
        (answer(), answer(fields=b"Content-Encoding: gzip\r\n"[:-2] + b", x-unknown\r\n"), {}),
    ],
    ids=["small", "chunked", "other body", "404", "early hints", "cut", "short", "not decodable"],
)  # fmt: skip
def test_what_could_not_be_made_again_is_written_in_full(
    archive: Archive, before: bytes, raw: bytes, fields: dict[str, str]
) -> None:
    records(archive, before)
    (record,) = records(archive, raw, **fields)
    assert (record.type, record.block) == ("response", raw)


def test_the_same_body_of_another_url_is_written_in_full(archive: Archive) -> None:
    records(archive, answer())
    capture = archive.capture(exchange("https://news.example/other", raw=answer()), run_id=None)
    assert read_record(archive.path(capture.file), capture.offset).type == "response"


def test_a_chunked_response_may_hold_the_body_of_a_plain_one(archive: Archive) -> None:
    first, second = records(archive, chunked(BODY), answer())
    assert second.header("WARC-Refers-To") == first.record_id
    assert archive.whole(second).block == answer()


def test_a_page_that_changes_back_is_known(archive: Archive) -> None:
    first, other, again, third = records(archive, answer(), answer(BODY[::-1]), answer(), answer())
    assert [record.type for record in (first, other, again, third)] == ["response", "response", "revisit", "revisit"]
    assert {again.header("WARC-Refers-To"), third.header("WARC-Refers-To")} == {first.record_id}


def test_in_one_group_nothing_refers_to_what_is_not_on_the_disk(archive: Archive) -> None:
    with archive.group():
        places = [archive.capture(exchange(URL, minutes=minute, raw=answer()), run_id=None) for minute in range(2)]
    kinds = [read_record(archive.path(place.file), place.offset).type for place in places]
    assert kinds == ["response", "response"]


def test_not_modified_refers_to_the_response_that_still_holds(archive: Archive) -> None:
    first, revisit = records(archive, answer(), answer())
    raw = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
    for named in (first, revisit):
        capture = archive.capture(exchange(URL, minutes=9, raw=raw, refers_to=named.record_id), run_id=None)
        record = read_record(archive.path(capture.file), capture.offset)
        assert (record.type, record.block) == ("revisit", raw)
        assert record.header("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
        assert record.header("WARC-Refers-To") == first.record_id
        assert record.header("WARC-Refers-To-Date") == first.header("WARC-Date")
        assert record.header("WARC-Refers-To-Target-URI") == URL
        assert record.header("WARC-Payload-Digest") == capture.payload_digest == digest(BODY)
        assert record.header("WARC-Truncated") is None
        assert capture.status == 304
        assert archive.page(capture).body == BODY


def test_not_modified_without_anything_to_refer_to_is_a_response(archive: Archive) -> None:
    raw = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    kinds = [record.type for record in records(archive, raw)]
    kinds += [record.type for record in records(archive, raw, refers_to="<urn:uuid:0>")]
    assert kinds == ["response", "response"]


def test_a_lost_body_is_said_to_be_lost_and_the_next_one_is_kept(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        first = archive.capture(exchange(URL, raw=answer()), run_id=None)
    with Archive.open(tmp_path) as archive:
        second = archive.capture(exchange(URL, minutes=1, raw=answer()), run_id=None)
        assert archive.page(second).body == BODY
        archive.path(first.file).rename(tmp_path / "elsewhere")
        with pytest.raises(RecordError, match=r"the body of the revisit .* is lost"):
            archive.page(second)
        third = archive.capture(exchange(URL, minutes=2, raw=answer()), run_id=None)
        fourth = archive.capture(exchange(URL, minutes=3, raw=answer()), run_id=None)
        kinds = [read_record(archive.path(place.file), place.offset).type for place in (third, fourth)]
        assert kinds == ["response", "revisit"]
        assert archive.page(fourth).body == BODY


def test_verify_and_rebuild_know_revisits(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        first, *_ = records(archive, answer(), answer())
        records(archive, b"HTTP/1.1 304 Not Modified\r\n\r\n", refers_to=first.record_id)
        before = list(dump(archive.connection))
    assert verify(tmp_path).findings == ()
    rebuild(tmp_path, software="test")
    with Archive.open(tmp_path, write=False) as archive:
        rows = [line for line in dump(archive.connection) if line.startswith('["captures"')]
        assert rows == [line for line in before if line.startswith('["captures"')]
        assert [archive.page(capture).body for capture in archive.unfinished()] == [BODY] * 3


def test_a_revisit_of_what_no_row_knows_is_found(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        first, second = records(archive, answer(), answer())
    with Archive.open(tmp_path) as archive:
        archive.connection.execute(
            "UPDATE captures SET record_id = '<urn:uuid:0>' WHERE record_id = ?", [first.record_id]
        )
        checked = fixity.check_file(Path(str(second.path).removesuffix(".open")), is_ours=True)
        problems = fixity.compare(archive.connection, f"warc/{Path(second.path).name.removesuffix('.open')}", checked)
        archive.connection.rollback()
    assert [problem for problem in problems if f"revisit at offset {second.offset}" in problem]

"""Records hold the exact bytes, pass other people's checkers, and carry no secret and no forged header."""

import base64
import errno
import gzip
import hashlib
import os
import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.captures import exchanges
from archive.errors import ArchiveError
from archive.members import digest, exchange_members, header_value, member, receive
from archive.model import Tls
from archive.records import parse_member, read_record, read_records
from archive.warc import WarcWriter
from tests.archive.conftest import NOON, exchange, response

INFO = {"software": "dateline test", "format": "WARC File Format 1.1", "description": "test"}

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def written(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.warc.gz"))


def test_an_exchange_becomes_three_linked_records(tmp_path: Path) -> None:
    raw = response(b"caf\xe9", headers=b"content-TYPE: text/html\r\nX-Name: caf\xe9\r\nX-Name: b\r\n")
    with WarcWriter(tmp_path, info=INFO) as writer:
        place = writer.write_exchange(exchange(raw=raw, via="https://news.example/rss", fetch_ms=120))
    path = tmp_path / place.file
    info, answer, request, metadata = read_records(path)
    assert [info.type, answer.type, request.type, metadata.type] == ["warcinfo", "response", "request", "metadata"]
    assert {record.version for record in (info, answer, request, metadata)} == {"WARC/1.1"}
    assert answer.block == raw
    assert (answer.offset, answer.length, answer.record_id) == (place.offset, place.length, place.record_id)
    assert answer.target_uri == "https://news.example/tarn"
    assert answer.date == NOON
    assert answer.header("WARC-IP-Address") == "192.0.2.7"
    assert answer.header("WARC-Payload-Digest") == digest(b"caf\xe9") == place.payload_digest
    assert answer.header("WARC-Block-Digest") == digest(raw)
    assert {record.header("WARC-Concurrent-To") for record in (request, metadata)} == {answer.record_id}
    assert {record.header("WARC-Warcinfo-ID") for record in (answer, request, metadata)} == {info.record_id}
    assert metadata.header("WARC-Payload-Digest") is None
    fields = metadata.block.decode()
    assert "via: https://news.example/rss\r\n" in fields
    assert "fetchTimeMs: 120\r\n" in fields
    assert "kind: page\r\n" in fields
    assert b"http-header-user-agent: Dateline/0 (+https://example.org)\r\n" in info.block
    assert info.header("WARC-Filename") == place.file
    assert read_record(path, place.offset).block == raw


def test_certificates_stand_once_in_each_file(tmp_path: Path) -> None:
    tls = Tls(protocol="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", issuers=(b"issuer",), verified=True)
    secured = {"certificate": b"leaf" * 30, "tls": tls}
    with WarcWriter(tmp_path, info=INFO) as writer:
        gathered = writer.gathered
        writer.write_exchange(exchange("https://news.example/dropped", **secured))
        writer.drop(gathered)
        for number in range(3):
            place = writer.write_exchange(exchange(f"https://news.example/{number}", **secured))
            if number:
                writer.flush()
        first = writer.close()
        assert first is not None
        other = writer.write_exchange(exchange("https://news.example/other", **secured))
    for name, exchanges_in_it in ((place.file, 3), (other.file, 1)):
        records = list(read_records(tmp_path / name))
        (held,) = (record for record in records if record.header("Content-Type") == "application/pem-certificate-chain")
        assert held.header("WARC-Target-URI") == f"urn:dateline:certificate:{hashlib.sha256(b'leaf' * 30).hexdigest()}"
        blocks = held.block.split(b"-----END CERTIFICATE-----\n")
        assert [base64.b64decode(block.partition(b"-\n")[2]) for block in blocks[:-1]] == [b"leaf" * 30, b"issuer"]
        assert max(map(len, held.block.splitlines())) == 64
        naming = [found for found in exchanges(records) if found.fields.get("certificateRecord") == held.record_id]
        assert len(naming) == len(list(exchanges(records))) == exchanges_in_it
        assert naming[0].fields["tlsCipher"] == "TLS_AES_256_GCM_SHA384"


def test_a_certificate_whose_record_was_taken_back_is_written_again(tmp_path: Path) -> None:
    secured = {"certificate": b"leaf", "tls": Tls(protocol="TLSv1.2", cipher="x")}
    with WarcWriter(tmp_path, info=INFO) as writer:
        writer.write_exchange(exchange(**secured))
        writer.flush()
        writer.take_back()
        place = writer.write_exchange(exchange(**secured))
    records = list(read_records(tmp_path / place.file))
    (found,) = exchanges(records)
    assert found.fields["certificateRecord"] in {record.record_id for record in records}
    assert found.fields["certificateVerified"] == "no"


def test_the_file_is_open_until_it_is_sealed(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, info=INFO) as writer:
        place = writer.write_exchange(exchange())
        assert [path.name for path in tmp_path.iterdir()] == [place.file + ".open"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [place.file, place.file + ".cdxj"]
    assert stat.S_IMODE((tmp_path / place.file).stat().st_mode) == 0o444


def test_files_rotate_and_each_begins_with_its_warcinfo(tmp_path: Path) -> None:
    places = []
    with WarcWriter(tmp_path, info=INFO, max_size=2000) as writer:
        for number in range(6):
            places.append(writer.write_exchange(exchange(f"https://news.example/{number}")))
            writer.flush()
            if writer.is_full:
                writer.close()
    names = list(dict.fromkeys(place.file for place in places))
    assert len(names) > 1
    assert [name[-13:] for name in names] == [f"{number:05d}.warc.gz"[-13:] for number in range(len(names))]
    for path in written(tmp_path):
        records = list(read_records(path))
        assert records[0].type == "warcinfo"
        assert {record.header("WARC-Warcinfo-ID") for record in records[1:]} == {records[0].record_id}
    for place in places:
        assert read_record(tmp_path / place.file, place.offset).target_uri == place.target_uri


def test_an_exchange_without_response_has_request_and_metadata_only(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, info=INFO) as writer:
        refused = writer.write_exchange(exchange(raw=b"", error="connection refused"))
        unresolved = writer.write_exchange(exchange(raw=b"", request=b"", error="no such host"))
    records = list(read_records(tmp_path / refused.file))
    assert [record.type for record in records] == ["warcinfo", "request", "metadata", "metadata"]
    assert refused.record_id == records[1].record_id == records[2].header("WARC-Concurrent-To")
    assert unresolved.record_id == records[3].record_id
    assert b"error: no such host" in records[3].block
    assert refused.payload_digest == unresolved.payload_digest == ""


def test_credentials_never_reach_the_file(tmp_path: Path) -> None:
    request = (
        b"GET / HTTP/1.1\r\nHost: a\r\nCookie: canary-1\r\n folded canary-2\r\nauthorization: Bearer canary-3\r\n"
        b"Accept: */*\r\n\r\n"
    )
    with WarcWriter(tmp_path, info=INFO) as writer:
        place = writer.write_exchange(exchange("https://user:canary-4@news.example/", request=request))
    records = list(read_records(tmp_path / place.file))
    assert all(b"canary" not in record.block for record in records)
    assert all("canary" not in value for record in records for _, value in record.headers)
    assert records[2].block == b"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"
    assert b"requestHeadersDropped: Cookie, authorization" in records[3].block


def test_no_value_can_forge_a_header(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, info=INFO) as writer:
        place = writer.write_exchange(
            exchange(
                "https://news.example/a\r\nWARC-Type: revisit",
                via="x\ny: z",
                error="cut\r\nkind: forged",
                truncated="time",
            )
        )
    answer = read_record(tmp_path / place.file, place.offset)
    assert answer.type == "response"
    assert answer.target_uri == "https://news.example/a%0D%0AWARC-Type: revisit"
    assert answer.header("WARC-Truncated") == "time"
    metadata = list(read_records(tmp_path / place.file))[-1].block
    assert b"via: x%0Ay: z\r\n" in metadata
    assert metadata.count(b"kind:") == 2  # ours, and the one inside the escaped error
    assert b"\r\nkind: forged" not in metadata


@given(st.text())
def test_header_values_stay_on_one_line_and_encode(value: str) -> None:
    safe = header_value(value)
    assert len(f"x{safe}x".splitlines()) == 1
    safe.encode("utf-8")


@settings(max_examples=60)
@given(raw=st.binary(min_size=1, max_size=2000), request=st.binary(max_size=100))
def test_any_bytes_come_back_and_pass_warcio(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, request: bytes
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    for number, block in enumerate((raw, b"HTTP/1.1 200 OK\r\n" + raw, response(raw), CHUNKED + raw)):
        with WarcWriter(folder, info=INFO) as writer:
            place = writer.write_exchange(exchange(raw=block, request=b"GET / HTTP/1.1\r\n\r\n" + request))
        assert read_record(folder / place.file, place.offset).block == block, f"shape {number}"
        with (folder / place.file).open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests=True):
                record.content_stream().read()
                assert record.digest_checker.passed is not False, record.digest_checker.problems


def test_warcio_check_passes(tmp_path: Path) -> None:
    shapes = [
        response(),
        CHUNKED,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + response(),
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ]
    shapes += [b"HTTP/1.1 200 OK\r\nContent-Le", b"junk", b"", CHUNKED[:-9], b"HTTP/1.1 200 OK\n\nlf"]
    with WarcWriter(tmp_path, info=INFO) as writer:
        for number, raw in enumerate(shapes):
            place = writer.write_exchange(exchange(f"https://news.example/{number}", raw=raw))
        writer.write_conversion(
            refers_to=place.record_id, target_uri="https://news.example/", captured_at=NOON, text="Text ٣"
        )
    check = [str(Path(sys.executable).with_name("warcio")), "check", "-v", *map(str, written(tmp_path))]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail" not in done.stdout
    assert done.stdout.count("digest pass") > 2 * len(shapes)


def test_a_chunked_response_keeps_its_entity_digest_in_the_metadata(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, info=INFO) as writer:
        place = writer.write_exchange(exchange(raw=CHUNKED))
    assert place.payload_digest == digest(b"hello")
    answer = read_record(tmp_path / place.file, place.offset)
    assert answer.header("WARC-Payload-Digest") is None
    metadata = list(read_records(tmp_path / place.file))[-1].block
    assert f"entityDigest: {digest(b'hello')}".encode() in metadata


def test_a_conversion_refers_to_its_response(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, info=INFO, suffix="-text") as writer:
        place = writer.write_conversion(
            refers_to="<urn:uuid:1>", target_uri="https://news.example/", captured_at=NOON, text="Bridge\n\nهدنة"
        )
    assert place.file.endswith("-00000-text.warc.gz")
    record = read_record(tmp_path / place.file, place.offset)
    assert record.type == "conversion"
    assert record.block.decode() == "Bridge\n\nهدنة"
    assert record.header("Content-Type") == "text/plain; charset=utf-8"
    assert record.header("WARC-Refers-To") == "<urn:uuid:1>"
    assert record.header("WARC-IP-Address") is None


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    """A limit on the file's size makes write() fail half-way, as a full disk does."""
    script = f"""
import resource, signal
from pathlib import Path
from archive.errors import ArchiveError
from archive.warc import WarcWriter
from tests.archive.conftest import exchange
import os
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with WarcWriter(Path({str(tmp_path)!r}), info={INFO!r}) as writer:
    for limit in (100, 6000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            writer.write_exchange(exchange())
            writer.flush()
        except ArchiveError:
            print(os.listdir(writer.folder))
    try:
        writer.write_exchange(exchange(raw=b"HTTP/1.1 200 OK\\r\\n\\r\\n" + os.urandom(20000)))
        writer.flush()
    except ArchiveError as error:
        print(error)
    writer.write_exchange(exchange("https://news.example/after"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[]\n"), "not even room for the head of a file: no file"
    assert "cannot write" in done.stdout
    (path,) = written(tmp_path)
    assert [record.target_uri for record in read_records(path) if record.type == "response"] == [
        "https://news.example/tarn",
        "https://news.example/after",
    ]


def test_what_was_gathered_can_be_dropped_and_what_was_flushed_taken_back(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, info=INFO) as writer:
        kept = writer.write_exchange(exchange("https://news.example/kept"))
        gathered = writer.gathered
        writer.write_exchange(exchange("https://news.example/dropped"))
        writer.drop(gathered)
        writer.flush()
        writer.write_exchange(exchange("https://news.example/taken-back"))
        writer.flush()
        writer.take_back()
        again = writer.write_exchange(exchange("https://news.example/again"))
        sealed = writer.close()
    (path,) = written(tmp_path)
    assert [record.target_uri for record in read_records(path) if record.type == "response"] == [
        "https://news.example/kept",
        "https://news.example/again",
    ]
    assert read_record(path, again.offset).record_id == again.record_id != kept.record_id
    assert sealed is not None
    assert sealed.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (sealed.size, sealed.records) == (path.stat().st_size, len(list(read_records(path))))


def test_only_what_the_last_flush_wrote_is_taken_back(tmp_path: Path) -> None:
    """A flush with nothing to write once left the one before it to be taken back: records that were acknowledged."""
    with WarcWriter(tmp_path, info=INFO) as writer:
        place = writer.write_exchange(exchange())
        writer.flush()
        writer.flush()
        writer.take_back()
    assert read_record(tmp_path / place.file, place.offset).record_id == place.record_id


def test_a_folder_that_cannot_be_synced_is_an_error_of_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with WarcWriter(tmp_path, info=INFO) as writer:
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(ArchiveError, match=f"{tmp_path}: Input/output error; everything acknowledged is safe"):
            writer.write_exchange(exchange())
        assert list(tmp_path.iterdir()) == []
        monkeypatch.undo()
        place = writer.write_exchange(exchange())
    assert read_record(tmp_path / place.file, place.offset).record_id == place.record_id


def test_a_closed_writer_refuses(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "missing", info=INFO)
    with pytest.raises(ArchiveError, match="cannot create"):
        writer.write_exchange(exchange())


def test_a_body_that_is_gzipped_already_is_stored_and_everything_else_deflated() -> None:
    body = gzip.compress(b"<html>" + bytes(range(256)) * 400, mtime=0)
    block = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX-Long: " + b"a" * 4000 + b"\r\n\r\n" + body
    headers = [("WARC-Record-ID", "<urn:uuid:1>")]
    stored = member("response", headers, "application/http; msgtype=response", block, packed_from=block.index(body))
    deflated = member("response", headers, "application/http; msgtype=response", block)
    assert body in stored
    assert gzip.decompress(stored) == gzip.decompress(deflated)
    assert len(stored) < len(body) + 500
    record = next(ArchiveIterator(BytesIO(stored), no_record_parse=True))
    assert record.raw_stream.read() == block


@pytest.mark.parametrize(
    ("coding", "body", "is_stored"),
    [
        ("gzip", gzip.compress(b"<p>Shells hit Tarn</p>" * 900, mtime=0), True),
        ("gzip", b"<p>no gzip, whatever the header says</p>" * 900, False),
        ("identity", b"<p>in clear</p>" * 900, False),
    ],
)
def test_only_what_is_gzipped_is_stored(coding: str, body: bytes, is_stored: bool) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    seen = exchange(raw=head + body)
    first, *_ = exchange_members(seen, main_id="<urn:uuid:1>", info_id="<urn:uuid:2>", received=receive(seen))
    assert (body in first) == is_stored
    assert parse_member(first, "a record").block == head + body

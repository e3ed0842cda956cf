"""Only whole records are read; damage names its file and offset; reading goes on behind it."""

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import RecordError
from archive.records import WarcRecord, read_record, read_records
from archive.wacz import is_wacz, warc_members
from archive.warc import WarcWriter
from tests.archive.conftest import exchange


def record_bytes(block: bytes, *, kind: str = "response", declared: int | None = None) -> bytes:
    length = len(block) if declared is None else declared
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <https://news.example/>\r\n"
    head += "WARC-Date: 2026-03-04T12:00:00Z\r\n"
    return f"{head}WARC-Record-ID: <urn:uuid:1>\r\nContent-Length: {length}\r\n\r\n".encode() + block + b"\r\n\r\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file of four records."""
    with WarcWriter(tmp_path, info={"software": "test"}) as writer:
        place = writer.write_exchange(exchange(raw=b"HTTP/1.1 200 OK\r\n\r\nx"))
    return tmp_path / place.file


def test_a_torn_tail_loses_only_what_is_torn(small: Path) -> None:
    data = small.read_bytes()
    whole = list(read_records(small))
    ends = [record.offset + record.length for record in whole]
    assert ends[-1] == len(data)
    torn = small.with_name("torn.warc.gz")
    for cut in range(1, len(data)):
        torn.write_bytes(data[:cut])
        found: list[WarcRecord] = []
        expected = [record.record_id for record, end in zip(whole, ends, strict=True) if end <= cut]
        if cut in ends:
            found.extend(read_records(torn))
        else:
            start = max((end for end in ends if end <= cut), default=0)
            with pytest.raises(RecordError, match=rf"torn\.warc\.gz.*offset {start}\b"):
                found.extend(read_records(torn))
        assert [record.record_id for record in found] == expected, f"cut at {cut}"


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_costs_at_most_one_record(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    with WarcWriter(folder, info={"software": "test"}) as writer:
        for number in range(3):
            written = writer.write_exchange(exchange(f"https://news.example/{number}"))
    path = folder / written.file
    whole = {record.record_id for record in read_records(path)}
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    flipped = folder / "flipped.warc.gz"
    flipped.write_bytes(content)
    damage: list[RecordError] = []
    found = {record.record_id for record in read_records(flipped, on_damage=damage.append)}
    assert found <= whole
    assert len(whole - found) <= 1
    assert bool(damage) == (found != whole)


def test_reading_goes_on_behind_damage(small: Path) -> None:
    records = list(read_records(small))
    data = bytearray(small.read_bytes())
    start = records[2].offset
    data[start + 30 : start + 60] = bytes(30)
    hurt = small.with_name("hurt.warc.gz")
    hurt.write_bytes(data)
    damage: list[RecordError] = []
    found = [record.record_id for record in read_records(hurt, on_damage=damage.append)]
    assert found == [record.record_id for record in records if record is not records[2]]
    assert len(damage) == 1
    assert f"offset {start}" in str(damage[0])
    assert str(hurt) in str(damage[0])


def test_plain_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "plain.warc"
    path.write_bytes(record_bytes(b"HTTP/1.1 200 OK\r\n\r\none") + record_bytes(b"HTTP/1.1 404 No\r\n\r\ntwo"))
    first, second = read_records(path)
    assert (first.http().body, second.http().status) == (b"one", 404)
    assert first.target_uri == "https://news.example/"
    assert first.offset + first.length == second.offset
    assert read_record(path, second.offset) == second
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(RecordError, match=f"offset {second.offset}"):
        list(read_records(path))


def test_plain_records_may_end_in_odd_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "odd.warc"
    one = record_bytes(b"one").removesuffix(b"\r\n\r\n")
    path.write_bytes(one + b"\r\n" + one + b"\r\n\r\n\r\n" + one + b"\n\n")
    assert [record.block for record in read_records(path)] == [b"one"] * 3


def test_big_blocks_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "big.warc.gz"
    path.write_bytes(gzip.compress(record_bytes(bytes(5_000_000))) + gzip.compress(record_bytes(b"small"), mtime=0))
    big, small = read_records(path, max_block=1000)
    assert (len(big.block), big.block_length, big.complete) == (1000, 5_000_000, False)
    assert small.block == b"small"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<html>no warc</html>", "no gzip member at offset 0"),
        (gzip.compress(b"just a gzip", mtime=0), "no WARC record at offset 0"),
        (gzip.compress(record_bytes(b"abc", declared=900), mtime=0), "is short"),
        (gzip.compress(record_bytes(b"abc") + record_bytes(b"def"), mtime=0), "more than one record"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", "no valid Content-Length"),
        (b"WARC/1.0\r\nContent-Length: 5", "does not end"),
        (record_bytes(b"abc", declared=2), "does not end where its Content-Length says"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.warc.gz"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=message) as caught:
        list(read_records(path))
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="absent"):
        list(read_records(tmp_path / "absent.warc.gz"))


def test_dates_are_read_with_any_fraction_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record_bytes(b"x").replace(b"12:00:00Z", b"12:00:00.123456789Z"))
    assert next(read_records(path)).date.isoformat() == "2026-03-04T12:00:00.123456+00:00"
    path.write_bytes(record_bytes(b"x").replace(b"2026-03-04", b"2026-99-04"))
    with pytest.raises(RecordError, match="no valid WARC-Date"):
        _ = next(read_records(path)).date


def test_wacz_members(tmp_path: Path, small: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("datapackage.json", "{}")
        package.writestr("archive/data.warc.gz", small.read_bytes())
        package.writestr("archive/../../evil.warc.gz", b"x")
        package.writestr("archive/deeper/evil.warc.gz", b"x")
    assert is_wacz(path)
    assert not is_wacz(small)
    members = {name: stream.read() for name, stream in warc_members(path)}
    assert members == {"archive/data.warc.gz": small.read_bytes()}


def test_bad_wacz(tmp_path: Path) -> None:
    path = tmp_path / "bomb.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("archive/data.warc.gz", bytes(20_000_000))
    with pytest.raises(RecordError, match="packed beyond reason"):
        list(warc_members(path))
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("readme.txt", "nothing")
    with pytest.raises(RecordError, match=r"no archive/"):
        list(warc_members(path))
    path.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(RecordError, match=r"bomb\.wacz"):
        list(warc_members(path))

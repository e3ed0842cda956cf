"""The index beside each file: written with it, made again when it is lost, never taken for evidence."""

import json
from pathlib import Path

import pytest

from archive.members import digest
from archive.records import read_record
from archive.recovery import index_file
from archive.repair import repair
from archive.store import Archive
from archive.verify import Level, verify
from tests.archive.conftest import exchange, response, warc_files
from tests.archive.test_revisits import URL, answer


def index_of(path: Path) -> Path:
    return path.with_name(path.name + ".cdxj")


@pytest.fixture
def archived(tmp_path: Path) -> Path:
    """A finished archive with one file: a response, its revisit, a redirect, something unreadable, a silence."""
    with Archive.open(tmp_path) as archive:
        archive.capture(exchange(URL, raw=answer()), run_id=None)
        archive.capture(exchange(URL, minutes=1, raw=answer()), run_id=None)
        archive.capture(exchange("https://news.example/B?z=1&a=2", raw=b"HTTP/1.1 301 Moved\r\n\r\n"), run_id=None)
        archive.capture(exchange("https://news.example/junk", raw=b"junk"), run_id=None)
        archive.capture(exchange("https://news.example/silent", raw=b"", error="refused"), run_id=None)
    return tmp_path


def test_each_answer_has_a_line_that_leads_to_its_record(archived: Path) -> None:
    (path,) = warc_files(archived)
    lines = index_of(path).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)
    read = [line.split(" ", 2) for line in lines]
    assert [(key, moment) for key, moment, _ in read] == [
        ("example,news)/b?a=2&z=1", "20260304120000"),
        ("example,news)/junk", "20260304120000"),
        ("example,news)/tarn", "20260304120000"),
        ("example,news)/tarn", "20260304120100"),
    ]
    fields = [json.loads(block) for *_, block in read]
    assert [(one.get("mime"), one.get("status")) for one in fields] == [
        (None, "301"), (None, None), ("text/html", "200"), ("warc/revisit", "200"),
    ]  # fmt: skip
    for one in fields:
        record = read_record(path, int(one["offset"]))
        assert (record.target_uri, str(record.length), path.name) == (one["url"], one["length"], one["filename"])
        assert one["digest"] == (record.header("WARC-Payload-Digest") or digest(b"junk"))


def test_the_index_written_is_the_one_that_the_records_give(archived: Path) -> None:
    (path,) = warc_files(archived)
    written = index_of(path).read_bytes()
    index_of(path).unlink()
    index_file(path)
    assert index_of(path).read_bytes() == written


def test_a_lost_index_is_made_at_the_next_opening(archived: Path) -> None:
    (path,) = warc_files(archived)
    written = index_of(path).read_bytes()
    index_of(path).unlink()
    (finding,) = verify(archived).findings
    assert (finding.level, finding.place) == (Level.NOTE, str(index_of(path)))
    Archive.open(archived).close()
    assert index_of(path).read_bytes() == written
    assert verify(archived).findings == ()


def test_a_wrong_index_is_but_a_note(archived: Path) -> None:
    (path,) = warc_files(archived)
    index_of(path).write_text("example,news)/forged 20260304120000 {}\n", encoding="utf-8")
    (finding,) = verify(archived).findings
    assert finding.level is Level.NOTE
    assert "delete it" in finding.problem


def test_a_killed_writer_s_file_gets_its_index_when_it_is_sealed(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path)
    archive.capture(exchange(), run_id=None)
    archive.journal.pages.abandon()
    archive.journal.texts.abandon()
    archive.close()
    assert not list((tmp_path / "warc").glob("*.cdxj"))
    Archive.open(tmp_path).close()
    (path,) = warc_files(tmp_path)
    assert index_of(path).read_text(encoding="utf-8").startswith("example,news)/tarn 20260304120000 ")


def test_a_repaired_file_has_an_index_of_what_was_saved(archived: Path) -> None:
    (path,) = warc_files(archived)
    first = json.loads(index_of(path).read_text(encoding="utf-8").splitlines()[0].split(" ", 2)[2])
    path.chmod(0o644)
    damaged = bytearray(path.read_bytes())
    damaged[int(first["offset"]) + 40] ^= 0xFF
    path.write_bytes(damaged)
    (repaired,) = repair(archived, software="test")
    target = archived / repaired.replaced_by
    assert not index_of(path).exists()
    urls = [json.loads(line.split(" ", 2)[2])["url"] for line in index_of(target).read_text("utf-8").splitlines()]
    assert urls == ["https://news.example/junk", URL, URL]
    assert not [finding for finding in verify(archived).findings if "cdxj" in finding.place]


def test_what_is_taken_back_is_not_indexed(archive: Archive) -> None:
    writer = archive.journal.pages
    writer.write_exchange(exchange("https://news.example/back"))
    writer.flush()
    writer.take_back()
    writer.write_exchange(exchange("https://news.example/kept", raw=response()))
    sealed = writer.close()
    assert sealed is not None
    lines = index_of(writer.folder / sealed.name).read_text(encoding="utf-8").splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["example,news)/kept"]


def test_a_damaged_file_without_index_does_not_keep_the_archive_shut(archived: Path) -> None:
    (path,) = warc_files(archived)
    lines = index_of(path).read_text(encoding="utf-8").splitlines()
    lost = json.loads(lines[0].split(" ", 2)[2])
    path.chmod(0o644)
    damaged = bytearray(path.read_bytes())
    damaged[int(lost["offset"]) + 40] ^= 0xFF
    path.write_bytes(damaged)
    index_of(path).unlink()
    Archive.open(archived).close()
    assert index_of(path).read_text(encoding="utf-8").splitlines() == lines[1:]

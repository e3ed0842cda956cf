"""The journal: what reaches the WARC and the database together, and the database made again from the WARC alone."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive.errors import ArchiveError, ArchiveFull
from archive.folder import connect
from archive.journal import entries
from archive.members import JOURNAL_URI, digest
from archive.model import Outcome
from archive.records import read_records
from archive.store import Archive
from tests.archive.conftest import (
    dumped,
    exchange,
    fill,
    store,
    warc_files,
    without_database,
)

ROOT = Path(__file__).parents[2]


def test_a_database_that_is_gone_comes_back_from_the_files(tmp_path: Path) -> None:
    fill(tmp_path)
    before = dumped(tmp_path)
    tables = {json.loads(line)[0] for line in before}
    assert tables >= {"about", "publishers", "runs", "files", "captures", "sources", "sightings", "articles",
                      "versions", "mentions"}  # fmt: skip
    assert len(warc_files(tmp_path)) > 3
    without_database(tmp_path)
    files = sorted(path.name for path in (tmp_path / "warc").iterdir())
    Archive.open(tmp_path).close()
    assert dumped(tmp_path) == before
    assert sorted(path.name for path in (tmp_path / "warc").iterdir()) == files, "nothing was written for it"
    fill(tmp_path, runs=1)
    assert len(dumped(tmp_path)) > len(before), "and the archive goes on"


@pytest.mark.parametrize(
    "environment",
    [{"TZ": "Asia/Kathmandu"}, {"TZ": "America/St_Johns", "LC_ALL": "C"}, {"PYTHONHASHSEED": "7"}],
    ids=["zone", "zone and locale", "hash seed"],
)
def test_it_comes_back_the_same_in_any_environment(tmp_path: Path, environment: dict[str, str]) -> None:
    fill(tmp_path)
    before = dumped(tmp_path)
    without_database(tmp_path)
    opening = f"from archive.store import Archive; Archive.open({str(tmp_path)!r}).close()"
    subprocess.run([sys.executable, "-c", opening], check=True, cwd=ROOT, env={**os.environ, **environment})
    assert dumped(tmp_path) == before


def test_the_entries_are_a_chain_over_all_files(tmp_path: Path) -> None:
    fill(tmp_path)
    chain = sorted((entry for path in warc_files(tmp_path) for entry in entries(path)), key=lambda e: e.sequence)
    assert [entry.sequence for entry in chain] == list(range(1, len(chain) + 1))
    assert [entry.previous for entry in chain] == ["", *(entry.digest for entry in chain[:-1])]
    blocks = [read.block for path in warc_files(tmp_path) for read in read_records(path) if read.type == "metadata"]
    assert {entry.digest for entry in chain} <= {digest(block) for block in blocks}


def test_each_finished_file_is_named_with_its_hash_in_a_later_one(tmp_path: Path) -> None:
    fill(tmp_path)
    with closing(connect(tmp_path, write=False)) as connection:
        chained = dict(connection.execute("SELECT file, chained FROM files").fetchall())
    assert len(chained) == len(list((tmp_path / "warc").glob("*.warc.gz")))
    assert [name for name, sequence in chained.items() if sequence is None] == [
        f"warc/{warc_files(tmp_path)[-1].name}"
    ], "only of the last nothing can be said yet"


def test_a_group_is_safe_at_its_end_and_not_before(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        with archive.group():
            first = archive.capture(exchange("https://news.example/1"), run_id=None)
            assert not any(record.type == "response" for record in read_records(archive.path(first.file)))
            archive.capture(exchange("https://news.example/2"), run_id=None)
        assert archive.page(first).status == 200
        with pytest.raises(ZeroDivisionError), archive.group():
            archive.start_run(command="crawl", arguments={"times": 1 / len(archive.unfinished()[2:])}, version="1")
        assert archive.counts()["captures"] == 2
    (path,) = warc_files(tmp_path)
    assert sum(record.type == "response" for record in read_records(path)) == 2
    assert len(list(entries(path))) == 1


def test_a_change_that_fails_leaves_the_others_of_its_group(archive: Archive) -> None:
    with archive.group():
        capture = archive.capture(exchange(), run_id=None)
        with pytest.raises(ArchiveError, match="does not exist"):
            archive.finish_capture(99, Outcome.FAILED)
        archive.finish_capture(capture.id, Outcome.EMPTY)
    assert archive.outcomes() == {"empty": 1}


def test_a_missing_file_is_no_small_matter(tmp_path: Path) -> None:
    fill(tmp_path)
    without_database(tmp_path)
    missing = warc_files(tmp_path)[1]
    missing.rename(tmp_path / missing.name)
    with pytest.raises(ArchiveError, match=r"does not follow entry \d+: a file is missing or was changed"):
        Archive.open(tmp_path)
    (tmp_path / missing.name).rename(missing)
    Archive.open(tmp_path).close()


def test_a_missing_file_is_noted_when_the_archive_is_opened(tmp_path: Path) -> None:
    fill(tmp_path)
    first, second, *_ = warc_files(tmp_path)
    first.rename(tmp_path / first.name)
    second.chmod(0o644)
    with second.open("ab") as stream:
        stream.write(b"more")
    with Archive.open(tmp_path) as archive:
        found = dict(archive.connection.execute("SELECT file, problem FROM files WHERE problem NOT NULL").fetchall())
    assert found[f"warc/{first.name}"] == "missing"
    assert "bytes instead of" in found[f"warc/{second.name}"]
    (tmp_path / first.name).rename(first)
    with Archive.open(tmp_path) as archive:
        assert archive.connection.execute("SELECT count(*) FROM files WHERE problem = 'missing'").fetchone() == (0,)


def test_it_stops_before_the_disk_is_full(tmp_path: Path) -> None:
    with Archive.open(tmp_path, min_free=1 << 60) as archive:
        with pytest.raises(ArchiveFull, match="MB are left"):
            archive.capture(exchange(), run_id=None)
        assert archive.counts()["captures"] == 0
    with Archive.open(tmp_path) as archive:
        archive.capture(exchange(), run_id=None)


def test_an_archive_that_was_begun_without_a_journal_gets_one(tmp_path: Path) -> None:
    """As the first version left them: rows, and files without entries."""
    fill(tmp_path)
    with closing(connect(tmp_path, write=True)) as connection, connection:
        connection.execute("DELETE FROM files")
        connection.execute("DELETE FROM about WHERE key = 'journal'")
        for path in warc_files(tmp_path):
            for old, new in _without_journal(path).items():
                place = [new, f"warc/{path.name}", old]
                connection.execute("UPDATE captures SET offset = ? WHERE file = ? AND offset = ?", place)
        versions = connection.execute("SELECT count(*) FROM versions").fetchone()[0]
        captures = connection.execute("SELECT count(*) FROM captures").fetchone()[0]
    with Archive.open(tmp_path) as archive:
        store(archive, "https://news.example/later")
        assert (archive.counts()["versions"], archive.counts()["captures"]) == (versions + 1, captures + 1)
    before = dumped(tmp_path)
    without_database(tmp_path)
    Archive.open(tmp_path).close()
    assert dumped(tmp_path) == before


def _without_journal(path: Path) -> dict[int, int]:
    """Cut the entries out of a file. Returns where each record was and is."""
    path.chmod(0o644)
    whole, kept, places = path.read_bytes(), b"", dict[int, int]()
    for record in read_records(path):
        if record.target_uri != JOURNAL_URI:
            places[record.offset] = len(kept)
            kept += whole[record.offset : record.offset + record.length]
    path.write_bytes(kept)
    return places

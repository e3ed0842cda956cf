"""A writer that is killed at any point leaves an archive that opens, whole, with nothing lost that was acknowledged."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive import imported
from archive.dump import dump
from archive.errors import ArchiveError
from archive.folder import connect
from archive.model import Outcome
from archive.opening import prepare_database
from archive.records import read_records
from archive.store import Archive
from archive.verify import verify
from tests.archive.conftest import article, exchange, sighting, store, warc_files

ROOT = Path(__file__).parents[2]


def test_a_torn_tail_goes_to_quarantine(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        archive.capture(exchange(), run_id=None)
    (path,) = warc_files(tmp_path)
    whole = path.read_bytes()
    path.unlink()
    Path(f"{path}.open").write_bytes(whole + whole[:77])
    Archive.open(tmp_path).close()
    assert path.read_bytes() == whole
    (tail,) = (tmp_path / "quarantine").iterdir()
    assert tail.read_bytes() == whole[:77]
    assert tail.name == f"{path.name}.{len(whole)}.tail"


def test_captures_without_rows_are_read_back(tmp_path: Path) -> None:
    """The rows are deleted, as if the machine had stopped between the sync of the WARC and the commit."""
    with Archive.open(tmp_path) as archive:
        run = archive.start_run(command="crawl", arguments={}, version="1")
        archive.record_sightings(run, [sighting()])
        for raw in (None, b"", b"HTTP/1.1 404 Not Found\r\n\r\n"):
            archive.capture(exchange(raw=raw, via="https://news.example/rss", error="x" if raw == b"" else None), run)
        columns = "url, captured_at, status, content_type, offset, length, record_id, payload_digest, publisher, via, "
        columns += "kind, error"
        select = f"SELECT {columns} FROM captures ORDER BY offset"
        before = archive.connection.execute(select).fetchall()
        archive.connection.execute("DELETE FROM captures")
        archive.connection.commit()
    (path,) = warc_files(tmp_path)
    path.rename(f"{path}.open")
    with Archive.open(tmp_path) as archive:
        assert archive.connection.execute(select).fetchall() == before
        assert len(archive.unfinished()) == 3
        assert archive.pending("Tarn Post") == ["https://news.example/tarn"]


def test_a_recovery_that_fails_begins_anew(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        archive.capture(exchange(), run_id=None)
        archive.connection.execute("DELETE FROM captures")
        archive.connection.commit()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        database.execute("DELETE FROM files")
        database.execute("CREATE TRIGGER no BEFORE INSERT ON captures BEGIN SELECT raise(ABORT, 'no'); END")
        database.commit()
    (path,) = warc_files(tmp_path)
    path.rename(f"{path}.open")
    with pytest.raises(ArchiveError, match="not stored"):
        Archive.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        database.execute("DROP TRIGGER no")
    with Archive.open(tmp_path) as archive:
        assert archive.counts()["captures"] == 1


def test_a_version_is_replayed_together_with_the_mark_that_it_was(tmp_path: Path) -> None:
    """An entry whose first event is a version once was two transactions: killed between them, it came in twice."""
    with Archive.open(tmp_path) as archive:
        capture = archive.capture(exchange(), run_id=None)
        archive.store_article(capture, article(), extractor="test")
        archive.store_article(capture, article(headline="Another"), extractor="test")
    (tmp_path / "archive.db").rename(tmp_path / "before.db")
    with closing(connect(tmp_path, write=True)) as database:
        prepare_database(database, tmp_path, "test", False)
        database.execute(
            "CREATE TRIGGER no BEFORE INSERT ON about WHEN new.value LIKE '3 %' BEGIN SELECT raise(ABORT, 'no'); END"
        )
        database.commit()
    with pytest.raises(ArchiveError, match="not stored"):
        Archive.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        assert database.execute("SELECT count(*) FROM versions").fetchone() == (1,)
        database.execute("DROP TRIGGER no")
    with Archive.open(tmp_path) as archive, closing(sqlite3.connect(tmp_path / "before.db")) as before:
        assert list(dump(archive.connection)) == list(dump(before))


def test_an_import_that_was_killed_before_its_row_gets_it(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.warc.gz"
    foreign.write_bytes(b"a record of theirs")
    Archive.open(tmp_path / "a").close()
    name = imported.adopt_file(tmp_path / "a", foreign)
    (tmp_path / "a" / "imported" / "copy-1.part").write_bytes(b"a rec")
    with Archive.open(tmp_path / "a") as archive:
        assert archive.connection.execute("SELECT file, size FROM files WHERE records IS NULL").fetchall() == [
            (name, 18)
        ]
    assert [path.name for path in (tmp_path / "a" / "imported").iterdir()] == [Path(name).name]
    assert verify(tmp_path / "a").findings == ()


def test_commits_that_a_power_cut_took_are_made_again(tmp_path: Path) -> None:
    """The database without its write-ahead log, which is synced when it is copied into the database and not before."""
    archive = Archive.open(tmp_path / "a")
    with closing(sqlite3.connect(tmp_path / "a" / "archive.db")) as reader:
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM runs").fetchone()  # it keeps the log from being cleared
        run = archive.start_run(command="crawl", arguments={}, version="1")
        archive.record_sightings(run, [sighting()])
        capture, article_id = store(archive)
        archive.finish_capture(capture.id, Outcome.EXTRACTED)
        archive.close()
        (tmp_path / "b").mkdir()
        shutil.copy(tmp_path / "a" / "archive.db", tmp_path / "b" / "archive.db")
        shutil.copytree(tmp_path / "a" / "warc", tmp_path / "b" / "warc")
    with closing(sqlite3.connect(tmp_path / "a" / "archive.db")) as whole, Archive.open(tmp_path / "b") as again:
        for table in ("runs", "sightings", "captures", "articles", "versions", "mentions"):
            select = f"SELECT * FROM {table} ORDER BY 1"
            expected = whole.execute(select).fetchall()
            assert expected
            assert again.connection.execute(select).fetchall() == expected, table
        assert store(again, "https://news.example/next")[1] == article_id + 1, "and it goes on"


def test_a_full_database_costs_no_acknowledged_capture(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        first = archive.capture(exchange(), run_id=None)
        pages = archive.connection.execute("PRAGMA page_count").fetchone()[0]
        archive.connection.execute(f"PRAGMA max_page_count = {pages}")
        number = -1
        failure = ""
        while not failure:
            number += 1
            try:
                archive.capture(exchange(f"https://news.example/{number}", error="a long story " * 300), run_id=None)
            except ArchiveError as error:
                failure = str(error)
        assert "archive.db: database or disk is full" in failure
    with Archive.open(tmp_path) as archive:
        urls = [row[0] for row in archive.connection.execute("SELECT url FROM captures ORDER BY id")]
        assert urls == [first.url, *(f"https://news.example/{done}" for done in range(number))]
        archive.capture(exchange(f"https://news.example/{number}"), run_id=None)
    assert not list((tmp_path / "warc").glob("*.open"))


def test_a_file_of_garbage_is_kept_aside(tmp_path: Path) -> None:
    Archive.open(tmp_path).close()
    (tmp_path / "warc" / "dateline-x-00000.warc.gz.open").write_bytes(b"\x1f\x8b\x08 garbage")
    Archive.open(tmp_path).close()
    assert list((tmp_path / "warc").iterdir()) == []
    (tail,) = (tmp_path / "quarantine").iterdir()
    assert tail.read_bytes() == b"\x1f\x8b\x08 garbage"


def test_an_archive_that_was_not_closed_goes_on(tmp_path: Path) -> None:
    script = (
        "import os, signal\nfrom archive.store import Archive\nfrom tests.archive.conftest import store\n"
        f"archive = Archive.open({str(tmp_path)!r})\nstore(archive)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == -9, done.stderr
    with Archive.open(tmp_path) as archive:
        assert archive.counts()["articles"] == 1
        (capture,) = archive.unfinished()
        archive.finish_capture(capture.id, Outcome.EXTRACTED)
        store(archive, "https://news.example/second")
    for path in warc_files(tmp_path) + warc_files(tmp_path, text=True):
        assert len(list(read_records(path))) > 1

"""Captures, articles, versions and the frontier: what is stored once, what twice, and what is refused."""

import fcntl
import sqlite3
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.agenda import Poll
from archive.captures import Found, record_row
from archive.errors import ArchiveError, ArchiveLocked, ArchiveNotFound, ArchiveNotWritable, RecordError, SchemaTooNew
from archive.events import apply
from archive.imports import Progress
from archive.migrations import migrate, schema
from archive.model import Outcome
from archive.records import read_record, read_records
from archive.store import Archive
from tests.archive.conftest import (
    NOON,
    PAGE,
    RELEVANCE,
    article,
    exchange,
    response,
    sighting,
    store,
    warc_files,
)


def rows(archive: Archive, sql: str, *values: object) -> list[tuple[object, ...]]:
    return archive.connection.execute(sql, values).fetchall()


def test_a_capture_is_on_disk_when_it_returns(archive: Archive) -> None:
    capture = archive.capture(exchange(via="https://user:canary@news.example/rss"), run_id=None)
    assert capture.status == 200
    assert capture.content_type == "text/html; charset=utf-8"
    assert capture.captured_at == NOON.replace(microsecond=0)
    record = read_record(archive.path(capture.file), capture.offset)
    assert (record.length, record.record_id, record.block) == (capture.length, capture.record_id, response())
    page = archive.page(capture)
    assert (page.body, page.status, page.url) == (PAGE, 200, capture.url)
    assert rows(archive, "SELECT via, ip_address, outcome FROM captures") == [
        ("https://news.example/rss", "192.0.2.7", None)
    ]


def test_a_capture_without_response_has_no_status(archive: Archive) -> None:
    capture = archive.capture(exchange(raw=b"", error="no such host"), run_id=None)
    assert (capture.status, capture.content_type, capture.payload_digest) == (None, None, "")
    assert rows(archive, "SELECT error, payload_digest FROM captures") == [("no such host", None)]
    assert archive.page(capture).body == b""


def test_a_capture_ends_once(archive: Archive) -> None:
    capture = archive.capture(exchange(), run_id=None)
    archive.finish_capture(capture.id, Outcome.EXTRACTED)
    with pytest.raises(ArchiveError, match="has ended as extracted already"):
        archive.finish_capture(capture.id, Outcome.FAILED)
    with pytest.raises(ArchiveError, match="capture 99 does not exist"):
        archive.finish_capture(99, Outcome.FAILED)
    with pytest.raises(ValueError, match="lovely"):
        archive.finish_capture(capture.id, "lovely")
    assert archive.outcomes() == {"extracted": 1}


def test_outcomes_add_up_when_a_run_ends(archive: Archive) -> None:
    first = archive.start_run(command="crawl", arguments={"spider": "tarn"}, version="1")
    archive.capture(exchange(kind="source"), run_id=first)
    second = archive.start_run(command="crawl", arguments={}, version="1")
    done = archive.capture(exchange(minutes=1), run_id=second)
    archive.finish_capture(done.id, Outcome.NOT_ARTICLE, "feed")
    mute = archive.capture(exchange(minutes=2, raw=b""), run_id=second)
    page = archive.capture(exchange(minutes=3), run_id=second)
    assert [capture.id for capture in archive.unfinished()] == [1, mute.id, page.id]
    archive.finish_run(second, exit_code=0, summary={"articles": 0})
    assert [capture.id for capture in archive.unfinished()] == [page.id], "a page waits for its extraction"
    archive.finish_capture(page.id, Outcome.EXTRACTED)
    assert archive.outcomes(second) == {"extracted": 1, "failed": 1, "not_article": 1}
    assert sum(archive.outcomes().values()) == archive.counts()["captures"] == 4
    assert rows(archive, "SELECT exit_code, summary FROM runs WHERE id = ?", second) == [(0, '{"articles": 0}')]


def test_the_same_page_twice_is_two_captures_and_one_article(archive: Archive) -> None:
    first, article_id = store(archive)
    second = archive.capture(exchange(minutes=60), run_id=None)
    assert archive.store_article(second, article(), relevance=RELEVANCE, extractor="test") == ("unchanged", article_id)
    counts = archive.counts()
    assert (counts["captures"], counts["articles"], counts["versions"]) == (2, 1, 1)
    assert first.record_id != second.record_id


def test_storing_again_changes_nothing(archive: Archive) -> None:
    capture, article_id = store(archive)
    before = list(archive.connection.iterdump())
    for _ in range(2):
        assert archive.store_article(capture, article(), extractor="test") == ("unchanged", article_id)
    assert list(archive.connection.iterdump()) == before


def test_a_changed_text_is_a_new_version_with_its_own_conversion(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        _, article_id = store(archive)
        later = archive.capture(exchange(minutes=60), run_id=None)
        changed = article(paragraphs=("The bridge at Tarn closed again.",), headline="Bridge closes")
        assert archive.store_article(later, changed, extractor="test") == ("changed", article_id)
        assert rows(archive, "SELECT headline, versions, capture_id FROM articles") == [("Bridge closes", 2, later.id)]
        assert rows(archive, "SELECT number, headline FROM versions ORDER BY number") == [
            (1, "Bridge at Tarn reopens"),
            (2, "Bridge closes"),
        ]
        files = rows(archive, "SELECT text_file, text_record_id FROM versions ORDER BY number")
    (path,) = warc_files(tmp_path, text=True)
    conversions = [record for record in read_records(path) if record.type == "conversion"]
    assert files == [(f"warc/{path.name}", record.record_id) for record in conversions]
    assert conversions[1].block.decode() == "Bridge closes\n\nThe bridge at Tarn closed again."
    assert conversions[1].header("WARC-Refers-To") == later.record_id
    assert conversions[1].target_uri == later.url


def test_captures_may_come_in_any_order(archive: Archive) -> None:
    """An old capture, imported later, adds its version and does not replace what the article says today."""
    new = archive.capture(exchange(minutes=60), run_id=None)
    archive.store_article(new, article(headline="Today"), extractor="test")
    old = archive.capture(exchange(minutes=0), run_id=None)
    assert archive.store_article(old, article(headline="Back then"), extractor="test")[0] == "changed"
    assert rows(archive, "SELECT headline, versions FROM articles") == [("Today", 2)]
    between = archive.capture(exchange(minutes=30), run_id=None)
    assert archive.store_article(between, article(headline="Back then"), extractor="test")[0] == "unchanged"
    back = archive.capture(exchange(minutes=90), run_id=None)
    assert archive.store_article(back, article(headline="Back then"), extractor="test")[0] == "changed"
    assert rows(archive, "SELECT headline, versions FROM articles") == [("Back then", 3)]


def test_twins_share_one_article(archive: Archive) -> None:
    _, article_id = store(archive)
    twin = archive.capture(exchange("https://en.news.example/tarn"), run_id=None)
    stored = archive.store_article(
        twin,
        replace(article("https://en.news.example/tarn"), canonical_url="https://news.example/tarn"),
        extractor="test",
    )
    assert stored == ("unchanged", article_id)


def test_an_article_row_says_all_that_is_known(archive: Archive) -> None:
    archive.record_sightings(archive.start_run(command="c", arguments={}, version="1"), [sighting()])
    store(archive)
    cursor = archive.connection.execute("SELECT * FROM articles")
    found = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    expected = {
        "published_at": "2026-03-04T10:30:00Z",
        "published_offset": "+03:00",
        "published_zone": "printed",
        "published_precision": "minute",
        "modified_at": None,
        "captured_at": "2026-03-04T12:00:00Z",
        "seen_at": "2026-03-04T12:00:00Z",
        "publisher": "Tarn Post",
        "tags": '["Tarn", "ceasefire"]',
        "images": '[{"url": "https://news.example/a.jpg", "caption": "The bridge", "credit": "Lena Orr"}]',
        "related": '[{"title": "Market reopens", "url": "https://news.example/market", "published_at": null}]',
        "relevance": 2.5,
        "language": "en",
        "versions": 1,
    }
    assert {name: found[name] for name in expected} == expected
    assert rows(archive, "SELECT kind, term, part, count FROM mentions ORDER BY term") == [
        ("conflict", "ceasefire", "text", 1),
        ("conflict", "shelling", "text", 1),
    ]


def test_text_that_is_no_unicode_is_stored(archive: Archive) -> None:
    """A broken escape in a page's JSON yields half a surrogate pair, which no database takes."""
    _, article_id = store(archive, headline="Half \ud83d a pair")
    assert rows(archive, "SELECT headline FROM articles WHERE id = ?", article_id) == [("Half ? a pair",)]


def test_sightings_wait_until_they_are_marked(archive: Archive) -> None:
    run = archive.start_run(command="crawl", arguments={}, version="1")
    urls = [f"https://news.example/{number}" for number in range(3)]
    assert archive.record_sightings(run, [sighting(url) for url in urls]) == 3
    assert archive.record_sightings(run, [sighting(urls[0]), sighting("https://news.example/new")] * 2) == 1
    assert archive.pending("Tarn Post") == [*urls, "https://news.example/new"]
    assert archive.pending("Other") == []
    capture = archive.capture(exchange(urls[0]), run_id=run)
    archive.mark_sighting(urls[0], Outcome.EXTRACTED, capture.id, None)
    archive.mark_sighting(urls[1], Outcome.FAILED, None, "refused by robots.txt")
    assert archive.pending("Tarn Post") == [urls[2], "https://news.example/new"]
    assert archive.counts()["pending"] == 2
    archive.record_sightings(run, [sighting(urls[0], position=9)])
    assert archive.pending("Tarn Post") == [urls[2], "https://news.example/new"], "one visit a run is enough"
    assert rows(archive, "SELECT outcome, capture_id FROM sightings WHERE position = 9") == [("extracted", capture.id)]
    next_run = archive.start_run(command="crawl", arguments={}, version="1")
    assert archive.record_sightings(next_run, [sighting(urls[0])]) == 0
    assert archive.pending("Tarn Post") == [urls[2], "https://news.example/new", urls[0]]


def test_sources_and_publishers_are_kept_up_to_date(archive: Archive) -> None:
    run = archive.start_run(command="crawl", arguments={}, version="1")
    for timezone in ("UTC", "Asia/Damascus"):
        archive.save_publisher(
            name="Tarn Post",
            spider="tarn",
            homepage="https://news.example/",
            country="XX",
            languages=["en"],
            timezone=timezone,
        )
    for entries, error in ((0, "HTTP 500"), (12, None)):
        archive.agenda.record_poll(
            Poll(
                publisher="Tarn Post", source="https://news.example/rss", kind="feed", polled_at=NOON,
                outcome="read" if entries else "failed", entries=entries, error=error,
            ),
            run,
        )  # fmt: skip
    assert rows(archive, "SELECT name, timezone FROM publishers") == [("Tarn Post", "Asia/Damascus")]
    assert rows(archive, "SELECT entries, error, outcome, fetched_at FROM sources") == [
        (12, None, "read", "2026-03-04T12:00:00Z")
    ]


def test_the_archive_may_be_used_from_its_writer_thread(archive: Archive) -> None:
    failures: list[BaseException] = []

    def write() -> None:
        try:
            store(archive)
        except BaseException as error:  # noqa: BLE001  # handed to the test
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert failures == []


# Opening


def test_a_second_writer_is_told_who_holds_the_archive(tmp_path: Path) -> None:
    opening = f"from archive.store import Archive; Archive.open({str(tmp_path)!r})"
    with Archive.open(tmp_path) as archive:
        done = subprocess.run([sys.executable, "-c", opening], capture_output=True, text=True, check=False)
        assert "ArchiveLocked" in done.stderr
        with pytest.raises(ArchiveLocked, match=r"process \d+ .* since 20"):
            Archive.open(tmp_path)
        with Archive.open(tmp_path, write=False) as reader:
            assert reader.counts()["articles"] == archive.counts()["articles"]
    Archive.open(tmp_path).close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Archive.open(tmp_path).close()
    with Archive.open(tmp_path, write=False) as reader:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.connection.execute("DELETE FROM main.articles")
        with pytest.raises(sqlite3.OperationalError, match="cannot modify articles"):
            reader.connection.execute("DELETE FROM articles")
        with pytest.raises(sqlite3.OperationalError, match="attached"):
            reader.connection.execute("ATTACH DATABASE ? AS other", [str(tmp_path / "other.db")])
    assert not (tmp_path / "other.db").exists()


def test_no_archive_to_read(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound, match="there is no archive in"):
        Archive.open(tmp_path / "nothing", write=False)
    assert not (tmp_path / "nothing").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArchiveNotWritable, match="cannot create the archive"):
        Archive.open(tmp_path / "file" / "data")


@pytest.mark.parametrize("exists", [False, True], ids=["to be made", "made before"])
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, exists: bool) -> None:
    """As another user where the tests run as root, whom no permission stops."""
    folder = tmp_path / "data"
    if exists:
        Archive.open(folder).close()
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in tmp_path.parents[:3]:  # one more where tests run in several processes
        parent.chmod(0o755)
    script = (
        "import os\nfrom archive.store import Archive\nfrom archive.errors import ArchiveNotWritable\n"
        "if os.geteuid() == 0:\n    os.setuid(65534)\n"
        f"try:\n    Archive.open({str(folder)!r})\nexcept ArchiveNotWritable as error:\n    print(error)\n"
        f"if {exists}:\n    reader = Archive.open({str(folder)!r}, write=False)\n"
        "    print('still', reader.counts()['articles'], 'to read')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755)
    assert done.stderr == ""
    assert str(folder) in done.stdout
    assert "DATELINE_ARCHIVE" in done.stdout
    assert ("still 0 to read" in done.stdout) == exists


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(ArchiveError, match=r"archive\.db: file is not a database"):
        Archive.open(tmp_path)
    (tmp_path / "archive.db").unlink()
    Archive.open(tmp_path).close()  # and the lock was freed


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    Archive.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "archive.db") as connection:
        connection.execute("INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('dateline', 'm999_future')")
    connection.close()
    with pytest.raises(SchemaTooNew, match="m999_future"):
        Archive.open(tmp_path)


def test_migrations_make_the_schema_from_nothing_and_once() -> None:
    db = Database(memory=True)
    migrate(db, path="memory")
    tables = set(db.table_names())
    assert tables >= {
        "publishers", "sources", "runs", "sightings", "captures", "articles", "versions", "mentions", "syndications",
        "articles_fts",
    }  # fmt: skip
    assert "content=''" in db["articles_fts"].schema, "the index keeps no second copy of the texts"
    before = db.schema
    migrate(db, path="memory")
    assert db.schema == before
    assert schema.pending(db) == []
    db.close()


def test_terms_found_before_names_were_looked_for_stay_terms_of_conflict() -> None:
    """In the database as it was, and when it is made anew from a journal whose events know no kinds."""
    db = Database(memory=True)
    schema.apply(db, stop_before="m009_names")
    db.table("mentions").insert({"version_id": 1, "term": "shelling", "part": "text", "count": 3})
    migrate(db, path="memory")
    apply(db, {"snapshot": {"mentions": [{"version_id": 2, "term": "truce", "part": "lede", "count": 2}]}}, str.format)
    found = db.execute("SELECT version_id, kind, term, label, part, count, spans, certainty FROM mentions")
    assert found.fetchall() == [
        (1, "conflict", "shelling", None, "text", 3, "[]", "sure"),
        (2, "conflict", "truce", None, "lede", 2, "[]", "sure"),
    ]
    db.close()


def test_a_demonstration_stays_one_and_real_pages_stay_alone(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "demo", demonstration=True) as archive:
        store(archive)
        assert archive.demonstration
    for path in warc_files(tmp_path / "demo") + warc_files(tmp_path / "demo", text=True):
        assert b"description: DEMONSTRATION" in next(read_records(path)).block
    with Archive.open(tmp_path / "demo") as archive:
        assert archive.demonstration
    Archive.open(tmp_path / "real").close()
    with pytest.raises(ArchiveError, match="holds real pages"):
        Archive.open(tmp_path / "real", demonstration=True)


# Imports


def test_a_foreign_file_is_kept_once_and_referenced_once(archive: Archive, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "theirs") as theirs:
        store(theirs)
    (source,) = warc_files(tmp_path / "theirs")
    (name,) = archive.imports.adopt_files(source)
    assert archive.imports.adopt_files(source) == [name]
    assert (archive.folder / name).read_bytes() == source.read_bytes()
    assert [path.name for path in (archive.folder / "imported").iterdir()] == [Path(name).name]
    (record,) = [record for record in read_records(archive.folder / name) if record.type == "response"]
    row = record_row(Found(record=record, fields={"publisher": "Tarn Post"}), name, None)
    place = Progress(file=name, selection="all", position=record.offset + record.length, records=1)
    (capture,) = archive.imports.add(place, [row])
    assert (capture.file, capture.offset, capture.status, capture.url) == (name, record.offset, 200, record.target_uri)
    assert archive.page(capture).body == PAGE
    assert archive.imports.add(place, [row]) == []
    assert archive.imports.progress(name, "all") == place
    assert archive.store_article(capture, article(), extractor="test")[0] == "new"


def test_every_warc_of_a_wacz_is_adopted(archive: Archive, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "theirs") as theirs:
        store(theirs)
    (source,) = warc_files(tmp_path / "theirs")
    package = tmp_path / "theirs.wacz"
    with zipfile.ZipFile(package, "w") as writing:
        writing.writestr("archive/one.warc.gz", source.read_bytes())
        writing.writestr("archive/two.warc.gz", source.read_bytes()[:200])
    first, second = archive.imports.adopt_files(package)
    assert (archive.folder / first).read_bytes() == source.read_bytes()
    assert first != second
    with pytest.raises(RecordError, match="imported"):
        list(read_records(archive.folder / second))


def test_a_missing_import_is_named(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"nowhere\.warc"):
        archive.imports.adopt_files(tmp_path / "nowhere.warc")


def test_times_before_1970_and_of_any_zone_are_stored(archive: Archive) -> None:
    _, article_id = store(archive, published_at=datetime(1962, 10, 16, 8, 0, tzinfo=UTC))
    assert rows(archive, "SELECT published_at FROM articles WHERE id = ?", article_id) == [("1962-10-16T08:00:00Z",)]


def test_a_holder_that_has_not_written_its_name_yet_is_waited_for(tmp_path: Path) -> None:
    """Between getting the lock and the note in it there is a moment."""
    with (tmp_path / "archive.lock").open("w+b", buffering=0) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        writing = threading.Timer(0.2, held.write, [b'{"pid": 7, "command": "scrapy", "since": "2026-01-01"}'])
        writing.start()
        with pytest.raises(ArchiveLocked, match=r"process 7 \(scrapy\) since 2026"):
            Archive.open(tmp_path)
        writing.join()

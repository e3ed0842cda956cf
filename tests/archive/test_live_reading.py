"""The site on the database that a crawl writes: readers see what is new, and the writer does not wait for them."""

import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from archive.datasette import site
from archive.datasette.terms import Terms
from archive.rebuild import rebuild
from archive.store import Archive
from tests.archive.conftest import store
from tests.archive.test_datasette import close
from tests.serving import Served, served

SLOW = "/archive.json?sql=" + quote(  # reads a snapshot for three seconds, until it is interrupted
    "with recursive n(i) as (select 1 union all select i + 1 from n) "
    "select count(*) from n, articles where length(text) > i"
)


@pytest.mark.timeout(120)
def test_readers_do_not_hold_up_the_writer(tmp_path: Path) -> None:
    stopped = threading.Event()
    with Archive.open(tmp_path) as archive:
        store(archive)
    with Archive.open(tmp_path) as archive, served(tmp_path, "--allow-sql") as server:
        readers = [threading.Thread(target=read, args=(server, stopped)) for _ in range(2)]
        for reader in readers:
            reader.start()
        took = []
        begin = time.monotonic()
        while time.monotonic() - begin < 3:
            before = time.monotonic()
            store(archive, f"https://news.example/{len(took)}", headline=f"Report {len(took)}")
            took.append(time.monotonic() - before)
        newest = server.ask("/archive/articles.json?_sort_desc=id&_size=1&_shape=array&_col=headline").text
        assert f"Report {len(took) - 1}" in newest, "a reader sees what was just written"
        stopped.set()
        for reader in readers:
            reader.join()
        assert len(took) > 20
        assert max(took) < 2, f"one article took {max(took):.1f} s to store"
        log = tmp_path / "archive.db-wal"
        assert log.stat().st_size < 200_000_000
        store(archive, "https://news.example/last")
    assert not log.exists() or log.stat().st_size == 0, "when all are gone the log is taken in"


def read(server: Served, stopped: threading.Event) -> None:
    """Slow queries one after the other, so that there is always a reader."""
    while not stopped.is_set():
        answer = server.ask(SLOW)
        assert answer.status == 503
        assert answer.seconds < 10


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "INSERT INTO articles (headline) VALUES ('x')",
        "UPDATE articles SET headline = 'x'", "DELETE FROM articles", "DROP TABLE articles",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = 0", "PRAGMA writable_schema = 1", "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA database_list",
        "ATTACH ':memory:' AS x", "VACUUM", "REINDEX", "ANALYZE", "BEGIN IMMEDIATE", "SELECT load_extension('x')",
        "INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')", "SELECT randomblob(10)",
        "SELECT * FROM pragma_database_list",
    ],
)  # fmt: skip
async def test_a_connection_does_nothing_but_read(tmp_path: Path, sql: str) -> None:
    with Archive.open(tmp_path) as archive:
        store(archive)
    served_here = site(tmp_path, Terms(allow_sql=True))
    await served_here.invoke_startup()

    def refused(connection: sqlite3.Connection) -> bool:
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute(sql)
        return True

    assert await served_here.get_database("archive").execute_fn(refused)
    close(served_here)


async def test_what_pages_ask_is_bounded_in_time(tmp_path: Path) -> None:
    """A query without end is interrupted beside SQLite's own progress handler, and the thread answers again."""
    with Archive.open(tmp_path) as archive:
        store(archive)
    served_here = site(tmp_path)
    await served_here.invoke_startup()
    database = served_here.get_database("archive")
    database._seconds = 0.3
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    begin = time.monotonic()
    with pytest.raises(Exception, match="longer than"):
        await database.execute_fn(lambda connection: connection.execute(endless).fetchall())
    assert time.monotonic() - begin < 5
    assert await database.execute_fn(lambda connection: connection.execute("SELECT 1").fetchone()[0]) == 1
    close(served_here)


def test_a_database_made_anew_is_read_at_once(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        store(archive)
    with served(tmp_path) as server:
        paths = [f"/archive/articles.json?_shape=array&_col=headline&_time={number}" for number in range(12)]
        assert all(server.ask(path).status == 200 for path in paths), "each of the site's threads has a connection"
        rebuild(tmp_path, software="test")
        with Archive.open(tmp_path) as archive:
            store(archive, "https://news.example/later", headline="Written after the rebuild")
        for path in paths:
            assert "Written after the rebuild" in server.ask(path).text


def test_while_a_database_is_made_anew_the_old_one_is_read(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        store(archive)
    with served(tmp_path) as server:
        (tmp_path / "archive.db").rename(tmp_path / "quarantine" / "old.db")
        (tmp_path / "rebuilding").write_text("old.db")
        sqlite3.connect(tmp_path / "archive.db").close()  # the new one, with nothing in it
        assert server.ask("/archive/articles/1").status == 200

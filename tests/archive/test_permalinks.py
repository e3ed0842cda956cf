"""Permalinks: one article, one address, after a rebuild, in another order, and in an archive that was merged."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from sqlite_utils import Database

from archive import permalinks
from archive.datasette import site
from archive.datasette.terms import Terms
from archive.errors import ArchiveError
from archive.folder import connect
from archive.migrations import migrate
from archive.permalinks import permalink
from archive.rebuild import rebuild
from archive.records import read_records
from archive.store import Archive
from tests.archive.conftest import exchange, response, store, without_database
from tests.archive.test_datasette import HOSTILE, close
from tests.archive.test_pages import page

URLS = [f"https://news.example/{number}" for number in range(6)] + ["https://news.example/%D9%87%D8%AF%D9%86%D8%A9"]


def fill(folder: Path, urls: list[str]) -> None:
    with Archive.open(folder) as archive:
        for url in urls:
            store(archive, url, headline=f"At {url}")


def found(folder: Path) -> dict[str, tuple[int | None, str]]:
    """For each address the number that its permalink leads to, and the address of that article."""
    with closing(connect(folder, write=False)) as connection:
        numbers = {url: permalinks.article_of(connection, permalink(url)) for url in URLS}
        stored = dict(connection.execute("SELECT id, canonical_url FROM articles"))
        assert list(permalinks.differences(connection)) == []
    return {url: (number, stored[number]) for url, number in numbers.items()}  # type: ignore[index]


def test_a_permalink_is_the_same_in_every_version_of_this_program() -> None:
    assert permalink("https://news.example/1") == "f1372b7cd058c104"


def test_a_rebuild_changes_neither_permalink_nor_number(tmp_path: Path) -> None:
    fill(tmp_path, URLS)
    before = found(tmp_path)
    assert all(url == at for url, (_, at) in before.items())
    without_database(tmp_path)
    rebuild(tmp_path, software="test")
    assert found(tmp_path) == before


def test_another_order_changes_the_numbers_and_no_permalink(tmp_path: Path) -> None:
    fill(tmp_path / "one", URLS)
    fill(tmp_path / "other", URLS[::-1])
    one, other = found(tmp_path / "one"), found(tmp_path / "other")
    assert one != other
    assert all(url == at for url, (_, at) in (*one.items(), *other.items()))


def test_older_articles_get_theirs_when_the_database_is_migrated(tmp_path: Path) -> None:
    fill(tmp_path, URLS)
    db = Database(tmp_path / "archive.db")
    db.conn.execute("DROP TABLE permalinks")
    db.conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm017_permalinks'")
    db.conn.commit()
    migrate(db, path="test")
    db.close()
    assert all(url == at for url, (_, at) in found(tmp_path).items())


def test_what_is_wrong_with_them_is_found(tmp_path: Path) -> None:
    fill(tmp_path, URLS)
    with closing(connect(tmp_path, write=True)) as connection:
        connection.execute("DELETE FROM permalinks WHERE article_id = 2")
        connection.execute("INSERT INTO permalinks VALUES (1, 3)")
        assert list(permalinks.differences(connection)) == [
            "article 2 has no permalink", "a permalink leads to article 3, whose address is another"
        ]  # fmt: skip
        connection.rollback()


BODY = f"<html><meta charset='windows-1251'><h1>Мост открыт</h1>{HOSTILE}</html>".encode("windows-1251")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("permalinks")
    with Archive.open(folder) as archive:
        store(archive, "https://news.example/tarn")
        html = b"Content-Type: text/html\r\nX-Odd: <b>&\xff\r\n"
        archive.capture(exchange("https://news.example/hostile", raw=response(BODY, headers=html)), run_id=None)
        picture = b"Content-Type: image/png\r\n"
        archive.capture(exchange("https://news.example/p.png", raw=response(b"\x89PNG", headers=picture)), run_id=None)
        archive.capture(exchange("javascript:alert(1)", raw=b"", error="no such host"), run_id=None)
        big = b"<p>" + b"word " * 300_000
        archive.capture(exchange("https://news.example/big", raw=response(big)), run_id=None)
    return folder


@pytest.fixture
async def served(folder: Path) -> AsyncIterator[Datasette]:
    datasette = site(folder, Terms(replay="http://127.0.0.1:8080/dateline/"))
    await datasette.invoke_startup()
    yield datasette
    close(datasette)


async def test_permalinks_and_addresses_lead_to_the_article(served: Datasette) -> None:
    for address in (f"/-/a/{permalink('https://news.example/tarn')}", "/-/article?url=https://news.example/tarn"):
        response = await served.client.get(address)
        assert (response.status_code, response.headers["location"]) == (302, "/archive/articles/1")
    assert f'href="/-/a/{permalink("https://news.example/tarn")}"' in await page(served, "/archive/articles/1")
    feed = (await served.client.get("/-/feed.atom")).text
    assert f"<id>http://localhost/-/a/{permalink('https://news.example/tarn')}</id>" in feed


@pytest.mark.parametrize("address", [
    "/-/a/0123456789abcdef", "/-/a/0", "/-/a/" + "f" * 64, "/-/article", "/-/article?url=",
    "/-/article?url=//evil.example", "/-/article?url=javascript:alert(1)", "/-/article?url=" + "x" * 3000,
    "/-/article?url=%00%FF", "/-/capture/99", "/-/capture/999999999999999999", "/-/capture/99.warc",
])  # fmt: skip
async def test_what_leads_nowhere_is_not_found(served: Datasette, address: str) -> None:
    assert (await served.client.get(address)).status_code == 404


async def test_a_withheld_article_stays_so_by_its_permalink(tmp_path: Path) -> None:
    fill(tmp_path, URLS[:2])
    with Archive.open(tmp_path) as archive:
        archive.withholdings.withhold(1, "a test")
    datasette = site(tmp_path)
    await datasette.invoke_startup()
    response = await datasette.client.get(f"/-/a/{permalink(URLS[0])}", follow_redirects=True)
    assert response.status_code == 410
    assert "a test" in response.text
    assert (await datasette.client.get("/-/capture/1")).status_code == 404
    assert (await datasette.client.get("/-/capture/1.warc")).status_code == 404
    close(datasette)


async def test_a_record_is_shown_as_text(served: Datasette) -> None:
    html = await page(served, "/-/capture/2")
    assert "&lt;h1&gt;Мост открыт&lt;/h1&gt;" in html
    assert "<code>HTTP/1.1 200 OK</code>" in html
    assert "&lt;b&gt;&amp;\ufffd" in html
    assert "WARC-Record-ID" in html
    assert "It has no text" in await page(served, "/-/capture/3")
    failed = await page(served, "/-/capture/4")
    assert 'href="javascript' not in failed
    big = await page(served, "/-/capture/5")
    assert "Cut; the record has 1,500," in big
    assert len(big) < 300_000


async def test_a_record_is_taken_along_as_a_file(served: Datasette, folder: Path, tmp_path: Path) -> None:
    response = await served.client.get("/-/capture/2.warc")
    assert response.headers["content-type"] == "application/warc"
    assert response.headers["content-disposition"] == 'attachment; filename="capture-2.warc.gz"'
    assert response.headers["x-content-type-options"] == "nosniff"
    (tmp_path / "one.warc.gz").write_bytes(response.content)
    (record,) = read_records(tmp_path / "one.warc.gz")
    assert record.target_uri == "https://news.example/hostile"
    assert BODY in record.block


async def test_captures_lead_to_their_replay_where_there_is_one(served: Datasette, folder: Path) -> None:
    replay = "http://127.0.0.1:8080/dateline/20260304120000/https://news.example/tarn"
    assert f'href="{replay}"' in await page(served, "/archive/articles/1")
    assert f'href="{replay}"' in await page(served, "/-/capture/1")
    without = site(folder)
    await without.invoke_startup()
    assert "Replay" not in await page(without, "/archive/articles/1")
    close(without)


@pytest.mark.parametrize("status", [304, None])
def test_an_answer_without_a_page_has_no_replay(status: int | None) -> None:
    terms = Terms(replay="http://127.0.0.1:8080/dateline/")
    row = {"url": "https://news.example/tarn", "intermediary": None, "captured_at": "2026-03-04T12:00:00Z"}
    assert terms.replay_of({**row, "status": 200}) is not None
    assert terms.replay_of({**row, "status": status}) is None


async def test_a_public_site_gives_no_pages_away(folder: Path) -> None:
    datasette = site(folder, Terms(public=True))
    await datasette.invoke_startup()
    assert (await datasette.client.get("/-/capture/1")).status_code == 403
    assert (await datasette.client.get("/-/capture/1.warc")).status_code == 403
    assert "/-/capture/" not in await page(datasette, "/archive/articles/1")
    close(datasette)


@pytest.mark.parametrize("replay", ["8080", "javascript:alert(1)", "/dateline/", "ftp://host/x"])
def test_a_replay_has_an_address_of_the_web(replay: str) -> None:
    with pytest.raises(ArchiveError, match="replay"):
        Terms(replay=replay)

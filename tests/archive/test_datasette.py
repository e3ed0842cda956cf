"""The site: every page opens, hostile text fires nothing, a demonstration says so, nobody runs SQL of their own."""

import html
import re
import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.datasette import site
from archive.errors import ArchiveNotFound
from archive.model import Image, Related
from archive.store import Archive
from tests.archive.conftest import sighting, store

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def fill(folder: Path, *, demonstration: bool) -> None:
    with Archive.open(folder, demonstration=demonstration) as archive:
        run = archive.start_run(command="crawl", arguments={"spider": HOSTILE}, version="1")
        archive.record_sightings(run, [sighting()])
        capture, _ = store(archive)
        archive.finish_capture(capture.id, "extracted")
        archive.mark_sighting(capture.url, "extracted", capture.id)
        store(
            archive,
            "https://news.example/hostile",
            headline=HOSTILE,
            paragraphs=(HOSTILE, "ceasefire"),
            byline=HOSTILE,
            section=HOSTILE,
            tags=(HOSTILE,),
            wire=HOSTILE,
            images=(Image(url="javascript:alert(3)", caption=HOSTILE, credit=HOSTILE),),
            related=(Related(title=HOSTILE, url="javascript:alert(4)"),),
            publisher="Hostile & Sons",
        )
        store(
            archive,
            "https://news.example/arabic",
            headline="الهدنة تصمد",
            paragraphs=("قال المراقبون.",),
            language="ar",
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    fill(folder, demonstration=True)
    return folder


def close(datasette: Datasette) -> None:
    """Close what Datasette leaves open."""
    for database in datasette.databases.values():
        for connection in database._all_file_connections:
            connection.close()
    datasette.executor.shutdown()


PAGES = (
    "/?q=ceasefire&publisher=Tarn+Post&sort=newest", "/?publisher=Tarn+Post", "/?q=ceasefire&page=2&aliases=off",
    "/?q=a&since=never&page=-1&sort=DROP", "/-/feed.atom", "/-/feed.atom?q=ceasefire", "/-/feed.atom?q=%22%00(",
    "/", "/?q=ceasefire", '/?q=%22%00(', "/archive", "/archive/articles", "/archive/articles/1", "/archive/articles/2",
    "/archive/articles/3", "/archive/articles?_search=ceasefire", '/archive/articles?_search="', "/archive/captures",
    "/archive/captures/1", "/archive/versions", "/archive/versions/2", "/archive/sightings", "/archive/publishers",
    "/archive/sources", "/archive/runs", "/archive/mentions", "/archive/syndications", "/archive/by_day",
    "/archive/latest",
    "/archive/search?q=bridge*", '/archive/search?q="', "/archive/search", "/archive/terms", "/archive/changed",
    "/archive/failures", "/archive/articles?publisher=Tarn+Post&_facet=section",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_opens_safely(served: Datasette, path: str) -> None:
    answer = await served.client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    page = answer.text
    assert "Demonstration." in page
    assert "<script>alert" not in page
    assert "<img" not in page
    assert not re.search(r"""(href|src|action)\s*=\s*["']?\s*javascript""", page, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=", page), "what the policy refuses"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_an_article_page_shows_all_there_is(served: Datasette) -> None:
    page = (await served.client.get("/archive/articles/1")).text
    for text in (
        '<h1 dir="auto">Bridge at Tarn reopens</h1>',
        "4 March 2026, 13:30 UTC+03:00",
        "4 March 2026, 12:00 UTC",
        "Observers saw no shelling overnight.",
        "© <bdi>Lena Orr</bdi>",
        "Market reopens",
        ".warc.gz",
        "sha256:",
        "ceasefire</bdi> 1× in text",
    ):
        assert text in page


async def test_escaped_letters_of_an_address_are_readable(tmp_path: Path) -> None:
    url = "https://news.example/%D9%87%D8%AF%D9%86%D8%A9%2Fa%E2%80%AEb%FF"
    with Archive.open(tmp_path) as archive:
        store(archive, url)
    datasette = site(tmp_path)
    await datasette.invoke_startup()
    page = (await datasette.client.get("/archive/articles/1")).text
    assert f'href="{url}"' in page
    assert ">https://news.example/هدنة%2Fa%E2%80%AEb%FF</a>" in page
    close(datasette)


async def test_search_marks_its_hits(served: Datasette) -> None:
    page = (await served.client.get("/?q=shelling")).text
    assert "<mark>shelling</mark>" in page
    assert "1 article for" in page


async def test_the_home_page_does_not_ask_after_each_table(served: Datasette) -> None:
    """Datasette's own asks of every table whether it may be seen, which took nineteen twentieths of a search's time."""
    served._permission_checks.clear()
    for page in ("/", "/?q=shelling"):
        assert (await served.client.get(page)).status_code == 200
    assert [check["resource"] for check in served._permission_checks if check["action"] == "view-table"] == []


async def test_the_table_is_searchable_and_exported(served: Datasette) -> None:
    found = (await served.client.get("/archive/articles.json?_search=ceasefire&_shape=array")).json()
    assert {row["id"] for row in found} == {1, 2}
    exported = await served.client.get("/archive/articles.csv")
    assert exported.status_code == 200
    assert exported.text.count("https://news.example/tarn") > 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/archive?sql=select+randomblob(400000000)", 403),
        ("/archive.json?sql=select+1", 403),
        ("/archive.db", 403),
        ("/archive/articles?_where=1=1", 403),
        ("/archive/articles/99", 404),
        ("/archive/articles/one", 404),
        ("/nothing", 404),
    ],
)
async def test_what_visitors_may_not_do(served: Datasette, path: str, status: int) -> None:
    assert (await served.client.get(path)).status_code == status


async def test_connections_are_bounded(served: Datasette) -> None:
    def limits(connection: sqlite3.Connection) -> tuple[int, int]:
        return connection.getlimit(sqlite3.SQLITE_LIMIT_ATTACHED), connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH)

    assert await served.get_database("archive").execute_fn(limits) == (0, 10_000_000)


async def test_metadata_describes_every_table_and_column(served: Datasette) -> None:
    database = served.get_database("archive")
    described = served.metadata(database="archive")["tables"]
    hidden = set(await database.hidden_table_names()) | {"about", "_sqlite_migrations"}
    for table in await database.table_names():
        if table in hidden:
            continue
        assert described[table]["description"]
        columns = set(await database.table_columns(table)) - {"id"}
        assert columns == set(described[table]["columns"]), f"{table}: metadata.yaml and schema differ"


async def test_no_query_hides_a_table_or_view(served: Datasette) -> None:
    database = served.get_database("archive")
    shown = {*await database.table_names(), *await database.view_names()}
    assert not shown & set(served.metadata(database="archive")["queries"])


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/archive/coverage", "What became of what each source announced, by day"),
        ("/archive/coverage_days?_facet=state", "an absence of reports and an absence of looking are told apart"),
        ("/archive/latest_coverage", "Coverage of the last 60 days, by publisher and day"),
        ("/archive/alarms?cleared_at__isnull=1", "measured against the publisher's own past"),
    ],
)
async def test_coverage_and_alarms_have_pages(served: Datasette, path: str, title: str) -> None:
    answer = await served.client.get(path)
    assert answer.status_code == 200
    assert title in " ".join(html.unescape(answer.text).split())


async def test_real_archives_carry_no_banner(tmp_path: Path) -> None:
    fill(tmp_path, demonstration=False)
    datasette = site(tmp_path)
    await datasette.invoke_startup()
    page = (await datasette.client.get("/")).text
    assert "Demonstration." not in page
    assert "Latest articles" in page
    close(datasette)


async def test_it_serves_while_the_archive_is_written(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        datasette = site(tmp_path)
        await datasette.invoke_startup()
        assert "No article yet" in (await datasette.client.get("/")).text
        store(archive)
        assert "Bridge at Tarn reopens" in (await datasette.client.get("/")).text
        close(datasette)


def test_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound):
        site(tmp_path)

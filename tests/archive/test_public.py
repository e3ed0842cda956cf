"""A public site, served for real: what strangers get, what they do not, and how much of it."""

import re
import select
import socket
import sqlite3
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.datasette import site
from archive.datasette.terms import Terms
from archive.errors import ArchiveError
from archive.migrations import is_behind
from archive.store import Archive
from tests.archive.conftest import store
from tests.archive.test_datasette import close, fill
from tests.serving import served

SECRET = "/srv/secret/of/the/operator"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    fill(folder, demonstration=False)
    with Archive.open(folder) as archive:
        run = archive.start_run(command="warc", arguments={"path": SECRET}, version="1")
        archive.finish_run(run, exit_code=0, summary={})
    return folder


def test_strangers_read_and_no_more(folder: Path) -> None:
    with served(folder, "--public") as server:
        home = server.ask("/")
        assert home.status == 200
        assert home.headers["cache-control"] == "public, max-age=60"
        assert home.headers["x-robots-tag"] == "noindex, nofollow"
        assert "strict-transport-security" not in home.headers, "over plain HTTP it says nothing"
        assert "server" not in home.headers
        assert server.ask("/robots.txt").text == "User-agent: *\nDisallow: /\n"
        for target in ("/archive?sql=select+1", "/archive.db", "/archive/articles?_where=1"):
            assert server.ask(target).status == 403
        assert server.ask("/archive/articles.csv?_stream=on").status in {200, 400}
        for target in ("/archive/runs", "/archive/runs.json", "/archive/runs/2", "/archive/runs.csv?_size=max"):
            assert SECRET not in server.ask(target).text
        assert server.ask("/archive/articles/1").status == 200


def test_operators_see_their_own_arguments(folder: Path) -> None:
    with served(folder) as server:
        assert SECRET in server.ask("/archive/runs.json").text.replace("\\/", "/")


def test_behind_a_proxy_it_knows_its_address(folder: Path) -> None:
    options = ("--public", "--base-url", "https://news.example/read/", "--trust-proxy", "127.0.0.1", "--allow-robots")
    with served(folder, *options) as server:
        assert server.address.endswith("/read/")
        forwarded = {"Host": "news.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        home = server.ask("/read/", headers=forwarded)
        assert home.headers["strict-transport-security"] == "max-age=31536000"
        assert "x-robots-tag" not in home.headers
        assert 'name="robots"' not in home.text
        local = re.findall(r'(?:href|src|action)="(/[^"]*)"', home.text)
        assert local
        assert all(address.startswith("/read/") for address in local), local
        feed = server.ask("/read/-/feed.atom", headers=forwarded | {"Host": "evil.example"}).text
        assert '<link href="https://news.example/read/archive/articles/1"' in feed
        assert "evil.example" not in feed
        assert "Allow: /read/" in server.ask("/read/robots.txt").text
        assert server.ask("/read/-/databases.json").status == 404


def test_one_client_gets_so_much_a_second(folder: Path) -> None:
    with served(folder, "--public", "--trust-proxy", "127.0.0.1") as server:
        greedy = {"X-Forwarded-For": "203.0.113.9"}
        answers = [server.ask("/robots.txt", headers=greedy) for _ in range(160)]
        refused = [answer for answer in answers if answer.status == 429]
        assert refused
        assert int(refused[0].headers["retry-after"]) >= 1
        assert server.ask("/robots.txt", headers={"X-Forwarded-For": "203.0.113.10"}).status == 200, "another client"


def test_one_address_gets_so_many_connections(folder: Path) -> None:
    with served(folder, "--public") as server, ExitStack() as stack:
        address = ("127.0.0.1", server.port)
        held = [stack.enter_context(socket.create_connection(address)) for _ in range(60)]
        deadline = time.monotonic() + 30
        while count_closed(held) < 20:
            assert time.monotonic() < deadline, count_closed(held)
            time.sleep(0.05)
        time.sleep(0.3)
        assert count_closed(held) == 20


def count_closed(connections: list[socket.socket]) -> int:
    """How many the server has closed; it sends nothing before it is asked."""
    closed, _, _ = select.select(connections, [], [], 0)
    return len(closed)


@pytest.mark.slow
def test_slow_clients_are_left(folder: Path) -> None:
    """A request that comes a byte a second is not waited for, however long it goes on."""
    with served(folder) as server, socket.create_connection(("127.0.0.1", server.port)) as slow:
        begin = time.monotonic()
        with suppress(OSError):  # reset or broken pipe, as it happens
            for byte in b"GET / HTTP/1.1\r\n" + b"X-Long: header\r\n" * 4:
                slow.sendall(bytes([byte]))
                time.sleep(0.5)
        assert 8 < time.monotonic() - begin < 20


def test_a_copy_is_whole_while_a_crawl_writes(folder: Path, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "live") as archive:
        store(archive)
        with served(tmp_path / "live", "--allow-download") as server:
            store(archive, "https://news.example/later", headline="Later")  # in the write-ahead log only
            copied = server.ask("/archive.db")
    assert copied.status == 200
    (tmp_path / "copy.db").write_bytes(copied.body)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert [row[0] for row in copy.execute("SELECT headline FROM articles ORDER BY id")][-1] == "Later"


@pytest.mark.parametrize(
    "given", [{"public": True, "allow_sql": True}, {"public": True, "allow_download": True}, {"base_url": "ftp://x/"},
              {"base_url": "https://x/?a"}, {"base_url": "https:///x"}],
)  # fmt: skip
def test_terms_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(ArchiveError):
        Terms(**given)  # type: ignore[arg-type]


def test_the_command_says_so(folder: Path) -> None:
    ended = CliRunner().invoke(main, ["serve", "--archive", str(folder), "--public", "--allow-sql"])
    assert ended.exit_code != 0
    assert "leave out --public" in ended.output


@pytest.mark.parametrize(
    ("host", "terms", "words"),
    [
        ("127.0.0.1", Terms(), None),
        ("0.0.0.0", Terms(), "add --public"),
        ("0.0.0.0", Terms(public=True), "TLS"),
        ("::1", Terms(public=True), "--trust-proxy"),
        ("127.0.0.1", Terms(public=True, proxies=("127.0.0.1",)), None),
    ],
)
def test_an_address_that_may_not_be_meant(host: str, terms: Terms, words: str | None) -> None:
    advice = terms.advice(host)
    assert (words in advice) if words and advice else advice is words


async def test_every_page_opens_with_sql_allowed(folder: Path) -> None:
    """Datasette's own statements stay within the bounds of a visitor's, whatever the tables are called."""
    served_here = site(folder, Terms(allow_sql=True, allow_download=True))
    await served_here.invoke_startup()
    for page in ("/", "/archive", "/archive/articles", "/archive/articles/1", "/archive?sql=select+1", "/?q=market"):
        assert (await served_here.client.get(page)).status_code == 200, page
    close(served_here)


@pytest.mark.parametrize(
    "sql",
    [
        "select headline from articles", "select headline from main.articles", 'select headline from "main"."articles"',
        "select headline from [MAIN]/**/.articles",
        "with articles as (select * from main.articles) select headline from articles",
        "select title as headline from withheld_titles", "select title as headline from temp.[withheld_titles]",
        "select url as headline from temp.withheld_urls", "select headline from versions",
        "select headline from main\n.versions",
        "select title as headline from sightings", "select url as headline from captures",
    ],
)  # fmt: skip
async def test_sql_does_not_reach_what_is_withheld(tmp_path: Path, sql: str) -> None:
    with Archive.open(tmp_path) as archive:
        _, article_id = store(archive, "https://news.example/unspeakable", headline="Unspeakable")
        archive.withholdings.withhold(article_id, "a court said so")
    served_here = site(tmp_path, Terms(allow_sql=True, allow_download=True))
    await served_here.invoke_startup()
    answer = await served_here.client.get("/archive.json", params={"sql": sql, "_shape": "arrays"})
    assert answer.status_code in {200, 400}
    assert "nspeakable" not in answer.text.replace(sql, "")
    assert (await served_here.client.get("/archive.db")).status_code == 403
    close(served_here)


def test_a_database_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """The pages ask for tables that it does not have: the home page would fail."""
    with Archive.open(tmp_path) as archive:
        store(archive)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
        database.execute("DELETE FROM _sqlite_migrations WHERE name = 'm016_openings'")
        assert is_behind(database)
    with served(tmp_path) as server:
        assert server.ask("/").status == 200
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        assert not is_behind(database)

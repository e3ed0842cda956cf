"""Hundreds of hostile requests to a real server: nothing is written or given away, and it lives on in bounds."""

import hashlib
import re
import sqlite3
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from archive.store import Archive
from tests.archive.conftest import store
from tests.archive.test_datasette import fill
from tests.conftest import ROOT
from tests.serving import Answer, Served, served

HOSTILE = tomllib.loads(Path(__file__).with_name("hostile_requests.toml").read_text(encoding="utf-8"))
MAX_MEMORY = 300  # MB
MAX_SECONDS = 20  # of a machine that does much besides: a query ends after 3 s, a page after 8 s

# what stands in a page only when something of the server shows through
_LEAK = re.compile(
    rf"{re.escape(str(ROOT))}|site-packages|Traceback|/etc/passwd:|root:x:0|/home/|/tmp/(?!dateline-stolen|x\.so)|lib/python3"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    fill(folder, demonstration=False)
    with Archive.open(folder) as archive:
        for number in range(150):
            paragraphs = tuple(f"Paragraph {place} of report {number} from Tarn. " * 20 for place in range(12))
            store(archive, f"https://news.example/{number}", headline=f"Report {number}", paragraphs=paragraphs)
    return folder


def contents(folder: Path) -> tuple[str, dict[str, int]]:
    """The database's bytes as a hash, and how many rows each table has."""
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    return hashlib.sha256((folder / "archive.db").read_bytes()).hexdigest(), counts


def judged(answer: Answer, target: str) -> Answer:
    """`answer`, with nothing wrong about it."""
    assert answer.status < 500 or answer.status == 503, f"{answer.status} for {target[:300]!r}: {answer.text[:500]}"
    assert answer.seconds < MAX_SECONDS, f"{answer.seconds:.1f} s for {target[:300]!r}"
    assert "x-injected" not in answer.headers, target
    assert "set-cookie" not in answer.headers, target
    assert not re.match(r"(?:https?:)?[/\\]{2}(?!127\.0\.0\.1)", answer.headers.get("location", "")), target
    echoed = target if "%" in target else quote(target)
    found = _LEAK.search(answer.text)
    assert not found or found[0] in target or quote(found[0]) in echoed, f"{found[0]} in the answer to {target[:300]!r}"
    return answer


@pytest.fixture
def unharmed(folder: Path) -> Iterator[Path]:
    """The archive, which has to be the same afterwards."""
    before = contents(folder)
    yield folder
    assert contents(folder) == before
    assert not list(Path("/tmp").glob("dateline-stolen*"))  # where the attempts would write


def alive(server: Served) -> None:
    """The server still answers, and never held too much."""
    assert server.ask("/").status == 200
    assert server.peak < MAX_MEMORY, f"{server.peak} MB"


def of_parameters() -> list[str]:
    """Every hostile value in every parameter, of one page each: the pages take turns."""
    pages = HOSTILE["pages"]
    return [
        f"{pages[(number + place) % len(pages)]}?{quote(name, safe='=&')}={quote(value)}"
        for number, name in enumerate(HOSTILE["parameters"])
        for place, value in enumerate(HOSTILE["values"])
    ]


def of_sql() -> list[str]:
    """Every hostile statement where SQL might be taken."""
    places = ("/archive?sql={}", "/archive.json?sql={}", "/archive/articles?_where={}", "/archive/search?q={}")
    return [place.format(quote(sql)) for sql in HOSTILE["sql"] for place in places]


def test_there_are_hundreds() -> None:
    assert len(of_parameters()) + len(of_sql()) + len(HOSTILE["targets"]) > 2000


@pytest.mark.timeout(120)
def test_nothing_gives_without_leave(unharmed: Path) -> None:
    """A part of the parameters' values, all else: the rest is `test_every_value_everywhere`."""
    with served(unharmed) as server:
        for target in (*HOSTILE["targets"], *of_sql()[::2], *of_parameters()[::14]):
            judged(server.ask(target), target)
        for sql in HOSTILE["sql"][:40]:
            assert server.ask(f"/archive.json?sql={quote(sql)}").status in {400, 403}
            assert server.ask(f"/archive/articles.json?_where={quote(sql)}").status in {400, 403}
        alive(server)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_value_everywhere(unharmed: Path) -> None:
    with served(unharmed) as server:
        for target in (*of_parameters(), *of_sql()):
            judged(server.ask(target), target)
        alive(server)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_with_sql_allowed_it_stays_within_bounds(unharmed: Path) -> None:
    places = (
        "/archive?sql={}",
        "/archive.json?_shape=arrays&sql={}",
        "/archive.csv?sql={}",
        "/archive/articles?_where={}",
    )
    with served(unharmed, "--allow-sql") as server:
        assert server.ask("/archive.json?sql=select+1+as+one&_shape=array").body == b'[{"one": 1}]'
        for sql in HOSTILE["sql"]:
            for place in places:
                target = place.format(quote(sql))
                judged(server.ask(target), target)
            assert server.peak < MAX_MEMORY, f"{server.peak} MB after {sql[:300]!r}"
        with ThreadPoolExecutor(4) as pool:  # and several at once
            targets = [f"/archive.json?sql={quote(sql)}" for sql in HOSTILE["sql"]]
            for target, answer in zip(targets, pool.map(server.ask, targets), strict=True):
                judged(answer, target)
        alive(server)


@pytest.mark.timeout(60)
def test_what_is_no_request(unharmed: Path) -> None:
    with served(unharmed) as server:
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "GETX"):
            for target in ("/", "/archive/articles", "/archive?sql=delete+from+articles", "/-/messages"):
                assert judged(server.ask(target, method=method), target).status == 405
        assert server.ask("/", method="HEAD").body == b""
        for target in (
            b"/\xff\xfe",
            b"/%00",
            b"/archive/\x01",
            b"",
            b"/?q=\xd8\xa7\xff",
            b"/ HTTP/1.1\r\nX: y\r\n\r\nGET /",
        ):
            with suppress(AssertionError):  # no HTTP at all is answered with a closed connection
                judged(server.ask(target), repr(target))
        assert server.ask("/?q=" + "x" * 9000).status == 414
        assert server.ask("/" + "x" * 20000).status in {400, 414, 431}
        assert server.ask("/?" + "&".join(f"a{number}=1" for number in range(500))).status == 400
        for host in ("evil.example/x", "a b", "<script>", "x" * 300 + "\x7f"):
            assert server.ask("/-/feed.atom", headers={"Host": host}).status == 400
        assert "evil.example" not in server.ask("/", headers={"X-Forwarded-Host": "evil.example"}).text
        alive(server)

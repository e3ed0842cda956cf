"""Whole crawls that several workers share: on one machine, on several, killed, cut off, and with Redis killed."""

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.crawler.sharing.conftest import RedisServer
from tests.crawler.sharing.hosts import Host
from tests.crawler.sharing.turns import Turns, heard
from tests.crawler.test_crawl import Ended, scrapy
from tests.web.offline import OfflineWeb

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PACE = 0.4  # of a publisher's seconds between two requests
DELAY = 1.0 * PACE  # of the publishers crawled here
COMMAND = ("crawlall", "-p", "rt", "-p", "dailysabah", "-p", "alalam", "-s", f"OFFLINE_PACE={PACE}")


@pytest.fixture(scope="module")
def ended_alone(web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, set[str]]:
    """The archive of one worker by itself, without Redis, and the addresses that it asked for."""
    web.forget()
    ended = scrapy(tmp_path_factory.mktemp("alone") / "archive", *COMMAND[:-2], env=web.env())
    assert ended.code == 0, ended.output
    return ended, asked(web)


@pytest.fixture
def alone(ended_alone: tuple[Ended, set[str]]) -> set[str]:
    return ended_alone[1]


def asked(web: OfflineWeb) -> set[str]:
    return {exchange.url for exchange in web.exchanges}


def start(folder: Path, web: OfflineWeb, server: RedisServer, within: Sequence[str] = ()) -> subprocess.Popen[str]:
    env = {**web.env(), "REDIS_URL": server.url, "DATELINE_ARCHIVE": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "scrapy", *COMMAND, "-s", "EXTRACTION_WORKERS=1"]
    return subprocess.Popen(
        [*within, "env", *(f"{name}={value}" for name, value in env.items()), *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(worker: subprocess.Popen[str], folder: Path) -> Ended:
    output, _ = worker.communicate(timeout=200)
    return Ended(worker.returncode, output, folder)


def wait_for(web: OfflineWeb, requests: int) -> None:
    deadline = time.monotonic() + 120
    while web.asked < requests:
        assert time.monotonic() < deadline, f"{web.asked} of {requests} requests"
        time.sleep(0.02)


def asked_twice(web: OfflineWeb) -> dict[str, int]:
    """Pages and sources that were asked for more than once; each worker asks for robots.txt by itself."""
    counted = Counter(exchange.url for exchange in web.exchanges)
    return {url: count for url, count in counted.items() if count > 1 and not url.endswith("/robots.txt")}


def assert_pace(web: OfflineWeb, turns: Turns, *, is_whole: bool = True) -> None:
    """No host is asked faster than its publisher allows, by all workers together, and never out of turn.

    `is_whole`: no turn was missed, as while Redis was being started.
    """
    turns.assert_kept(DELAY)
    requests = Counter(exchange.host for exchange in web.exchanges)
    for host, count in requests.items():
        assert not is_whole or count <= len(turns.of(host)), host
        begun = [exchange.begun for exchange in web.exchanges if exchange.host == host]
        assert max(begun) - min(begun) >= 0.95 * DELAY * (count - 1), host  # the first may be late on its way


def open_sightings(folders: Sequence[Path]) -> int:
    count = 0
    for folder in folders:
        database = sqlite3.connect(folder / "archive.db")
        count += database.execute("SELECT count(*) FROM sightings WHERE outcome IS NULL").fetchone()[0]
        database.close()
    return count


def assert_merges_to_the_same(folders: Sequence[Path], into: Path, alone: Ended) -> None:
    """The shards, merged, hold what one worker's archive holds, and are sound."""
    archive = [sys.executable, "-c", "from archive.cli import main; main()"]
    for command in (["merge", *map(str, folders), "--into", str(into)], ["verify", "--archive", str(into)]):
        done = subprocess.run([*archive, *command], capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr
    merged = Ended(0, "", into)
    for rows in (
        "SELECT canonical_url, headline, text, published_at, authors, language, versions FROM articles ORDER BY 1",
        "SELECT DISTINCT url, outcome FROM captures WHERE kind = 'page' ORDER BY 1, 2",
        "SELECT DISTINCT source, url FROM sightings ORDER BY 1, 2",
        "SELECT publisher, url, outcome, entries FROM sources ORDER BY 1, 2",
        "SELECT url, visits, outcome FROM watches ORDER BY 1",
    ):
        assert merged.rows(rows) == alone.rows(rows)
    assert merged.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0


@pytest.mark.parametrize("count", [1, 2, 4])
def test_so_many_workers_on_machines_of_their_own_ask_for_the_same_as_one(
    web: OfflineWeb, server: RedisServer, ended_alone: tuple[Ended, set[str]], tmp_path: Path, count: int
) -> None:
    ends_alone, alone = ended_alone
    folders = [tmp_path / f"shard-{number}" for number in range(count)]
    with ExitStack() as stack:
        ports = (web.http_port, web.https_port, server.port)
        hosts = [stack.enter_context(Host(number, ports)) for number in range(count)]
        turns = stack.enter_context(heard(server))
        web.forget()
        workers = [start(folder, web, server, host.within) for folder, host in zip(folders, hosts, strict=True)]
        ends = [end(worker, folder) for worker, folder in zip(workers, folders, strict=True)]
    assert {ended.code for ended in ends} <= {0, 5}, [ended.output for ended in ends]
    assert asked(web) == alone
    assert asked_twice(web) == {}
    assert_pace(web, turns)
    assert open_sightings(folders) == 0
    assert_merges_to_the_same(folders, tmp_path / "all", ends_alone)


@pytest.mark.parametrize("how", ["killed", "cut off"])
def test_what_a_lost_worker_had_is_asked_for_by_the_others(
    web: OfflineWeb, server: RedisServer, alone: set[str], tmp_path: Path, how: str
) -> None:
    folders = [tmp_path / "lost", tmp_path / "left"]
    with Host(0, (web.http_port, web.https_port, server.port)) as host, heard(server) as turns:
        web.forget()
        lost = start(folders[0], web, server, host.within)
        wait_for(web, 10)
        left = start(folders[1], web, server)
        wait_for(web, 30)
        if how == "killed":
            lost.kill()
        else:
            host.pull_the_cable()
        ended = end(left, folders[1])
        lost.kill()
        lost.communicate()
    assert ended.code in {0, 5}, ended.output
    assert asked(web) == alone
    twice = asked_twice(web)
    assert len(twice) <= 3 * 2, twice  # what was under way: two requests a host, three publishers
    assert set(twice.values()) <= {2}
    assert_pace(web, turns)


@pytest.mark.parametrize("forget", [False, True], ids=["with its data", "without"])
def test_a_crawl_goes_on_when_redis_is_killed_and_restarted(
    web: OfflineWeb, server: RedisServer, alone: set[str], tmp_path: Path, forget: bool
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    web.forget()
    with heard(server) as turns:
        workers = [start(folder, web, server) for folder in folders]
        wait_for(web, 25)
        server.kill(forget=forget)
        time.sleep(2)
        server.start()
        ends = [end(worker, folder) for worker, folder in zip(workers, folders, strict=True)]
    assert {ended.code for ended in ends} <= {0, 5}, [ended.output for ended in ends]
    assert asked(web) == alone
    assert len(asked_twice(web)) <= 3 * 2, asked_twice(web)
    assert_pace(web, turns, is_whole=False)


def test_without_redis_the_crawl_says_so_and_ends(web: OfflineWeb, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    ended = scrapy(tmp_path / "a", *COMMAND, env={**web.env(), "REDIS_URL": "http://nowhere.example"})
    assert ended.code == 78, ended.output
    assert "REDIS_URL" in ended.output

"""Work over processes and over a Dask cluster of real processes: the same results, in order, whoever is killed."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.rebuild import rebuild
from archive.recovery import Examined, examine_file
from archive.verify import verify
from crawler.cluster import spread_over
from crawler.errors import ClusterError
from tests.archive.conftest import dumped, fill, warc_files
from tests.conftest import ROOT
from tests.crawler.test_rebuild_command import scrapy


def slow_square(number: int) -> int:
    time.sleep(0.05 * (number % 3))
    return number * number


def killed_once(place: Path) -> str:
    """Takes its process down the first time."""
    try:
        place.touch(exist_ok=False)
    except FileExistsError:
        return place.name
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def killed_always(_item: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fails(number: int) -> int:
    return 1 // number


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers: int) -> None:
    with spread_over(None, workers=workers) as spread:
        assert list(spread(slow_square, range(12))) == [number * number for number in range(12)]


def test_a_killed_process_costs_no_result(tmp_path: Path) -> None:
    with spread_over(None, workers=2) as spread:
        assert list(spread(killed_once, [tmp_path / "a", tmp_path / "b"])) == ["a", "b"]


@pytest.mark.slow
def test_what_kills_every_process_is_an_error() -> None:
    with spread_over(None, workers=2) as spread, pytest.raises(ClusterError, match="killed again and again"):
        list(spread(killed_always, [1]))


def test_what_a_task_raises_is_raised() -> None:
    with spread_over(None, workers=2) as spread, pytest.raises(ZeroDivisionError):
        list(spread(fails, [1, 0]))


def test_without_dask_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install -e '\.\[dask\]'"), spread_over("tcp://127.0.0.1:1"):
        pass


# --- a Dask cluster: a scheduler and two workers, each a process ---


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Cluster"]:
    pytest.importorskip("distributed", reason="Dask is not installed (pip install -e '.[dask]')")
    with closing(Cluster(tmp_path_factory.mktemp("dask"))) as started:
        yield started


class Cluster:
    """A scheduler and its workers. `kill` ends one worker as a power cut would, and another takes its place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        arguments = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"]
        self._scheduler = self._start("scheduler", *arguments[1:])
        self._workers = [self._worker() for _ in range(2)]

    def _worker(self) -> "subprocess.Popen[bytes]":
        return self._start("worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard")

    def _start(self, kind: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments]
        environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT), "DASK_TEMPORARY_DIRECTORY": os.fspath(self._folder)}
        log = (self._folder / f"{kind}.log").open("ab")
        with log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def kill(self) -> None:
        dying = self._workers.pop(0)
        dying.kill()
        dying.wait()
        self._workers.append(self._worker())

    def close(self) -> None:
        for process in [*self._workers, self._scheduler]:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_cluster_gives_the_same_database(cluster: Cluster, tmp_path: Path) -> None:
    fill(tmp_path, runs=4)
    before = dumped(tmp_path)
    assert len(warc_files(tmp_path)) > 3
    with spread_over(cluster.address) as spread:
        rebuild(tmp_path, software="test", examine=lambda paths: spread(examine_file, paths))
    assert dumped(tmp_path) == before
    assert verify(tmp_path).findings == ()


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(cluster: Cluster, tmp_path: Path) -> None:
    fill(tmp_path, runs=4)
    before = dumped(tmp_path)

    with spread_over(cluster.address) as spread:

        def examine(paths: "list[Path]") -> Iterator[Examined]:
            for number, examined in enumerate(spread(examine_file, paths)):
                if number == 1:
                    cluster.kill()
                yield examined

        rebuild(tmp_path, software="test", examine=examine)  # type: ignore[arg-type]
    assert dumped(tmp_path) == before


@pytest.mark.slow
def test_results_of_a_cluster_come_in_order_though_tasks_kill_workers(cluster: Cluster, tmp_path: Path) -> None:
    with spread_over(cluster.address) as spread:
        found = spread(slow_square, range(40))
        first = [next(found) for _ in range(5)]
        cluster.kill()
        assert [*first, *found] == [number * number for number in range(40)]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_commands_on_a_cluster(cluster: Cluster, demo_copy: Path) -> None:
    before = dumped(demo_copy)
    done = scrapy("rebuild", "--scheduler", cluster.address, folder=demo_copy)
    assert done.returncode == 0, done.stderr
    assert dumped(demo_copy) == before
    with closing(sqlite3.connect(demo_copy / "archive.db")) as connection, connection:
        connection.execute("UPDATE versions SET byline = 'By nobody' WHERE id % 2")  # as older rules read it
    here = scrapy("reextract", "--dry-run", "--json", folder=demo_copy)
    there = scrapy("reextract", "--dry-run", "--json", "--scheduler", cluster.address, folder=demo_copy)
    assert there.returncode == here.returncode == 0, there.stderr
    assert there.stdout == here.stdout
    assert there.stdout.count("By nobody") > 10
    assert not (demo_copy / "readings.db").exists()
    nobody = scrapy("rebuild", "--scheduler", "tcp://127.0.0.1:9", folder=demo_copy)
    assert nobody.returncode == 69
    assert "no Dask scheduler answers" in nobody.stderr
    assert list((demo_copy / "quarantine").glob("*.db"))[1:] == []  # the database was left where it is

"""Pages that wait for a worker hold back further ones, of whatever spider, and never for good."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.model import Capture, Outcome
from archive.store import Archive
from benchmarks.throughput.measure import PACE, ROOT, LocalWeb
from crawler.backlog import Backlog
from crawler.fetched import Fetched
from tests.archive.conftest import NOON

CAPTURE = Capture(
    id=1, url="https://news.example/tarn", captured_at=NOON, status=200, content_type="text/html",
    file="warc/a.warc.gz", offset=0, length=10, record_id="<urn:uuid:1>", payload_digest="sha256:00",
)  # fmt: skip


def page(size: int, **other: object) -> Fetched:
    return Fetched(capture=replace(CAPTURE, **other), http=bytes(size))  # type: ignore[arg-type]


def test_a_page_waits_while_others_hold_the_budget_and_goes_on_when_one_is_gone() -> None:
    async def story() -> None:
        backlog = Backlog(limit=100)
        first, second = page(60), page(60)
        backlog.add(first)
        assert not backlog.is_full
        await asyncio.wait_for(backlog.room(), 1)
        backlog.add(second)
        turns = [asyncio.ensure_future(backlog.room()) for _ in range(3)]
        await asyncio.sleep(0)
        assert [turn.done() for turn in turns] == [False] * 3
        second.take()  # a worker has the bytes: they are in memory all the same
        await asyncio.sleep(0)
        assert backlog.held == 120
        del first
        await asyncio.wait_for(asyncio.gather(*turns), 1)
        assert backlog.held == 60

    asyncio.run(story())


def test_only_pages_count_that_wait_for_extraction() -> None:
    backlog = Backlog(limit=100)
    others = [page(90, status=301), page(90, kind="source"), page(90, kind="robots"), page(90, status=503)]
    for fetched in others:
        backlog.add(fetched)
    assert backlog.held == 0


def test_who_is_cancelled_does_not_keep_the_others_waiting() -> None:
    async def story() -> None:
        backlog = Backlog(limit=100)
        held = page(100)
        backlog.add(held)
        impatient, patient = (asyncio.ensure_future(backlog.room()) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        del held
        await asyncio.wait_for(patient, 1)

    asyncio.run(story())


def test_a_run_that_is_stopped_lets_all_go_on() -> None:
    async def story() -> None:
        backlog = Backlog(limit=100)
        held = page(100)
        backlog.add(held)
        turn = asyncio.ensure_future(backlog.room())
        await asyncio.sleep(0)
        backlog.lift()
        await asyncio.wait_for(turn, 1)
        assert held.http

    asyncio.run(story())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_workers_that_stand_still_hold_the_crawl_and_nothing_is_lost(tmp_path: Path) -> None:
    """With five spiders, whose pages Scrapy counts one by one: 700 pages are 29 MB on the wire."""
    with LocalWeb(700, 0) as web:
        environment = {**os.environ, **web.env(), "DATELINE_ARCHIVE": os.fspath(tmp_path / "a")}
        settings = ("-s", "EXTRACTION_WORKERS=1", "-s", "EXTRACTION_TIMEOUT=600")
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawlall", *PACE, *settings], cwd=ROOT, env=environment
        )
        try:
            worker = _busy_worker(process.pid, tmp_path / "a")
            os.kill(worker, signal.SIGSTOP)
            asked, quiet = 0, 0
            while quiet < 4:  # seconds without a request
                time.sleep(1)
                more = web.since()["articles"]
                asked, quiet = asked + more, 0 if more or not asked else quiet + 1
            os.kill(worker, signal.SIGCONT)
            assert process.wait(600) == 0
        finally:
            process.kill()
            process.wait()
    assert 100 < asked < 600
    with Archive.open(tmp_path / "a", write=False) as archive:
        assert archive.counts()["articles"] == 700
        assert set(archive.outcomes()) == {Outcome.EXTRACTED, Outcome.NOT_ARTICLE}


def _busy_worker(pid: int, archive: Path) -> int:
    """The extraction worker of a crawl, as soon as it has extracted something: one that starts has a minute for it."""
    for _ in range(1200):
        time.sleep(0.1)
        if not (archive / "archive.db").exists() or not _articles(archive):
            continue
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in task.read_text().split():
                if b"crawler.workers" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
    raise AssertionError("nothing was extracted within two minutes")


def _articles(archive: Path) -> int:
    with closing(sqlite3.connect(f"file:{archive / 'archive.db'}?mode=ro", uri=True)) as database:
        try:
            return int(database.execute("SELECT count(*) FROM articles").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are being made
            return 0

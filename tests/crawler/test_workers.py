"""Workers: results, errors, and the ways a job can go wrong without harming the crawl."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.members import member
from archive.model import Outcome
from crawler.errors import ExtractionError, SourceError
from crawler.forkserver import WARM_UP, WARM_UP_URL
from crawler.publisher import Layout, publishers
from crawler.workers import WorkerPool, process_page


def double(number: int) -> int:
    return 2 * number


def process_id() -> int:
    return os.getpid()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def swallow_alarms() -> None:
    """What the extraction libraries do: whatever is raised in here, it goes on."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        with suppress(BaseException):
            time.sleep(60)


def toil() -> None:
    while True:
        pass


def devour() -> int:
    return len(bytearray(3 * 2**30))


def die() -> None:
    os._exit(7)


def refuse(url: str) -> None:
    raise SourceError(f"{url}: no")


def stumble() -> None:
    raise AssertionError("lxml dropped the tree")


def send_a_function() -> object:
    return lambda: None


def alive(process: int) -> bool:
    """Whether a process is there and no zombie; it may end while it is looked at."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """One child, so that what becomes of it can be seen."""
    workers = WorkerPool(size=1, timeout=0.3, memory_mb=2048)
    yield workers
    workers.close()


async def test_a_result_comes_back(pool: WorkerPool) -> None:
    assert await pool.run(double, 21) == 42


async def test_the_child_stays_for_the_next_job_and_is_another_process(pool: WorkerPool) -> None:
    first = await pool.run(process_id)
    assert first == await pool.run(process_id) != os.getpid()


async def test_errors_of_ours_come_back_as_they_are(pool: WorkerPool) -> None:
    with pytest.raises(SourceError, match=r"https://example\.org/: no"):
        await pool.run(refuse, "https://example.org/")


async def test_other_errors_come_back_named_and_harm_nobody(pool: WorkerPool) -> None:
    before = await pool.run(process_id)
    with pytest.raises(ExtractionError, match=r"error: AssertionError: lxml dropped"):
        await pool.run(stumble)
    assert await pool.run(process_id) == before


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (swallow_alarms, "timeout: killed"),
        (toil, "timeout: killed"),
        (devour, "memory"),
        (die, "died: exit status 7"),
        (send_a_function, "died"),
    ],
)
async def test_a_job_that_goes_wrong_costs_its_child_and_nothing_else(
    pool: WorkerPool, job: object, words: str
) -> None:
    before = await pool.run(process_id)
    started = time.monotonic()
    with pytest.raises(ExtractionError, match=words):
        await pool.run(job)  # type: ignore[arg-type]
    assert time.monotonic() - started < 15
    assert not alive(before)
    assert await pool.run(double, 4) == 8


async def test_a_job_that_only_waits_is_killed_by_the_clock(pool: WorkerPool) -> None:
    started = time.monotonic()
    with pytest.raises(ExtractionError, match="timeout"):
        await pool.run(sleep, 5)
    assert time.monotonic() - started < 2


async def test_a_page_that_breaks_its_worker_is_read_plainly_in_another(pool: WorkerPool) -> None:
    """The way of one step over the tags, where the tree of thirty thousand elements takes more than the limit."""
    story = (
        b"<h1>Ferry hit by shell fire</h1><p>The ferry was hit by shell fire on Monday, the harbour master said.</p>"
    )
    page = b"<html><title>Ferry hit by shell fire</title><body>" + story + b"<i><u>x</u><b>y</b></i><br>" * 9_000
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    before = await pool.run(process_id)
    when = datetime(2026, 3, 1, tzinfo=UTC)
    processed = await pool.run_page(
        http, url="https://example.org/world/1", captured_at=when, publisher=None, conflict_only=False
    )
    assert not alive(before)
    assert processed.outcome is Outcome.EXTRACTED
    assert processed.article is not None
    assert processed.article.headline == "Ferry hit by shell fire"
    assert processed.article.paragraphs == ("The ferry was hit by shell fire on Monday, the harbour master said.",)
    assert processed.article.provenance["text"] == "plain"
    assert processed.article.provenance["failed"] == "timeout: killed after 0.3 s"


async def test_without_a_job_there_is_no_process() -> None:
    """A timer starts many runs that have nothing to do."""
    workers = WorkerPool(size=2, timeout=1.5)
    assert workers._server is None
    workers.start()
    workers.start()
    assert len(workers._children) == 2
    server = workers._server
    assert server is not None
    assert alive(server.process.pid)
    workers.close()
    workers.start()
    assert not alive(server.process.pid)


async def test_closing_leaves_no_process() -> None:
    workers = WorkerPool(size=2, timeout=1.5)
    child = await workers.run(process_id)
    assert alive(child)
    workers.close()
    workers.close()
    assert not alive(child)


async def test_children_share_what_one_process_has_loaded() -> None:
    """And that process has one thread only: a fork would take the others' locks along, and nobody to open them."""
    workers = WorkerPool(size=2, timeout=1.5)
    children = {await workers.run(process_id), await workers.run(process_id)}
    assert len(children) == 2
    assert workers._server is not None
    server = workers._server.process.pid
    assert {await workers.run(os.getppid), await workers.run(os.getppid)} == {server}
    assert len(list(Path(f"/proc/{server}/task").iterdir())) == 1
    workers.close()
    assert not any(alive(process) for process in (server, *children))


async def test_a_server_that_is_killed_is_followed_by_another() -> None:
    workers = WorkerPool(size=1, timeout=1.5)
    assert await workers.run(double, 2) == 4
    assert workers._server is not None
    workers._server.process.kill()
    with pytest.raises(ExtractionError, match=r"died: exit status 7|died: exit status -9"):
        await workers.run(die)
    assert await workers.run(double, 3) == 6
    workers.close()


async def test_a_server_that_cannot_load_says_why() -> None:
    workers = WorkerPool(size=1, timeout=1.5, memory_mb=8)
    with pytest.raises(ExtractionError, match="died: exit status"):
        await workers.run(double, 2)
    workers.close()


def test_a_worker_whose_parent_was_killed_ends_in_the_middle_of_a_job() -> None:
    """Nobody is left to kill it then, and a page may keep an extractor busy for good."""
    script = (
        "import asyncio, os, time\n"
        "from crawler.workers import WorkerPool\n"
        "async def main():\n"
        "    pool = WorkerPool(size=1, timeout=0.2)\n"
        "    await pool.run(len, 'warm')\n"
        "    job = asyncio.ensure_future(pool.run(time.sleep, 600))\n"
        "    await asyncio.sleep(0.1)\n"
        "    print(*[child.pid for child in pool._children], flush=True)\n"
        "    os._exit(9)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 9, ended.stderr
    worker = int(ended.stdout)
    deadline = time.monotonic() + 20  # the alarm comes after 2 × 6 × 0.2 s
    while alive(worker):
        assert time.monotonic() < deadline, "the worker goes on"
        time.sleep(0.1)


async def test_a_page_goes_from_wire_bytes_to_an_outcome(pool: WorkerPool) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n\r\n%PDF"
    arguments = {"url": "https://example.org/1", "captured_at": when, "publisher": None, "conflict_only": True}
    processed = await pool.run(process_page, whole, **arguments)  # type: ignore[arg-type]
    assert processed.outcome is Outcome.NOT_ARTICLE
    cut = await pool.run(process_page, whole.replace(b": 4", b": 400"), **arguments)  # type: ignore[arg-type]
    assert cut.outcome is Outcome.FAILED
    assert "incomplete" in str(cut.detail)


async def test_a_worker_reads_a_record_by_itself(pool: WorkerPool, tmp_path: Path) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    arguments = {"url": "https://example.org/1", "captured_at": when, "conflict_only": True}
    response = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n\r\n%PDF"
    path, offsets = _records(tmp_path, ("response", response), ("revisit", response[:-4]), ("resource", b"no response"))
    found = [await pool.run_record(path, offset, **arguments) for offset in (*offsets, offsets[-1] + 1)]
    assert [(one.outcome, one.detail) if one is not None else None for one in found[:3]] == [
        (Outcome.NOT_ARTICLE, "media type application/pdf"),
        None,
        (Outcome.NOT_ARTICLE, "no HTTP response"),
    ]
    assert found[3] is not None
    assert found[3].outcome is Outcome.FAILED
    assert str(path) in str(found[3].detail)


def _records(folder: Path, *blocks: tuple[str, bytes]) -> tuple[Path, list[int]]:
    """A WARC file of these records, and where each begins."""
    members = [member(kind, [("WARC-Record-ID", "<urn:x>")], "application/http", block) for kind, block in blocks]
    (folder / "a.warc.gz").write_bytes(b"".join(members))
    return folder / "a.warc.gz", [sum(map(len, members[:number])) for number in range(len(members))]


async def test_a_publisher_comes_as_it_is_however_often(pool: WorkerPool) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    page = (
        b"<h1>Ferry hit by shell fire</h1><div class=x><p>The ferry was hit by shell fire on Monday, he said.</p></div>"
    )
    layout = Layout(name="x", match=".x", body=(".x",))
    ours = replace(publishers()["rt"], name="Courier", layouts=(layout,))
    theirs = replace(ours, name="Herald")
    named = [
        await pool.run_page(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>" + page, url="https://example.org/world/1",
            captured_at=when, publisher=publisher, conflict_only=False,
        )
        for publisher in (ours, theirs, ours)
    ]  # fmt: skip
    assert [one.article.publisher for one in named if one.article is not None] == ["Courier", "Herald", "Courier"]


def test_what_workers_are_warmed_up_with_takes_every_step() -> None:
    captured_at = datetime(2020, 1, 1, 12, tzinfo=UTC)
    read = process_page(WARM_UP, url=WARM_UP_URL, captured_at=captured_at, publisher=None, conflict_only=True)
    assert (read.outcome, read.article is not None) == (Outcome.EXTRACTED, True), read.detail
    assert read.article is not None
    assert (read.article.byline, read.article.language) == ("By Ann Example", "en")
    assert read.article.published_at is not None
    assert "Share this article" not in read.article.text
    assert read.named is not None
    assert {mention.kind for mention in read.named.mentions} == {"actor", "place"}


def test_the_crawl_itself_loads_no_extractor() -> None:
    """Scrapy imports every command for each of them; what reads pages is the workers' business."""
    script = (
        "import pkgutil, sys, crawler.commands\n"
        "for found in pkgutil.iter_modules(crawler.commands.__path__, 'crawler.commands.'):\n"
        "    __import__(found.name)\n"
        "late = ('trafilatura', 'crawler.extract.article', 'langdetect', 'requests')\n"
        "print([name for name in late if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

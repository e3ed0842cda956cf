"""One writer and eight readers of Datasette: nobody finds the database locked, and pages come quickly.

Datasette runs as `archive serve` runs it. Each reader asks for a page, waits for a moment as people do, and asks for
the next; the writer writes as fast as it can, with a commit a page.
"""

import itertools
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from archive.store import Archive
from benchmarks.durability.harness import Result, scratch
from benchmarks.durability.kills import forked
from benchmarks.durability.workload import SOURCE, Tell, article, exchange, sighting

READERS = 8
PAUSE = 1.0  # seconds between a reader's pages, on average
LIMIT = 0.2  # seconds, the 99th percentile of a page
PAGES = (
    "/", "/archive", "/archive/articles", "/archive/articles/1", "/archive/captures?_sort_desc=id", "/archive/runs",
    "/archive/articles?_search=ceasefire", "/archive/sightings.json?_size=50",
)  # fmt: skip


@dataclass(kw_only=True)
class Reading:
    """What the readers saw: seconds of each page, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def run(seconds: float, *, readers: int = READERS) -> Result:
    """Read and write for so many seconds."""
    result = Result(name="readers", about=f"one writer, {readers} readers of Datasette", count=readers)
    reading = Reading()
    with scratch() as place:
        folder = place / "a"
        _write(folder, time.monotonic() + 1, lambda _: None)
        port = _free_port()
        log = place / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from archive.cli import main; main()",
                    "serve",
                    "--archive",
                    folder,
                    "--port",
                    str(port),
                ],
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            _wait_for(port)
            until = time.monotonic() + seconds
            writer = _Writer(folder, until)
            threads = [threading.Thread(target=_read, args=(port, until, number, reading)) for number in range(readers)]
            for thread in (*threads, writer):
                thread.start()
            for thread in (*threads, writer):
                thread.join()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
        if b"database is locked" in log.read_bytes():
            reading.failures.append("Datasette found the database locked")
    if writer.status:
        reading.failures.append(f"the writer ended with status {writer.status}")
    p99 = statistics.quantiles(reading.seconds, n=100)[98] if len(reading.seconds) > 1 else 0.0
    if p99 > LIMIT:
        reading.failures.append(f"the 99th percentile of a page is {p99 * 1000:.0f} ms")
    result.problems = reading.failures
    result.figures = {
        "seconds": seconds, "pages read": len(reading.seconds), "pages written": writer.pages,
        "median, ms": round(statistics.median(reading.seconds) * 1000), "p99, ms": round(p99 * 1000),
        "load of the machine": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    return result


class _Writer(threading.Thread):
    """Waits for a fork that writes; the fork has an interpreter to itself."""

    def __init__(self, folder: Path, until: float) -> None:
        super().__init__()
        self.folder, self.until = folder, until
        self.status, self.pages = 0, 0

    def run(self) -> None:
        self.status, told = forked(lambda tell: _write(self.folder, self.until, tell))
        self.pages = sum(fact.get("pages", 0) for fact in told)


def _write(folder: Path, until: float, tell: Tell) -> None:
    chance = random.Random(1)
    with Archive.open(folder, min_free=0) as archive:
        run = archive.start_run(command="crawl", arguments={}, version="1")
        for number in itertools.count():
            if time.monotonic() > until:
                tell({"pages": number})
                return
            url = f"https://news.example/{run}/{number}"
            with archive.group():
                archive.record_sightings(run, [sighting(url, number)])
                capture = archive.capture(exchange(url, chance), run)
                archive.store_article(
                    capture, article(url, f"The ceasefire held on day {number}. {SOURCE}"), extractor="x"
                )
                archive.finish_capture(capture.id, "extracted")
                archive.mark_sighting(url, "extracted", capture.id)
            time.sleep(0.01)  # the network's part


def _read(port: int, until: float, number: int, reading: Reading) -> None:
    chance = random.Random(number)
    while time.monotonic() < until:
        time.sleep(chance.uniform(0, 2 * PAUSE))
        path = chance.choice(PAGES)
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                body = answer.read()
            if b"database is locked" in body:
                reading.failures.append(f"{path}: database is locked")
        except urllib.error.HTTPError as error:
            reading.failures.append(f"{path}: {error.code} {error.read(300)!r}")
        except OSError as error:
            reading.failures.append(f"{path}: {error}")
        reading.seconds.append(time.monotonic() - begun)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            for path in PAGES:  # once before it counts: templates and columns are looked up
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).close()
            return
    raise SystemExit("archive serve does not answer")

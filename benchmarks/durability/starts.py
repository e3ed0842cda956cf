"""Many starts on one archive at the same instant: one runs, the others say who does and end with exit code 75.

And the one that runs is killed: nothing it held keeps the next from starting.
"""

import os
import random
import re
import signal
import sqlite3
import statistics
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from archive.errors import DatelineError
from archive.store import Archive
from benchmarks.durability.harness import Result, scratch
from benchmarks.durability.soundness import problems
from benchmarks.durability.workload import Fact, Tell, exchange

STARTS = 20
LIMIT = 1.0  # seconds that the next start may take
_LOCKED = 75


def run(count: int, *, starts: int = STARTS) -> Result:
    """`count` times `starts` processes at once, the holder killed each time."""
    result = Result(name="starts", about=f"{starts} starts at once on one archive, the holder killed")
    taken = []
    for _ in range(count):
        with scratch() as place:
            seconds, found = _one(place / "a", starts)
        taken.append(seconds)
        result.count += 1
        result.problems += found
    result.figures = {"longest next start, s": round(max(taken), 3), "median, s": round(statistics.median(taken), 3)}
    return result


def _one(folder: Path, starts: int) -> tuple[float, list[str]]:
    """Seconds that the start after the kill took, and what is wrong."""
    Archive.open(folder).close()
    reads, writes = os.pipe()
    gate = time.monotonic() + 0.2
    children = [_start(partial(_hold, folder, gate), writes) for _ in range(starts)]
    os.close(writes)
    with open(reads, encoding="utf-8") as told:  # noqa: PTH123 - a file descriptor
        lines = [told.readline() for _ in range(starts)]
        holders = [int(line.split()[1]) for line in lines if line.startswith("holds")]
        wrong = [] if len(holders) == 1 else [f"{len(holders)} processes wrote at once"]
        for holder in holders:
            os.kill(holder, signal.SIGKILL)
    codes = sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    if codes != [-signal.SIGKILL, *[_LOCKED] * (starts - 1)]:
        wrong.append(f"ended with {codes}")
    refusals = [line for line in lines if not line.startswith("holds")]
    wrong += [f"does not name the holder: {line}" for line in refusals if not _names(line, holders)]
    begun = time.monotonic()
    try:
        Archive.open(folder).close()
    except DatelineError as error:
        wrong.append(f"the next start failed: {error}")
    seconds = time.monotonic() - begun
    if seconds > LIMIT:
        wrong.append(f"the next start took {seconds:.2f} s")
    return seconds, wrong + problems(folder, list[Fact]())


def rivals() -> Result:
    """Somebody else writes the database between a change's reading and its writing: he must wait, not the archive."""
    result = Result(name="rivals", about="another program writes the database in the middle of a change", count=1)
    with scratch() as place, Archive.open(place / "a") as archive:
        capture = archive.capture(exchange("https://news.example/1", random.Random(1)))
        with closing(sqlite3.connect(place / "a" / "archive.db", timeout=0)) as rival:

            def interfere(statement: str) -> None:
                if statement.startswith("SELECT outcome FROM captures"):
                    with suppress(sqlite3.OperationalError), rival:
                        rival.execute("UPDATE about SET value = 'theirs' WHERE key = 'software'")
                        result.problems.append("another program wrote in the middle of a change")

            archive.connection.set_trace_callback(interfere)
            try:
                archive.finish_capture(capture.id, "extracted")
            except DatelineError as error:
                result.problems.append(str(error))
            archive.connection.set_trace_callback(None)
    return result


def _names(line: str, holders: list[int]) -> bool:
    """`… is being written by process 4711 (name) since 2026-…`; before the holder wrote that: `another process`."""
    found = re.search(r"written by process (\d+) ", line)
    return bool(found and int(found[1]) in holders)


def _start(does: partial[None], writes: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            does(lambda fact: os.write(writes, f"{fact['says']}\n".encode()))
        except DatelineError as error:
            os.write(writes, f"{error}\n".encode())
            os._exit(error.exit_code)
        finally:
            os._exit(1)
    return child


def _hold(folder: Path, gate: float, tell: Tell) -> None:
    while time.monotonic() < gate:  # all at once
        pass
    with Archive.open(folder) as archive:
        archive.start_run(command="crawl", arguments={}, version="1")
        tell({"says": f"holds {os.getpid()}"})
        time.sleep(60)

"""kill -9 at any point: at an exact byte of a WARC file, at a random moment, and again while it repairs itself.

The writer is a fork that does everything an archive does. For a kill at a byte the kernel does it: the limit on file
sizes (RLIMIT_FSIZE) is set around the write that reaches that byte, so that this write is cut there and the next one
ends in SIGXFSZ. For a kill at a moment a timer of the kernel does it (setitimer, SIGALRM). Of four archives one is
killed once more at a random change of a file while it is opened again.
"""

import json
import os
import random
import resource
import signal
import statistics
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.durability.disk import Disk, Operation
from benchmarks.durability.harness import Result, each, scratch
from benchmarks.durability.soundness import problems
from benchmarks.durability.workload import Fact, Tell, go_on, work

_SEEDS = 8  # of the writer's pages
_AGAIN = 4  # one archive of so many is killed in its repair, too


def run(count: int, *, processes: int = 1, seed: int = 0) -> Result:
    """Kill `count` writers, half of them at a byte, half at a moment."""
    result = Result(name="kills", about="kill -9 of the writer")
    result.figures = {"at a byte": 0, "at a moment": 0, "again in the repair": 0}
    for number, (how, again, found) in enumerate(each(_one, ((seed, number) for number in range(count)), processes)):
        result.count += 1
        result.figures[how] += 1
        result.figures["again in the repair"] += again
        result.problems += [f"{how}, point {number}: {problem}" for problem in found]
    return result


def repairs(count: int) -> Result:
    """Kill a repair before each change of a file that it makes, or before the first `count` of them.

    What it repairs was killed while it wrote a journal entry: a capture is there that no entry and no row speaks of.
    """
    result = Result(name="repairs", about="kill -9 before each change that a repair makes")
    for number in range(1, count + 1):
        with scratch() as place:
            folder = place / "a"
            _, told = forked(partial(work, folder, seed=1), prepare=partial(_kill_at_commit, folder))
            torn = max((folder / "warc").glob("*.open"))
            os.truncate(torn, torn.stat().st_size - 20)
            status, _ = forked(partial(go_on, folder, seed=7), prepare=partial(kill_at_change, folder, number))
            if not os.WIFSIGNALED(status):
                break
            result.count += 1
            result.problems += [f"killed before change {number}: {problem}" for problem in problems(folder, told)]
    return result


def _kill_at_commit(folder: Path, *, syncs: int = 5) -> None:
    """Kill this process before SQLite writes the commit of the first page: its record and entry are in the file."""
    synced = 0

    def watch(operation: Operation) -> None:
        nonlocal synced
        synced += operation.kind == "sync" and not operation.by_sqlite
        if synced > syncs and operation.by_sqlite and operation.kind == "write":
            os.kill(os.getpid(), signal.SIGKILL)

    Disk(folder, watch).__enter__()


def _one(seed: int, number: int) -> tuple[str, bool, list[str]]:
    """One kill: how, whether it was killed again, what is wrong then."""
    chance = random.Random(f"{seed}/kill/{number}")
    pages = chance.randrange(_SEEDS)
    how = "at a moment" if number % 2 else "at a byte"
    with scratch() as place:
        facts: list[Fact] = []
        for attempt in range(100):  # a writer that was done before it was to be killed is no point
            folder = place / str(attempt)
            kill = at_byte(chance.random() * measured(pages)[0]) if how == "at a byte" else None
            seconds = chance.random() * measured(pages)[1] if kill is None else None
            status, facts = forked(partial(work, folder, seed=pages), prepare=kill, seconds=seconds)
            if os.WIFSIGNALED(status):
                break
            if status:
                return how, False, ["the writer failed by itself"]
        again = number % _AGAIN == 0
        if again:
            at = chance.randrange(1, 120)
            _, later = forked(partial(go_on, folder, seed=7), prepare=lambda: kill_at_change(folder, at))
            facts += later
        return how, again, problems(folder, facts)


@cache
def measured(pages: int) -> tuple[int, float]:
    """Bytes that the writer puts into WARC files, and the seconds that it takes when nobody kills it."""
    sizes, seconds = [], []
    for _ in range(3):
        with scratch() as place:
            begun = time.monotonic()
            status, _ = forked(lambda tell: work(place / "a", tell, seed=pages))
            seconds.append(time.monotonic() - begun)
            if status:
                raise SystemExit(f"the writer does not work: status {status}")
            sizes.append(sum(path.stat().st_size for path in (place / "a" / "warc").glob("*.warc.gz")))
    return int(statistics.mean(sizes)), statistics.median(seconds)


def forked(
    does: Callable[[Tell], object], *, prepare: Callable[[], object] | None = None, seconds: float | None = None
) -> tuple[int, list[Fact]]:
    """Run `does` in a fork that is killed after `seconds`. Returns how it ended (see os.wait) and what it was told."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reads)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for number in (signal.SIGALRM, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)  # Python ignores SIGXFSZ
            told = os.write  # what is watched or limited are files
            if prepare:
                prepare()
            if seconds is not None:
                signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
            does(lambda fact: told(writes, json.dumps(fact).encode() + b"\n"))
            signal.setitimer(signal.ITIMER_REAL, 0)
            code = 0
        finally:
            os._exit(code)
    os.close(writes)
    with open(reads, "rb") as stream:  # noqa: PTH123 - a file descriptor
        lines = stream.read().split(b"\n")
    _, status = os.waitpid(child, 0)
    return status, [json.loads(line) for line in lines[:-1]]


def at_byte(position: float) -> Callable[[], None]:
    """What makes the kernel kill this process at that byte of all that it writes into WARC files."""

    def prepare() -> None:
        left, real = int(position), os.write

        def write(fd: int, data: Any) -> int:
            nonlocal left
            if not Path(f"/proc/self/fd/{fd}").readlink().name.endswith(".warc.gz.open"):
                return real(fd, data)
            if len(data) > left:
                limit = os.fstat(fd).st_size + left
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            done = real(fd, data)
            # only this file is limited, and a writer that does not see that its write was cut goes on to its commit
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            left -= done
            return done

        os.write = write  # type: ignore[assignment]

    return prepare


def kill_at_change(folder: Path, number: int) -> None:
    """Kill this process before the change with that number that it makes below `folder`."""
    left = number

    def count(_: Operation) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Disk(folder, count).__enter__()

"""A command's costs, its children's included: seconds, CPU, memory. And the local web's, apart."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
# What spares real hosts is no part of what is measured: eight requests at a time, a millisecond between two.
PACE = ("-s", "OFFLINE_PACE=0.001", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8")
EVERY = 0.3  # seconds between two looks at the memory
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a command used. `seconds` from `began` (by `time.monotonic`) to its end; memory in MB, all processes."""

    exit_code: int
    began: float
    ended: float
    cpu: float
    peak: float
    looks: tuple["Look", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Look:
    """A process at a moment: seconds since its start, its resident MB, those of all its processes, its open files."""

    at: float
    own: float
    all: float
    files: int


def slope(looks: Sequence[Look]) -> float:
    """MB that the process itself grew by in the second half of `looks`, by the line that fits best.

    In the first it loads what it needs and fills its caches: SQLite's 64 MB, words already folded.
    """
    settled = looks[len(looks) // 2 :]
    line = linear_regression([look.at for look in settled], [look.own for look in settled])
    return line.slope * (settled[-1].at - settled[0].at)


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, *, folder: Path = ROOT) -> Cost:
    """Run a command to its end, its output into `log`."""
    with log.open("ab") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        looks: list[Look] = []
        done = threading.Event()

        def look() -> None:
            while not done.wait(EVERY):
                own, everything = _memory(process.pid), _memory_of_all(process.pid)
                if own:
                    at = time.monotonic() - began
                    looks.append(Look(at=at, own=own, all=everything, files=_open_files(process.pid)))

        looker = threading.Thread(target=look)
        looker.start()
        _, status, used = os.wait4(process.pid, 0)
        ended = time.monotonic()
        done.set()
        looker.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        exit_code=process.returncode,
        began=began,
        ended=ended,
        cpu=used.ru_utime + used.ru_stime,
        peak=max((look.all for look in looks), default=0.0),
        looks=tuple(looks),
    )


def _memory(pid: int) -> float:
    """Resident MB of a process; 0 when it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * PAGE_SIZE / 1e6
    except (OSError, IndexError):
        return 0.0


def _open_files(pid: int) -> int:
    """How many files, sockets included, a process has open; 0 when it has gone."""
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return 0


def _share_of_memory(pid: int) -> float:
    """Resident MB of a process, of pages that several processes share its part; 0 when it has gone."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024 / 1e6
    return 0.0


def _memory_of_all(pid: int) -> float:
    """Of a process and its descendants; what they share counts once."""
    total = _share_of_memory(pid)
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            total += sum(_memory_of_all(int(child)) for child in task.read_text().split())
    return total


class LocalWeb:
    """`benchmarks.throughput.web` in a process of its own; a context manager. Its pages are ready on entry."""

    def __init__(self, known: int, unknown: int, *, bare: bool = False) -> None:
        # bytes of an asyncio server mean little work: the last CPU, which the crawlers may use, too, is enough for it
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.throughput.web", str(known), str(unknown), *(["bare"] if bare else [])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
        )

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(self._process.pid, {max(os.sched_getaffinity(0))})
        said = self._read()
        self.http, self.https, self.ca = int(said["http"]), int(said["https"]), str(said["ca"])
        self.articles: list[str] = said["articles"]
        self._cpu = self.since()["cpu"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def since(self) -> dict[str, Any]:
        """What was asked for since the last question."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def env(self) -> dict[str, str]:
        """What points this project's crawler here."""
        return {"DATELINE_OFFLINE_WEB": f"127.0.0.1:{self.http}:{self.https}", "SSL_CERT_FILE": self.ca}

    def plain(self, url: str) -> str:
        """The same page at an address that any program can ask for."""
        return f"http://127.0.0.1:{self.http}/{url.partition('://')[2]}"

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the local web ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

"""A real crawl of the offline web, killed at random moments, and then run to its end: the same URLs, the same articles.

The crawl is the `scrapy crawlall` of `make demo` in a process of its own. Some are killed more than once.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.durability.harness import Result, scratch
from benchmarks.durability.soundness import problems, urls
from tests.web.offline import OfflineWeb

KILLS = 2  # at most, of one crawl
_OK = 0


def run(count: int, *, publishers: tuple[str, ...] = (), seed: int = 0) -> Result:
    """Kill `count` crawls of the publishers named, or of all."""
    result = Result(name="crawl", about="kill -9 of a real crawl, at random moments, then run to its end")
    kills = 0
    with OfflineWeb() as web, scratch() as place:
        begun = time.monotonic()
        code = start(place / "whole", web, publishers).wait()
        seconds = time.monotonic() - begun
        expected = urls(place / "whole")
        result.problems += [] if code == _OK else [f"undisturbed, it ended with exit code {code}"]
        for number in range(count):
            chance = random.Random(f"{seed}/crawl/{number}")
            folder = place / str(number)
            for _ in range(chance.randint(1, KILLS)):
                kills += _killed(folder, web, publishers, chance.uniform(0.2, 0.95) * seconds)
            code = start(folder, web, publishers).wait()
            wrong = [] if code == _OK else [f"resumed, it ended with exit code {code}"]
            found = urls(folder)
            for kind, rows in expected.items():
                if found[kind] != rows:
                    other = [row for row in rows + found[kind] if row not in rows or row not in found[kind]]
                    wrong.append(f"{len(other)} {kind} are not those of an undisturbed crawl: {str(other)[:300]}")
            wrong += problems(folder, (), goes_on=False)
            result.count += 1
            result.problems += [f"crawl {number}: {problem}" for problem in wrong]
    result.figures = {"kills": kills, "urls": len(expected["sightings"]), "articles": len(expected["articles"])}
    return result


def start(
    folder: Path, web: OfflineWeb, publishers: tuple[str, ...] = (), *, module: str = "scrapy"
) -> "subprocess.Popen[bytes]":
    """Start the crawl; `module` stands in for Scrapy's command line."""
    named = [part for name in publishers for part in ("--publisher", name)]
    return subprocess.Popen(
        [sys.executable, "-m", module, "crawlall", *named, "-L", "ERROR"],
        env={**os.environ, **web.env(), "DATELINE_ARCHIVE": os.fspath(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _killed(folder: Path, web: OfflineWeb, publishers: tuple[str, ...], seconds: float) -> bool:
    """Start the crawl and kill it after `seconds`. Returns whether it was still running."""
    process = start(folder, web, publishers)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False

"""What safety costs: the demonstration's crawl, and the same with every sync left out, side by side in pairs.

Two clocks: the crawl's own, from the first request to the summary, and that of the work which only the archive does:
the writer thread's records and commits for the same pages, where nothing else hides a sync.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from archive import folder as layout
from archive.store import Archive
from benchmarks.durability.crawl import start
from benchmarks.durability.harness import Result
from tests.web.offline import OfflineWeb

TARGET = 1.10  # the crawl may take so many times as long


def run(count: int) -> Result:
    """`count` pairs, each in turn first."""
    result = Result(name="cost", about="the demonstration's crawl against the same without syncs")
    synced, unsynced = list[float](), list[float]()
    with OfflineWeb() as web:
        _seconds(web, "scrapy")  # caches
        for number in range(count):
            order = [(synced, "scrapy"), (unsynced, "benchmarks.durability.cost")]
            for figures, module in order if number % 2 else reversed(order):
                figures.append(_seconds(web, module))
            result.count += 1
    ratios = [a / b for a, b in zip(synced, unsynced, strict=True)]
    result.figures = {
        "seconds, synced": round(statistics.median(synced), 2),
        "seconds, not synced": round(statistics.median(unsynced), 2),
        "ratio, median of the pairs": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in sorted(ratios)],
        "target": TARGET,
    }
    if statistics.median(ratios) > TARGET:
        result.problems.append(f"a crawl takes {statistics.median(ratios):.2f} times as long with syncs")
    return result


def _seconds(web: OfflineWeb, module: str) -> float:
    """How long a crawl takes, on the disk where temporary files are: in memory a sync costs nothing."""
    with tempfile.TemporaryDirectory(prefix="dateline-cost-") as place:
        begun = time.monotonic()
        code = start(Path(place) / "a", web, module=module).wait()
        if code:
            raise SystemExit(f"the crawl ended with exit code {code}")
        return time.monotonic() - begun


def crawl_without_syncs() -> None:
    """Scrapy's command line, in a process where nothing is ever synced."""
    from scrapy.cmdline import execute

    real = layout.connect

    def connect(folder: Path, *, write: bool) -> object:
        connection = real(folder, write=write)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    with patch("os.fsync", _nothing), patch("os.fdatasync", _nothing), patch.object(layout, "connect", connect):
        assert Archive  # its module reaches `connect` through `layout`
        execute()


def _nothing(_: int) -> None:
    """A sync that does not happen."""


if __name__ == "__main__":
    sys.argv[0] = "scrapy"
    crawl_without_syncs()

"""Whether memory and open files stay flat: `python -m benchmarks.throughput.memory`, or `make bench-memory`.

Crawls many small pages in one run and fits a line through the memory of the process that crawls and writes, in the
second half of the run: caches fill in the first. Workers are replaced every thousand pages and counted in the peak
alone.
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.throughput.measure import PACE, LocalWeb, run, slope


def main() -> None:
    """Crawl, print, and with `--json` write the figures to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput.memory", description=__doc__)
    parser.add_argument("--pages", type=int, default=30_000, help="to crawl (30,000)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughput-memory-") as scratch:
        figures = measure(options.pages, Path(scratch))
    print(
        "{pages:,} pages, {articles:,} articles: {growth:.2f} MB more a thousand pages, {own:.0f} MB at the end, "
        "{peak:.0f} MB in all processes at most; open files at most: {files}, in the second half {files_later}".format(
            **figures
        )
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(pages: int, scratch: Path) -> dict[str, float]:
    """The figures of a crawl of so many pages of publishers that have a file."""
    folder, log = scratch / "archive", scratch / "log"
    with LocalWeb(pages, 0, bare=True) as web:
        # a publisher's pages are all in one feed: of 8,000 entries it takes longer than a page may
        command = [sys.executable, "-m", "scrapy", "crawlall", *PACE, "-s", "EXTRACTION_TIMEOUT=60"]
        cost = run(command, {**web.env(), "DATELINE_ARCHIVE": os.fspath(folder)}, log)
    with closing(sqlite3.connect(folder / "archive.db")) as database:
        articles = database.execute("SELECT count(*) FROM articles").fetchone()[0]
    if articles != pages:
        raise SystemExit(f"{articles} articles of {pages}\n{log.read_text()[-2000:]}")
    half = len(cost.looks) // 2
    return {
        "pages": pages,
        "articles": articles,
        "growth": slope(cost.looks) / (pages / 2) * 1000,
        "own": cost.looks[-1].own,
        "peak": cost.peak,
        "files": max(look.files for look in cost.looks[:half]),
        "files_later": max(look.files for look in cost.looks[half:]),
    }


if __name__ == "__main__":
    main()

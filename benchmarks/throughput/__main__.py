"""How many articles a second, side by side: `python -m benchmarks.throughput`, or `make bench-throughput`.

A local web of real-size pages runs in a process of its own, its cost reported apart. Each crawler fetches it, one after
the other, in the same run. Rates count from the first request that the web saw to the end of the crawler's process, so
that starting an interpreter counts for nobody; a re-extraction's from its start, which takes three seconds. CPU is all
that the process and its children used, the start included.

This project is led to the pages as to the real web: TLS, feeds, robots.txt, WARC, extraction in workers, full-text
search, everything synced; only its politeness is lifted, by two settings. The others get the addresses, without TLS.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.throughput.measure import PACE, ROOT, Cost, LocalWeb, run
from benchmarks.throughput.table import as_text, in_readme
from benchmarks.throughput.web import mixed

RESULTS = ROOT / "benchmarks" / "results"
RIVALS = Path(__file__).parent / "rivals"
ENVIRONMENTS = {"news-please": (".venv-newsplease", "newsplease"), "Fundus": (".venv-fundus", "fundus")}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a crawler did. `cpu_ms` an article, `peak_mb` of all its processes, `web_cpu_ms` of the web an article."""

    name: str
    articles: int
    seconds: float
    rate: float
    cpu_ms: float
    peak_mb: float
    web_cpu_ms: float = 0.0


def main() -> None:
    """Measure, print, and write the figures to `benchmarks/results/throughput.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument(
        "--pages", type=int, default=3000, help="of each kind for this project (3,000); fewer for others"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="measure these alone, by the beginning of their names"
    )
    parser.add_argument("--json", type=Path, help="write the figures here, and leave the kept ones")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md, too")
    options = parser.parse_args()
    found: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="throughput-") as scratch:
        for figures in measure(options.pages, Path(scratch), options.only):
            found.append(figures)
            print(f"{figures.name}: {figures.rate:.1f} articles/s, {figures.cpu_ms:.0f} ms CPU", flush=True)
    results = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "crawlers": {figures.name: vars(figures) for figures in found},
    }
    print("", as_text(results), sep="\n")
    if options.only is None or options.json:
        path = options.json or RESULTS / "throughput.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(results, indent=2) + "\n")
    if options.readme:
        readme = ROOT / "README.md"
        readme.write_text(in_readme(readme.read_text(), results))


def machine() -> str:
    """On what it ran."""
    cpus, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return f"{cpus} CPUs, {memory:.0f} GB, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def measure(pages: int, scratch: Path, only: list[str] | None) -> Iterator[Figures]:
    """Each crawler's figures."""

    def wanted(name: str) -> bool:
        return only is None or any(name.lower().startswith(start.lower()) for start in only)

    crawls = {
        "Dateline, known publishers": ["crawlall"],
        "Dateline, unknown publishers": ["crawl", "site", "-a", "url=https://www.press.example/"],
    }
    for name, arguments in crawls.items():
        again = f"{name}, from WARC"
        if wanted(name) or wanted(again):
            is_known = "unknown" not in name
            with LocalWeb(pages if is_known else 0, 0 if is_known else pages * 2 // 3) as web:
                folder = scratch / name.replace(" ", "-")
                yield ours(name, arguments, web, folder)
            if wanted(again):
                yield extracted_again(again, folder)
            shutil.rmtree(folder)
    rivals = {
        "naive crawler": (pages // 10, "naive.py"),
        "requests + trafilatura": (pages // 15, "plain_loop.py"),
        "news-please": (pages // 40, "newsplease_crawl.py"),
        "Fundus": (pages // 10, "fundus_crawl.py"),
        "Scrapy, fetching only": (pages * 2 // 5, "fetch_only.py"),
    }
    with LocalWeb(pages // 5, pages // 5) as web:
        for name, (count, program) in rivals.items():
            if wanted(name) and (python := _python(name)):
                folder = scratch / program
                folder.mkdir()
                yield rival(name, [python, os.fspath(RIVALS / program)], web, folder, count)
                shutil.rmtree(folder)


def ours(name: str, arguments: list[str], web: LocalWeb, folder: Path) -> Figures:
    """A crawl by this project. Raises SystemExit where an article is missing."""
    before = web.since()
    log = folder.with_suffix(".log")
    command = [sys.executable, "-m", "scrapy", *arguments, *PACE]
    cost = run(command, {**web.env(), "DATELINE_ARCHIVE": os.fspath(folder)}, log)
    asked = web.since()
    with closing(sqlite3.connect(folder / "archive.db")) as database:
        stored = database.execute("SELECT count(*) FROM articles_fts_docsize").fetchone()[0]
    if stored != len(web.articles):
        raise SystemExit(f"{name}: {stored} articles of {len(web.articles)}\n{log.read_text()[-2000:]}")
    return _figures(name, stored, cost, asked["began"], asked["cpu"] - before["cpu"])


def extracted_again(name: str, folder: Path) -> Figures:
    """The same articles, extracted anew from the WARC files."""
    log = folder.with_suffix(".log")
    cost = run([sys.executable, "-m", "scrapy", "reextract"], {"DATELINE_ARCHIVE": os.fspath(folder)}, log)
    if cost.exit_code:
        raise SystemExit(f"{name} ended with {cost.exit_code}\n{log.read_text()[-2000:]}")
    with closing(sqlite3.connect(folder / "archive.db")) as database:
        stored = database.execute("SELECT count(*) FROM articles").fetchone()[0]
    return _figures(name, stored, cost, cost.began, 0.0)


def rival(name: str, command: list[str], web: LocalWeb, folder: Path, count: int) -> Figures:
    """A crawl of half known, half unknown pages by another program. Raises SystemExit where it did not ask for all."""
    addresses = folder / "addresses"
    addresses.write_text("\n".join(map(web.plain, mixed(web.articles, count))))
    before = web.since()
    cost = run([*command, os.fspath(addresses), os.fspath(folder)], {}, log := folder / "log")
    asked = web.since()
    if cost.exit_code or asked["articles"] < count:
        raise SystemExit(f"{name}: {asked['articles']} of {count} pages, {cost.exit_code}\n{log.read_text()[-2000:]}")
    return _figures(name, count, cost, asked["began"], asked["cpu"] - before["cpu"])


def _figures(name: str, articles: int, cost: Cost, began: float, web_cpu: float) -> Figures:
    seconds = cost.ended - began
    return Figures(
        name=name,
        articles=articles,
        seconds=round(seconds, 2),
        rate=round(articles / seconds, 1),
        cpu_ms=round(1000 * cost.cpu / articles, 1),
        peak_mb=round(cost.peak),
        web_cpu_ms=round(1000 * web_cpu / articles, 2),
    )


def _python(name: str) -> str | None:
    """The interpreter that a rival runs in, None where its environment could not be made."""
    if name not in ENVIRONMENTS:
        return sys.executable
    environment, module = ENVIRONMENTS[name]
    python = ROOT / environment / "bin" / "python"
    look = [python, "-c", f"import {module}"]
    if python.exists() and subprocess.run(look, check=False, capture_output=True).returncode == 0:
        return os.fspath(python)
    print(f"{name} is not installed here and is left out: make {environment.removeprefix('.venv-')}-env")
    return None


if __name__ == "__main__":
    main()

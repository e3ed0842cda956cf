"""`python -m benchmarks.durability`: break the archive in every way that a machine can, and look what is left of it.

Each family of faults is a module of this package, which says what it does and what it assumes. `--count` sets the size
of all: kills; twice as many power cuts; failing operations four fifths of it; the rest in proportion. Writes
`durability.json` into the folder that `--output` names. Ends with 1 when anything was lost, or a planted bug not found.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.durability import bugs, cost, crawl, errors, full, kills, migration, power, readers, starts
from benchmarks.durability.harness import SHOWN, Result

FULL = 5000


def families(count: int, processes: int, seed: int) -> dict[str, Callable[[], Result]]:
    """Every family, at a size in proportion to `count` kills."""
    share = min(1.0, count / FULL)
    return {
        "kills": partial(kills.run, count, processes=processes, seed=seed),
        "repairs": partial(kills.repairs, max(10, round(400 * share))),
        "power": partial(power.run, 2 * count, processes=processes, seed=seed),
        "errors": partial(errors.run, count * 4 // 5, processes=processes, seed=seed),
        "full": partial(full.run, max(1, round(5 * share))),
        "starts": partial(starts.run, max(1, round(10 * share))),
        "rivals": starts.rivals,
        "migration": partial(migration.run, max(10, round(1000 * share))),
        "bugs": partial(bugs.run, max(5, round(len(bugs.BUGS) * min(1.0, 4 * share)))),
        "crawl": partial(crawl.run, max(1, round(20 * share)), seed=seed),
        "readers": partial(readers.run, max(10.0, 60 * share)),
        "cost": partial(cost.run, max(1, round(7 * share))),
    }


def main() -> int:
    """Parse the arguments, run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durability", description=__doc__)
    parser.add_argument("--count", type=int, default=FULL, help=f"how many kills; default {FULL}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=list(families(1, 1, 0)), help="these families only")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    arguments = parser.parse_args()
    chosen = families(arguments.count, arguments.processes, arguments.seed)
    console, results = Console(width=140), list[Result]()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or chosen:
        begun = time.monotonic()
        with console.status(f"{name} …"):
            result = chosen[name]()
        result.seconds = round(time.monotonic() - begun, 1)
        results.append(result)
        console.print(f"[bold]{name}[/]: {_verdict(result)} in {result.seconds:.0f} s")
        for problem in result.problems[:SHOWN]:
            console.print(f"  {problem}", markup=False)
        (arguments.output / "durability.json").write_text(json.dumps(report(results), indent=1), encoding="utf-8")
    console.print(table(results))
    console.print(f"Figures: {arguments.output}/durability.json")
    return any(result.problems for result in results)


def report(results: list[Result]) -> dict[str, object]:
    """What was measured, when, and on what."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(), "processors": os.cpu_count(), "load": os.getloadavg(),
            "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        },
        "families": [
            {**asdict(result), "problems": result.problems[:SHOWN], "problems_in_all": len(result.problems)}
            for result in results
        ],
    }  # fmt: skip


def table(results: list[Result]) -> Table:
    """One row a family."""
    shown = Table(box=None)
    for heading in ("", "what", "trials", "problems", "figures"):
        shown.add_column(heading, overflow="fold")
    for result in results:
        figures = "; ".join(f"{name}: {value}" for name, value in result.figures.items())
        shown.add_row(result.name, result.about, str(result.count), str(len(result.problems)), figures)
    return shown


def _verdict(result: Result) -> str:
    if result.skipped:
        return f"skipped, {result.skipped}"
    return f"{result.count} trials, {len(result.problems) or 'no'} problems"


if __name__ == "__main__":
    sys.exit(main())

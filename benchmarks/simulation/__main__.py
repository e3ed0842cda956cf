"""`python -m benchmarks.simulation`: thirty days of the offline web in well under an hour, and what an archive kept.

Publishers write, edit and take down by a script that a seed gives; a timer starts `scrapy crawlall --due` on a clock
that is moved along; some runs are killed. In the end the archive and the servers' logs are held against the script.
Prints the figures, writes `simulation.json` into the folder that `--output` names, ends with 1 when anything was wrong.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.simulation.findings import Findings
from benchmarks.simulation.runs import Ended
from benchmarks.simulation.script import AUTUMN, SPRING
from benchmarks.simulation.whole import simulate

SHOWN = 20  # problems of a kind


def main() -> int:
    """Parse the arguments, simulate, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulation", description=__doc__)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--every", type=float, default=3, metavar="HOURS", help="between two runs; default 3")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--stocked", type=int, default=2, metavar="PAGES", help="old pages a section at the start; default 2"
    )
    parser.add_argument("--autumn", action="store_true", help="begin in November, when clocks go back")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the archive there, to look at")
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    given = parser.parse_args()
    console, begun = Console(width=130), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="simulation-") as scratch:
        found = simulate(
            given.keep or Path(scratch) / "archive",
            seed=given.seed, start=AUTUMN if given.autumn else SPRING, days=given.days, stocked=given.stocked,
            step=timedelta(hours=given.every), kills=given.kills, told=lambda ended: _tell(ended, console),
        )  # fmt: skip
    seconds = time.monotonic() - begun
    show(found, console, title=f"{given.days:g} days, seed {given.seed}, {seconds:.0f} s")
    given.output.mkdir(parents=True, exist_ok=True)
    report = {"arguments": {name: str(value) for name, value in vars(given).items()}, "seconds": round(seconds)}
    report |= {"figures": found.figures, "problems": [asdict(problem) for problem in found.problems]}
    path = given.output / "simulation.json"
    path.write_text(json.dumps(report, indent=1, default=str) + "\n", encoding="utf-8")
    return 1 if found.problems else 0


def _tell(ended: Ended, console: Console) -> None:
    """One line a run."""
    text = f"run {ended.number:3}  {ended.at:%a %d %b %H:%M}  exit {ended.exit_code:3}  {len(ended.asked):4} requests"
    console.print(f"{text}  {ended.seconds:5.1f} s", highlight=False)


def show(found: Findings, console: Console, *, title: str) -> None:
    """The figures, then the problems, a few of each kind."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for name, number in sorted(found.figures.items()):
        table.add_row(f"{number:,}", name)
    console.print(table)
    told: dict[str, int] = {}
    for problem in found.problems:
        told[problem.check] = told.get(problem.check, 0) + 1
        if told[problem.check] <= SHOWN:
            when = f"{problem.at:%d %b %H:%M} " if problem.at else ""
            console.print(f"{problem.check}: {when}{problem.text}", style="red", highlight=False, markup=False)
    many = ", ".join(f"{number} of {check}" for check, number in told.items())
    console.print(f"\nProblems: {many}" if told else "\nNo problem found.")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.network.bench [--quick]`: the crawl of every fault in full, and its figures."""

import argparse
import sys
import tempfile
from pathlib import Path

from archive.verify import Level, verify
from tests.network.harness import FULL, QUICK, Trial, try_all

MIB = 2**20


def main() -> int:
    """Crawl, print what came of it; 1 where a figure is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.network.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short timeouts and few pages, as in the tests")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="network-faults-") as folder:
        return report(try_all(Path(folder), QUICK if arguments.quick else FULL))


def report(trial: Trial) -> int:
    """Print the figures of a trial; 1 where one is missed."""
    captures, ended = _two(trial, "SELECT count(*), count(outcome) FROM captures")
    waiting, told = _two(trial, "SELECT count(*), count(detail) FROM sightings WHERE outcome IS NULL")
    misended = trial.beside.misended(trial.endpoints)
    unsound = [finding for finding in verify(trial.beside.folder).findings if finding.level is not Level.NOTE]
    figures = (
        ("faulty hosts", len(trial.endpoints), len(trial.endpoints) >= 60),
        ("that did not end as they have to", len(misended), not misended),
        ("captures, of these with an outcome", f"{captures}, {ended}", captures == ended),
        ("open sightings, of these with a reason", f"{waiting}, {told}", waiting == told),
        ("memory added by the faults", f"{trial.growth / MIB:.0f} MB", trial.growth < 150 * MIB),
        ("pace that healthy hosts keep", f"{trial.kept_pace:.0%}", trial.kept_pace >= 0.8),
        ("findings of archive verify", len(unsound), not unsound),
    )
    for name, value, kept in figures:
        sys.stdout.write(f"{name:40} {value!s:>12}{'' if kept else '   missed'}\n")
    for name, problem in misended.items():
        sys.stdout.write(f"  {name}: {problem}\n")
    return 0 if all(kept for _, _, kept in figures) else 1


def _two(trial: Trial, sql: str) -> tuple[int, int]:
    ((first, second),) = trial.beside.rows(sql)
    return first, second


if __name__ == "__main__":
    sys.exit(main())

"""What the project's own commands say of the archive in the end: verified, made anew, and asked once more."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from archive.coverage import COUNTS
from archive.dump import dump
from benchmarks.simulation.findings import Findings
from benchmarks.simulation.runs import ROOT, Crawls
from crawler.exit_codes import NOTHING_DUE


def judge(crawls: Crawls, found: Findings) -> None:
    """The last word: nothing more is to be done, the ledger adds up, the files are whole, the database follows."""
    _again(crawls, found)
    with closing(sqlite3.connect(f"file:{crawls.folder / 'archive.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        _ledger(connection, found)
    _verify(crawls, found)
    _rebuild(crawls, found)


def _again(crawls: Crawls, found: Findings) -> None:
    """The last run once more, at the moment when it ended: nothing is due, nothing is asked for."""
    last = crawls.ended[-1]
    again = crawls.run(last.at + timedelta(seconds=last.seconds + 1))
    crawls.ended.pop()
    found.count("requests of the last run made again", len(again.asked))
    if again.exit_code != NOTHING_DUE or again.asked:
        what = ", ".join(asked.url for asked in again.asked[:5])
        text = f"the last run made again ended with {again.exit_code} and asked for {len(again.asked)}: {what}"
        found.problem("again", text, again.at)


def _ledger(connection: sqlite3.Connection, found: Findings) -> None:
    """Each row adds up; all rows of a publisher have each of its addresses once; what came, came."""
    for row in connection.execute("SELECT * FROM coverage"):
        if row["announced"] != sum(row[name] for name in COUNTS):
            place = f"{row['publisher']}, {row['source']}, {row['day']}"
            found.problem("ledger", f"{place}: {row['announced']} announced, and the outcomes are others")
    told = connection.execute(
        "SELECT publisher, sum(announced) - sum(known) AS announced, sum(fetched) AS fetched FROM coverage GROUP BY 1"
    ).fetchall()
    found.count("addresses in the ledger", sum(row["announced"] for row in told))
    for row in told:
        sighted, came = connection.execute(
            "SELECT count(DISTINCT sightings.url), count(DISTINCT captures.url) FROM sightings LEFT JOIN captures"
            " ON captures.url = sightings.url AND captures.kind = 'page' AND captures.status IS NOT NULL"
            " WHERE sightings.publisher = ?",
            [row["publisher"]],
        ).fetchone()
        if (row["announced"], row["fetched"]) != (sighted, came):
            text = f"{row['publisher']}: {row['announced']} announced and {row['fetched']} fetched by the ledger"
            found.problem("ledger", f"{text}, {sighted} and {came} by sightings and captures")


def _verify(crawls: Crawls, found: Findings) -> None:
    archive = str(Path(sys.executable).with_name("archive"))
    _done([archive, "verify", "--archive", str(crawls.folder)], crawls, "verify", found)


def _rebuild(crawls: Crawls, found: Findings) -> None:
    """A copy without its database is made anew from the WARC files, the same in every row."""
    copy = crawls.folder.with_name(f"{crawls.folder.name}-rebuilt")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(crawls.folder, copy)
    before = _dumped(copy)
    try:
        command = [sys.executable, "-m", "scrapy", "rebuild"]
        if not _done(command, crawls, "rebuild", found, DATELINE_ARCHIVE=str(copy)):
            return
        for old, new in zip(before, _dumped(copy), strict=False):
            if old != new:
                found.problem("rebuild", f"a row differs: {old[:300]} … {new[:300]}")
                return
        found.count("rows rebuilt", len(before))
    finally:
        shutil.rmtree(copy)


def _done(command: list[str], crawls: Crawls, check: str, found: Findings, **more: str) -> bool:
    environment = crawls.environment(crawls.ended[-1].at + timedelta(hours=1)) | more
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        words = (ended.stdout + ended.stderr).strip()[-600:]
        found.problem(check, f"{' '.join(command[1:])} ended with {ended.returncode}: {words}")
    return ended.returncode == 0


def _dumped(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return list(dump(connection))

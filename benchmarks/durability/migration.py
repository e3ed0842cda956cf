"""An archive of the first schema, brought up to date, and killed before each statement of that.

The old archive is made by the first schema step itself, which is never edited, with rows of every table and files
without a journal, as the first version left them.
"""

import os
import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlite_utils import Database

from archive.dump import dump
from archive.errors import SchemaTooNew
from archive.journal import is_entry
from archive.migrations import schema
from archive.records import read_records
from archive.store import Archive
from archive.verify import verify
from benchmarks.durability.harness import Result, scratch
from benchmarks.durability.kills import forked
from benchmarks.durability.power import write_out
from benchmarks.durability.workload import Tell, work

_TABLES = ("publishers", "runs", "sources", "captures", "sightings", "articles", "versions", "mentions")


def run(count: int) -> Result:
    """Kill at `count` statements, spread evenly; at each where there are no more."""
    result = Result(name="migration", about="an archive of the first schema, killed while it is migrated")
    with scratch() as place:
        first_version(place / "old")
        old = {str(p.relative_to(place / "old")): p.read_bytes() for p in (place / "old").rglob("*") if p.is_file()}
        write_out(old, place / "whole")
        statements = _count(place / "whole")
        expected = _rows(place / "whole")
        step = max(1, statements // count)
        for number in range(0, statements, step):
            folder = place / str(number)
            write_out(old, folder)
            status, _ = forked(partial(_open_killed, folder, number))
            result.count += 1
            wrong = [] if os.WIFSIGNALED(status) else [f"not killed: {status}"]
            result.problems += [f"statement {number}: {problem}" for problem in wrong + _compared(folder, expected)]
        result.figures = {"statements": statements, "rows": len(expected), "newer": "refused"}
        result.problems += _newer(place / "whole")
    return result


def first_version(folder: Path) -> None:
    """Make the archive that the first version would have left, with all its rows and files."""
    work(folder, lambda _: None)
    (folder / "archive.db").rename(folder / "new.db")
    with closing(sqlite3.connect(folder / "archive.db")) as old:
        schema.apply(Database(old), stop_before="m002_journal")
        old.execute("ATTACH ? AS new", [str(folder / "new.db")])
        for table in _TABLES:
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info([{table}])"))
            old.execute(f"INSERT OR IGNORE INTO main.[{table}] ({columns}) SELECT {columns} FROM new.[{table}]")
        old.execute("INSERT INTO main.about SELECT * FROM new.about WHERE key <> 'journal'")
        old.commit()
        for index in (folder / "warc").glob("*.cdxj"):
            index.unlink()
        for path in (folder / "warc").iterdir():
            for before, now in _without_journal(path).items():
                place = [now, f"warc/{path.name}", before]
                old.execute("UPDATE captures SET offset = ? WHERE file = ? AND offset = ?", place)
        old.commit()
    (folder / "new.db").unlink()


def _without_journal(path: Path) -> dict[int, int]:
    """Cut the entries out of a file. Returns where each record was and is."""
    path.chmod(0o644)
    whole, kept, places = path.read_bytes(), b"", dict[int, int]()
    for record in read_records(path):
        if not is_entry(record):
            places[record.offset] = len(kept)
            kept += whole[record.offset : record.offset + record.length]
    path.write_bytes(kept)
    return places


def _connect(counted: Any, real: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = real(*args, **kwargs)
    connection.set_trace_callback(counted)
    return connection


def _count(folder: Path) -> int:
    """Open the archive and count the statements that this takes."""
    seen: list[str] = []
    with patch.object(sqlite3, "connect", partial(_connect, seen.append, sqlite3.connect)):
        Archive.open(folder).close()
    return len(seen)


def _open_killed(folder: Path, at: int, _: Tell) -> None:
    """Open the archive, and die before the statement with that number."""
    left = at

    def count(_statement: str) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    with patch.object(sqlite3, "connect", partial(_connect, count, sqlite3.connect)):
        Archive.open(folder).close()


def _rows(folder: Path) -> list[str]:
    """Every row but those of the journal and its files: they depend on how often the archive was opened."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        lines = list(dump(connection))
    return [line for line in lines if not line.startswith('["files", ') and '"key": "journal"' not in line]


def _compared(folder: Path, expected: list[str]) -> list[str]:
    try:
        Archive.open(folder).close()
        found = _rows(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, the archive does not open
        return [f"does not open: {type(error).__name__}: {error}"]
    wrong = [finding.problem for finding in verify(folder).findings]
    wrong += [] if found == expected else [f"{len(set(found) ^ set(expected))} rows are not those of an unkilled one"]
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        wrong += [line for (line,) in connection.execute("PRAGMA integrity_check") if line != "ok"]
        wrong += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
    return wrong


def _newer(folder: Path) -> list[str]:
    """A database that knows a step which this program does not is refused and not touched."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "SELECT migration_set, 'm999_later', applied_at FROM _sqlite_migrations LIMIT 1"
        )
    before = _rows(folder)
    try:
        Archive.open(folder).close()
    except SchemaTooNew as error:
        touched = _rows(folder) != before
        return [] if "m999_later" in str(error) and not touched else [f"refused otherwise: {error}"]
    return ["an archive of a newer version was opened"]

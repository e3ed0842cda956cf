"""A shard: an archive of its own, one worker's, whose rows and files are to join another's."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import folder as layout
from archive.errors import ArchiveError, ArchiveNotFound, RecordError
from archive.folder import IMPORTED, MERGED, WARC
from archive.journal import is_entry, position
from archive.records import read_records
from archive.store import Archive

Row = dict[str, Any]

_MOST_SHOWN = 1000
_CACHE_KB = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """Two archives say different things. `kind`: shard, file, publisher, article, watch or capture; `kept` tells which
    of the two stands."""

    kind: str
    name: str
    shard: Path
    problem: str
    kept: str


@dataclass(kw_only=True, slots=True)
class Conflicts:
    """Those found so far: the first thousand, and how many there are."""

    count: int = 0
    shown: list[Conflict] = field(default_factory=list)

    def add(self, kind: str, name: str, shard: Path, problem: str, kept: str) -> None:
        """Report one."""
        self.count += 1
        if len(self.shown) < _MOST_SHOWN:
            self.shown.append(Conflict(kind=kind, name=name, shard=shard, problem=problem, kept=kept))


class Shard:
    """An open shard. `name` names it for ever; it is empty in an archive that nothing was written to.

    `runs` is filled on the way: its runs' ids in the merged archive.
    """

    def __init__(self, archive: Archive) -> None:
        self.folder = archive.folder
        self.db = Database(archive.connection, execute_plugins=False)
        self.demonstration = archive.demonstration
        self.sequence, self.head = position(self.db)
        self.name = name_of(self.db, self.folder)
        self.runs: dict[int, int] = {}

    def size(self) -> int:
        """How many rows it has that are to be looked at."""
        return sum(self.db.table(table).count for table in ("captures", "sightings", "polls", "articles"))

    def rows(self, sql: str, *values: Any) -> Iterator[Row]:
        """The rows that a query gives, one at a time."""
        cursor = self.db.conn.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)


def place(file: str) -> str:
    """Where a shard's file is in the merged archive: `warc/x.warc.gz` → `merged/x.warc.gz`; imports keep their name."""
    part, _, name = file.partition("/")
    return f"{IMPORTED if part == IMPORTED else MERGED}/{name}"


def open_shards(stack: ExitStack, folders: Sequence[Path], *, into: Path, software: str) -> list[Shard]:
    """Open and lock shards, mending what a killed worker left; in an order that does not hang on that of `folders`.

    Raises ArchiveNotFound, ArchiveLocked, and ArchiveError where a shard is the archive itself or given twice.
    """
    found: list[tuple[str, Shard]] = []
    for folder in folders:
        if not (folder / layout.DATABASE).is_file():
            raise ArchiveNotFound(
                f"there is no archive in {folder}; where only its database is lost, `scrapy rebuild` makes it"
            )
        if folder.resolve() == into.resolve():
            raise ArchiveError(f"{folder} cannot be merged into itself; name another folder with --into")
        archive = stack.enter_context(Archive.open(folder, software=software))
        archive.connection.execute(
            f"PRAGMA cache_size = {-_CACHE_KB}"
        )  # it is read through once, and there may be many
        begun = archive.connection.execute("SELECT value FROM about WHERE key = 'created_at'").fetchone()
        found.append((begun[0] if begun else "", Shard(archive)))
    found.sort(key=lambda item: (item[0], item[1].name))
    return [shard for _, shard in found if shard.name]


def in_step(streams: Sequence[Iterable[Row]], at: str) -> Iterator[tuple[int, Row]]:
    """The rows of several streams, each with its stream's number, by the time in the column `at`.

    Each stream keeps its order, for the order of its ids is that of its journal: a row counts as late as the latest
    before it.
    """

    def timed(number: int, rows: Iterable[Row]) -> Iterator[tuple[str, int, Row]]:
        latest = ""
        for row in rows:
            latest = max(latest, row[at] or "")
            yield latest, number, row

    merged = heapq.merge(*(timed(*item) for item in enumerate(streams)), key=lambda item: item[:2])
    return ((number, row) for _, number, row in merged)


_FIRST = f"""
SELECT file FROM files WHERE first_sequence NOT NULL AND file LIKE '{WARC}/%' AND replaced_by IS NULL
ORDER BY first_sequence LIMIT 1
"""  # noqa: S608 - a constant


def name_of(db: Database, folder: Path) -> str:
    """What names an archive for ever: the id of the record with its journal's first entry; empty before there is one.

    Not the entry's digest: two workers that were started in the same second begin with the same words.
    """
    found = db.execute(_FIRST).fetchone()
    if found is None:
        return ""
    try:
        return next(record.record_id for record in read_records(folder / found[0]) if is_entry(record))
    except (StopIteration, RecordError) as error:
        problem = f"{folder}: the first entry of its journal cannot be read ({error}); run `archive verify`"
        raise ArchiveError(problem) from error

"""Whether an archive is what was written into it: every file, record, digest and row, and how they hang together.

The files prove each other: a record holds the digest of its block, each journal entry that of the entry before it, and
the first entry behind a finished file that file's SHA-256. The rows are proved by making them again from the journal
in a scratch database and comparing each. What cannot be proved: a forger who can write the archive's folder can write
all of it anew. Keep `archive verify --json`'s last journal digest somewhere else to be safe from that, too.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, nullcontext
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import cdxj, dump, fixity, stored
from archive.errors import ArchiveError, ArchiveNotFound
from archive.finding import Finding, Level
from archive.folder import DATABASE, IMPORTED, MERGED, OURS, WARC, connect, is_locked
from archive.journal import position
from archive.proof import Proof
from archive.recovery import REPAIRED, TEXT_SUFFIX, in_order
from archive.warc import SealedFile

__all__ = ["Advance", "Finding", "Level", "Report", "size", "verify"]

Advance = Callable[[int], object]  # called with the number of bytes that were just read


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All findings, and what was looked at. `sequence` and `head` are number and digest of the last journal entry."""

    findings: tuple[Finding, ...]
    files: int
    records: int
    rows: int
    sequence: int
    head: str

    @property
    def worst(self) -> Level | None:
        """The worst level among the findings."""
        levels = {finding.level for finding in self.findings}
        return next((level for level in reversed(Level) if level in levels), None)


def size(folder: Path) -> int:
    """How many bytes `verify` will read."""
    return sum(stored.noted_size(path) for path in _files(folder))


def verify(folder: Path, *, quick: bool = False, workers: int = 1, advance: Advance = lambda _bytes: None) -> Report:
    """Look at all of an archive, or with `quick` only at sizes, names and the order of the journal's files.

    Files are read by `workers` processes; the journal is followed in this one. Safe while the archive is written: what
    comes after the beginning is not looked at. Raises ArchiveNotFound, and ArchiveError where a worker was killed.
    """
    return _Verification(folder, workers, advance).run(quick=quick)


class _Verification:
    def __init__(self, folder: Path, workers: int, advance: Advance) -> None:
        self.folder = folder
        self.workers = workers
        self.advance = advance
        self.findings: list[Finding] = []
        self.files = self.records = self.rows = 0
        self.sequence, self.head = 0, ""

    def run(self, *, quick: bool) -> Report:
        if not (self.folder / WARC).is_dir():
            raise ArchiveNotFound(f"there is no archive in {self.folder}; name a folder with --archive")
        is_written = is_locked(self.folder)
        connection = self._database()
        with closing(connection) if connection else nullcontext():
            rows = _file_rows(connection)
            self._sizes(rows, is_written=is_written)
            if connection:
                self._integrity(connection, quick=quick)
                self.sequence, self.head = position(Database(connection))
            if not quick:
                self._contents(rows, connection, is_written=is_written)
        return Report(
            findings=tuple(self.findings), files=self.files, records=self.records, rows=self.rows,
            sequence=self.sequence, head=self.head,
        )  # fmt: skip

    def add(self, level: Level, place: object, problem: str) -> None:
        self.findings.append(Finding(level=level, place=str(place), problem=problem))

    # The database

    def _database(self) -> sqlite3.Connection | None:
        """A connection that sees one state throughout, or None."""
        try:
            connection = connect(self.folder, write=False)
            connection.row_factory = None
            connection.execute("BEGIN")
            connection.execute("SELECT file, chained, problem FROM files LIMIT 1").fetchall()
            position(Database(connection))
        except (ArchiveError, sqlite3.Error, ValueError) as error:
            self.add(Level.INDEX, self.folder / DATABASE, f"cannot be read: {error}; rebuild it from the files")
            return None
        return connection

    def _integrity(self, connection: sqlite3.Connection, *, quick: bool) -> None:
        try:
            for (line,) in connection.execute(f"PRAGMA {'quick' if quick else 'integrity'}_check"):
                if line != "ok":
                    self.add(Level.INDEX, self.folder / DATABASE, f"damaged: {line}")
        except sqlite3.DatabaseError as error:
            self.add(Level.INDEX, self.folder / DATABASE, f"damaged: {error}")

    # Files

    def _sizes(self, rows: dict[str, dict[str, Any]], *, is_written: bool) -> None:
        found = {f"{path.parent.name}/{path.name}": path for path in _files(self.folder)}
        self.files = len(found)
        for name, row in rows.items():
            path = found.get(name)
            if row["replaced_by"]:
                count = row["lost"]
                lost = f"; {count} capture{'s in it are' if count > 1 else ' in it is'} lost" if count else ""
                problem = f"was damaged; {row['replaced_by']} holds what was saved of it{lost}"
                self.add(Level.NOTE, self.folder / name, problem)
            elif path is None:
                self.add(Level.EVIDENCE, self.folder / name, "missing: its records are lost unless a copy is put back")
            else:
                self._size(path, row["size"])
        for name, path in found.items():
            if path.suffix == ".open" and not is_written:
                self.add(Level.NOTE, path, "left by a run that was killed; the next opening mends and seals it")
            elif path.suffix != ".open" and name not in rows:
                by_whom = "a merge that was killed left it: merge its shard again"
                problem = by_whom if path.parent.name == MERGED else "no row says that this archive wrote it"
                self.add(Level.NOTE if not rows else Level.INDEX, path, problem)
        self._order(rows)

    def _size(self, path: Path, written: int) -> None:
        try:
            found = stored.size(path)
        except OSError as error:
            self.add(Level.EVIDENCE, path, f"cannot be read in the bucket: {error.strerror} ({error.filename})")
            return
        if found != written:
            self.add(Level.EVIDENCE, path, f"{found} bytes, {written} were written: cut or added to")

    def _order(self, rows: dict[str, dict[str, Any]]) -> None:
        """The journal's files follow each other without a gap."""
        spans = sorted(
            (first, last, name)
            for name, row in rows.items()
            if REPAIRED not in name  # its entries are those of the damaged one
            and isinstance(first := row["first_sequence"], int)
            and isinstance(last := row["last_sequence"], int)
        )
        expected = 1
        for first, last, name in spans:
            if first != expected:
                self.add(Level.EVIDENCE, self.folder / name, f"begins with journal entry {first}, not {expected}")
            expected = last + 1

    def _contents(
        self, rows: dict[str, dict[str, Any]], connection: sqlite3.Connection | None, *, is_written: bool
    ) -> None:
        """Read every file once: its records for themselves, its part of the journal behind that of the file before."""
        in_files, base = _in_order(self.folder)
        sealed: dict[str, SealedFile] = {}
        with Proof(self.folder, last=self.sequence if connection else None, base=base) as proof:
            for path, checked in self._checked(in_files):
                name = f"{path.parent.name}/{path.name.removesuffix('.open')}"
                self._file(path, name, checked, rows, connection)
                proof.hear(name, checked.conversions)
                if path.parent.name == WARC:  # the entries of a merged file are those of another journal
                    proof.follow(checked.entries)
                if path.parent.name == WARC and path.suffix != ".open" and not checked.problems:
                    sealed[f"{WARC}/{path.name}"] = fixity.sealed_file(path, checked)
                self.advance(stored.noted_size(path))
            if connection is None:
                self.sequence, self.head = proof.position
            else:
                self.rows = proof.compare(connection, (self.sequence, self.head), sealed)
            self.findings += proof.findings
        if proof.behind and not is_written:
            self.add(
                Level.NOTE, self.folder / DATABASE,
                f"{proof.behind} commits behind the files; the next opening adds them",
            )  # fmt: skip
        for problem in fixity.search_index(connection) if connection else ():
            self.add(Level.INDEX, self.folder / DATABASE, problem)

    def _checked(self, paths: list[Path]) -> Iterator[tuple[Path, fixity.Checked]]:
        """What is in each file, in the order of `paths`; a few are read ahead."""
        if self.workers == 1:
            yield from ((path, fixity.check_file(path, is_ours=path.parent.name in OURS)) for path in paths)
            return
        waiting: deque[tuple[Path, Future[fixity.Checked]]] = deque()
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            try:
                for ahead in paths:
                    waiting.append((ahead, pool.submit(fixity.check_file, ahead, is_ours=ahead.parent.name in OURS)))
                    if len(waiting) > self.workers:
                        path, checked = waiting.popleft()
                        yield path, checked.result()
                while waiting:
                    path, checked = waiting.popleft()
                    yield path, checked.result()
            except BrokenProcessPool as error:
                raise ArchiveError(
                    f"a process that read files of {self.folder} was killed; try again with fewer --workers"
                ) from error

    def _file(
        self,
        path: Path,
        name: str,
        checked: fixity.Checked,
        rows: dict[str, dict[str, Any]],
        connection: sqlite3.Connection | None,
    ) -> None:
        if path.suffix != ".open" and (row := rows.get(name)) and checked.sha256 not in {"", row["sha256"]}:
            self.add(
                Level.EVIDENCE, path,
                f"changed since it was sealed: its SHA-256 is {checked.sha256}, {row['sha256']} was noted then",
            )  # fmt: skip
        for problem in checked.problems:
            self.add(Level.EVIDENCE, path, problem)
        self.records += checked.records
        if connection:
            for problem in fixity.compare(connection, name, checked):
                self.add(Level.INDEX, path, problem)
        self._index(path, checked.index)

    def _index(self, path: Path, lines: list[str]) -> None:
        """The index beside a finished file can be made from it at any time: whatever is wrong with it is but a note."""
        beside = cdxj.path_for(path)
        if path.parent.name not in OURS or path.suffix == ".open" or path.name.endswith(TEXT_SUFFIX):
            return
        if not beside.exists():
            self.add(Level.NOTE, beside, "missing; the next opening of the archive makes it")
        elif beside.read_bytes() != cdxj.content(lines).encode():
            self.add(Level.NOTE, beside, "is not what its records say; delete it, and the next opening makes it anew")


def _files(folder: Path) -> list[Path]:
    """Every WARC file of the archive, those being written and those in a bucket included."""
    growing = chain.from_iterable((folder / part).glob("*.warc*.open") for part in (*OURS, IMPORTED))
    kinds = ((part, kind) for part in (*OURS, IMPORTED) for kind in ("*.warc.gz", "*.warc"))
    return sorted({*growing, *chain.from_iterable(stored.finished(folder / part, kind) for part, kind in kinds)})


def _file_rows(connection: sqlite3.Connection | None) -> dict[str, dict[str, Any]]:
    """The rows of `files` by name, each with the number of captures that were still in it when it was replaced."""
    if connection is None:
        return {}
    sql = (
        "SELECT file, count(*) FROM captures WHERE file IN (SELECT file FROM files WHERE replaced_by <> '') GROUP BY 1"
    )
    lost = dict(connection.execute(sql).fetchall())
    return {str(row["file"]): {**row, "lost": lost.get(row["file"], 0)} for row in dump.rows(connection, "files")}


def _in_order(folder: Path) -> tuple[list[Path], int]:
    """All files, those with journal entries last and in the order of these, and the entry that the journal begins with.

    A file that is damaged before its first entry is among the others: its records are looked at all the same.
    """
    files = _files(folder)
    pages = [path for path in files if path.parent.name == WARC and TEXT_SUFFIX not in path.name]
    in_files, base = in_order(pages, pass_over=True)
    return [*(path for path in files if path not in in_files), *in_files], base

"""Foreign WARC files in the archive: which of their records are captures of ours, and how far each file was read.

An import notes its place in the same commit as the captures it added. Killed at any moment it goes on there: nothing is
added twice and nothing left out; a file that was read to its end is known by its hash and not read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import imported
from archive.captures import to_capture
from archive.folder import IMPORTED
from archive.journal import Journal, Keeper
from archive.model import Capture

EVERYTHING = "all"  # the selection of an import that takes every response


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a file was imported. `position` is where the next record begins, in bytes; the counts are of records.

    `selection` says which responses were wanted, in the importer's own words. `name` is what the file was called.
    """

    file: str
    selection: str
    name: str | None = None
    position: int = 0
    records: int = 0  # looked at, of whatever kind
    responses: int = 0  # among them, wanted or not
    captures: int = 0  # that became captures, or were
    damages: int = 0
    finished_at: str | None = None


class Imports(Keeper):
    """The imports of an open archive; every change goes through its journal."""

    def __init__(self, db: Database, folder: Path, journal: Journal | None) -> None:
        super().__init__(db, journal)
        self._folder = folder

    def sizes(self) -> dict[str, int]:
        """The sizes of the files that were imported, by their names."""
        return dict(self._db.execute("SELECT file, size FROM files WHERE file LIKE ?", [f"{IMPORTED}/%"]).fetchall())

    def adopt_files(self, path: Path | str) -> list[str]:
        """Copy a WARC, or every WARC of a WACZ, below `imported/`. Returns their names in the archive."""
        names = imported.adopt_files(self._folder, Path(path))
        self.note_files(names)
        return names

    def note_files(self, names: Sequence[str]) -> None:
        """Add the rows of files that were copied and are named by their hash: `imported/<sha256>.warc.gz`."""
        with self.journal.change():
            for name in dict.fromkeys(names):
                if not self._db.execute("SELECT 1 FROM files WHERE file = ?", [name]).fetchone():
                    self.journal.note({"insert": "files", "row": imported.file_row(self._folder, name)})

    def progress(self, file: str, selection: str) -> Progress:
        """How far a file was imported by a selection; one that took everything stands for all."""
        sql = "SELECT * FROM imports WHERE file = ? AND (selection = ? OR (selection = ? AND finished_at NOT NULL))"
        rows = list(self._db.query(f"{sql} ORDER BY finished_at IS NULL", [file, selection, EVERYTHING]))
        for row in rows[:1]:
            return Progress(**{name: row[name] for name in Progress.__slots__})
        return Progress(file=file, selection=selection)

    def add(self, progress: Progress, rows: Sequence[Mapping[str, Any]], run_id: int | None = None) -> list[Capture]:
        """Add captures that point at records of one file, and note how far it was read, whole or not at all.

        `rows` are those of `archive.captures.record_row`, in the order of the file. Returns the captures that are new.
        """
        known: set[int] = set()
        if rows:
            sql = "SELECT offset FROM captures WHERE file = ? AND offset BETWEEN ? AND ?"
            span = [progress.file, rows[0]["offset"], rows[-1]["offset"]]
            known = {offset for (offset,) in self._db.execute(sql, span)}
        added: list[Capture] = []
        with self.journal.change():
            for name in dict.fromkeys(row["publisher"] for row in rows):
                self.journal.add_publisher(name)
            for row in rows:
                if row["offset"] not in known:
                    capture_id = self.journal.note({"insert": "captures", "row": dict(row)})
                    added.append(to_capture({**row, "id": capture_id}))
            event_row = {**asdict(progress), "run_id": run_id}
            self.journal.note({"upsert": "imports", "key": ["file", "selection"], "row": event_row})
        return added

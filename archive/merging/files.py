"""The files of shards in the merged archive: hard links, or copies where the disk is another, never other bytes."""

import hashlib
import os
import shutil
from pathlib import Path

from archive import cdxj, stored
from archive.errors import ArchiveError
from archive.folder import sync_folder
from archive.journal import Journal
from archive.merging.shards import Conflicts, Row, Shard, place

_PIECE = 1 << 20


class Files:
    """Brings the files of shards; the rows of a shard whose file is not that of the same name here stay out."""

    def __init__(self, journal: Journal, conflicts: Conflicts) -> None:
        self._journal = journal
        self._folder = journal.folder
        self._conflicts = conflicts

    def take(self, shard: Shard) -> bool:
        """Link or copy all files of a shard that are not here yet. False where one of them is here with other bytes."""
        rows = list(shard.rows("SELECT * FROM files ORDER BY file"))
        # what was damaged there after it was brought here is whole here
        whole = {row["replaced_by"] for row in rows if row["replaced_by"] and self._has(row["file"])}
        rows = [row for row in rows if row["file"] not in whole]
        others = [row for row in rows if not self._is_same(shard, row)]
        if others:
            return False
        for folder in {folder for row in rows if (folder := self._bring(shard, row)) is not None}:
            sync_folder(folder)
        for begin in range(0, len(rows), 200):
            with self._journal.change():
                for row in rows[begin : begin + 200]:
                    self._note(row)
        return True

    def _is_same(self, shard: Shard, row: Row) -> bool:
        name = place(row["file"])
        known = self._known(name)
        if known is not None and known != row["sha256"]:
            problem = f"its SHA-256 is {row['sha256']} there and {known} here"
            self._conflicts.add("file", name, shard.folder, problem, "here; the shard was left out")
            return False
        return True

    def _has(self, file: str) -> bool:
        return self._known(place(file)) is not None and stored.exists(self._folder / place(file))

    def _known(self, name: str) -> str | None:
        found = self._journal.db.execute("SELECT sha256 FROM files WHERE file = ?", [name]).fetchone()
        return str(found[0]) if found else None

    def _is_repaired(self, name: str) -> bool:
        """Whether it was damaged here, and another file holds what was saved of it."""
        sql = "SELECT 1 FROM files WHERE file = ? AND replaced_by <> ''"
        return self._journal.db.execute(sql, [name]).fetchone() is not None

    def _bring(self, shard: Shard, row: Row) -> Path | None:
        """Returns the folder in which a name was added, if one was. What is nowhere is missing."""
        source, target = shard.folder / row["file"], self._folder / place(row["file"])
        if row["replaced_by"] or not stored.exists(source) or self._is_repaired(place(row["file"])):
            return None
        if stored.is_remote(target):
            return None
        if target.exists() and target.stat().st_size == row["size"] and self._is_whole(target, row):
            return None
        try:
            if stored.noted_size(source) != row["size"]:
                raise ArchiveError(f"{source} is not the file that was written; run `archive repair` on {shard.folder}")
            _bring(source, target, row["sha256"])
            index = cdxj.path_for(source)
            if index.exists():  # a copy: it is made anew where it is lost, in place
                shutil.copyfile(index, cdxj.path_for(target))
        except OSError as error:
            raise ArchiveError(
                f"cannot bring {source} to {target}: {error.strerror}; free space, then merge again"
            ) from error
        return target.parent

    def _is_whole(self, target: Path, row: Row) -> bool:
        """A file that a row speaks of was brought whole; another may be a stranger."""
        return self._known(place(row["file"])) is not None or _sha256(target) == row["sha256"]

    def _note(self, row: Row) -> None:
        name = place(row["file"])
        replaced_by = place(row["replaced_by"]) if row["replaced_by"] else None
        if self._known(name) is None:
            # the entry that this goes into; an imported file is named by its hash
            chained = self._journal.sequence + 1 if row["records"] is not None else None
            new = {**row, "file": name, "first_sequence": None, "last_sequence": None, "chained": chained}
            new |= {"problem": None, "replaced_by": replaced_by}
            self._journal.note({"insert": "files", "row": new})


def _bring(source: Path, target: Path, sha256: str) -> None:
    """Link or copy a file; of one that is in a bucket only the note comes, and both archives read it there."""
    note = stored.note_of(source) if stored.is_remote(source) else None
    if note is not None:
        stored.write_note(target, note)
        return
    partial = target.with_name(f"{target.name}.part")
    partial.unlink(missing_ok=True)
    _link_or_copy(source, partial, sha256)
    partial.replace(target)


def _link_or_copy(source: Path, target: Path, sha256: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        content = hashlib.sha256()
        with source.open("rb") as stream, target.open("xb") as copy:
            while piece := stream.read(_PIECE):
                content.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        if content.hexdigest() != sha256:
            target.unlink()
            raise ArchiveError(
                f"{source} is not the file that was written; run `archive repair` on its shard"
            ) from None
        target.chmod(0o444)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

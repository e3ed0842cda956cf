"""Saving what is whole of damaged WARC files.

A damaged file goes to `quarantine/` as it is; its whole records, byte for byte, go into a new file that takes its
place, behind a `warcinfo` record that says so, and the rows that spoke of them follow. Captures whose records are lost
keep their row, which says so. Where journal entries were lost, the database is written into the journal as a whole, so
that it can still be made from the files.

Files of merged shards are repaired like the archive's own; whose shard still has one whole can also take the damaged
one away and merge again. Files in a bucket only are not looked at, for the bucket's own copies are to mend them.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive import cdxj, clock, stored
from archive.errors import ArchiveError, ArchiveNotFound, RecordError
from archive.fixity import wrong_digests
from archive.folder import MERGED, OURS, QUARANTINE, WARC, sync_folder
from archive.journal import Journal, file_row
from archive.members import member, new_record_id, warc_date, warc_fields
from archive.records import read_records
from archive.recovery import REPAIRED, TEXT_SUFFIX, examine_file, index_file
from archive.store import Archive
from archive.warc import seal

LOST = "the record was lost when its file was damaged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """What was saved of one file: `damages` says what was wrong where."""

    file: str
    replaced_by: str
    kept: Path
    saved: int
    lost: int
    damages: tuple[str, ...]


def repair(
    folder: Path,
    *,
    software: str,
    advance: Callable[[int], object] = lambda _bytes: None,
    pass_over: Callable[[str], object] = lambda _said: None,
) -> list[Repaired]:
    """Save what is whole of every damaged file of the archive in `folder`. Returns what was done, file by file.

    `pass_over` hears of each file that is left as it is, because a bucket has its bytes, and what to do about it.
    Raises ArchiveNotFound, ArchiveLocked, and ArchiveError where the disk refuses.
    """
    if not (folder / WARC).is_dir():
        raise ArchiveNotFound(f"there is no archive in {folder}; name its folder with --archive")
    with Archive.open(folder, software=software) as archive:
        return _Repair(archive, software).run(advance, pass_over)


class _Repair:
    def __init__(self, archive: Archive, software: str) -> None:
        self.folder = archive.folder
        self.journal: Journal = archive.journal
        self.db: Database = archive.journal.db
        self.software = software

    def run(self, advance: Callable[[int], object], pass_over: Callable[[str], object]) -> list[Repaired]:
        done = []
        for path in [path for part in OURS for path in stored.finished(self.folder / part)]:
            size, note = stored.noted_size(path), stored.note_of(path)
            if stored.is_remote(path):
                pass_over(f"{path} is in a bucket only and was not looked at; `archive verify` reads it there")
            elif self._is_damaged(path):
                if note is None:
                    done.append(self._repair(path))
                else:
                    pass_over(f"{path} is damaged, {note.url} has it by its note: move it away, and it is read there")
            advance(size)
        if done:  # entries may be among what was lost, and texts that entries speak of
            self.journal.rebase()
        return done

    def _is_damaged(self, path: Path) -> bool:
        row = self._row(path)
        if path.parent.name == MERGED and (row is None or row["replaced_by"]):
            return False  # what a merge that was killed left, and brings again
        try:
            found = examine_file(path).sealed
        except RecordError:
            return True
        return row is not None and (row["size"], row["sha256"]) != (found.size, found.sha256)

    def _row(self, path: Path) -> dict[str, Any] | None:
        return next(self.db.query("SELECT * FROM files WHERE file = ?", [_name(path)]), None)

    def _repair(self, path: Path) -> Repaired:
        unfinished = self._set_unfinished_aside(path)
        damages: list[str] = []
        target = _free_name(path)
        moved = self._save(path, target, damages)
        kept = self.folder / QUARANTINE / path.name
        if kept.exists():
            raise ArchiveError(f"{kept} is in the way; move it elsewhere and start again")
        seal(target.with_name(target.name + ".open"))
        lost = self._follow(path, target, moved, unfinished)
        path.rename(kept)
        cdxj.path_for(path).unlink(missing_ok=True)
        if not target.name.endswith(TEXT_SUFFIX):
            index_file(target)
        sync_folder(kept.parent)
        sync_folder(path.parent)
        return Repaired(
            file=_name(path),
            replaced_by=_name(target),
            kept=kept,
            saved=len(moved),
            lost=lost,
            damages=tuple(damages),
        )

    def _set_unfinished_aside(self, path: Path) -> list[str]:
        """Move what a repair that was killed had written of this file out of the way. Returns the names it had."""
        names = []
        for left in sorted(path.parent.glob(f"{_stem(path)}{REPAIRED}*")):
            if cdxj.SUFFIX in left.suffixes:
                left.unlink()
                continue
            left.rename(self.folder / QUARANTINE / left.name)
            names.append(_name(left))
        return names

    def _save(self, path: Path, target: Path, damages: list[str]) -> dict[int, int]:
        """Write the whole records of `path` to `target`, still `.open`. Returns where each was and is."""
        head = {
            "software": self.software,
            "description": f"the whole records of {path.name}, which was damaged; it is kept in {QUARANTINE}/",
        }
        headers = [
            ("WARC-Record-ID", new_record_id()),
            ("WARC-Date", warc_date(clock.now())),
            ("WARC-Filename", target.name),
        ]
        moved: dict[int, int] = {}
        growing = target.with_name(target.name + ".open")

        def on_damage(error: RecordError) -> None:
            damages.append(str(error))

        try:
            with path.open("rb") as source, growing.open("xb") as copy:
                copy.write(member("warcinfo", headers, "application/warc-fields", warc_fields(head)))
                for record in read_records(path, on_damage=on_damage):
                    if problems := wrong_digests(record):
                        damages.extend(problems)
                        continue
                    source.seek(record.offset)
                    moved[record.offset] = copy.tell()
                    copy.write(source.read(record.length))
                copy.flush()
                os.fsync(copy.fileno())
        except OSError as error:
            raise ArchiveError(f"cannot copy {path} to {growing}: {error.strerror}; free space and retry") from error
        return moved

    def _follow(self, path: Path, target: Path, moved: dict[int, int], unfinished: list[str]) -> int:
        """Let the rows follow their records. Returns how many captures and texts are lost."""
        old, new = _name(path), _name(target)
        sealed = examine_file(target).sealed
        captures = self.db.execute("SELECT id, offset FROM captures WHERE file = ? ORDER BY id", [old]).fetchall()
        sql = "SELECT id, text_offset FROM versions WHERE text_file = ? AND text_offset NOT NULL ORDER BY id"
        texts = self.db.execute(sql, [old]).fetchall()
        note, lost = self.journal.note, 0
        with self.journal.change():
            for capture_id, offset in captures:
                place: dict[str, Any] = {"file": new, "offset": moved.get(offset)}
                place = place if offset in moved else {"error": LOST}
                lost += offset not in moved
                note({"update": "captures", "where": {"id": capture_id}, "set": place})
            for version_id, offset in texts:
                place = {"text_file": new, "text_offset": moved[offset]} if offset in moved else {"text_offset": None}
                lost += offset not in moved
                note({"update": "versions", "where": {"id": version_id}, "set": place})
            for name in (old, *unfinished):
                note({"update": "files", "where": {"file": name}, "set": {"replaced_by": new, "problem": None}})
            if path.parent.name == MERGED:  # the entries in it are those of another journal
                its = {"file": new, "first_sequence": None, "last_sequence": None}
                note({"insert": "files", "row": {**file_row(sealed), **its, "chained": self.journal.sequence + 1}})
        if path.parent.name == WARC:
            self.journal.add_file(sealed)
        return lost


def _name(path: Path) -> str:
    """`merged/x.warc.gz`, as rows name it."""
    return f"{path.parent.name}/{path.name}"


def _stem(path: Path) -> str:
    return path.name.removesuffix(_suffix(path))


def _suffix(path: Path) -> str:
    """Text files stay text files by their name."""
    return TEXT_SUFFIX if path.name.endswith(TEXT_SUFFIX) else ".warc.gz"


def _free_name(path: Path) -> Path:
    """`…-00003.warc.gz` → `…-00003-repaired-1.warc.gz`."""
    taken = {kept.name for part in (*OURS, QUARANTINE) for kept in (path.parents[1] / part).iterdir()}
    names = (f"{_stem(path)}{REPAIRED}{number}{_suffix(path)}" for number in count(1))
    return path.with_name(next(name for name in names if name not in taken))

"""Putting an archive back together after its writer was killed.

A file that still ends in `.open` belongs to a run that did not finish, for its writer's lock is free; so does a sealed
one whose row did not reach the disk. Whole records are kept, what is torn off at the end goes to `quarantine/`. Journal
entries that the database has not are applied once more; captures that reached the WARC and no entry, because they were
never acknowledged, are read back from their records. A file gets its row last, so that a recovery which is killed
itself begins anew.
"""

import hashlib
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from archive import cdxj, imported, stored
from archive.captures import exchanges, index_line, record_row, told_by_record
from archive.errors import ArchiveError, RecordError, refusals_of
from archive.folder import OURS, QUARANTINE, REBUILDING, WARC, sync_folder
from archive.journal import Entry, Journal, entries, is_entry, parse_entry
from archive.records import WarcRecord, read_record, read_records
from archive.warc import SealedFile, seal

TEXT_SUFFIX = "-text.warc.gz"
REPAIRED = "-repaired-"  # in the names of files that hold what was saved of another


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What is in a finished file: its description, and where its exchanges and its journal entries begin."""

    sealed: SealedFile
    exchanges: Sequence[int]
    entries: Sequence[int]


Examine = Callable[[Sequence[Path]], Iterable[Examined]]


def recover(
    db: Database,
    journal: Journal,
    *,
    examine: Examine | None = None,
    advance: Callable[[int], object] = lambda _bytes: None,
) -> None:
    """Bring files and database of an archive that was just locked into step, and note which files are not as they were.

    `examine` reads finished files, in order; `advance` hears of the bytes read. A file that is done gets its row, so
    that a recovery which is killed goes on behind it. Raises ArchiveError where a file with journal entries is missing.
    """
    folder = journal.folder
    known = {name for (name,) in db.execute("SELECT file FROM files WHERE records NOT NULL").fetchall()}
    left = [path for path in sorted((folder / WARC).glob("*.warc.gz.open")) if cut_torn(folder, path)]
    left += [path for path in stored.finished(folder / WARC) if f"{WARC}/{path.name}" not in known]
    sealed = [seal(path) if path.suffix == ".open" else path for path in left]
    texts = [path for path in sealed if path.name.endswith(TEXT_SUFFIX)]
    pages = [path for path in sealed if path not in texts]
    in_files, journal.base = in_order(pages)
    # texts first: entries speak of them
    files = [*texts, *in_files, *(path for path in pages if path not in in_files)]
    orphans: list[tuple[Path, Examined]] = []
    for path, examined in zip(files, (examine or examine_in_turn)(files), strict=True):
        for offset in examined.entries:
            journal.replay(parse_entry(read_record(path, offset)))
        if path in texts or not _without_row(db, path, examined):
            journal.add_file(examined.sealed)
        else:
            orphans.append((path, examined))
        advance(examined.sealed.size)
    for path, examined in orphans:  # what adopts them is a new entry: all others must be there
        _adopt(db, journal, path)
        journal.add_file(examined.sealed)
    _adopt_imported(db, journal)
    for path in (path for part in OURS for path in stored.finished(folder / part)):
        if not path.name.endswith(TEXT_SUFFIX) and not cdxj.path_for(path).exists():
            index_file(path)
    _note_problems(db, folder)
    (folder / REBUILDING).unlink(missing_ok=True)


def examine_in_turn(paths: Sequence[Path]) -> Iterator[Examined]:
    """Examine files one after the other."""
    return map(examine_file, paths)


def examine_file(path: Path) -> Examined:
    """Read a finished file through. Raises RecordError where it is damaged."""
    content, count, sequences, places = hashlib.sha256(), 0, list[int](), array("Q")

    def counted() -> Iterator[WarcRecord]:
        nonlocal count
        for record in read_records(path, content=content):
            count += 1
            if is_entry(record):
                sequences[1:] = [parse_entry(record).sequence]
                places.append(record.offset)
            yield record

    offsets = array("Q", (found.record.offset for found in exchanges(counted())))
    sealed = SealedFile(
        name=path.name,
        size=stored.noted_size(path),
        sha256=content.hexdigest(),
        records=count,
        first_sequence=sequences[0] if sequences else None,
        last_sequence=sequences[-1] if sequences else None,
    )
    return Examined(sealed=sealed, exchanges=offsets, entries=places)


def index_file(path: Path) -> None:
    """Make the index beside a finished file of this archive; damaged records are not in it, and `verify` names them."""
    lines: list[str | None] = []
    with suppress(RecordError):  # the file cannot even be opened
        for found in exchanges(read_records(path, on_damage=lambda _: None)):
            with suppress(RecordError):
                lines.append(index_line(found.record, told_by_record(found)[0]))
    cdxj.write(path, filter(None, lines))


def in_order(paths: Iterable[Path], *, pass_over: bool = False) -> tuple[list[Path], int]:
    """The files that have journal entries, in the order of these, whatever the clock said when they were named.

    And the entry from which on they make a whole database. Raises RecordError where a file is damaged before its first
    entry, unless such files are to be passed over.
    """
    firsts: list[tuple[Entry, Path]] = []
    for path in paths:
        try:
            firsts += [(entry, path) for entry in islice(entries(path), 1)]
        except RecordError:
            if not pass_over:
                raise
    firsts.sort(key=lambda first: first[0].sequence)
    bases = [entry.base for entry, _ in firsts if entry.base]
    return [path for _, path in firsts], bases[-1] if bases else 1


def _without_row(db: Database, path: Path, examined: Examined) -> bool:
    """Whether a file has captures that no row speaks of."""
    known = _known_offsets(db, path)
    return not known.issuperset(examined.exchanges)


def _known_offsets(db: Database, path: Path) -> set[int]:
    return {offset for (offset,) in db.execute("SELECT offset FROM captures WHERE file = ?", [f"{WARC}/{path.name}"])}


def _adopt(db: Database, journal: Journal, path: Path) -> None:
    """Add the captures of a file that have no row."""
    known = _known_offsets(db, path)
    run_id = db.execute("SELECT max(id) FROM runs").fetchone()[0]
    with journal.group():
        for found in exchanges(read_records(path)):
            if found.record.offset not in known and not _is_known(db, found.record.record_id):
                with journal.change():
                    row = record_row(found, f"{WARC}/{path.name}", run_id)
                    journal.add_publisher(row["publisher"])
                    journal.note({"insert": "captures", "row": row})


def _adopt_imported(db: Database, journal: Journal) -> None:
    """Add the rows of files that an import copied and did not come to note."""
    known = {name for (name,) in db.execute("SELECT file FROM files").fetchall()}
    for name in imported.left_behind(journal.folder, known):
        with journal.change():
            journal.note({"insert": "files", "row": imported.file_row(journal.folder, name)})


def _is_known(db: Database, record_id: str) -> bool:
    """Whether a record has a row already: that of a damaged file from which it is just being saved."""
    return db.execute("SELECT 1 FROM captures WHERE record_id = ?", [record_id]).fetchone() is not None


def _note_problems(db: Database, folder: Path) -> None:
    """Say in the row of each file whether it is missing or has another size; only `verify` reads all of it."""
    for name, size, problem in db.execute("SELECT file, size, problem FROM files WHERE replaced_by IS NULL").fetchall():
        path = folder / name
        found = stored.noted_size(path) if stored.exists(path) else None
        now = None if found == size else "missing" if found is None else f"{found} bytes instead of {size}"
        if now != problem:
            with db.conn:
                db.execute("UPDATE files SET problem = ? WHERE file = ?", [now, name])


def cut_torn(folder: Path, path: Path) -> bool:
    """Cut `path` behind its last whole record and keep the tail in quarantine. False when nothing was whole."""
    end = 0
    try:
        for record in read_records(path, max_block=0):
            end = record.offset + record.length
        _sync(path)  # killed before that, its records are read back now and must outlive a power cut
    except RecordError:
        _quarantine_tail(folder, path, end)
    if end == 0:
        path.unlink()
        sync_folder(path.parent)
    return end > 0


def _sync(path: Path) -> None:
    with refusals_of(path), path.open("rb") as stream:
        os.fdatasync(stream.fileno())


def _quarantine_tail(folder: Path, path: Path, end: int) -> None:
    """Copy everything from `end` on to `quarantine/`, sync the copy, then cut the file there."""
    kept = folder / QUARANTINE / f"{path.name.removesuffix('.open')}.{end}.tail"
    try:
        with path.open("r+b") as torn:
            torn.seek(end)
            with kept.open("wb") as copy:
                while piece := torn.read(1 << 20):
                    copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            sync_folder(kept.parent)
            torn.truncate(end)
            os.fsync(torn.fileno())
    except OSError as error:
        raise ArchiveError(
            f"cannot move the torn tail of {path} to {kept}: {error.strerror}; free space and retry"
        ) from error

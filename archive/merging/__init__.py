"""Merging: archives that several machines wrote become one, as if one machine had crawled it all.

A *shard* is an archive of its own: its WARC files, its database, its journal. Its files come into the merged archive's
`merged/`, byte for byte; its journal stays in them, intact, and is not followed there. What the shard's rows say is
noted anew, with ids of the merged archive, in the merged archive's own journal, which also names each shard, by the
record of its first entry, and the last entry that was merged, with its digest (`shards`). So the merged archive is an
archive like any other: it can be verified, rebuilt, crawled into, and be a shard itself.

Every row is told apart by what it is and not by its id, so merging again changes nothing, and a merge that was killed
is done again. Nothing is held in memory that grows with the archive.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from archive import alarms
from archive.agenda import moment
from archive.alarms import Alarm
from archive.articles import now
from archive.errors import ArchiveError
from archive.folder import DATABASE
from archive.merging.articles import Articles
from archive.merging.changes import Judging
from archive.merging.files import Files
from archive.merging.ledger import settle
from archive.merging.rows import Rows
from archive.merging.shards import Conflict, Conflicts, Shard, name_of, open_shards
from archive.store import Archive

# From an index and a table of few rows. When a run ended says nothing of a publisher.
_LATEST = """
SELECT max(at) FROM (SELECT max(captured_at) AS at FROM captures UNION ALL SELECT max(fetched_at) FROM sources)
"""

__all__ = ["Conflict", "Judging", "Merged", "merge"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """What a merge did: how many shards brought something, and what the archive holds now.

    `conflicts` are the first thousand of `conflict_count`; `raised`: alarms that only all shards together show.
    """

    shards: int
    unchanged: int
    counts: dict[str, int]
    conflict_count: int
    conflicts: tuple[Conflict, ...]
    raised: tuple[Alarm, ...] = ()


def merge(
    folders: Sequence[Path],
    into: Path,
    *,
    software: str,
    judging: Judging,
    begin: Callable[[int], object] = lambda _rows: None,
    advance: Callable[[int], object] = lambda _rows: None,
) -> Merged:
    """Merge the archives in `folders` into the one in `into`, which is made where there is none.

    `begin` hears how many rows there are, `advance` of each that was looked at. Raises ArchiveNotFound, ArchiveLocked
    where a shard is being written, and ArchiveError.
    """
    with ExitStack() as stack:
        shards = open_shards(stack, folders, into=into, software=software)
        is_demonstration = any(shard.demonstration for shard in shards)
        archive = stack.enter_context(_open(into, shards, software, demonstration=is_demonstration))
        conflicts = Conflicts()
        new = [shard for shard in shards if not _is_merged(archive, shard)]
        brought = 0
        raised: tuple[Alarm, ...] = ()
        if new:
            files = Files(archive.journal, conflicts)
            # also those that are merged already: what they knew decides what is news of the others
            taken = [shard for shard in shards if _is_own_line(archive, shard, conflicts) and files.take(shard)]
            brought = sum(shard in taken for shard in new)
            begin(sum(shard.size() for shard in taken))
            _merge_rows(archive, taken, judging, conflicts, advance)
            raised = _judge_alarms(archive, judging)
            _note_shards(archive, taken)
        return Merged(
            shards=brought, unchanged=len(folders) - len(new), counts=archive.counts(),
            conflict_count=conflicts.count, conflicts=tuple(conflicts.shown), raised=raised,
        )  # fmt: skip


def _open(into: Path, shards: Sequence[Shard], software: str, *, demonstration: bool) -> Archive:
    for shard in shards:
        if shard.demonstration is not demonstration:
            raise ArchiveError(f"{shard.folder} holds real pages and another shard a demonstration; they do not mix")
    archive = Archive.open(into, software=software, demonstration=demonstration)
    if archive.demonstration is not demonstration and shards:
        archive.close()
        raise ArchiveError(f"{into} is a demonstration and the shards hold real pages; name another folder with --into")
    return archive


def _is_merged(archive: Archive, shard: Shard) -> bool:
    """Whether all of a shard is here, or more: a copy of earlier days brings nothing."""
    sql = "SELECT sequence, head FROM shards WHERE shard = ?"
    known = archive.connection.execute(sql, [shard.name]).fetchone()
    return known is not None and (known[0] > shard.sequence or known == (shard.sequence, shard.head))


def _is_own_line(archive: Archive, shard: Shard, conflicts: Conflicts) -> bool:
    """Whether a shard's journal is what goes on from what was merged of it; a copy that went its own way is not."""
    sql = "SELECT sequence, head FROM shards WHERE shard = ?"
    known = archive.connection.execute(sql, [shard.name]).fetchone()
    if known is not None and known[0] == shard.sequence and known[1] != shard.head:
        problem = f"its journal's entry {shard.sequence} is {shard.head} there, and {known[1]} was merged"
        conflicts.add("shard", shard.name, shard.folder, problem, "here; the shard was left out")
        return False
    if shard.name == name_of(archive.journal.db, archive.folder):
        raise ArchiveError(
            f"{shard.folder} is a copy of the archive {archive.folder / DATABASE}: there is nothing to merge"
        )
    return True


def _merge_rows(
    archive: Archive, shards: Sequence[Shard], judging: Judging, conflicts: Conflicts, advance: Callable[[int], object]
) -> None:
    """In this order every row finds those that it refers to."""
    rows = Rows(archive.journal, shards, conflicts, advance)
    rows.publishers()
    rows.runs()
    rows.captures()
    rows.sightings()
    rows.polls()
    Articles(archive.journal, shards, rows, judging, conflicts).add(advance)
    rows.sources()
    rows.hosts()
    rows.imports()
    rows.watches()
    rows.alarms()
    settle(archive.journal, rows, archive.coverage)


def _judge_alarms(archive: Archive, judging: Judging) -> tuple[Alarm, ...]:
    """Raise and clear alarms by what all shards saw; returns those raised.

    As of the latest that is known, so that the same shards give the same alarms whenever they are merged.
    """
    known = {alarm.id for alarm in alarms.read(archive.connection)}
    latest = archive.connection.execute(_LATEST).fetchone()[0]
    if latest is not None:
        archive.alarms.evaluate(None, moment(latest), retired=judging.retired())
    return tuple(alarm for alarm in alarms.read(archive.connection) if alarm.id not in known)


def _note_shards(archive: Archive, shards: Sequence[Shard]) -> None:
    """Note that all of them is here: a merge that was killed before this is done again."""
    with archive.journal.change():
        for shard in shards:
            if not _is_merged(archive, shard):
                row = {"shard": shard.name, "sequence": shard.sequence, "head": shard.head, "merged_at": now()}
                archive.journal.note({"upsert": "shards", "key": ["shard"], "row": row})

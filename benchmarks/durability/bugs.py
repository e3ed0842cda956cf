"""Bugs planted in the commit protocol: a harness that does not find them proves nothing.

Each bug is a patch of a named function, made while its families of faults run, and the families must complain. The
same families, unpatched, do not.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from archive import folder as layout
from archive import journal, recovery
from archive.errors import ArchiveError
from archive.journal import Journal, Ledger
from archive.warc import WarcWriter
from benchmarks.durability import errors, kills, power, starts
from benchmarks.durability.harness import Result
from crawler.recorder import Recorder

Family = Callable[[int], Result]

FAMILIES: dict[str, Family] = {
    "power": partial(power.run, seed=1),
    "errors": partial(errors.run, seed=1),
    "kills": partial(kills.run, seed=1),
    "repairs": kills.repairs,
    "starts": lambda _: starts.run(1, starts=6),
    "rivals": lambda _: starts.rivals(),
}
_COUNTS = (20, 120, 480, 2000)  # trials, more where fewer found nothing
_ONCE = frozenset(("starts", "rivals"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Bug:
    """What is wrong, the patch that makes it so, and the families that are to find it, likeliest first."""

    about: str
    planted: Callable[[], AbstractContextManager[Any]]
    found_by: tuple[str, ...]


def run(count: int) -> Result:
    """Plant the first `count` bugs, one after the other."""
    result = Result(name="bugs", about="bugs planted in the protocol that the harness finds")
    for bug in BUGS[:count]:
        result.count += 1
        found = caught(bug)
        result.figures[bug.about] = found
        if found is None:
            result.problems.append(f"not found: {bug.about}")
    return result


def caught(bug: Bug) -> str | None:
    """The family that found the bug, after how many trials and by what; None when none did."""
    for count in _COUNTS:
        for name in bug.found_by:
            if name in _ONCE and count != _COUNTS[0]:
                continue
            try:
                with bug.planted():
                    result = FAMILIES[name](count)
            except SystemExit as error:
                return f"{name}: {error}"
            if result.problems:
                return f"{name}, {result.count} trials: {result.problems[0][:150]}"
    return None


class _System:
    """The module `os` with some functions replaced, for one module that uses it."""

    def __init__(self, **replaced: Any) -> None:
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)  # looked up each time: it may be watched


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _system(module: str, **replaced: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch(f"{module}.os", _System(**replaced))


def _replaced(owner: Any, name: str, by: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(owner, name, by)


@contextmanager
def _after_the_commit(is_late: Callable[[WarcWriter], bool]) -> Iterator[None]:
    """Writers for which `is_late` holds write when the rows are committed already."""
    flush, commit, commit_rows = WarcWriter.flush, Journal._commit, Journal._commit_rows
    waiting: list[WarcWriter] = []
    within = [False]

    def flush_later(self: WarcWriter) -> None:
        if within[0] and is_late(self):
            waiting.append(self)
        else:
            flush(self)

    def commit_first(self: Journal, *given: Any) -> None:
        commit_rows(self, *given)
        within[0] = False
        while waiting:
            flush(waiting.pop(0))

    def marked(self: Journal) -> None:
        within[0] = True
        try:
            commit(self)
        finally:
            within[0] = False
            waiting.clear()

    with (
        patch.object(WarcWriter, "flush", flush_later),
        patch.object(Journal, "_commit", marked),
        patch.object(Journal, "_commit_rows", commit_first),
    ):
        yield


@contextmanager
def _synced_after_the_commit() -> Iterator[None]:
    waiting: list[int] = []
    commit_rows = Journal._commit_rows

    def commit_first(self: Journal, *given: Any) -> None:
        commit_rows(self, *given)
        while waiting:
            with suppress(OSError):  # sealed and closed meanwhile
                os.fdatasync(waiting.pop(0))

    with _system("archive.warc", fdatasync=waiting.append)(), patch.object(Journal, "_commit_rows", commit_first):
        yield


@contextmanager
def _answered_before_the_commit() -> Iterator[None]:
    attempt = Recorder._attempt

    def answer_at_once(self: Recorder, call: Any) -> None:
        attempt(self, call)
        call.answer.get_loop().call_soon_threadsafe(call.tell)

    with patch.object(Recorder, "_attempt", answer_at_once):
        yield


@contextmanager
def _connected(change: Callable[[str], str], *pragmas: str) -> Iterator[None]:
    """Each connection that writes changes its statements by `change`, and begins with `pragmas`."""
    real = layout.connect

    class Changed(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            return super().execute(change(sql), *given)

    def connect(folder: Path, *, write: bool) -> sqlite3.Connection:
        with ExitStack() as stack:
            if write:
                made = partial(sqlite3.connect, factory=Changed)
                stack.enter_context(patch("archive.folder.sqlite3.connect", made))
            connection = real(folder, write=write)
        for pragma in pragmas if write else ():
            connection.execute(pragma)
        return connection

    with patch.object(layout, "connect", connect):
        yield


def _unchained(commit: Any, self: Journal) -> None:
    self.head = ""
    commit(self)


def _commit_rows_and_forget(self: Journal, sequence: int, head: str) -> None:
    try:
        journal.set_position(self.db, sequence, head)
        self.db.conn.commit()
    except sqlite3.Error as error:
        raise ArchiveError(str(error)) from error  # without a word that the file is ahead now
    self.sequence, self.head = sequence, head
    self._events.clear()


def _take_back_file_only(self: WarcWriter) -> None:
    if self._fd is not None:
        os.ftruncate(self._fd, self._before.size)


def _flush_keeping_the_mark(real: Any, self: WarcWriter) -> None:
    if self._gathered:
        real(self)


def _cut_off(_: Path, path: Path, end: int) -> None:
    os.truncate(path, end)


def _one_more(real: Any, folder: Path, path: Path, end: int) -> None:
    real(folder, path, min(end + 1, path.stat().st_size))


def _row_first(real: Any, db: Any, journal: Journal, path: Path, offsets: Any) -> None:
    journal.add_file(recovery.examine_file(path).sealed)
    real(db, journal, path, offsets)


def _one_behind(real: Any, db: Any) -> tuple[int, str]:
    sequence, head = real(db)
    return max(0, sequence - 1), head


def _write_once(fd: int, data: Any) -> int:
    os.write(fd, data)
    return len(data)  # whatever the system said


def _gather_at_the_end(real: Any, self: WarcWriter, *members: bytes, **given: Any) -> int:
    real(self, *members, **given)
    return self._written.size  # forgetting what waits


def _method(owner: Any, name: str, by: Any) -> Callable[[], AbstractContextManager[Any]]:
    """`by` gets the real function first."""
    real = getattr(owner, name)

    def changed(*given: Any, **named: Any) -> Any:
        return by(real, *given, **named)

    return _replaced(owner, name, changed)


BUGS = (
    Bug(about="rows committed before the records are written", planted=partial(_after_the_commit, lambda _: True),
        found_by=("kills", "power")),
    Bug(about="the WARC never synced", planted=_system("archive.warc", fdatasync=_nothing), found_by=("power",)),
    Bug(about="rows committed between write and sync", planted=_synced_after_the_commit, found_by=("power",)),
    Bug(about="no lock", planted=_replaced(layout.fcntl, "flock", _nothing), found_by=("starts",)),
    Bug(about="nothing cut off after a failed write", planted=_system("archive.warc", ftruncate=_nothing),
        found_by=("errors",)),
    Bug(about="a repair that adopts no captures", planted=_replaced(recovery, "_adopt", _nothing),
        found_by=("kills", "power")),
    Bug(about="a repair that replays no entries", planted=_replaced(Ledger, "replay", _nothing),
        found_by=("power", "kills")),
    Bug(about="a repair that trusts what was never synced", planted=_replaced(recovery, "_sync", _nothing),
        found_by=("power",)),
    Bug(about="a file's row before its captures", planted=_method(recovery, "_adopt", _row_first),
        found_by=("repairs",)),
    Bug(about="a torn tail cut one byte too late", planted=_method(recovery, "_quarantine_tail", _one_more),
        found_by=("kills", "power")),
    Bug(about="a torn tail deleted", planted=_replaced(recovery, "_quarantine_tail", _cut_off),
        found_by=("kills", "power")),
    Bug(about="entries without the chain", planted=_method(Journal, "_commit", _unchained), found_by=("kills",)),
    Bug(about="a sequence number used twice", planted=_method(journal, "position", _one_behind),
        found_by=("kills", "power")),
    Bug(about="answers before the commit", planted=_answered_before_the_commit, found_by=("power", "errors", "kills")),
    Bug(about="a deferred transaction", planted=partial(_connected, lambda sql: sql.replace(" IMMEDIATE", "")),
        found_by=("rivals",)),
    Bug(about="the database never synced", planted=partial(_connected, str, "PRAGMA synchronous = OFF"),
        found_by=("power",)),
    Bug(about="wrong offsets in a group", planted=_method(WarcWriter, "_gather", _gather_at_the_end),
        found_by=("kills",)),
    Bug(about="texts synced after the entry",
        planted=partial(_after_the_commit, lambda writer: writer._suffix == "-text"), found_by=("power", "kills")),
    Bug(about="goes on after a failed commit", planted=_replaced(Journal, "_commit_rows", _commit_rows_and_forget),
        found_by=("errors",)),
    Bug(about="a short write taken for a whole one", planted=_system("archive.warc", write=_write_once),
        found_by=("kills", "errors")),
    Bug(about="bytes taken back in the file and not in the count",
        planted=_replaced(WarcWriter, "take_back", _take_back_file_only), found_by=("errors",)),
    Bug(about="taking back the flush before", planted=_method(WarcWriter, "flush", _flush_keeping_the_mark),
        found_by=("errors",)),
    Bug(about="the records of a refused change kept", planted=_replaced(WarcWriter, "drop", _nothing),
        found_by=("kills",)),
    Bug(about="the names of new WARC files never synced", planted=lambda: patch("archive.warc.sync_folder", _nothing),
        found_by=("power",)),
    Bug(about="the names of imported files never synced",
        planted=lambda: patch("archive.imported.sync_folder", _nothing), found_by=("power",)),
)  # fmt: skip

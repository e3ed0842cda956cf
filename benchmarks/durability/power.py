"""Power cuts: what a disk may hold when the machine stops, made from a log of every change, and opened again.

What is assumed of the file system is less than ext4, XFS or btrfs give:

- What was written to a file before its fsync or fdatasync returned is on the disk, and so is its size. Of what was
  written later each write, or each 512 bytes of it, is there or not, in any order; a hole reads as zeros.
- fsync of a file says nothing about its name. Names (created, renamed, removed) are changed in the order in which
  that happened in their folder, and fsync of a folder makes all changes so far in that folder last; of later ones the
  last few, or all, may be missing.
- SQLite's shared memory is gone.

The archive is cut while it is written, and again while it repairs what a cut or a kill left: after a kill everything
is in the machine's memory and nothing of it need be on the disk.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.durability.disk import Disk, Operation
from benchmarks.durability.harness import Result, each, scratch
from benchmarks.durability.soundness import problems
from benchmarks.durability.workload import Fact, go_on, work

SECTOR = 512
CUTS_A_LOG = 20
_STAGES = ("while written", "in the repair after a kill", "in the repair after a cut")


@dataclass(slots=True)
class _File:
    content: bytearray = field(default_factory=bytearray)  # what surely is on the disk
    pending: list[Operation] = field(default_factory=list)

    def copy(self) -> "_File":
        return _File(bytearray(self.content), list(self.pending))


@dataclass(slots=True)
class Platter:
    """What is on the disk for sure, and what is on its way there.

    `names` is the tree as programs see it; `synced` that which is on the disk, `changes` of each folder what is not.
    """

    names: dict[str, _File] = field(default_factory=dict)
    synced: dict[str, _File | None] = field(default_factory=dict)  # None: a folder
    changes: dict[str, list[Operation]] = field(default_factory=dict)
    files: dict[int, _File] = field(default_factory=dict)  # by the operation that made it

    def apply(self, operation: Operation) -> None:
        """Follow one operation of the log."""
        match operation.kind:
            case "create":
                self.names[operation.path] = self.files[id(operation)] = _File()
                self._change(operation)
            case "mkdir" | "unlink" | "rename":
                file = self.names.pop(operation.path, None)
                if operation.kind == "rename" and file is not None:
                    self.names[operation.target] = file
                self._change(operation)
            case "write" | "truncate":
                self.names[operation.path].pending.append(operation)
            case "sync":
                file = self.names[operation.path]
                for change in file.pending:
                    _apply(file.content, change)
                file.pending.clear()
            case "syncdir":
                for change in self.changes.pop(operation.path, ()):
                    self._rename(self.synced, change)

    def _change(self, operation: Operation) -> None:
        self.changes.setdefault(str(Path(operation.path).parent).removeprefix("."), []).append(operation)

    def _rename(self, names: dict[str, _File | None], change: Operation) -> None:
        if change.kind == "create":
            names[change.path] = self.files[id(change)]
        elif change.kind == "mkdir":
            names[change.path] = None
        else:
            file = names.pop(change.path, None)
            if change.kind == "rename":
                names[change.target] = file

    def survivors(self, chance: random.Random) -> dict[str, bytes | None]:
        """The tree that is found after a cut now, as chance will have it: content by path, None for a folder."""
        names = dict(self.synced)
        for changes in self.changes.values():
            for change in changes[: _some(chance, len(changes))]:
                self._rename(names, change)
        share = chance.choice((0.0, 0.0, 0.3, 0.7, 0.95, 1.0))
        by_sector = chance.random() < 0.5
        found: dict[str, bytes | None] = {}
        for name, file in names.items():
            parent = str(Path(name).parent)
            if parent != "." and parent not in names:
                continue  # its folder is gone
            found[name] = None if file is None else _torn(file, chance, share, by_sector=by_sector)
        return found

    def all(self) -> dict[str, bytes | None]:
        """The tree as programs see it: what a kill leaves."""
        found: dict[str, bytes | None] = {}
        for name, file in self.names.items():
            content = bytearray(file.content)
            for change in file.pending:
                _apply(content, change)
            found[name] = bytes(content)
        return found


def _apply(content: bytearray, change: Operation) -> None:
    if change.kind == "truncate":
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.data)] = change.data


def _some(chance: random.Random, count: int) -> int:
    return chance.choice((0, count, chance.randint(0, count)))


def _torn(file: _File, chance: random.Random, share: float, *, by_sector: bool) -> bytes:
    content = bytearray(file.content)
    for change in file.pending:
        if change.kind == "truncate" or not by_sector:
            if chance.random() < share:
                _apply(content, change)
            continue
        begin = change.offset
        while begin < change.offset + len(change.data):
            end = min((begin // SECTOR + 1) * SECTOR, change.offset + len(change.data))
            if chance.random() < share:
                piece = change.data[begin - change.offset : end - change.offset]
                _apply(content, Operation(kind="write", path=change.path, offset=begin, data=piece))
            begin = end
    return bytes(content)


def write_out(tree: dict[str, bytes | None], folder: Path) -> None:
    """Make the files that a cut or a kill left."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(tree.items(), key=lambda item: len(Path(item[0]).parts)):
        path = folder / name
        if content is None:
            path.mkdir(exist_ok=True)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)


def run(count: int, *, processes: int = 1, seed: int = 0) -> Result:
    """Cut the power `count` times."""
    result = Result(name="power", about="simulated power cuts", figures=dict.fromkeys(_STAGES, 0))
    logs = -(-count // CUTS_A_LOG)
    for stage, cuts, found in each(_log, ((seed, number, min(CUTS_A_LOG, count)) for number in range(logs)), processes):
        result.count += cuts
        result.figures[stage] += cuts
        result.problems += found
    return result


def _log(seed: int, number: int, cuts: int) -> tuple[str, int, list[str]]:
    """One log of a writer or of a repair, and cuts at random points of it."""
    chance = random.Random(f"{seed}/power/{number}")
    stage = _STAGES[(0, 1, 0, 2)[number % 4]]
    platter, log, told = Platter(), written(number), list[Fact]()
    if stage != _STAGES[0]:
        stop = _stop(log, chance)
        told += _follow(platter, log[:stop])
        tree = platter.all() if stage == _STAGES[1] else platter.survivors(chance)
        if stage == _STAGES[2]:
            platter = of_tree(tree)
        log = repaired(tree)
    found = []
    done = 0
    for cut in sorted(chance.randrange(1, len(log) + 1) for _ in range(cuts)):
        told += _follow(platter, log[done:cut])
        done = cut
        with scratch() as place:
            write_out(platter.survivors(chance), place / "a")
            found += [f"{stage}, log {number}, cut at {cut}: {problem}" for problem in problems(place / "a", told)]
    return stage, cuts, found


def _stop(log: Sequence[Operation], chance: random.Random) -> int:
    """Where the writer dies: half of the times right before a sync, when the files hold what the disk does not."""
    syncs = [place for place, operation in enumerate(log) if operation.kind == "sync"]
    return chance.choice(syncs) if chance.random() < 0.5 else chance.randrange(len(log))


def _follow(platter: Platter, log: Sequence[Operation]) -> list[Fact]:
    """Apply a log. Returns what the writer was told on the way."""
    told = []
    for operation in log:
        if operation.kind == "told":
            told.append(operation.told)
        else:
            platter.apply(operation)
    return told


def of_tree(tree: dict[str, bytes | None]) -> Platter:
    """A disk that surely holds these files."""
    platter = Platter()
    for name, content in tree.items():
        platter.synced[name] = None if content is None else _File(bytearray(content))
        if content is not None:
            platter.names[name] = platter.synced[name]  # type: ignore[assignment]
    return platter


def written(seed: int) -> list[Operation]:
    """The log of a writer who does everything."""
    log: list[Operation] = []
    with scratch() as place, Disk(place / "a", log.append):
        work(place / "a", lambda fact: log.append(Operation(kind="told", told=fact)), seed=seed)
    return log


def repaired(tree: dict[str, bytes | None]) -> list[Operation]:
    """The log of what opening these files again does, and of a page that is added."""
    log: list[Operation] = []
    with scratch() as place:
        write_out(tree, place / "a")
        with Disk(place / "a", log.append):
            go_on(place / "a", lambda fact: log.append(Operation(kind="told", told=fact)), seed=99)
    return log

"""Each write, sync, rename, creation, truncation and removal failing, once and for good: EIO, ENOSPC, EROFS.

The points are counted, not listed: a run that nothing disturbs shows how many changes there are, and each of them is
then made to fail, those of SQLite (its commits) through its own VFS. Of a write that fails half the bytes are written.
A polite writer stops at the first error, a stubborn one goes on as long as the archive lets him. What must be: an error
of the archive's own tree with its exit code, nothing lost that was told, and, when the cause is gone, an archive that
opens and goes on.
"""

import errno
import random
from collections import Counter
from functools import cache
from itertools import product

from archive.errors import ArchiveError
from benchmarks.durability.disk import Disk, Operation
from benchmarks.durability.harness import Result, each, scratch
from benchmarks.durability.soundness import problems
from benchmarks.durability.workload import Fact, work

ERRORS = (errno.EIO, errno.ENOSPC, errno.EROFS)
EXIT_CODES = frozenset((28, 73, 74))  # README: the disk is full; not writable; writing failed on the way
_SEED = 3


def run(count: int, *, processes: int = 1, seed: int = 0) -> Result:
    """Let `count` of the points fail, chosen by chance; all of them where there are no more."""
    chosen = points(random.Random(seed))
    result = Result(name="errors", about="failing writes, syncs, renames, creations, truncations, removals")
    result.figures = {"points": len(chosen), "kinds": Counter(), "exit codes": Counter()}
    for kind, code, found in each(_one, chosen[:count], processes):
        if not kind:  # the writer was done before: SQLite does not always write the same
            continue
        result.count += 1
        result.figures["kinds"][kind] += 1
        result.figures["exit codes"][str(code)] += 1
        result.problems += found
    for name in ("kinds", "exit codes"):
        result.figures[name] = dict(result.figures[name])
    return result


def points(chance: random.Random) -> list[tuple[int, int, bool, bool]]:
    """Every point: number of the operation, error, whether it stays, whether the writer is stubborn.

    In an order of chance in which those of the files and those of SQLite, which are many more, take turns.
    """
    every = [(at, *how) for at in range(len(_changes())) for how in product(ERRORS, (False, True), (False, True))]
    chance.shuffle(every)
    files = [point for point in every if not _changes()[point[0]].startswith("SQLite")]
    others = [point for point in every if _changes()[point[0]].startswith("SQLite")]
    turns = [point for pair in zip(files, others, strict=False) for point in pair]
    return turns + files[len(others) :] + others[len(files) :]


@cache
def _changes() -> list[str]:
    """The kind of each change that an undisturbed writer makes, in order."""
    kinds: list[str] = []
    with scratch() as place, Disk(place / "a", lambda operation: kinds.append(_kind(operation))):
        work(place / "a", lambda _: None, seed=_SEED)
    return kinds


def _kind(operation: Operation) -> str:
    return f"{'SQLite: ' if operation.by_sqlite else ''}{operation.kind}"


def _one(at: int, code: int, stays: bool, stubborn: bool) -> tuple[str, int | None, list[str]]:
    """One point: the operation that failed, the exit code of the writer's error, what is wrong afterwards."""
    seen, failed, told, ended = 0, "", list[Fact](), None

    def fail(operation: Operation) -> None:
        nonlocal seen, failed
        seen += 1
        if seen - 1 == at or (stays and seen - 1 > at):
            failed = failed or _kind(operation)
            raise OSError(code, "made to fail")

    wrong = []
    with scratch() as place:
        with Disk(place / "a", fail, torn=0.5):
            try:
                work(place / "a", told.append, seed=_SEED, stubborn=stubborn)
            except ArchiveError as error:
                ended = error.exit_code
                if ended not in EXIT_CODES:
                    wrong.append(f"exit code {ended}: {error}")
            except Exception as error:  # noqa: BLE001 - that is what must not be
                wrong.append(f"unclean: {type(error).__name__}: {error}")
        wrong += problems(place / "a", told)
    where = f"{errno.errorcode[code]} at change {at} ({failed}), {'for good' if stays else 'once'}"
    return failed, ended, [f"{where}{', stubborn' if stubborn else ''}: {problem}" for problem in wrong]

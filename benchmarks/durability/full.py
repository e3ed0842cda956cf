"""A disk that fills up: the archive stops before it is full, says so, and goes on when there is room again.

On a small file system in memory, which wants the right to mount one; skipped where that is missing.
"""

import itertools
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from archive.errors import ArchiveError, ArchiveFull
from archive.store import Archive
from benchmarks.durability.harness import Result
from benchmarks.durability.soundness import problems
from benchmarks.durability.workload import Fact, captured, exchange

DISK = 16_000_000  # bytes
RESERVE = 4_000_000  # of them the archive is to leave alone


def run(count: int) -> Result:
    """Fill `count` disks with a reserve, and as many without one, where the kernel refuses at last."""
    result = Result(name="full", about="a disk that fills up")
    free = []
    try:
        for number in range(count):
            for reserve in (RESERVE, 0):
                with small_disk() as place:
                    left, found = _fill(place / "a", reserve, number)
                free += [left] if reserve else []
                result.count += 1
                result.problems += found
    except PermissionError as error:
        result.skipped = str(error)
    result.figures = {"disk, bytes": DISK, "reserve, bytes": RESERVE, "least left free": min(free, default=None)}
    return result


def _fill(folder: Path, reserve: int, number: int) -> tuple[int, list[str]]:
    """Write until the archive stops. Returns what is left free then, and what is wrong."""
    told, chance, ended = list[Fact](), random.Random(number), None
    try:
        with Archive.open(folder, min_free=reserve, max_size=5_000_000) as archive:
            for place in itertools.count():
                sent = replace(exchange(f"https://news.example/{place}", chance), response=_page(chance))
                told.append(captured(archive.capture(sent), sent))
    except ArchiveError as error:
        ended = error
    left = shutil.disk_usage(folder).free
    wrong = []
    if reserve and not (isinstance(ended, ArchiveFull) and ended.exit_code == 28 and left > reserve // 2):
        wrong.append(f"did not stop in time: {ended!r}, {left} bytes left")
    if reserve and "free space" not in str(ended):
        wrong.append(f"does not say what to do: {ended}")
    _resize(folder.parent, 4 * DISK)
    return left, wrong + problems(folder, told)


def _page(chance: random.Random) -> bytes:
    return b"HTTP/1.1 200 OK\r\n\r\n" + chance.randbytes(100_000)


@contextmanager
def small_disk(size: int = DISK) -> Iterator[Path]:
    """A file system of `size` bytes, in memory. Raises PermissionError where none may be mounted."""
    with tempfile.TemporaryDirectory(prefix="dateline-disk-") as name:
        place = Path(name)
        _mount("-t", "tmpfs", "-o", f"size={size}", "none", place)
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


def _resize(place: Path, size: int) -> None:
    _mount("-o", f"remount,size={size}", place)


def _mount(*arguments: str | Path) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PermissionError(f"no file system can be mounted here: {error}") from error

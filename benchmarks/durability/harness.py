"""What the families of faults share: how a family reports, where it works, how it uses several processors."""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

SHOWN = 20  # problems of a family in the report; all are counted


@dataclass(kw_only=True)
class Result:
    """What a family of faults came to. It held when `problems` is empty."""

    name: str
    about: str
    count: int = 0
    seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    skipped: str | None = None


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one trial, in memory where the machine has such a place: what a kill leaves is the same there."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="dateline-", dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True
    ) as place:
        yield Path(place)


def each(function: Callable[..., T], arguments: Iterable[tuple[Any, ...]], processes: int) -> Iterator[T]:
    """The results of `function` for each tuple of arguments, in no fixed order, by forks of this process."""
    if processes == 1:
        yield from (function(*given) for given in arguments)
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(_Applied(function), arguments, chunksize=4)


@dataclass(frozen=True)
class _Applied:
    """`function` for a tuple of arguments: unlike a lambda it can be sent to another process."""

    function: Callable[..., Any]

    def __call__(self, given: tuple[Any, ...]) -> Any:
        return self.function(*given)

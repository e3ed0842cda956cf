"""Work spread over processes of this machine, or over the machines of a Dask cluster: the same code, the same results.

A task is a function that can be imported by name and one argument, both small; the bytes are read where the work is
done, so every machine must see the archive under the same path. Results come in the order of the arguments, whoever was
ready first. A task whose process is killed is given to another, three times; a few are under way at a time, so that
nothing is held in memory that grows with the archive.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.metadata import version
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from crawler.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
R = TypeVar("R")

RETRIES = 3
_PATIENCE = 20.0  # seconds until a scheduler answers and has a worker
_AHEAD = 2  # tasks for each process: one under way, one that waits for it


class Spread(Protocol):
    """Does `function` for each of `items` somewhere; yields the results in their order, or raises what it raised."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """See the class."""


@contextmanager
def spread_over(scheduler: str | None, *, workers: int = 1) -> Iterator[Spread]:
    """Spread work over the cluster of the Dask scheduler at an address, or without one over `workers` processes here.

    Raises ClusterError where there is no such cluster, Dask is not installed, or its workers run another version.
    """
    if scheduler is not None:
        with _cluster(scheduler) as client:
            yield _OnCluster(client)
    elif workers == 1:
        yield _in_turn
    else:
        yield _InProcesses(workers)


def _in_turn(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    return map(function, items)


class _InProcesses:
    def __init__(self, workers: int) -> None:
        self._workers = workers

    def __call__(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        rest, left = iter(items), deque[T]()
        for _ in range(RETRIES + 1):
            try:
                yield from self._until_broken(function, rest, left)
            except BrokenProcessPool:
                continue  # what was not done is given to new processes
            return
        raise ClusterError("processes that read files were killed again and again; try with fewer --workers")

    def _until_broken(self, function: Callable[[T], R], rest: Iterator[T], left: deque[T]) -> Iterator[R]:
        """`left` keeps what was taken from `rest` and is not done."""
        with ProcessPoolExecutor(self._workers, mp_context=get_context("spawn")) as pool:
            try:
                futures = deque(pool.submit(function, item) for item in left)
                while True:
                    for item in islice(rest, max(0, _AHEAD * self._workers - len(left))):
                        left.append(item)
                        futures.append(pool.submit(function, item))
                    if not futures:
                        return
                    result = futures.popleft().result()
                    left.popleft()
                    yield result
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _cluster(scheduler: str) -> Iterator["Client"]:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ClusterError(
            "--scheduler needs Dask, here and on workers: .venv/bin/pip install -e '.[dask]' in the project's folder"
        ) from error
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {scheduler} ({error}); start one with `dask scheduler`"
        ) from error
    try:
        _check(client, scheduler)
        yield client
    finally:
        client.close()


def _check(client: "Client", scheduler: str) -> None:
    """Every worker must run this version of the program. Raises ClusterError."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
        found: dict[str, str] = client.run(our_version)
    except TimeoutError as error:
        raise ClusterError(
            f"the scheduler {scheduler} has no workers; start some with `dask worker {scheduler}`"
        ) from error
    except ImportError as error:
        raise ClusterError(f"workers of {scheduler} do not have Dateline installed ({error})") from error
    if others := {address: other for address, other in found.items() if other != our_version()}:
        named = ", ".join(f"{address} has {other}" for address, other in sorted(others.items()))
        raise ClusterError(f"workers of {scheduler} run another version than {our_version()}: {named}")


def our_version() -> str:
    """The version of the program where this is called."""
    return version("dateline")


class _OnCluster:
    def __init__(self, client: "Client") -> None:
        self._client = client

    def __call__(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        from distributed import KilledWorker  # noqa: PLC0415 - an extra

        rest, waiting = iter(items), deque[tuple[T, Any]]()
        while True:
            for item in islice(rest, max(0, self._room() - len(waiting))):
                # not pure: the same file may be asked about twice, and have grown in between
                waiting.append((item, self._client.submit(function, item, pure=False, retries=RETRIES)))
            if not waiting:
                return
            item, future = waiting.popleft()
            try:
                yield future.result()
            except KilledWorker as error:
                raise ClusterError(f"workers died again and again over {item}: {error}; look at their logs") from error
            except (OSError, TimeoutError) as error:
                raise ClusterError(f"the cluster is gone ({error}); start it and this command again") from error
            finally:
                future.release()

    def _room(self) -> int:
        """How many tasks are to be under way; workers come and go."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return max(1, _AHEAD * sum(int(worker["nthreads"]) for worker in workers))

"""The one thread that writes the archive.

`archive.store.Archive` is synchronous and wants to be called from a single thread; the crawl is asynchronous and must
not wait for disks. `Recorder` owns both: it opens the archive in its thread, sends every call there in order, and
closes it there. Several spiders in one process share it: one archive, one lock, one writer.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from archive.errors import ArchiveError, DatelineError
from archive.store import Archive

P = ParamSpec("P")
T = TypeVar("T")


# Calls that share one sync and one commit. Under load they wait for the disk anyway; alone, a call waits for nobody.
MAX_GROUP = 128

_Work = Callable[[], object]


class Recorder:
    """An open archive and its writer thread.

    Calls that wait while the thread is busy are done together, with one sync and one commit; each is answered when all
    of it is safe. The first error of the archive is kept in `failure`; every later call raises it again, because after
    a failed write nothing more may be acknowledged. `on_failure` is called once, in the event loop.
    """

    def __init__(self, folder: Path, *, software: str, demonstration: bool, about: Mapping[str, str | None]) -> None:
        """Open the archive in `folder`. Raises ArchiveNotWritable, ArchiveLocked, SchemaTooNew."""
        self.folder = folder
        self.failure: ArchiveError | None = None
        self.on_failure: Callable[[], None] = _nobody
        self._waiting: deque[tuple[_Work, Future[Any]]] = deque()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        try:
            self._archive = self._thread.submit(
                Archive.open,
                folder,
                write=True,
                software=software,
                demonstration=demonstration,
                about=about,
            ).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def call(self, method: Callable[Concatenate[Archive, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `method(archive, …)` in the writer thread and wait for it: for start and end, outside the event loop."""
        return self._thread.submit(partial(method, self._archive, *args, **kwargs)).result()

    async def write(self, method: Callable[Concatenate[Archive, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `method(archive, …)` in the writer thread. Raises ArchiveError; from then on every call does.

        `method` is `Archive.capture` or the like, or a function of the archive that makes several calls in one go.
        """
        answer: Future[T] = Future()
        self._waiting.append((partial(method, self._archive, *args, **kwargs), answer))
        self._thread.submit(self._write_group)
        try:
            return await asyncio.wrap_future(answer)
        except ArchiveError:
            tell, self.on_failure = self.on_failure, _nobody
            tell()
            raise

    def _write_group(self) -> None:
        """In the writer thread: do what waits, commit, then answer. The calls whose turn came early find nothing."""
        done: list[tuple[Future[Any], Any]] = []
        refused: ArchiveError | None = None
        try:
            with self._archive.group():
                while self._waiting and len(done) < MAX_GROUP:
                    work, answer = self._waiting.popleft()
                    if answer.set_running_or_notify_cancel():
                        done.append((answer, self._attempt(work, answer)))
        except Exception as error:  # noqa: BLE001 - it reaches every caller
            refused = self._failed(error)
            self.failure = self.failure or refused
        for answer, result in done:
            if refused is not None and not answer.done():
                answer.set_exception(refused)
            elif not answer.done():
                answer.set_result(result)

    def _attempt(self, work: _Work, answer: "Future[Any]") -> object:
        """Do `work`, unless something failed before it, queued as it may have been by then."""
        if self.failure is None:
            try:
                return work()
            except Exception as error:  # noqa: BLE001 - it reaches the caller
                self.failure = self._failed(error)
        answer.set_exception(self.failure)
        return None

    def _failed(self, error: Exception) -> ArchiveError:
        """An error that is not of the archive's tree is a failure of the archive all the same: fail closed."""
        if isinstance(error, ArchiveError):
            return error
        failure = ArchiveError(f"writing to the archive in {self.folder} failed: {type(error).__name__}: {error}")
        failure.__cause__ = error
        return failure

    def close(self) -> None:
        """Seal the WARC files, close the database, give up the lock. Raises ArchiveError."""
        try:
            self._thread.submit(self._archive.close).result()
        except DatelineError:
            raise
        except Exception as error:
            raise ArchiveError(f"closing the archive in {self.folder} failed: {error}") from error
        finally:
            self._thread.shutdown()


def _nobody() -> None:
    """Who is told of a failure after the first."""

"""The one thread that writes the archive.

`archive.store.Archive` is synchronous and wants to be called from a single thread; the crawl is asynchronous and must
not wait for disks. `Recorder` owns both: it opens the archive in its thread, sends every call there in order, and
closes it there. Several spiders in one process share it: one archive, one lock, one writer.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from archive.errors import ArchiveError, DatelineError
from archive.store import Archive

P = ParamSpec("P")
T = TypeVar("T")


class Recorder:
    """An open archive and its writer thread.

    The first error of the archive is kept in `failure`; every later call raises it again, because after a failed write
    nothing more may be acknowledged. `on_failure` is called once, in the event loop.
    """

    def __init__(self, folder: Path, *, software: str, demonstration: bool, user_agent: str | None = None) -> None:
        """Open the archive in `folder`. Raises ArchiveNotWritable, ArchiveLocked, SchemaTooNew."""
        self.folder = folder
        self.failure: ArchiveError | None = None
        self.on_failure: Callable[[], None] = _nobody
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        try:
            self._archive = self._thread.submit(
                Archive.open,
                folder,
                write=True,
                software=software,
                demonstration=demonstration,
                user_agent=user_agent,
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
        work = partial(self._guarded, partial(method, self._archive, *args, **kwargs))
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except ArchiveError:
            tell, self.on_failure = self.on_failure, _nobody
            tell()
            raise

    def _guarded(self, work: Callable[[], T]) -> T:
        """In the writer thread: do `work`, unless something failed before it, queued as it may have been by then.

        An error that is not of the archive's tree is a failure of the archive all the same: fail closed.
        """
        if self.failure is not None:
            raise self.failure
        try:
            return work()
        except ArchiveError as error:
            self.failure = error
            raise
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
            self.failure = ArchiveError(f"writing to the archive in {self.folder} failed: {words}")
            raise self.failure from error

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

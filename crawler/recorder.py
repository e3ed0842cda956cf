"""The one thread that writes the archive.

`archive.store.Archive` is synchronous and wants to be called from a single thread; the crawl is asynchronous and must
not wait for disks. `Recorder` owns both: it opens the archive in its thread, sends every call there in order, and
closes it there. Several spiders in one process share it: one archive, one lock, one writer.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from archive.errors import ArchiveError, DatelineError
from archive.store import Archive

P = ParamSpec("P")
T = TypeVar("T")


MAX_GROUP = 128  # calls that share one sync and one commit

# A commit costs as much CPU as half an article. The more calls came together last time, the longer the next ones are
# waited for, so that a crawl at full speed commits ten times a second; who calls alone waits for nobody.
_PAUSE = 0.02  # seconds from one group to the next, for each call of the group beyond the first
_MAX_PAUSE = 0.1

_Work = Callable[[], object]


@dataclass(kw_only=True, slots=True, eq=False)
class _Call:
    """Work for the writer thread, and how it ended: told to `answer` in its own loop once all of the group is safe."""

    work: _Work
    answer: asyncio.Future[Any]
    result: object = None
    error: Exception | None = None

    def tell(self) -> None:
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


class Recorder:
    """An open archive and its writer thread.

    Calls that wait while the thread is busy, or rests, are done together, with one sync and one commit; each is
    answered when all of it is safe. The first error of the archive is kept in `failure`; every later call raises it
    again, because after a failed write nothing more may be acknowledged. `on_failure` is called once, in the event
    loop.
    """

    def __init__(self, folder: Path, *, software: str, demonstration: bool, about: Mapping[str, str | None]) -> None:
        """Open the archive in `folder`. Raises ArchiveNotWritable, ArchiveLocked, SchemaTooNew."""
        self.folder = folder
        self.failure: ArchiveError | None = None
        self.on_failure: Callable[[], None] = _nobody
        self._waiting: deque[_Call] = deque()
        self._is_awaited = False  # whether a group is to begin that will find all that waits
        self._next_at = 0.0  # the time, by time.monotonic, before which no group begins
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
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Call(work=partial(method, self._archive, *args, **kwargs), answer=answer))
        if not self._is_awaited:
            self._is_awaited = True
            self._thread.submit(self._write_group)
        try:
            return await answer
        except ArchiveError:
            tell, self.on_failure = self.on_failure, _nobody
            tell()
            raise

    def _write_group(self) -> None:
        """In the writer thread: do what waits, commit, then answer."""
        if (rest := self._next_at - time.monotonic()) > 0:
            time.sleep(rest)
        begun, calls = time.monotonic(), list[_Call]()
        self._is_awaited = False  # whoever comes from here on starts another group, which may find nothing left to do
        try:
            with self._archive.group():
                while self._waiting and len(calls) < MAX_GROUP:
                    call = self._waiting.popleft()
                    if not call.answer.cancelled():
                        calls.append(call)
                        self._attempt(call)
        except Exception as error:  # noqa: BLE001 - it reaches every caller
            refused = self._failed(error)
            self.failure = self.failure or refused
            for call in calls:
                call.error = call.error or refused
        if calls:
            self._next_at = begun + min(_PAUSE * (len(calls) - 1), _MAX_PAUSE)
        if self._waiting:
            self._thread.submit(self._write_group)
        for loop in {call.answer.get_loop() for call in calls}:
            with suppress(RuntimeError):  # of a loop that has been closed: nobody waits any more
                loop.call_soon_threadsafe(_tell, [call for call in calls if call.answer.get_loop() is loop])

    def _attempt(self, call: _Call) -> None:
        """Do the work, unless something failed before it, queued as it may have been by then."""
        if self.failure is None:
            try:
                call.result = call.work()
            except Exception as error:  # noqa: BLE001 - it reaches the caller
                self.failure = self._failed(error)
        call.error = self.failure

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


def _tell(calls: Iterable[_Call]) -> None:
    for call in calls:
        call.tell()


def _nobody() -> None:
    """Who is told of a failure after the first."""

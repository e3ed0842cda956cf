"""Worker processes for everything that reads hostile bytes: pages, feeds, sitemaps.

A page of 200 kB can keep an extractor busy for minutes, and an alarm inside the process is swallowed by the libraries
it interrupts; only a process that can be killed bounds it. So each job runs in a child with a limit of address space
and of time, and a child that passes it is killed and replaced. The price is about a millisecond a page.

The limit is by the clock, less the time that the child was ready to run and the machine had no CPU for it: a busy
machine must not turn good pages into failures. `PATIENCE` times the limit ends a job however busy the machine is.

The parent's side is a thread a worker, waiting for its child, which talks over a socket pair. Children are forked by a
process that has everything loaded (see `crawler.forkserver`) and end by themselves when the crawl does, be it by an
alarm within a job.
"""

import asyncio
import os
import pickle
import queue
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache, partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from archive.model import Original, Outcome, Page
from crawler.errors import ExtractionError
from crawler.forkserver import ForkServer, words_of
from crawler.publisher import Publisher

if TYPE_CHECKING:
    from crawler.processed import Processed

P = ParamSpec("P")
T = TypeVar("T")

MAX_BODY = 16 * 1024 * 1024  # bytes of a decoded page: twice what may come over the wire, ten times any article
MAX_BLOCK = MAX_BODY + 1024 * 1024  # bytes of a response in a WARC; what is longer is no page of text
WARM_UP = 60.0  # seconds until the first child is ready: its libraries and languages are loaded; 1 on an idle machine
PATIENCE = 6
JOBS_PER_WORKER = 1000  # then it is replaced: extractors are reported to grow by up to 1 MB a page


def process_page(
    http: bytes,
    *,
    url: str,
    captured_at: datetime,
    publisher: Publisher | None,
    conflict_only: bool,
    original: Original | None = None,
    broken: str | None = None,
) -> "Processed":
    """In a worker: from the response's raw bytes to an article or the reason why there is none.

    The live crawl, the import and the re-extraction all come through here with the bytes of the WARC record.
    `original`: what it is about, where it is the answer of an intermediary · `broken`: how the page took an earlier
    worker down.
    """
    from archive.errors import RecordError  # noqa: PLC0415 - only workers need them
    from archive.http_message import parse_response  # noqa: PLC0415
    from archive.intermediaries import handed_on, refusal  # noqa: PLC0415
    from crawler.flow import process  # noqa: PLC0415
    from crawler.processed import Processed  # noqa: PLC0415

    message = parse_response(http, max_body=MAX_BODY)
    if original is not None and message.incomplete is None:
        if refused := refusal(message, original):
            return Processed(outcome=refused[0], detail=refused[1])
        try:
            message = handed_on(message, original, max_block=MAX_BLOCK)
        except RecordError as error:
            return Processed(outcome=Outcome.FAILED, detail=str(error))
    if message.incomplete is not None:
        # A cut body reads like a short article; the whole one may come with the next crawl.
        return Processed(outcome=Outcome.FAILED, detail=f"incomplete: {message.incomplete}")
    page = Page(
        url=url,
        body=message.body,
        captured_at=captured_at,
        status=message.status,
        content_type=message.content_type,
    )
    return process(page, publisher, conflict_only=conflict_only, broken=broken)


def process_packed(http: bytes, *, publisher: bytes | None, **arguments: Any) -> "Processed":
    """`process_page` for a publisher that comes pickled: the same few come with every page, and are kept."""
    return process_page(http, publisher=None if publisher is None else _unpacked(publisher), **arguments)


@lru_cache(maxsize=64)
def _unpacked(publisher: bytes) -> Publisher:
    found: Publisher = pickle.loads(publisher)  # noqa: S301 - by our own parent
    return found


def process_record(
    path: Path,
    offset: int,
    *,
    url: str,
    captured_at: datetime,
    conflict_only: bool,
    original: Original | None = None,
    broken: str | None = None,
) -> "Processed | None":
    """In a worker: the same from where the response's record lies on a disk; None for one whose body is elsewhere."""
    from archive.errors import RecordError  # noqa: PLC0415 - only workers need them
    from archive.records import read_record  # noqa: PLC0415
    from crawler.endings import unreadable  # noqa: PLC0415
    from crawler.processed import Processed  # noqa: PLC0415

    try:
        record = read_record(path, offset, max_block=MAX_BLOCK)
    except RecordError as error:
        return Processed(outcome=Outcome.FAILED, detail=str(error))
    if record.type == "revisit":
        return None
    if problem := unreadable(record):
        return Processed(outcome=problem[0], detail=problem[1])
    return process_page(
        record.block,
        url=url,
        captured_at=captured_at,
        publisher=None,
        conflict_only=conflict_only,
        original=original,
        broken=broken,
    )


class _Child:
    """One worker process and the parent's end of its socket."""

    def __init__(self, server: ForkServer) -> None:
        ours, theirs = socket.socketpair()
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self.connection = Connection(ours.detach())
        self.started_at = time.monotonic()
        self.pid: int | None = None  # once it is ready
        self.jobs = 0
        self._server = server
        with theirs:
            server.fork(theirs.fileno(), self.stderr.fileno())

    def ask(self, job: Any, timeout: float) -> tuple[bool, Any]:
        """Send a job, wait for (True, result) or (False, exception). Raises ExtractionError: the child is of no use."""
        try:
            pid = self.pid or self._await_ready()
            self.connection.send(job)
            self._await_answer(pid, timeout)
            answer: tuple[bool, Any] = self.connection.recv()
        except (EOFError, OSError) as error:
            raise ExtractionError(f"died: {self._last_words()}") from error
        self.jobs += 1
        return answer

    def _await_ready(self) -> int:
        left = WARM_UP - (time.monotonic() - self.started_at)
        if not self.connection.poll(max(left, 0)):
            raise ExtractionError(f"timeout: the worker was not ready after {WARM_UP:g} s")
        pid = self.pid = int(self.connection.recv())
        self._server.note_ready()
        return pid

    def _await_answer(self, pid: int, timeout: float) -> None:
        """Wait until `timeout` seconds have passed in which the child was not kept waiting for a CPU."""
        begun, waited = time.monotonic(), _kept_waiting(pid)
        while not self.connection.poll(timeout / 10):
            passed = time.monotonic() - begun
            if passed - (_kept_waiting(pid) - waited) > timeout or passed > PATIENCE * timeout:
                raise ExtractionError(f"timeout: killed after {timeout:g} s")

    def _last_words(self) -> str:
        status = None if self.pid is None else self._server.end(self.pid, patiently=True)
        if status is None:
            return self._server.last_words()
        self.pid = None
        return words_of(status, self.stderr)

    def end(self) -> None:
        """End the child now, whatever it is doing. Harmless when called again."""
        if self.connection.closed:
            return
        self.connection.close()
        if self.pid is not None:
            self._server.end(self.pid)
        self.stderr.close()


def _kept_waiting(pid: int) -> float:
    """Seconds that a process was ready to run and had to wait for a CPU; 0 on a system that does not say."""
    try:
        # Documentation/scheduler/sched-stats.rst: time on a CPU, time waiting on a run queue (ns), time slices
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


class WorkerPool:
    """A fixed number of children.

    They are started with the first job, or by `start` as soon as it is known that jobs will come: they then warm up
    while the first pages are still being fetched. A run that has nothing to do never starts them.
    """

    def __init__(self, *, size: int = 0, timeout: float = 2.5, memory_mb: int = 512) -> None:
        """`size` 0 means one for each CPU. `timeout`: seconds for a job. `memory_mb`: address space of a child."""
        self.timeout = timeout
        self._memory = memory_mb * 1024 * 1024
        self._closed = False
        self.size = size or os.cpu_count() or 1
        self._free: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._children: set[_Child] = set()
        self._server: ForkServer | None = None
        self._lock = threading.Lock()
        self._pickles: dict[int, tuple[Publisher, bytes]] = {}
        self._threads = ThreadPoolExecutor(max_workers=self.size, thread_name_prefix="worker")

    def start(self) -> None:
        """Start the children, unless they are; called by the thread that `run` is called in."""
        if self._server is not None or self._closed:
            return
        for _ in range(self.size):
            if child := self._new_child():
                self._free.put(child)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` (importable by name) in a worker and return its result, or raise what it raised.

        Raises ExtractionError when the job was killed for time, ran out of memory, took its process down, or raised
        something that is not of Dateline's error tree.
        """
        self.start()
        job = (function, args, kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._run, job))

    async def run_page(self, http: bytes, *, publisher: Publisher | None, **arguments: Any) -> "Processed":
        """`process_page` in a worker. A page that breaks it is read plainly in another. Raises ExtractionError."""
        packed = None if publisher is None else self._packed(publisher)
        return await self._run_or_plainly(process_packed, http, publisher=packed, **arguments)

    async def run_record(self, path: Path, offset: int, **arguments: Any) -> "Processed | None":
        """`process_record` in a worker, likewise. Raises ExtractionError."""
        return await self._run_or_plainly(process_record, path, offset, **arguments)

    async def _run_or_plainly(self, function: Callable[..., T], *args: Any, **arguments: Any) -> T:
        try:
            return await self.run(function, *args, **arguments)
        except ExtractionError as error:
            if self._closed:
                raise
            return await self.run(function, *args, **arguments, broken=str(error))

    def _packed(self, publisher: Publisher) -> bytes:
        """A publisher, pickled once: its selectors are as long as an article."""
        known = self._pickles.get(id(publisher))
        if known is None or known[0] is not publisher:
            known = self._pickles[id(publisher)] = (publisher, pickle.dumps(publisher))
        return known[1]

    def _run(self, job: Any) -> Any:
        """In a thread: have a free child do `job`, and put it, or a new one in its place, back among the free."""
        child = self._free.get()
        spent = True
        try:
            worked, result = child.ask(job, self.timeout)
            spent = isinstance(result, MemoryError) or child.jobs >= JOBS_PER_WORKER
        finally:
            if spent:
                child.end()
                self._children.discard(child)
                child = self._new_child() or child
            self._free.put(child)
        if isinstance(result, MemoryError):
            raise ExtractionError(f"memory: more than {self._memory // 2**20} MB")
        if worked:
            return result
        raise result

    def _new_child(self) -> _Child | None:
        """None when it is too late."""
        with self._lock:
            if self._closed:
                return None
            if self._server is not None and self._server.is_gone:
                self._server.close()
                self._server = None
            if self._server is None:
                self._server = ForkServer(memory=self._memory, lifetime=2 * PATIENCE * self.timeout)
            child = _Child(self._server)
            self._children.add(child)
        return child

    def close(self) -> None:
        """Kill the children; a job under way ends with ExtractionError. May be called twice."""
        if self._closed:
            return
        with self._lock:
            self._closed = True
            if self._server is not None:
                self._server.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.end()

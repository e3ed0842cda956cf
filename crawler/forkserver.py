"""One process that loads what extraction needs, and forks: its children, the workers, are ready at once.

To load the libraries, languages and names of places takes a second of CPU; with a fork it is paid once and not for each
worker, nor again for each that is replaced, and the memory is shared. What forks is a fresh interpreter of one thread
(never the crawl's own process, which has several). It talks with the crawl by five bytes a message over a socket, and
ends, with all of its children, when the crawl does.
"""

import contextlib
import gc
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from struct import Struct
from typing import IO, Any

from archive.errors import DatelineError
from crawler.errors import ExtractionError

_MESSAGE = Struct("!ci")  # what is wanted, and of whom; or the answer: an exit code
_FORK, _END, _WAIT = b"f", b"e", b"w"
_GRACE = 1.0  # seconds for a child that hung up to be gone, and for the server after the last of them


class ForkServer:
    """The crawl's end. Its methods may be called by any thread."""

    def __init__(self, *, memory: int, lifetime: float) -> None:
        """`memory`: bytes of address space of each process. `lifetime`: seconds after which a job ends its process."""
        self._control, theirs = socket.socketpair()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._lock = threading.Lock()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "crawler.forkserver", str(theirs.fileno()), str(memory), str(lifetime)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._has_children = False

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, or was closed."""
        return self._control.fileno() < 0 or self.process.poll() is not None

    def fork(self, connection: int, stderr: int) -> None:
        """Ask for a child that serves the socket `connection` and says there who it is, once it is ready.

        Where the server is gone, the other end of `connection` finds it closed.
        """
        with self._lock, contextlib.suppress(OSError):
            socket.send_fds(self._control, [_MESSAGE.pack(_FORK, 0)], [connection, stderr])

    def note_ready(self) -> None:
        """A child has said that it is ready: so the server is, too."""
        self._has_children = True

    def end(self, pid: int, *, patiently: bool = False) -> int | None:
        """End a child now; `patiently`: it is about to end by itself. Returns its exit code, None if nobody knows."""
        with self._lock, contextlib.suppress(OSError):
            self._control.sendall(_MESSAGE.pack(_WAIT if patiently else _END, pid))
            answer = self._control.recv(_MESSAGE.size, socket.MSG_WAITALL)
            if len(answer) == _MESSAGE.size:
                return int(_MESSAGE.unpack(answer)[1])
        return None

    def last_words(self) -> str:
        """How the server itself ended, and what it said last."""
        if self._stderr.closed:
            return "the workers are closed"
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE)
        return words_of(self.process.poll(), self._stderr)

    def close(self) -> None:
        """End it and its children now. Harmless when called again."""
        with self._lock:
            if self._control.fileno() < 0:
                return
            self._control.close()
            if not self._has_children:  # it may be loading for seconds yet, and nobody would be left behind
                self.process.kill()
            try:
                self.process.wait(10 * _GRACE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self._stderr.close()


def words_of(status: int | None, stderr: IO[bytes]) -> str:
    """How a process ended, in words: its exit code, and the last line that it wrote."""
    stderr.seek(0)
    lines = stderr.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
    return f"exit status {status}" + (f", {lines[-1][:200]}" if lines else "")


# --- in the server ----------------------------------------------------------------------------------------------------


def _serve(control: socket.socket, memory: int, lifetime: float) -> None:
    """The server's life: load, then fork and bury until the crawl is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the crawl ends us
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # what is loaded stays: looking through it again and again takes a fifth of the time
    _warm_up()
    spare_collections()
    gc.enable()
    children = set[int]()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE.size, 2)
        if not message:
            break
        wanted, pid = _MESSAGE.unpack(message)
        if wanted == _FORK:
            children.add(_fork(control, descriptors, lifetime))
        else:
            children.discard(pid)
            control.sendall(_MESSAGE.pack(wanted, _end(pid, _GRACE if wanted == _WAIT else 0.0)))
    for pid in children:
        _end(pid, 0.0)


def spare_collections() -> None:
    """Let the garbage collector pass over all that is loaded by now, and look at what is new less often.

    What is frozen is neither looked at nor, in a child, copied. A page makes some 30,000 objects and hardly a cycle:
    the collector's own pace (700, 10, 10) takes a thirtieth of an unknown page's time.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


# A made-up report that all steps are taken with: what is not loaded here, each worker loads by itself.
WARM_UP_URL = "https://warm-up.invalid/2020/01/01/three-soldiers-killed-near-aleppo"
WARM_UP = b"""HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html lang="en"><title>Three soldiers killed</title>
<article><h1>Three soldiers killed near Aleppo</h1><p>By Ann Example</p><p>Published: 1 January 2020, 10:00</p>
<p>Three soldiers of the Syrian army were killed on Wednesday when artillery shelled a village north of Aleppo.</p>
<p>A doctor at the hospital said that nine more had been wounded, two of whom lost a leg, and that one was a child.</p>
<p>Rebels had agreed to a truce on Tuesday evening, and the road to Idlib was open to lorries for some hours.</p>
<p>Nobody has said who broke it. The ministry of defence in Damascus spoke of a misunderstanding at a checkpoint.</p>
<p>Share this article</p></article></html>"""


def _warm_up() -> None:
    """Load what every page needs. What fails here fails again, and is reported, with a page.

    Not langdetect's profiles, half a second: most pages declare a language, and their words confirm it.
    """
    when = datetime.fromisoformat("2020-01-01T12:00:00+00:00")
    with contextlib.suppress(Exception):
        from crawler.workers import process_page  # noqa: PLC0415 - only the server loads it

        process_page(WARM_UP, url=WARM_UP_URL, captured_at=when, publisher=None, conflict_only=False)


def _fork(control: socket.socket, descriptors: list[int], lifetime: float) -> int:
    """Returns the child's process id. The child itself never returns."""
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    status = 1
    try:
        control.close()
        connection, stderr = descriptors
        os.dup2(stderr, 2)
        _work(Connection(connection), lifetime)
        status = 0
    except BaseException:  # noqa: BLE001 - the crawl reads the last line
        traceback.print_exc()
    finally:
        os._exit(status)


def _end(pid: int, grace: float) -> int:
    """Kill a child that does not end by itself within `grace` seconds. Returns its exit code."""
    until = time.monotonic() + grace
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- in a worker ------------------------------------------------------------------------------------------------------


def _work(connection: Connection, lifetime: float) -> None:
    """A child's life: one job after the other until the crawl hangs up."""
    connection.send(os.getpid())
    while True:
        try:
            function, args, kwargs = connection.recv()
        except EOFError:
            return
        # The signal's default action is to end the process, which no library can swallow: a worker whose crawl and
        # server were killed must not go on with a page that never ends.
        signal.setitimer(signal.ITIMER_REAL, lifetime)
        answer = _answer(function, args, kwargs)
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send(answer)


def _answer(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[bool, Any]:
    try:
        return True, function(*args, **kwargs)
    except (DatelineError, MemoryError) as error:
        return False, error
    except Exception as error:  # noqa: BLE001 - one page's trouble; it names the error in the page's outcome
        return False, ExtractionError(f"error: {type(error).__name__}: {str(error)[:200]}")


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control_end:
        _serve(control_end, int(sys.argv[2]), float(sys.argv[3]))

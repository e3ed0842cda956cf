"""The project's commands, soon started: each in a process of its own, forked from one that has imported the libraries.

`python -m scrapy …` imports for a second before it does anything, and a hundred tests start it. What a command does is
all its own: arguments, environment, files, the reactor, the settings, exit code and what runs at exit.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

# Nothing that looks at the environment when it is imported (`crawler.settings`), or installs a reactor.
_IMPORTED = (
    "scrapy.cmdline", "scrapy.core.engine", "scrapy.extensions.telnet", "twisted.internet.asyncioreactor",
    "crawler.handlers", "crawler.launch", "crawler.commands.crawlall", "crawler.commands.extract",
    "spiders.rt", "spiders.site", "spiders.warc", "archive.cli",
)  # fmt: skip
# What an interpreter, or `archive.clock` when it is imported, reads once and for all.
_AT_START = ("DATELINE_CLOCK_SHIFT", "LANG", "LC_ALL", "PYTHONHASHSEED", "PYTHONWARNINGS", "TZ")
_LARGEST = 1 << 17  # bytes of arguments and environment


def run(
    *command: str, env: Mapping[str, str], cwd: Path = ROOT, stdin: bytes = b"", timeout: float = 100
) -> subprocess.CompletedProcess[str]:
    """`python -m COMMAND …`, run to its end with `env` and nothing else. Raises subprocess.TimeoutExpired.

    Another project than this one, or an environment that an interpreter begins with, gets an interpreter of its own.
    """
    if cwd != ROOT or any(env.get(name) != os.environ.get(name) for name in _AT_START):
        words = [sys.executable, "-m", *command]
        done = subprocess.run(words, cwd=cwd, env=env, input=stdin, capture_output=True, check=False, timeout=timeout)
        return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        given.write(stdin)
        given.seek(0)
        code = _warm().run(
            {"command": command, "env": dict(env)},
            [given.fileno(), out.fileno(), errors.fileno()],
            timeout,
        )
        said = []
        for file in (out, errors):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(command, code, said[0], said[1])


class _Warm:
    """The process that has the libraries, and this end of its socket."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.commands", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.fspath(ROOT)},
            )  # fmt: skip
        self._lock = threading.Lock()
        atexit.register(self.close)

    def run(self, command: Mapping[str, object], files: Sequence[int], timeout: float) -> int:
        """The exit code of a command whose standard files are `files`."""
        with self._lock:
            self._socket.settimeout(60)
            socket.send_fds(self._socket, [json.dumps(command).encode()], files)
            pid = int(self._socket.recv(64))
            self._socket.settimeout(timeout)
            try:
                return int(self._socket.recv(64))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)  # it cannot have been reaped: its end has not been told
                self._socket.recv(64)
                raise subprocess.TimeoutExpired(str(command["command"]), timeout) from None

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.wait()


@cache
def _warm() -> _Warm:
    return _Warm()


def _serve(channel: socket.socket) -> None:
    """Fork a process for each command, tell its id and how it ended. Returns in the child, and at the end."""
    for name in _IMPORTED:
        import_module(name)
    assert "crawler.settings" not in sys.modules
    assert "twisted.internet.reactor" not in sys.modules
    gc.freeze()
    while True:
        message, files, _, _ = socket.recv_fds(channel, _LARGEST, 3)
        if not message:
            return
        pid = os.fork()
        if not pid:
            _become(json.loads(message), files)
            return
        for file in files:
            os.close(file)
        channel.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        channel.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(told: Mapping[str, Any], files: Sequence[int]) -> None:
    """Be like an interpreter that was started for the command."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(told["env"])
    sys.argv[:] = told["command"]


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as server:
        begun = os.getpid()
        _serve(server)
    if os.getpid() != begun:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)

"""A real Redis server, started by the tests that need one."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import redis


class RedisServer:
    """One on a free port of loopback, that can be killed and started again, with what it knew or without."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [*command, "--appendonly", "yes", "--appendfsync", "always", "--save", ""], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(64).startswith(b"+PONG"):
                        return
            except OSError:
                assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)

    def client(self) -> "redis.Redis":
        """A connection, to look at what it knows."""
        import redis  # noqa: PLC0415 - tests that need it are skipped without it

        return redis.Redis.from_url(self.url, decode_responses=True)

    def kill(self, *, forget: bool = False) -> None:
        """`kill -9`; with `forget` its files go, too."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        if forget:
            shutil.rmtree(self.folder)
            self.folder.mkdir()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt install redis-server)")
    pytest.importorskip("redis", reason="the package redis is not installed (pip install -e '.[redis]')")
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis")
    redis.start()
    yield redis
    redis.kill()

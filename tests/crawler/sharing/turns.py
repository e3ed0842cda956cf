"""When hosts were asked by all workers together, by the clock of the Redis server that gave out the turns.

Clocks of workers say when one heard of its turn, on a busy machine much later; what must hold is what was given out.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from secrets import token_hex
from typing import Any

from crawler.sharing import shared
from tests.crawler.sharing.conftest import RedisServer

DIGIT = 1e-3  # seconds: Lua writes a time of day with four digits behind the point


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One that was given out. `since`: from when on the host might be asked; 0 where nothing had been said of it."""

    host: str
    at: float
    since: float


@dataclass(kw_only=True)
class Turns:
    """Those that were given out so far, in their order, and until when each host is to be left alone."""

    given: list[Turn] = field(default_factory=list)
    until: dict[str, float] = field(default_factory=dict)

    def of(self, host: str) -> list[Turn]:
        """Those at one host."""
        return [turn for turn in self.given if turn.host == host]

    def hear(self, name: str, key: str = "", *values: str) -> None:
        """Note a command that a script gave (see `turn.lua` and `hold.lua`)."""
        if not key.startswith("dateline:host:"):
            return
        host, _, part = key.removeprefix("dateline:host:").rpartition(":")
        if (name, part) == ("ZADD", "under_way"):
            at = float(values[0]) - shared._FORGET_S
            self.given.append(Turn(host=host, at=at, since=self.until.get(host, 0.0)))
        elif (name, part) == ("HSET", "pace"):
            self.until[host] = float(values[1])

    def assert_kept(self, delay: float) -> None:
        """No host was given out before its time, nor faster than every `delay` seconds."""
        assert self.given, "no turn was heard of"
        for turn in self.given:
            assert turn.at >= turn.since - DIGIT, turn
        for host in {turn.host for turn in self.given}:
            gaps = [after.at - before.at for before, after in pairwise(self.of(host))]
            assert all(gap >= delay - DIGIT for gap in gaps), f"{host}: {gaps}"


@contextmanager
def heard(server: RedisServer) -> Iterator[Turns]:
    """The turns given out meanwhile; all of them are there when it ends. Redis may be killed and started again."""
    import redis  # noqa: PLC0415 - tests that need it are skipped without it

    turns, ready, last = Turns(), threading.Event(), token_hex(8)
    stopping = threading.Event()

    def listen() -> None:
        while not stopping.is_set():
            with suppress(redis.ConnectionError, redis.TimeoutError), client.monitor() as monitor:
                ready.set()
                for said in monitor.listen():
                    words: list[Any] = said["command"].split(" ")
                    if words == ["ECHO", last]:
                        return
                    if said["client_type"] == "lua":
                        turns.hear(*words)
            stopping.wait(0.02)  # it was killed

    client = server.client()
    thread = threading.Thread(target=listen, name="turns")
    thread.start()
    try:
        assert ready.wait(30), "Redis does not answer"
        yield turns
        client.echo(last)
        thread.join(30)
        assert not thread.is_alive(), "not all turns were heard of"
    finally:
        stopping.set()
        with suppress(redis.ConnectionError):
            client.echo(last)
        thread.join(30)
        client.close()

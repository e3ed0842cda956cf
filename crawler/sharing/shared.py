"""The connection of a run to the Redis server that it shares its work through.

Every question is patient: a server that restarts costs time, no work. It may be lost for `PATIENCE_S`; then the run is
stopped, and what it held goes back to the frontier of its own archive.
"""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive import clock
from archive.agenda import Rest
from crawler.errors import ConfigurationError, CrawlError

if TYPE_CHECKING:
    from crawler.sharing.share import Share

logger = logging.getLogger(__name__)

PATIENCE_S = 300.0  # without an answer; a restart with its data takes seconds, a move to another machine a minute
_RETRY_S = 0.5
_ANSWER_S = 5.0  # for one answer: scripts take less than a millisecond
_SLOW_S = 120  # for which all workers keep the pace of the one that was refused last
_NEVER_S = 60 * 86400.0  # for which an address stays known that is not due again: sources list no older ones
_FORGET_S = 90  # after which a request whose worker died no longer counts as under way


class SharingLost(CrawlError):
    """Redis has not answered for too long."""


class Shared:
    """See the module's docstring. Used in the event loop only, but for `ended`."""

    def __init__(self, url: str, *, on_lost: Callable[[], None] = lambda: None) -> None:
        """Make ready to connect to `url` (redis://, rediss:// or unix://). Raises ConfigurationError."""
        try:
            import redis.asyncio  # noqa: PLC0415 - only a crawl that is shared needs it
        except ImportError as error:
            raise ConfigurationError(
                "REDIS_URL is set and the package redis is not installed: .venv/bin/pip install -e '.[redis]'"
            ) from error
        try:
            self._client = redis.asyncio.Redis.from_url(
                url, decode_responses=True, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S
            )
        except ValueError as error:
            raise ConfigurationError(f"REDIS_URL is no address of a Redis server: {error}") from error
        self._errors = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)
        self.server = urlsplit(url).hostname or "its socket"  # for messages; the URL may hold a password
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.failures = 0  # questions that got no answer at first
        self._on_lost = on_lost
        self._answered_at = time.monotonic()
        self._scripts: dict[str, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shares: list[Share] = []

    # --- who takes part -----------------------------------------------------------------------------------------------

    def add(self, share: "Share") -> None:
        """Have `share` told of the visits that end."""
        self._loop = asyncio.get_running_loop()
        self._shares.append(share)

    async def remove(self, share: "Share") -> None:
        """The opposite; with the last one the connection is closed."""
        self._shares.remove(share)
        if not self._shares:
            await self.close()

    async def close(self) -> None:
        """Close the connection."""
        with suppress(*self._errors):
            await self._client.aclose()

    def ended(self, url: str, rest_s: float = 0.0) -> None:
        """A visit has ended in this worker, and is not due again for so many seconds. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended, url, rest_s)

    def _ended(self, url: str, rest_s: float) -> None:
        for share in self._shares:
            share.end(url, rest_s)

    # --- questions ----------------------------------------------------------------------------------------------------

    async def ask(self, script: str, prefix: str, *values: object) -> Any:
        """Run one of the scripts beside this module. Raises SharingLost after `PATIENCE_S` without an answer."""
        known = self._scripts.setdefault(script, self._client.register_script(_text(script)))
        return await self._patiently(lambda: known(keys=[prefix], args=values))

    async def are_done(self, prefix: str, urls: Sequence[str]) -> list[bool]:
        """For each address whether its visit ended in this round, in whichever worker."""
        return [
            bool(found) for found in await self._patiently(lambda: self._client.smismember(f"{prefix}done", list(urls)))
        ]

    async def _patiently(self, question: Callable[[], Any]) -> Any:
        waits = False
        self._answered_at = max(self._answered_at, time.monotonic() - PATIENCE_S / 2)  # nobody may have asked for long
        while True:
            try:
                answer = await question()
            except self._errors as error:
                self.failures += 1
                if time.monotonic() - self._answered_at > PATIENCE_S:
                    self._on_lost()
                    raise SharingLost(f"Redis at {self.server} has not answered for {PATIENCE_S:.0f} s") from error
                if not waits:
                    logger.warning("Redis at %s does not answer; the crawl waits for it", self.server)
                waits = True
                await asyncio.sleep(_RETRY_S)
            else:
                self._answered_at = time.monotonic()
                return answer

    # --- the pace of a host, kept by all workers together -------------------------------------------------------------

    @asynccontextmanager
    async def turn(self, host: str, *, delay: float, concurrency: int) -> AsyncIterator[Rest | None]:
        """Wait until `host` may be asked, and hold its place as long as the request takes.

        Yields why it must not be asked, where a worker found that it is to be left alone. `delay`: seconds from one
        request to the next, whichever worker makes it. `concurrency`: requests under way at a time.
        """
        token, prefix = secrets.token_hex(8), f"dateline:host:{host}:"
        while True:
            asked_at = time.monotonic()
            wait = await self.ask("turn", prefix, token, delay, concurrency, _FORGET_S)
            if wait == "0":
                break
            if wait.startswith("rest "):
                yield _rest(host, wait)
                return
            await asyncio.sleep(float(wait) + 0.001)
        if time.monotonic() - asked_at > delay / 10:  # the next turn is reckoned from when this answer was sent
            await self.ask("hold", prefix, delay, delay, _SLOW_S)
        try:
            yield None
        finally:
            await self._patiently(lambda: self._client.zrem(f"{prefix}under_way", token))

    async def hold(self, host: str, seconds: float, *, delay: float) -> None:
        """A refusal: nobody asks `host` for so long, and then no faster than every `delay` seconds."""
        await self.ask("hold", f"dateline:host:{host}:", seconds, delay, _SLOW_S)

    async def record_rest(self, rest: Rest) -> None:
        """Tell all workers that a host is left alone, or answers again."""
        key, seconds = f"dateline:host:{rest.host}:rest", (rest.until - clock.now()).total_seconds()
        if rest.strikes and seconds > 0:
            told = f"{rest.strikes} {rest.until.isoformat()} {rest.reason}"
            await self._patiently(lambda: self._client.set(key, told, px=int(seconds * 1000) + 1))
        else:
            await self._patiently(lambda: self._client.delete(key))


def seconds_until(due_at: datetime | None) -> float:
    """For how long an address needs no visit; for long where none is due again."""
    return _NEVER_S if due_at is None else max(0.0, (due_at - clock.now()).total_seconds())


def _rest(host: str, told: str) -> Rest:
    _, strikes, until, reason = told.split(" ", 3)
    return Rest(host=host, until=datetime.fromisoformat(until), reason=reason, strikes=int(strikes))


@cache
def _text(script: str) -> str:
    """A script as Redis gets it; those of a share begin with the prelude."""
    folder = files("crawler.sharing")
    text = folder.joinpath(f"{script}.lua").read_text(encoding="utf-8")
    if script in {"turn", "hold"}:
        return text
    return folder.joinpath("prelude.lua").read_text(encoding="utf-8") + text

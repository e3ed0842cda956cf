"""One publisher's part of a shared crawl: what this worker announced, what was handed to it, what has ended.

A loop of its own talks to Redis; what it has for Scrapy, and Scrapy for it, waits in memory meanwhile. So a server that
is away for a while stops nobody.
"""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from crawler.sharing.shared import Shared

LIFE_S = 15.0  # a worker that has not been heard of for so long is dead: longer than any stall that was seen
_PAUSE_S = 0.2  # between two questions where there is nothing to tell
_LAST_WORDS_S = 10.0  # for what is being asked when the crawl ends
_QUIET_S = 1.0  # in which nothing is open elsewhere: a source that has ended is a moment ahead of what it announced
_AMNESIA_S = 3.0  # in which all workers say what they have done, before any says again what there is to do


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """An address to be asked for. `source`: the declared source that it is, or is a part of; None for a page."""

    url: str
    via: str | None = None
    source: str | None = None
    depth: int = 1
    priority: int = 0

    def as_json(self) -> str:
        """The task as Redis keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)


class Share:
    """See the module's docstring. All in the event loop."""

    def __init__(
        self, shared: Shared, publisher: str, *, room: int, due_only: bool, on_news: Callable[[], None]
    ) -> None:
        """`room`: how many tasks are held at a time. `on_news` is called when one came, or none will."""
        self.taken: deque[Task] = deque()  # handed to this worker, and not begun
        self.open_elsewhere = 1  # until Redis has said otherwise
        self._quiet_since: float | None = None  # since nothing was open elsewhere, by `time.monotonic`
        self.failure: Exception | None = None  # why nothing is shared any longer
        self._shared = shared
        self._prefix = f"dateline:{publisher}:"
        self._room = room
        self._due_only = due_only
        self._on_news = on_news
        self._round = ""
        self._held: dict[str, Task] = {}
        self._outbox: list[Task] = []
        self._ended: dict[str, float] = {}  # not told yet: seconds until due again
        self._done: set[str] = set()  # of this round
        self._announced: dict[str, Task] = {}  # of this round, as far as this worker has not ended them
        self._has_said_so = False  # to Scrapy, that nothing is open any longer
        self._loop: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    # --- what Scrapy says ---------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Take part. Raises SharingLost."""
        self._shared.add(self)
        await self._join()
        self._loop = asyncio.ensure_future(self._work())

    def announce(self, task: Task) -> None:
        """There is something to ask for; one of the workers will."""
        self._outbox.append(task)
        self._announced[task.url] = task

    def end(self, url: str, rest_s: float) -> None:
        """The visit to an address has ended in this worker, for now or for good; it is due again in `rest_s`."""
        if url in self._held or url in self._announced:
            self._held.pop(url, None)
            self._announced.pop(url, None)
            self._ended[url] = rest_s
            self._done.add(url)

    @property
    def is_open(self) -> bool:
        """Whether something may still come: told and not handed out, handed out here, or open in another worker."""
        is_quiet = self._quiet_since is not None and time.monotonic() - self._quiet_since > _QUIET_S
        return self.failure is None and (bool(self.taken or self._outbox) or not is_quiet)

    async def close(self, *, in_order: bool) -> list[str]:
        """Take no part any longer; returns what was announced here and ended in another worker.

        `in_order`: the crawl came to its end; otherwise the others get what this worker holds.
        """
        self._closing.set()
        if self._loop is not None:
            await asyncio.wait([self._loop], timeout=_LAST_WORDS_S)
            self._loop.cancel()  # Redis does not answer
            await asyncio.gather(self._loop, return_exceptions=True)
        elsewhere: list[str] = []
        try:
            if self.failure is None:
                await self._tell()
                urls = list(self._announced)
                for begin in range(0, len(urls), 1000):
                    some = urls[begin : begin + 1000]
                    done = await self._shared.are_done(self._prefix, some)
                    elsewhere += [url for url, is_done in zip(some, done, strict=True) if is_done]
                await self._shared.ask("leave", self._prefix, self._shared.worker, "0" if in_order else "1")
        finally:
            await self._shared.remove(self)
        return elsewhere

    # --- what Redis says ----------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        try:
            while not self._closing.is_set():
                failures = self._shared.failures
                await self._exchange()
                if self._shared.failures != failures:
                    await self._find_lost()
                if not self._outbox and not self._ended:
                    await self._pause()
        except Exception as error:  # noqa: BLE001 - whatever it is, the crawl must hear of it
            self.failure = error
            self._on_news()

    async def _pause(self) -> None:
        eager = self.taken and len(self._held) < self._room
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), 0.02 if eager else _PAUSE_S)

    async def _exchange(self) -> None:
        """Tell what is new here, and hear what is new elsewhere."""
        is_known = await self._tell()
        room = max(0, self._room - len(self._held))
        answer = await self._shared.ask("take", self._prefix, self._shared.worker, LIFE_S, self._round, room)
        if not is_known or answer[0] == -1:
            await self._remind()
            return
        self.open_elsewhere, tasks = int(answer[0]), [Task(**json.loads(text)) for text in answer[1:]]
        self._receive(tasks)
        if self.open_elsewhere or tasks:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = time.monotonic()
        if tasks or (not self.is_open and not self._has_said_so):
            self._has_said_so = not self.is_open
            self._on_news()

    def _receive(self, tasks: list[Task]) -> None:
        for task in tasks:
            if task.url not in self._held:
                self._held[task.url] = task
                self.taken.append(task)

    async def _tell(self) -> bool:
        """Say what has ended, then what there is to do. False where Redis has forgotten this round."""
        if self._ended:
            ended, self._ended = self._ended, {}
            values = [value for url, seconds in ended.items() for value in (url, seconds)]
            await self._shared.ask("finish", self._prefix, self._shared.worker, *values)
        if self._outbox:
            tasks, self._outbox = self._outbox, []
            self._quiet_since = None  # until the next answer tells who has them
            values = [value for task in tasks for value in (task.url, task.as_json(), task.priority)]
            due_only = "1" if self._due_only else "0"
            new = await self._shared.ask("announce", self._prefix, self._shared.worker, self._round, due_only, *values)
            if new == -1:
                self._outbox = [*tasks, *self._outbox]
                return False
        return True

    async def _join(self) -> None:
        token = secrets.token_hex(8)
        self._round = await self._shared.ask("join", self._prefix, self._shared.worker, LIFE_S, token)

    async def _remind(self) -> None:
        """Redis took this worker for dead, or has lost its memory: take part again."""
        known, self._quiet_since = self._round, None
        await self._join()
        if self._round == known:
            for task in self.taken:  # the others have got it; what has begun is finished here
                self._held.pop(task.url, None)
            self.taken.clear()
            return
        self._ended |= dict.fromkeys([*self._done, *self._held], 0.0)
        outbox, self._outbox = self._outbox, []
        await self._tell()
        await asyncio.sleep(_AMNESIA_S)
        again = [task for url, task in self._announced.items() if url not in self._held]
        self._outbox = list({task.url: task for task in (*again, *outbox, *self._outbox)}.values())

    async def _find_lost(self) -> None:
        """Take what an answer handed out that did not arrive."""
        found = await self._shared.ask("holding", self._prefix, self._shared.worker)
        self._receive(
            [Task(**json.loads(text)) for text in found if text and json.loads(text)["url"] not in self._done]
        )
        if self.taken:
            self._on_news()

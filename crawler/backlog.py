"""How many bytes of pages may wait for a worker. Pages are fetched faster than they are extracted.

Scrapy stops to take new requests when the pages of one spider are too large together; a run has a spider for each
publisher, and with fifty of them nobody would stop. So all of a run share one budget: what is over it waits before its
turn at its host begins, and the pace of hosts is kept when it goes on; what was asked for by then still comes. A page
counts from its capture until whoever holds it lets go of it, however that comes about: an error on the way cannot keep
the place.
"""

import asyncio
import sys
import weakref
from collections import deque

from crawler.fetched import Fetched

LIMIT = 16 * 1024 * 1024  # bytes as they crossed the wire: four hundred pages


class Backlog:
    """The budget of one run. Used in the event loop alone."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        self.limit = limit
        self.held = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def add(self, fetched: Fetched) -> None:
        """Count a captured page until it is gone. Others lead to further requests, and must not keep these waiting."""
        if fetched.capture.kind == "page" and fetched.capture.status == 200:
            size = len(fetched.http)
            self.held += size
            weakref.finalize(fetched, self._release, size)

    @property
    def is_full(self) -> bool:
        """Whether another page would have to wait."""
        return self.held >= self.limit

    def lift(self) -> None:
        """Let everyone go on: the run is being stopped, and what waits is not begun any more."""
        self.limit = sys.maxsize
        self._wake()

    async def room(self) -> None:
        """Wait until the pages that are held are below the limit; who came first goes on first."""
        while self.is_full:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn

    def _release(self, size: int) -> None:
        self.held -= size
        self._wake()

    def _wake(self) -> None:
        while self._waiting and not self.is_full:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.get_loop().call_soon_threadsafe(_go_on, turn)  # objects may end in any thread


def _go_on(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)

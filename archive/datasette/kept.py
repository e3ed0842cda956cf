"""What is dear to count, counted every so often: the figures of a whole archive, for its home page."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

_FACTOR = 30  # times what the counting took are what was counted is shown: a visitor in thirty seconds pays a second
_MOST_S = 120.0  # and never longer, however busy the machine was
_CHEAP_S = 0.5  # what takes less is counted each time
_STALE_S = 600.0  # for so long after that, what was counted is shown once more while it is counted anew


class Kept:
    """Figures, and until when they are shown. Several visitors at once wait for one counting."""

    def __init__(self) -> None:
        self._figures: dict[str, Any] = {}
        self._until = self._stale_until = 0.0
        self._lock = asyncio.Lock()
        self._counting: asyncio.Task[dict[str, Any]] | None = None

    async def get(self, count: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The figures, counted now or a little while ago; nobody waits where there are some of the last minutes."""
        if self._until <= time.monotonic() < self._stale_until:
            if self._counting is None or self._counting.done():
                self._counting = asyncio.create_task(self._counted(count))
                self._counting.add_done_callback(_told)
            return self._figures
        return await self._counted(count)

    async def _counted(self, count: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        async with self._lock:
            begun = time.monotonic()
            if begun >= self._until:
                self._figures = await count()
                took = time.monotonic() - begun
                is_dear = took > _CHEAP_S
                self._until = begun + (min(_FACTOR * took, _MOST_S) if is_dear else 0)
                self._stale_until = self._until + (_STALE_S if is_dear else 0)
            return self._figures


def _told(counting: "asyncio.Task[dict[str, Any]]") -> None:
    """Say why a counting that nobody waited for gave nothing; the next visitor begins another."""
    if not counting.cancelled() and (error := counting.exception()):
        logging.getLogger("archive.site").warning("The home page's figures could not be counted anew: %s", error)

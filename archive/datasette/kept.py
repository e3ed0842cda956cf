"""What is dear to count, counted every so often: the figures of a whole archive, for its home page."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

_FACTOR = 30  # times what the counting took are what was counted is shown: a visitor in thirty seconds pays a second
_MOST_S = 120.0  # and never longer, however busy the machine was
_CHEAP_S = 0.5  # what takes less is counted each time


class Kept:
    """Figures, and until when they are shown. Several visitors at once wait for one counting."""

    def __init__(self) -> None:
        self._figures: dict[str, Any] = {}
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self, count: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The figures, counted now or a little while ago."""
        async with self._lock:
            begun = time.monotonic()
            if begun >= self._until:
                self._figures = await count()
                took = time.monotonic() - begun
                self._until = begun + (min(_FACTOR * took, _MOST_S) if took > _CHEAP_S else 0)
            return self._figures

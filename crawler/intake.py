"""How many bytes the answers on their way may hold together. Small ones never wait; large ones take turns.

One answer has its cap, and a hundred of them at that cap would fill the memory: a host that sends without end is not
alone. What is over the budget is not read from its socket until there is room, so that the sender waits (TCP's own
flow control); its timeout goes on meanwhile. Those that hold more than their share wait first, so that an article of
half a megabyte passes a dozen floods; the answer that began first is always read on, so that all get their turn.
"""

import contextlib
import ctypes
from dataclasses import dataclass
from typing import Any

LIMIT = 12 * 1024 * 1024  # bytes of all answers under way; each is copied once or twice on its way into the archive
SMALL = 256 * 1024  # bytes of one; nearly every article page is smaller


# mallopt(3): what is larger is mapped by itself, and goes back to the system when it is freed. Left alone, glibc raises
# this to the largest block ever freed, and the heap keeps the holes of every flood (measured: 163 MB, not 86).
_M_MMAP_THRESHOLD = -3
_MAPPED = 128 * 1024


def keep_no_holes() -> None:
    """Have this process give large blocks of memory back at once. Does nothing where the C library is not glibc."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MAPPED)


@dataclass(slots=True)
class _Holding:
    transport: Any
    size: int = 0
    paused: bool = False


class Intake:
    """The budget of one process. `key` is whatever stands for an answer under way, the same object each time."""

    def __init__(self, *, limit: int = LIMIT, small: int = SMALL) -> None:
        self.limit = limit
        self.small = small
        self.held = 0
        self._holdings: dict[object, _Holding] = {}  # in the order in which they began

    def received(self, key: object, size: int, transport: Any) -> None:
        """`size` more bytes came for `key` over `transport`, which is paused if that is too much for now."""
        holding = self._holdings.setdefault(key, _Holding(transport))
        holding.size += size
        self.held += size
        share = max(self.small, self.limit // len(self._holdings))
        if self.held > self.limit and holding.size > share and key is not next(iter(self._holdings)):
            holding.paused = True
            transport.pauseProducing()

    def release(self, key: object) -> None:
        """What was held for `key` is held no more. Harmless for a key of which nothing came."""
        holding = self._holdings.pop(key, None)
        if holding is None:
            return
        self.held -= holding.size
        for number, waiting in enumerate(list(self._holdings.values())):
            if waiting.paused and (number == 0 or self.held <= self.limit):
                waiting.paused = False
                waiting.transport.resumeProducing()

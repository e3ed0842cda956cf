"""Figures that are dear to count are counted once for many visitors, cheap ones for each."""

import asyncio
import time
from typing import Any

import pytest

from archive.datasette.kept import Kept


async def test_what_is_dear_is_counted_once_for_all_who_wait() -> None:
    times = 0

    async def count() -> dict[str, Any]:
        nonlocal times
        times += 1
        await asyncio.sleep(0.55)
        return {"articles": times}

    kept = Kept()
    assert await asyncio.gather(*(kept.get(count) for _ in range(5))) == [{"articles": 1}] * 5
    assert times == 1


async def test_what_is_cheap_is_always_of_now() -> None:
    times = 0

    async def count() -> dict[str, Any]:
        nonlocal times
        times += 1
        return {"articles": times}

    kept = Kept()
    assert [await kept.get(count) for _ in range(3)] == [{"articles": 1}, {"articles": 2}, {"articles": 3}]


class Slow:
    """A counting that takes its time, and says how often it was asked for; from the second on it may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.error = error

    async def __call__(self) -> dict[str, Any]:
        self.times += 1
        await asyncio.sleep(0.55)
        if self.times > 1 and self.error:
            raise self.error
        return {"times": self.times}


async def test_what_was_dear_is_shown_while_it_is_counted_again() -> None:
    kept, count = Kept(), Slow()
    assert await kept.get(count) == {"times": 1}
    assert await kept.get(count) == {"times": 1}
    kept._until = time.monotonic()
    begun = time.monotonic()
    assert [await kept.get(count) for _ in range(3)] == [{"times": 1}] * 3
    assert time.monotonic() - begun < 0.5, "nobody waits"
    await asyncio.sleep(0.7)
    assert await kept.get(count) == {"times": 2}
    assert count.times == 2


async def test_after_a_long_while_nothing_old_is_shown() -> None:
    kept, count = Kept(), Slow()
    await kept.get(count)
    kept._until = kept._stale_until = time.monotonic()
    assert await kept.get(count) == {"times": 2}


async def test_a_counting_that_fails_unseen_is_told(caplog: pytest.LogCaptureFixture) -> None:
    kept, count = Kept(), Slow(ValueError("no room"))
    await kept.get(count)
    kept._until = time.monotonic()
    assert await kept.get(count) == {"times": 1}
    await asyncio.sleep(0.7)
    assert "no room" in caplog.text
    assert await kept.get(count) == {"times": 1}, "and the next visitor begins another"
    await asyncio.sleep(0.7)
    assert count.times == 3

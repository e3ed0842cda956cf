"""Figures that are dear to count are counted once for many visitors, cheap ones for each."""

import asyncio
import time
from typing import Any

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


async def test_what_was_dear_is_counted_again_after_a_while() -> None:
    async def count() -> dict[str, Any]:
        await asyncio.sleep(0.55)
        return {"at": time.monotonic()}

    kept = Kept()
    first = await kept.get(count)
    kept._until = time.monotonic()
    assert await kept.get(count) != first

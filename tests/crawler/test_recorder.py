"""The writer thread: which calls share a commit, and that nobody waits who need not."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive
from crawler.recorder import Recorder


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    opened = Recorder(tmp_path / "archive", software="dateline test", demonstration=False, about={})
    yield opened
    opened.close()


def begin(archive: Archive) -> int:
    return archive.start_run(command="test", arguments={}, version="0")


def entries(recorder: Recorder) -> int:
    """How many commits there were."""
    return recorder.call(lambda archive: archive.journal.sequence)


async def test_calls_that_come_together_share_commits(recorder: Recorder) -> None:
    before = entries(recorder)
    runs = await asyncio.gather(*(recorder.write(begin) for _ in range(40)))
    assert sorted(runs) == list(range(1, 41))
    assert entries(recorder) - before <= 3


async def test_after_many_calls_the_next_ones_are_waited_for(recorder: Recorder) -> None:
    await recorder.write(begin)
    await asyncio.gather(*(recorder.write(begin) for _ in range(40)))
    before = entries(recorder)
    first = asyncio.ensure_future(recorder.write(begin))
    await asyncio.sleep(0)
    assert recorder._next_at > time.monotonic()
    await asyncio.gather(first, *(recorder.write(begin) for _ in range(3)))
    assert entries(recorder) == before + 1


async def test_who_calls_alone_waits_for_nobody(recorder: Recorder) -> None:
    for _ in range(3):
        begun = time.monotonic()
        await recorder.write(begin)
        assert recorder._next_at <= time.monotonic()
        assert recorder._next_at >= begun


async def test_a_call_that_was_given_up_is_not_made(recorder: Recorder) -> None:
    busy = asyncio.ensure_future(recorder.write(lambda _: time.sleep(0.2)))
    await asyncio.sleep(0.05)
    given_up = asyncio.ensure_future(recorder.write(begin))
    await asyncio.sleep(0)
    given_up.cancel()
    await busy
    assert await recorder.write(begin) == 1
    assert given_up.cancelled()


def test_an_answer_that_finds_its_loop_closed_harms_nobody(recorder: Recorder) -> None:
    async def leave() -> None:
        asyncio.ensure_future(recorder.write(slow))  # noqa: RUF006 - nobody awaits it
        while not begun.is_set():
            await asyncio.sleep(0.01)

    def slow(archive: Archive) -> int:
        begun.set()
        time.sleep(0.3)
        return begin(archive)

    begun = threading.Event()

    asyncio.run(leave())
    assert recorder.call(begin) == 2
    assert recorder.failure is None

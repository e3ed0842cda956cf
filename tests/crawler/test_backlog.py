"""Pages that wait for a worker hold back further ones, of whatever spider, and never for good."""

import asyncio
from dataclasses import replace

from archive.model import Capture
from crawler.backlog import Backlog
from crawler.fetched import Fetched
from tests.archive.conftest import NOON

CAPTURE = Capture(
    id=1, url="https://news.example/tarn", captured_at=NOON, status=200, content_type="text/html",
    file="warc/a.warc.gz", offset=0, length=10, record_id="<urn:uuid:1>", payload_digest="sha256:00",
)  # fmt: skip


def page(size: int, **other: object) -> Fetched:
    return Fetched(capture=replace(CAPTURE, **other), http=bytes(size))  # type: ignore[arg-type]


def test_a_page_waits_while_others_hold_the_budget_and_goes_on_when_one_is_gone() -> None:
    async def story() -> None:
        backlog = Backlog(limit=100)
        first, second = page(60), page(60)
        backlog.add(first)
        assert not backlog.is_full
        await asyncio.wait_for(backlog.room(), 1)
        backlog.add(second)
        turns = [asyncio.ensure_future(backlog.room()) for _ in range(3)]
        await asyncio.sleep(0)
        assert [turn.done() for turn in turns] == [False] * 3
        second.take()  # a worker has the bytes: they are in memory all the same
        await asyncio.sleep(0)
        assert backlog.held == 120
        del first
        await asyncio.wait_for(asyncio.gather(*turns), 1)
        assert backlog.held == 60

    asyncio.run(story())


def test_only_pages_count_that_wait_for_extraction() -> None:
    backlog = Backlog(limit=100)
    others = [page(90, status=301), page(90, kind="source"), page(90, kind="robots"), page(90, status=503)]
    for fetched in others:
        backlog.add(fetched)
    assert backlog.held == 0


def test_who_is_cancelled_does_not_keep_the_others_waiting() -> None:
    async def story() -> None:
        backlog = Backlog(limit=100)
        held = page(100)
        backlog.add(held)
        impatient, patient = (asyncio.ensure_future(backlog.room()) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        del held
        await asyncio.wait_for(patient, 1)

    asyncio.run(story())


def test_a_run_that_is_stopped_lets_all_go_on() -> None:
    async def story() -> None:
        backlog = Backlog(limit=100)
        held = page(100)
        backlog.add(held)
        turn = asyncio.ensure_future(backlog.room())
        await asyncio.sleep(0)
        backlog.lift()
        await asyncio.wait_for(turn, 1)
        assert held.http

    asyncio.run(story())

"""What workers tell each other through a real Redis server: each is an own connection, as on an own machine."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from archive import clock
from archive.agenda import Rest
from crawler.errors import ConfigurationError
from crawler.sharing import share as share_module
from crawler.sharing.share import Share, Task
from crawler.sharing.shared import Shared, seconds_until
from tests.crawler.sharing.conftest import RedisServer
from tests.crawler.sharing.turns import DIGIT, heard

PAGES = [f"https://news.example/{number}" for number in range(20)]


@asynccontextmanager
async def worker(server: RedisServer, *, room: int = 4, due_only: bool = False) -> AsyncIterator[Share]:
    share = Share(Shared(server.url), "Example", room=room, due_only=due_only, on_news=lambda: None)
    await share.open()
    try:
        yield share
    finally:
        if share._loop is not None and not share._loop.done():
            await share.close(in_order=True)
        else:
            await share._shared.close()


@asynccontextmanager
async def connections(server: RedisServer, count: int) -> AsyncIterator[list[Shared]]:
    opened = [Shared(server.url) for _ in range(count)]
    try:
        yield opened
    finally:
        for shared in opened:
            await shared.close()


def announce(share: Share, urls: list[str], **fields: int) -> None:
    for url in urls:
        share.announce(Task(url=url, **fields))  # type: ignore[arg-type]


def take(share: Share) -> list[str]:
    """What was handed out, in order; it is begun."""
    urls = [task.url for task in share.taken]
    share.taken.clear()
    return urls


def visit(share: Share, rest_s: float = 0.0) -> list[str]:
    """Take what there is and end it at once."""
    urls = take(share)
    for url in urls:
        share.end(url, rest_s)
    return urls


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.01)


async def work_off(*shares: Share) -> list[str]:
    """Visit all that is open; every address as often as it was handed out."""
    visited: list[str] = []
    while any(share.is_open for share in shares):
        for share in shares:
            visited += visit(share)
        await asyncio.sleep(0.01)
    return visited


async def die(share: Share) -> None:
    """What `kill -9` leaves: nothing is told any longer, and nobody has said goodbye."""
    assert share._loop is not None
    share._closing.set()
    await share._loop


async def test_each_address_is_handed_to_one_worker(server: RedisServer) -> None:
    async with worker(server) as one, worker(server) as two:
        announce(one, PAGES[:15])
        announce(two, PAGES[5:])
        assert sorted(await work_off(one, two)) == sorted(PAGES)


async def test_the_urgent_come_first(server: RedisServer) -> None:
    async with worker(server, room=1) as one:
        announce(one, PAGES[:3])
        announce(one, PAGES[3:4], priority=10)
        await until(lambda: bool(one.taken))
        first = visit(one)
        assert first + await work_off(one) in ([PAGES[0], PAGES[3], *PAGES[1:3]], [PAGES[3], *PAGES[:3]])


async def test_no_worker_holds_more_than_it_has_room_for(server: RedisServer) -> None:
    async with worker(server, room=3) as one:
        announce(one, PAGES)
        await until(lambda: len(one.taken) == 3)
        await asyncio.sleep(0.5)
        assert len(one.taken) == 3
        assert sorted(await work_off(one)) == sorted(PAGES)


async def test_a_worker_waits_for_what_others_hold(server: RedisServer) -> None:
    async with worker(server) as one, worker(server) as two:
        announce(one, PAGES[:1])
        await until(lambda: bool(one.taken or two.taken))
        holder, other = (one, two) if one.taken else (two, one)
        await asyncio.sleep(1.5)
        assert other.is_open
        visit(holder)
        await until(lambda: not one.is_open and not two.is_open)


async def test_what_a_killed_worker_held_is_handed_to_another(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_module, "LIFE_S", 1.0)
    async with worker(server) as one, worker(server) as two:
        announce(one, PAGES)
        await until(lambda: len(one.taken) == 4)
        await die(one)
        with server.client() as client:
            believed_until = client.zscore("dateline:Example:workers", one._shared.worker) or 0.0
            visited: list[str] = []
            while one._held.keys().isdisjoint(visited):
                visited += visit(two)
                await asyncio.sleep(0.01)
            seconds, microseconds = client.time()
        assert seconds + microseconds / 1e6 >= believed_until
        assert sorted(visited + await work_off(two)) == sorted(PAGES)


async def test_what_a_stopped_worker_held_is_handed_on_at_once(server: RedisServer) -> None:
    async with worker(server) as two:
        async with worker(server) as one:
            announce(one, PAGES[:4])
            await until(lambda: len(one.taken) + len(two.taken) == 4)
            await one.close(in_order=False)
        assert sorted(await work_off(two)) == sorted(PAGES[:4])


async def test_a_new_round_begins_when_all_have_left(server: RedisServer) -> None:
    for _ in range(2):
        async with worker(server) as one:
            announce(one, PAGES[:3])
            assert sorted(await work_off(one)) == sorted(PAGES[:3])


async def test_what_was_announced_keeps_a_worker_until_it_is_known_who_has_it(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long nothing was open before: reading a source takes its time on a busy machine."""
    monkeypatch.setattr(share_module, "_QUIET_S", 0.0)
    async with worker(server) as one:
        await until(lambda: not one.is_open)
        announce(one, PAGES[:1])
        while not one.taken:
            assert one.is_open
            await asyncio.sleep(0)
        assert await work_off(one) == PAGES[:1]


async def test_who_leaves_hears_what_others_have_visited(server: RedisServer) -> None:
    async with worker(server) as one, worker(server, room=20) as two:
        announce(one, PAGES)
        begun: list[str] = []
        while one.is_open or two.is_open:
            begun += visit(two)
            visit(one)
            await asyncio.sleep(0.01)
        assert sorted(await one.close(in_order=True)) == sorted(begun)


async def test_what_is_not_due_is_left_out_by_those_who_keep_to_the_schedule(server: RedisServer) -> None:
    async with worker(server) as one:
        announce(one, PAGES[:2])
        await until(lambda: len(one.taken) == 2)
        visit(one, rest_s=600)
        await until(lambda: not one.is_open)
    async with worker(server, due_only=True) as later:
        announce(later, PAGES[:4])
        assert sorted(await work_off(later)) == PAGES[2:4]
    async with worker(server) as anyhow:
        announce(anyhow, PAGES[:4])
        assert sorted(await work_off(anyhow)) == PAGES[:4]


@pytest.mark.parametrize("forget", [False, True], ids=["with its data", "without"])
async def test_nothing_is_lost_or_visited_twice_when_redis_is_killed_and_restarted(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, forget: bool
) -> None:
    monkeypatch.setattr(share_module, "_AMNESIA_S", 0.5)
    async with worker(server) as one, worker(server) as two:
        announce(one, PAGES[:12])
        announce(two, PAGES[8:])
        await until(lambda: bool(one.taken and two.taken))
        visited = visit(one) + visit(two)
        await until(lambda: bool(one.taken or two.taken))
        server.kill(forget=forget)
        visited += visit(one)  # told when it is back
        await asyncio.sleep(1)
        server.start()
        visited += await work_off(one, two)
    assert sorted(visited) == sorted(PAGES)


async def test_a_host_is_asked_by_all_workers_together_no_faster_than_its_delay(server: RedisServer) -> None:
    with heard(server) as turns:
        async with connections(server, 4) as shareds:

            async def ask(shared: Shared, at: float) -> None:
                for _ in range(3):
                    await asyncio.sleep(at)  # also when a part of the delay has passed
                    async with shared.turn("news.example", delay=0.1, concurrency=2):
                        pass

            await asyncio.gather(*map(ask, shareds, (0.0, 0.02, 0.06, 0.09)))
    assert len(turns.given) == 12
    turns.assert_kept(0.1)


async def test_a_turn_that_is_told_late_is_reckoned_from_when_it_was_told(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with heard(server) as turns:
        async with connections(server, 2) as (one, two):
            monkeypatch.setattr(one, "ask", late(one.ask, seconds=0.3))
            async with one.turn("news.example", delay=0.1, concurrency=2):
                pass
            async with two.turn("news.example", delay=0.1, concurrency=2):
                pass
    first, second = turns.given
    assert second.at >= second.since - DIGIT
    assert second.since >= first.at + 0.3 + 0.1 - DIGIT


def late(ask: Callable[..., Awaitable[Any]], *, seconds: float) -> Callable[..., Awaitable[Any]]:
    """As over a line on which answers take their time."""

    async def ask_and_wait(*question: object) -> Any:
        answer = await ask(*question)
        await asyncio.sleep(seconds)
        return answer

    return ask_and_wait


async def test_requests_under_way_at_a_host_are_bounded_over_all_workers(server: RedisServer) -> None:
    async with connections(server, 4) as shareds:
        under_way, most = 0, 0

        async def ask(shared: Shared) -> None:
            nonlocal under_way, most
            async with shared.turn("news.example", delay=0.0, concurrency=2):
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0.05)
                under_way -= 1

        await asyncio.gather(*(ask(shared) for shared in shareds for _ in range(3)))
        assert most == 2


async def test_a_refusal_holds_all_workers_and_slows_them_down(server: RedisServer) -> None:
    with heard(server) as turns:
        async with connections(server, 2) as (one, two):
            async with one.turn("news.example", delay=0.0, concurrency=2):
                await one.hold("news.example", 0.4, delay=0.3)
            for _ in range(2):
                async with two.turn("news.example", delay=0.0, concurrency=2):
                    pass
    refused, *others = turns.given
    assert others[0].since >= refused.at + 0.4 - DIGIT
    assert others[0].at >= others[0].since - DIGIT
    assert others[1].at >= others[0].at + 0.3 - DIGIT


async def test_a_host_that_one_worker_leaves_alone_is_left_alone_by_all_until_it_answers(server: RedisServer) -> None:
    async with connections(server, 2) as (one, two):
        until_then = clock.now() + timedelta(minutes=30)
        left = Rest(host="news.example", until=until_then, reason="it refused 5 addresses in a row (403)", strikes=2)
        await one.record_rest(left)
        async with two.turn("news.example", delay=0.0, concurrency=2) as rest:
            assert rest == left
        await one.record_rest(Rest(host="news.example", until=clock.now(), reason="it answers again", strikes=0))
        async with two.turn("news.example", delay=0.0, concurrency=2) as rest:
            assert rest is None


def test_an_address_that_is_none_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL") as caught:
        Shared("http://user:secret@redis.example/0")
    assert "secret" not in str(caught.value)


def test_what_is_never_due_again_stays_known_for_long() -> None:
    assert seconds_until(None) > 30 * 86400
    assert seconds_until(clock.now() - timedelta(hours=1)) == 0
    assert 3500 < seconds_until(clock.now() + timedelta(hours=1)) <= 3600

"""A run's account of captures and sightings, on a real archive."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy import Request

from archive import clock
from archive.agenda import Rest
from archive.errors import ArchiveError
from archive.model import Exchange, Outcome, Sighting
from archive.store import Archive
from crawler.endings import Ending
from crawler.publisher import Feed, Publisher
from crawler.run import Run
from crawler.workers import WorkerPool

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://example.org/news/1"
PUBLISHER = Publisher(
    name="P",
    homepage="https://example.org/",
    country="XX",
    languages=("en",),
    timezone="UTC",
    domains=("example.org",),
    sources=(),
    article_url="/news/",
)


def sighting(source: str) -> Sighting:
    return Sighting(url=URL, raw_url=URL, publisher="P", source=source, seen_at=NOW, position=0)


def exchange(body: bytes = b"", head: bytes = b"200 OK", kind: str = "page") -> Exchange:
    response = b"HTTP/1.1 " + head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    return Exchange(url=URL, captured_at=NOW, request=b"GET /news/1 HTTP/1.1\r\n\r\n", response=response, kind=kind)


async def outcomes(run: Run) -> dict[str, int]:
    return await run.recorder.write(Archive.outcomes, run.id)


async def test_a_url_that_a_second_source_announces_after_its_fetch_ends_as_the_fetch_did(run: Run) -> None:
    assert await run.frontier.record_sightings([sighting("https://example.org/a")]) == (1, set())
    await run.frontier.end_sightings([URL], Outcome.BLOCKED, "wall")
    assert await run.frontier.record_sightings([sighting("https://example.org/b")]) == (0, set())
    assert await run.recorder.write(Archive.pending, "P") == []


async def test_a_capture_ends_once_and_its_first_outcome_stands(run: Run) -> None:
    fetched = await run.capture(Request(URL), exchange())
    await run.end(fetched, Outcome.NOT_ARTICLE, "robots")
    await run.end(fetched, Outcome.FAILED, "again")
    assert await outcomes(run) == {"not_article": 1}


@pytest.mark.parametrize(
    ("head", "kind", "expected"),
    [
        (b"301 Moved", "page", "not_article"),
        (b"302 Found", "source", "not_article"),
        (b"503 Busy", "page", "failed"),
        (b"503 Busy", "robots", "not_article"),
    ],
)
async def test_a_hop_ends_before_the_next_request(run: Run, head: bytes, kind: str, expected: str) -> None:
    request = Request(URL)
    await run.capture(request, exchange(head=head, kind=kind))
    followed = request.replace(url=URL + "/")
    await run.end_hop(followed)
    await run.end_hop(request)
    assert await outcomes(run) == {expected: 1}


async def test_who_asked_first_can_end_the_last_of_several_hops(run: Run) -> None:
    """robots.txt and a site's home page are asked for outside the queue: of their redirects only the error comes."""
    asked = hop = Request(URL)
    for _ in range(3):
        await run.end_hop(hop)
        await run.capture(hop, exchange(head=b"302 Found"))
        hop = hop.replace(url=hop.url + "/")
    await run.end_hop(asked)
    assert await outcomes(run) == {"not_article": 3}


async def test_a_page_ends_in_store_and_frontier(run: Run) -> None:
    await run.frontier.record_sightings([sighting("https://example.org/a")])
    fetched = await run.capture(Request(URL), exchange(b"%PDF", b"200 OK\r\nContent-Type: application/pdf"))
    assert await run.process(fetched, tally="P", sighting=URL) is Outcome.NOT_ARTICLE
    assert run.tally("P").outcomes == {Outcome.NOT_ARTICLE: 1}
    assert await outcomes(run) == {"not_article": 1}
    assert await run.recorder.write(Archive.pending, "P") == []
    assert fetched.http == b""


@pytest.mark.parametrize(("status", "waits"), [(404, False), (410, False), (429, True), (500, True), (503, True)])
async def test_passing_trouble_leaves_the_url_in_the_frontier(run: Run, status: int, waits: bool) -> None:
    await run.frontier.record_sightings([sighting("https://example.org/a")])
    fetched = await run.capture(Request(URL), exchange(head=b"%d No" % status))
    assert await run.process(fetched, tally="P", sighting=URL) is Outcome.FAILED
    assert bool(await run.recorder.write(Archive.pending, "P")) is waits


async def test_a_text_that_came_only_now_is_visited_as_often_as_a_new_one(run: Run) -> None:
    """A wall or an error stood in its place for a week: its first edits are still to come."""
    run.conflict_only = False
    page = b"<html><body><article><p>" + b"The ferry ran again on Monday. " * 30 + b"</p></article></body></html>"
    for at, answer in (
        (NOW, exchange(head=b"404 Not Found")),
        (NOW + timedelta(days=7), exchange(page, b"200 OK\r\nContent-Type: text/html")),
    ):
        fetched = await run.capture(Request(URL), replace(answer, captured_at=at))
        await run.process(fetched, tally="P", sighting=URL)
    due = "SELECT next_at FROM watches"
    assert run.recorder.call(lambda archive: archive._db.execute(due).fetchall()) == [("2026-03-08T13:00:00Z",)]


async def test_an_article_that_is_gone_is_counted_as_removed(run: Run) -> None:
    """A page that never was an article is not."""
    run.conflict_only = False
    page = b"<html><body><article><p>" + b"The ferry ran again on Monday. " * 30 + b"</p></article></body></html>"
    counts = list[int]()
    for answer in (
        exchange(head=b"404 Not Found"),
        exchange(page, b"200 OK\r\nContent-Type: text/html"),
        exchange(head=b"410 Gone"),
    ):
        fetched = await run.capture(Request(URL), answer)
        await run.process(fetched, tally="P", sighting=URL)
        counts.append(run.tally("P").removed)
    assert counts == [0, 0, 1]
    assert run.tally("P").usable == 2


async def test_what_waits_in_the_frontier_says_why(run: Run) -> None:
    waiting = sighting("https://example.org/feed")
    await run.frontier.record_sightings([waiting])
    ending = Ending(outcome=Outcome.FAILED, detail="timeout: 30 s")
    await run.frontier.defer_sighting(waiting.url, waiting.publisher, ending)
    left = "SELECT outcome, detail FROM sightings"
    assert run.recorder.call(lambda archive: archive._db.execute(left).fetchall()) == [(None, "timeout: 30 s")]
    await run.frontier.end_sightings([waiting.url], Outcome.FAILED, "http 410")
    assert run.recorder.call(lambda archive: archive._db.execute(left).fetchall()) == [("failed", "http 410")]


async def test_pages_that_a_killed_run_captured_come_to_their_outcome(tmp_path: Path, workers: WorkerPool) -> None:
    """Whichever command runs next: an import's records and a single article are asked for by nobody else."""
    page = b"<html><body><article><p>" + b"The ferry ran again on Monday. " * 30 + b"</p></article></body></html>"
    whole = exchange(page, b"200 OK\r\nContent-Type: text/html")
    run = Run(tmp_path, command="test", arguments={}, workers=workers)
    await run.frontier.record_sightings([sighting("https://example.org/a")])
    for left in (whole, replace(whole, truncated="time"), exchange(kind="source"), exchange(head=b"301 Moved")):
        await run.capture(Request(URL), left)
    run.recorder.close()
    later = Run(tmp_path, command="test", arguments={}, workers=workers, conflict_only=False)
    try:
        await asyncio.gather(later.resumed(), later.resumed())
        unfinished = [capture.kind for capture in await later.recorder.write(Archive.unfinished)]
        counts = await later.recorder.write(Archive.counts)
        ended = await later.recorder.write(Archive.outcomes)
    finally:
        later.recorder.close()
    assert unfinished == ["source"]
    assert ended == {"extracted": 1, "failed": 1, "not_article": 1, "unfinished": 1}
    assert (counts["articles"], counts["pending"]) == (1, 0)


async def test_a_304_that_a_killed_run_captured_comes_to_its_outcome(tmp_path: Path, workers: WorkerPool) -> None:
    run = Run(tmp_path, command="test", arguments={}, workers=workers)
    whole = await run.capture(Request(URL), exchange(b"<p>All is quiet.</p>"))
    await run.end(whole, Outcome.EXTRACTED, None)
    for refers_to in (whole.capture.record_id, None):
        await run.capture(Request(URL), replace(exchange(head=b"304 Not Modified"), refers_to=refers_to))
    run.recorder.close()
    later = Run(tmp_path, command="test", arguments={}, workers=workers)
    try:
        await later.resumed()
        ended = await later.recorder.write(Archive.outcomes)
    finally:
        later.recorder.close()
    assert ended == {"extracted": 1, "unchanged": 1, "failed": 1}


async def test_what_a_host_that_is_left_alone_has_is_not_due(tmp_path: Path, workers: WorkerPool) -> None:
    feeds = ("https://example.org/feed", "https://feeds.example.net/feed")
    publisher = replace(PUBLISHER, sources=tuple(map(Feed, feeds)))
    run = Run(tmp_path, command="test", arguments={}, workers=workers, due_only=True)
    await run.frontier.record_sightings([sighting(feeds[0])])
    await run.frontier.record_rest(
        Rest(host="example.org", until=clock.now() + timedelta(hours=1), reason="429", strikes=1)
    )
    run.recorder.close()
    for due_only, sources, pending in ((True, feeds[1:], ()), (False, feeds, (URL,))):
        later = Run(tmp_path, command="test", arguments={}, workers=workers, due_only=due_only)
        work = await later.open_publisher(publisher, "p")
        later.recorder.close()
        assert (work.sources, work.pending) == (sources, pending)


async def test_after_the_archives_first_failure_nothing_more_is_acknowledged(run: Run) -> None:
    stopped: list[bool] = []
    run.recorder.on_failure = lambda: stopped.append(True)

    def disk_full(archive: Archive) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ArchiveError, match="No space left"):
        await run.recorder.write(disk_full)
    with pytest.raises(ArchiveError, match="No space left"):
        await run.capture(Request(URL), exchange())
    assert stopped == [True]

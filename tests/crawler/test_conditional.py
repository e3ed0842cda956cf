"""Asking whether something has changed: what a run sends, what a 304 makes of it, and servers that lie."""

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings

from archive import clock
from archive.model import Exchange
from archive.records import WarcRecord, read_record
from archive.verify import verify
from crawler.middlewares.conditional import ConditionalMiddleware
from crawler.run import Run
from crawler.workers import WorkerPool
from tests import commands
from tests.web.faults import Fault
from tests.web.offline import OfflineWeb
from tests.web.server import WebExchange
from tests.web.site import Validators

pytestmark = pytest.mark.slow

HOUR = 3600
FEED = "https://www.rt.com/rss/news/"


@pytest.fixture
def web() -> Iterator[OfflineWeb]:
    with OfflineWeb() as served:
        yield served


class Archive:
    """An archive that the real program crawls RT into, at chosen times."""

    def __init__(self, folder: Path, web: OfflineWeb) -> None:
        self.folder = folder
        self.web = web

    def crawl(self, *options: str, hours: float = 0) -> int:
        """`scrapy crawlall --publisher rt OPTIONS`, so many hours from now; the exit code."""
        self.web.forget()
        shift = {"DATELINE_CLOCK_SHIFT": str(hours * HOUR)} if hours else {}
        ended = commands.run(
            "scrapy", "crawlall", "--publisher", "rt", *options, "-s", "EXTRACTION_WORKERS=1",
            env={**os.environ, **self.web.env(), **shift, "DATELINE_ARCHIVE": str(self.folder)},
        )  # fmt: skip
        self.output = ended.stdout + ended.stderr
        return ended.returncode

    def rows(self, sql: str, *values: object) -> list[Any]:
        database = sqlite3.connect(self.folder / "archive.db")
        try:
            found = database.execute(sql, values).fetchall()
        finally:
            database.close()
        return [row[0] if len(row) == 1 else row for row in found]

    def asked(self, pattern: str) -> list[WebExchange]:
        """What the last crawl asked for at URLs in which the regex is found."""
        return [exchange for exchange in self.web.exchanges if re.search(pattern, exchange.url)]

    def record(self, capture_id: int) -> WarcRecord:
        [(file, offset)] = self.rows("SELECT file, offset FROM captures WHERE id = ?", capture_id)
        return read_record(self.folder / file, offset)


@pytest.fixture
def archive(tmp_path: Path, web: OfflineWeb) -> Archive:
    return Archive(tmp_path / "archive", web)


def header(exchange: WebExchange, name: str) -> str | None:
    found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*([^\r\n]*)", exchange.request)
    return found[1].decode() if found else None


def article(web: OfflineWeb) -> str:
    return next(page.url for page in web.pages if page.kind == "article" and "www.rt.com/news/" in page.url)


def test_what_has_not_changed_is_not_sent_again(archive: Archive, web: OfflineWeb) -> None:
    assert archive.crawl() == 0, archive.output
    before = archive.rows("SELECT count(*) FROM sightings"), archive.rows("SELECT count(*) FROM versions")
    assert all(header(exchange, "If-None-Match") is None for exchange in web.exchanges)
    assert archive.crawl("--due", hours=2) == 0, archive.output
    # the sources: unmodified, nothing sighted, no error
    sources = archive.rows("SELECT DISTINCT outcome, error FROM sources")
    assert sources == [("unmodified", None)]
    assert archive.rows("SELECT min(entries) FROM sources")[0] > 0, "what was read last stands"
    assert archive.rows("SELECT DISTINCT outcome, entries, new FROM polls WHERE run_id = 2") == [("unmodified", 0, 0)]
    after = archive.rows("SELECT count(*) FROM sightings"), archive.rows("SELECT count(*) FROM versions")
    assert after == before
    # the articles: visited, unchanged, without their bodies
    visited = archive.rows("SELECT status, outcome, detail FROM captures WHERE run_id = 2 AND kind = 'page'")
    assert visited
    assert set(visited) == {(304, "unchanged", "not modified")}
    assert archive.rows("SELECT min(visits) FROM watches WHERE outcome = 'unchanged'") == [2]
    assert {exchange.status for exchange in web.exchanges if "robots" not in exchange.url} == {304}
    # the records
    etags = dict(archive.rows("SELECT url, etag FROM captures WHERE run_id = 1 AND status = 200"))
    for capture_id, url in archive.rows("SELECT id, url FROM captures WHERE run_id = 2 AND status = 304"):
        record = archive.record(capture_id)
        [(original, date)] = archive.rows(
            "SELECT record_id, captured_at FROM captures WHERE url = ? AND run_id = 1 AND status = 200", url
        )
        assert record.type == "revisit"
        assert (record.header("WARC-Profile") or "").endswith("/server-not-modified")
        assert record.header("WARC-Refers-To") == original
        assert record.header("WARC-Refers-To-Target-URI") == url
        assert (record.header("WARC-Refers-To-Date") or "")[:19] == date[:19]
        [exchange] = archive.asked(f"^{re.escape(url)}$")
        assert header(exchange, "If-None-Match") == etags[url]
        assert header(exchange, "If-Modified-Since") is not None
    assert verify(archive.folder).findings == ()


def test_by_hand_sources_are_read_and_articles_are_asked_whether_they_changed(
    archive: Archive, web: OfflineWeb
) -> None:
    assert archive.crawl() == 0
    assert archive.crawl() == 0
    assert {exchange.status for exchange in archive.asked(r"/rss")} == {200}
    [outcomes] = archive.rows("SELECT count(*) FROM captures WHERE run_id = 2 AND outcome = 'unchanged'")
    assert outcomes == archive.rows("SELECT count(*) FROM captures WHERE run_id = 1 AND outcome = 'extracted'")[0]
    off_topic = archive.rows("SELECT url FROM captures WHERE run_id = 1 AND outcome = 'off_topic'")
    assert off_topic
    for url in off_topic:  # of these no text is stored: what comes of them may be another thing by now
        assert {exchange.status for exchange in archive.asked(f"^{re.escape(url)}$")} == {200}


def test_a_server_that_lies_is_not_believed_for_ever(archive: Archive, web: OfflineWeb) -> None:
    web.set_validators(r"rt\.com", "lying")
    assert archive.crawl() == 0
    url = article(web)
    page = next(page for page in web.pages if page.url == url)
    web.put(replace(page, headline=f"{page.headline}, again"))
    assert archive.crawl("--due", hours=2) == 0, archive.output
    versions = "SELECT count(*) FROM versions WHERE url = ?"
    assert archive.rows(versions, url) == [1]
    assert archive.crawl("--due", hours=26) == 0, archive.output
    [feed] = archive.asked(f"^{FEED}$")
    assert (feed.status, header(feed, "If-None-Match")) == (200, None)
    assert archive.asked(f"^{re.escape(url)}$")[0].status == 304
    assert archive.crawl("--due", hours=24 * 7 + 1) == 0, archive.output
    assert archive.asked(f"^{re.escape(url)}$")[0].status == 200
    assert archive.rows(versions, url) == [2]


def test_validators_go_back_as_they_came(archive: Archive, web: OfflineWeb) -> None:
    habits: tuple[Validators, ...] = ("weak", "suffixed", "date", "none")
    pages = [page.url for page in web.pages if page.kind == "article" and "www.rt.com/" in page.url]
    urls = dict(zip(habits, pages, strict=False))
    for habit, url in urls.items():
        web.set_validators(f"^{re.escape(url)}$", habit)
    assert archive.crawl() == 0
    assert archive.crawl("--due", hours=2) == 0, archive.output
    exchanges = {habit: archive.asked(f"^{re.escape(url)}$")[0] for habit, url in urls.items()}
    assert {habit: exchange.status for habit, exchange in exchanges.items()} == {
        "weak": 304, "suffixed": 304, "date": 304, "none": 200,
    }  # fmt: skip
    tags = {habit: header(exchange, "If-None-Match") for habit, exchange in exchanges.items()}
    assert str(tags["weak"]).startswith('W/"')
    assert str(tags["suffixed"]).endswith('-gzip"')
    assert (tags["date"], tags["none"]) == (None, None)
    dated = {habit for habit, exchange in exchanges.items() if header(exchange, "If-Modified-Since")}
    assert dated == {"weak", "suffixed", "date"}


def test_a_304_that_nobody_asked_for_is_a_failure(archive: Archive, web: OfflineWeb) -> None:
    url = article(web)
    web.fault(f"^{re.escape(url)}$", Fault("status", status=304))
    web.fault(f"^{FEED}$", Fault("status", status=304))
    assert archive.crawl() == 4, archive.output
    assert archive.rows("SELECT outcome, detail FROM captures WHERE url = ?", url) == [
        ("failed", "http 304, which was not asked for")
    ]
    assert archive.rows("SELECT outcome, error FROM sources WHERE url = ?", FEED) == [
        ("failed", f"feed {FEED}: answered 304")
    ]


def test_what_is_lost_is_asked_for_whole(archive: Archive, web: OfflineWeb) -> None:
    assert archive.crawl() == 0
    for path in (archive.folder / "warc").glob("*[0-9].warc.gz"):
        path.rename(archive.folder.parent / path.name)
    assert archive.crawl(hours=2) in {0, 4}, archive.output
    assert {header(exchange, "If-None-Match") for exchange in web.exchanges} == {None}


def test_validators_belong_to_the_url_that_answered(archive: Archive, web: OfflineWeb) -> None:
    old, new = "https://www.rt.com/rss/news/", "https://www.rt.com/rss/usa/"
    web.fault(f"^{old}$", Fault("redirect", location=new))
    assert archive.crawl() == 0, archive.output
    assert archive.crawl("--due", hours=2) == 0, archive.output
    [first], [second] = archive.asked(f"^{old}$"), archive.asked(f"^{new}$")
    assert (header(first, "If-None-Match"), first.status) == (None, 302)
    assert (header(second, "If-None-Match") is not None, second.status) == (True, 304)
    assert archive.rows("SELECT outcome FROM sources WHERE url = ?", old) == ["unmodified"]


def test_of_an_unmodified_index_the_sitemaps_are_still_asked(archive: Archive, web: OfflineWeb) -> None:
    """An index that names the same files for months answers 304 while they grow."""
    index = "https://www.rt.com/sitemap.xml"
    command = ("tests.crawler.crawl_urls", "KIND=sitemap", "DUE=1", "EXTRACTION_WORKERS=1", index)
    seen = []
    for hours in (0, 2):
        web.forget()
        shift = {"DATELINE_CLOCK_SHIFT": str(hours * HOUR)} if hours else {}
        environment = {**os.environ, **web.env(), **shift, "DATELINE_ARCHIVE": str(archive.folder)}
        ended = commands.run(*command, env=environment)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        seen.append({exchange.url: exchange.status for exchange in archive.asked("sitemap")})
    assert seen[0].keys() == seen[1].keys()
    assert len(seen[0]) >= 3
    assert set(seen[0].values()) == {200}
    assert set(seen[1].values()) == {304}


async def test_a_304_whose_record_was_lost_in_the_meantime_is_asked_for_whole(tmp_path: Path) -> None:
    workers = WorkerPool(size=1)
    run = Run(tmp_path, command="test", arguments={}, workers=workers)
    try:
        crawler = Crawler(Spider, Settings())
        run.attach(crawler)
        middleware = ConditionalMiddleware(crawler)
        request = Request(FEED, meta={"kind": "page", "refers_to": "<urn:uuid:lost>"}, headers={"If-None-Match": '"a"'})
        raw = b"HTTP/1.1 304 Not Modified\r\n\r\n"
        sent = Exchange(url=FEED, captured_at=clock.now(), request=b"", response=raw, refers_to="<urn:uuid:lost>")
        await run.capture(request, sent)
        again = middleware.process_response(request, Response(FEED, status=304))
        assert isinstance(again, Request)
        await middleware.process_request(again)
        assert "If-None-Match" not in again.headers
        assert "refers_to" not in again.meta
        await run.end_hop(again)
        assert run.recorder.call(lambda archive: archive.outcomes()) == {"failed": 1}
    finally:
        run.recorder.close()
        workers.close()

"""What the benches of import and verification measure is the real thing, and is no slower than a plain loop by much.

Only ratios of one run are held: the machine may be busy.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scrapy.http import HtmlResponse

from archive import fixity
from archive.http_message import parse_response
from archive.imports import EVERYTHING, Progress
from archive.model import Exchange
from archive.store import Archive
from archive.verify import verify
from benchmarks.fixity import fill, inflate, written
from benchmarks.importing import plain_loop, write
from benchmarks.throughput.pages import LATEST
from benchmarks.throughput.rivals.naive import NaiveSpider
from benchmarks.throughput.web import make
from crawler.importing import Selection, batches
from crawler.workers import process_page

RESPONSES = 120
PAGES = 16


def cpu(work: Callable[[], object], *, tries: int = 3) -> float:
    """Seconds of CPU of this process, the best of some."""
    found = []
    for _ in range(tries):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("foreign") / "CC-NEWS-1.warc.gz"
    write(path, RESPONSES)
    return path


def test_an_import_keeps_pace_with_a_plain_loop_that_keeps_nothing_safe(foreign: Path, tmp_path: Path) -> None:
    def import_all() -> None:
        shutil.rmtree(tmp_path / "a", ignore_errors=True)
        with Archive.open(tmp_path / "a") as archive:
            (name,) = archive.imports.adopt_files(foreign)
            for batch in batches(
                archive.folder, Progress(file=name, selection=EVERYTHING), Selection(), run_id=None, extract=False
            ):
                archive.imports.add(batch.progress, batch.rows)
            assert archive.counts()["captures"] == RESPONSES

    def loop() -> None:
        (tmp_path / "plain.db").unlink(missing_ok=True)
        plain_loop(foreign, tmp_path / "plain.db")

    ours, plain = cpu(import_all), cpu(loop)
    with closing(sqlite3.connect(tmp_path / "plain.db")) as database:
        assert database.execute("SELECT count(*) FROM pages").fetchone() == (RESPONSES,)
    assert ours < 2.5 * plain, f"{ours:.2f} s of CPU beside {plain:.2f} s"


@pytest.mark.parametrize("coded", [True, False], ids=["gzip bodies", "bodies in clear"])
def test_verification_reads_as_fast_as_zlib_inflates(tmp_path: Path, coded: bool) -> None:
    fill(tmp_path, 2_000_000, coded=coded)
    assert written(tmp_path) >= 2_000_000
    assert verify(tmp_path).findings == ()
    files = sorted((tmp_path / "warc").glob("*.warc.gz"))
    ours = cpu(lambda: [fixity.check_file(path, is_ours=True) for path in files])
    plain = cpu(lambda: [inflate(path) for path in files])
    limit = 4 if coded else 2  # zlib has little to do where bodies are stored: then what counts is the third digest
    assert ours < limit * plain, f"{ours:.3f} s of CPU beside {plain:.3f} s"


@dataclass(frozen=True)
class Answer:
    """A page as a crawler gets it: its address, the response as it crossed the wire, and its body."""

    url: str
    http: bytes
    body: bytes


def answers(known: int, unknown: int) -> tuple[Answer, ...]:
    """So many pages of publishers with a file, and of others."""
    made = make(known, unknown)
    found = []
    for url in made.articles:
        parts = urlsplit(url)
        http = made.ready[parts.hostname or "", parts.path]
        found.append(Answer(url, http, parse_response(http).body))
    return tuple(found)


# warcio leaves its temporary files to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize(("known", "unknown", "limit"), [(PAGES, 0, 1.25), (0, PAGES, 2.0)], ids=["known", "unknown"])
def test_a_page_costs_little_more_than_in_the_naive_crawler(
    known: int, unknown: int, limit: float, tmp_path: Path
) -> None:
    """From the bytes of the response to files and database, in one process, without the network.

    For its cost the naive crawler has no digests, no journal, no relevance, no copies, and no rule behind a field.
    """
    pages = answers(known, unknown)

    def ours() -> None:
        shutil.rmtree(tmp_path / "archive", ignore_errors=True)
        with Archive.open(tmp_path / "archive") as archive:
            for number in range(0, PAGES, 8):
                with archive.group():
                    for answer in pages[number : number + 8]:
                        keep_page(archive, answer)
            assert archive.counts()["articles"] == PAGES

    def naive() -> None:
        folder = tmp_path / "naive"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        spider = NaiveSpider([], folder)
        for answer in pages:
            spider.parse(HtmlResponse(answer.url, body=answer.body, headers={"Content-Type": "text/html"}))
        spider.closed("finished")
        assert spider.db["articles"].count == PAGES
        spider.db.close()

    ours(), naive()  # both load what they need
    spent, naively = cpu(ours, tries=2), cpu(naive, tries=2)
    assert spent < limit * naively, f"{spent:.2f} s of CPU beside {naively:.2f} s"


def keep_page(archive: Archive, answer: Answer) -> None:
    """What a crawl does with a page."""
    processed = process_page(answer.http, url=answer.url, captured_at=LATEST, publisher=None, conflict_only=True)
    assert processed.article is not None
    exchange = Exchange(
        url=answer.url, captured_at=LATEST, request=b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", response=answer.http
    )
    capture = archive.capture(exchange)
    archive.store_article(capture, processed.article, relevance=processed.relevance, extractor="bench")
    archive.finish_capture(capture.id, processed.outcome)

"""A writer that does everything an archive does, and says of each thing when it was told that it is safe.

What it was told are *facts*, small dicts that `benchmarks.durability.soundness` looks for afterwards: a fact that was
told and is not there was lost. Places and events are invented.
"""

import asyncio
import gzip
import hashlib
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.agenda import Poll
from archive.captures import Found, record_row, to_capture
from archive.errors import ArchiveError
from archive.imports import EVERYTHING, Progress
from archive.model import Article, Capture, Exchange, Outcome, Relevance, Sighting, TermMatch
from archive.records import read_records
from archive.store import Archive
from crawler.recorder import Recorder

Fact = dict[str, Any]
Tell = Callable[[Fact], object]

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
PUBLISHER = "Tarn Post"
SOURCE = "https://news.example/rss"
RELEVANCE = Relevance(
    score=2.5, relevant=True, matches=(TermMatch(term="ceasefire", where="text", count=1),), vocabulary="1"
)
MAX_SIZE = 14_000  # bytes: a session fills several files
SESSIONS = 3  # how often the archive is opened


def work(folder: Path, tell: Tell, *, seed: int = 0, stubborn: bool = False) -> None:
    """Fill the archive in `folder`: new, again, and as a crawl does. Calls `tell` with each fact that is safe.

    A `stubborn` writer goes on after an ArchiveError as if nothing had happened, until the archive is closed; any
    other raises it.
    """
    for session in range(SESSIONS - 1):
        with Archive.open(folder, max_size=MAX_SIZE, min_free=0) as archive:
            _Session(archive, tell, chance=random.Random(f"{seed}/{session}"), stubborn=stubborn).run(session)
    crawl(folder, tell, seed=seed)


def crawl(folder: Path, tell: Tell, *, seed: int = 0) -> None:
    """What a crawl does: calls that wait for the writer thread share one commit."""
    chance = random.Random(f"{seed}/crawl")
    recorder = Recorder(folder, software="dateline test", demonstration=False, about={})

    async def fetch(number: int) -> None:
        sent = exchange(f"https://news.example/crawl/{number}", chance)
        capture = await recorder.write(Archive.capture, sent)
        tell(captured(capture, sent))
        outcome, _ = await recorder.write(
            lambda archive: archive.store_article(
                capture, article(capture.url, "A page of the crawl."), extractor="test"
            )
        )
        tell({"version": capture.url, "text": "A page of the crawl."})
        await recorder.write(Archive.finish_capture, capture.id, Outcome.EXTRACTED, outcome)
        tell({"outcome": capture.record_id, "is": "extracted"})

    async def fetch_all() -> None:
        results = await asyncio.gather(*map(fetch, range(6)), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    try:
        asyncio.run(fetch_all())
    finally:
        recorder.close()


def go_on(folder: Path, tell: Tell, *, seed: int = 0) -> None:
    """Open an archive, add a page and close it: what the next run does after whatever happened."""
    with Archive.open(folder, min_free=0) as archive:
        session = _Session(archive, tell, chance=random.Random(f"{seed}/later"))
        run, url = session.start_run(), f"https://news.example/later/{seed}"
        session.sight(run, [url])
        session.page(run, url)


class _Session:
    """One opening of the archive."""

    def __init__(self, archive: Archive, tell: Tell, *, chance: random.Random, stubborn: bool = False) -> None:
        self.archive = archive
        self.tell = tell
        self.chance = chance
        self.stubborn = stubborn
        self.sighted: set[str] = set()

    def run(self, number: int) -> None:
        steps: list[Callable[[], object]] = []
        run = self.start_run()
        urls = [f"https://news.example/{number}/{place}" for place in range(5)]
        steps += [
            lambda: self.publisher(number),
            lambda: self.sight(run, urls),
            lambda: self.source(run, number),
            *(lambda url=url: self.page(run, url) for url in urls[:2]),
            lambda: self.several(run, urls[2:4]),
            lambda: self.fails_in_the_middle(run, number),
            lambda: self.unreachable(run, urls[4]),
            lambda: self.again(run, "https://news.example/0/0", number),
            lambda: self.imported(run, number),
            lambda: self.revised(number),
            lambda: self.finish(run),
        ]
        for step in steps:
            try:
                step()
            except ArchiveError:
                if not self.stubborn:
                    raise

    def start_run(self) -> int:
        run = self.archive.start_run(command="crawl", arguments={}, version="1")
        self.tell({"run": run})
        return run

    def publisher(self, number: int) -> None:
        homepage = f"https://news.example/?{number}"
        self.archive.save_publisher(
            name=PUBLISHER, spider="tarn", homepage=homepage, country="XX", languages=["en"], timezone="UTC"
        )
        self.tell({"publisher": PUBLISHER})

    def source(self, run: int, number: int) -> None:
        source = f"{SOURCE}?{number}"
        poll = Poll(publisher=PUBLISHER, source=source, kind="feed", polled_at=NOON, outcome="read", entries=number)
        self.archive.agenda.record_poll(poll, run)
        self.tell({"source": f"{SOURCE}?{number}", "entries": number})

    def sight(self, run: int, urls: list[str]) -> None:
        self.archive.record_sightings(run, [sighting(url, place) for place, url in enumerate(urls)])
        self.sighted.update(urls)
        for url in urls:
            self.tell({"sighting": url, "run": run})

    def page(self, run: int, url: str) -> None:
        """One page as the crawl treats it, each step safe before the next."""
        sent = exchange(url, self.chance)
        capture = self.archive.capture(sent, run)
        self.tell(captured(capture, sent))
        text = f"The bridge reopened. {self.chance.getrandbits(64)}"
        self.archive.store_article(capture, article(url, text), relevance=RELEVANCE, extractor="test")
        self.tell({"version": url, "text": text})
        self.end(capture, url)

    def end(self, capture: Capture, url: str) -> None:
        with self.archive.group():
            self.archive.finish_capture(capture.id, Outcome.EXTRACTED, "new")
            self.archive.mark_sighting(url, Outcome.EXTRACTED, capture.id)
        self.tell({"outcome": capture.record_id, "is": "extracted"})
        if url in self.sighted:  # a stubborn writer may come here without
            self.tell({"ended": url})

    def several(self, run: int, urls: list[str]) -> None:
        """Several pages with one commit."""
        facts: list[Fact] = []
        with self.archive.group():
            for url in urls:
                sent = exchange(url, self.chance)
                capture = self.archive.capture(sent, run)
                text = f"Shelling near Tarn. {self.chance.getrandbits(64)}"
                self.archive.store_article(capture, article(url, text), relevance=RELEVANCE, extractor="test")
                facts += [captured(capture, sent), {"version": url, "text": text}]
        for fact in facts:
            self.tell(fact)

    def fails_in_the_middle(self, run: int, number: int) -> None:
        """A change that is refused within a group: the others of the group stay, and nothing of it."""
        sent = exchange(f"https://news.example/{number}/kept", self.chance)
        with self.archive.group():
            capture = self.archive.capture(sent, run)
            with suppress(_RefusedError), self.archive.journal.change():
                self.archive.capture(exchange(f"https://news.example/{number}/refused", self.chance), run)
                _refuse()
        self.tell(captured(capture, sent))
        self.tell({"refused": f"https://news.example/{number}/refused"})

    def unreachable(self, run: int, url: str) -> None:
        sent = Exchange(
            url=url, captured_at=NOON, request=b"", response=b"", error="no such host", publisher="else.example"
        )
        capture = self.archive.capture(sent, run)
        self.tell({"capture": capture.record_id, "url": url, "sha256": None})
        self.archive.finish_capture(capture.id, Outcome.FAILED)
        self.tell({"outcome": capture.record_id, "is": "failed"})

    def again(self, run: int, url: str, number: int) -> None:
        """A known page that has changed."""
        sent = exchange(url, self.chance, hours=number + 1)
        capture = self.archive.capture(sent, run)
        self.tell(captured(capture, sent))
        text = f"It changed in session {number}. زبان"
        self.archive.store_article(capture, article(url, text), extractor="test")
        self.tell({"version": url, "text": text})

    def imported(self, run: int, number: int) -> None:
        """Somebody else's file, taken over."""
        foreign = self.archive.folder.with_name(f"{self.archive.folder.name}-foreign-{number}.warc.gz")
        foreign.write_bytes(_foreign_warc(number))
        try:
            (name,) = self.archive.imports.adopt_files(foreign)
        finally:
            foreign.unlink()
        self.tell({"import": name})
        for record in read_records(self.archive.folder / name):
            progress = Progress(file=name, selection=EVERYTHING, position=record.offset + record.length)
            for capture in self.archive.imports.add(progress, [record_row(Found(record=record, fields={}), name, run)]):
                self.tell({"capture": capture.record_id, "url": capture.url, "sha256": _sha256(record.http().body)})

    def revised(self, number: int) -> None:
        """What newer rules read in an old capture."""
        sql = "SELECT * FROM captures WHERE url = 'https://news.example/0/1' AND outcome NOT NULL"
        for row in Database(self.archive.connection).query(sql) if number else ():
            capture, text = to_capture(row), f"Read anew in session {number}."
            self.archive.revise_article(capture, article(capture.url, text), extractor="test 2")
            self.tell({"version": capture.url, "text": text})

    def finish(self, run: int) -> None:
        self.archive.finish_run(run, exit_code=0, summary={"pages": 5})
        self.tell({"finished": run})


class _RefusedError(Exception):
    """Something outside the archive goes wrong within a change."""


def _refuse() -> None:
    raise _RefusedError


def exchange(url: str, chance: random.Random, *, hours: int = 0) -> Exchange:
    """An exchange with a page of its own, some hundred bytes that do not compress."""
    body = b"<html><p>" + chance.randbytes(chance.randrange(50, 1500)).hex().encode()
    return Exchange(
        url=url,
        captured_at=NOON + timedelta(hours=hours),
        request=b"GET / HTTP/1.1\r\nHost: news.example\r\nUser-Agent: Dateline/0\r\n\r\n",
        response=b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body,
        ip_address="192.0.2.7",
        publisher=PUBLISHER,
    )


def captured(capture: Capture, sent: Exchange) -> Fact:
    """The fact that an exchange is safe, by the body that must come back."""
    body = sent.response.partition(b"\r\n\r\n")[2]
    return {"capture": capture.record_id, "url": capture.url, "sha256": _sha256(body)}


def article(url: str, text: str) -> Article:
    """An article with this text."""
    return Article(
        url=url, canonical_url=url, publisher=PUBLISHER, headline="Bridge at Tarn", text=text, paragraphs=(text,),
        language="en", published_at=NOON,
    )  # fmt: skip


def sighting(url: str, position: int) -> Sighting:
    """A URL seen in the feed."""
    return Sighting(
        url=url, raw_url=url, publisher=PUBLISHER, source=SOURCE, seen_at=NOON, position=position, title="Bridge"
    )


def _foreign_warc(number: int) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Page {number} of another archive".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-00000000000"
        f"{number}>\r\nWARC-Date: 2015-05-01T10:00:00Z\r\nWARC-Target-URI: https://old.example/{number}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

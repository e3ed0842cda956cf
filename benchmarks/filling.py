"""An archive of made-up articles (`benchmarks.synthetic`), put in by the project's own code but without WARC files.

Every row comes about as in a crawl: as an event that `archive.events.apply` does, fifty articles a commit, with search
index, fingerprints, wire copies, mentions, sightings, captures and coverage.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlite_utils import Database

from archive import articles, copies
from archive import folder as layout
from archive.coverage import COUNTS
from archive.events import apply
from archive.model import Article, Capture, Relevance, TermMatch
from archive.opening import prepare_database
from archive.search import index
from benchmarks.synthetic import Stories, Story

RECIPE = "1"  # of the articles and what is written of them; an archive of another one is made anew
GROUP = 50  # articles a commit, as in a busy crawl
WINDOW = 10_000  # articles whose time is noted together
DONE = "done.json"  # is written when an archive is whole
Progress = Callable[[str], object]
_TERMS = ("war", "attack", "shelling", "ceasefire", "troops", "missile", "هجوم", "удар")


@dataclass(frozen=True, slots=True)
class Rate:
    """What the insertion of some versions took, without making them up: seconds by the clock and of CPU."""

    versions: int
    wall_s: float
    cpu_s: float

    def and_of(self, versions: int, work: Callable[[list[Story]], None], group: list[Story]) -> "Rate":
        """With what this took besides."""
        begun, started = time.process_time(), time.perf_counter()
        work(group)
        wall, cpu = time.perf_counter() - started, time.process_time() - begun
        return Rate(self.versions + versions, self.wall_s + wall, self.cpu_s + cpu)

    def __str__(self) -> str:
        return f"{self.versions / self.wall_s:,.0f} a second ({self.versions / self.cpu_s:,.0f} a second of CPU)"


def archive_of(folder: Path, count: int, progress: Progress = print) -> Path:
    """The archive's folder below `folder` with `count` articles; made where there is none of this recipe."""
    place = folder / f"articles-{count}-{RECIPE}"
    if not (place / DONE).exists():
        shutil.rmtree(place, ignore_errors=True)
        fill(place, count, progress)
    else:
        _opened(place).close()  # bring it to the schema of today
    return place


def fill(place: Path, count: int, progress: Progress = print) -> None:
    """Make the archive. Raises ArchiveError."""
    stories = Stories()
    with closing(_opened(place)) as connection:
        filler = _Filler(Database(connection, execute_plugins=False))
        filler.begin(stories.publishers)
        groups = grouped(stories.stories(count))
        versions = 0
        spent = Rate(0, 0.0, 0.0)
        for group in groups:
            spent = spent.and_of(len(group), filler.write, group)
            if spent.versions >= WINDOW:
                versions += spent.versions
                progress(f"{versions:,} versions, {spent}")
                spent = Rate(0, 0.0, 0.0)
        filler.end()
    (place / DONE).write_text(json.dumps({"articles": count}))


def compared(place: Path, count: int, versions: int = 10_000) -> tuple[Rate, Rate]:
    """What so many versions cost at the beginning of an archive and at the end of this one, which they are added to.

    They are written in turns, a commit here and a commit there, so that whatever else the machine does slows both.
    """
    with TemporaryDirectory(prefix="dateline-insert-", dir=place) as young:
        rates = [Rate(0, 0.0, 0.0), Rate(0, 0.0, 0.0)]
        with closing(_opened(Path(young))) as first, closing(_opened(place)) as last:
            fillers = [_Filler(Database(connection, execute_plugins=False)) for connection in (first, last)]
            presses = [Stories(), Stories()]
            fillers[0].begin(presses[0].publishers)
            begin = count + last.execute("SELECT count(*) FROM articles").fetchone()[0]
            turns = [grouped(presses[0].stories(versions)), grouped(presses[1].stories(versions, begin=begin))]
            for groups in zip(*turns, strict=False):
                for number, group in enumerate(groups):
                    rates[number] = rates[number].and_of(len(group), fillers[number].write, group)
            for filler in fillers:
                filler.end()
    return rates[0], rates[1]


def grouped(stories: Iterator[Story]) -> Iterator[list[Story]]:
    """What is written with one commit each."""
    while group := list(islice(stories, GROUP)):
        yield group


def _opened(place: Path) -> sqlite3.Connection:
    layout.prepare(place)
    connection = layout.connect(place, write=True)
    prepare_database(connection, place, "dateline bench", True)
    return connection


class _Filler:
    """Writes stories into a database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._captures = int(db.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0])
        self._known: dict[str, int] = {}  # of late
        self._texts: dict[int, str] = {}
        self._day = ""
        self._counts: dict[str, int] = {}
        self._has_kinds = "kind" in {row[1] for row in db.execute("PRAGMA table_info(mentions)")}

    def begin(self, publishers: list[str]) -> None:
        """What stands before the first article."""
        self._db.conn.execute("BEGIN")
        self._apply({"insert": "runs", "row": {
            "command": "bench", "arguments": "{}", "version": "0", "started_at": articles.now(),
        }})  # fmt: skip
        for name in publishers:
            row = {"name": name, "spider": name.lower().replace(" ", "_"), "languages": "[]"}
            self._apply({"insert": "publishers", "row": row})
        self._db.conn.commit()

    def write(self, stories: list[Story]) -> None:
        """One commit."""
        self._db.conn.execute("BEGIN IMMEDIATE")
        for story in stories:
            self._story(story)
        index.settle(self._db.conn)
        self._db.conn.commit()

    def end(self) -> None:
        """What stands behind the last one."""
        self._db.conn.execute("BEGIN")
        self._close_day()
        self._db.conn.commit()
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _story(self, story: Story) -> None:
        at = articles.utc(story.captured_at) or ""
        if at[:10] != self._day:
            self._close_day()
            self._day = at[:10]
        self._counts[story.publisher] = self._counts.get(story.publisher, 0) + 1
        known = self._known.get(story.url)
        if known is None:
            self._sighting(story, at)
        capture = self._capture(story, at)
        relevance = Relevance(score=0.8, relevant=True, matches=tuple(_matches(story)), vocabulary="1")
        version = articles.row(_article(story), capture, relevance)
        version["removed"] = "[]"
        text = version.pop("text")
        version |= {"extractor": "bench", "text_file": capture.file, "text_offset": capture.offset}
        version["text_record_id"] = capture.record_id
        mentions = [*articles.mentions_of(relevance), *(self._names(story) if self._has_kinds else ())]
        event = {"version": version, "article": known, "seen_at": at, "mentions": mentions}
        article_id = apply(self._db, event, lambda *_: text)
        for link in copies.links(self._db.conn, article_id):
            self._apply({"upsert": "syndications", "key": ["article_id", "syndicated_from"], "row": link})
        self._apply({"update": "captures", "where": {"id": capture.id}, "set": {"outcome": "extracted"}})
        if known is None:
            ended = {"outcome": "extracted", "capture_id": capture.id}
            self._apply({"update": "sightings", "where": {"url": story.url, "outcome": None}, "set": ended})
            self._known[story.url] = article_id
            if len(self._known) > 5000:
                del self._known[next(iter(self._known))]

    def _sighting(self, story: Story, at: str) -> None:
        row = {
            "seen_at": at, "publisher": story.publisher, "title": story.headline, "url": story.url,
            "raw_url": story.url, "source": f"{story.url.split('/2')[0]}/feed", "position": 0, "run_id": 1,
            "new_to": "publisher",
        }  # fmt: skip
        self._apply({"insert": "sightings", "row": row})

    def _capture(self, story: Story, at: str) -> Capture:
        self._captures += 1
        file, offset = f"warc/bench-{self._captures // 30_000:05}.warc.gz", self._captures % 30_000 * 36_000
        digest = f"{self._captures * 0x9E3779B97F4A7C15 % 2**64:016x}"
        row = {
            "captured_at": at, "url": story.url, "publisher": story.publisher, "kind": "page", "status": 200,
            "content_type": "text/html; charset=utf-8", "file": file, "offset": offset, "length": 35_000,
            "record_id": f"<urn:uuid:{digest[:8]}-{digest[8:12]}-4000-8000-{digest[4:16]}>",
            "payload_digest": f"sha256:{digest * 4}", "ip_address": "192.0.2.7", "run_id": 1,
        }  # fmt: skip
        number = self._apply({"insert": "captures", "row": row})
        return Capture(
            id=number, url=story.url, captured_at=story.captured_at, status=200, content_type=row["content_type"],
            file=file, offset=offset, length=35_000, record_id=row["record_id"], payload_digest=row["payload_digest"],
            publisher=story.publisher,
        )  # fmt: skip

    def _close_day(self) -> None:
        """The coverage of the day that is over."""
        for publisher, count in self._counts.items():
            row = {
                "day": self._day, "publisher": publisher, "source": f"https://{publisher}/feed", "polls": 96,
                "unanswered": 0, "announced": count, "fetched": count, **dict.fromkeys(COUNTS, 0), "extracted": count,
                "reasons": "{}",
            }  # fmt: skip
            self._apply({"upsert": "coverage", "key": ["publisher", "day", "source"], "row": row})
        self._counts.clear()

    def _names(self, story: Story) -> Iterator[dict[str, Any]]:
        for named in story.named:
            yield {
                "kind": "place", "term": named.id, "label": named.form, "part": "text",
                "count": max(1, len(named.spans)), "spans": json.dumps(named.spans), "certainty": "sure",
            }  # fmt: skip

    def _apply(self, event: dict[str, Any]) -> int:
        return apply(self._db, event, lambda *_: "")


def _article(story: Story) -> Article:
    return Article(
        url=story.url, canonical_url=story.url, publisher=story.publisher, headline=story.headline, text=story.text,
        paragraphs=tuple(story.text.split("\n\n")), published_at=story.published_at, section=story.section,
        wire=story.wire, language=story.language, lede=story.text[:200], authors=("A. Reporter",),
        tags=("conflict", story.language), provenance=_PROVENANCE,
    )  # fmt: skip


_PROVENANCE = {"headline": "layout", "text": "layout", "published_at": "jsonld", "language": "text", "section": "url"}


def _matches(story: Story) -> Iterator[TermMatch]:
    for place, term in enumerate(_TERMS[: 2 + len(story.headline) % 3]):
        yield TermMatch(term=term, where="headline" if place == 0 else "text", count=1 + place)

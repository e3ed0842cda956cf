"""Machines that crawl by a script: what each does at which minute, into an archive of its own or all into one."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from archive.agenda import Poll
from archive.merging import Merged, merge
from archive.model import Article, Exchange, Outcome, Sighting
from archive.store import Archive
from crawler.known_articles import PageVisit, StoredPages, keep
from crawler.processed import Processed
from tests.archive.conftest import NOON, RELEVANCE, article, exchange, response

SOURCE = "https://news.example/rss"


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What a machine does to a URL. `shows`: the text there, `gone`, `wall`, `same` (304), or None: it is sighted."""

    machine: int
    minute: int
    url: str
    shows: str | None = None
    source: str = SOURCE
    publisher: str = "Tarn Post"


def play(acts: Sequence[Act], folders: Sequence[Path]) -> None:
    """Let every machine do its part, each in its folder; all in one where there is but one."""
    with ExitStack() as stack:
        archives = [stack.enter_context(Archive.open(folder, max_size=20_000)) for folder in folders]
        runs = [archive.start_run(command="crawl", arguments={}, version="1") for archive in archives]
        for act in acts:
            place = act.machine % len(archives)
            (_sight if act.shows is None else _visit)(archives[place], runs[place], act)
        for archive, run in zip(archives, runs, strict=True):
            archive.coverage.refresh()
            archive.finish_run(run, exit_code=0, summary={})


def joined(folders: Sequence[Path], into: Path) -> Merged:
    """Merge, by the rules of the crawler."""
    return merge(folders, into, software="test", judging=StoredPages())


def _sight(archive: Archive, run: int, act: Act) -> None:
    seen_at = NOON + timedelta(minutes=act.minute)
    seen = Sighting(
        url=act.url, raw_url=act.url, publisher=act.publisher, source=act.source, seen_at=seen_at, position=0
    )
    new = archive.record_sightings(run, [seen])
    poll = Poll(
        publisher=act.publisher, source=act.source, kind="feed", polled_at=seen_at, outcome="read", entries=1, new=new
    )
    archive.agenda.record_poll(poll, run)


def _visit(archive: Archive, run: int, act: Act) -> None:
    processed = _processed(act)
    with archive.group():
        capture = archive.capture(_exchange(act), run_id=run)
        visit = PageVisit(capture=capture, asked=act.url, processed=processed, extractor="test 1")
        kept = keep(archive, visit)
        archive.finish_capture(capture.id, kept.outcome, kept.detail)
        archive.agenda.record_visit(
            act.url, publisher=act.publisher, visited_at=capture.captured_at, outcome=kept.outcome,
            capture_id=capture.id, is_change=kept.detail in {"new", "changed"},
        )  # fmt: skip
        archive.mark_sighting(act.url, kept.outcome, capture.id, kept.detail)


def _exchange(act: Act) -> Exchange:
    raw = response(f"<html><body><p>{act.shows} {'word ' * 300}</p></body></html>".encode())
    if act.shows == "gone":
        raw = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    return exchange(act.url, minutes=act.minute, raw=raw, publisher=act.publisher)


def _processed(act: Act) -> Processed:
    match act.shows:
        case "gone":
            return Processed(outcome=Outcome.FAILED, detail="http 404")
        case "wall":
            return Processed(outcome=Outcome.BLOCKED, detail="paywall")
    return Processed(outcome=Outcome.EXTRACTED, article=_article(act), relevance=RELEVANCE)


def _article(act: Act) -> Article:
    paragraphs = (f"The bridge at Tarn: {act.shows}.", "Observers counted 12 shells overnight.")
    return article(act.url, paragraphs=paragraphs, publisher=act.publisher)

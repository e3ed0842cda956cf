"""An open archive in a scratch folder, and builders for what goes into it. All places and events are invented."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.agenda import Poll
from archive.datasette import site
from archive.dump import dump
from archive.folder import connect
from archive.model import Article, Capture, Exchange, Image, Outcome, Related, Relevance, Sighting, TermMatch
from archive.store import Archive

NOON = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)
PAGE = b"<html><body><h1>Bridge at Tarn reopens</h1><p>The bridge reopened.</p></body></html>"
PARAGRAPHS = ("The bridge at Tarn reopened after the ceasefire.", "Observers saw no shelling overnight.")


def response(body: bytes = PAGE, *, headers: bytes = b"Content-Type: text/html; charset=utf-8\r\n") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + body


def exchange(
    url: str = "https://news.example/tarn", *, minutes: int = 0, raw: bytes | None = None, **fields: object
) -> Exchange:
    given: dict[str, object] = {
        "url": url,
        "captured_at": NOON + timedelta(minutes=minutes),
        "request": b"GET /tarn HTTP/1.1\r\nHost: news.example\r\nUser-Agent: Dateline/0 (+https://example.org)\r\n\r\n",
        "response": response() if raw is None else raw,
        "ip_address": "192.0.2.7",
        "publisher": "Tarn Post",
    }
    return Exchange(**(given | fields))  # type: ignore[arg-type]


def article(url: str = "https://news.example/tarn", **fields: object) -> Article:
    paragraphs = fields.pop("paragraphs", PARAGRAPHS)
    given: dict[str, object] = {
        "url": url,
        "canonical_url": url,
        "publisher": "Tarn Post",
        "headline": "Bridge at Tarn reopens",
        "text": "\n\n".join(paragraphs),  # type: ignore[arg-type]
        "paragraphs": paragraphs,
        "lede": paragraphs[0],  # type: ignore[index]
        "published_at": datetime(2026, 3, 4, 13, 30, tzinfo=timezone(timedelta(hours=3))),
        "section": "World",
        "tags": ("Tarn", "ceasefire"),
        "images": (Image(url="https://news.example/a.jpg", caption="The bridge", credit="Lena Orr"),),
        "related": (Related(title="Market reopens", url="https://news.example/market"),),
        "language": "en",
        "provenance": {"headline": "layout:2021", "published_at_zone": "printed"},
    }
    return Article(**(given | fields))  # type: ignore[arg-type]


RELEVANCE = Relevance(
    score=2.5,
    relevant=True,
    matches=(TermMatch(term="ceasefire", where="text", count=1), TermMatch(term="shelling", where="text", count=1)),
    vocabulary="1",
)


def sighting(url: str = "https://news.example/tarn", *, publisher: str = "Tarn Post", position: int = 0) -> Sighting:
    return Sighting(
        url=url, raw_url=url + "?utm_source=rss", publisher=publisher, source="https://news.example/rss", seen_at=NOON,
        position=position, title="Bridge at Tarn reopens",
    )  # fmt: skip


def store(archive: Archive, url: str = "https://news.example/tarn", **fields: object) -> tuple[Capture, int]:
    """One captured and stored article; returns its capture and its id."""
    capture = archive.capture(exchange(url), run_id=None)
    _, article_id = archive.store_article(capture, article(url, **fields), relevance=RELEVANCE, extractor="test")
    return capture, article_id


def warc_files(folder: Path, *, text: bool = False) -> list[Path]:
    files = sorted((folder / "warc").glob("*.warc.gz"))
    return [path for path in files if path.name.endswith("-text.warc.gz") == text]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "data", software="dateline test") as opened:
        yield opened


def fill(folder: Path, *, runs: int = 2) -> None:
    """Several runs with all that happens to an archive, in files so small that they rotate."""
    for number in range(runs):
        with Archive.open(folder, max_size=6000) as archive:
            run = archive.start_run(command="crawl", arguments={"spider": "tarn"}, version="1")
            archive.save_publisher(
                name="Tarn Post", spider="tarn", homepage="https://news.example/", country="XX", languages=["en"],
                timezone="UTC",
            )  # fmt: skip
            urls = [f"https://news.example/{number}/{place}" for place in range(5)]
            archive.record_sightings(run, [sighting(url, position=place) for place, url in enumerate(urls)])
            for url in urls[:4]:
                with archive.group():
                    capture = archive.capture(exchange(url, minutes=number), run_id=run)
                    archive.store_article(capture, article(url, headline=None), relevance=RELEVANCE, extractor="test")
                    archive.finish_capture(capture.id, Outcome.EXTRACTED, "new")
                    archive.mark_sighting(url, Outcome.EXTRACTED, capture.id)
            again = archive.capture(exchange("https://news.example/0/0", minutes=60 + number), run_id=run)
            changed = article("https://news.example/0/0", paragraphs=(f"It changed in run {number}. زبان",))
            archive.store_article(again, changed, extractor="test")
            archive.capture(exchange(urls[4], raw=b"", error="no such host", publisher="elsewhere.example"), run_id=run)
            archive.agenda.record_poll(
                Poll(
                    publisher="Tarn Post", source="https://news.example/rss", kind="feed",
                    polled_at=exchange().captured_at, outcome="read", entries=5, capture_id=again.id,
                ),
                run,
            )  # fmt: skip
            archive.agenda.record_visit(
                urls[0], publisher="Tarn Post", visited_at=exchange().captured_at, outcome=Outcome.EXTRACTED
            )
            archive.finish_run(run, exit_code=0, summary={"articles": 4})


def dumped(folder: Path) -> list[str]:
    with closing(connect(folder, write=False)) as connection:
        return list(dump(connection))


def without_database(folder: Path) -> None:
    for path in folder.glob("archive.db*"):
        path.unlink()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of several runs and files, to be read."""
    folder = tmp_path_factory.mktemp("whole")
    fill(folder)
    return folder


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    """A copy of it whose files may be written."""
    shutil.copytree(whole, tmp_path / "copy")
    for path in (tmp_path / "copy" / "warc").iterdir():
        path.chmod(0o644)
    return tmp_path / "copy"


@pytest.fixture
async def served(folder: Path) -> AsyncIterator[Datasette]:
    """The site of the archive that a module's own `folder` makes."""
    from tests.archive.test_datasette import close  # noqa: PLC0415 - that module has its builders from here

    datasette = site(folder)
    await datasette.invoke_startup()
    yield datasette
    close(datasette)

"""`scrapy reextract`: what newer rules read otherwise is shown, then stored beside what the older ones read."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.captures import to_capture
from archive.folder import connect
from archive.model import Capture, Outcome
from archive.records import read_record
from archive.store import Archive
from archive.verify import verify
from crawler.workers import process_page
from tests.crawler.test_rebuild_command import scrapy


@pytest.fixture
def older(demo_copy: Path) -> Path:
    """The demonstration as older rules might have read it: one text with chrome in it, one page taken for an index."""
    with Archive.open(demo_copy, demonstration=True) as archive:
        captures = _captures(
            archive, "SELECT * FROM captures WHERE id IN (SELECT capture_id FROM articles) ORDER BY id"
        )
        first, second, *_ = captures
        fields = process_page(
            archive_block(archive, first), url=first.url, captured_at=first.captured_at, publisher=None,
            conflict_only=True,
        )  # fmt: skip
        assert fields.article is not None
        worse = replace(fields.article, text=fields.article.text + "\n\nShare this story", section="Chrome")
        archive.revise_article(first, worse, relevance=fields.relevance, extractor="older rules")
        archive.revise_outcome(second.id, Outcome.NOT_ARTICLE, "index")
    return demo_copy


def _captures(archive: Archive, sql: str) -> list[Capture]:
    cursor = archive.connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [to_capture(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def archive_block(archive: Archive, capture: Capture) -> bytes:
    return read_record(archive.path(capture.file), capture.offset).block


def versions(folder: Path) -> list[tuple[object, ...]]:
    with closing(connect(folder, write=False)) as connection:
        return connection.execute("SELECT article_id, number, extractor, section FROM versions ORDER BY id").fetchall()


@pytest.mark.slow
def test_a_dry_run_shows_each_field_and_changes_nothing(older: Path) -> None:
    before = versions(older)
    done = scrapy("reextract", "--dry-run", folder=older)
    assert done.returncode == 0, done.stderr
    assert "2 of 87 captures would be read otherwise" in done.stdout
    assert "-Share this story" in done.stdout
    assert "-Chrome" in done.stdout
    assert "not_article: index → extracted" in done.stdout
    assert versions(older) == before


def test_it_stores_new_versions_and_keeps_the_old_ones(older: Path) -> None:
    before = versions(older)
    done = scrapy("reextract", "--json", "--yes", folder=older)
    assert done.returncode == 0, done.stderr
    changes = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [sorted(change["fields"]) for change in changes] == [["section", "text"], []]
    after = versions(older)
    assert after[: len(before)] == before
    ((_, number, extractor, section),) = after[len(before) :]
    assert (number, section) != (1, "Chrome")
    assert extractor.startswith("dateline/")
    with closing(connect(older, write=False)) as connection:
        assert connection.execute("SELECT count(*) FROM captures WHERE detail = 'index'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM articles WHERE section = 'Chrome'").fetchone() == (0,)
    assert verify(older).findings == ()
    again = scrapy("reextract", "--yes", folder=older)
    assert "0 of 87 captures would be read otherwise" in again.stdout


@pytest.mark.slow
def test_it_looks_at_what_it_is_told_to(older: Path) -> None:
    for options, count in (
        (["--publisher", "rt"], "of 16"),
        (["--until", "2001-01-01"], "0 of 0"),
        (["--since", "2001-01-01"], "of 87"),
    ):
        done = scrapy("reextract", "--dry-run", *options, folder=older)
        assert count in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["more"], 64, "unknown argument"),
        (["--since", "yesterday"], 2, "is no day"),
        ([], 66, "there is no archive in"),
    ],
)
def test_wrong_use_is_named(tmp_path: Path, options: list[str], code: int, words: str) -> None:
    done = scrapy("reextract", *options, folder=tmp_path / "nothing")
    assert done.returncode == code
    assert words in done.stderr

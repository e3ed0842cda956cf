"""`archive diff`: what it prints of edits, removals and what it cannot compare."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from archive import diff_view
from archive.changes import ChangeKind, Judged
from archive.cli import main
from archive.store import Archive
from tests.archive.conftest import PARAGRAPHS, article, exchange, store

NUMBER = {"class": "number", "where": "paragraph 2", "of": "killed", "old": "12", "new": "15"}


def judged(*classes: str, details: tuple[dict[str, str], ...] = ()) -> Judged:
    return Judged(classes=classes, details=details, rules="1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Archive.open(tmp_path / "data") as archive:
        store(archive, paragraphs=(PARAGRAPHS[0], "The raid killed 12 people.", "\x1b[2JNobody claimed it."))
        texts = ("number", "The raid killed 15 people."), ("cosmetic", "The raid killed 15  people.")
        for hour, (class_, text) in enumerate(texts, 1):
            capture = archive.capture(exchange(minutes=60 * hour), run_id=None)
            changed = article(paragraphs=(PARAGRAPHS[0], text, "\x1b[2JNobody claimed it."))
            _, article_id = archive.store_article(capture, changed, extractor="test")
            details = (NUMBER,) if class_ == "number" else ()
            archive.changes.record_edit(article_id, lambda _old, _new, c=class_, d=details: judged(c, details=d))
        gone = archive.capture(exchange("https://news.example/gone", minutes=10), run_id=None)
        _, lone = archive.store_article(gone, article("https://news.example/gone"), extractor="test")
        later = replace(gone, captured_at=exchange(minutes=90).captured_at)
        archive.changes.record_absence(lone, later, ChangeKind.REMOVED, judged("http_404"))
        store(archive, "https://news.example/quiet")
    return tmp_path / "data"


def run(*arguments: str, folder: Path) -> Result:
    return CliRunner().invoke(main, ["diff", *arguments], env={"DATELINE_ARCHIVE": str(folder)})


def test_words_are_marked_and_figures_stand_on_top(folder: Path) -> None:
    done = run("1", "--from", "1", "--to", "2", folder=folder)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "edited: number"
    assert lines[1].strip() == "killed: 12 → 15 (paragraph 2)"
    assert "The raid killed [-12-] {+15+} people." in lines
    assert "from version 1, captured 4 March 2026, 12:00 UTC" in lines
    assert PARAGRAPHS[0] not in done.output
    assert "\x1b" not in done.output


def test_without_numbers_the_last_version_is_compared_with_the_one_before(folder: Path) -> None:
    done = run("1", folder=folder)
    assert "edited: cosmetic" in done.output
    assert "version 3, captured 4 March 2026, 14:00 UTC" in done.output


def test_colour_stands_for_the_marks_on_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_view, "screen", lambda: Console(force_terminal=True, soft_wrap=True, no_color=False))
    done = run("1", "--to", "2", folder=folder)
    assert "\x1b[9;31m12" in done.output
    assert "\x1b[32m15" in done.output
    assert "[-" not in done.output
    assert "\x1b[2J" not in done.output


def test_json_holds_classes_and_runs(folder: Path) -> None:
    found = json.loads(run("1", "--to", "2", "--json", folder=folder).output)
    assert found["changes"][0]["classes"] == ["number"]
    assert found["changes"][0]["details"] == [NUMBER]
    assert (found["from"]["number"], found["to"]["number"]) == (1, 2)
    edited = next(passage for passage in found["passages"] if passage["kind"] == "edited")
    assert {"kind": "cut", "text": "12 "} in edited["words"]


def test_the_latest_are_listed_without_what_is_cosmetic(folder: Path) -> None:
    done = run(folder=folder)
    assert done.exit_code == 0, done.output
    assert "edited: number; killed: 12 → 15 (paragraph 2)" in done.output
    assert "removed: http 404" in done.output
    assert "cosmetic" not in done.output
    assert [event["kind"] for event in json.loads(run("--json", folder=folder).output)] == ["removed", "edited"]


def test_an_article_with_one_version_may_have_gone(folder: Path) -> None:
    done = run("2", folder=folder)
    assert done.exit_code == 0, done.output
    assert "removed: http 404" in done.output
    assert json.loads(run("2", "--json", folder=folder).output)["changes"][0]["kind"] == "removed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("3",), "one version"),
        (("99",), "there is no article 99"),
        (("1", "--to", "7"), "article 1 has no version 7; it has 1, 2, 3"),
    ],
)
def test_what_cannot_be_compared_says_so(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments, folder=folder)
    assert done.exit_code == 1
    assert message in done.output


def test_an_archive_without_edits_says_so(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "data") as archive:
        store(archive)
    done = run(folder=tmp_path / "data")
    assert (done.exit_code, done.stdout) == (0, "No edit, removal or return has been seen.\n")
    assert json.loads(run("--json", folder=tmp_path / "data").stdout) == []

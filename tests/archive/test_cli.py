"""The `archive` command: what it prints, for people and for scripts, and how it ends."""

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from archive.store import Archive
from tests.archive.conftest import sighting, store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Archive.open(tmp_path / "data", demonstration=True) as archive:
        run = archive.start_run(command="crawl", arguments={}, version="1")
        archive.record_sightings(run, [sighting("https://news.example/waiting")])
        capture, _ = store(archive)
        archive.finish_capture(capture.id, "extracted")
        store(archive, "https://news.example/evil", headline="\x1b[2J[red]Tarn[/red]")
    return tmp_path / "data"


def run(*arguments: str, folder: Path | None = None) -> Result:
    environment = {"DATELINE_ARCHIVE": str(folder)} if folder else {"DATELINE_ARCHIVE": None}
    return CliRunner().invoke(main, arguments, env=environment)


def test_stats(folder: Path) -> None:
    done = run("stats", folder=folder)
    assert done.exit_code == 0, done.output
    for text in ("DEMONSTRATION", "2 articles (2 versions) from 2 captures; 1 URLs wait", "extracted 1", "Tarn Post"):
        assert text in done.output
    found = json.loads(run("stats", "--json", folder=folder).output)
    assert found["counts"]["articles"] == 2
    assert found["demonstration"] is True
    assert found["publishers"][0]["pending"] == 1
    assert found["warc_bytes"] > 1000


def test_search(folder: Path) -> None:
    done = run("search", "bridge", "ceasefire", folder=folder)
    assert done.exit_code == 0, done.output
    assert "Bridge at Tarn reopens" in done.output
    assert "4 March 2026, 13:30 UTC+03:00" in done.output
    assert "\x1b" not in done.output
    assert "[2J[red]Tarn[/red]" in done.output
    hits = json.loads(run("search", "reopens", "--json", "--since", "2026-03-04", folder=folder).output)
    assert [hit["headline"] for hit in hits] == ["Bridge at Tarn reopens"]
    assert "\x01" not in hits[0]["snippet"]


@pytest.mark.parametrize(("until", "code"), [("2026-03-03", 1), ("2026-03-04", 0), ("9999-12-31", 0)])
def test_the_last_day_of_a_search_belongs_to_it(folder: Path, until: str, code: int) -> None:
    assert run("search", "reopens", "--until", until, folder=folder).exit_code == code


def test_search_finds_nothing(folder: Path) -> None:
    done = run("search", '"', "zebra", folder=folder)
    assert (done.exit_code, done.stderr) == (1, "Nothing found.\n")
    assert json.loads(run("search", "zebra", "--json", folder=folder).stdout) == []


def test_show(folder: Path) -> None:
    done = run("show", "1", folder=folder)
    assert done.exit_code == 0, done.output
    for text in (
        "Bridge at Tarn reopens",
        "Observers saw no shelling overnight.",
        "© Lena Orr",
        "Tags: Tarn, ceasefire",
        ".warc.gz at ",
    ):
        assert text in done.output
    assert json.loads(run("show", "1", "--json", folder=folder).output)["captures"][0]["status"] == 200
    missing = run("show", "7", folder=folder)
    assert missing.exit_code == 1
    assert "there is no article 7" in missing.stderr


@pytest.mark.parametrize("command", [("stats",), ("search", "x"), ("show", "1"), ("serve",)])
def test_no_archive(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run(*command, "--archive", str(tmp_path / "none"))
    assert done.exit_code == 66
    assert f"there is no archive in {tmp_path / 'none'}" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"nothing of the kind" * 50)
    done = run("stats", folder=tmp_path)
    assert done.exit_code == 74
    assert "is no archive" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["search"], ["show", "one"], ["show", "9" * 20], ["search", "x", "--since", "may"], ["nonsense"]],
)
def test_wrong_usage(folder: Path, arguments: list[str]) -> None:
    assert run(*arguments, folder=folder).exit_code == 2


def test_serve_answers_until_it_is_interrupted(folder: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from archive.cli import main; main()",
        "serve",
        "--port",
        "0",
        "--archive",
        str(folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split(" at ")[1].split(" ")[0]
        taken = run("serve", "--port", url.rstrip("/").rpartition(":")[2], folder=folder)
        with urllib.request.urlopen(url, timeout=20) as answer:
            assert b"Demonstration." in answer.read()
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(url + "archive/articles/99", timeout=20)
        with missing.value as answer:
            assert (answer.code, b"Demonstration." in answer.read()) == (404, True)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert taken.exit_code == 74
    assert "cannot listen" in taken.stderr


def test_every_command_explains_itself_with_an_example() -> None:
    for name, command in main.commands.items():
        done = run(name, "--help")
        assert done.exit_code == 0
        assert "Example" in done.output, f"archive {name} --help shows no example"
        assert "--archive" in done.output or "--into" in done.output
        assert command.help


@pytest.mark.parametrize("command", [["search", "bridge", "--json"], ["verify"]])
def test_a_database_of_an_older_version_is_brought_up_to_date(folder: Path, command: list[str]) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as database, database:
        database.execute("DROP TABLE actors_articles")
        database.execute("DELETE FROM _sqlite_migrations WHERE name = 'm021_actors'")
    done = run(*command, folder=folder)
    assert done.exit_code == 0, done.output
    assert "up to date" in done.stderr
    assert "up to date" not in run(*command, folder=folder).stderr

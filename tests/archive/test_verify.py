"""`archive verify`: every way of changing an archive behind its back is found, and a sound one is called sound."""

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive import records
from archive.cli import main
from archive.dump import key
from archive.proof import Scratch, is_proved
from archive.records import read_records
from archive.rows import update
from archive.store import Archive
from archive.verify import Level, verify
from tests.archive.conftest import exchange, warc_files, without_database


def change(folder: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        assert connection.execute(sql, values).rowcount != 0, "the test changed nothing"


def test_a_sound_archive_is_called_sound(whole: Path) -> None:
    read = []
    report = verify(whole, advance=read.append)
    assert report.findings == ()
    assert report.worst is None
    assert report.files == len(list((whole / "warc").glob("*.warc.gz")))
    assert report.records == sum(len(list(read_records(path))) for path in (whole / "warc").glob("*.warc.gz"))
    assert sum(read) == sum(path.stat().st_size for path in (whole / "warc").glob("*.warc.gz"))
    assert report.rows > 60
    assert verify(whole, quick=True).findings == ()


def test_several_processes_find_what_one_finds(whole: Path, copied: Path) -> None:
    read: list[int] = []
    assert verify(whole, workers=2, advance=read.append) == verify(whole)
    assert sum(read) == sum(path.stat().st_size for path in (whole / "warc").glob("*.warc.gz"))
    path = warc_files(copied)[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)
    change(copied, "UPDATE captures SET status = 201 WHERE id = 2")
    found = verify(copied, workers=2)
    assert found == verify(copied)
    assert found.worst is Level.EVIDENCE


def test_no_file_is_read_through_twice(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is hashed, inflated and followed is read once; a file's first entry is looked up before, to order them."""
    read: Counter[str] = Counter()
    read_file = records._Source._read

    def counted(self: Any, place: int, count: int) -> bytes:
        data = read_file(self, place, count)
        if self._content is not None:
            read[Path(self._stream.name).name] += len(data)
        return data

    monkeypatch.setattr(records._Source, "_read", counted)
    assert verify(whole).findings == ()
    assert read == {path.name: path.stat().st_size for path in (whole / "warc").glob("*.warc.gz")}


def test_every_truncation_is_found(copied: Path) -> None:
    dice = random.Random(1)
    for path in sorted((copied / "warc").glob("*.warc.gz")):
        kept = path.read_bytes()
        for cut in dice.sample(range(len(kept)), 3):
            path.write_bytes(kept[:cut])
            for quick in (True, False):
                report = verify(copied, quick=quick)
                assert report.worst is Level.EVIDENCE, f"{path.name} cut at {cut}, quick={quick}"
                assert any(path.name in finding.place for finding in report.findings)
        path.write_bytes(kept)


def test_every_flipped_bit_is_found(copied: Path) -> None:
    dice = random.Random(2)
    for path in sorted((copied / "warc").glob("*.warc.gz")):
        kept = path.read_bytes()
        for bit in dice.sample(range(len(kept) * 8), 4):
            changed = bytearray(kept)
            changed[bit // 8] ^= 1 << bit % 8
            path.write_bytes(changed)
            report = verify(copied)
            assert report.worst is Level.EVIDENCE, f"{path.name}, bit {bit}"
            assert any(path.name in finding.place for finding in report.findings)
        path.write_bytes(kept)


def members(path: Path) -> list[bytes]:
    whole = path.read_bytes()
    return [whole[record.offset : record.offset + record.length] for record in read_records(path)]


@pytest.mark.parametrize(
    "splice",
    [
        lambda parts: [*parts[:2], *parts[3:]],
        lambda parts: [*parts[:2], parts[2], *parts[2:]],
        lambda parts: [parts[0], parts[2], parts[1], *parts[3:]],
        lambda parts: parts[:-1],
        lambda parts: [*parts, parts[1]],
    ],
    ids=["taken out", "doubled", "exchanged", "the last taken", "one put behind"],
)
def test_whole_records_that_were_moved_are_found(copied: Path, splice: Callable[[list[bytes]], list[bytes]]) -> None:
    for path in sorted((copied / "warc").glob("*.warc.gz")):
        kept = path.read_bytes()
        path.write_bytes(b"".join(splice(members(path))))
        assert verify(copied).worst is Level.EVIDENCE, path.name
        path.write_bytes(kept)


def test_files_that_changed_places_are_found(copied: Path) -> None:
    first, second, *_ = warc_files(copied)
    first.rename(copied / "aside")
    second.rename(first)
    (copied / "aside").rename(second)
    problems = [finding.problem for finding in verify(copied).findings]
    assert sum("two files were exchanged" in problem for problem in problems) == 2


def test_a_file_that_is_gone_or_came_from_nowhere_is_found(copied: Path) -> None:
    (path, *_) = warc_files(copied)
    path.rename(path.with_name("dateline-20200101000000000-00000000-00000.warc.gz"))
    found = {finding.problem.partition(":")[0] for finding in verify(copied, quick=True).findings}
    assert found >= {"missing", "no row says that this archive wrote it"}


TABLES = [
    "about",
    "publishers",
    "runs",
    "files",
    "captures",
    "sources",
    "sightings",
    "articles",
    "versions",
    "mentions",
]


def last_row(table: str) -> str:
    columns = ", ".join(key(table))
    newest = ", ".join(f"{column} DESC" for column in key(table))
    return f"WHERE ({columns}) = (SELECT {columns} FROM [{table}] ORDER BY {newest} LIMIT 1)"


@pytest.mark.parametrize("table", TABLES)
def test_every_edited_row_is_found(copied: Path, whole: Path, table: str) -> None:
    with closing(sqlite3.connect(whole / "archive.db")) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info([{table}])")]
    for column in columns:
        if column == "problem":
            continue
        shutil.copy(whole / "archive.db", copied / "archive.db")
        other = "1000" if column == "id" else "'other'"
        change(copied, f"UPDATE [{table}] SET [{column}] = {other} {last_row(table)}")
        assert verify(copied).worst in {Level.INDEX, Level.EVIDENCE}, column


@pytest.mark.parametrize("table", TABLES)
def test_every_row_that_is_gone_new_or_moved_is_found(copied: Path, whole: Path, table: str) -> None:
    with closing(sqlite3.connect(whole / "archive.db")) as connection:
        names = [(row[1], row[5]) for row in connection.execute(f"PRAGMA table_info([{table}])")]
    last = last_row(table)
    manipulations = [f"DELETE FROM [{table}] {last}"]
    if table not in {"captures", "sources", "versions"}:  # where nothing but the key has to differ
        new = ", ".join(
            "1000" if name == "id" else f"[{name}] || 'x'" if key or name == "canonical_url" else f"[{name}]"
            for name, key in names
        )
        manipulations.append(f"INSERT INTO [{table}] SELECT {new} FROM [{table}] {last}")
    if ("id", 1) in names:
        manipulations.append(f"UPDATE [{table}] SET id = 1000 {last}")
    for sql in manipulations:
        shutil.copy(whole / "archive.db", copied / "archive.db")
        change(copied, sql)
        report = verify(copied)
        assert report.worst in {Level.INDEX, Level.EVIDENCE}, sql


def test_a_file_that_was_cut_with_its_row_is_found_by_the_chain(copied: Path) -> None:
    """Rows and entries of a file say the same, all digests are right; the next file still names the old hash."""
    path = warc_files(copied)[0]
    kept = members(path)
    path.write_bytes(b"".join(kept[:-1]))
    with closing(sqlite3.connect(copied / "archive.db")) as connection, connection:
        connection.execute("DELETE FROM files WHERE file LIKE ?", [f"%{path.name}"])
    assert verify(copied).worst is Level.EVIDENCE


def test_a_table_that_is_gone_or_has_other_columns_is_found_and_the_others_are_looked_at(copied: Path) -> None:
    change(copied, "UPDATE articles SET headline = 'Bridge never reopened' WHERE id = 1")
    with closing(sqlite3.connect(copied / "archive.db")) as connection, connection:
        connection.execute("DROP TABLE imports")
        connection.execute("ALTER TABLE hosts ADD COLUMN note TEXT")
        connection.execute("ALTER TABLE watches DROP COLUMN visits")
    problems = {(place.split(": ")[1], problem) for place, problem in found(copied) if ": " in place}
    mend = "; rebuild the database from the files"
    assert problems == {
        ("imports", "no such table" + mend),
        ("hosts", "its columns are other ones: note" + mend),
        ("watches", "its columns are other ones: visits" + mend),
        ("articles 1", "changed by another hand: headline"),
    }


def found(folder: Path) -> list[tuple[str, str]]:
    return [(finding.place, finding.problem) for finding in verify(folder).findings if finding.level is Level.INDEX]


@pytest.mark.parametrize("table", ["articles", "versions"])
@pytest.mark.parametrize(
    "text",
    ["text || ' '", "substr(text, 2)", "'Tarn' || char(10, 10) || text", "CAST(text AS BLOB)", "CAST(x'ff' AS TEXT)"],
)
def test_a_text_is_held_to_its_record(copied: Path, table: str, text: str) -> None:
    """Of texts the scratch database has but digests."""
    change(copied, f"UPDATE [{table}] SET text = {text} WHERE id = 1")
    assert (f"{copied / 'archive.db'}: {table} 1", "changed by another hand: text") in found(copied)


@pytest.mark.parametrize(
    ("block", "headline", "text", "is_text"),
    [
        ("Tarn\n\nA bridge.", "Tarn\n\n", "A bridge.", True),
        ("A bridge.", "", "A bridge.", True),
        ("A bridge.", "Tarn\n\n", "A bridge.", True),
        ("Tarn\n\nA bridge.", "Tarn\n\n", "Tarn\n\nA bridge.", False),
        ("Tarn\n\nA bridge.", "Tarn\n\n", "A bridge", False),
        ("Tarn\n\nTarn\n\nA bridge.", "Tarn\n\n", "Tarn\n\nA bridge.", True),
    ],
)
def test_a_text_is_what_stands_behind_the_headline(block: str, headline: str, text: str, is_text: bool) -> None:
    assert (block.removeprefix(headline) == text) is is_text
    assert is_proved(sha256(block.encode()).digest() + headline.encode(), text.encode()) is is_text


def test_what_events_change_is_found_by_an_index(tmp_path: Path) -> None:
    """The scratch database has few: without the right ones a million sightings would be looked through for each."""
    shapes: list[tuple[str, dict[str, object]]] = [
        ("sightings", {"url": "https://news.example/tarn", "memento": None, "outcome": None}),
        ("sightings", {"memento": "https://archive.example/tarn", "outcome": None}),
        ("sightings", {"url": "https://news.example/tarn", "capture_id": 3}),
        ("withholdings", {"article_id": 4, "restored_at": None}),
        ("mentions", {"version_id": 5}),
        ("captures", {"id": 6}),
    ]
    scratch = Scratch(str(tmp_path), tmp_path)
    with closing(scratch.db.conn) as connection:
        for table, where in shapes:
            told: list[str] = []
            connection.set_trace_callback(told.append)
            update(connection, table, where, {name: value for name, value in where.items() if value is not None})
            connection.set_trace_callback(None)
            for sql in told:
                if sql.startswith("UPDATE"):
                    plan = str(connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
                    assert "SEARCH" in plan, sql
                    assert "SCAN" not in plan, sql


def test_a_stale_search_index_is_found(copied: Path) -> None:
    with closing(sqlite3.connect(copied / "archive.db")) as connection, connection:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
    (finding,) = verify(copied).findings
    assert "search index" in finding.problem
    assert finding.level is Level.INDEX


def test_what_a_kill_leaves_is_a_note(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path)
    archive.capture(exchange(), run_id=None)
    assert verify(tmp_path).findings == (), "while it is written"
    shutil.copytree(tmp_path, tmp_path / "left", ignore=shutil.ignore_patterns("left", "archive.lock"))
    report = verify(tmp_path / "left")
    assert report.worst is Level.NOTE
    assert "left by a run that was killed" in report.findings[0].problem
    archive.close()
    Archive.open(tmp_path / "left").close()
    assert verify(tmp_path / "left").findings == ()


def test_without_a_database_the_files_are_looked_at(copied: Path) -> None:
    without_database(copied)
    assert {finding.level for finding in verify(copied).findings} == {Level.INDEX, Level.NOTE}


def test_the_command_says_it_in_words_json_and_exit_code(copied: Path) -> None:
    run = CliRunner().invoke(main, ["verify", "--archive", str(copied)])
    assert run.exit_code == 0, run.output
    assert "All is as it was written" in run.output
    change(copied, "UPDATE articles SET headline = 'Bridge never reopened' WHERE id = 1")
    run = CliRunner().invoke(main, ["verify", "--archive", str(copied), "--json"])
    assert run.exit_code == 4
    finding, in_search = json.loads(run.output)["findings"]
    assert "search index has other words" in in_search["problem"], "nobody told it of the change"
    assert finding["place"].endswith("articles 1")
    assert finding["problem"] == "changed by another hand: headline"
    warc_files(copied)[0].write_bytes(b"")
    run = CliRunner().invoke(main, ["verify", "--archive", str(copied), "--quick"])
    assert run.exit_code == 65
    assert "cut or added to" in run.output
    run = CliRunner().invoke(main, ["verify", "--archive", str(copied / "nothing")])
    assert run.exit_code == 66

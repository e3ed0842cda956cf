"""The Prometheus textfile: written whole or not at all, in a form that collectors read."""

import re
from pathlib import Path

import pytest

from archive import metrics
from archive.errors import ArchiveError
from archive.store import Archive
from tests.archive.conftest import store

# https://prometheus.io/docs/instrumenting/exposition_formats/
SAMPLE = re.compile(r'[a-z_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\n"])*")*\})? -?\d+')


def test_every_line_is_a_sample_or_describes_one(archive: Archive, tmp_path: Path) -> None:
    store(archive, publisher='The "Tarn\\Post"\nonline')
    run = archive.start_run(command="crawl", arguments={}, version="1")
    archive.finish_run(run, exit_code=4, summary={})
    metrics.write(tmp_path / "dateline.prom", archive.connection, archive.folder)
    text = (tmp_path / "dateline.prom").read_text()
    assert text.endswith("\n")
    described = set(re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE))
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line
        assert line.startswith("#") or re.split(r"[{ ]", line)[0] in described
    assert r'dateline_articles{publisher="The \"Tarn\\Post\"\nonline"} 1' in text
    assert "dateline_last_run_exit_code 4" in text
    assert not re.search(r"^dateline_last_success_timestamp_seconds", text, re.MULTILINE), "no run did what it could"
    assert [path.name for path in tmp_path.glob("*.prom*")] == ["dateline.prom"]


def test_a_place_that_cannot_be_written_is_named(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="nowhere"):
        metrics.write(tmp_path / "nowhere" / "dateline.prom", archive.connection, archive.folder)


def test_an_archive_without_a_row_has_metrics(archive: Archive, tmp_path: Path) -> None:
    metrics.write(tmp_path / "dateline.prom", archive.connection, archive.folder)
    assert 'dateline_archive_bytes{part="warc"} 0' in (tmp_path / "dateline.prom").read_text()

"""`archive repair`: what is whole of a damaged file is saved, and the archive is sound again."""

import json
import random
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.cli import main
from archive.errors import ArchiveNotFound
from archive.offload import offload
from archive.rebuild import rebuild
from archive.records import read_record, read_records
from archive.repair import LOST, Repaired, repair
from archive.store import Archive
from archive.verify import Level, verify
from tests.archive.conftest import dumped, warc_files
from tests.archive.test_verify import members


def flip(path: Path, offset: int) -> None:
    changed = bytearray(path.read_bytes())
    changed[offset] ^= 0x10
    path.write_bytes(changed)


def repaired(folder: Path) -> list[Repaired]:
    return repair(folder, software="test")


def test_a_sound_archive_is_left_alone(copied: Path) -> None:
    before = dumped(copied)
    assert repaired(copied) == []
    assert dumped(copied) == before


@pytest.mark.parametrize("record", range(1, 8))
def test_one_damaged_record_costs_no_other(copied: Path, record: int) -> None:
    path = warc_files(copied)[0]
    original = members(path)
    victim = list(read_records(path))[record]
    flip(path, victim.offset + victim.length // 2)
    damaged = path.read_bytes()
    (done,) = repaired(copied)
    saved = members(copied / done.replaced_by)
    assert saved[1:] == original[:record] + original[record + 1 :], "every untouched record, byte for byte"
    assert done.kept.read_bytes() == damaged
    assert not path.exists()
    assert done.lost == (victim.type == "response")
    assert done.damages
    report = verify(copied)
    assert report.worst is Level.NOTE, report.findings
    assert ("1 capture in it is lost" in report.findings[0].problem) == bool(done.lost)
    with Archive.open(copied) as archive:
        lost = archive.connection.execute("SELECT file FROM captures WHERE error = ?", [LOST]).fetchall()
        assert len(lost) == done.lost
        for row in archive.connection.execute(
            "SELECT file, offset, record_id FROM captures WHERE coalesce(error, '') != ?", [LOST]
        ):
            assert read_record(copied / row[0], row[1]).record_id == row[2]
    before = dumped(copied)
    rebuild(copied, software="test")
    assert dumped(copied) == before, "what is left of a lost exchange is none of its own"


def test_what_belonged_to_a_lost_response_does_not_come_back_as_a_capture(copied: Path) -> None:
    path = warc_files(copied)[0]
    victim = next(record for record in read_records(path) if record.type == "response")
    flip(path, victim.offset + victim.length // 2)
    assert repaired(copied)[0].lost == 1
    before = dumped(copied)
    rebuild(copied, software="test")
    assert dumped(copied) == before


def test_after_it_the_database_can_be_made_from_the_files_again(copied: Path) -> None:
    dice = random.Random(5)
    for path in [*warc_files(copied)[:2], warc_files(copied, text=True)[0]]:
        flip(path, dice.randrange(100, path.stat().st_size))
    assert len(repaired(copied)) == 3
    with Archive.open(copied) as archive:
        run = archive.start_run(command="crawl", arguments={}, version="1")
        archive.finish_run(run, exit_code=0, summary={})
    before = dumped(copied)
    rebuild(copied, software="test")
    assert dumped(copied) == before
    shutil.rmtree(copied / "quarantine")
    rebuild(copied, software="test")
    assert dumped(copied) == before, "even without what was damaged"
    assert repaired(copied) == []


def test_a_cut_file_keeps_what_is_in_front_of_the_cut(copied: Path) -> None:
    path = warc_files(copied)[1]
    original = members(path)
    path.write_bytes(b"".join(original[:3]) + original[3][:50])
    (done,) = repaired(copied)
    assert members(copied / done.replaced_by)[1:] == original[:3]


def test_a_repair_that_was_killed_begins_anew(copied: Path) -> None:
    """The new file was sealed, and the rows had not followed yet."""
    path = warc_files(copied)[0]
    flip(path, path.stat().st_size - 30)
    shutil.copytree(copied, copied.with_name("second"))
    (first,) = repaired(copied.with_name("second"))
    shutil.copy(copied.with_name("second") / first.replaced_by, copied / "warc")
    captures = sum(line.startswith('["captures"') for line in dumped(copied))
    (done,) = repaired(copied)
    assert done.replaced_by != first.replaced_by
    assert sum(line.startswith('["captures"') for line in dumped(copied)) == captures, "and nothing is adopted twice"
    assert verify(copied).worst in {Level.NOTE, Level.INDEX}


def test_the_command_says_what_it_did(copied: Path) -> None:
    path = warc_files(copied)[0]
    response = next(record for record in read_records(path) if record.type == "response")
    flip(path, response.offset + 40)
    run = CliRunner().invoke(main, ["repair", "--archive", str(copied)])
    assert run.exit_code == 65, run.output
    assert "1 captures and texts lost" in run.output
    assert "damaged gzip member" in run.output
    run = CliRunner().invoke(main, ["repair", "--archive", str(copied), "--json"])
    assert run.exit_code == 0
    assert json.loads(run.output) == []
    run = CliRunner().invoke(main, ["repair", "--archive", str(copied / "nothing")])
    assert run.exit_code == ArchiveNotFound.exit_code


def test_files_in_a_bucket_are_left_and_named(copied: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec", reason="fsspec is not installed (pip install -e '.[s3]')")
    kept, gone = warc_files(copied)[:2]
    offload(copied, f"file://{tmp_path / 'bucket'}", keep=True)
    gone.unlink()
    flip(kept, kept.stat().st_size // 2)
    run = CliRunner().invoke(main, ["repair", "--archive", str(copied)])
    assert run.exit_code == 0, run.output
    assert f"{gone} is in a bucket only and was not looked at" in run.stderr
    assert f"{kept} is damaged, file://{tmp_path / 'bucket'}/warc/{kept.name} has it by its note" in run.stderr
    assert "No file that was looked at is damaged" in run.stdout
    assert verify(copied).worst is Level.EVIDENCE
    kept.unlink()
    assert verify(copied).findings == ()

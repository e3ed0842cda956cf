"""Files of merged shards that are damaged in the archive: repaired there, and merged again without a thing twice."""

import shutil
from pathlib import Path

import pytest

from archive.dump import rows
from archive.rebuild import rebuild
from archive.records import read_records
from archive.repair import Repaired, repair
from archive.store import Archive
from archive.verify import Level, verify
from tests.archive.conftest import dumped
from tests.archive.merging.machines import Act, joined, play
from tests.archive.test_verify import members

URLS = [f"https://news.example/{number}" for number in range(4)]


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    play([Act(machine=0, minute=number, url=url, shows=url) for number, url in enumerate(URLS)], [tmp_path / "shard"])
    return tmp_path / "shard"


@pytest.fixture
def merged(shard: Path, tmp_path: Path) -> Path:
    joined([shard], tmp_path / "all")
    return tmp_path / "all"


def damage(folder: Path, record_type: str, *, text: bool = False) -> tuple[Path, list[bytes], int]:
    """Flip a bit in the second record of a type, in the archive's copy alone; its file, records, and which it was."""
    (path,) = (path for path in (folder / "merged").glob("*.warc.gz") if ("-text" in path.name) is text)
    whole = members(path)
    found = list(read_records(path))
    _, victim, *_ = (place for place, record in enumerate(found) if record.type == record_type)
    content = bytearray(path.read_bytes())
    content[found[victim].offset + found[victim].length // 2] ^= 0x10
    path.unlink()  # the shard has a link to it
    path.write_bytes(content)
    return path, whole, victim


def repaired(folder: Path) -> list[Repaired]:
    return repair(folder, software="test")


@pytest.mark.parametrize(("record_type", "text"), [("response", False), ("request", False), ("conversion", True)])
def test_one_damaged_record_costs_no_other(merged: Path, record_type: str, text: bool) -> None:
    path, whole, victim = damage(merged, record_type, text=text)
    assert verify(merged).worst is Level.EVIDENCE
    (done,) = repaired(merged)
    assert (done.file, done.replaced_by.partition("/")[0]) == (f"merged/{path.name}", "merged")
    assert members(merged / done.replaced_by)[1:] == whole[:victim] + whole[victim + 1 :]
    assert done.lost == (record_type != "request")
    assert not path.exists()
    report = verify(merged)
    assert report.worst is Level.NOTE, report.findings
    assert repaired(merged) == []
    before = dumped(merged)
    rebuild(merged, software="test")
    assert dumped(merged) == before


@pytest.mark.parametrize(("record_type", "text"), [("response", False), ("conversion", True)])
def test_a_shard_that_goes_on_is_merged_into_what_was_repaired(
    shard: Path, merged: Path, record_type: str, text: bool
) -> None:
    damage(merged, record_type, text=text)
    repaired(merged)
    counts = counted(merged)
    play([Act(machine=0, minute=900, url="https://news.example/new", shows="news")], [shard])
    joined([shard], merged)
    assert counted(merged) == {table: count + 1 for table, count in counts.items()}
    report = verify(merged)
    assert report.worst is Level.NOTE, report.findings


def counted(folder: Path) -> dict[str, int]:
    with Archive.open(folder, write=False) as archive:
        tables = ("captures", "articles", "versions")
        return {table: len(list(rows(archive.connection, table))) for table in tables}


def test_what_a_merge_that_was_killed_left_is_not_repaired(shard: Path, merged: Path) -> None:
    (page,) = (path for path in (shard / "warc").glob("*.warc.gz") if "-text" not in path.name)
    shutil.copy(page, left := merged / "merged" / page.name.replace("-00000", "-00007"))
    left.chmod(0o644)
    left.write_bytes(page.read_bytes()[:500])
    assert repaired(merged) == []
    assert left.exists()

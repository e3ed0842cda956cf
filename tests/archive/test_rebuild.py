"""A database made anew from the WARC files is the same in every row."""

import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from archive import clock
from archive.errors import ArchiveError, ArchiveLocked, ArchiveNotFound
from archive.rebuild import rebuild
from archive.recovery import Examined, examine_file
from archive.store import Archive
from archive.verify import verify
from tests.archive.conftest import dumped, fill, store, warc_files


def test_every_row_comes_back_and_the_old_database_is_kept(tmp_path: Path) -> None:
    fill(tmp_path)
    before = dumped(tmp_path)
    read = list[int]()
    done = rebuild(tmp_path, software="another version", advance=read.append)
    assert dumped(tmp_path) == before
    assert done.old is not None
    assert done.old.parent == tmp_path / "quarantine"
    assert done.old.stat().st_size > 10_000
    assert sum(read) == sum(path.stat().st_size for path in (tmp_path / "warc").glob("*.warc.gz"))
    assert done.counts["articles"] == sum(line.startswith('["articles"') for line in before)
    assert verify(tmp_path).findings == ()


def test_a_demonstration_is_made_anew_on_a_clock_that_was_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "SHIFT", timedelta(days=-3000))
    with Archive.open(tmp_path, demonstration=True) as archive:
        store(archive)
    before = dumped(tmp_path)
    rebuild(tmp_path, software="test")
    assert dumped(tmp_path) == before


def test_a_changed_database_is_mended_by_it(tmp_path: Path) -> None:
    fill(tmp_path)
    before = dumped(tmp_path)
    with Archive.open(tmp_path) as archive:
        archive.connection.execute("DELETE FROM mentions")
        archive.connection.execute("DELETE FROM sightings")
        archive.connection.execute("UPDATE articles SET headline = 'other'")
        archive.connection.commit()
    assert dumped(tmp_path) != before
    rebuild(tmp_path, software="test")
    assert dumped(tmp_path) == before


def test_files_may_be_examined_in_any_order(tmp_path: Path) -> None:
    fill(tmp_path)
    before = dumped(tmp_path)

    def examine(paths: Sequence[Path]) -> Iterator[Examined]:
        mixed = random.Random(3).sample(list(paths), len(paths))
        found = {path: examine_file(path) for path in mixed}
        return (found[path] for path in paths)

    rebuild(tmp_path, software="test", examine=examine)
    assert dumped(tmp_path) == before


def test_killed_on_the_way_the_next_one_goes_on(tmp_path: Path) -> None:
    fill(tmp_path, runs=4)
    before, read = dumped(tmp_path), list[Path]()
    files = warc_files(tmp_path) + warc_files(tmp_path, text=True)

    def examine(paths: Sequence[Path]) -> Iterator[Examined]:
        for path in paths:
            read.append(path)
            yield examine_file(path)

    def kill(_bytes: int) -> None:
        if len(read) == len(files) - 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(tmp_path, software="test", examine=examine, advance=kill)
    first, read[:] = set(read), []
    done = rebuild(tmp_path, software="test", examine=examine)
    assert dumped(tmp_path) == before
    assert set(read) == set(files) - first
    assert done.old is not None
    assert len(list((tmp_path / "quarantine").glob("*.db"))) == 1  # not the half of one that was being made
    rebuild(tmp_path, software="test")  # and this one is another
    assert len(list((tmp_path / "quarantine").glob("*.db"))) == 2


def test_the_names_and_times_of_files_do_not_matter(tmp_path: Path) -> None:
    """A clock that was set back between two runs gives the later file the earlier name."""
    fill(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    for number, path in enumerate(reversed(warc_files(tmp_path / "b"))):
        path.touch()
        assert path.name < f"dateline-{99 - number}"
    rebuild(tmp_path / "b", software="test")
    assert dumped(tmp_path / "b") == dumped(tmp_path / "a")


def test_what_cannot_be_rebuilt_is_left_as_it_was(tmp_path: Path) -> None:
    fill(tmp_path)
    before = dumped(tmp_path)
    missing = warc_files(tmp_path)[1]
    missing.rename(tmp_path / missing.name)
    with pytest.raises(ArchiveError, match="does not follow"):
        rebuild(tmp_path, software="test")
    assert dumped(tmp_path) == before
    assert list((tmp_path / "quarantine").iterdir()) == []


def test_only_an_archive_that_nobody_writes(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound):
        rebuild(tmp_path / "nothing", software="test")
    with Archive.open(tmp_path), pytest.raises(ArchiveLocked):
        rebuild(tmp_path, software="test")

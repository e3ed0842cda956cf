"""The archive under every fault of `make bench-durability`, at a small count, and whether the harness sees bugs."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from archive.store import Archive
from benchmarks.durability import bugs, errors, full, kills, migration, power, starts
from benchmarks.durability.disk import Disk, Operation
from benchmarks.durability.harness import Result
from benchmarks.durability.soundness import problems
from benchmarks.durability.workload import Fact, work


def test_nothing_is_lost_when_the_writer_is_killed() -> None:
    result = kills.run(8)
    assert result.problems == []
    assert result.figures["at a byte"] == result.figures["at a moment"] == 4


def test_a_repair_that_is_killed_begins_anew() -> None:
    result = kills.repairs(12)
    assert result.problems == []
    assert result.count == 12


def test_nothing_is_lost_when_the_power_is_cut() -> None:
    result = power.run(80)
    assert result.problems == []
    assert all(result.figures.values()), "each stage was cut"


def test_an_operation_that_fails_ends_cleanly_and_loses_nothing() -> None:
    result = errors.run(24)
    assert result.problems == []
    assert set(result.figures["exit codes"]) <= {"28", "73", "74", "None"}
    assert {"write", "sync", "SQLite: write"} <= set(result.figures["kinds"])


def test_a_full_disk_stops_the_archive_before_it_is_full() -> None:
    result = full.run(1)
    if result.skipped:
        pytest.skip(result.skipped)
    assert result.problems == []
    assert result.figures["least left free"] > 0


def test_of_many_starts_one_runs() -> None:
    assert starts.run(1).problems == []


def test_another_program_cannot_write_in_the_middle_of_a_change() -> None:
    assert starts.rivals().problems == []


def test_an_archive_of_the_first_schema_migrates_also_when_it_is_killed() -> None:
    result = migration.run(8)
    assert result.problems == []
    assert result.figures["newer"] == "refused"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "fault",
    [
        partial(kills.run, 100, seed=1),
        partial(kills.repairs, 60),
        partial(power.run, 400, seed=1),
        partial(errors.run, 200, seed=1),
    ],
    ids=["kills", "killed repairs", "power cuts", "errors"],
)
def test_nothing_is_lost_at_larger_counts(fault: Callable[..., Result]) -> None:
    assert fault().problems == []


FOUND_QUICKLY = {
    "the WARC never synced", "no lock", "a deferred transaction", "a repair that replays no entries",
}  # fmt: skip


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "bug",
    [
        pytest.param(bug, id=bug.about, marks=() if bug.about in FOUND_QUICKLY else pytest.mark.slow)
        for bug in bugs.BUGS
    ],
)
def test_a_planted_bug_is_found(bug: bugs.Bug) -> None:
    assert bugs.caught(bug) is not None


def test_every_fact_can_be_missed(tmp_path: Path) -> None:
    """The oracle looks for each kind of fact: on an archive that has none of them it misses every one."""
    told: list[Fact] = []
    work(tmp_path / "a", told.append)
    kinds = {next(iter(fact)): fact for fact in told if "refused" not in fact}
    assert len(kinds) == 10
    Archive.open(tmp_path / "b").close()
    missed = problems(tmp_path / "b", kinds.values())
    assert sorted(line.split()[1] for line in missed) == sorted(kinds)


def test_every_change_of_a_file_is_seen(tmp_path: Path) -> None:
    """The log of a writer, played again, gives the very files that it left."""
    log: list[Operation] = []
    with Disk(tmp_path / "a", log.append):
        work(tmp_path / "a", lambda _: None)
    platter = power.Platter()
    for operation in log:
        platter.apply(operation)
    left = {
        str(path.relative_to(tmp_path / "a")): path.read_bytes()
        for path in (tmp_path / "a").rglob("*")
        if path.is_file() and path.name != "archive.lock"
    }
    assert platter.all() == left


def test_a_cut_keeps_what_was_synced_and_only_that() -> None:
    platter = power.Platter()
    for operation in (
        Operation(kind="create", path="a"),
        Operation(kind="write", path="a", data=b"safe"),
        Operation(kind="sync", path="a"),
        Operation(kind="syncdir", path=""),
        Operation(kind="write", path="a", offset=4, data=b"not"),
        Operation(kind="create", path="b"),
    ):
        platter.apply(operation)

    class Worst:
        def choice(self, given: tuple[float, ...]) -> float:
            return 0

        def randint(self, low: int, high: int) -> int:
            return low

        def random(self) -> float:
            return 0.0

    assert platter.survivors(Worst()) == {"a": b"safe"}  # type: ignore[arg-type]


def test_a_kill_at_a_byte_is_at_that_byte(tmp_path: Path) -> None:
    status, told = kills.forked(lambda tell: work(tmp_path / "a", tell), prepare=kills.at_byte(2_000))
    assert os.WIFSIGNALED(status)
    written = sum(path.stat().st_size for path in (tmp_path / "a" / "warc").iterdir())
    assert written == 2_000
    assert told

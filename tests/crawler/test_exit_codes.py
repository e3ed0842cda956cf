"""The exit code that a run's counts make."""

from collections import Counter

import pytest

from archive.agenda import CUT_SHORT
from archive.errors import ArchiveLocked, ArchiveNotWritable
from archive.model import Outcome
from crawler import exit_codes
from crawler.errors import HostUnreachable, UsageError
from crawler.tally import SourceReport, Tally

GOOD = SourceReport(url="https://example.org/rss", kind="feed", entries=3)
BAD = SourceReport(url="https://example.org/rss", kind="feed", error="answered 500")
LOST = SourceReport(url="https://example.org/rss", kind="feed", error="no connection", unreachable=True)


def tally(
    *sources: SourceReport, found: int = 0, crashed: str | None = None, unreachable: int = 0, **outcomes: int
) -> Tally:
    counts = Counter({Outcome(name): count for name, count in outcomes.items()})
    return Tally(
        publisher="P", sources=list(sources), found=found, crashed=crashed, unreachable=unreachable, outcomes=counts
    )


@pytest.mark.parametrize(
    ("tallies", "expected"),
    [
        ([tally(GOOD, found=3, extracted=3)], exit_codes.OK),
        ([tally(GOOD, found=3, unchanged=2, off_topic=1)], exit_codes.OK),
        ([tally(GOOD, found=3, extracted=1, failed=2)], exit_codes.OK),
        ([tally(GOOD, found=3, failed=2, blocked=1)], exit_codes.PARTIAL),
        ([tally(GOOD, BAD, found=3, extracted=3)], exit_codes.PARTIAL),
        ([tally(GOOD, found=3, extracted=3), tally(BAD)], exit_codes.PARTIAL),
        ([tally(GOOD, found=3, extracted=3), tally(LOST)], exit_codes.PARTIAL),
        ([tally(GOOD, found=3, extracted=3), tally(crashed="KeyError")], exit_codes.PARTIAL),
        ([tally(BAD)], exit_codes.NOTHING),
        ([tally(BAD, LOST)], exit_codes.NOTHING),
        ([tally()], exit_codes.NOTHING),
        ([], exit_codes.NOTHING),
        ([tally(LOST), tally(LOST, LOST)], exit_codes.NO_NETWORK),
        ([tally(crashed="KeyError")], exit_codes.SOFTWARE),
        ([tally(found=1, extracted=1)], exit_codes.OK),
        ([tally(found=1, failed=1, unreachable=1)], exit_codes.NO_NETWORK),
        ([tally(GOOD, found=1, failed=1, unreachable=1)], exit_codes.PARTIAL),
    ],
)
def test_of_run(tallies: list[Tally], expected: int) -> None:
    assert exit_codes.of_run(tallies) == expected


def test_a_removal_is_a_finding_and_no_failure() -> None:
    gone = tally(GOOD, found=1, failed=1)
    assert exit_codes.of_run([gone], due_only=True) == exit_codes.PARTIAL
    gone.removed = 1
    assert exit_codes.of_run([gone], due_only=True) == exit_codes.OK
    gone.outcomes[Outcome.FAILED] += 1
    gone.outcomes[Outcome.EXTRACTED] += 1
    assert gone.usable == 2


def test_a_broken_publisher_is_not_hidden_by_a_quiet_hour() -> None:
    """With nothing due, a spider that cannot run is still worth a message."""
    assert exit_codes.of_run([tally(), tally(crashed="SyntaxError")], due_only=True) == exit_codes.PARTIAL
    assert exit_codes.of_run([tally(), tally()], due_only=True) == exit_codes.NOTHING_DUE


def test_the_table_and_the_error_tree_agree() -> None:
    assert UsageError.exit_code == exit_codes.USAGE
    assert HostUnreachable.exit_code == exit_codes.NO_NETWORK
    assert ArchiveNotWritable.exit_code == exit_codes.NOT_WRITABLE
    assert ArchiveLocked.exit_code == exit_codes.LOCKED


def test_the_archive_knows_which_runs_ended_early() -> None:
    early = {exit_codes.TIME_LIMIT, exit_codes.DISK_FULL, exit_codes.ARCHIVE_BROKE, exit_codes.INTERRUPTED}
    assert set(CUT_SHORT) == early


def test_every_code_is_in_the_table() -> None:
    table = str(exit_codes.__doc__)
    for name, value in vars(exit_codes).items():
        if isinstance(value, int):
            assert f"| {value} | {name} |" in table


def test_an_alarm_takes_the_place_of_what_a_timer_expects_and_of_nothing_worse() -> None:
    assert {exit_codes.with_alarm(code) for code in (exit_codes.OK, exit_codes.PARTIAL, exit_codes.NOTHING_DUE)} == {6}
    for code in (exit_codes.TIME_LIMIT, exit_codes.INTERRUPTED, exit_codes.NO_NETWORK, exit_codes.ARCHIVE_BROKE):
        assert exit_codes.with_alarm(code) == code

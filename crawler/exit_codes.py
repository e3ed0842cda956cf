"""What the exit codes of the `scrapy` commands mean. README prints this table.

| code | name | when |
|---|---|---|
| 0 | OK | every source was read; what was found has ended in an outcome |
| 1 | FAILURE | an error without a code of its own; its message says which |
| 3 | NOTHING | the sources answered, and nothing came of them; the page is no article |
| 4 | PARTIAL | a source failed, a spider crashed, a host is left alone, or no page was usable; the rest is archived |
| 5 | NOTHING_DUE | with `--due`: no source was due to be asked and no page to be visited |
| 6 | ALARM | as 0, 4 or 5, and this run raised an alarm: something looks wrong with a publisher's crawl |
| 7 | TIME_LIMIT | stopped by `--max-minutes`; the next run goes on where this one ended |
| 28 | DISK_FULL | the archive's disk has too little room left; nothing is lost, free space and start again |
| 64 | USAGE | unknown spider, publisher or argument |
| 65 | BAD_INPUT | a file or record that was given is damaged, or no HTML |
| 66 | NO_INPUT | a file or record that was given is not there |
| 69 | NO_NETWORK | no source of any publisher could be reached, or not the page asked for |
| 70 | SOFTWARE | a spider crashed and nothing else was crawled |
| 73 | NOT_WRITABLE | the archive's folder cannot be created or written |
| 74 | ARCHIVE_BROKE | writing to the archive failed on the way (disk full, I/O error); nothing acknowledged is lost |
| 75 | LOCKED | another process writes this archive, also after `--wait` |
| 77 | REFUSED | robots.txt, or a private address: the page asked for must not be fetched |
| 78 | CONFIGURATION | no contact, an unusable setting or publisher file, a library missing, or a too new archive |
| 130 | INTERRUPTED | stopped by Ctrl-C or a signal; the next run goes on where this one ended |

64 to 75 are those of sysexits(3); 3 and 4 follow browsertrix-crawler's habit of a number for each way of ending.
"""

from collections.abc import Collection

from crawler.tally import Tally

OK = 0
FAILURE = 1
NOTHING = 3
PARTIAL = 4
NOTHING_DUE = 5
ALARM = 6
TIME_LIMIT = 7
DISK_FULL = 28
USAGE = 64
BAD_INPUT = 65
NO_INPUT = 66
NO_NETWORK = 69
SOFTWARE = 70
NOT_WRITABLE = 73
ARCHIVE_BROKE = 74
LOCKED = 75
REFUSED = 77
CONFIGURATION = 78
INTERRUPTED = 130

GOOD = frozenset((OK, NOTHING_DUE))  # `crawlall --quiet` prints nothing then


def with_alarm(code: int) -> int:
    """The exit code of a run that raised an alarm: it is news where the run itself did what it could, or most of it.

    Only the run that raises it says so; those after it list the alarm, and `archive alarms` knows whether it stands.
    """
    return ALARM if code in {OK, PARTIAL, NOTHING_DUE} else code


def of_run(tallies: Collection[Tally], *, due_only: bool = False) -> int:
    """The exit code of a run that was neither interrupted nor stopped by the archive.

    With `due_only` it is no failure that nothing was to do.
    """
    reports = [report for tally in tallies for report in tally.sources]
    ended = sum(tally.ended for tally in tallies)
    lost = sum(tally.unreachable for tally in tallies)
    if (reports or ended) and all(report.unreachable for report in reports) and lost == ended:
        return NO_NETWORK
    if tallies and all(tally.crashed for tally in tallies):
        return SOFTWARE
    if any(tally.crashed for tally in tallies):
        return PARTIAL
    if any(tally.left for tally in tallies) or any(report.not_asked for report in reports):
        return PARTIAL
    if not any(tally.found for tally in tallies) and not (due_only and reports):
        return NOTHING_DUE if due_only else NOTHING
    failed = any(report.failed for report in reports)
    unusable = any(tally.ended and not tally.usable for tally in tallies)
    return PARTIAL if failed or unusable else OK

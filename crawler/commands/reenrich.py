"""`scrapy reenrich`: today's vocabularies over the texts that are there."""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import Any, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from archive.mentions import Outdated
from archive.store import Archive
from crawler import exit_codes
from crawler.commands.extract import ExampleFormatter
from crawler.enrichment import enrich, groups, outdated
from crawler.errors import UsageError
from crawler.launch import open_run, report
from crawler.run import Run

EXAMPLES = """\
Examples:
  scrapy reenrich
  scrapy reenrich --publisher RT --since 2016-02-01 --until 2016-02-29
  scrapy reenrich --all --workers 4

Interrupted, the next call goes on: versions that today's vocabularies have seen are left alone. Exit codes: 0 done, or
nothing to do · 64 wrong usage · 66 no archive there · 75 another process writes the archive
"""


class Command(ScrapyCommand):
    """See the module's docstring."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Find actors, places and conflict terms again with today's vocabularies"

    def long_desc(self) -> str:
        """For `--help`."""
        return (
            "Find the actors, places and terms of conflict in the texts of the archive again, by the vocabularies and\n"
            "rules of today. Nothing is fetched, no text changes; each version names the vocabularies it was read by."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options and ours."""
        super().add_options(parser)
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES
        parser.add_argument("--publisher", metavar="NAME", help="only articles of this publisher")
        parser.add_argument("--since", type=_day, metavar="DAY", help="only those captured on this day (UTC) or later")
        parser.add_argument("--until", type=_day, metavar="DAY", help="only those captured on this day or earlier")
        parser.add_argument("--all", action="store_true", help="also those that today's vocabularies have seen")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that read texts (1)")

    def run(self, args: list[str], opts: Any) -> None:
        """Read, store, say what came of it, and set the exit code."""
        settings = cast("AsyncCrawlerProcess", self.crawler_process).settings
        try:
            if args:
                raise UsageError(f"unknown argument {args[0]}; --help shows those there are")
            with Archive.open(settings["ARCHIVE_FOLDER"], write=False):
                pass  # where there is none, none is made
            wanted = outdated(opts.publisher, opts.since, opts.until, everything=opts.all)
            run = open_run(settings, command="reenrich", arguments=_arguments(opts))
            self.exitcode = _enrich(run, wanted, max(1, opts.workers))
        except DatelineError as error:
            self.exitcode = report(error)
        except KeyboardInterrupt:
            self.exitcode = exit_codes.INTERRUPTED


def _enrich(run: Run, wanted: Outdated, workers: int) -> int:
    code = exit_codes.INTERRUPTED
    try:
        ids = run.recorder.call(lambda archive: archive.mentions.outdated(wanted))
        changed = 0
        columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        progress = Progress(*columns, transient=True, console=Console(stderr=True), disable=not sys.stderr.isatty())
        with ExitStack() as stack:
            executor = stack.enter_context(_processes(workers)) if workers > 1 else None
            stack.enter_context(progress)
            task = progress.add_task("", total=len(ids))
            for lot in groups(ids):
                changed += run.recorder.call(enrich, lot, executor, lambda: progress.advance(task))
        code = exit_codes.OK
        print(
            f"Read {len(ids):,} versions by vocabulary {wanted.names}; {changed:,} mention something else than before"
        )
    except DatelineError:
        code = exit_codes.ARCHIVE_BROKE
        raise
    finally:
        run.close(code)
    return code


def _processes(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))  # this one has threads


def _arguments(opts: Any) -> dict[str, str]:
    given = {"publisher": opts.publisher, "since": opts.since, "until": opts.until, "all": opts.all or None}
    return {name: str(value) for name, value in given.items() if value is not None}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2016-02-29") from None

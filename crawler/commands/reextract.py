"""`scrapy reextract`: today's rules over the captures that are there. Shows what would change before it changes it."""

import argparse
import asyncio
import difflib
import json
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any, cast

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import BaseSettings

from archive.errors import DatelineError
from archive.model import Outcome
from archive.store import Archive
from crawler import exit_codes
from crawler.cluster import spread_over
from crawler.commands.extract import ExampleFormatter
from crawler.errors import UsageError
from crawler.launch import open_run, report, worker_pool
from crawler.readings import Readings
from crawler.reextraction import Change, Selection, apply, compare
from crawler.run import EXTRACTOR
from crawler.workers import WorkerPool

EXAMPLES = """\
Examples:
  scrapy reextract --dry-run
  scrapy reextract --publisher RT --since 2016-02-01 --until 2016-02-29
  scrapy reextract --outcome deferred --yes
  scrapy reextract --yes --json > changes.jsonl
  scrapy reextract --yes --scheduler tcp://10.0.0.5:8786

With --scheduler the workers of a Dask cluster read the pages; they see the archive under the same path. Killed, the
command goes on with what they have read. Nothing is fetched. Old versions are kept; the new ones name the rules that
made them. Exit codes: 0 done, or nothing to do · 1 not confirmed · 64 wrong usage · 66 no archive there · 69 no such
cluster · 75 another process writes the archive
"""


class Command(ScrapyCommand):
    """See the module's docstring."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Extract captured pages again with today's rules"

    def long_desc(self) -> str:
        """For `--help`."""
        return (
            "Extract pages that were captured before, with the rules of today. Shows field by field what would\n"
            "change, asks, and stores it as new versions."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options and ours."""
        super().add_options(parser)
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES
        parser.add_argument("--publisher", metavar="NAME", help="only captures of this publisher")
        parser.add_argument("--since", type=_day, metavar="DAY", help="only pages captured on this day (UTC) or later")
        parser.add_argument("--until", type=_day, metavar="DAY", help="only pages captured on this day or earlier")
        parser.add_argument(
            "--outcome", type=Outcome, choices=list(Outcome), metavar="OUTCOME",
            help="only captures that ended so; deferred: pages that were imported and not extracted yet",
        )  # fmt: skip
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="a Dask scheduler (tcp://…) whose workers read the pages"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--show", type=int, default=10, metavar="N", help="examples to show (10)")
        parser.add_argument("--json", action="store_true", help="print every change as a line of JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's, and the workers start: what they load takes longer than all that comes before the first page."""
        super().process_options(args, opts)
        self.workers = worker_pool(cast("BaseSettings", self.settings))
        if not args and opts.scheduler is None:
            self.workers.start()

    def run(self, args: list[str], opts: Any) -> None:
        """Compare, show, ask, store, and set the exit code."""
        settings = cast("AsyncCrawlerProcess", self.crawler_process).settings
        try:
            if args:
                raise UsageError(f"unknown argument {args[0]}; --help shows those there are")
            selection = Selection(publisher=opts.publisher, since=opts.since, until=opts.until, outcome=opts.outcome)
            with tempfile.TemporaryFile(prefix="dateline-") as changes:
                count = asyncio.run(_compare(settings, self.workers, selection, opts, changes))
                if count and not opts.dry_run:
                    self.exitcode = _store(settings, changes, opts)
        except DatelineError as error:
            self.exitcode = report(error)
        except KeyboardInterrupt:
            self.exitcode = exit_codes.INTERRUPTED
        finally:
            self.workers.close()


async def _compare(
    settings: BaseSettings, workers: WorkerPool, selection: Selection, opts: Any, changes: IO[bytes]
) -> int:
    """Show the changes, and keep them in `changes`. Returns how many there are."""
    fields, outcomes, count = Counter[str](), Counter[str](), 0
    console = Console()
    with Archive.open(Path(settings["ARCHIVE_FOLDER"]), write=False, whole=True) as archive, _progress() as progress:
        total = selection.count(archive)
        task = progress.add_task("", total=total)
        readings = _read_elsewhere(archive, selection, settings, opts.scheduler, progress)
        try:
            comparison = compare(
                archive, workers, selection, conflict_only=settings.getbool("CONFLICT_ONLY"),
                advance=lambda: progress.advance(task), readings=readings,
            )  # fmt: skip
            async for change in comparison:
                pickle.dump(change, changes)
                count += 1
                fields.update(change.fields.keys())
                if change.before != change.after:
                    outcomes[f"{change.before} → {change.after}"] += 1
                if opts.json:
                    print(_as_json(change))
                elif count <= opts.show:
                    _show(change, console)
            if readings is not None:
                readings.end()
        finally:
            workers.close()
    if not opts.json:
        console.print(f"[bold]{count:,}[/] of {total:,} captures would be read otherwise", highlight=False)
        for name, number in [*fields.most_common(), *outcomes.most_common()]:
            console.print(f"  {number:>6,}  {escape(name)}", highlight=False)
    return count


def _read_elsewhere(
    archive: Archive, selection: Selection, settings: BaseSettings, scheduler: str | None, progress: Progress
) -> Readings | None:
    """Have a cluster read the pages; None where there is none. Raises ClusterError."""
    if scheduler is None:
        return None
    readings = Readings(
        archive,
        conflict_only=settings.getbool("CONFLICT_ONLY"),
        timeout=settings.getfloat("EXTRACTION_TIMEOUT"),
        memory_mb=settings.getint("EXTRACTION_MEMORY_MB"),
    )
    task = progress.add_task("", total=selection.count(archive))
    with spread_over(scheduler) as spread:
        readings.add(selection.rows_by_file(archive), spread, lambda count: progress.advance(task, count))
    progress.remove_task(task)
    return readings


def _store(settings: BaseSettings, changes: IO[bytes], opts: Any) -> int:
    """Ask where somebody can answer, then store. Returns the exit code."""
    if not opts.yes and sys.stdin.isatty() and input("Store these as new versions? [y/N] ").lower() not in {"y", "yes"}:
        print("Nothing was changed.")
        return exit_codes.FAILURE
    run = open_run(settings, command="reextract", arguments=_arguments(opts))
    code = exit_codes.ARCHIVE_BROKE
    try:
        stored = 0
        for group in _groups(changes):
            run.recorder.call(_apply, group)
            stored += len(group)
        code = exit_codes.OK
        print(f"Stored {stored:,} changes as run {run.id}; the old versions are kept")
    finally:
        run.close(code)
    return code


def _apply(archive: Archive, group: list[Change]) -> None:
    with archive.group():
        for change in group:
            apply(archive, change, extractor=EXTRACTOR)


def _groups(changes: IO[bytes], size: int = 100) -> Iterator[list[Change]]:
    changes.seek(0)
    group: list[Change] = []
    while True:
        try:
            group.append(pickle.load(changes))  # noqa: S301 - a file of our own that nobody else can open
        except EOFError:
            break
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _arguments(opts: Any) -> dict[str, str]:
    given = {"publisher": opts.publisher, "since": opts.since, "until": opts.until, "outcome": opts.outcome}
    return {name: str(value) for name, value in given.items() if value is not None}


def _show(change: Change, console: Console) -> None:
    console.print(f"[bold]{escape(change.capture.url)}[/] captured {change.capture.captured_at:%Y-%m-%d %H:%M}")
    if change.before != change.after:
        console.print(f"  outcome: [red]{escape(change.before)}[/] → [green]{escape(change.after)}[/]", highlight=False)
    for name, (old, new) in change.fields.items():
        console.print(f"  {name}:", highlight=False)
        for line in difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm=""):
            if line[:3] not in {"---", "+++"} and line[:2] != "@@":
                colour = "green" if line[0] == "+" else "red"
                console.print(f"    [{colour}]{escape(line[:200])}[/]", highlight=False)


def _lines(value: object) -> list[str]:
    return [] if value is None else [line for line in str(value).splitlines() if line.strip()]


def _as_json(change: Change) -> str:
    fields = {
        "capture_id": change.capture.id,
        "url": change.capture.url,
        "captured_at": change.capture.captured_at.isoformat(),
        "article_id": change.article_id,
        "before": change.before,
        "after": change.after,
        "fields": {name: {"old": old, "new": new} for name, (old, new) in change.fields.items()},
    }
    return json.dumps(fields, ensure_ascii=False)


def _progress() -> Progress:
    columns = (TextColumn("Extracting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, transient=True, console=Console(stderr=True), disable=not sys.stderr.isatty())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2016-02-29") from None

"""`scrapy rebuild`: the database anew from the WARC files."""

import argparse
import sys
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from archive.rebuild import Rebuilt, rebuild
from archive.recovery import examine_file
from crawler.cluster import spread_over
from crawler.commands.extract import ExampleFormatter
from crawler.launch import report
from crawler.run import SOFTWARE

EXAMPLES = """\
Examples:
  scrapy rebuild
  DATELINE_ARCHIVE=/srv/news scrapy rebuild --workers 4
  DATELINE_ARCHIVE=/mnt/news scrapy rebuild --scheduler tcp://10.0.0.5:8786

With --scheduler each file is a task of a Dask cluster whose workers see the archive under the same path. Killed, the
command is started again. The old database is kept in quarantine/. Exit codes: 0 done · 66 no archive there · 69 no such
cluster · 74 the files do not hold together · 75 another process writes the archive
"""


class Command(ScrapyCommand):
    """See the module's docstring."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Make the database anew from the WARC files, the same in every row"

    def long_desc(self) -> str:
        """For `--help`."""
        return (
            "Make the archive's database anew from its WARC files alone. Every row comes back as it was, whatever the\n"
            "time zone, the locale and the number of workers. Pages that were captured and not extracted yet are\n"
            "extracted by the next crawl."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options and ours."""
        super().add_options(parser)
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that read files (1)")
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="a Dask scheduler (tcp://…) whose workers read the files instead"
        )

    def run(self, args: list[str], opts: Any) -> None:  # noqa: ARG002 - Scrapy's signature
        """Rebuild, say what came of it, and set the exit code."""
        folder = Path(cast("AsyncCrawlerProcess", self.crawler_process).settings["ARCHIVE_FOLDER"])
        files = (path for path in (folder / "warc").glob("*.warc.gz*") if ".cdxj" not in path.suffixes)
        total = sum(path.stat().st_size for path in files)
        place = folder.absolute()  # workers elsewhere have another current folder
        columns = (TextColumn("Rebuilding"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        try:
            with (
                spread_over(opts.scheduler, workers=max(1, opts.workers)) as spread,
                Progress(*columns, transient=True, console=console, disable=not sys.stderr.isatty()) as progress,
            ):
                task = progress.add_task("", total=total)
                done = rebuild(
                    place,
                    software=SOFTWARE,
                    examine=lambda paths: spread(examine_file, paths),
                    advance=lambda count: progress.advance(task, count),
                )
        except DatelineError as error:
            self.exitcode = report(error)
            return
        _print(folder, done)


def _print(folder: Path, done: Rebuilt) -> None:
    counts = ", ".join(f"{count:,} {name}" for name, count in done.counts.items() if name != "pending")
    print(f"Rebuilt {folder / 'archive.db'}: {counts}")
    if done.unfinished:
        print(f"{done.unfinished:,} captures wait for their extraction; the next crawl begins with them")
    if done.old is not None:
        print(f"The old database is {done.old}")

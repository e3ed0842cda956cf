"""`scrapy crawlall`: every publisher, or those named, in one process and one run. What a timer starts: `--due`."""

import argparse
from typing import Any, cast

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from crawler.commands.crawl import load_spider
from crawler.commands.extract import ExampleFormatter
from crawler.launch import Terms, launch, report
from crawler.publisher import Publisher, spider_modules

EXAMPLES = """\
Examples:
  scrapy crawlall                                     all publishers, everything they announce
  scrapy crawlall --publisher rt sputnik              two of them
  scrapy crawlall --due                               what a timer starts: only what is due
  scrapy crawlall --due --max-minutes 50 --wait 300   as in deploy/systemd
  scrapy crawlall --due --max-minutes 50 --quiet      as in deploy/cron

The exit codes are in README.md, and in crawler/exit_codes.py.
"""


class Command(ScrapyCommand):
    """Publishers are crawled side by side; one that fails does not disturb the others."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options] [--publisher NAME ...]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Crawl all publishers, or those named, side by side"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options and ours."""
        super().add_options(parser)
        parser.add_argument(
            "-p", "--publisher", nargs="+", action="extend", default=[], metavar="NAME", help="only these spiders"
        )
        parser.add_argument(
            "--due", action="store_true", help="ask only sources, and visit only pages, whose time has come"
        )
        parser.add_argument(
            "--max-minutes",
            type=_minutes,
            metavar="N",
            help="stop after N minutes, for certain soon after; the next run goes on from there",
        )
        parser.add_argument(
            "--wait",
            type=_seconds,
            default=0.0,
            metavar="SECONDS",
            help="wait so long for another process that writes the archive; without it the command ends with 75",
        )
        parser.add_argument(
            "--quiet", action="store_true", help="for cron: print nothing when all is well (exit codes 0 and 5)"
        )
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES

    def run(self, args: list[str], opts: Any) -> None:
        """Crawl, and set the exit code."""
        process = cast("AsyncCrawlerProcess", self.crawler_process)
        names = list(dict.fromkeys([*args, *opts.publisher]))
        broken = {name: error for name, error in spider_modules()[1].items() if name in names or not names}
        try:
            loader = process.spider_loader
            spiders = [load_spider(loader, name) for name in names if name not in broken]
            terms = Terms(
                due_only=opts.due or process.settings.getbool("DUE_ONLY"),
                max_minutes=opts.max_minutes,
                wait_s=opts.wait,
                quiet=opts.quiet,
                broken=broken,
            )
            command = " ".join(["crawlall", *names])
            chosen = spiders if names else publisher_spiders(process)
            self.exitcode = launch(process, [(spider, {}) for spider in chosen], command=command, terms=terms)
        except DatelineError as error:
            self.exitcode = report(error)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of minutes")
    return minutes


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds")
    return seconds


def publisher_spiders(process: AsyncCrawlerProcess) -> list[type[Spider]]:
    """Every spider that declares a publisher."""
    loaded = (process.spider_loader.load(name) for name in sorted(process.spider_loader.list()))
    return [spider for spider in loaded if isinstance(getattr(spider, "publisher", None), Publisher)]

"""`scrapy crawlall`: every publisher, or those named, in one process and one run. What a timer starts: `--due`."""

import argparse
from typing import Any, cast

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from crawler.commands.crawl import load_spider
from crawler.launch import Limits, launch, report
from crawler.publisher import Publisher


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
            "--max-minutes", type=_minutes, metavar="N", help="stop after N minutes; the next run goes on from there"
        )

    def run(self, args: list[str], opts: Any) -> None:
        """Crawl, and set the exit code."""
        process = cast("AsyncCrawlerProcess", self.crawler_process)
        names = [*args, *opts.publisher]
        try:
            loader = process.spider_loader
            spiders = [load_spider(loader, name) for name in dict.fromkeys(names)] or publisher_spiders(process)
            command = " ".join(["crawlall", *names])
            limits = Limits(due_only=opts.due, max_minutes=opts.max_minutes)
            self.exitcode = launch(process, [(spider, {}) for spider in spiders], command=command, limits=limits)
        except DatelineError as error:
            self.exitcode = report(error)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of minutes")
    return minutes


def publisher_spiders(process: AsyncCrawlerProcess) -> list[type[Spider]]:
    """Every spider that declares a publisher."""
    loaded = (process.spider_loader.load(name) for name in sorted(process.spider_loader.list()))
    return [spider for spider in loaded if isinstance(getattr(spider, "publisher", None), Publisher)]

"""`scrapy crawlall`: every publisher, or those named, in one process and one run."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from crawler.commands.crawl import load_spider
from crawler.errors import CrawlError
from crawler.launch import launch, report
from crawler.publisher import Publisher


class Command(ScrapyCommand):
    """Publishers are crawled side by side; one that fails does not disturb the others."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options] [--publisher NAME ...] [--demo]"

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
            "--demo", action="store_true", help="crawl the offline web of the tests instead of the Internet"
        )

    def run(self, args: list[str], opts: Any) -> None:
        """Crawl, and set the exit code."""
        process = cast("AsyncCrawlerProcess", self.crawler_process)
        names = [*args, *opts.publisher]
        try:
            loader = process.spider_loader
            spiders = [load_spider(loader, name) for name in dict.fromkeys(names)] or publisher_spiders(process)
            with offline_web(process) if opts.demo else contextlib.nullcontext():
                command = " ".join(["crawlall", *names])
                self.exitcode = launch(process, [(spider, {}) for spider in spiders], command=command)
        except DatelineError as error:
            self.exitcode = report(error)


def publisher_spiders(process: AsyncCrawlerProcess) -> list[type[Spider]]:
    """Every spider that declares a publisher."""
    loaded = (process.spider_loader.load(name) for name in sorted(process.spider_loader.list()))
    return [spider for spider in loaded if isinstance(getattr(spider, "publisher", None), Publisher)]


@contextlib.contextmanager
def offline_web(process: AsyncCrawlerProcess) -> Iterator[None]:
    """Start the offline web and point the crawl at it, unless one is set by DATELINE_OFFLINE_WEB already."""
    if process.settings["OFFLINE_WEB"]:
        yield
        return
    command = [sys.executable, "-m", "tests.web"]  # serves until its standard input closes, so it cannot outlive us
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            line = server.stdout.readline() if server.stdout is not None else ""
            if not line:
                raise CrawlError("the offline web did not start; try `python -m tests.web` in the project's folder")
            ready = json.loads(line)
            os.environ["SSL_CERT_FILE"] = ready["ca"]
            address = f"127.0.0.1:{ready['http']}:{ready['https']}"
            process.settings.set("OFFLINE_WEB", address, priority="cmdline")
            process.settings.set("AUTOTHROTTLE_ENABLED", False, priority="cmdline")
            if "DATELINE_ARCHIVE" not in os.environ:
                process.settings.set("ARCHIVE_FOLDER", "demo", priority="cmdline")  # never beside real pages
            yield
        finally:
            server.terminate()

"""`scrapy extract`: what the extractor makes of one page, field by field, and why. For debugging a publisher file."""

import argparse
import asyncio
import difflib
import os
import re
import sys
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from archive.model import Page
from crawler import exit_codes
from crawler.errors import UsageError
from crawler.launch import report, worker_pool
from crawler.publisher import Publisher, publishers
from crawler.visit import Visit, visit

if TYPE_CHECKING:
    from crawler.inspection import Inspection

EXAMPLES = """\
Examples:
  scrapy extract https://www.rt.com/news/466281-pelayan-strait-patrol-boats/
  scrapy extract page.html --url https://courier.example/news/4711-convoy
  scrapy extract page.html.gz --publisher rt
  curl -s https://courier.example/news/4711-convoy | scrapy extract - --url https://courier.example/news/4711-convoy
  scrapy extract data/warc/dateline-20261122.warc.gz#8731
  scrapy extract foreign.warc.gz --url https://courier.example/news/4711-convoy --json

Nothing is stored. Exit codes: 0 an article, on topic or not · 3 none: a wall, an index, an error page, no text ·
64 wrong usage · 65 no HTML, or a damaged record · 66 no such file or record · 69 no network · 77 robots.txt forbids it
"""
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")  # https://…; a Windows path C:\… is none


class ExampleFormatter(ScrapyHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Scrapy's help, with examples that keep their lines."""


class Command(ScrapyCommand):
    """See the module's docstring."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options] <URL or file>"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Show what one page yields, field by field, with the rule behind each"

    def long_desc(self) -> str:
        """For `--help`."""
        return (
            "Show every field of the article in one page, the rule that gave it, and the lines removed as chrome.\n"
            "The page is a URL (fetched as politely as in a crawl), an HTML file, also gzipped, - for standard\n"
            "input, or a record of a WARC: file#offset, or --url to choose it."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options and ours."""
        super().add_options(parser)
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES
        parser.add_argument("--url", help="the page's address, or the record of a WARC")
        parser.add_argument("--publisher", metavar="NAME", help="read it by spiders/NAME.py, whatever its domain")
        parser.add_argument("--content-type", metavar="TYPE", help="the header of a saved page: 'text/html; charset=…'")
        parser.add_argument("--json", action="store_true", help="print JSON, for machines")

    def run(self, args: list[str], opts: Any) -> None:
        """Inspect, print, and set the exit code."""
        try:
            publisher = named_publisher(opts.publisher) if opts.publisher is not None else None
            page, origin = self._page(one_argument(args, "a URL or a file"), opts)
            inspection = self._inspect(page, origin, publisher)
        except DatelineError as error:
            self.exitcode = report(error)
            return
        except KeyboardInterrupt:
            self.exitcode = exit_codes.INTERRUPTED
            return
        try:
            if opts.json:
                sys.stdout.write(f"{inspection.as_json()}\n")
            else:
                from crawler.inspection_view import show  # noqa: PLC0415 - as below

                show(inspection, Console())
            sys.stdout.flush()
        except BrokenPipeError:  # "… | head": whoever reads has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        self.exitcode = exit_codes.OK if inspection.is_article else exit_codes.NOTHING

    def _inspect(self, page: Page, origin: str, publisher: Publisher | None) -> "Inspection":
        from crawler.inspection import inspect_safely  # noqa: PLC0415 - Scrapy imports every command for each of them

        settings = cast("AsyncCrawlerProcess", self.crawler_process).settings.copy()
        settings.set("EXTRACTION_WORKERS", 1, priority="cmdline")
        workers = worker_pool(settings)
        try:
            return asyncio.run(inspect_safely(workers, page, origin=origin, publisher=publisher))
        finally:
            workers.close()

    def _page(self, source: str, opts: Any) -> tuple[Page, str]:
        if not _SCHEME.match(source):
            from crawler.saved_page import read_saved  # noqa: PLC0415 - as above

            return read_saved(source, url=opts.url, content_type=opts.content_type)
        if opts.url is not None or opts.content_type is not None:
            raise UsageError("--url and --content-type go with a saved page; what is fetched says so itself")

        async def errand(looking: Visit) -> Page:
            return await looking.page(source)

        page = visit(cast("AsyncCrawlerProcess", self.crawler_process), errand)
        return page, "fetched now" if page.url == source else f"fetched now, from {source}"


def one_argument(args: list[str], wanted: str) -> str:
    """The only argument. Raises UsageError for an unknown option, too, which Scrapy leaves among the arguments."""
    unknown = [argument for argument in args if argument.startswith("-") and argument != "-"]
    if unknown:
        raise UsageError(f"unknown option {unknown[0]}; --help shows those there are")
    if len(args) != 1:
        raise UsageError(f"give {wanted}, and one only; --help shows examples")
    return args[0]


def named_publisher(name: str) -> Publisher:
    """The publisher that spiders/NAME.py declares. Raises UsageError that names the ones it may have meant."""
    known = publishers()
    if name not in known:
        close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(sorted(known))}"
        raise UsageError(f"--publisher {name}: no spider declares such a publisher; {hint}")
    return known[name]

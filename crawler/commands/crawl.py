"""`scrapy crawl <spider>`: one spider, with a summary and an exit code that says how it went."""

import argparse
import difflib
from typing import Any, cast

from scrapy import Spider
from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError as ScrapyUsageError
from scrapy.spiderloader import SpiderLoaderProtocol

from archive.errors import DatelineError
from crawler.commands.extract import ExampleFormatter
from crawler.errors import PublisherError, UsageError
from crawler.launch import Terms, launch, report
from crawler.publisher import spider_modules


def load_spider(loader: SpiderLoaderProtocol, name: str = "", *more: str) -> type[Spider]:
    """The spider class called `name`. Raises UsageError that names the ones it may have meant, PublisherError."""
    if not name or more:
        raise UsageError("give one spider's name; `scrapy list` shows them, `scrapy crawlall` takes several")
    try:
        return loader.load(name)
    except KeyError:
        if broken := spider_modules()[1].get(name):
            raise PublisherError(broken) from None
        known = sorted(loader.list())
        close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(known)}"
        raise UsageError(f"no spider is called {name!r}; {hint}") from None


EXAMPLES = """\
Examples:
  scrapy crawl rt                                           all that its sources announce
  scrapy crawl rt -a url=https://www.rt.com/news/466281-…   one article
  scrapy crawl site -a url=https://www.example.org/         any news site
  scrapy crawl warc -a path=FILE_OR_FOLDER                  somebody else's WARC files
  DATELINE_ARCHIVE=/srv/news scrapy crawl rt -s DUE_ONLY=True

`scrapy list` names the spiders; an argument that one does not take is answered with those that it does. The exit codes
are in README.md.
"""


class Command(BaseRunSpiderCommand):
    """Scrapy's `crawl` ends with 0 when every request was refused; this one does not (see crawler/exit_codes.py)."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options] <spider>"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Crawl one publisher, any news site (site), or import a WARC (warc)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options, and examples."""
        super().add_options(parser)
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options; a malformed `-a` ends with the code for usage errors."""
        try:
            super().process_options(args, opts)
        except ScrapyUsageError as error:
            raise SystemExit(report(UsageError(str(error)))) from None
        if opts.output or opts.overwrite_output:
            wanted = "articles go into the archive; `archive` reads them there"
            raise SystemExit(report(UsageError(f"-o and -O are not for this project's spiders: {wanted}")))

    def run(self, args: list[str], opts: Any) -> None:
        """Crawl, and set the exit code."""
        process = cast("AsyncCrawlerProcess", self.crawler_process)
        try:
            spider = load_spider(process.spider_loader, *args)
        except DatelineError as error:
            self.exitcode = report(error)
            return
        terms = Terms(due_only=process.settings.getbool("DUE_ONLY"))
        self.exitcode = launch(process, [(spider, opts.spargs)], command=f"crawl {spider.name}", terms=terms)

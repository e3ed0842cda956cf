"""`scrapy newpublisher`: look at a site, and draft its publisher file with a review that a person has to make."""

import argparse
import importlib
import keyword
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess

from archive.errors import DatelineError
from archive.terminal import escape
from crawler import exit_codes
from crawler.commands.extract import ExampleFormatter
from crawler.errors import UsageError
from crawler.launch import report
from crawler.publisher import publisher_for, publishers
from crawler.urls import clean_url
from crawler.visit import Visit, visit

if TYPE_CHECKING:
    from crawler.drafting import Draft
    from crawler.survey import Survey

EXAMPLES = """\
Examples:
  scrapy newpublisher courier https://www.courier.example/

It asks the site for a dozen pages at most, as politely as a crawl, and writes
  spiders/NAME.py                    sources, article addresses, and a layout where the pages agree on one
  tests/spiders/reviews/NAME.toml    what was read in up to three articles; its test fails until `reviewed = true`
  tests/spiders/saved/NAME-*.html.gz those pages, for you alone (git ignores them)
Nothing is overwritten.

Exit codes: 0 written · 3 no source or article found, nothing written · 64 wrong usage, or the name is taken ·
69 no network · 73 cannot be written · 77 robots.txt forbids it
"""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


class Command(ScrapyCommand):
    """See the module's docstring."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "[options] <NAME> <URL>"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Draft a publisher file for a site, with a review to make"

    def long_desc(self) -> str:
        """For `--help`."""
        return "Find a site's name, languages, feeds, sitemaps and article pages, and draft its publisher file."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options, and the examples."""
        super().add_options(parser)
        parser.formatter_class, parser.epilog = ExampleFormatter, EXAMPLES

    def run(self, args: list[str], opts: Any) -> None:  # noqa: ARG002 - Scrapy's signature
        """Survey, draft, write, and set the exit code."""
        from crawler.drafting import draft  # noqa: PLC0415 - Scrapy imports every command for each of them
        from crawler.survey import survey  # noqa: PLC0415

        root = Path(importlib.import_module("spiders").__path__[0]).parent
        try:
            name, url = arguments(args, root)

            async def errand(looking: Visit) -> "Survey":
                return await survey(looking, url)

            found = visit(cast("AsyncCrawlerProcess", self.crawler_process), errand)
            if not found.sources or not found.samples:
                self.exitcode = nothing(found)
                return
            drafted = draft(name, found)
            drafted.write(root)
        except DatelineError as error:
            self.exitcode = report(error)
            return
        except KeyboardInterrupt:
            self.exitcode = exit_codes.INTERRUPTED
            return
        tell(name, found, drafted, Console(soft_wrap=True, highlight=False))


def arguments(args: list[str], root: Path) -> tuple[str, str]:
    """NAME and URL, checked. Raises UsageError."""
    if len(args) != 2 or any(argument.startswith("-") for argument in args):
        raise UsageError("give a name and an address: scrapy newpublisher courier https://www.courier.example/")
    name, url = args
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} cannot be a spider's name: lower-case letters, digits and _, a letter first")
    if name in publishers() or (root / "spiders" / f"{name}.py").exists():
        raise UsageError(f"spiders/{name}.py is there already: choose another name, or remove it first")
    address = clean_url(url)
    if address is None:
        raise UsageError(f"{url}: not an http or https URL")
    if (owner := publisher_for(address)) is not None:
        spider = next(known for known, publisher in publishers().items() if publisher is owner)
        raise UsageError(f"{address} belongs to {owner.name}, which spiders/{spider}.py declares already")
    return name, address


def nothing(found: "Survey") -> int:
    """Say why there is nothing to write."""
    missing = "no feed and no news sitemap with stories" if not found.sources else "no page with an article"
    print(f"{found.home.url}: {missing} was found, neither named by the site nor in the usual places; nothing written")
    for problem in found.problems:
        print(f"  {escape(problem)}")
    return exit_codes.NOTHING


def tell(name: str, found: "Survey", drafted: "Draft", console: Console) -> None:
    """What was found, what was written, what a person must do now."""
    from crawler.drafting import counted  # noqa: PLC0415 - as above

    unknown = "unknown: fill it in"
    pattern = found.pattern
    layout = drafted.layout
    facts = [
        ("name", f"{found.name.value}, from {found.name.evidence}"),
        ("languages", ", ".join(found.languages) or unknown),
        ("country", f"{found.country.value}, from {found.country.evidence}" if found.country.value else unknown),
        ("timezone", f"{found.timezone.value}, {found.timezone.evidence}" if found.timezone.value else unknown),
        *(("source", f"{source.source.url}, {counted(source.entries)}") for source in found.sources),
        ("articles", f"{pattern.regex} fits {pattern.covered} of {pattern.total}" if pattern else "no shape in common"),
        *(("read", f"{one.page.url}: {len(one.article.paragraphs)} paragraphs") for one in found.samples),
        (
            "layout",
            f"{layout.body[0]} holds the text" if layout else "none agreed on: the generic path reads the pages",
        ),
        *(("problem", problem) for problem in found.problems),
        *(("wrote", path) for path in drafted.files),
    ]
    for label, value in facts:
        console.print(f"{label:9}  {escape(value)}")
    console.print(
        f"\nNow compare tests/spiders/reviews/{name}.toml with the pages, mend spiders/{name}.py (scrapy extract"
    )
    console.print("shows which rule gives what), and set reviewed = true: until then tests/spiders fails.")

"""`python -m benchmarks.extraction_cost`: CPU milliseconds a page, beside trafilatura on the same pages in one run.

Measured is all that a worker does with a page (`crawler.flow.process`: extraction, language, gates, relevance), against
trafilatura's standard mode with metadata, which does less. Pages of real size are made up, those of known publishers in
their designs; where the folder of real pages is there (`DATELINE_CORPUS`), its news pages are measured, too. A page is
read once: a second reading would find the first one's answers in the caches of both.

The clock is that of the process. On a machine with other work even that clock runs fast, so the ratio tells more than
the milliseconds. Writes `extraction_cost.json` into the folder that `--output` names.
"""

import argparse
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median

from rich.console import Console
from rich.table import Table

from archive.model import Page
from benchmarks import corpus
from benchmarks.systems import trafilatura
from benchmarks.throughput import pages as made
from crawler.flow import process
from crawler.forkserver import spare_collections
from crawler.publisher import publisher_for
from tests.web.site import sites

NEWS = ("aeb", "fundus-eval", "fundus-parser", "conflict")  # the sets of whole news pages as they are today
CAPTURED = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU milliseconds a page of a kind: ours, trafilatura's; means, and ours at the median."""

    kind: str
    pages: int
    kilobytes: float
    ours: float
    median: float
    trafilatura: float

    @property
    def ratio(self) -> float:
        """Ours to trafilatura's."""
        return self.ours / self.trafilatura


def known(count: int, *, start: int = 0) -> Iterator[Page]:
    """Made-up pages in the designs of known publishers."""
    by_host = {site.host: site for site in sites()}
    for number, page in enumerate(made.known_pages(start + count)):
        if number >= start:
            yield _page(page.url, made.known_html(page, by_host[page.host], number))


def unknown(count: int, *, start: int = 0) -> Iterator[Page]:
    """Made-up pages in designs that no publisher file knows."""
    for number, url in enumerate(made.unknown_urls(start + count)):
        if number >= start:
            yield _page(url, made.unknown_html(number))


def real(*, of_known: bool, every: int) -> Iterator[Page]:
    """The news pages of the folder of real pages, of known publishers or of others."""
    for name in NEWS:
        for page in corpus.pages(name, every=1 if of_known else every):
            if (publisher_for(page.url) is not None) is of_known:
                yield _page(page.url or "https://lost.example/", page.html())


def _page(url: str, html: bytes) -> Page:
    return Page(url=url, body=html, captured_at=CAPTURED, content_type="text/html")


def ours(page: Page) -> None:
    """All that a worker does with a page."""
    process(page, None, conflict_only=False)


def theirs(page: Page) -> None:
    """trafilatura, standard, with metadata."""
    trafilatura(page.body, page.url)


def cpu(work: Callable[[Page], None], page: Page) -> float:
    """CPU milliseconds of this process."""
    begun = time.process_time()
    work(page)
    return 1000 * (time.process_time() - begun)


def measure(kind: str, pages: Iterable[Page]) -> Cost | None:
    """Both on each page in turn; None for no pages."""
    listed = list(pages)
    if not listed:
        return None
    pairs = [(cpu(ours, page), cpu(theirs, page)) for page in listed]
    return Cost(
        kind=kind,
        pages=len(listed),
        kilobytes=fmean(len(page.body) for page in listed) / 1000,
        ours=fmean(mine for mine, _ in pairs),
        median=median(mine for mine, _ in pairs),
        trafilatura=fmean(other for _, other in pairs),
    )


def warm_up() -> None:
    """Load what is loaded once a process: profiles, vocabularies, trees, dateparser's languages."""
    for page in (*known(len(made.KNOWN)), *unknown(len(made.DESIGNS))):
        ours(page)
        theirs(page)
    spare_collections()  # as the workers do


def as_table(costs: Sequence[Cost]) -> Table:
    """One row a kind of page."""
    table = Table("", "pages", "kB", "ms a page", "median", "trafilatura", "ratio", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for cost in costs:
        figures = (cost.ours, cost.median, cost.trafilatura)
        cells = (f"{cost.pages}", f"{cost.kilobytes:.0f}", *(f"{figure:.1f}" for figure in figures))
        table.add_row(cost.kind, *cells, f"{cost.ratio:.2f}")
    return table


def main() -> None:
    """Parse the arguments, measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction_cost", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="made-up pages of each kind")
    parser.add_argument("--every", type=int, default=4, help="take every n-th of the real pages only")
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    warm_up()
    kinds = [
        ("known publishers", known(arguments.count, start=len(made.KNOWN))),
        ("unknown publishers", unknown(arguments.count, start=len(made.DESIGNS))),
    ]
    if corpus.FOLDER.is_dir():
        kinds += [
            ("known publishers, real pages", real(of_known=True, every=1)),
            ("unknown publishers, real pages", real(of_known=False, every=arguments.every)),
        ]
    costs = [cost for kind, pages in kinds if (cost := measure(kind, pages)) is not None]
    Console(width=120).print(as_table(costs))
    arguments.output.mkdir(parents=True, exist_ok=True)
    written = [{**asdict(cost), "ratio": cost.ratio} for cost in costs]
    (arguments.output / "extraction_cost.json").write_text(json.dumps(written, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

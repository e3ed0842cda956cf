"""`python -m benchmarks.hostile`: thousands of mutated real pages through the crawler's own workers.

Counts what must not be: an exception out of the flow, a worker killed for time or memory or dead, a page over the
limits; and of the pages whose article was left whole, how many still give it. Everything follows from the seed, so a
mutant that fails can be made again: its name in the report is set, page, mutation and number. Writes `hostile.json`,
and the mutants that failed, into the folder that `--output` names.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import track
from rich.table import Table

from archive.model import Page
from benchmarks import corpus, mutations
from benchmarks.measures import shingles
from crawler.errors import ExtractionError
from crawler.workers import WorkerPool

SETS = ("aeb", "fundus-eval", "fundus-parser", "conflict", "daniel", "trafilatura-eval", "newspaper4k")
SECONDS = 2.5  # of one page in a worker
MEGABYTES = 512
FOUND = 0.9  # of the untouched page's 4-grams make an article found
MUTANTS_A_PAGE = 10  # so many share the reading of their untouched page
WHEN = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class HostPage:
    """A page as it is, before anything is done to it."""

    name: str
    url: str
    html: bytes


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """What was made of a page; `name` is enough to make it again."""

    name: str
    mutation: str
    html: bytes


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What became of a page.

    `seconds` of CPU and the most memory, `megabytes`, that it took; `killed`: why a worker was; `failed`: what broke
    the full extraction inside the worker.
    """

    outcome: str
    text: str
    seconds: float
    megabytes: float
    failed: str | None = None
    killed: str | None = None


@dataclass(kw_only=True)
class Tally:
    """The figures of one mutation. The lists name mutants, with what happened.

    `crashed`: an exception left the extraction, or a worker died · `over`: more than the limit of time or memory,
    whether a worker was killed for it or the page was done just then · `killed`: of these, those read plainly ·
    `lost`: of the pages `asked` for, those without 90 % of their untouched text.
    """

    pages: int = 0
    asked: int = 0
    crashed: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds
    largest: float = 0.0  # MB

    def add(self, mutant: Mutant, found: Examined, kept: float | None) -> None:
        """Count a mutant; `kept` is the share of the untouched text that it still gave, where there was any."""
        self.pages += 1
        self.slowest, self.largest = max(self.slowest, found.seconds), max(self.largest, found.megabytes)
        if found.killed is not None:
            self.killed.append(f"{mutant.name}: {found.killed}")
        elif found.failed is not None:
            self.crashed.append(f"{mutant.name}: {found.failed}")
        if found.killed is not None and not found.killed.startswith(("timeout", "memory")):
            self.crashed.append(f"{mutant.name}: {found.killed}; {found.failed}")
        if found.seconds > SECONDS or found.megabytes > MEGABYTES or (found.killed or "").startswith(("time", "mem")):
            self.over.append(f"{mutant.name}: {found.seconds:.1f} s, {found.megabytes:.0f} MB")
        if mutant.mutation in mutations.WRAPPERS and kept is not None:
            self.asked += 1
            if kept < FOUND:
                self.lost.append(f"{mutant.name}: {kept:.2f}, {found.outcome}")


def examine(html: bytes, url: str, broken: str | None = None) -> Examined:
    """In a worker: one page through the flow, timed."""
    from crawler.flow import process

    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc(5): resets the peak of memory
    page = Page(url=url, body=html, captured_at=WHEN, content_type="text/html")
    begun = time.process_time()
    processed = process(page, None, conflict_only=False, broken=broken)
    seconds = time.process_time() - begun
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    article = processed.article
    return Examined(
        outcome=f"{processed.outcome}:{processed.detail or ''}",
        text=article.text if article is not None else "",
        seconds=seconds,
        megabytes=int(status.partition("VmHWM:")[2].split()[0]) / 1024,
        failed=article.provenance.get("failed") if article is not None else None,
    )


async def examined(workers: WorkerPool, html: bytes, url: str) -> Examined:
    """As in a crawl: in a worker, and plainly in another where that one had to be killed."""
    try:
        return await workers.run(examine, html, url)
    except ExtractionError as error:
        try:
            return replace(await workers.run(examine, html, url, broken=str(error)), killed=str(error))
        except ExtractionError as again:
            return Examined(outcome="failed", text="", seconds=0.0, megabytes=0.0, failed=str(again), killed=str(error))


def mutants(page: HostPage, count: int, seed: int, chosen: Sequence[str]) -> Iterator[Mutant]:
    """`count` mutants of a page, by mutations that chance picks of `chosen`."""
    for number in range(count):
        chance = random.Random(f"{seed}/{page.name}/{number}")
        mutation = chance.choice(chosen)
        html = mutations.MUTATIONS[mutation](chance, page.html)
        yield Mutant(name=f"{page.name}/{mutation.replace(' ', '-')}/{number}", mutation=mutation, html=html)


async def run(
    pages: Sequence[HostPage], workers: WorkerPool, tallies: dict[str, Tally], *, count: int, seed: int = 0
) -> None:
    """Each page untouched and then `count` mutants of it, by the mutations that have a tally, counted there."""
    waiting = iter(track(pages, "Mutants", transient=True))

    async def work() -> None:
        for page in waiting:
            whole = shingles((await examined(workers, page.html, page.url)).text)
            for mutant in mutants(page, count, seed, list(tallies)):
                found = await examined(workers, mutant.html, page.url)
                kept = sum((whole & shingles(found.text)).values()) / max(1, sum(whole.values()))
                tallies[mutant.mutation].add(mutant, found, kept if whole else None)

    await asyncio.gather(*(work() for _ in range(workers.size)))


def corpus_pages(count: int, seed: int) -> list[HostPage]:
    """`count` pages of the corpus folder, chosen by chance."""
    every = [page for name in SETS for page in corpus.pages(name)]
    random.Random(seed).shuffle(every)
    return [HostPage(name=f"{page.set_name}/{page.id}", url=_address(page), html=page.html()) for page in every[:count]]


def _address(page: corpus.GoldPage) -> str:
    """The page's URL; where the corpus knows its host only, one that is not the home page's."""
    return page.url if urlsplit(page.url).path.strip("/") else f"https://{urlsplit(page.url).hostname}/news/{page.id}"


def table(tallies: dict[str, Tally]) -> Table:
    """One row a mutation, and their sum."""
    shown = Table(box=None)
    for heading in ("", "pages", "found", "asked", "crashed", "over", "killed", "slowest s", "most MB"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for name, tally in [*tallies.items(), ("all", total(tallies.values()))]:
        share = f"{1 - len(tally.lost) / tally.asked:.3f}" if tally.asked else "–"
        shown.add_row(
            name, str(tally.pages), share, str(tally.asked), str(len(tally.crashed)), str(len(tally.over)),
            str(len(tally.killed)), f"{tally.slowest:.2f}", f"{tally.largest:.0f}",
        )  # fmt: skip
    return shown


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    everything = Tally()
    for tally in tallies:
        for name in ("pages", "asked"):
            setattr(everything, name, getattr(everything, name) + getattr(tally, name))
        for name in ("crashed", "over", "killed", "lost"):
            getattr(everything, name).extend(getattr(tally, name))
        everything.slowest = max(everything.slowest, tally.slowest)
        everything.largest = max(everything.largest, tally.largest)
    return everything


def main() -> None:
    """Parse the arguments, run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many mutants; default 10,000")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=list(mutations.MUTATIONS), help="these mutations only")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    arguments = parser.parse_args()
    if not corpus.FOLDER.is_dir():
        parser.error(f"no corpus at {corpus.FOLDER}: set DATELINE_CORPUS to the folder of real pages")
    pages = corpus_pages(-(-arguments.count // MUTANTS_A_PAGE), arguments.seed)
    each = min(MUTANTS_A_PAGE, arguments.count)
    workers = WorkerPool(size=arguments.processes, timeout=SECONDS, memory_mb=MEGABYTES)
    tallies = {name: Tally() for name in arguments.only or mutations.MUTATIONS}
    try:
        asyncio.run(run(pages, workers, tallies, count=each, seed=arguments.seed))
    except KeyboardInterrupt:
        print("Interrupted: the figures so far")
    finally:
        workers.close()
    Console(width=140).print(table(tallies))
    arguments.output.mkdir(parents=True, exist_ok=True)
    figures = {name: asdict(tally) for name, tally in tallies.items()}
    (arguments.output / "hostile.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    print(f"Figures, and the names of the mutants that failed: {arguments.output}/hostile.json")


if __name__ == "__main__":
    # As `benchmarks.hostile`, not `__main__`: jobs are pickled by the module's name.
    from benchmarks.hostile import main as run_main

    run_main()

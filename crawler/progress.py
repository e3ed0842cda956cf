"""What a person sees of a run: a live line for each publisher while it goes, a table and the problems at the end."""

import io
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text
from scrapy.utils.log import get_scrapy_root_handler

from archive.model import Outcome
from crawler.tally import Tally

PLAIN_INTERVAL = 10.0  # seconds between two lines where nobody watches a terminal
PLAIN_WIDTH = 120  # columns of the summary there

Column = tuple[str, str, Callable[[Tally], int]]

_SHOWN_APART = (Outcome.EXTRACTED, Outcome.UNCHANGED, Outcome.BLOCKED, Outcome.FAILED)

_OTHER = (Outcome.NOT_ARTICLE, Outcome.EMPTY, Outcome.DEFERRED)

COLUMNS: tuple[Column, ...] = (
    ("found", "", lambda tally: tally.found),
    ("fetched", "", lambda tally: tally.fetched),
    ("extracted", "green", lambda tally: tally.outcomes[Outcome.EXTRACTED]),
    ("unchanged", "", lambda tally: tally.outcomes[Outcome.UNCHANGED]),
    ("off-topic", "", lambda tally: tally.outcomes[Outcome.OFF_TOPIC]),
    ("other", "", lambda tally: sum(tally.outcomes[outcome] for outcome in _OTHER)),
    ("blocked", "yellow", lambda tally: tally.outcomes[Outcome.BLOCKED]),
    ("failed", "red", lambda tally: tally.outcomes[Outcome.FAILED]),
)

# On 80 columns what is off topic is counted with the other pages that are no article.
NARROW_COLUMNS: tuple[Column, ...] = tuple(
    ("other", style, lambda tally: tally.ended - sum(tally.outcomes[outcome] for outcome in _SHOWN_APART))
    if name == "other"
    else (name, style, count)
    for name, style, count in COLUMNS
    if name != "off-topic"
)


def table(tallies: Collection[Tally], console: Console, *, title: str | None = None, total: bool = False) -> Table:
    """One row a publisher, in the order they came; narrower where the terminal has only the usual 80 columns."""
    wide = _table(tallies, COLUMNS, title=title, total=total)
    needed = Measurement.get(console, console.options.update_width(1000), wide).maximum
    return wide if needed <= console.width else _table(tallies, NARROW_COLUMNS, title=title, total=total, gap=1)


def _table(
    tallies: Collection[Tally], columns: Sequence[Column], *, title: str | None, total: bool, gap: int = 2
) -> Table:
    result = Table(
        title=title, title_justify="left", box=None, pad_edge=False, padding=(0, gap, 0, 0), caption_justify="left"
    )
    result.add_column("publisher", style="bold", no_wrap=True)
    result.add_column("sources", justify="right", no_wrap=True)
    for name, _, _ in columns:
        result.add_column(name, justify="right", no_wrap=True)
    states = columns is COLUMNS
    if states:
        result.add_column("")
    for tally in tallies:
        # a source with its parts counts once, an optional one when it answers
        failed = {report.part_of or report.url for report in tally.sources if report.failed}
        read = {report.part_of or report.url for report in tally.sources if report.error is None} - failed
        sources = f"{len(read)}/{len(read | failed)}" if tally.sources else "–"
        cells = [_cell(count(tally), style) for _, style, count in columns]
        state = Text("crashed", "red") if tally.crashed else Text("" if tally.state == "done" else tally.state, "dim")
        publisher = Text(tally.publisher, "red" if tally.crashed else "")
        result.add_row(publisher, Text(sources, "red" if failed else ""), *cells, *([state] if states else []))
    result.caption = Text("\n".join(tally.remark for tally in tallies if tally.remark)) or None
    if total and len(tallies) > 1:
        sums = [str(sum(count(tally) for tally in tallies)) for _, _, count in columns]
        result.add_section()
        result.add_row("all", "", *sums, style="bold")
    return result


def _cell(count: int, style: str) -> Text:
    return Text(str(count), style if count else "dim")


@contextmanager
def shown(tallies: Callable[[], Collection[Tally]], console: Console, *, title: str) -> Iterator[None]:
    """Show the counts while the block runs: a table that redraws itself, or plain lines without a terminal."""
    if console.is_terminal:
        live = Live(
            get_renderable=lambda: table(tallies(), console, title=f"{title} …"),
            console=console, refresh_per_second=4, transient=True,
        )  # fmt: skip
        with live:
            handler = get_scrapy_root_handler()
            previous = None
            if type(handler) is logging.StreamHandler:
                previous = handler.setStream(sys.stderr)  # Live's: log lines appear above the table, not in it
            try:
                yield
            finally:
                if previous is not None and isinstance(handler, logging.StreamHandler):
                    handler.setStream(previous)
    else:
        finished = threading.Event()
        thread = threading.Thread(target=_print_lines, args=(tallies, console, finished), daemon=True)
        thread.start()
        try:
            yield
        finally:
            finished.set()
            thread.join()


@contextmanager
def kept_log() -> Iterator[io.StringIO]:
    """Keep back, in what is yielded, what would be logged to the terminal while the block runs."""
    handler = get_scrapy_root_handler()
    kept = io.StringIO()
    previous = handler.setStream(kept) if type(handler) is logging.StreamHandler else None
    try:
        yield kept
    finally:
        if previous is not None and isinstance(handler, logging.StreamHandler):
            handler.setStream(previous)


def _print_lines(tallies: Callable[[], Collection[Tally]], console: Console, finished: threading.Event) -> None:
    """A line a publisher whose counts have changed, now and then: soon at first, so that one sees it work."""
    said: dict[str, str] = {}
    wait, started = 2.0, time.monotonic()
    while not finished.wait(wait):
        wait = PLAIN_INTERVAL if time.monotonic() - started > PLAIN_INTERVAL else wait
        for tally in list(tallies()):
            counts = ", ".join(f"{count(tally)} {name}" for name, _, count in COLUMNS if count(tally))
            line = "; ".join(filter(None, (counts, tally.remark)))
            if line and said.get(tally.publisher) != line:
                said[tally.publisher] = line
                console.print(f"{tally.publisher}: {line}", highlight=False, soft_wrap=True)


def print_summary(tallies: Collection[Tally], console: Console, *, title: str) -> None:
    """The table of a finished run, and under it each source that failed and each spider that crashed."""
    console.print(table(tallies, console, title=title, total=True))
    for heading, lines_of in (("Problems", _problems), ("Remarks", _remarks)):
        lines = [f"{tally.publisher}: {line}" for tally in tallies for line in lines_of(tally)]
        if lines:
            console.print(f"\n{heading}:", style="bold")
        for line in lines:
            console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)


def _remarks(tally: Tally) -> list[str]:
    """What a source lacks that was read, and what failed that nobody counts on; a day without stories lacks nothing."""
    lines = list(tally.remarks)
    for report in tally.sources:
        remark = report.remark or (report.error if report.optional else None)
        if remark and not (report.kind == "listing" and report.error is None and not report.entries):
            lines.append(remark if report.url in remark else f"{report.url}: {remark}")
    return lines


def _problems(tally: Tally) -> list[str]:
    """One line for each error; sources whose host cannot be reached share one."""
    lines = [f"spider crashed: {tally.crashed}"] if tally.crashed else []
    failed = [report for report in tally.sources if report.failed and report.error]
    unreachable = Counter(report.error for report in failed if report.unreachable)
    for report in failed:
        error = report.error or ""
        if unreachable[error] < 2:
            lines.append(error if report.url in error else f"{report.url}: {error}")
        elif (line := f"{error} ({unreachable[error]} sources)") not in lines:
            lines.append(line)
    for why, count in tally.left.items():
        lines.append(f"{count} {'page waits' if count == 1 else 'pages wait'} for a later run: {why}")
    return lines

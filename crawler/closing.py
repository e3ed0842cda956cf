"""The last steps of a run, while its archive is still open: the ledger, the alarms, telling the operator of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from scrapy import Spider

from archive import alarms, clock, metrics, notices
from archive.alarms import Alarm
from archive.errors import ArchiveError
from archive.offload import Uploads
from archive.store import Archive
from crawler.publisher import Publisher
from crawler.run import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """How the archive stands: alarms that stand, of these those that this run raised, and those to be told of."""

    standing: tuple[Alarm, ...] = ()
    raised: tuple[Alarm, ...] = ()
    untold: tuple[Alarm, ...] = ()


def close_books(
    run: Run, spiders: Collection[type[Spider]], settings: Mapping[str, Any]
) -> tuple[Stock, list[str], ArchiveError | None]:
    """Ledger, alarms and messages; returns what stands, what could not be told, and what the archive refused."""
    stock = Stock()
    try:
        stock = take_stock(run, spiders)
        return stock, tell(run, stock, settings), None
    except ArchiveError as error:
        run.recorder.failure = error
        return stock, [], error


def take_stock(run: Run, spiders: Collection[type[Spider]]) -> Stock:
    """Bring the ledger up to date; where this run crawls alone, raise and clear alarms. Raises ArchiveError."""
    publishers = [getattr(spider, "publisher", None) for spider in spiders]
    declared = [source for publisher in publishers if isinstance(publisher, Publisher) for source in publisher.sources]
    retired = {source.url for source in declared if source.optional}

    def look(archive: Archive) -> Stock:
        known = {alarm.id for alarm in alarms.read(archive.connection)}
        archive.coverage.refresh()
        if run.shared is not None:
            return Stock()  # what other workers asked looks here as if nobody had
        archive.alarms.evaluate(run.id, clock.now(), retired=retired)
        standing = alarms.read(archive.connection, open_only=True)
        return Stock(
            standing=tuple(standing),
            raised=tuple(alarm for alarm in standing if alarm.id not in known),
            untold=tuple(archive.alarms.to_tell()),
        )

    return run.recorder.call(look)


def tell(run: Run, stock: Stock, settings: Mapping[str, Any]) -> list[str]:
    """Send what the operator does not know yet where the settings say; returns what went wrong. Raises ArchiveError."""
    command, webhook = settings["ALARM_COMMAND"], settings["ALARM_WEBHOOK"]
    if run.interrupted or not stock.untold or not (command or webhook):
        return []  # who pressed Ctrl-C waits for no server; the next run tells
    is_told, problems = notices.send(stock.untold, at=clock.now(), command=command, webhook=webhook)
    if is_told:
        run.recorder.call(lambda archive: archive.alarms.mark_told(stock.untold))
    return problems


def begin_uploads(run: Run, settings: Mapping[str, Any]) -> Uploads | None:
    """Put files into the bucket that the settings name as they are finished; None without one."""
    if not settings["BUCKET"]:
        return None
    uploads = Uploads(run.recorder.folder, settings["BUCKET"])

    def follow(archive: Archive) -> None:
        archive.journal.on_sealed = uploads.add

    run.recorder.call(follow)
    return uploads


def finish_uploads(uploads: Uploads | None, settings: Mapping[str, Any]) -> list[str]:
    """Wait for files that are on their way to the bucket, of a closed archive; returns what went wrong."""
    return uploads.finish(float(settings["UPLOAD_GRACE"])) if uploads is not None else []


def write_metrics(folder: Path, settings: Mapping[str, Any]) -> list[str]:
    """Write the Prometheus textfile that the settings name, of a closed archive; returns what went wrong."""
    if not settings["PROMETHEUS_FILE"]:
        return []
    try:
        with Archive.open(folder, write=False) as archive:
            metrics.write(Path(settings["PROMETHEUS_FILE"]), archive.connection, folder)
    except ArchiveError as error:
        return [f"DATELINE_PROMETHEUS: {error}"]
    return []


def print_alarms(stock: Stock, problems: Collection[str], console: Console) -> None:
    """Every alarm that stands, those of this run first."""
    raised = {alarm.id for alarm in stock.raised}
    if stock.standing:
        console.print("\nAlarms:", style="bold")
    for alarm in sorted(stock.standing, key=lambda alarm: alarm.id not in raised):
        since = "new" if alarm.id in raised else f"since {alarm.raised_at[:10]}"
        style = "bold red" if alarm.id in raised else "yellow"
        console.print(f"  {since}: {alarm.message}", style=style, highlight=False, markup=False, soft_wrap=True)
    for problem in problems:
        console.print(f"  {problem}", style="yellow", highlight=False, markup=False, soft_wrap=True)

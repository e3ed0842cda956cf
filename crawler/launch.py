"""From a command line to a finished run: what `scrapy crawl` and `scrapy crawlall` share."""

import logging
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive.errors import ArchiveError, ArchiveLocked, DatelineError
from archive.folder import holder, is_locked
from crawler import closing, conduct, exit_codes, progress
from crawler.arguments import check_arguments
from crawler.errors import UsageError
from crawler.intake import keep_no_holes
from crawler.resolver import OfflineWeb
from crawler.run import Run
from crawler.self_description import self_description
from crawler.time_limit import TimeLimit
from crawler.workers import WorkerPool

Spiders = Sequence[tuple[type[Spider], Mapping[str, str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """On what terms a run is made.

    due_only: all whose time has not come is left alone · max_minutes: what takes longer is left for the next run ·
    wait_s: seconds to wait for another process that writes the archive · quiet: print only when something is wrong ·
    broken: publisher files that cannot be imported, and why.
    """

    due_only: bool = False
    max_minutes: float | None = None
    wait_s: float = 0
    quiet: bool = False
    broken: Mapping[str, str] = field(default_factory=dict)


NO_TERMS = Terms()


def launch(process: AsyncCrawlerProcess, spiders: Spiders, *, command: str, terms: Terms = NO_TERMS) -> int:
    """Run `spiders` (class and arguments) in one run, show progress and summary, return the exit code.

    Errors of usage and of the archive are printed, not raised.
    """
    with progress.kept_log() if terms.quiet else nullcontext() as log:
        try:
            code = _launch(process, spiders, command, terms)
        except DatelineError as error:
            code = report(error)
    if log is not None and code not in exit_codes.GOOD:
        print(log.getvalue(), end="", file=sys.stderr)
    return code


def report(error: DatelineError) -> int:
    """Print an error for people and return its exit code."""
    print(f"error: {error}", file=sys.stderr)
    return error.exit_code


def _launch(process: AsyncCrawlerProcess, spiders: Spiders, command: str, terms: Terms) -> int:
    for spider, arguments in spiders:
        check_arguments(spider, arguments)
    for spider, _ in spiders:
        _check_conduct(spider, process.settings)
    keep_no_holes()
    console = _console()
    given = {spider.name: dict(arguments) for spider, arguments in spiders}
    run = _open_in_turn(process.settings, command=command, arguments=given, terms=terms)
    watch = _Watch(run)
    for name, error in terms.broken.items():
        run.tally(name).crashed = error
    _prepare(process, spiders, run, watch)
    # Scrapy calls this for Ctrl-C and SIGTERM; its own waits for all requests that it has taken on
    process.stop = run.stop  # type: ignore[method-assign]
    if terms.max_minutes is not None:
        grace = process.settings.getfloat("TIME_LIMIT_GRACE")
        watch.limit = TimeLimit(run, seconds=terms.max_minutes * 60, grace=grace, laggards=watch.laggards)
        watch.limit.start()
    title = f"Crawl {run.id} into {'demonstration archive' if run.demonstration else 'archive'} {run.recorder.folder}"
    tallies = run.tallies.values()
    uploads = closing.begin_uploads(run, process.settings)
    with nullcontext() if terms.quiet else progress.shown(lambda: list(tallies), console, title=title):
        process.start()
    failure = run.recorder.failure or watch.usage_error
    stock = closing.Stock()
    problems: list[str] = []
    if failure is None:
        stock, problems, failure = closing.close_books(run, [spider for spider, _ in spiders], process.settings)
    code = failure.exit_code if failure is not None else watch.exit_code()
    code = exit_codes.with_alarm(code) if stock.raised else code
    run.close(code)
    problems += closing.finish_uploads(uploads, process.settings)
    problems += closing.write_metrics(run.recorder.folder, process.settings)
    if watch.usage_error is None and not (terms.quiet and code in exit_codes.GOOD and not problems):
        if code != exit_codes.NOTHING_DUE:  # a timer's log would fill with empty tables
            progress.print_summary(list(tallies), console, title=title)
        closing.print_alarms(stock, problems, console)
        _print_verdict(code, console)
    if watch.limit is not None:
        watch.limit.ended()
    return code if failure is None else report(failure)


def _prepare(process: AsyncCrawlerProcess, spiders: Spiders, run: Run, watch: "_Watch") -> None:
    """Make a crawler for each spider; they begin with the event loop."""
    for spider, arguments in spiders:
        try:
            crawler = process.create_crawler(spider)
            _check_conduct(spider, crawler.settings)  # a spider has settings of its own
        except Exception as error:  # noqa: BLE001 - one publisher's broken settings must not stop the others
            watch.crashed(spider, error)
            continue
        run.attach(crawler)
        watch.follow(crawler)
        watch.follow_task(process.crawl(crawler, **arguments), crawler)
    for name in ("scrapy.core.scraper", "scrapy.core.engine", "asyncio"):
        logging.getLogger(name).addFilter(_is_news)


def _open_in_turn(settings: BaseSettings, *, command: str, arguments: Mapping[str, object], terms: Terms) -> Run:
    """`open_run`, after up to `wait_s` seconds in which another process may end. Raises DatelineError."""
    folder, until, said = Path(settings["ARCHIVE_FOLDER"]), time.monotonic() + terms.wait_s, terms.quiet
    while True:
        while time.monotonic() < until and is_locked(folder):
            if not said:
                print(f"waiting up to {terms.wait_s:g} s for {holder(folder)}, which writes {folder}", file=sys.stderr)
            said = True
            time.sleep(0.5)
        try:
            return open_run(settings, command=command, arguments=arguments, due_only=terms.due_only)
        except ArchiveLocked:
            if time.monotonic() >= until:
                raise


def _check_conduct(spider: type[Spider], settings: BaseSettings) -> None:
    """Raise ConfigurationError where the spider's requests would not be as they have to be, if it makes any."""
    if not getattr(spider, "asks_nobody", False):
        conduct.check(settings)


def open_run(settings: BaseSettings, *, command: str, arguments: Mapping[str, object], due_only: bool = False) -> Run:
    """Open the archive that the settings name and start a run in it, with its workers. Raises DatelineError."""
    if settings["OFFLINE_WEB"]:
        OfflineWeb.parse(settings["OFFLINE_WEB"])
    pool = worker_pool(settings)
    try:
        return Run(
            Path(settings["ARCHIVE_FOLDER"]),
            command=command,
            arguments=arguments,
            workers=pool,
            conflict_only=settings.getbool("CONFLICT_ONLY"),
            demonstration=bool(settings["OFFLINE_WEB"]),
            due_only=due_only,
            about=self_description(settings),
            redis_url=settings["REDIS_URL"],
        )
    except BaseException:
        pool.close()
        raise


def worker_pool(settings: BaseSettings) -> WorkerPool:
    """The workers that the settings ask for."""
    return WorkerPool(
        size=settings.getint("EXTRACTION_WORKERS"),
        timeout=settings.getfloat("EXTRACTION_TIMEOUT"),
        memory_mb=settings.getint("EXTRACTION_MEMORY_MB"),
    )


class _Watch:
    """Notes how each crawler ends. Scrapy logs a crashed spider and goes on; the exit code must know."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.usage_error: UsageError | None = None
        self.limit: TimeLimit | None = None
        self._under_way: set[Crawler] = set()

    def follow(self, crawler: Crawler) -> None:
        """Hear of the crawler's errors and its end."""
        self._under_way.add(crawler)
        # Bound methods of an object that lives on: Scrapy's signals hold receivers weakly.
        crawler.signals.connect(self.spider_error, signal=signals.spider_error)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)

    def follow_task(self, task: object, crawler: Crawler) -> None:
        """Catch what is raised before a spider runs: bad arguments, a contradictory publisher."""

        def done(finished: object) -> None:
            error = finished.exception()  # type: ignore[attr-defined]
            if error is not None:
                self._under_way.discard(crawler)
            if isinstance(error, UsageError):
                self.usage_error = error
            elif error is not None:
                self.crashed(crawler.spidercls, error)

        task.add_done_callback(done)  # type: ignore[attr-defined]

    def spider_error(self, failure: Failure, spider: Spider) -> None:
        """A callback or `start` raised."""
        if self.run.recorder.failure is None:
            self.crashed(spider, failure.value)

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """A crawl came to its end, or was stopped."""
        self._under_way.discard(spider.crawler)
        if reason == "shutdown" and self.run.recorder.failure is None:
            self.run.interrupted = True
        elif reason == "memusage_exceeded":
            self.crashed(spider, MemoryError("stopped at MEMUSAGE_LIMIT_MB; the next crawl goes on from here"))

    def laggards(self) -> list[str]:
        """The spiders that have not ended."""
        return sorted(crawler.spidercls.name for crawler in self._under_way)

    def crashed(self, spider: Spider | type[Spider], error: BaseException | None) -> None:
        """A spider ended by an error of its own."""
        publisher = getattr(spider, "publisher", None)
        name = publisher.name if publisher is not None else spider.name
        self.run.tally(name).crashed = f"{type(error).__name__}: {error}"

    def exit_code(self) -> int:
        """How a run ended that the archive did not stop.

        A crawl that never closed was stopped as well: by a second Ctrl-C, or by one before its spider was open.
        """
        if self.limit is not None and self.limit.is_over:
            return exit_codes.TIME_LIMIT
        if self.run.interrupted or self._under_way:
            return exit_codes.INTERRUPTED
        # where other workers asked all sources first, nothing was left to do
        nothing_is_fine = self.run.due_only or self.run.shared is not None
        return exit_codes.of_run(list(self.run.tallies.values()), due_only=nothing_is_fine)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a log record is worth showing: not the archive's failure once more for every request under way."""
    return not (record.exc_info and isinstance(record.exc_info[1], ArchiveError))


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=progress.PLAIN_WIDTH)


def _print_verdict(code: int, console: Console) -> None:
    """How it ended, in words, where it is not a plain success."""
    verdicts = {
        exit_codes.NO_NETWORK: "No network: not one source could be reached. Nothing was crawled; try again later.",
        exit_codes.NOTHING: "Nothing found: the sources gave no article to fetch. See the problems above.",
        exit_codes.NOTHING_DUE: "Nothing is due yet: no source, and no page. `archive stats` says when.",
        exit_codes.ALARM: "This run raised an alarm, see above; `archive alarms` lists those that stand.",
        exit_codes.TIME_LIMIT: "Stopped at the time limit. All that came is archived; the next crawl goes on there.",
        exit_codes.PARTIAL: "In part: something above failed; everything that was fetched is archived.",
        exit_codes.INTERRUPTED: "Stopped. What was fetched is archived; the next crawl goes on from here.",
        exit_codes.SOFTWARE: "The spider crashed; this is an error of the program. `-L INFO` shows where.",
    }
    if code in verdicts:
        console.print(f"\n{verdicts[code]} (exit code {code})", highlight=False)

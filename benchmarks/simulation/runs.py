"""The crawls of a month: `scrapy crawlall --due` again and again, each with its clock moved, some of them killed."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from archive.http_message import parse_response
from benchmarks.simulation.script import Script
from benchmarks.simulation.stage import Stage
from tests.web.offline import OfflineWeb
from tests.web.server import WebExchange

ROOT = Path(__file__).parents[2]
# Requests closer together than a live crawl makes them, and paced all the same.
KEPT = 0.08  # of every delay
PACE = ("-s", f"OFFLINE_PACE={KEPT}", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=2", "-s", "EXTRACTION_WORKERS=1")
KILLED = -signal.SIGKILL
PATIENCE = 300  # seconds that a run may take
AFTER_A_KILL = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that the offline web was sent. `begun`, `ended`: seconds, on the clock of the run."""

    url: str
    status: int
    begun: float
    ended: float
    fault: str | None = None
    robots: bytes | None = field(default=None, repr=False)  # the body, of a robots.txt
    condition: bool = False  # asked whether it has changed


@dataclass(frozen=True, kw_only=True)
class Ended:
    """One run and all that it asked for. `announced`: the addresses that the feeds which it read held."""

    number: int
    at: datetime  # when the script stood, and the run began
    exit_code: int
    seconds: float
    asked: tuple[Asked, ...] = field(repr=False)
    announced: frozenset[str] = field(repr=False)
    output: str = field(repr=False)


def moments(script: Script, step: timedelta) -> list[datetime]:
    """When a timer starts runs: every `step`, a little late each time, as timers are."""
    rng, found, at = random.Random(script.seed + 1), [], script.start
    while at < script.end:
        found.append(at + timedelta(seconds=rng.randint(0, 240)))
        at += step
    return found


class Crawls:
    """Runs crawls of `script` into the archive in `folder`."""

    def __init__(self, script: Script, web: OfflineWeb, folder: Path) -> None:
        self.script = script
        self.folder = folder
        self.stage = Stage(script, web)
        self._web = web
        self.ended: list[Ended] = []

    def all(self, times: list[datetime], kills: int, told: Callable[[Ended], object] = lambda _ended: None) -> None:
        """One run at each time; so many of them are killed, and started again."""
        rng = random.Random(self.script.seed + 2)
        doomed = set(rng.sample(range(1, max(2, len(times) - 1)), kills))
        for number, at in enumerate(times):
            self.stage.set(at)
            if number in doomed:
                told(self.run(at, kill_after=rng.randint(1, 25)))
                told(self.run(at + AFTER_A_KILL))
            else:
                told(self.run(at))

    def run(self, at: datetime, *, kill_after: int | None = None) -> Ended:
        """One run that believes it is `at`; with `kill_after` it is killed as soon as it has asked so often.

        The script is not moved on: `stage.set` does that.
        """
        self._web.forget()
        begun = time.monotonic()
        log = self.folder.with_name(f"{self.folder.name}.log")
        with log.open("ab+") as output:
            start = output.seek(0, os.SEEK_END)
            process = subprocess.Popen(
                [sys.executable, "-m", "scrapy", "crawlall", "--due", *PACE],
                cwd=ROOT,
                env=self.environment(at),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            if kill_after is not None:
                self._kill(process, kill_after)
            code = process.wait(PATIENCE)
            output.seek(start)
            text = output.read().decode("utf-8", "replace")
        exchanges = self._web.exchanges
        announced = frozenset(url for exchange in exchanges for url in _announced(exchange))
        ended = Ended(
            number=len(self.ended), at=at, exit_code=code, seconds=time.monotonic() - begun,
            asked=tuple(_asked(exchange, begun) for exchange in exchanges), announced=announced, output=text,
        )  # fmt: skip
        self.ended.append(ended)
        return ended

    def environment(self, at: datetime) -> dict[str, str]:
        """For a command that is to believe that it is `at`."""
        shift = (at - datetime.now(UTC)).total_seconds()
        given = {"DATELINE_ARCHIVE": os.fspath(self.folder), "DATELINE_CLOCK_SHIFT": str(shift), "COLUMNS": "140"}
        return {**os.environ, **self._web.env(), **given, "PYTHONPATH": os.fspath(ROOT)}

    def _kill(self, process: "subprocess.Popen[bytes]", after: int) -> None:
        """Kill it when it has asked for so much, or let it end that asks for less."""
        while process.poll() is None:
            if self._web.asked >= after:
                process.kill()
                return
            time.sleep(0.01)


def _asked(exchange: WebExchange, begun: float) -> Asked:
    is_robots = exchange.target == "/robots.txt"
    return Asked(
        url=exchange.url, status=exchange.status, begun=exchange.begun - begun, ended=exchange.ended - begun,
        fault=exchange.fault, robots=parse_response(exchange.response).body if is_robots else None,
        condition=re.search(rb"\r\nif-(?:none-match|modified-since):", exchange.request, re.IGNORECASE) is not None,
    )  # fmt: skip


def _announced(exchange: WebExchange) -> Iterator[str]:
    """The addresses in a feed that was sent, without what the publisher hangs on to them for counting."""
    message = parse_response(exchange.response) if exchange.status == 200 else None
    if message is None or "rss" not in (message.content_type or ""):
        return
    # <link>https://www.rt.com/news/1-a/?utm_source=rss&amp;utm_medium=rss</link>
    for link in re.findall(r"<link>([^<]+)</link>", message.body.decode()):
        yield unescape(link).partition("?utm_")[0]

"""One simulation from its script to its judgement."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.simulation import closing, courtesy, history, judge, watch
from benchmarks.simulation.findings import Findings
from benchmarks.simulation.runs import Crawls, Ended, moments
from benchmarks.simulation.script import write
from benchmarks.simulation.stage import FEED_LENGTH, stock
from tests.web.offline import OfflineWeb


def simulate(
    folder: Path,
    *,
    seed: int,
    start: datetime,
    days: float,
    step: timedelta,
    kills: int,
    stocked: int = 2,
    told: Callable[[Ended], object] = lambda _ended: None,
) -> Findings:
    """Play `days` from `start` into an archive that is begun anew in `folder`; a run every `step`.

    `stocked`: how many of the offline web's own pages a section has from the start.
    """
    script, found = write(seed, start, days), Findings()
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with OfflineWeb(pages=stock(script.start, stocked), feed_length=FEED_LENGTH) as web:
        crawls = Crawls(script, web, folder)
        crawls.all(moments(script, step), kills, told)
        closing.judge(crawls, found)
    courtesy.judge(script, crawls.ended, found)
    judge.judge(script, crawls.ended, folder, found)
    history.judge(script, crawls.ended, folder, found)
    watch.judge(script, crawls.ended, folder, found)
    return found

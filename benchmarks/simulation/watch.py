"""Was the operator told of what went wrong, and of nothing else? The alarms of the archive against the script."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.simulation.findings import Findings
from benchmarks.simulation.runs import KILLED, Ended
from benchmarks.simulation.script import Desk, Incident, Script

# The alarms that a trouble accounts for, by their beginnings. A design that is known, and a Crawl-delay, are none.
EXPLAINED = {
    "outage": ("blocked", "failed", "failing", "silent"),
    "unreachable": ("blocked", "failed", "failing", "silent"),
    "robots": ("blocked",),
    "challenge": ("blocked",),
    "unknown_design": ("layout", "text_length", "agreement", "missing_"),
}
# Troubles of which somebody has to be told, with the kind of alarm that names them.
NAMED = {"unknown_design": "layout", "challenge": "blocked"}
LEAST_DAYS = 20  # a shorter script leaves a publisher without a past to be judged by
AFTERMATH = timedelta(days=2)  # in which a trouble may still be spoken of
ENOUGH = 5  # pages of a trouble that a run has to see before it must name it


def judge(script: Script, runs: Sequence[Ended], folder: Path, found: Findings) -> None:
    """Each alarm has its reason in the script, and each trouble that lasts has its alarm."""
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        alarms = connection.execute("SELECT * FROM alarms ORDER BY id").fetchall()
    for alarm in alarms:
        found.count(f"alarms: {alarm['publisher']}, {alarm['kind']}")
        raised = datetime.fromisoformat(alarm["raised_at"])
        if not any(_explains(incident, alarm, raised) for incident in script.incidents):
            found.problem("alarms", f"a false alarm: {alarm['message']}", raised)
    if script.end - script.start < timedelta(days=LEAST_DAYS):
        return
    for incident in script.incidents:
        if kind := NAMED.get(incident.kind):
            times = [
                datetime.fromisoformat(alarm["raised_at"])
                for alarm in alarms
                if alarm["publisher"] == incident.desk.publisher and alarm["kind"] == kind
            ]
            _named(incident, times, runs, found)


def _explains(incident: Incident, alarm: sqlite3.Row, raised: datetime) -> bool:
    """Whether a trouble accounts for an alarm."""
    is_of_kind = alarm["kind"].startswith(EXPLAINED.get(incident.kind, "-"))
    is_there = incident.desk.publisher == alarm["publisher"]
    return is_of_kind and is_there and incident.begin <= raised < incident.end + AFTERMATH


def _named(incident: Incident, times: Sequence[datetime], runs: Sequence[Ended], found: Findings) -> None:
    """The first run that saw a trouble on several pages, or the one after it, names it."""
    during = [run for run in runs if incident.holds(run.at) and run.exit_code != KILLED]
    what = f"{incident.kind} of {incident.desk.publisher}"
    told = next((at for at in times if incident.begin <= at < incident.end), None)
    pages = needed = 0
    for run in during:
        if told is not None and run.at + timedelta(seconds=run.seconds + 60) >= told:
            found.count(f"pages until somebody was told: {what}", pages + _pages(run, incident.desk))
            return
        pages += _pages(run, incident.desk)
        needed += pages >= ENOUGH
        if needed > 1:
            break
    text = f"{what}: {pages} pages came, and nobody was told" + (f" before {told:%d %b %H:%M}" if told else "")
    found.problem("alarms", text, incident.begin)


def _pages(run: Ended, desk: Desk) -> int:
    """How many stories of a desk a run asked for."""
    hosts = [urlsplit(asked.url) for asked in run.asked if asked.robots is None]
    return sum(url.hostname == desk.host and url.path.count("/") > 1 and "rss" not in url.path for url in hosts)

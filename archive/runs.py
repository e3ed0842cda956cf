"""The runs of an archive as a reader meets them: what was run, for how long, how it ended in words, what came of it.

Plain functions of a read-only connection.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from archive.model import Outcome
from archive.rows import select

PAGE = 50

# What the exit codes of the commands that write mean; `crawler/exit_codes.py` and README.md say more of each.
ENDINGS: Mapping[int, str] = {
    0: "all is well",
    1: "ended by an error",
    3: "nothing came of it",
    4: "in part: something failed",
    5: "nothing was due",
    6: "raised an alarm",
    7: "stopped at its time limit",
    28: "too little room on the disk",
    64: "started with a wrong argument",
    65: "was given damaged input",
    66: "was given input that is not there",
    69: "no network",
    70: "the program crashed",
    73: "the archive could not be written",
    74: "writing to the archive failed",
    75: "another process was writing the archive",
    77: "refused: robots.txt, or a private address",
    78: "not set up well enough to run",
    130: "interrupted",
}
_GOOD = frozenset((0, 5))


def listed(
    connection: sqlite3.Connection, *, before: int | None = None, is_writing: bool = False
) -> list[dict[str, Any]]:
    """The latest runs, newest first, or the latest with a lower number than `before`.

    Each has its `publishers`, its `outcomes` summed over them, and its `state`; `is_writing`: whether a process has
    the archive open for writing now.
    """
    newest = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
    sql = "SELECT * FROM runs WHERE :before IS NULL OR id < :before ORDER BY id DESC LIMIT :page"
    rows = select(connection, sql, {"before": before, "page": PAGE})
    return [_told(row, is_writing=is_writing and row["id"] == newest) for row in rows]


def one(connection: sqlite3.Connection, run_id: int, *, is_writing: bool = False) -> dict[str, Any] | None:
    """One run with what was captured in it, the sources that failed and the alarms that it raised; None without it.

    Captures are counted in the table, not taken from the summary: a run that was killed has none.
    """
    newest = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
    found = select(connection, "SELECT * FROM runs WHERE id = :id", {"id": run_id})
    if not found:
        return None
    told = _told(found[0], is_writing=is_writing and run_id == newest)
    captured = connection.execute(
        "SELECT coalesce(outcome, 'unfinished'), count(*) FROM captures WHERE run_id = ? GROUP BY 1 ORDER BY 2 DESC, 1",
        [run_id],
    ).fetchall()
    polls = connection.execute(
        "SELECT outcome, count(*), sum(entries), sum(new) FROM polls WHERE run_id = ? GROUP BY 1 ORDER BY 2 DESC, 1",
        [run_id],
    ).fetchall()
    failed = select(
        connection,
        "SELECT publisher, source, kind, polled_at, outcome, error, capture_id FROM polls "
        "WHERE run_id = :id AND outcome NOT IN ('read', 'unmodified') ORDER BY publisher, source LIMIT 200",
        {"id": run_id},
    )
    raised = select(
        connection, "SELECT id, publisher, message, cleared_at FROM alarms WHERE run_id = ? ORDER BY id", [run_id]
    )
    return {**told, "captured": dict(captured), "polls": polls, "failed": failed, "alarms": raised}


def ending(exit_code: int | None, state: str) -> str:
    """How a run ended, in words."""
    if state != "ended":
        return {"under way": "under way", "killed": "killed; the next run goes on where it ended"}[state]
    return ENDINGS.get(exit_code or 0, "ended in a way without a name")


def lasted(started_at: str, finished_at: str | None) -> str:
    """`2 h 5 min`, `14 s`; empty where there is no end."""
    if not finished_at:
        return ""
    seconds = int((datetime.fromisoformat(finished_at) - datetime.fromisoformat(started_at)).total_seconds())
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def _told(row: dict[str, Any], *, is_writing: bool) -> dict[str, Any]:
    state = "ended" if row["finished_at"] else "under way" if is_writing else "killed"
    summary = json.loads(row["summary"] or "{}")
    publishers = {name: counts for name, counts in summary.items() if isinstance(counts, dict)}
    outcomes: Counter[str] = Counter()
    for counts in publishers.values():
        outcomes.update({name: counts[name] for outcome in Outcome if (name := outcome.value) in counts})
    return {
        **row,
        "state": state,
        "is_good": state == "under way" or (state == "ended" and row["exit_code"] in _GOOD),
        "ending": ending(row["exit_code"], state),
        "lasted": lasted(row["started_at"], row["finished_at"]),
        "command_line": _command_line(row["command"], json.loads(row["arguments"] or "{}")),
        "publishers": publishers,
        "figures": {name: value for name, value in summary.items() if not isinstance(value, dict)},
        "outcomes": {name: count for name, count in outcomes.most_common() if count},
    }


def _command_line(command: str, arguments: Mapping[str, Any]) -> str:
    """`crawlall rt sputnik since=2016-02`: as it could be typed, more or less."""
    words = [command]
    for name, value in arguments.items():
        if isinstance(value, dict):
            words += [name, *(f"{key}={given}" for key, given in value.items())]
        else:
            words.append(f"{name}={value}")
    return " ".join(words)

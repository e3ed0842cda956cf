"""What lies ahead of an archive: what waits and why, what is due when, how its last run ended, how long its disk lasts.

Plain functions of a read-only connection; all moments in UTC as the database has them.
"""

import re
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import clock
from archive.articles import utc
from archive.folder import DATABASE, WARC, is_locked
from archive.journal import MIN_FREE

NOT_ASKED = "not asked for yet"
WINDOW = timedelta(days=30)  # of which the present rate of growth is the mean
LEAST = timedelta(days=1)  # a younger archive has no rate: its first day fetches all that is announced

# dateline-20260301120000123-1f2e3d4c-00001.warc.gz: when the run that wrote it began
_BEGUN = re.compile(r"^\D*-(\d{14})\d{3}-")


def outlook(connection: sqlite3.Connection, folder: Path) -> dict[str, Any]:
    """All of it, as `archive stats --json` prints it."""
    at = str(utc(clock.now()))
    return {
        "waiting": waiting(connection),
        "unfinished_captures": _one(connection, "SELECT count(*) FROM captures WHERE outcome IS NULL"),
        "sources_due": due(connection, "sources", "url", at),
        "pages_due": due(connection, "watches", "url", at),
        "alarms": dict(
            connection.execute("SELECT kind, count(*) FROM alarms WHERE cleared_at IS NULL GROUP BY 1 ORDER BY 2 DESC")
        ),
        "last_run": last_run(connection, folder),
        "disk": disk(folder),
    }


def waiting(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The URLs without an outcome: how many of each publisher for which reason, the most first."""
    sql = """
        SELECT publisher, coalesce(detail, ?) AS reason, count(DISTINCT url) AS urls, min(seen_at) AS since
        FROM sightings WHERE outcome IS NULL GROUP BY publisher, reason ORDER BY urls DESC, publisher, reason
    """
    return _rows(connection, sql, NOT_ASKED)


def due(connection: sqlite3.Connection, table: str, name: str, at: str) -> dict[str, Any]:
    """How many sources or pages are due at `at`, how many in a day from then, and which come next."""
    day = utc(datetime.fromisoformat(at.replace("Z", "+00:00")) + timedelta(days=1))
    now, within_a_day = connection.execute(
        f"SELECT count(*) FILTER (WHERE next_at <= ?), count(*) FROM {table} WHERE next_at <= ?",  # noqa: S608 - ours
        [at, day],
    ).fetchone()
    sql = f"SELECT publisher, {name} AS url, next_at FROM {table} WHERE next_at > ? ORDER BY next_at, url LIMIT 3"  # noqa: S608
    return {"now": now, "within_a_day": within_a_day, "next": _rows(connection, sql, at)}


def last_run(connection: sqlite3.Connection, folder: Path) -> dict[str, Any] | None:
    """The run that began last; its `state` is `ended`, `under way`, or `killed`."""
    sql = "SELECT id, command, started_at, finished_at, exit_code FROM runs ORDER BY id DESC LIMIT 1"
    found = _rows(connection, sql)
    if not found:
        return None
    ended = found[0]["finished_at"] is not None
    return {**found[0], "state": "ended" if ended else "under way" if is_locked(folder) else "killed"}


def disk(folder: Path) -> dict[str, Any]:
    """Bytes that the archive takes, that are free to it, that it grows by in a day, and the days until it is full.

    The rate is that of the WARC files of the last 30 days, with the database in proportion; None in an archive younger
    than a day. Writing stops while `MIN_FREE` bytes are left.
    """
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    database = sum(size for path, size in sizes.items() if path.name.startswith(DATABASE))
    files = {path: size for path, size in sizes.items() if path.parent.name == WARC}
    free = max(0, shutil.disk_usage(folder).free - MIN_FREE)
    at = clock.now()
    begun = {path: moment for path in files if (moment := _begun(path.name)) is not None}
    since = max(min(begun.values(), default=at), at - WINDOW)
    a_day = None
    if at - since >= LEAST:
        grown = sum(files[path] for path, moment in begun.items() if moment >= since)
        a_day = int(grown * (1 + database / max(1, sum(files.values()))) / ((at - since) / timedelta(days=1)))
    return {
        "archive_bytes": sum(sizes.values()),
        "database_bytes": database,
        "free_bytes": free,
        "bytes_a_day": a_day,
        "days_left": free // a_day if a_day else None,
    }


def _begun(name: str) -> datetime | None:
    match = _BEGUN.match(name)
    return datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if match else None


def _one(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])


def _rows(connection: sqlite3.Connection, sql: str, *values: object) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]

"""The archive's state as a Prometheus textfile, for the node exporter's collector.

The format is the text exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/); the file
is written beside its place and renamed, as the collector asks.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive import cdxj
from archive.alarm_facts import hour_of
from archive.coverage import COUNTS, KNOWN
from archive.errors import refusals_of
from archive.folder import DATABASE, IMPORTED, MERGED, WARC

# A run that ended so did what it could.
_SUCCESSES = (0, 5, 6)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric: its samples are pairs of labels and value. All are gauges: they say how things stand."""

    name: str
    help: str
    samples: Iterable[tuple[Mapping[str, str], float]]


def write(path: Path, connection: sqlite3.Connection, folder: Path) -> None:
    """Write the state of the archive in `folder` to `path`. Raises ArchiveError where that cannot be written."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with refusals_of(path):
        beside.write_text("".join(_text(metric) for metric in metrics(connection, folder)), encoding="utf-8")
        beside.replace(path)


def metrics(connection: sqlite3.Connection, folder: Path) -> Iterator[Metric]:
    """How the archive stands."""
    ends = [name for name in COUNTS if name != KNOWN]  # what is known counts where it was first announced
    sums = ", ".join(f"sum({name})" for name in ends)
    rows = connection.execute(f"SELECT publisher, {sums} FROM coverage GROUP BY publisher").fetchall()  # noqa: S608
    yield Metric(
        name="dateline_addresses",
        help="Addresses that sources announced, each once, by what became of them.",
        samples=[
            ({"publisher": name, "outcome": outcome}, count)
            for name, *counts in rows
            for outcome, count in zip(ends, counts, strict=True)
        ],
    )
    yield Metric(
        name="dateline_articles",
        help="Articles in the archive.",
        samples=_grouped(connection, "SELECT publisher, count(*) FROM articles GROUP BY publisher", "publisher"),
    )
    yield Metric(
        name="dateline_alarms_open",
        help="Alarms that stand.",
        samples=_grouped(
            connection,
            "SELECT name, kind, count(kind) FROM publishers "
            "LEFT JOIN alarms ON publisher = name AND cleared_at IS NULL GROUP BY name, kind",
            "publisher", "kind",
        ),
    )  # fmt: skip
    yield Metric(
        name="dateline_source_failures",
        help="How often in a row a source could not be read.",
        samples=_grouped(connection, "SELECT publisher, url, failures FROM sources", "publisher", "source"),
    )
    yield Metric(
        name="dateline_last_capture_timestamp_seconds",
        help="When something of the publisher was captured last.",
        samples=_times(
            connection,
            "SELECT name, (SELECT captured_at FROM captures WHERE publisher = name ORDER BY id DESC LIMIT 1) "
            "FROM publishers",
        ),
    )
    yield from _runs(connection)
    yield Metric(name="dateline_archive_bytes", help="Size of the archive on disk.", samples=_sizes(folder))


def _runs(connection: sqlite3.Connection) -> Iterator[Metric]:
    last = "SELECT finished_at, exit_code FROM runs WHERE finished_at IS NOT NULL {} ORDER BY id DESC LIMIT 1"
    latest = connection.execute(last.format("")).fetchone()
    marks = ", ".join(map(str, _SUCCESSES))
    success = connection.execute(last.format(f"AND exit_code IN ({marks})")).fetchone()
    yield Metric(
        name="dateline_last_run_timestamp_seconds",
        help="When the last run ended.",
        samples=[({}, _seconds(latest[0]))] if latest else [],
    )
    yield Metric(
        name="dateline_last_run_exit_code",
        help="How the last run ended.",
        samples=[({}, latest[1])] if latest else [],
    )
    yield Metric(
        name="dateline_last_success_timestamp_seconds",
        help="When the last run ended that did what it could (exit codes 0, 5, 6).",
        samples=[({}, _seconds(success[0]))] if success else [],
    )


def _grouped(connection: sqlite3.Connection, sql: str, *labels: str) -> Iterator[tuple[Mapping[str, str], float]]:
    for *values, count in connection.execute(sql):
        yield {label: str(value) for label, value in zip(labels, values, strict=True) if value is not None}, count


def _times(connection: sqlite3.Connection, sql: str) -> Iterator[tuple[Mapping[str, str], float]]:
    for name, at in connection.execute(sql):
        if at is not None:
            yield {"publisher": name}, _seconds(at)


def _seconds(at: str) -> float:
    """`2026-03-04T12:34:56Z` → seconds since 1970."""
    return hour_of(at) * 3600 + int(at[14:16]) * 60 + int(at[17:19])


def _sizes(folder: Path) -> Iterator[tuple[Mapping[str, str], float]]:
    for part in (WARC, IMPORTED, MERGED):
        files = (path for path in (folder / part).glob("*.warc*") if cdxj.SUFFIX not in path.suffixes)
        yield {"part": part}, sum(path.stat().st_size for path in files)
    yield {"part": "database"}, (folder / DATABASE).stat().st_size


def _text(metric: Metric) -> str:
    lines = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
    for labels, value in metric.samples:
        shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        lines.append(f"{metric.name}{f'{{{shown}}}' if shown else ''} {value:.0f}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

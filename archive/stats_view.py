"""`archive stats`: what an archive holds, and what lies ahead of it, on a terminal or as JSON."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from archive import cdxj, reading
from archive.moments import readable
from archive.outlook import outlook
from archive.terminal import escape, folder_option, json_option, opened, print_json, screen

_REASONS = 3  # that are shown of a publisher; --json has them all
_LONGEST = 100  # characters of a reason, likewise


@click.command("stats")
@folder_option
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Count what the archive holds, and show what waits, what is due, how the last run ended and the disk.

    \b
    Examples:
      archive stats
      archive stats --archive /srv/news --json
      archive stats --json | jq .disk.days_left
    """
    with opened(folder) as archive:
        overview = reading.overview(archive.connection)
        publishers = reading.publishers(archive.connection)
        ahead = outlook(archive.connection, folder)
        demonstration = archive.demonstration
    files = (path for part in ("warc", "imported") for path in (folder / part).glob("*.warc*"))
    size = sum(path.stat().st_size for path in files if cdxj.SUFFIX not in path.suffixes)
    overview |= {"warc_bytes": size, "demonstration": demonstration}
    if as_json:
        print_json({**overview, "publishers": publishers, **ahead})
        return
    console = screen()
    if demonstration:
        console.print("[black on yellow] DEMONSTRATION archive: invented pages, no real news [/]")
    _print_holdings(console, overview, publishers)
    _print_outlook(console, ahead)


def _print_holdings(console: Console, overview: dict[str, Any], publishers: list[dict[str, Any]]) -> None:
    counts = overview["counts"]
    console.print(
        f"[bold]{counts['articles']:,}[/] articles ({counts['versions']:,} versions) from {counts['captures']:,} "
        f"captures; {overview['pending']:,} URLs wait; {_bytes(overview['warc_bytes'])} of WARC"
    )
    outcomes = " · ".join(f"{name} {count:,}" for name, count in overview["outcomes"].items())
    console.print(f"Outcomes: {outcomes or 'none'}")
    table = Table("Publisher", header_style="bold")
    for heading in ("Articles", "Captures", "Pending"):
        table.add_column(heading, justify="right")
    table.add_column("Latest article")
    for row in publishers:
        table.add_row(
            escape(row["name"]), f"{row['articles']:,}", f"{row['captures']:,}", f"{row['pending']:,}",
            readable(row["last_published_at"], None, "day") or "–",
        )  # fmt: skip
    console.print(table)


def _print_outlook(console: Console, ahead: dict[str, Any]) -> None:
    for line in (*_waiting(ahead), *_due(ahead), _last_run(ahead["last_run"]), *_alarms(ahead), _disk(ahead["disk"])):
        console.print(escape(line), highlight=False)


def _waiting(ahead: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    shown: dict[str, int] = {}
    for row in ahead["waiting"]:
        publisher = row["publisher"]
        shown[publisher] = shown.get(publisher, 0) + 1
        if shown[publisher] <= _REASONS:
            reason = row["reason"] if len(row["reason"]) <= _LONGEST else f"{row['reason'][:_LONGEST]}…"
            lines.append(f"  {publisher}: {row['urls']:,} {reason}, the first since {readable(row['since'])}")
    hidden = sum(max(0, count - _REASONS) for count in shown.values())
    lines += [f"  and {hidden:,} further reasons (--json)"] if hidden else []
    if unfinished := ahead["unfinished_captures"]:
        lines.append(f"  {unfinished:,} captures without an outcome; the next run goes on with them")
    return ["Waiting:", *lines] if lines else ["Waiting: nothing"]


def _due(ahead: dict[str, Any]) -> list[str]:
    lines = []
    for kind, what in (("sources", ahead["sources_due"]), ("pages", ahead["pages_due"])):
        line = f"Due: {what['now']:,} {kind} now, {what['within_a_day']:,} within a day"
        if what["next"]:
            following = what["next"][0]
            line += f"; the next at {readable(following['next_at'])}, {following['url'][:_LONGEST]}"
        lines.append(line)
    return lines


def _last_run(run: dict[str, Any] | None) -> str:
    if run is None:
        return "Last run: none"
    ended = {
        "ended": f"ended {readable(run['finished_at'])} with exit code {run['exit_code']}",
        "under way": "is under way",
        "killed": "was killed; the next run goes on where it ended",
    }[run["state"]]
    return f"Last run: {run['id']}, {run['command']}, began {readable(run['started_at'])}, {ended}"


def _alarms(ahead: dict[str, Any]) -> list[str]:
    if not ahead["alarms"]:
        return []
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in ahead["alarms"].items())
    return [f"Alarms: {sum(ahead['alarms'].values()):,} open ({kinds})"]


def _disk(disk: dict[str, Any]) -> str:
    line = f"Disk: {_bytes(disk['archive_bytes'])} taken, {_bytes(disk['free_bytes'])} free"
    if disk["bytes_a_day"] is None:
        return f"{line}; too young to say how fast it grows"
    left = f"full in {disk['days_left']:,} days" if disk["days_left"] is not None else "not growing"
    return f"{line}, {_bytes(disk['bytes_a_day'])} a day: {left}"


def _bytes(count: int) -> str:
    """`1234567` as `1.2 MB`, in powers of a thousand as disks are sold."""
    size, unit = count / 1e6, "MB"
    for following in ("GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, following
    return f"{size:,.1f} {unit}"

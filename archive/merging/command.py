"""`archive merge`: shards into one archive."""

import os
import sys
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive import clock, notices
from archive.alarms_view import STANDING
from archive.merging import Judging, Merged, merge
from archive.store import Archive
from archive.terminal import escape, json_option, print_json, screen

# What an edit or a removal is, languages and pages tell, which the archive does not know: it is told by name who does.
_JUDGING = ("crawler.known_articles", "StoredPages")
CONFLICTS = 3  # exit code
_SOFTWARE = f"dateline/{version('dateline')} archive merge"


@click.command("merge")
@click.argument("shards", metavar="SHARD…", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--into", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="The archive that all of it goes into; it is made where there is none.",
)  # fmt: skip
@json_option
def command(shards: tuple[Path, ...], into: Path, as_json: bool) -> None:
    """Join archives that several machines or workers wrote, as if one had crawled it all.

    WARC files are hard-linked, or copied from another disk, and never changed. Merging again brings what is new since
    and changes nothing else; a merge that was killed is started again. Shards are locked meanwhile. What two archives
    say differently is reported, and so are the alarms that only all of them together raise; DATELINE_ALARM_COMMAND and
    DATELINE_ALARM_WEBHOOK are told of these. Exit codes: 0 done · 3 done, with conflicts · 6 done, and an alarm was
    raised · 66 no archive there · 74 disk error · 75 another process writes one of them.

    \b
    Examples:
      archive merge worker1 worker2 --into all
      archive merge /mnt/*/data --into /srv/news --json
    """
    judging = cast("Judging", getattr(import_module(_JUDGING[0]), _JUDGING[1])())
    columns = (TextColumn("Merging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        done = merge(
            shards, into, software=_SOFTWARE, judging=judging,
            begin=lambda rows: progress.update(task, total=rows), advance=lambda rows: progress.advance(task, rows),
        )  # fmt: skip
    problems = _tell(into)
    if as_json:
        print_json(
            {**asdict(done), "conflicts": [{**asdict(found), "shard": str(found.shard)} for found in done.conflicts]}
        )
    else:
        _print(done, into)
    for problem in problems:
        click.echo(f"archive: {problem}", err=True)
    sys.exit(CONFLICTS if done.conflict_count else STANDING if done.raised else 0)


def _tell(folder: Path) -> list[str]:
    """Tell the operator of alarms as a run does at its end; returns what went wrong."""
    ways = {"command": os.environ.get("DATELINE_ALARM_COMMAND"), "webhook": os.environ.get("DATELINE_ALARM_WEBHOOK")}
    if not any(ways.values()):
        return []
    with Archive.open(folder, software=_SOFTWARE) as archive:
        untold = archive.alarms.to_tell()
        is_told, problems = notices.send(untold, at=clock.now(), **ways) if untold else (False, [])
        if is_told:
            archive.alarms.mark_told(untold)
    return problems


def _print(done: Merged, into: Path) -> None:
    console = screen()
    for found in done.conflicts:
        said = f"{found.kind} {found.name}: {found.problem} ({found.shard}); kept: {found.kept}"
        console.print(f"[yellow]conflict[/] {escape(said)}", highlight=False)
    if done.conflict_count > len(done.conflicts):
        console.print(f"… and {done.conflict_count - len(done.conflicts):,} more", highlight=False)
    for alarm in done.raised:
        console.print(f"[bold red]alarm[/] {escape(alarm.message)}", highlight=False)
    counts = ", ".join(f"{count:,} {name}" for name, count in done.counts.items() if name != "pending")
    said = f"{done.shards:,} shards merged" if done.shards else "Nothing new"
    known = f", {done.unchanged:,} unchanged since the last time" if done.unchanged else ""
    console.print(f"[green]{said}[/]{known}. {escape(str(into))}: {counts}", highlight=False)

"""Alarms in a terminal: `archive alarms`."""

import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.text import Text

from archive import alarms, clock
from archive.moments import readable
from archive.store import Archive
from archive.terminal import folder_option, json_option, opened, print_json, screen

STANDING = 6  # as the exit code of the run that raised one


@click.command("alarms")
@folder_option
@click.option("--all", "show_all", is_flag=True, help="Those that are over, too.")
@click.option("--accept", type=click.IntRange(1, 2**63 - 1), metavar="ID", help="It is no trouble, but how things are.")
@json_option
def command(folder: Path, show_all: bool, accept: int | None, as_json: bool) -> None:
    """List the alarms that stand: what looks wrong with a publisher's crawl, measured against its own past.

    An alarm is cleared by itself when it is over. One that shows how things will stay, a field that the publisher has
    given up, a source that went quiet, is accepted: from then on that is what is usual. Exit code 0: none stands ·
    6: one does · 1: there is no such alarm to accept.

    \b
    Examples:
      archive alarms
      archive alarms --all --json
      archive alarms --accept 12
    """
    if accept is not None:
        _accept(folder, accept)
        return
    with opened(folder) as archive:
        found = alarms.read(archive.connection, open_only=not show_all)
    if as_json:
        print_json([asdict(alarm) for alarm in found])
    for alarm in () if as_json else found:
        over = f" · over {readable(alarm.cleared_at)}" if alarm.cleared_at else ""
        line = Text(f"{alarm.id}  raised {readable(alarm.raised_at)}{over}", "dim")
        screen().print(line, highlight=False)
        style = "" if alarm.cleared_at else "bold yellow"
        screen().print(Text(f"   {alarm.message}", style), highlight=False)
    if not found and not as_json:
        click.echo("No alarm stands." if not show_all else "There was never an alarm.")
    if any(alarm.cleared_at is None for alarm in found):
        sys.exit(STANDING)


def _accept(folder: Path, alarm_id: int) -> None:
    with opened(folder):
        pass  # says what is wrong, and makes no archive where there is none
    with Archive.open(folder, software="archive alarms") as archive:
        accepted = archive.alarms.accept(alarm_id, clock.now())
    if accepted is None:
        click.echo(f"archive: no alarm {alarm_id} stands in {folder}; `archive alarms` lists them", err=True)
        sys.exit(1)
    click.echo(f"Accepted: {accepted.message}")

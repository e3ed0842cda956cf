"""What the commands that read an archive share: their options, opening it, and words that a terminal may be given."""

import json
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.markup import escape as escape_markup

from archive import migrations
from archive.errors import ArchiveError
from archive.opening import is_demonstration
from archive.store import Archive
from archive.withheld import tombstone

# C0 but tab and line feed, DEL, C1: what a terminal would obey
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

folder_option = click.option(
    "--archive", "folder", type=click.Path(path_type=Path), envvar="DATELINE_ARCHIVE", default=Path("data"),
    show_default=True, show_envvar=True, help="The archive's folder.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def opened(folder: Path) -> Archive:
    """The archive in `folder`, to be read; one of an older version is brought up to date first, and that is said.

    Raises ArchiveNotFound, and ArchiveError where its database is none. Older ones lack tables that are asked for;
    where one cannot be written, ArchiveLocked or ArchiveNotWritable.
    """
    archive = Archive.open(folder, write=False)
    try:
        is_demonstration(archive.connection)
        archive.connection.execute("SELECT count(*) FROM articles")
        is_behind = migrations.is_behind(archive.connection)
    except Exception as error:
        archive.close()
        raise ArchiveError(f"{folder / 'archive.db'} is no archive: {error}") from error
    if not is_behind:
        return archive
    archive.close()
    click.echo("archive: bringing the database of an older version up to date", err=True)
    Archive.open(folder, software="archive").close()
    return Archive.open(folder, write=False)


def no_article(folder: Path, article_id: int, *, as_json: bool = False) -> NoReturn:
    """Say that there is no such article, or that it is withheld, since when and why; exit code 1."""
    with opened(folder) as archive:
        stone = tombstone(archive.connection, article_id)
    if stone is None:
        message = f"there is no article {article_id} in {folder}; `archive search` finds their numbers"
    else:
        message = f"article {article_id} is withheld since {stone['withheld_at']}: {clean(stone['reason'])}"
        if as_json:
            print_json({"withheld": stone})
    click.echo(f"archive: {message}", err=True)
    sys.exit(1)


def escape(text: str) -> str:
    """Text of a page as it may reach a terminal: no markup of ours, no escape sequences of its own."""
    return escape_markup(clean(text))


def clean(text: str) -> str:
    """Text of a page without what a terminal would obey; for `rich.text.Text`, which knows no markup."""
    return _CONTROLS.sub("", text)


def screen() -> Console:
    """Standard output; long lines are left to the terminal, or to whatever reads the pipe."""
    return Console(soft_wrap=True)


def print_json(value: Any) -> None:
    """For scripts: indented, scripts of the world as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))

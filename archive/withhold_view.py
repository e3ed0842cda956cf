"""`archive withhold` and `archive restore`: keep an article from readers, and give it back."""

from pathlib import Path
from typing import Any

import click

from archive import reading
from archive.moments import readable
from archive.store import Archive
from archive.terminal import escape, folder_option, json_option, opened, print_json, screen
from archive.withholdings import withholdings

_id_argument = click.argument("article_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))


@click.command("withhold")
@click.argument("article_id", metavar="[ID]", type=click.IntRange(1, 2**63 - 1), required=False)
@click.option("--reason", help="Why, in words for whoever opens its address.")
@click.option("--list", "as_list", is_flag=True, help="Name what is withheld, and what was once, instead.")
@folder_option
@json_option
def withhold(article_id: int | None, reason: str | None, as_list: bool, folder: Path, as_json: bool) -> None:
    """Keep an article from readers: a tombstone with the date and the reason stands at its address.

    It is gone from the site, from search, feeds and exports, with its versions, captures and links from other pages.
    The WARC files and what the database knows stay as they are: `archive restore` brings all of it back, and a page
    that is captured again stays withheld. Other publishers' copies of its text are articles of their own; they are
    named. Exit code 1: there is no such article, or it is withheld already · 75: a crawl writes the archive.

    \b
    Examples:
      archive withhold 12 --reason "named a minor"
      archive withhold --list
      archive restore 12
    """
    if as_list:
        if article_id is not None or reason:
            raise click.UsageError("--list stands alone")
        _list(folder, as_json=as_json)
        return
    if article_id is None or reason is None:
        raise click.UsageError("give an article's number and --reason, or --list")
    with opened(folder) as archive:
        copied = [row["id"] for row in reading.story(archive.connection, article_id) if row["id"] != article_id]
    with Archive.open(folder, software="archive withhold") as archive:
        archive.withholdings.withhold(article_id, reason)
        row = _last(archive, article_id)
    if as_json:
        print_json({**row, "copies": copied})
        return
    click.echo(f"Article {article_id} is withheld; `archive restore {article_id}` gives it back.")
    if copied:
        numbers = ", ".join(map(str, copied))
        click.echo(f"The same text stands in articles of other publishers, which are still shown: {numbers}")


@click.command("restore")
@_id_argument
@folder_option
@json_option
def restore(article_id: int, folder: Path, as_json: bool) -> None:
    """Show a withheld article again, as it was. Exit code 1: it is not withheld.

    \b
    Example:
      archive restore 12
    """
    with opened(folder):
        pass  # an archive that is not there must not be begun
    with Archive.open(folder, software="archive restore") as archive:
        archive.withholdings.restore(article_id)
        row = _last(archive, article_id)
    if as_json:
        print_json(row)
    else:
        click.echo(f"Article {article_id} is shown again.")


def _last(archive: Archive, article_id: int) -> dict[str, Any]:
    return [row for row in withholdings(archive.connection) if row["article_id"] == article_id][-1]


def _list(folder: Path, *, as_json: bool) -> None:
    with opened(folder) as archive:
        found = withholdings(archive.connection)
    if as_json:
        print_json(found)
        return
    console = screen()
    for row in found:
        state = f"restored {readable(row['restored_at'])}" if row["restored_at"] else "withheld"
        console.print(f"[bold]{row['article_id']}[/] {state}: {escape(row['reason'])}", highlight=False)
        place = f"{row['warc_file']} at {row['warc_offset']}"
        console.print(f"  since {readable(row['withheld_at'])} · {place}", style="dim", highlight=False)
    if not found:
        console.print("Nothing is withheld.")

"""`archive export`: articles into a file, with a card beside it."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive import clock, export
from archive.errors import ArchiveError
from archive.search.command import Day
from archive.search.find import ask, matching
from archive.terminal import folder_option, json_option, opened, print_json


@click.command("export")
@click.argument("query", nargs=-1)
@folder_option
@click.option("--format", "form", type=click.Choice(list(export.FORMATS)), default="jsonl", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), required=True,
    help="The file to write, or - for standard output.",
)  # fmt: skip
@click.option("--publisher", help="Only this publisher, by its name or its spider's.")
@click.option("--language", help="Only this language, as in ISO 639-1.")
@click.option("--since", type=Day(), help="Published on this day (UTC) or later: 2016, 2016-02 or 2016-02-14.")
@click.option("--until", type=Day(), help="Published on this day (UTC) or earlier.")
@click.option("--no-aliases", is_flag=True, help="Only what is typed, not the other names of an actor or place.")
@json_option
def command(
    query: tuple[str, ...], folder: Path, form: str, output: Path, *, no_aliases: bool, as_json: bool, **options: str
) -> None:
    """Write the articles that QUERY means, or all, into a file that other programs read.

    Beside FILE a card, FILE.card.md, says what the data is: publishers, dates, gaps, copies, rules, rights. In CSV a
    cell that a spreadsheet would compute has an apostrophe in front. FILE has its name only when it is whole.
    Exit code 1 when nothing fits.

    \b
    Examples:
      archive export --output all.jsonl
      archive export khanaser --since 2016-02 --until 2016-02 --format csv --output khanaser.csv
      archive export --publisher rt --format parquet --output rt.parquet
      archive export "cease fire" --format text --output - | less
      archive export --language ar --format tei --output arabic.xml --json
    """
    if form in export.BINARY and str(output) == "-" and sys.stdout.isatty():
        raise click.UsageError(f"{form} is not for a terminal; name a file with --output")
    with opened(folder) as archive:
        archive.connection.execute("BEGIN")  # of one state, however long it takes and whatever is written meanwhile
        asked = ask(archive.connection, " ".join(query), aliases=not no_aliases, is_whole=True)
        filters = {name: value for name, value in options.items() if value}
        wanted = replace(asked, filters=asked.filters | filters)
        total = sum(1 for _ in matching(archive.connection, wanted))
        if not total:
            click.echo("Nothing fits.", err=True)
            sys.exit(1)
        held = export.Holdings()
        with _progress() as progress:
            rows = held.counted(progress.track(export.articles(archive.connection, wanted), total=total))
            if str(output) == "-":
                export.write(rows, form, sys.stdout.buffer)
                return
            _write(rows, form, output)
        words = " ".join([*query, *(f"{name}:{value}" for name, value in wanted.filters.items())])
        card = export.card(archive.connection, held, asked=words, made_at=clock.now())
    beside = output.with_name(output.name + ".card.md")
    beside.write_text(card, encoding="utf-8")
    if as_json:
        print_json({"articles": held.articles, "file": str(output), "card": str(beside)})
    else:
        click.echo(f"{held.articles} articles in {output}; what they are: {beside}")


def _progress() -> Progress:
    columns = (TextColumn("Exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)  # standard output may be the export
    return Progress(*columns, transient=True, console=console, disable=not console.is_terminal)


def _write(rows: Iterator[export.Row], form: str, output: Path) -> None:
    """Write a file that has its name only when it is whole. Raises ArchiveError where the disk refuses."""
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as stream:
            export.write(rows, form, stream)
        part.replace(output)
    except OSError as error:
        raise ArchiveError(f"cannot write {output}: {error.strerror}; name another file with --output") from error
    finally:
        part.unlink(missing_ok=True)

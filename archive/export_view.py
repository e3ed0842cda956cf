"""`archive export`: articles into a file, with a card beside it."""

import sys
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive import clock, export
from archive.search.command import Day
from archive.search.find import ask, matching
from archive.terminal import folder_option, opened


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
def command(
    query: tuple[str, ...], folder: Path, form: str, output: Path, no_aliases: bool, **options: str
) -> None:  # fmt: skip
    """Write the articles that QUERY means, or all, into a file that other programs read.

    Beside FILE a card, FILE.card.md, says what the data is: publishers, dates, gaps, copies, rules, rights. In CSV a
    cell that a spreadsheet would compute has an apostrophe in front. Exit code 1 when nothing fits.

    \b
    Examples:
      archive export --output all.jsonl
      archive export khanaser --since 2016-02 --until 2016-02 --format csv --output khanaser.csv
      archive export --publisher rt --format parquet --output rt.parquet
      archive export "cease fire" --format text --output - | less
    """
    if form in export.BINARY and str(output) == "-" and sys.stdout.isatty():
        raise click.UsageError(f"{form} is not for a terminal; name a file with --output")
    with opened(folder) as archive:
        asked = ask(archive.connection, " ".join(query), aliases=not no_aliases)
        filters = {name: value for name, value in options.items() if value}
        wanted = replace(asked, filters=asked.filters | filters)
        total = sum(1 for _ in matching(archive.connection, wanted))
        if not total:
            click.echo("Nothing fits.", err=True)
            sys.exit(1)
        columns = (TextColumn("Exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as progress:
            rows = progress.track(export.articles(archive.connection, wanted), total=total)
            if str(output) == "-":
                export.write(rows, form, sys.stdout.buffer)
                return
            with output.open("wb") as stream:
                count = export.write(rows, form, stream)
        words = " ".join([*query, *(f"{name}:{value}" for name, value in wanted.filters.items())])
        card = export.card(archive.connection, wanted, asked=words, count=count, made_at=clock.now())
    beside = output.with_name(output.name + ".card.md")
    beside.write_text(card, encoding="utf-8")
    click.echo(f"{count} articles in {output}; what they are: {beside}")

"""`archive search`: the terminal's way to ask the index."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import click

from archive.moments import readable
from archive.search.find import SORTS, Results, ask, find
from archive.search.query import Query, last_day
from archive.search.snippet import HIT_END, HIT_START, marked
from archive.terminal import escape, folder_option, json_option, opened, print_json, screen


class Day(click.ParamType[str]):
    """A day, a month or a year, as typed."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is none."""
        try:
            last_day(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no day; give 2016, 2016-02 or 2016-02-14", param, ctx)
        return value


@click.command("search")
@click.argument("query", nargs=-1)
@folder_option
@click.option("--publisher", help="Only this publisher, by its name or its spider's.")
@click.option("--language", help="Only this language, as in ISO 639-1.")
@click.option("--since", type=Day(), help="Published on this day (UTC) or later: 2016, 2016-02 or 2016-02-14.")
@click.option("--until", type=Day(), help="Published on this day (UTC) or earlier.")
@click.option("--sort", type=click.Choice(SORTS), default="best", show_default=True, help="Which come first.")
@click.option("--no-aliases", is_flag=True, help="Find only what is typed, not the other names of an actor or place.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@json_option
def command(query: tuple[str, ...], folder: Path, no_aliases: bool, limit: int, as_json: bool, **options: str) -> None:
    """Find articles whose headline or text holds every word of QUERY.

    Any text is a valid query: "quoted phrases", AND, OR, NOT, brackets, strik* for words that begin so, NEAR, and
    filters (headline:, publisher:, language:, wire:, actor:, since:, until:). Case, accents, Arabic articles and
    Russian endings do not matter, and an actor or place is found under all its names; =word finds one spelling alone.
    Exit code 1 when nothing is found.

    \b
    Examples:
      archive search ceasefire
      archive search '"air strike" kharkiv' --since 2024-05
      archive search "aleppo NEAR manbij" --publisher rt --since 2016-02 --sort newest
      archive search هدنة --json
    """
    filters = {name: options[name] for name in ("publisher", "language", "since", "until") if options[name]}
    if not query and not filters:
        raise click.UsageError("give words to find, or a filter")
    with opened(folder) as archive:
        asked = ask(archive.connection, " ".join(query), aliases=not no_aliases)
        wanted = replace(asked, filters=asked.filters | filters)
        found = find(archive.connection, wanted, sort=options["sort"], limit=limit)
    for beginning, words in wanted.beginnings:
        some = ", ".join(words[:5])
        click.echo(
            f"Of {beginning}* only the {len(words)} commonest words: {some} … (add a letter for others)", err=True
        )
    if as_json:
        print_json([{**hit, "snippet": marked(hit["snippet"], "", "")} for hit in found.articles])
    else:
        _print_results(found, wanted)
    if not found.articles:
        sys.exit(1)


def _print_results(found: Results, wanted: Query) -> None:
    console = screen()
    for name in wanted.names:
        others = ", ".join(name.forms[:12]) + (" …" if len(name.forms) > 12 else "")
        console.print(f"also as: {escape(others)}", highlight=False, style="dim")
    for hit in found.articles:
        when = readable(hit["published_at"], hit["published_offset"], hit["published_precision"]) or "no date"
        wire = f" · {escape(hit['wire'])}" if hit["wire"] else ""
        edits = f" · {hit['versions']} versions" if hit["versions"] > 1 else ""
        console.print(f"[bold]{escape(hit['headline'] or 'No headline')}[/]", highlight=False)
        line = f"  {hit['id']} · {escape(hit['publisher'] or '–')} · {when}{wire}{edits}"
        console.print(line, highlight=False, style="dim")
        parts = re.split(f"[{HIT_START}{HIT_END}]", hit["snippet"])
        pieces = (f"[bold yellow]{escape(part)}[/]" if odd % 2 else escape(part) for odd, part in enumerate(parts))
        console.print("  " + "".join(pieces), highlight=False)
    if found.total > len(found.articles):
        console.print(f"{len(found.articles)} of {'more than ' * found.is_more}{found.total}", style="dim")
    if not found.articles:
        click.echo("Nothing found.", err=True)

"""The `archive` command: read what was archived, and open it in the browser."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from archive import (
    alarms_view,
    coverage_view,
    diff_view,
    export_view,
    offload_view,
    reading,
    stats_view,
    withhold_view,
)
from archive import verify as verification
from archive.errors import ArchiveError, DatelineError
from archive.merging import command as merging_command
from archive.moments import readable
from archive.search import command as search_command
from archive.terminal import escape, folder_option, json_option, no_article, opened, print_json, screen
from archive.verify import Level

_EXIT_CODES = """\b
Exit codes: 0 done · 1 nothing found · 2 wrong usage · 3 merged, with conflicts · 4 the database is not what the files
say · 6 an alarm stands · 65 damaged WARC · 66 no archive there · 74 disk error · 75 another process writes it ·
78 written by a newer version, or a library is missing.
"""


class _Group(click.Group):
    """Turns an error of the project into its message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatelineError as error:
            click.echo(f"archive: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Group, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Read and keep a Dateline archive.

    \b
    archive stats                      what the archive holds
    archive coverage                   what was announced each day, and what became of it
    archive alarms                     what looks wrong with the crawl
    archive search "cease-fire talks"  find articles
    archive show 12                    read one
    archive diff 12                    see what was changed in it
    archive export --output all.jsonl  take them out, for other programs
    archive withhold 12 --reason …     keep one from readers
    archive serve                      open it all in the browser
    archive verify                     look whether all of it is as it was written
    archive repair                     save what is whole of damaged files
    archive merge a b --into all       join archives of several machines
    archive offload --to s3://…        move finished files into a bucket
    """


@main.command()
@click.argument("article_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@folder_option
@json_option
def show(article_id: int, folder: Path, as_json: bool) -> None:
    """Show one article: its text, and where each word of it is archived.

    \b
    Examples:
      archive show 12
      archive show 12 --json
    """
    with opened(folder) as archive:
        article = reading.article(archive.connection, article_id)
    if article is None:
        no_article(folder, article_id, as_json=as_json)
    if as_json:
        print_json(article)
        return
    _print_article(screen(), article)


@main.command()
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port to listen on.")
@click.option("--public", is_flag=True, help="Serve strangers: see docs/public.md for what that changes.")
@click.option(
    "--base-url", default="/", show_default=True, help="Where readers find it: a path, or https://HOST/PATH/."
)
@click.option("--trust-proxy", "proxies", multiple=True, metavar="ADDRESS", help="Believe this proxy's X-Forwarded-*.")
@click.option("--allow-sql", is_flag=True, help="Let visitors write SQL of their own, within limits.")
@click.option("--allow-download", is_flag=True, help="Let visitors take a copy of the database.")
@click.option("--allow-robots", is_flag=True, help="Let search engines list the articles.")
@click.option(
    "--replay",
    metavar="URL",
    envvar="DATELINE_REPLAY",
    show_envvar=True,
    help="Where pywb replays the WARC files: the address of its collection.",
)
def serve(folder: Path, host: str, port: int, **terms: Any) -> None:
    """Open the archive in the browser, read-only, with Datasette. It may be written meanwhile.

    Nobody can write, run SQL or take the database along, unless you allow the latter two.

    \b
    Examples:
      archive serve
      archive serve --archive /srv/news --port 8080
      archive serve --allow-sql --allow-download
      archive serve --replay http://127.0.0.1:8080/dateline/
      archive serve --public --base-url https://news.example.org/ --trust-proxy 127.0.0.1
    """
    # Datasette takes a second to import
    from archive.datasette.serving import serve as serve_site  # noqa: PLC0415
    from archive.datasette.terms import Terms  # noqa: PLC0415

    agreed = Terms(**terms)
    opened(folder).close()  # says what is wrong before a server starts
    if advice := agreed.advice(host):
        click.echo(f"archive: {advice}", err=True)
    serve_site(
        folder,
        host=host,
        port=port,
        terms=agreed,
        ready=lambda url: click.echo(f"Archive {folder} at {url} (Ctrl-C ends it)"),
    )


_VERIFY_CODES = {None: 0, Level.NOTE: 0, Level.INDEX: 4, Level.EVIDENCE: 65}
_COLOURS = {Level.NOTE: "dim", Level.INDEX: "yellow", Level.EVIDENCE: "bold red"}


@main.command()
@folder_option
@click.option("--quick", is_flag=True, help="Only sizes, names and the order of the files: seconds instead of hours.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that read files.")
@json_option
def verify(folder: Path, quick: bool, workers: int, as_json: bool) -> None:
    """Look whether every file, record, digest and row is as it was written, and name what is not.

    Safe while a crawl writes. Exit code 0: all is well, or as a kill left it (a note) · 4: the database is not what the
    files say, `scrapy rebuild` makes it anew · 65: bytes of the files are not those that were written, `archive repair`
    saves what is whole.

    \b
    Examples:
      archive verify
      archive verify --quick
      archive verify --workers 4
      archive verify --archive /srv/news --json > report.json
    """
    with suppress(ArchiveError):  # an older version's lacks tables; what is wrong with a database is found below
        opened(folder).close()
    with _bytes_progress("Verifying", folder) as advance:
        report = verification.verify(folder, quick=quick, workers=workers, advance=advance)
    if as_json:
        print_json({**asdict(report), "worst": report.worst})
    else:
        _print_report(report, quick=quick)
    sys.exit(_VERIFY_CODES[report.worst])


def _print_report(report: verification.Report, *, quick: bool) -> None:
    console = screen()
    for finding in report.findings:
        colour = _COLOURS[finding.level]
        console.print(
            f"[{colour}]{finding.level}[/] {escape(finding.place)}: {escape(finding.problem)}", highlight=False
        )
    counted = (
        f"{report.files:,} files"
        if quick
        else f"{report.files:,} files, {report.records:,} records, {report.rows:,} rows"
    )
    if report.worst in {None, Level.NOTE}:
        console.print(f"[green]All is as it was written[/]: {counted}", highlight=False)
    else:
        console.print(f"[bold]{len(report.findings):,} findings[/] in {counted}", highlight=False)
    console.print(f"Journal: entry {report.sequence:,}, {report.head or 'none'}", style="dim", highlight=False)


@main.command()
@folder_option
@json_option
def repair(folder: Path, as_json: bool) -> None:
    """Save every whole record of damaged files.

    A damaged file is kept in quarantine/; a new file beside the others takes its place, and the rows follow. Files that
    were put into a bucket are left as they are, and named.
    Exit code 0: nothing is damaged, or all was saved · 65: records are lost; their captures say so.

    \b
    Examples:
      archive repair
      archive repair --archive /srv/news --json
    """
    from archive.repair import repair as repair_archive  # noqa: PLC0415

    passed_over: list[str] = []
    with _bytes_progress("Repairing", folder) as advance:
        done = repair_archive(folder, software="archive repair", advance=advance, pass_over=passed_over.append)
    for said in passed_over:
        click.echo(said, err=True)
    if as_json:
        print_json([{**asdict(repaired), "kept": str(repaired.kept)} for repaired in done])
    else:
        console = screen()
        for repaired in done:
            console.print(f"[bold]{repaired.file}[/] → {repaired.replaced_by}", highlight=False)
            console.print(
                f"  {repaired.saved:,} records saved, {repaired.lost:,} captures and texts lost", highlight=False
            )
            for damage in repaired.damages:
                console.print(f"  {escape(damage)}", style="dim", highlight=False)
            console.print(f"  the damaged file is kept: {repaired.kept}", style="dim", highlight=False)
        if not done:
            console.print(f"[green]No file {'that was looked at ' if passed_over else ''}is damaged[/]")
    sys.exit(65 if any(repaired.lost for repaired in done) else 0)


@contextmanager
def _bytes_progress(title: str, folder: Path) -> Iterator[verification.Advance]:
    """A progress bar over all bytes of an archive, on standard error where that is a terminal."""
    columns = (TextColumn(title), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=verification.size(folder))
        yield lambda count: progress.advance(task, count)


def _print_article(console: Console, article: dict[str, Any]) -> None:
    console.print(f"[bold]{escape(article['headline'] or 'No headline')}[/]", highlight=False)
    published = readable(article["published_at"], article["published_offset"], article["published_precision"])
    facts = [article["publisher"], article["section"], article["byline"], article["wire"]]
    console.print(escape(" · ".join(filter(None, facts))), style="dim", highlight=False)
    console.print(f"published {published or 'unknown'}", style="dim", highlight=False)
    if article["modified_at"]:
        console.print(
            f"modified  {readable(article['modified_at'], article['modified_offset'])}", style="dim", highlight=False
        )
    console.print(f"captured  {readable(article['captured_at'])}\n", style="dim", highlight=False)
    for paragraph in article["paragraphs"]:
        console.print(escape(paragraph) + "\n", highlight=False)
    for image in article["images"]:
        caption = " ".join(filter(None, [image["caption"], f"© {image['credit']}" if image["credit"] else None]))
        console.print(f"Picture: {escape(caption or image['url'] or '')}", highlight=False)
    if article["tags"]:
        console.print(f"Tags: {escape(', '.join(article['tags']))}", highlight=False)
    for related in article["related"]:
        console.print(f"Related: {escape(related['title'])} {escape(related['url'] or '')}", highlight=False)
    console.print(f"\n{escape(article['url'])}", style="dim", highlight=False)
    for capture in article["captures"]:
        place = f"{capture['file']} at {capture['offset']}+{capture['length']}"
        when = readable(capture["captured_at"])
        if capture["original_at"]:
            when = f"{when} by {capture['intermediary']}, of {readable(capture['original_at'])}"
        console.print(f"{when} {capture['outcome']} {place}", style="dim", highlight=False)


main.add_command(stats_view.command)
main.add_command(alarms_view.command)
main.add_command(coverage_view.command)
main.add_command(diff_view.command)
main.add_command(search_command.command)
main.add_command(export_view.command)
main.add_command(withhold_view.withhold)
main.add_command(withhold_view.restore)
main.add_command(merging_command.command)
main.add_command(offload_view.command)

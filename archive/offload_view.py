"""`archive offload`: finished WARC files into a bucket."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from archive import offload
from archive.terminal import escape, folder_option, json_option, print_json, screen


@click.command("offload")
@folder_option
@click.option(
    "--to", "bucket", required=True, envvar="DATELINE_BUCKET", show_envvar=True, metavar="URL",
    help="The bucket, with what its keys are to begin with: s3://news-archive/first.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Leave the files on the disk as well.")
@json_option
def command(folder: Path, bucket: str, keep: bool, as_json: bool) -> None:
    """Move finished WARC files into an S3-compatible bucket.

    Each is copied, read back whole and compared by its SHA-256; only then it is taken from the disk. Everything goes on
    as before: what reads records asks the bucket for their bytes, and `archive verify` reads the files there. Endpoint
    and keys are those of the environment: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY. Killed, it is
    started again. Exit codes: 0 done · 66 no archive there · 74 the bucket or the disk refused · 75 another process
    writes the archive.

    \b
    Examples:
      archive offload --to s3://news-archive/first
      archive offload --archive /srv/news --to s3://news-archive/first --keep
    """
    columns = (TextColumn("Offloading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=offload.size(folder))
        done = offload.offload(folder, bucket, keep=keep, advance=lambda count: progress.advance(task, count))
    if as_json:
        print_json(asdict(done))
        return
    said = f"{done.copied:,} files ({done.copied_bytes:,} bytes) put into {bucket} and read back"
    screen().print(
        f"{escape(said)}, {done.removed:,} ({done.removed_bytes:,} bytes) taken from the disk", highlight=False
    )

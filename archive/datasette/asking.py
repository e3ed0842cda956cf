"""What the site's own pages share: asking the archive's database in Datasette's threads, and reading parameters."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar
from urllib.parse import unquote

from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request  # type: ignore[import-untyped]

DATABASE = "archive"

_Found = TypeVar("_Found")


async def execute(datasette: Datasette, work: Callable[[Connection], _Found]) -> _Found:
    """What `work` finds in the archive. Raises NotFound where the site shows none."""
    if DATABASE not in datasette.databases:
        raise NotFound("There is no archive here")
    found: _Found = await datasette.get_database(DATABASE).execute_fn(work)
    return found


def folder_of(datasette: Datasette) -> Path:
    """The folder of the archive that the site shows."""
    return Path(datasette.get_database(DATABASE).path).parent


def number(text: str | None) -> int | None:
    """A whole number of up to nine digits; None for whatever else was given."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def day(text: str | None) -> date | None:
    """A day as `2016-02-17`; None for whatever else was given."""
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def named(request: Request, name: str) -> str:
    """A part of the address, with its escapes read; what is no UTF-8 becomes a replacement character."""
    return unquote(request.url_vars[name], errors="replace")

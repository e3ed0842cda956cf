"""A copy of the database for whoever may have one: whole and consistent, though a crawl writes meanwhile."""

import asyncio
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import AsgiFileDownload, Forbidden  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

from archive.datasette.asking import DATABASE, execute

_ONE_AT_A_TIME = asyncio.Lock()


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Before Datasette's own, which would send the file without what is still in the write-ahead log."""
    return [(r"^/archive[.]db$", download)]


async def download(datasette: Datasette) -> "_Copy":
    """The database as a file."""
    if not datasette.terms.allow_download:
        raise Forbidden("The database is not given away here")
    if await execute(datasette, lambda conn: conn.execute("SELECT 1 FROM withheld LIMIT 1").fetchone()):
        raise Forbidden("Articles are withheld here, and a copy would hold them; `archive export` leaves them out")
    if _ONE_AT_A_TIME.locked():
        raise DatasetteError("Somebody else is taking a copy; please come again later", status=503)
    return _Copy(Path(datasette.get_database(DATABASE).path))


class _Copy:
    """A response that is a copy of `database`, made for it and deleted after it."""

    def __init__(self, database: Path) -> None:
        self._database = database

    async def asgi_send(self, send: Any) -> None:
        async with _ONE_AT_A_TIME:
            with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
                copy = Path(folder) / self._database.name
                await asyncio.get_running_loop().run_in_executor(None, _copy, self._database, copy)
                await AsgiFileDownload(
                    str(copy), filename=self._database.name, content_type="application/octet-stream"
                ).asgi_send(send)


def _copy(database: Path, copy: Path) -> None:
    # in one step: a copy in several would begin anew at each write of the crawl
    needed = database.stat().st_size
    if shutil.disk_usage(copy.parent).free < needed * 1.1:
        raise DatasetteError("There is no room for a copy of the database", status=503)
    with (
        closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)

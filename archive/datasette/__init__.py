"""The archive as a web site: Datasette with its own pages, read-only, on the database that the crawler writes."""

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import datasette.app  # type: ignore[import-untyped]  # first: it registers the module of the next line, whole
import datasette.handle_exception  # type: ignore[import-untyped]
import uvicorn
from datasette.app import Datasette
from datasette.utils import parse_metadata  # type: ignore[import-untyped]

from archive.datasette.database import NAME, ArchiveDatabase
from archive.errors import ArchiveError, ArchiveNotFound
from archive.folder import DATABASE

# With rich installed, Datasette prints a traceback with every local value for each page that is not found.
datasette.handle_exception.rich = None

HERE = Path(__file__).parent

SETTINGS: dict[str, Any] = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 500,
    "default_facet_size": 12,
    "suggest_facets": False,  # at a million rows it takes most of a page's time
    "default_allow_sql": False,  # one query with randomblob() costs gigabytes, whatever the time limit
    "allow_download": False,
    "allow_csv_stream": False,
    "truncate_cells_html": 200,
    "base_url": "/",
}


def site(folder: Path | str) -> Datasette:
    """The site of the archive in `folder`. Raises ArchiveNotFound.

    The database is opened as a live one, never as immutable: a running crawl goes on writing it.
    """
    database = Path(folder) / DATABASE
    if not database.is_file():
        raise ArchiveNotFound(f"there is no archive in {folder}; crawl first, or set DATELINE_ARCHIVE")
    made = Datasette(
        metadata=parse_metadata((HERE / "metadata.yaml").read_text(encoding="utf-8")),
        template_dir=str(HERE / "templates"),
        plugins_dir=str(HERE / "plugins"),
        static_mounts=[("dateline", str(HERE / "static"))],
        settings=SETTINGS,
    )
    made.add_database(ArchiveDatabase(made, database), name=NAME)
    return made


def serve(folder: Path | str, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the site until interrupted; `ready` is told its address once it listens. Port 0 takes a free one.

    Raises ArchiveNotFound, and ArchiveError where the port is taken or not allowed.
    """
    app = site(folder).app()
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ArchiveError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from error
    with listener, suppress(KeyboardInterrupt):
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}/")
        uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on")).run(sockets=[listener])

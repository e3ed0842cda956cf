"""The archive as a web site: Datasette with its own pages, read-only, on the database that the crawler writes."""

from pathlib import Path
from typing import Any

import datasette.handle_exception  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils import parse_metadata  # type: ignore[import-untyped]

from archive.errors import ArchiveNotFound
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
    return Datasette(
        files=[str(database)],
        metadata=parse_metadata((HERE / "metadata.yaml").read_text(encoding="utf-8")),
        template_dir=str(HERE / "templates"),
        plugins_dir=str(HERE / "plugins"),
        static_mounts=[("dateline", str(HERE / "static"))],
        settings=SETTINGS,
    )


def serve(folder: Path | str, *, host: str, port: int) -> None:
    """Serve the site until interrupted."""
    import uvicorn  # noqa: PLC0415  # only a server needs it

    uvicorn.run(site(folder).app(), host=host, port=port, log_level="warning", lifespan="on")

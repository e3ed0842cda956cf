"""The archive as a web site: Datasette with its own pages, read-only, on the database that the crawler writes."""

from pathlib import Path
from typing import Any

import datasette.app  # type: ignore[import-untyped]  # first: it registers the module of the next line, whole
import datasette.handle_exception  # type: ignore[import-untyped]
from datasette.app import Datasette
from datasette.utils import parse_metadata  # type: ignore[import-untyped]

from archive.datasette.database import NAME, ArchiveDatabase
from archive.datasette.terms import Terms
from archive.errors import ArchiveNotFound
from archive.folder import DATABASE

# With rich installed, Datasette prints a traceback with every local value for each page that is not found.
datasette.handle_exception.rich = None

HERE = Path(__file__).parent

SETTINGS: dict[str, Any] = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 200,  # for one that no tally has: see counting.py
    "default_facet_size": 12,
    "suggest_facets": False,  # at a million rows it takes most of a page's time
    "allow_signed_tokens": False,
    "allow_download": False,  # of a file that a crawl writes it would be a torn copy: see downloads.py
    "allow_csv_stream": False,
    "truncate_cells_html": 200,
}


class Site(Datasette):  # type: ignore[misc]
    """Datasette on one archive, on certain terms."""

    def __init__(self, database: Path, terms: Terms) -> None:
        self.terms = terms
        super().__init__(
            metadata=parse_metadata((HERE / "metadata.yaml").read_text(encoding="utf-8")),
            template_dir=str(HERE / "templates"),
            plugins_dir=str(HERE / "plugins"),
            static_mounts=[("dateline", str(HERE / "static"))],
            settings={**SETTINGS, "default_allow_sql": terms.allow_sql, "base_url": terms.path},
        )
        self.add_database(ArchiveDatabase(self, database, terms), name=NAME)


def site(folder: Path | str, terms: Terms | None = None) -> Site:
    """The site of the archive in `folder`, with nothing allowed that `terms` do not. Raises ArchiveNotFound.

    The database is opened as a live one, never as immutable: a running crawl goes on writing it.
    """
    database = Path(folder) / DATABASE
    if not database.is_file():
        raise ArchiveNotFound(f"there is no archive in {folder}; crawl first, or set DATELINE_ARCHIVE")
    return Site(database, terms or Terms())

"""What two archives of the same bytes have in common, whatever machines wrote them: their canonical identity.

Every row of every table, told by what it speaks of and not by ids: a capture by its URL, time and payload, an article
by its canonical URL, a version by its article and number. Left out is where bytes lie (files, offsets, record ids) and
who came when (runs, shards, the archive's day of birth, the program's schedule of imports).
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from archive.dump import rows
from archive.events import TABLES
from archive.folder import connect

_LEFT_OUT = frozenset(("about", "runs", "shards", "files", "imports"))
_PLACES = frozenset(
    ("id", "run_id", "file", "offset", "length", "record_id", "text_file", "text_record_id", "text_offset")
)


def identity(folder: Path, *, without: frozenset[str] = frozenset()) -> list[str]:
    """One line a row, sorted."""
    with closing(connect(folder, write=False)) as connection:
        names = _names(connection, with_times="captured_at" not in without)
        found = []
        for table in TABLES:
            if table not in _LEFT_OUT:
                for row in rows(connection, table):
                    fields = {
                        name: names[_OF[name]].get(value) if name in _OF else value
                        for name, value in row.items()
                        if name not in _PLACES and name not in without and f"{table}.{name}" not in without
                    }
                    found.append(json.dumps([table, fields], ensure_ascii=False, sort_keys=True, default=str))
        return sorted(found)


_OF = {
    "capture_id": "captures", "article_id": "articles", "syndicated_from": "articles", "version_id": "versions",
    "from_version": "versions", "to_version": "versions",
}  # fmt: skip


def _names(connection: sqlite3.Connection, *, with_times: bool) -> dict[str, dict[object, list[object]]]:
    """For each table whose ids others name: id → what it is."""
    statements = {
        "captures": f"SELECT id, url, kind, payload_digest{', captured_at' if with_times else ''} FROM captures",
        "articles": "SELECT id, canonical_url FROM articles",
        "versions": "SELECT v.id, canonical_url, number FROM versions AS v",
    }
    return {
        table: {row[0]: list(row[1:]) for row in connection.execute(statement)}
        for table, statement in statements.items()
    }

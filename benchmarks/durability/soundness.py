"""Whether an archive kept what it said it would, once whatever happened to it is over.

Looked at from outside: the facts that the writer was told (`benchmarks.durability.workload`), by SQL and by the bytes
that come back; every file, by Python's own gzip; and the whole by `archive verify`, which follows the journal, makes
every row again and compares it with its record.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.captures import to_capture
from archive.dump import rows
from archive.errors import DatelineError
from archive.folder import connect
from archive.store import Archive
from archive.verify import Level, verify
from benchmarks.durability.workload import Fact, go_on

# How a fact is found again: SQL with its values. Each gives a row when the fact is there.
_FOUND = {
    "run": "SELECT 1 FROM runs WHERE id = :run",
    "finished": "SELECT 1 FROM runs WHERE id = :finished AND finished_at NOT NULL",
    "publisher": "SELECT 1 FROM publishers WHERE name = :publisher AND spider = 'tarn'",
    "source": "SELECT 1 FROM sources WHERE url = :source AND entries = :entries",
    "sighting": "SELECT 1 FROM sightings WHERE url = :sighting AND run_id = :run",
    "ended": "SELECT 1 FROM sightings WHERE url = :ended AND outcome NOT NULL",
    "outcome": "SELECT 1 FROM captures WHERE record_id = :outcome AND outcome = :is",
    "version": "SELECT 1 FROM versions WHERE canonical_url = :version AND text = :text",
    "import": "SELECT 1 FROM files WHERE file = :import",
    "refused": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM captures WHERE url = :refused)",
}


def problems(folder: Path, facts: Iterable[Fact], *, goes_on: bool = True) -> list[str]:
    """Open the archive, which repairs it, and say what is wrong: with the facts, the files, the rows, the next run.

    An empty list is an archive that kept its word.
    """
    files = [path for pattern in ("*.warc.gz", "*.warc.gz.open") for path in (folder / "warc").glob(pattern)]
    before = {path.name.removesuffix(".open"): path.read_bytes() for path in files}
    try:
        with Archive.open(folder, min_free=0) as archive:
            found = [f"lost: {_short(fact)}" for fact in facts if not _is_there(archive, fact)]
        if goes_on:
            later: list[Fact] = []
            go_on(folder, later.append)
            with Archive.open(folder, write=False) as archive, closing(archive.connection):
                found += [f"lost by the next run: {_short(fact)}" for fact in later if not _is_there(archive, fact)]
        found += [f"verify: {finding.place}: {finding.problem}" for finding in _findings(folder)]
    except (DatelineError, OSError, zlib.error) as error:
        return [f"{type(error).__name__}: {error}"]
    except Exception as error:  # noqa: BLE001 - any other error is a fault of the archive, not of this program
        return [f"unexpected {type(error).__name__}: {error}"]
    return found + _unreadable(folder) + _bytes_gone(folder, before)


def urls(folder: Path) -> dict[str, Any]:
    """What a crawl came to, whatever its path: how each URL ended, and the text of each article."""
    with closing(connect(folder, write=False)) as connection:
        # a page that a resumed crawl visits again has not changed since: it was extracted
        sql = "SELECT DISTINCT url, replace(outcome, 'unchanged', 'extracted') FROM sightings"
        sighted = connection.execute(sql).fetchall()
        texts = connection.execute("SELECT canonical_url, headline, text FROM articles").fetchall()
    return {"sightings": sorted(map(list, sighted), key=str), "articles": sorted(map(list, texts), key=str)}


def _is_there(archive: Archive, fact: Fact) -> bool:
    kind = next(iter(fact))
    if kind in _FOUND:
        return archive.connection.execute(_FOUND[kind], fact).fetchone() is not None
    cursor = archive.connection.execute("SELECT * FROM captures WHERE record_id = ?", [fact["capture"]])
    row = cursor.fetchone()
    if row is None:
        return False
    fields = dict(zip((column[0] for column in cursor.description), row, strict=True))
    if fields["url"] != fact["url"]:
        return False
    body = archive.page(to_capture(fields)).body
    return fact["sha256"] is None or hashlib.sha256(body).hexdigest() == fact["sha256"]


def _findings(folder: Path) -> list[Any]:
    """What `archive verify` finds in an archive that nobody writes; notes are for archives that wait for repair."""
    return [finding for finding in verify(folder).findings if finding.level is not Level.NOTE]


def _unreadable(folder: Path) -> list[str]:
    found = [f"not sealed: {path.name}" for path in (folder / "warc").glob("*.open")]
    with closing(connect(folder, write=False)) as connection:
        chained = {row["file"] for row in rows(connection, "files")}
    for path in (folder / "warc").glob("*.warc.gz"):
        try:
            gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            found.append(f"unreadable: {path.name}: {error}")
        if f"warc/{path.name}" not in chained:
            found.append(f"a file without a row: {path.name}")
    return found


def _bytes_gone(folder: Path, before: dict[str, bytes]) -> list[str]:
    """Repair may cut a tail off a file, but then `quarantine/` has it."""
    found = []
    for name, data in before.items():
        path = folder / "warc" / name
        kept = path.read_bytes() if path.exists() else b""
        if data == kept:
            continue
        tail = folder / "quarantine" / f"{name}.{len(kept)}.tail"
        if not (data.startswith(kept) and tail.exists() and tail.read_bytes() == data[len(kept) :]):
            found.append(f"bytes are gone: {name} had {len(data)}, has {len(kept)}")
    return found


def _short(fact: Fact) -> str:
    return ", ".join(f"{name} {str(value)[:60]}" for name, value in fact.items())

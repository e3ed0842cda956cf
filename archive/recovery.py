"""Putting an archive back together after its writer was killed.

A file that still ends in `.open` belongs to a run that did not finish, for its writer's lock is free. Its whole
records are kept, what is torn off at its end goes to `quarantine/`. Captures that reached the WARC but not the database
are read back from it: the record and the metadata record beside it hold all that the row needs. It is sealed last, so
that a recovery which is killed itself begins anew.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError, RecordError
from archive.folder import QUARANTINE, WARC
from archive.records import WarcRecord, read_records
from archive.warc import sync_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One exchange found in a WARC file: its main record, and the fields of its metadata record."""

    record: WarcRecord
    fields: dict[str, str]


def unsealed(folder: Path) -> list[Path]:
    """The files that a killed run left behind, oldest first."""
    return sorted((folder / WARC).glob("*.warc.gz.open"))


def cut_torn(folder: Path, path: Path) -> bool:
    """Cut `path` behind its last whole record and keep the tail in quarantine. False when nothing was whole."""
    end = 0
    try:
        for record in read_records(path, max_block=0):
            end = record.offset + record.length
    except RecordError:
        _quarantine_tail(folder, path, end)
    if end == 0:
        path.unlink()
        sync_folder(path.parent)
    return end > 0


def _quarantine_tail(folder: Path, path: Path, end: int) -> None:
    """Copy everything from `end` on to `quarantine/`, sync the copy, then cut the file there."""
    kept = folder / QUARANTINE / f"{path.name.removesuffix('.open')}.{end}.tail"
    try:
        with path.open("r+b") as torn:
            torn.seek(end)
            with kept.open("wb") as copy:
                while piece := torn.read(1 << 20):
                    copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            sync_folder(kept.parent)
            torn.truncate(end)
            os.fsync(torn.fileno())
    except OSError as error:
        raise ArchiveError(
            f"cannot move the torn tail of {path} to {kept}: {error.strerror}; free space and retry"
        ) from error


def exchanges(path: Path) -> Iterator[Found]:
    """Every exchange in a WARC file written by `WarcWriter`, whole or cut short behind its first record."""
    main: WarcRecord | None = None
    for record in read_records(path):
        if record.type == "warcinfo":
            continue
        belongs = record.header("WARC-Concurrent-To")
        if main is not None and belongs == main.record_id:
            if record.type == "metadata":
                yield Found(record=main, fields=parse_fields(record.block))
                main = None
            continue
        if main is not None:
            yield Found(record=main, fields={})
        main = record
        if record.type == "metadata":  # nothing was sent: the name did not resolve, the connection was refused
            yield Found(record=record, fields=parse_fields(record.block))
            main = None
    if main is not None:
        yield Found(record=main, fields={})


def parse_fields(block: bytes) -> dict[str, str]:
    """The `application/warc-fields` of a metadata or warcinfo record."""
    pairs = (line.partition(":") for line in block.decode("utf-8", "replace").splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}

"""Whether the records of one WARC file are whole, and whether the database's rows about that file say what they say."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import atlas, coverage_days, permalinks, stored, tallies
from archive.captures import Found, exchanges, index_line, told_by_record
from archive.errors import RecordError
from archive.folder import OURS
from archive.journal import is_entry, parse_entry
from archive.members import has_digest
from archive.records import Hash, WarcRecord, read_records
from archive.search import index
from archive.warc import SealedFile

# What a row says that its records say, too, as `told_by_record` has it. `error` and `via` are for people; a foreign
# record names no publisher.
_COLUMNS = (
    "captured_at", "url", "kind", "status", "content_type", "length", "record_id", "payload_digest", "ip_address",
    "truncated", "original_at", "intermediary",
)  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Checked:
    """What a file holds: problems for people, the number of records, and those that rows speak of, by offset."""

    problems: list[str] = field(default_factory=list)
    records: int = 0
    captures: dict[int, tuple[Any, ...]] = field(default_factory=dict)  # the values of `_COLUMNS`
    bodies: dict[int, str] = field(default_factory=dict)  # of revisits: the record that has the body
    conversions: dict[int, tuple[str, bytes]] = field(default_factory=dict)  # record id, SHA-256 of the block
    index: list[str] = field(default_factory=list)  # the lines that the index beside the file should have
    entries: list[WarcRecord] = field(default_factory=list)  # of the journal
    sha256: str = ""  # empty where the file could not be read to its end


def check_file(path: Path, *, is_ours: bool) -> Checked:
    """Read every record of a file. What is wrong with imported records was so when they came: only their rows count."""
    checked, content = Checked(), hashlib.sha256()
    try:
        for found in exchanges(_checked_records(path, checked, content, is_ours=is_ours)):
            if is_ours or found.record.type in {"response", "resource", "revisit"}:
                _add_capture(checked, found, is_ours=is_ours)
    except RecordError as error:  # the disk or the bucket does not give it
        checked.problems.append(str(error))
        return checked
    checked.sha256 = content.hexdigest()
    return checked


def _add_capture(checked: Checked, found: Found, *, is_ours: bool) -> None:
    record = found.record
    try:
        told, _ = told_by_record(found)
    except RecordError:  # no row can speak of it
        checked.problems += _wrong_payload(record, None) if is_ours else ()
        return
    checked.problems += _wrong_payload(record, told["payload_digest"]) if is_ours else ()
    checked.captures[record.offset] = tuple(told.values())
    if record.type == "revisit" and (refers_to := record.header("WARC-Refers-To")):
        checked.bodies[record.offset] = refers_to
    if is_ours and (line := index_line(record, told)):
        checked.index.append(line)


def _checked_records(path: Path, checked: Checked, content: Hash, *, is_ours: bool) -> Iterator[WarcRecord]:
    is_growing = path.suffix == ".open"  # its last record may be under way
    on_damage = (lambda _: None) if is_growing or not is_ours else (lambda e: checked.problems.append(str(e)))
    for record in read_records(path, on_damage=on_damage, content=content):
        checked.records += 1
        if is_ours:
            checked.problems += _wrong_block(record)
            checked.problems += _wrong_head(record, path) if checked.records == 1 else ()
        if record.type == "conversion" and is_ours:
            checked.conversions[record.offset] = (record.record_id, hashlib.sha256(record.block).digest())
        elif is_ours and is_entry(record):
            checked.entries.append(record)
        yield record


def sealed_file(path: Path, checked: Checked) -> SealedFile:
    """The description of a finished file that was read through."""
    sequences = [parse_entry(record).sequence for record in checked.entries[:1] + checked.entries[-1:]]
    return SealedFile(
        name=path.name,
        size=stored.noted_size(path),
        sha256=checked.sha256,
        records=checked.records,
        first_sequence=sequences[0] if sequences else None,
        last_sequence=sequences[-1] if sequences else None,
    )


def compare(connection: sqlite3.Connection, name: str, checked: Checked) -> list[str]:
    """What the rows about the file `name` say otherwise than its records."""
    problems: list[str] = []
    sql = f"SELECT offset, {', '.join(_COLUMNS)} FROM captures WHERE file = ?"  # noqa: S608 - constants
    left = dict(checked.captures)
    for offset, *told in connection.execute(sql, [name]):
        row, record = tuple(told), left.pop(offset, None)
        url = row[_COLUMNS.index("url")]
        if record is None:
            problems.append(f"no record at offset {offset}, where the database has the capture of {url}")
        elif offset in checked.bodies and not _is_kept(connection, record, checked.bodies[offset]):
            problems.append(f"the body of the revisit at offset {offset} is in no record that the database knows")
        elif row != record:
            wrong = [column for column, one, other in zip(_COLUMNS, row, record, strict=True) if one != other]
            problems.append(f"the capture at offset {offset} and its row differ: {', '.join(wrong)}")
    if name.startswith(tuple(f"{part}/" for part in OURS)):
        urls = ((offset, record[_COLUMNS.index("url")]) for offset, record in left.items())
        problems += [f"the capture of {url} at offset {offset} has no row" for offset, url in urls]
    sql = "SELECT text_offset, text_record_id, id FROM versions WHERE text_file = ? AND text_offset NOT NULL"
    for offset, record_id, version in connection.execute(sql, [name]):
        if checked.conversions.get(offset, ("", b""))[0] != record_id:
            problems.append(f"no text at offset {offset}, where the database has that of version {version}")
    return problems


def _is_kept(connection: sqlite3.Connection, revisit: tuple[Any, ...], refers_to: str) -> bool:
    """Whether there is a capture with the record that a revisit refers to, and with its payload."""
    sql = "SELECT 1 FROM captures WHERE url = ? AND record_id = ? AND payload_digest = ?"
    url, digest = (revisit[_COLUMNS.index(name)] for name in ("url", "payload_digest"))
    return connection.execute(sql, [url, refers_to, digest]).fetchone() is not None


def search_index(connection: sqlite3.Connection) -> list[str]:
    """Whether search knows every article, by the number of words that it has of each; and what else is kept in step."""
    try:
        kept = (index, atlas, permalinks, coverage_days, tallies)
        wrong = [words for part in kept for words in part.differences(connection)]
    except sqlite3.DatabaseError as error:
        return [f"the search index cannot be read ({error})"]
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return [f"{wrong[0]}{more}"] if wrong else []


def wrong_digests(record: WarcRecord) -> list[str]:
    """What is wrong with a record that this program wrote, by its own digests."""
    wrong = _wrong_block(record)
    if wrong or record.type != "response" or not record.header("WARC-Payload-Digest"):
        return wrong
    return _wrong_payload(record, None)


def _wrong_block(record: WarcRecord) -> list[str]:
    declared = record.header("WARC-Block-Digest")
    if declared is None:
        return [f"{_place(record)} has no block digest: it was not written by this program"]
    if not record.complete:
        return [f"{_place(record)} is too large to be checked"]
    if not has_digest(declared, record.block):
        return [f"{_place(record)} does not have the block that its digest was made of"]
    return []


def _wrong_payload(record: WarcRecord, found: str | None) -> list[str]:
    """`found` is the digest of the payload that a response has, as this program writes it."""
    declared = record.header("WARC-Payload-Digest")
    if not declared or record.type != "response" or not record.complete or declared == found:
        return []
    if has_digest(declared, record.http(decode_body=False).entity):  # written otherwise
        return []
    return [f"{_place(record)} does not have the payload that its digest was made of"]


def _place(record: WarcRecord) -> str:
    return f"record {record.record_id} at offset {record.offset}"


def _wrong_head(record: WarcRecord, path: Path) -> list[str]:
    if record.type != "warcinfo":
        return [f"begins with a {record.type or 'nameless'} record, not with its warcinfo"]
    named = record.header("WARC-Filename")
    name = path.name.removesuffix(".open")
    return [] if named == name else [f"was written as {named}: two files were exchanged or this one was renamed"]

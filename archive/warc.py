"""Writing WARC/1.1: exact bytes, one gzip member a record, on the disk before anything is believed.

A file is called `….warc.gz.open` while it grows and is sealed by a rename: a name without `.open` is a finished file.
An exchange becomes a `response` record (the bytes as received), a `request` record (the bytes sent, without secrets)
and a `metadata` record. The layout follows ISO 28500:2017 (WARC/1.1).
"""

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from archive import cdxj, clock
from archive.errors import ArchiveError, ArchiveNotWritable, refusals_of
from archive.folder import sync_folder
from archive.http_message import HttpMessage
from archive.members import (
    JOURNAL_URI,
    Received,
    certificate_block,
    certificate_member,
    exchange_members,
    member,
    new_record_id,
    public_url,
    receive,
    user_agent,
    warc_date,
    warc_fields,
)
from archive.model import Exchange

# A new file is begun above this, as Common Crawl and browsertrix do.
MAX_SIZE = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenRecord:
    """Where a record went. For an exchange: its response, or without one its request or metadata record.

    `file` is the sealed file's name. `payload_digest` is "sha256:<hex>" of the entity body, empty without a response.
    `message` is the parsed response.
    """

    file: str
    offset: int
    length: int
    record_id: str
    target_uri: str
    payload_digest: str = ""
    message: HttpMessage | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedFile:
    """A finished file: its name, its size in bytes, the SHA-256 of the whole of it, and how many records it holds.

    `first_sequence` and `last_sequence` are those of the journal entries in it, None where there are none.
    """

    name: str
    size: int
    sha256: str
    records: int
    first_sequence: int | None = None
    last_sequence: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    """What of the current file is on the disk."""

    size: int = 0
    content: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    records: int = 0
    first_sequence: int | None = None
    last_sequence: int | None = None
    certificates: Mapping[bytes, str] = field(default_factory=dict)  # block → id of the record that holds it
    indexed: int = 0  # lines of the index

    def plus(self, members: Sequence["_Gathered"]) -> "_Written":
        content = self.content.copy()
        for gathered in members:
            content.update(gathered.data)
        new = [member.sequence for member in members if member.sequence is not None]
        certificates = [member.certificate for member in members if member.certificate is not None]
        return _Written(
            size=self.size + sum(len(gathered.data) for gathered in members),
            content=content,
            records=self.records + len(members),
            first_sequence=self.first_sequence or next(iter(new), None),
            last_sequence=new[-1] if new else self.last_sequence,
            indexed=self.indexed + sum(member.line is not None for member in members),
            certificates={**self.certificates, **dict(certificates)} if certificates else self.certificates,
        )


class _Gathered(NamedTuple):
    data: bytes
    sequence: int | None = None  # of a journal entry
    certificate: tuple[bytes, str] | None = None  # block and id of a record of certificates
    line: str | None = None  # of the index beside the file


class WarcWriter:
    """Appends records to a series of WARC files in `folder`; a context manager that seals the last one.

    `info`, with the state of the clock, becomes the `warcinfo` record at the head of each file. `suffix` goes in front
    of `.warc.gz` (`-text`), `prefix` is made up from time and chance where none is given. A file is begun with its
    first record; when it has grown to `max_size` bytes it is `full`, and whoever writes closes it. Records are gathered
    in memory until `flush` writes and syncs them: nothing is safe before. Not thread-safe: one writer, one thread.
    """

    def __init__(
        self,
        folder: Path,
        *,
        info: Mapping[str, str | None],
        suffix: str = "",
        prefix: str = "",
        max_size: int = MAX_SIZE,
    ) -> None:
        self.folder = folder
        self.info = dict(info)
        self._suffix = suffix
        self._max_size = max_size
        self.prefix = prefix or f"dateline-{clock.now():%Y%m%d%H%M%S%f}"[:-3] + f"-{secrets.token_hex(4)}"
        self._serial = 0
        self._fd: int | None = None
        self._name = ""
        self._info_id = ""
        self._gathered: list[_Gathered] = []
        self._written = self._before = _Written()
        self._index: list[str] = []
        self.is_torn = False  # whether a file had to be left with what a failed `flush` wrote

    def __enter__(self) -> "WarcWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether there is a file to which the next record goes."""
        return self._fd is not None

    @property
    def is_full(self) -> bool:
        """Whether the current file has reached its size."""
        return self.is_open and self._written.size >= self._max_size

    @property
    def gathered(self) -> int:
        """How many records wait for `flush`."""
        return len(self._gathered)

    @property
    def gathered_bytes(self) -> int:
        """How many bytes wait for `flush`."""
        return sum(len(gathered.data) for gathered in self._gathered)

    def drop(self, gathered: int) -> None:
        """Forget the records that were gathered after the first `gathered`."""
        del self._gathered[gathered:]

    def write_exchange(self, exchange: Exchange, received: Received | None = None) -> WrittenRecord:
        """Gather the records of an exchange. Returns where its response record will be (see WrittenRecord).

        `received` is its response, where that has been read already.
        """
        if self._fd is None and not self.info.get("http-header-user-agent"):
            self.info["http-header-user-agent"] = user_agent(exchange.request)
        self._ensure_file()
        main_id, received = new_record_id(), received or receive(exchange)
        members = exchange_members(
            exchange,
            main_id=main_id,
            info_id=self._info_id,
            received=received,
            certificate_id=self._certificate_record(exchange),
        )
        written = WrittenRecord(
            file=self._name,
            offset=self._written.size + self.gathered_bytes,
            length=len(members[0]),
            record_id=main_id,
            target_uri=public_url(exchange.url),
            payload_digest=received.payload_digest if received else "",
            message=received.message if received else None,
        )
        self._gather(*members, line=_index_line(exchange, received, written) if received else None)
        return written

    def write_conversion(
        self, *, refers_to: str, target_uri: str, captured_at: datetime, text: str, language: str | None = None
    ) -> WrittenRecord:
        """Gather the cleaned text of the response record `refers_to` as a `conversion` record."""
        self._ensure_file()
        record_id = new_record_id()
        block = text.encode("utf-8")
        headers = [
            ("WARC-Record-ID", record_id),
            ("WARC-Date", warc_date(captured_at)),
            ("WARC-Target-URI", public_url(target_uri)),
            ("WARC-Refers-To", refers_to),
            ("WARC-Warcinfo-ID", self._info_id),
        ]
        if language:  # as Common Crawl's WET files name it
            headers.append(("WARC-Identified-Content-Language", language))
        record = member("conversion", headers, "text/plain; charset=utf-8", block)
        offset = self._gather(record)
        return WrittenRecord(
            file=self._name, offset=offset, length=len(record), record_id=record_id, target_uri=public_url(target_uri)
        )

    def write_journal(self, sequence: int, block: bytes) -> None:
        """Gather a journal entry (see `archive.journal`) as a `metadata` record."""
        self._ensure_file()
        headers = [
            ("WARC-Record-ID", new_record_id()),
            ("WARC-Date", warc_date(clock.now())),
            ("WARC-Target-URI", JOURNAL_URI),
            ("WARC-Warcinfo-ID", self._info_id),
        ]
        self._gather(member("metadata", headers, "application/json", block), sequence=sequence)

    def _certificate_record(self, exchange: Exchange) -> str | None:
        """The id of the record in this file that holds the server's certificates, gathered where there is none yet."""
        block = certificate_block(exchange)
        if not block:
            return None
        waiting = dict(gathered.certificate for gathered in self._gathered if gathered.certificate)
        record_id = self._written.certificates.get(block) or waiting.get(block)
        if record_id is None:
            record_id = new_record_id()
            data = certificate_member(exchange, block, record_id=record_id, info_id=self._info_id)
            self._gathered.append(_Gathered(data, certificate=(block, record_id)))
        return record_id

    def flush(self) -> None:
        """Write and sync what was gathered.

        Raises ArchiveError; the file is then cut back to where it was, and what was gathered is forgotten.
        """
        if not self._gathered or self._fd is None:
            self._before = self._written  # nothing to take back
            return
        members, self._gathered = self._gathered, []
        self._index += [gathered.line for gathered in members if gathered.line is not None]
        self._before = self._written
        self._written = self._before.plus(members)
        try:
            view = memoryview(b"".join(gathered.data for gathered in members))
            while view:
                view = view[os.write(self._fd, view) :]
            os.fdatasync(self._fd)
        except OSError as error:
            self.take_back()
            raise ArchiveError(
                f"cannot write {self.folder / self._name}.open: {error.strerror}; "
                "nothing of this page was kept, everything before it is safe. Free space and start again"
            ) from error

    def take_back(self) -> None:
        """Cut off what the last `flush` wrote. A file that cannot even be cut is abandoned."""
        self._written = self._before
        del self._index[self._written.indexed :]
        if self._fd is None:
            return
        try:
            os.ftruncate(self._fd, self._written.size)
        except OSError:
            self.is_torn = True
            self.abandon()

    def close(self) -> SealedFile | None:
        """Flush, then seal the current file: sync, make read-only, drop `.open`, sync the folder."""
        if self._fd is None:
            return None
        try:
            self.flush()
            with refusals_of(self.folder / f"{self._name}.open"):
                os.fdatasync(self._fd)
        finally:
            self.abandon()
        sealed = seal(self.folder / f"{self._name}.open")
        if not self._suffix:  # texts are found by the database
            cdxj.write(sealed, self._index)
        written = self._written
        return SealedFile(
            name=self._name,
            size=written.size,
            sha256=written.content.hexdigest(),
            records=written.records,
            first_sequence=written.first_sequence,
            last_sequence=written.last_sequence,
        )

    def abandon(self) -> None:
        """Close the current file without sealing it: who opens the archive next looks what is in it."""
        self._gathered.clear()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _ensure_file(self) -> None:
        """Begin a file with its warcinfo where there is none. Raises ArchiveNotWritable."""
        if self._fd is not None:
            return
        self._name = f"{self.prefix}-{self._serial:05d}{self._suffix}.warc.gz"
        self._serial += 1
        path = self.folder / f"{self._name}.open"
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError as error:
            raise ArchiveNotWritable(
                f"cannot create {path}: {error.strerror}; check the folder's permissions"
            ) from error
        self._written = self._before = _Written()
        self._index.clear()
        self._info_id = new_record_id()
        headers = [
            ("WARC-Record-ID", self._info_id),
            ("WARC-Date", warc_date(clock.now())),
            ("WARC-Filename", self._name),
        ]
        fields = warc_fields({**self.info, "clock": clock.state()})
        self._gathered = [_Gathered(member("warcinfo", headers, "application/warc-fields", fields))]
        try:
            self.flush()
            sync_folder(self.folder)
        except ArchiveError:
            self.abandon()
            with suppress(OSError):  # the next opening will
                path.unlink()  # an empty file is no WARC
            raise

    def _gather(self, *members: bytes, sequence: int | None = None, line: str | None = None) -> int:
        """Returns the offset at which the first of `members` will be; `line` is its in the index."""
        offset = self._written.size + self.gathered_bytes
        self._gathered += [_Gathered(member, sequence) for member in members]
        if line is not None:
            self._gathered[-len(members)] = _Gathered(members[0], sequence, line=line)
        return offset


def _index_line(exchange: Exchange, received: Received, written: WrittenRecord) -> str:
    return cdxj.line(
        record_type="revisit" if received.original else "response",
        url=written.target_uri,
        date=warc_date(exchange.captured_at),
        status=received.message.status,
        content_type=received.message.content_type,
        digest=received.payload_digest,
        offset=written.offset,
        length=written.length,
        file=written.file,
    )


def seal(path: Path) -> Path:
    """Turn the finished `….warc.gz.open` at `path` into a read-only `….warc.gz`; survives a power cut."""
    final = path.with_suffix("")
    with refusals_of(path):
        path.chmod(0o444)
        path.rename(final)
    sync_folder(path.parent)
    return final

"""Writing WARC/1.1: exact bytes, one gzip member a record, on the disk before anything is believed.

A file is called `….warc.gz.open` while it grows and is sealed by a rename: a name without `.open` is a finished file.
An exchange becomes a `response` record (the bytes as received), a `request` record (the bytes sent, without secrets)
and a `metadata` record. The layout follows ISO 28500:2017 (WARC/1.1).
"""

import hashlib
import os
import re
import secrets
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from urllib.parse import quote

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archive.errors import ArchiveError, ArchiveNotWritable
from archive.http_message import HttpMessage, parse_response
from archive.model import Exchange
from archive.records import WarcRecord, read_record, read_records

__all__ = ["WarcRecord", "WarcWriter", "WrittenRecord", "digest", "read_record", "read_records"]

VERSION = "WARC/1.1"

# A new file is begun above this, as Common Crawl and browsertrix do.
MAX_SIZE = 1_000_000_000

# The WARC-Target-URI of the records that hold the database's changes; see `archive.journal`.
JOURNAL_URI = "urn:dateline:journal"

# zlib 6 is 30 % faster than 9 and 0.3 % larger on news pages.
_LEVEL = 6

# What a request may carry that must not be published with the archive.
_SECRET = re.compile(rb"^(?:cookie|authorization|proxy-authorization)[ \t]*:", re.IGNORECASE)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")

# "https://user:secret@host/path"
_USERINFO = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#@]*@", re.IGNORECASE)

_Headers = Sequence[tuple[str, str]]


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


def digest(data: bytes) -> str:
    """A labelled SHA-256 as WARC headers and the database write it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def header_value(value: str) -> str:
    """`value` with all percent-encoded that could end a header line: a forged record needs a CR LF."""
    return _CONTROLS.sub(lambda match: quote(match[0].encode("utf-8", "surrogatepass")), value).strip()


def public_url(url: str) -> str:
    """`url` as it may be written down: without user and password, controls percent-encoded."""
    return header_value(_USERINFO.sub(r"\1", url))


class _ExactWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """warcio's writer, kept from adding digests of its own: SHA-1, and on records that have no payload."""

    NO_PAYLOAD_DIGEST_TYPES = ("warcinfo", "response", "request", "metadata", "conversion", "revisit", "resource")


def _member(record_type: str, headers: _Headers, content_type: str, block: bytes) -> bytes:
    """One record as one gzip member. `block` stays as it is: given no HTTP headers, warcio re-serialises nothing."""
    fields = [("WARC-Type", record_type), *((name, header_value(value)) for name, value in headers)]
    fields.append(("WARC-Block-Digest", digest(block)))
    record = ArcWarcRecord(
        "warc",
        record_type,
        StatusAndHeaders("", fields, protocol=VERSION),
        BytesIO(block),
        None,
        content_type,
        len(block),
    )
    plain = BytesIO()
    _ExactWriter(plain, gzip=False, warc_version=VERSION).write_record(record)
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    return compressor.compress(plain.getbuffer()) + compressor.flush()


def warc_fields(fields: Mapping[str, str | None]) -> bytes:
    """An `application/warc-fields` block; fields without a value are left out."""
    lines = (f"{name}: {header_value(value)}\r\n" for name, value in fields.items() if value)
    return "".join(lines).encode("utf-8")


def new_record_id() -> str:
    """A WARC-Record-ID; random, so that no host or time leaks from it."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_date(moment: datetime) -> str:
    """WARC-Date in UTC; WARC/1.1 allows a fraction of a second."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


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

    def plus(self, members: Sequence["_Gathered"]) -> "_Written":
        content = self.content.copy()
        for member in members:
            content.update(member.data)
        new = [member.sequence for member in members if member.sequence is not None]
        return _Written(
            size=self.size + sum(len(member.data) for member in members),
            content=content,
            records=self.records + len(members),
            first_sequence=self.first_sequence or next(iter(new), None),
            last_sequence=new[-1] if new else self.last_sequence,
        )


class _Gathered(NamedTuple):
    data: bytes
    sequence: int | None = None  # of a journal entry


class WarcWriter:
    """Appends records to a series of WARC files in `folder`; a context manager that seals the last one.

    `info` becomes the `warcinfo` record at the head of each file. `suffix` goes in front of `.warc.gz` (`-text`),
    `prefix` is made up from time and chance where none is given. A file is begun with its first record; when it has
    grown to `max_size` bytes it is `full`, and whoever writes closes it. Records are gathered in memory until `flush`
    writes and syncs them: nothing is safe before. Not thread-safe: one writer, one thread.
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
        self.prefix = prefix or f"dateline-{datetime.now(UTC):%Y%m%d%H%M%S%f}"[:-3] + f"-{secrets.token_hex(4)}"
        self._serial = 0
        self._fd: int | None = None
        self._name = ""
        self._info_id = ""
        self._gathered: list[_Gathered] = []
        self._written = self._before = _Written()

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
        return sum(len(member.data) for member in self._gathered)

    def drop(self, gathered: int) -> None:
        """Forget the records that were gathered after the first `gathered`."""
        del self._gathered[gathered:]

    def write_exchange(self, exchange: Exchange) -> WrittenRecord:
        """Gather the records of an exchange. Returns where its response record will be (see WrittenRecord)."""
        if self._fd is None and not self.info.get("http-header-user-agent"):
            self.info["http-header-user-agent"] = _user_agent(exchange.request)
        self._ensure_file()
        request, dropped = _without_secrets(exchange.request)
        message = parse_response(exchange.response) if exchange.response else None
        payload_digest = digest(message.entity) if message else ""
        main_id = new_record_id()
        shared = [
            ("WARC-Date", warc_date(exchange.captured_at)),
            ("WARC-Target-URI", public_url(exchange.url)),
            ("WARC-Warcinfo-ID", self._info_id),
        ]
        if exchange.ip_address:
            shared.append(("WARC-IP-Address", exchange.ip_address))
        members: list[bytes] = []
        if message is not None:
            headers = [("WARC-Record-ID", main_id), *shared]
            if _digest_is_checkable(exchange.response, message.entity):
                headers.append(("WARC-Payload-Digest", payload_digest))
            if exchange.truncated:
                headers.append(("WARC-Truncated", exchange.truncated))
            members.append(_member("response", headers, "application/http; msgtype=response", exchange.response))
        if request:
            identity = [("WARC-Record-ID", new_record_id()), ("WARC-Concurrent-To", main_id)]
            headers = [*(identity if members else [("WARC-Record-ID", main_id)]), *shared]
            members.append(_member("request", headers, "application/http; msgtype=request", request))
        identity = [("WARC-Record-ID", new_record_id()), ("WARC-Concurrent-To", main_id)]
        headers = [*(identity if members else [("WARC-Record-ID", main_id)]), *shared]
        fields = _metadata(exchange, dropped, payload_digest)
        members.append(_member("metadata", headers, "application/warc-fields", fields))
        offset = self._gather(*members)
        return WrittenRecord(
            file=self._name,
            offset=offset,
            length=len(members[0]),
            record_id=main_id,
            target_uri=public_url(exchange.url),
            payload_digest=payload_digest,
            message=message,
        )

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
        member = _member("conversion", headers, "text/plain; charset=utf-8", block)
        offset = self._gather(member)
        return WrittenRecord(
            file=self._name, offset=offset, length=len(member), record_id=record_id, target_uri=public_url(target_uri)
        )

    def write_journal(self, sequence: int, block: bytes) -> None:
        """Gather a journal entry (see `archive.journal`) as a `metadata` record."""
        self._ensure_file()
        headers = [
            ("WARC-Record-ID", new_record_id()),
            ("WARC-Date", warc_date(datetime.now(UTC))),
            ("WARC-Target-URI", JOURNAL_URI),
            ("WARC-Warcinfo-ID", self._info_id),
        ]
        self._gather(_member("metadata", headers, "application/json", block), sequence=sequence)

    def flush(self) -> None:
        """Write and sync what was gathered.

        Raises ArchiveError; the file is then cut back to where it was, and what was gathered is forgotten.
        """
        if not self._gathered or self._fd is None:
            return
        members, self._gathered = self._gathered, []
        self._before = self._written
        self._written = self._before.plus(members)
        try:
            view = memoryview(b"".join(member.data for member in members))
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
        if self._fd is None:
            return
        try:
            os.ftruncate(self._fd, self._written.size)
        except OSError:
            self.abandon()

    def close(self) -> SealedFile | None:
        """Flush, then seal the current file: sync, make read-only, drop `.open`, sync the folder."""
        if self._fd is None:
            return None
        try:
            self.flush()
            os.fdatasync(self._fd)
        finally:
            self.abandon()
        seal(self.folder / f"{self._name}.open")
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
        self._info_id = new_record_id()
        headers = [
            ("WARC-Record-ID", self._info_id),
            ("WARC-Date", warc_date(datetime.now(UTC))),
            ("WARC-Filename", self._name),
        ]
        self._gathered = [_Gathered(_member("warcinfo", headers, "application/warc-fields", warc_fields(self.info)))]
        try:
            self.flush()
        except ArchiveError:
            self.abandon()
            path.unlink()  # an empty file is no WARC
            raise
        sync_folder(self.folder)

    def _gather(self, *members: bytes, sequence: int | None = None) -> int:
        """Returns the offset at which the first of `members` will be."""
        offset = self._written.size + self.gathered_bytes
        self._gathered += [_Gathered(member, sequence) for member in members]
        return offset


def seal(path: Path) -> Path:
    """Turn the finished `….warc.gz.open` at `path` into a read-only `….warc.gz`; survives a power cut."""
    final = path.with_suffix("")
    path.chmod(0o444)
    path.rename(final)
    sync_folder(path.parent)
    return final


def sync_folder(folder: Path) -> None:
    """Make names created or changed in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _digest_is_checkable(response: bytes, entity: bytes) -> bool:
    """Whether readers that take the payload for everything behind the first header block agree with the standard.

    The standard's payload is the entity body without transfer coding. `warcio check` hashes the chunk framing too and
    calls the right digest of a chunked response wrong, so there it stays out of the header and goes into the metadata
    record.
    """
    stream = BytesIO(response)
    StatusAndHeadersParser([], verify=False).parse(stream)
    return response[stream.tell() :] == entity


def _user_agent(request: bytes) -> str | None:
    found = re.search(rb"^user-agent[ \t]*:[ \t]*([^\r\n]+)", request, re.IGNORECASE | re.MULTILINE)
    return found[1].decode("latin-1").strip() if found else None


def _without_secrets(request: bytes) -> tuple[bytes, list[str]]:
    """The request without header lines that carry credentials, and the names of those dropped."""
    head, blank, body = request.partition(b"\r\n\r\n")
    kept: list[bytes] = []
    dropped: list[str] = []
    in_secret = False
    for line in head.split(b"\r\n"):
        in_secret = bool(_SECRET.match(line)) or (in_secret and line[:1] in (b" ", b"\t"))
        if not in_secret:
            kept.append(line)
        elif b":" in line:
            dropped.append(line.partition(b":")[0].decode("latin-1"))
    if not dropped:
        return request, []
    return b"\r\n".join(kept) + blank + body, dropped


def _metadata(exchange: Exchange, dropped: Sequence[str], payload_digest: str) -> bytes:
    """What is known of an exchange beside its bytes. `via` and `fetchTimeMs` are the standard's names."""
    certificate = "sha256:" + hashlib.sha256(exchange.certificate).hexdigest() if exchange.certificate else None
    return warc_fields(
        {
            "via": public_url(exchange.via) if exchange.via else None,
            "fetchTimeMs": None if exchange.fetch_ms is None else str(exchange.fetch_ms),
            "kind": exchange.kind,
            "publisher": exchange.publisher,
            "entityDigest": payload_digest,
            "certificateDigest": certificate,
            "requestHeadersDropped": ", ".join(dropped),
            "error": exchange.error,
        }
    )

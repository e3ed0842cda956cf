"""Captures as rows: from an exchange just written, or read back from its records."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive import cdxj
from archive.articles import storable, utc
from archive.errors import RecordError
from archive.folder import WARC
from archive.http_message import HttpMessage
from archive.members import CERTIFICATE_URI, JOURNAL_URI, digest, public_url
from archive.model import Capture, Exchange, Original
from archive.records import WarcRecord
from archive.warc import WrittenRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One exchange found in a WARC file: its main record, and the fields of its metadata record."""

    record: WarcRecord
    fields: dict[str, str]


def exchange_row(exchange: Exchange, written: WrittenRecord, run_id: int | None) -> dict[str, Any]:
    message, original = written.message, exchange.original
    via = original.address if original else exchange.via
    return {
        "captured_at": instant(exchange.captured_at),
        "url": public_url(original.url) if original else written.target_uri,
        "publisher": exchange.publisher,
        "kind": exchange.kind,
        "status": message.status if message else None,
        "content_type": storable(message.content_type) if message else None,
        "file": f"{WARC}/{written.file}",
        "offset": written.offset,
        "length": written.length,
        "record_id": written.record_id,
        "payload_digest": written.payload_digest or None,
        "ip_address": exchange.ip_address,
        "via": public_url(via) if via else None,
        "truncated": exchange.truncated if exchange.response else None,  # of a request alone there is nothing to cut
        "error": storable(exchange.error) if exchange.error else (message.incomplete if message else None),
        "run_id": run_id,
        "original_at": utc(original.captured_at) if original else None,
        "intermediary": original.intermediary if original else None,
        **_validators(None if original else message),  # an intermediary's own say nothing to the publisher
    }


def record_row(found: Found, file: str, run_id: int | None) -> dict[str, Any]:
    """The row of a capture that is read from its record: one whose row was lost, or one of a foreign file."""
    record, fields = found.record, found.fields
    told, message = told_by_record(found, decode_body=True)
    intermediary = told["intermediary"]
    is_whole = record.type != "revisit"  # what is missing of one stands in another record
    return {
        **told,
        "publisher": fields.get("publisher"),
        "file": file,
        "offset": record.offset,
        "via": fields.get("memento" if intermediary else "via"),
        "error": fields.get("error") or (message.incomplete if message and is_whole else None),
        "run_id": run_id,
        **_validators(None if intermediary else message),
    }


def told_by_record(found: Found, *, decode_body: bool = False) -> tuple[dict[str, Any], HttpMessage | None]:
    """What a capture's row must say if its records are to be believed, and the response, where there is one.

    With `decode_body` the response says whether the content coding of its body is whole. Raises RecordError where no
    row can speak of the record.
    """
    record = found.record
    if not record.target_uri:
        raise RecordError(f"{record.path}: record at offset {record.offset} has no WARC-Target-URI")
    # of a response that was whole: what is missing stands in another record
    is_revisit = record.type == "revisit" and record.block[:5] == b"HTTP/"
    is_resource = record.type == "resource"  # the bytes of a file, without HTTP around them
    is_http = (record.header("Content-Type") or "").lower().startswith("application/http")
    is_response = record.type == "response" and (is_http or record.block[:5] == b"HTTP/")
    message = record.http(keep_body=False, decode_body=decode_body) if is_response or is_revisit else None
    payload = message.entity if message else record.block
    is_whole = record.complete and (message is not None or is_resource)
    content_type = record.header("Content-Type") if is_resource else message and message.content_type
    intermediary = found.fields.get("intermediary")
    told = {
        "captured_at": instant(record.date),
        "url": found.fields.get("originalUri", record.target_uri) if intermediary else record.target_uri,
        "kind": found.fields.get("kind", "page"),
        "status": message.status if message else (200 if is_resource else None),
        "content_type": storable(content_type),
        "length": record.length,
        "record_id": record.record_id,
        "payload_digest": record.header("WARC-Payload-Digest") if is_revisit else digest(payload) if is_whole else None,
        "ip_address": record.header("WARC-IP-Address"),
        "truncated": None if is_revisit else record.header("WARC-Truncated"),
        "original_at": found.fields.get("originalDate") if intermediary else None,
        "intermediary": intermediary,
    }
    return told, message


def _validators(message: HttpMessage | None) -> dict[str, str | None]:
    """What the server wants to hear again when it is asked whether the body has changed (RFC 9110, section 8.8)."""
    return {
        "etag": storable(message.header("ETag")) if message else None,
        "last_modified": storable(message.header("Last-Modified")) if message else None,
    }


def index_line(record: WarcRecord, told: Mapping[str, Any]) -> str | None:
    """The line of a capture in the index beside its file, from its record and what it told; None without an answer."""
    if record.type not in {"response", "revisit", "resource"}:
        return None
    return cdxj.line(
        record_type=record.type,
        url=record.target_uri or "",  # what replay asks for: of a capture by an intermediary not what its row is about
        date=record.header("WARC-Date") or "",
        status=told["status"],
        content_type=told["content_type"],
        digest=told["payload_digest"],
        offset=record.offset,
        length=record.length,
        file=record.path.name.removesuffix(".open"),
    )


def instant(moment: datetime) -> str:
    """A capture's time, to the second like every stored time; the WARC record keeps the fraction."""
    return utc(moment) or ""


def to_capture(fields: Mapping[str, Any]) -> Capture:
    return Capture(
        id=fields["id"],
        url=fields["url"],
        captured_at=datetime.fromisoformat(fields["captured_at"]),
        status=fields["status"],
        content_type=fields["content_type"],
        file=fields["file"],
        offset=fields["offset"],
        length=fields["length"],
        record_id=fields["record_id"],
        payload_digest=fields["payload_digest"] or "",
        publisher=fields["publisher"],
        kind=fields["kind"],
        original=_original(fields) if fields["intermediary"] else None,
    )


def _original(fields: Mapping[str, Any]) -> Original:
    captured_at = fields["original_at"]
    return Original(
        url=fields["url"],
        address=fields["via"] or "",
        intermediary=fields["intermediary"],
        captured_at=datetime.fromisoformat(captured_at) if captured_at else None,
    )


def exchanges(records: Iterable[WarcRecord]) -> Iterator[Found]:
    """Every exchange among the records of a file that `WarcWriter` wrote, whole or cut behind its first record.

    Records that belong to one that is not in front of them are what a repair saved of an exchange that is lost.
    """
    main: WarcRecord | None = None
    for record in records:
        if record.type in {"warcinfo", "conversion"} or _is_ours_alone(record):
            continue
        belongs = record.header("WARC-Concurrent-To")
        if belongs is not None:  # or to a response that was lost when its file was damaged
            if main is not None and belongs == main.record_id and record.type == "metadata":
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


def _is_ours_alone(record: WarcRecord) -> bool:
    """Whether a record is about the archive or a server, not about one exchange."""
    if record.type != "metadata":
        return False
    uri = record.target_uri or ""
    return uri == JOURNAL_URI or uri.startswith(CERTIFICATE_URI)


def parse_fields(block: bytes) -> dict[str, str]:
    """The `application/warc-fields` of a metadata or warcinfo record."""
    pairs = (line.partition(":") for line in block.decode("utf-8", "replace").splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}

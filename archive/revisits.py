"""Bodies that the archive has already are not written again: when a capture is a `revisit`, and how it is read whole.

A revisit record (ISO 28500:2017, 6.7) keeps all that the server sent before the body, exactly, and names the record
that has the body. It is written only where reading that record back, there and then, gives the same bytes, and where
head and body together are the response to the byte. Framing in chunks could not be made again, so such a response is
written in full however often it comes.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlite_utils import Database

from archive.errors import RecordError
from archive.folder import IMPORTED
from archive.members import (
    NOT_MODIFIED,
    Received,
    digest,
    public_url,
    receive,
)
from archive.model import Exchange
from archive.records import WarcRecord, read_record

# Bytes of a body; the fields that a revisit has in addition take a third of this.
MIN_BODY = 1024

# How many captures of a URL, the newest first, are looked through for the same body.
_LOOK_BACK = 20

_SAME = f"""
SELECT file, offset FROM (SELECT * FROM captures WHERE url = ? ORDER BY id DESC LIMIT {_LOOK_BACK})
WHERE payload_digest = ? AND status = 200 AND truncated IS NULL AND intermediary IS NULL
AND file NOT LIKE '{IMPORTED}/%'
ORDER BY id DESC LIMIT 1
"""  # noqa: S608 - constants

_NAMED = f"SELECT file, offset FROM captures WHERE record_id = ? AND url = ? AND file NOT LIKE '{IMPORTED}/%'"  # noqa: S608


class Revisits:
    """Finds the records that others refer to. `locate` gives the path of a file of the archive, sealed or growing."""

    def __init__(self, db: Database, locate: Callable[[str], Path]) -> None:
        self._db = db
        self._locate = locate

    def receive(self, exchange: Exchange) -> Received | None:
        """Read the response of an exchange, and find the record that has its body already, if there is one."""
        received = receive(exchange)
        if exchange.original is not None:  # of a page the publisher's own answers are compared, not other archives'
            return received
        original = self._original(exchange, received) if received is not None else None
        if received is None or original is None:
            return received
        # of a 304 the digest is that of what still holds
        return replace(received, original=original, payload_digest=digest(original.http(decode_body=False).entity))

    def _original(self, exchange: Exchange, received: Received) -> WarcRecord | None:
        if received.message.status == 304 and exchange.refers_to:
            return self._response(_NAMED, exchange.refers_to, public_url(exchange.url))
        if not _is_reproducible(exchange, received):
            return None
        found = self._response(_SAME, public_url(exchange.url), received.payload_digest)
        return found if found is not None and found.http(decode_body=False).entity == received.message.entity else None

    def has(self, record_id: str, url: str) -> bool:
        """Whether the response record of that name, or the one that it refers to, is there and whole."""
        return self._response(_NAMED, record_id, url) is not None

    def whole(self, record: WarcRecord) -> WarcRecord:
        """`record` with the response that it stands for; one that is no revisit comes back as it is.

        Of a revisit whose body was not modified (304), that is the response which still holds. Raises RecordError
        where the record that has the body is lost.
        """
        if record.type != "revisit":
            return record
        name = record.header("WARC-Refers-To") or ""
        uri = record.header("WARC-Refers-To-Target-URI") or record.target_uri
        found = self._response(_NAMED, name, uri)
        place = f"{record.path}: the body of the revisit at offset {record.offset} is in record {name} of {uri}"
        if found is None:
            raise RecordError(f"{place}, which is lost; `archive verify` says what else is")
        entity = found.http(decode_body=False).entity
        if digest(entity) != record.header("WARC-Payload-Digest"):
            raise RecordError(f"{place}, which has another body; run `archive verify`")
        block = found.block if record.header("WARC-Profile") == NOT_MODIFIED else record.block + entity
        headers = tuple(header for header in record.headers if header[0] != "WARC-Truncated")
        return replace(record, headers=headers, block=block, block_length=len(block))

    def _response(self, sql: str, *values: str | None) -> WarcRecord | None:
        """The response record at the place that `sql` gives, or that the revisit there refers to; None if lost."""
        for _ in range(2):
            place = self._db.execute(sql, values).fetchone()
            if place is None:
                return None
            try:
                record = read_record(self._locate(place[0]), place[1])
            except RecordError:  # damaged, or gathered and not written yet
                return None
            if record.type != "revisit":
                return record if record.type == "response" and record.complete else None
            sql, values = _NAMED, (record.header("WARC-Refers-To"), record.target_uri)
        return None


def _is_reproducible(exchange: Exchange, received: Received) -> bool:
    """Whether head and entity, one behind the other, are the whole response, and it is worth leaving the entity out."""
    message = received.message
    return (
        message.status == 200
        and message.incomplete is None
        and not (exchange.truncated or exchange.error)
        and len(message.entity) >= MIN_BODY
        and exchange.response[received.body_from :] == message.entity
    )

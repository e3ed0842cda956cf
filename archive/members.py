"""WARC records as they are written: the bytes of one gzip member each, after ISO 28500:2017 (WARC/1.1)."""

import base64
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from struct import pack
from urllib.parse import quote

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from zlib_ng import zlib_ng

from archive.http_message import HttpMessage, parse_response
from archive.model import Exchange
from archive.records import WarcRecord

VERSION = "WARC/1.1"

# The WARC-Target-URI of the records that hold the database's changes; see `archive.journal`.
JOURNAL_URI = "urn:dateline:journal"

# The WARC-Target-URI of a server's certificates begins so; the SHA-256 of its own (DER, hexadecimal) follows.
CERTIFICATE_URI = "urn:dateline:certificate:"

# WARC-Profile of the two kinds of revisit (ISO 28500:2017, 6.7.2 and 6.7.3).
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

# Level 6 is 30 % faster than 9 and 0.3 % larger on news pages; zlib-ng's 6 takes half of zlib's time and is no larger.
_LEVEL = 6
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"  # RFC 1952, 2.3: deflate, no name, no time, Unix

# What a request may carry that must not be published with the archive.
_SECRET = re.compile(rb"^(?:cookie|authorization|proxy-authorization)[ \t]*:", re.IGNORECASE)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")

# "https://user:secret@host/path"
_USERINFO = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#@]*@", re.IGNORECASE)

_Headers = Sequence[tuple[str, str]]


def digest(data: bytes) -> str:
    """A labelled SHA-256 as WARC headers and the database write it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def has_digest(declared: str, data: bytes) -> bool:
    """Whether `algorithm:value`, in hexadecimal or base 32, is the digest of `data`; unknown algorithms pass."""
    if declared == digest(data):  # as this program writes it
        return True
    algorithm, _, value = declared.strip().partition(":")
    if algorithm.lower() not in {"sha1", "sha256", "sha512", "md5"}:
        return True
    found = hashlib.new(algorithm.lower(), data, usedforsecurity=False).digest()
    return value.lower() == found.hex() or value.upper().rstrip("=") == base64.b32encode(found).decode().rstrip("=")


def header_value(value: str) -> str:
    """`value` with all percent-encoded that could end a header line: a forged record needs a CR LF."""
    return _CONTROLS.sub(lambda match: quote(match[0].encode("utf-8", "surrogatepass")), value).strip()


def public_url(url: str) -> str:
    """`url` as it may be written down: without user and password, controls percent-encoded."""
    return header_value(_USERINFO.sub(r"\1", url))


def member(
    record_type: str, headers: _Headers, content_type: str, block: bytes, *, packed_from: int | None = None
) -> bytes:
    """One record as one gzip member. `block` stays as it is.

    `packed_from`: where in `block` bytes begin that are compressed already; to deflate them again gains nothing.
    """
    fields = [("WARC-Type", record_type), *((name, header_value(value)) for name, value in headers)]
    fields += [
        ("WARC-Block-Digest", digest(block)),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    # warcio's writer would add digests of its own, SHA-1, and leave out the block of a revisit
    head = StatusAndHeaders("", fields, protocol=VERSION).to_bytes(encoding="utf-8")
    return _gzipped(head + block + b"\r\n\r\n", None if packed_from is None else len(head) + packed_from)


def _gzipped(data: bytes, stored_from: int | None) -> bytes:
    """A gzip member (RFC 1952) of `data`, whose bytes from `stored_from` on are stored blocks (RFC 1951, 3.2.4)."""
    if stored_from is None:
        packer = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, 31)
        return packer.compress(data) + packer.flush()
    # Two raw streams one behind the other are one, if the first ends at a byte and not with the last block
    packer = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -15)
    head = packer.compress(data[:stored_from]) + packer.flush(zlib_ng.Z_SYNC_FLUSH)
    storer = zlib_ng.compressobj(0, zlib_ng.DEFLATED, -15)
    body = storer.compress(memoryview(data)[stored_from:]) + storer.flush()
    return b"".join((_GZIP_HEAD, head, body, pack("<LL", zlib_ng.crc32(data), len(data) & 0xFFFFFFFF)))


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


def certificate_block(exchange: Exchange) -> bytes:
    """The certificates that the server sent, its own first, as PEM (RFC 8555, 9.1); empty for a connection in clear."""
    if exchange.certificate is None:
        return b""
    return b"".join(map(_pem, (exchange.certificate, *(exchange.tls.issuers if exchange.tls else ()))))


def certificate_member(exchange: Exchange, block: bytes, *, record_id: str, info_id: str) -> bytes:
    """The `metadata` record that holds `block`, the certificates of a server."""
    headers = [
        ("WARC-Record-ID", record_id),
        ("WARC-Date", warc_date(exchange.captured_at)),
        ("WARC-Target-URI", CERTIFICATE_URI + hashlib.sha256(exchange.certificate or b"").hexdigest()),
        ("WARC-Warcinfo-ID", info_id),
    ]
    return member("metadata", headers, "application/pem-certificate-chain", block)


def _pem(certificate: bytes) -> bytes:
    """RFC 7468: base 64 in lines of 64 characters."""
    text = base64.b64encode(certificate)
    lines = (text[begin : begin + 64] for begin in range(0, len(text), 64))
    return b"\n".join((b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""))


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A response as it was read: `payload_digest` is "sha256:<hex>" of the entity body.

    `body_from` is where its first header block ends, blank line included. `original` is the record that has its body
    already, where there is one: it then becomes a revisit.
    """

    message: HttpMessage
    payload_digest: str
    body_from: int
    original: WarcRecord | None = None


def receive(exchange: Exchange) -> Received | None:
    """Read the response of an exchange; None where there was none."""
    if not exchange.response:
        return None
    message = parse_response(exchange.response, keep_body=False)
    return Received(message=message, payload_digest=digest(message.entity), body_from=_header_length(exchange.response))


def exchange_members(
    exchange: Exchange, *, main_id: str, info_id: str, received: Received | None, certificate_id: str | None = None
) -> list[bytes]:
    """The records of an exchange: `response` or `revisit`, `request` (as sent, without secrets), `metadata`.

    The first of them has the id `main_id`, the others refer to it. `certificate_id` is that of the record which holds
    the server's certificates.
    """
    request, dropped = _without_secrets(exchange.request)
    shared = [
        ("WARC-Date", warc_date(exchange.captured_at)),
        ("WARC-Target-URI", public_url(exchange.url)),
        ("WARC-Warcinfo-ID", info_id),
    ]
    if exchange.ip_address:
        shared.append(("WARC-IP-Address", exchange.ip_address))
    members: list[bytes] = []
    if received is not None:
        members.append(_answer(exchange, received, [("WARC-Record-ID", main_id), *shared]))
    if request:
        identity = [("WARC-Record-ID", new_record_id()), ("WARC-Concurrent-To", main_id)]
        headers = [*(identity if members else [("WARC-Record-ID", main_id)]), *shared]
        members.append(member("request", headers, "application/http; msgtype=request", request))
    identity = [("WARC-Record-ID", new_record_id()), ("WARC-Concurrent-To", main_id)]
    headers = [*(identity if members else [("WARC-Record-ID", main_id)]), *shared]
    fields = _metadata(exchange, dropped, received.payload_digest if received else "", certificate_id)
    members.append(member("metadata", headers, "application/warc-fields", fields))
    return members


def _answer(exchange: Exchange, received: Received, headers: list[tuple[str, str]]) -> bytes:
    """The `response` record, or the `revisit` record with what of the response is not in another record already."""
    record_type, block, original = "response", exchange.response, received.original
    body_from = received.body_from
    if original is not None:
        record_type = "revisit"
        headers += [
            ("WARC-Profile", NOT_MODIFIED if received.message.status == 304 else IDENTICAL),
            ("WARC-Refers-To", original.record_id),
            ("WARC-Refers-To-Target-URI", original.target_uri or ""),
            ("WARC-Refers-To-Date", original.header("WARC-Date") or ""),
            ("WARC-Payload-Digest", received.payload_digest),
        ]
        if received.message.status != 304:  # 6.7.2: what is left of a response is marked as cut
            block = block[:body_from]
            headers.append(("WARC-Truncated", "length"))
    elif block[body_from:] == received.message.entity:
        # The standard's payload is the entity body without transfer coding. `warcio check` hashes the chunk framing
        # too and calls the right digest of a chunked response wrong: there it stands in the metadata record alone.
        headers.append(("WARC-Payload-Digest", received.payload_digest))
    if exchange.truncated:
        headers.append(("WARC-Truncated", exchange.truncated))
    # a body that only claims to be gzipped is worth compressing
    is_packed = record_type == "response" and received.message.entity[:2] == b"\x1f\x8b"
    packed_from = body_from if is_packed else None
    return member(record_type, headers, "application/http; msgtype=response", block, packed_from=packed_from)


def _header_length(response: bytes) -> int:
    stream = BytesIO(response)
    StatusAndHeadersParser([], verify=False).parse(stream)
    return stream.tell()


def user_agent(request: bytes) -> str | None:
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


def _metadata(exchange: Exchange, dropped: Sequence[str], payload_digest: str, certificate_id: str | None) -> bytes:
    """What is known of an exchange beside its bytes. `via` and `fetchTimeMs` are the standard's names."""
    tls, original = exchange.tls, exchange.original
    handed_on_at = original.captured_at if original else None
    return warc_fields(
        {
            "intermediary": original.intermediary if original else None,
            "memento": public_url(original.address) if original else None,
            "originalUri": public_url(original.url) if original else None,
            "originalDate": handed_on_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if handed_on_at else None,
            "via": public_url(exchange.via) if exchange.via else None,
            "fetchTimeMs": None if exchange.fetch_ms is None else str(exchange.fetch_ms),
            "kind": exchange.kind,
            "publisher": exchange.publisher,
            "entityDigest": payload_digest,
            "tlsProtocol": tls.protocol if tls else None,
            "tlsCipher": tls.cipher if tls else None,
            "certificateVerified": ("yes" if tls.verified else "no") if tls else None,
            "certificateDigest": digest(exchange.certificate) if exchange.certificate else None,
            "certificateRecord": certificate_id,
            "requestHeadersDropped": ", ".join(dropped),
            "error": exchange.error,
        }
    )

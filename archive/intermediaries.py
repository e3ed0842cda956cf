"""What an intermediary, somebody else's archive, answered: whether it is a capture, of when, and the publisher's bytes.

Kept is the exchange with the intermediary, byte for byte; here is read what of the publisher is in it. Two ways are
known: a *memento* (RFC 7089) is replayed under an address with 14 digits and `id_`, which asks for the bytes as they
were captured; a *member* is cut out of a WARC file with a Range request (RFC 9110, section 14) and is a WARC record.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from archive.content_coding import decode
from archive.errors import RecordError
from archive.http_message import HttpMessage, parse_response
from archive.members import has_digest
from archive.model import Original, Outcome
from archive.records import GZIP_MAGIC, MAX_BLOCK, parse_member

# "https://web.archive.org/web/20160504102030id_/https://www.rt.com/news/1-a/"
_REPLAYED = re.compile(r"/(\d{14})id_/(https?://.+)$", re.IGNORECASE | re.DOTALL)
_MEMBER = re.compile(r"#bytes=(\d+)-(\d+)$")
_DATE = re.compile(rb"^memento-datetime[ \t]*:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)

# "AdministrativeAccessControlException: Blocked Site Error", "RobotAccessControlException: Blocked By Robots": names of
# classes of the open wayback machine, which its servers put into a header and into the text of an error.
_EXCLUDED = re.compile(r"\b(?:Administrative|Robot)AccessControlException\b")
_ERROR = "X-Archive-Wayback-Runtime-Error"


def byte_range(address: str) -> str | None:
    """The value of the Range header that a member's address stands for: `bytes=1000-1999`; None for a memento."""
    found = _MEMBER.search(address)
    return found[0].removeprefix("#") if found else None


def replayed_page(address: str) -> str | None:
    """The publisher's address in a memento's; None where `address` is no memento's."""
    found = _REPLAYED.search(address)
    return found[2] if found else None


def exclusion(text: str) -> str | None:
    """The error in an answer's text that says that a page is excluded from the archive: its owner wished so."""
    found = _EXCLUDED.search(text)
    return found[0] if found else None


def answered(original: Original, url: str, response: bytes) -> Original:
    """What was asked for, corrected by the answer from `url`, to which redirects may have led.

    A replay says by `Memento-Datetime` (RFC 7089, section 2.1.1) that it is one, and of when: the capture that is
    nearest to the time asked for. A member is believed to be what the index said, until `handed_on` has read it.
    """
    head = response[: response.find(b"\r\n\r\n") + 1 or len(response)]
    if byte_range(original.address):
        return original if _status(head) == 206 else replace(original, captured_at=None)
    place = _REPLAYED.search(url)
    said = _DATE.search(head)
    if place is None or said is None:
        return replace(original, address=url, captured_at=None)
    try:
        captured_at = parsedate_to_datetime(said[1].decode("latin-1").strip()).astimezone(UTC)
    except ValueError:
        captured_at = datetime.strptime(place[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    asked = _REPLAYED.search(original.address)
    is_same_page = asked is not None and unquote(asked[2]) == unquote(place[2])
    return replace(original, url=original.url if is_same_page else place[2], address=url, captured_at=captured_at)


def _status(head: bytes) -> int:
    found = re.match(rb"HTTP/\d(?:\.\d)? (\d{3})", head)
    return int(found[1]) if found else 0


def refusal(message: HttpMessage, original: Original) -> tuple[Outcome, str] | None:
    """How an answer ends that is no capture; None for one that is."""
    if original.captured_at is not None:
        return None
    error = message.header(_ERROR) or message.body[:4096].decode("utf-8", "replace")
    if excluded := exclusion(error):
        return Outcome.BLOCKED, f"excluded from {original.intermediary}: {excluded}"
    if 300 <= message.status < 400:
        return Outcome.NOT_ARTICLE, "redirect"
    if message.status in {200, 206}:
        return Outcome.FAILED, f"{original.intermediary} answered with something that is no capture"
    return Outcome.FAILED, f"{original.intermediary} answered {message.status}"


def handed_on(message: HttpMessage, original: Original, *, max_block: int = MAX_BLOCK) -> HttpMessage:
    """The publisher's response in an intermediary's answer. Raises RecordError where it is damaged or another page's.

    Of a memento status, body and content coding are as replayed, the type is the publisher's own. A member is read to
    its end; its record must be the one that the index described and have the payload that its digest was made of.
    """
    if not byte_range(original.address):
        content_type = message.header("X-Archive-Orig-Content-Type") or message.content_type
        body, problem = message.body, None
        if body.startswith(GZIP_MAGIC):  # captured compressed, and replayed without the header that said so
            body, problem = decode(body, ["gzip"], limit=max_block)
        return replace(message, content_type=content_type, body=body, incomplete=message.incomplete or problem)
    record = parse_member(message.body, original.address, max_block=max_block)
    if record.type != "response" or not record.complete:
        raise RecordError(f"{original.address}: a {record.type} record of {record.block_length} bytes, no page")
    if record.target_uri != original.url or record.date.replace(microsecond=0) != original.captured_at:
        raise RecordError(
            f"{original.address}: the record is of {record.target_uri} at {record.date:%Y-%m-%dT%H:%M:%SZ}, "
            f"the index says {original.url} at {original.captured_at:%Y-%m-%dT%H:%M:%SZ}"
        )
    if truncated := record.header("WARC-Truncated"):
        raise RecordError(f"{original.address}: the record was truncated when it was made: {truncated[:40]}")
    inner = parse_response(record.block, max_body=max_block)
    payload = record.header("WARC-Payload-Digest")
    if payload and not has_digest(payload, inner.entity):
        raise RecordError(f"{original.address}: the record does not have the payload that its digest was made of")
    return inner

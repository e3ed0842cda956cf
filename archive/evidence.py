"""What stands in the WARC record of a capture, to be looked at: its headers and its body as text, never rendered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive import stored
from archive.errors import RecordError
from archive.http_message import HttpMessage
from archive.records import WarcRecord, read_record

MAX_BLOCK = 1_000_000  # bytes of a record that are read to be shown
MAX_SEARCHED = 8_000_000  # bytes of a record that are searched for what must not be shown
MAX_TEXT = 200_000  # characters that are shown
MAX_RECORD = 32_000_000  # bytes of a record that is given away

# `charset=windows-1251` of a header, `<meta charset="utf-8">` of a page: encodings of the web that Python decodes fast
_CHARSET = re.compile(
    r"charset\s*=\s*[\"']?(utf-?8|utf-16(?:le|be)?|windows-\d{3,4}|iso-8859-\d{1,2}|koi8-[ru]|gbk|gb2312|gb18030|big5|"
    r"shift_jis|euc-(?:jp|kr))\b",
    re.IGNORECASE,
)
_META = 2048  # bytes of a page in which its <meta charset> is looked for
_TEXTUAL = re.compile(r"text/|json|xml|javascript", re.IGNORECASE)  # "text/html; charset=utf-8", "application/rss+xml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A record: its own headers, those of the exchange in it, and the body as text; None where that is none."""

    warc_headers: Sequence[tuple[str, str]]
    status_line: str | None
    http_headers: Sequence[tuple[str, str]]
    text: str | None
    is_cut: bool  # whether more of the text is in the record than is shown
    size: int  # bytes of the block
    problem: str | None = None  # why the body may not be all that the server had


def path_of(folder: Path, file: str) -> Path:
    """Where the file of a capture is now: sealed, or still being written."""
    sealed = folder / file
    growing = sealed.with_name(sealed.name + ".open")
    return growing if not sealed.exists() and growing.exists() else sealed


def read(folder: Path, capture: Mapping[str, Any]) -> Evidence:
    """What the record of a capture (a row of `captures`) holds. Raises RecordError where it cannot be read."""
    record = read_record(path_of(folder, capture["file"]), capture["offset"], max_block=MAX_BLOCK)
    if not (record.header("Content-Type") or "").lower().startswith("application/http"):
        text, is_cut = _text(record.block, record.header("Content-Type") or "")
        return _evidence(record, None, text, is_cut=is_cut)
    message = record.http(max_body=MAX_BLOCK)
    text, is_cut = _text(message.body, message.content_type or "")
    return _evidence(record, message, text, is_cut=is_cut)


def raw(folder: Path, capture: Mapping[str, Any]) -> bytes:
    """The record as it lies in its file, a WARC file of its own. Raises RecordError where it is larger than allowed."""
    if capture["length"] > MAX_RECORD:
        raise RecordError(f"this record has {capture['length']:,} bytes; take it from its WARC file")
    path = path_of(folder, capture["file"])
    try:
        with stored.open_bytes(path) as file:
            file.seek(capture["offset"])
            return file.read(capture["length"])
    except OSError as error:
        raise RecordError(f"cannot read {path.name}: {error.strerror}") from error


def text_of(folder: Path, capture: Mapping[str, Any]) -> str:
    """All text of a record up to `MAX_SEARCHED` bytes, to look for words in. Raises RecordError."""
    record = read_record(path_of(folder, capture["file"]), capture["offset"], max_block=MAX_SEARCHED)
    is_http = (record.header("Content-Type") or "").lower().startswith("application/http")
    body, kind = record.block, record.header("Content-Type") or ""
    if is_http:
        message = record.http(max_body=MAX_SEARCHED)
        body, kind = message.body, message.content_type or ""
    return _decoded(body, kind)


def _evidence(record: WarcRecord, message: HttpMessage | None, text: str | None, *, is_cut: bool) -> Evidence:
    problem = None
    if message is not None and record.complete:
        problem = message.incomplete
    return Evidence(
        warc_headers=record.headers,
        status_line=f"{message.version} {message.status} {message.reason}".strip() if message else None,
        http_headers=[(_readable(name), _readable(value)) for name, value in message.headers] if message else (),
        text=text,
        is_cut=is_cut or not record.complete,
        size=record.block_length,
        problem=problem,
    )


def _text(body: bytes, content_type: str) -> tuple[str | None, bool]:
    if not body or not _TEXTUAL.search(content_type):
        return None, False
    text = _decoded(body, content_type)
    return text[:MAX_TEXT], len(text) > MAX_TEXT


def _decoded(body: bytes, content_type: str) -> str:
    named = _CHARSET.search(content_type) or _CHARSET.search(body[:_META].decode("latin-1"))
    return body.decode(named[1] if named else "utf-8", "replace")


def _readable(value: bytes) -> str:
    return value.decode("utf-8", "replace")

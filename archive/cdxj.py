"""The index beside a finished WARC file (`NAME.warc.gz.cdxj`): which page of which time lies at which offset.

One line a response, revisit or resource, sorted, as pywb, wabac.js and the CDX servers read them (IIPC "CDXJ 1.0"):

    example,news)/tarn 20260304120000 {"url": "https://news.example/tarn", "mime": "text/html", "status": "200", …}

All of it is in the WARC file itself: an index that is lost or wrong is made anew, and proves nothing.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from archive.surt import surt

SUFFIX = ".cdxj"

_NO_DIGIT = re.compile(r"[^0-9]+")  # of "2026-03-04T12:00:00Z"
_MIME = re.compile(r"[^\s;]+")  # of "text/html; charset=utf-8"
_quoted = json.encoder.encode_basestring_ascii  # a line is written for every page: as `json.dumps` has it, and quicker


def line(
    *,
    record_type: str,
    url: str,
    date: str,
    status: int | None,
    content_type: str | None,
    digest: str | None,
    offset: int,
    length: int,
    file: str,
) -> str:
    """The line of a record. `date` is its WARC-Date; `offset` and `length` are bytes of its gzip member in `file`."""
    mime = "warc/revisit" if record_type == "revisit" else "".join(_MIME.findall(content_type or "")[:1])
    fields = [
        f'"url": {_quoted(url)}' if url else "",
        f'"mime": {_quoted(mime)}' if mime else "",
        f'"status": "{status}"' if status else "",
        f'"digest": {_quoted(digest)}' if digest else "",
        f'"length": "{length}", "offset": "{offset}", "filename": {_quoted(file)}',
    ]
    timestamp = _NO_DIGIT.sub("", date)[:14]
    return f"{surt(url)} {timestamp} {{{', '.join(filter(None, fields))}}}\n"


def path_for(warc: Path) -> Path:
    """Where the index of a finished file lies."""
    return warc.with_name(warc.name + SUFFIX)


def content(lines: Iterable[str]) -> str:
    """The index with these lines."""
    return "".join(sorted(lines))


def write(warc: Path, lines: Iterable[str]) -> None:
    """Put the index beside the finished file `warc`. A disk that refuses leaves none; the next opening tries again."""
    target = path_for(warc)
    growing = target.with_name(target.name + ".part")
    with suppress(OSError):
        growing.write_text(content(lines), encoding="utf-8")
        growing.replace(target)

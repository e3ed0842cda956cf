"""The index beside a finished WARC file (`NAME.warc.gz.cdxj`): which page of which time lies at which offset.

One line a response, revisit or resource, sorted, as pywb, wabac.js and the CDX servers read them (IIPC "CDXJ 1.0"):

    example,news)/tarn 20260304120000 {"url": "https://news.example/tarn", "mime": "text/html", "status": "200", …}

All of it is in the WARC file itself: an index that is lost or wrong is made anew, and proves nothing.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from archive.surt import surt

SUFFIX = ".cdxj"


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
    mime = "warc/revisit" if record_type == "revisit" else (content_type or "").replace(";", " ").split(None, 1)[:1]
    fields = {
        "url": url,
        "mime": mime if isinstance(mime, str) else "".join(mime),
        "status": str(status or ""),
        "digest": digest,
        "length": str(length),
        "offset": str(offset),
        "filename": file,
    }
    timestamp = "".join(filter(str.isdigit, date))[:14]
    return f"{surt(url)} {timestamp} {json.dumps({name: value for name, value in fields.items() if value})}\n"


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

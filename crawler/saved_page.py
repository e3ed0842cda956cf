"""A page that somebody saved: from an HTML file, standard input or a WARC, as extraction wants it.

page.html, page.html.gz, -        the body alone; its address must be known or stand in the page
crawl.warc.gz#8731                the response record at that offset
crawl.warc.gz                     the response for `url`, or the only page in the file
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from archive import clock
from archive.content_coding import decode
from archive.errors import RecordError
from archive.model import Page
from archive.records import GZIP_MAGIC, WarcRecord, read_record, read_records
from crawler.discovery import opening
from crawler.errors import InputError, InputMissing, UsageError
from crawler.extract.page import read_page
from crawler.urls import canonical_url, clean_url
from crawler.workers import MAX_BLOCK, MAX_BODY

STDIN = "-"
LISTED = 8  # pages of a WARC that a message names
# What a tag, a comment or a doctype opens with, in UTF-8 or (a NUL between) UTF-16
_TAG = re.compile(rb"<\x00?[a-zA-Z!/?]")
_OTHER_FORMATS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF")
_CANONICAL = "//link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href | //meta[@property='og:url']/@content"


def read_saved(source: str, *, url: str | None = None, content_type: str | None = None) -> tuple[Page, str]:
    """The page in `source` (see above) and, for people, where its bytes and its address come from.

    `url` is the page's address, or chooses the record of a WARC; `content_type` stands for the header that a saved
    body lacks. Raises InputMissing, InputError (no HTML), RecordError (a damaged WARC) and UsageError.
    """
    if url is not None and clean_url(url) is None:
        raise UsageError(f"--url {url}: not an http or https URL")
    path, offset = _place(source)
    data = _read(path)
    if offset is not None:
        return _page_of(read_record(path, offset, max_block=MAX_BLOCK)), f"record at offset {offset} of {path}"
    plain, problem = decode(data, ("gzip",), limit=MAX_BODY) if data[:3] == GZIP_MAGIC else (data, None)
    if plain.startswith(b"WARC/"):
        record = _choose(path, url)
        return _page_of(record), f"record at offset {record.offset} of {path}"
    name = "standard input" if source == STDIN else str(path)
    if problem is not None:
        raise InputError(f"{name}: damaged gzip file: {problem}")
    _check_html(plain, name)
    address, origin = (url, "--url") if url is not None else _own_address(plain, content_type)
    if address is None:
        raise UsageError(f"{name} does not say where it is from (no link rel=canonical, no og:url): give --url ADDRESS")
    page = Page(url=address, body=plain, captured_at=clock.now(), content_type=content_type)
    return page, f"{name}, address from {origin}"


def _place(source: str) -> tuple[Path, int | None]:
    """Path and offset: "crawl.warc.gz#8731"; a file whose name ends in "#12" is that file."""
    name, sharp, offset = source.rpartition("#")
    if sharp and offset.isdigit() and not Path(source).exists():
        return Path(name), int(offset)
    return Path(source), None


def _read(path: Path) -> bytes:
    """The bytes of a file or of standard input; of a WARC the first are enough. Raises InputMissing, InputError."""
    if path == Path(STDIN):
        return sys.stdin.buffer.read(MAX_BODY)
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BODY)
    except FileNotFoundError:
        hint = "; for a page of the web give its whole address, https://…" if "." in path.parts[0] else ""
        raise InputMissing(f"{path}: no such file{hint}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _check_html(body: bytes, name: str) -> None:
    if not body.strip():
        raise InputError(f"{name} is empty")
    if body.startswith(_OTHER_FORMATS) or _TAG.search(body) is None:
        raise InputError(f"{name} is not HTML: it begins {opening(body)} and " + (
            "is another format" if body.startswith(_OTHER_FORMATS) else
            "holds not one tag; `crawler.extract.extract_from_text` reads plain text"
        ))  # fmt: skip


def _own_address(body: bytes, content_type: str | None) -> tuple[str | None, str]:
    """The web address that a page gives itself, and where."""
    document = read_page(body, content_type)
    found = document.tree.xpath(_CANONICAL) if document is not None else []
    address = next((clean for claim in found if (clean := clean_url(str(claim)))), None)
    return address, "the page itself (rel=canonical or og:url)"


def _choose(path: Path, url: str | None) -> WarcRecord:
    """The newest response for `url`, or the only page in the file."""
    damages: list[RecordError] = []
    wanted = canonical_url(url) if url is not None else None
    fits: Callable[[WarcRecord], bool] = _is_page if wanted is None else lambda one: _address(one) == wanted
    found: dict[str, WarcRecord] = {}
    for record in read_records(path, on_damage=damages.append, max_block=MAX_BLOCK):
        if record.type == "response" and fits(record):
            if len(found) > LISTED:
                break
            found[record.record_id or str(record.offset)] = record
    records = list(found.values())
    if wanted is not None and records:
        return max(records, key=lambda record: record.date)
    if len(records) == 1:
        return records[0]
    broken = f" ({damages[0]})" if damages else ""
    if not records:
        raise InputMissing(f"{path} holds no response{f' for {url}' if url else ' with HTML'}{broken}")
    shown = "\n".join(f"  {path}#{record.offset}  {record.target_uri}" for record in records[:LISTED])
    more = "\n  …" if len(records) > LISTED else ""
    raise UsageError(f"{path} holds several pages; choose one by its offset or with --url:\n{shown}{more}")


def _is_page(record: WarcRecord) -> bool:
    head = record.http(max_body=1024)
    return head.status == 200 and "html" in (head.content_type or "text/html").lower()


def _address(record: WarcRecord) -> str:
    return canonical_url(record.target_uri or "")


def _page_of(record: WarcRecord) -> Page:
    """What a response record holds. Raises InputError for a record of another type."""
    place = f"{record.path}: the record at offset {record.offset}"
    if record.type == "revisit":
        original = f"record {record.header('WARC-Refers-To')} of {record.header('WARC-Refers-To-Date')}"
        raise InputError(f"{place} is a revisit: its body is in {original}; name that one")
    if record.type != "response":
        raise InputError(f"{place} is of type {record.type!r}, not a response")
    if not record.complete:
        raise InputError(f"{place} has {record.block_length} bytes: that is no page of text")
    message = record.http(max_body=MAX_BODY)
    if not message.status:
        raise InputError(f"{place} holds no HTTP response")
    return Page(
        url=record.target_uri or "",
        body=message.body,
        captured_at=record.date,
        status=message.status,
        content_type=message.content_type,
    )

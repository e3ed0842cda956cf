"""Captures of the past, made from the offline publishers' pages and from `past.toml`: what other archives hold."""

import base64
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from archive.surt import surt
from tests.web.pages import WebPage, blocks_of, hash_of
from tests.web.render import render_page

FILE = Path(__file__).parent / "past.toml"


@dataclass(frozen=True, kw_only=True)
class Captured:
    """One capture of a page: its bytes as they were sent, and when that was.

    `location` is set where the capture is of a redirect. `listed_at`: the second under which an index has it.
    """

    url: str
    at: datetime
    body: bytes = field(default=b"", repr=False)
    page: WebPage | None = None
    location: str | None = None
    listed_at: datetime

    @property
    def timestamp(self) -> str:
        """14 digits, as it is replayed."""
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def listed(self) -> str:
        """14 digits, as it is listed."""
        return f"{self.listed_at:%Y%m%d%H%M%S}"

    @property
    def urlkey(self) -> str:
        """Its key in an index."""
        return surt(self.url)

    @property
    def digest(self) -> str:
        """SHA-1 of its bytes, in base 32."""
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()


@cache
def settings() -> Mapping[str, Any]:
    """What `past.toml` says."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def states(pages: Iterable[WebPage]) -> Iterator[tuple[WebPage, datetime]]:
    """Every page with the times at which it was captured: as it is, as it was, and what is not online any more."""
    known = {page.name: page for page in pages}
    for page in known.values():
        yield page, _first(page)
    for entry in settings()["edition"]:
        if entry["page"] in known:
            yield edition(known[entry["page"]], entry), entry["at"]
    for entry in settings()["gone"]:
        if entry["like"] in known:
            yield gone(known[entry["like"]], entry), entry["at"]


def edition(page: WebPage, entry: Mapping[str, Any]) -> WebPage:
    """An earlier state of `page`: with another headline, without the paragraphs that begin so."""
    missing = tuple(entry.get("without", ()))
    blocks = tuple(block for block in page.blocks if not missing or not block.text.startswith(missing))
    return replace(page, headline=entry.get("headline", page.headline), blocks=blocks, modified_at=None)


def gone(page: WebPage, entry: Mapping[str, Any]) -> WebPage:
    """A page of its own in the design of `page`."""
    return replace(
        page, url=entry["url"], headline=entry["headline"], lede=None, blocks=tuple(blocks_of(entry["body"])),
        published_at=entry["published"], modified_at=None, tags=(), images=(), related=(), name="",
    )  # fmt: skip


def _first(page: WebPage) -> datetime:
    later = page.published_at + timedelta(hours=settings()["first_capture_hours"], seconds=hash_of(page.url) % 60)
    return later.astimezone(UTC)


def render_past(page: WebPage, site: Any) -> bytes:
    """The page's bytes as its site sent them."""
    return render_page(page, site=site, latest=[]).encode()

"""Reading foreign WARC files for import: which of their responses are wanted, and their rows, in batches.

A batch is what one commit takes. Reading is cheap beside extraction, so all of it is done in one thread, ahead of the
thread that writes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from archive import clock
from archive.articles import storable
from archive.captures import Found, record_row
from archive.errors import RecordError
from archive.imports import EVERYTHING, Progress
from archive.model import Outcome
from archive.records import WarcRecord, read_records
from crawler.endings import unreadable
from crawler.errors import UsageError
from crawler.publisher import publisher_for, publishers
from crawler.urls import registrable_domain
from crawler.workers import MAX_BLOCK

# What one commit takes, whichever comes first: rows, bytes of pages that wait for extraction, records passed over.
_ROWS = 500
_BYTES = 16 * 1024 * 1024
_RECORDS = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which responses are wanted: of these publishers (none: of all), with a date in these days (UTC, both included).

    A publisher is named as in `captures.publisher`: as its file says, or by its registrable domain.
    """

    publishers: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Self:
        """Read `publisher` (comma-separated), `since` and `until`. Raises UsageError."""
        names = [name.strip() for name in arguments.get("publisher", "").split(",") if name.strip()]
        return cls(
            publishers=tuple(sorted({_publisher_called(name) for name in names})),
            since=_day("since", arguments),
            until=_day("until", arguments),
        )

    def __str__(self) -> str:
        """As it is stored: the same words for the same selection."""
        parts = (("publisher", ",".join(self.publishers)), ("since", self.since), ("until", self.until))
        return " ".join(f"{name}={value}" for name, value in parts if value) or EVERYTHING

    def leaves_out(self, publisher: str | None, captured_at: datetime) -> str | None:
        """Why a response is not wanted; None for one that is."""
        if self.publishers and publisher not in self.publishers:
            return "of other publishers"
        day = captured_at.astimezone(UTC).date()
        if (self.since and day < self.since) or (self.until and day > self.until):
            return "of other days"
        return None


@dataclass(kw_only=True, slots=True)
class Batch:
    """The captures of one commit: their rows, and, by offset, the bytes of those that are to be extracted.

    `progress` is how far the file has been read behind them; `left_out` counts the other records by why.
    """

    progress: Progress
    rows: list[dict[str, Any]] = field(default_factory=list)
    blocks: dict[int, bytes] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    damages: list[RecordError] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return (
            len(self.rows) >= _ROWS
            or sum(self.left_out.values()) >= _RECORDS
            or sum(map(len, self.blocks.values())) >= _BYTES
        )


def batches(
    folder: Path, progress: Progress, selection: Selection, *, run_id: int | None, extract: bool
) -> Iterator[Batch]:
    """Read a file below `folder` from where `progress` ends. The last batch says that the file was read to its end.

    Without `extract` pages end as `deferred`. Damage is passed over and stands in the batch where it was met.
    """
    path = folder / progress.file
    batch = Batch(progress=progress)
    met: list[RecordError] = []
    for record in read_records(path, begin=progress.position, on_damage=met.append, max_block=MAX_BLOCK):
        if record.type == "response":
            try:
                _add(batch, record, selection, run_id=run_id, extract=extract)
            except RecordError as error:
                met.append(error)
        else:
            batch.left_out[f"{record.type or 'nameless'} records"] += 1
        batch.progress = _behind(batch.progress, record, len(met))
        batch.damages += met
        met.clear()
        if batch.is_full:
            yield batch
            batch = Batch(progress=batch.progress)
    batch.damages += met
    done = batch.progress
    batch.progress = replace(
        done,
        position=path.stat().st_size,
        damages=done.damages + len(met),
        finished_at=clock.now().isoformat(timespec="seconds"),
    )
    yield batch


def _behind(progress: Progress, record: WarcRecord, damages: int) -> Progress:
    return replace(
        progress,
        position=record.offset + record.length,
        records=progress.records + 1,
        responses=progress.responses + (record.type == "response"),
        damages=progress.damages + damages,
    )


def _add(batch: Batch, record: WarcRecord, selection: Selection, *, run_id: int | None, extract: bool) -> None:
    publisher = publisher_name(record.target_uri or "")
    if reason := selection.leaves_out(publisher, record.date):
        batch.left_out[reason] += 1
        return
    found = Found(record=record, fields={"publisher": publisher} if publisher else {})
    row = record_row(found, batch.progress.file, run_id)
    if problem := unreadable(record):
        row |= {"outcome": str(problem[0]), "detail": storable(problem[1])}
    elif extract:
        batch.blocks[record.offset] = record.block
    else:
        row |= {"outcome": str(Outcome.DEFERRED), "detail": None}
    batch.rows.append(row)
    batch.progress = replace(batch.progress, captures=batch.progress.captures + 1)


def publisher_name(url: str) -> str | None:
    """Whose page it is: a declared publisher's, or its registrable domain's; None for no web address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # "http://[half an address"
        return None
    return _publisher_at(host) if host and parts.scheme in {"http", "https"} else None


@lru_cache(maxsize=10_000)
def _publisher_at(host: str) -> str:
    declared = publisher_for(f"http://{host}/")
    return declared.name if declared else registrable_domain(f"http://{host}/")


def _publisher_called(name: str) -> str:
    """A publisher by its spider's name, its own name or a domain, as captures name it. Raises UsageError."""
    known = publishers()
    for spider, publisher in known.items():
        if name.lower() in {spider.lower(), publisher.name.lower(), *publisher.domains}:
            return publisher.name
    if "." in name:
        return registrable_domain(f"http://{name.lower()}/")
    close = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(sorted(known))}"
    raise UsageError(f"-a publisher={name}: no publisher is called so; {hint} A domain will do, too")


def _day(name: str, arguments: Mapping[str, str]) -> date | None:
    text = arguments.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"-a {name}={text}: no day; write 2016-02-29") from None

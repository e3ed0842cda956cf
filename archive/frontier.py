"""The frontier lives on the sightings: one without an outcome is work still to do, so a killed crawl resumes by itself.

Each run that sights a URL asks for at most one visit to it, known or not: news pages change. The visit ends all
sightings of its URL that are open by then, and those that the same run adds later (the next page of a section). A run
that keeps to the schedule ends the sightings of pages that are not due at once, as `known`.

What an index of somebody else's archive lists (`Sighting.memento`) is work of another kind: it is the capture of that
day which is to be fetched, once, from that archive, and neither ends nor begins a visit to the page as it is now.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from archive.articles import as_json, storable, utc
from archive.mementos import has_ended
from archive.model import Sighting

NOBODY: Mapping[str, str | None] = MappingProxyType({})
KNOWN = "known"  # how a sighting ends whose page is not due for a visit


def rows(
    db: Database, run_id: int, sightings: Sequence[Sighting], known: Mapping[str, str | None] = NOBODY
) -> Iterator[tuple[dict[str, Any], bool]]:
    """The row of each sighting, and whether its URL is new; whoever asks inserts each before the next.

    `known`: URLs that are not to be visited now, with the reason where it is not that they are not due.
    """
    for sighting in sightings:
        url, memento = storable(sighting.url), storable(sighting.memento)
        seen = "SELECT 1 FROM sightings WHERE url = ? AND memento IS NULL LIMIT 1"
        is_new = db.execute(seen, [url]).fetchone() is None
        new_to = "publisher" if is_new else _new_to(db, url, sighting)
        visit = db.execute(
            "SELECT outcome, detail, capture_id FROM sightings "
            "WHERE url = ? AND memento IS NULL AND run_id = ? AND outcome IS NOT NULL LIMIT 1",
            [url, run_id],
        ).fetchone()
        if memento is not None:
            new_to, visit = None, (KNOWN, None, None) if has_ended(db, memento) else None
        if visit is None and sighting.url in known:
            visit = (KNOWN, known[sighting.url], None)
        outcome, detail, capture_id = visit or (None, None, None)
        values = {
            "seen_at": utc(sighting.seen_at),
            "publisher": sighting.publisher,
            "title": storable(sighting.title),
            "url": url,
            "raw_url": storable(sighting.raw_url),
            "source": sighting.source,
            "position": sighting.position,
            "announced_at": utc(sighting.announced_at),
            "run_id": run_id,
            "memento": memento,
            "outcome": outcome,
            "detail": detail,
            "capture_id": capture_id,
            "new_to": new_to,
            "fields": storable(as_json(dict(sighting.fields))) if sighting.fields else None,
        }
        yield values, is_new


def _new_to(db: Database, url: str, sighting: Sighting) -> str | None:
    """For whom a URL that somebody listed before is new: its `publisher`, only this `source` of it, or nobody."""
    seen = "SELECT 1 FROM sightings WHERE url = ? AND publisher = ? AND memento IS NULL"
    if db.execute(f"{seen} AND source = ? LIMIT 1", [url, sighting.publisher, sighting.source]).fetchone():
        return None
    return "source" if db.execute(f"{seen} LIMIT 1", [url, sighting.publisher]).fetchone() else "publisher"


def pending(db: Database, publisher: str) -> list[str]:
    """The URLs that wait, first sighted first."""
    rows = db.execute(
        "SELECT url FROM sightings WHERE publisher = ? AND outcome IS NULL AND memento IS NULL "
        "GROUP BY url ORDER BY min(id)",
        [publisher],
    )
    return [url for (url,) in rows]

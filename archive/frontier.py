"""The frontier lives on the sightings: one without an outcome is work still to do, so a killed crawl resumes by itself.

Each run that sights a URL asks for at most one visit to it, known or not: news pages change. The visit ends all
sightings of its URL that are open by then, and those that the same run adds later (the next page of a section). A run
that keeps to the schedule ends the sightings of pages that are not due at once, as `known`.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlite_utils import Database

from archive.articles import storable, utc
from archive.model import Sighting

KNOWN = "known"  # how a sighting ends whose page is not due for a visit


def rows(
    db: Database, run_id: int, sightings: Sequence[Sighting], known: Collection[str] = ()
) -> Iterator[tuple[dict[str, Any], bool]]:
    """The row of each sighting, and whether its URL is new; whoever asks inserts each before the next.

    `known`: URLs that are not to be visited now.
    """
    for sighting in sightings:
        url = storable(sighting.url)
        is_new = db.execute("SELECT 1 FROM sightings WHERE url = ? LIMIT 1", [url]).fetchone() is None
        visit = db.execute(
            "SELECT outcome, detail, capture_id FROM sightings "
            "WHERE url = ? AND run_id = ? AND outcome IS NOT NULL LIMIT 1",
            [url, run_id],
        ).fetchone()
        outcome, detail, capture_id = visit or (KNOWN if sighting.url in known else None, None, None)
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
            "outcome": outcome,
            "detail": detail,
            "capture_id": capture_id,
        }
        yield values, is_new


def pending(db: Database, publisher: str) -> list[str]:
    """The URLs that wait, first sighted first."""
    rows = db.execute(
        "SELECT url FROM sightings WHERE publisher = ? AND outcome IS NULL GROUP BY url ORDER BY min(id)", [publisher]
    )
    return [url for (url,) in rows]

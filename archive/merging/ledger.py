"""What several machines' sightings mean together: who saw a URL first, which are done, what each day's coverage was."""

from collections.abc import Iterator

from archive.coverage import Coverage
from archive.journal import Journal
from archive.merging.rows import Rows

# URLs that more than one machine sighted: only of those the first may be another than it was.
_NEW_TO = """
SELECT id, new_to, due FROM (
    SELECT id, new_to, CASE
        WHEN row_number() OVER (PARTITION BY url, publisher ORDER BY seen_at, id) = 1 THEN 'publisher'
        WHEN row_number() OVER (PARTITION BY url, publisher, source ORDER BY seen_at, id) = 1 THEN 'source'
    END AS due
    FROM sightings WHERE memento IS NULL AND url IN (
        SELECT url FROM sightings LEFT JOIN runs ON runs.id = run_id
        WHERE url IN (SELECT url FROM temp.merged_urls WHERE url > ? ORDER BY url LIMIT ?)
        GROUP BY url HAVING count(DISTINCT coalesce(shard, '')) > 1
    )
) WHERE new_to IS NOT due ORDER BY id
"""

# A visit ends what was sighted before it, whichever machine sighted and whichever visited: the first visit does that
# came to an end. What failed and may come yet does not (see `crawler.endings`).
_DONE = """
SELECT s.id, c.outcome, c.detail, c.id FROM sightings AS s
LEFT JOIN runs AS r ON r.id = s.run_id LEFT JOIN captures AS own ON own.id = s.capture_id
JOIN captures AS c ON c.id = (
    SELECT id FROM captures WHERE url = s.url AND kind = 'page' AND captured_at >= s.seen_at AND outcome NOT NULL
        AND NOT (outcome = 'failed' AND (
            status IS NULL OR status >= 500 OR status IN (408, 425, 429) OR detail LIKE 'incomplete%'))
    ORDER BY captured_at, id LIMIT 1)
LEFT JOIN runs AS other ON other.id = c.run_id
WHERE s.memento IS NULL AND s.url IN (SELECT url FROM temp.merged_urls WHERE url > ? ORDER BY url LIMIT ?)
    AND (s.outcome IS NULL OR own.captured_at > c.captured_at) AND other.shard IS NOT r.shard
ORDER BY s.id
"""

_DAYS = """
INSERT OR IGNORE INTO temp.merged_days SELECT publisher, source, substr(seen_at, 1, 10) FROM sightings
WHERE memento IS NULL AND url IN (SELECT url FROM temp.merged_urls)
"""
_URLS = 500  # at a time


def settle(journal: Journal, rows: Rows, coverage: Coverage) -> None:
    """Bring sightings and coverage of all URLs that were merged into step. Raises ArchiveError."""

    def announce(sighting_id: int, _was: str | None, new_to: str | None) -> None:
        journal.note({"update": "sightings", "where": {"id": sighting_id}, "set": {"new_to": new_to}})

    def end(sighting_id: int, outcome: str, detail: str | None, capture_id: int) -> None:
        values = {"outcome": outcome, "detail": detail, "capture_id": capture_id}
        journal.note({"update": "sightings", "where": {"id": sighting_id}, "set": values})

    for sql, do in ((_NEW_TO, announce), (_DONE, end)):
        for url in _steps(journal):
            rows.each(journal.db.execute(sql, [url, _URLS]).fetchall(), do)
    journal.db.execute(_DAYS)
    journal.db.conn.commit()
    coverage.recount_days(journal.db.execute("SELECT publisher, source, day FROM temp.merged_days ORDER BY 1, 2, 3"))


def _steps(journal: Journal) -> Iterator[str]:
    """The URL behind which each few hundred of those merged begin."""
    url: str | None = ""
    while url is not None:
        yield url
        sql = "SELECT max(url), count(*) FROM (SELECT url FROM temp.merged_urls WHERE url > ? ORDER BY url LIMIT ?)"
        last, count = journal.db.execute(sql, [url, _URLS]).fetchone()
        url = last if count == _URLS else None

"""What the alarms are judged by: the latest visits, readings and polls of a publisher, read from the archive's rows."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from archive.alarm_rules import FAILING_HOURS, HISTORY, LEAST_DAYS, POLL_WINDOWS, WEEKS, WINDOWS, Rhythm, Series
from archive.articles import utc

LATEST = HISTORY + max(WINDOWS)  # visits and readings that are looked at
FIELDS = ("headline", "published_at", "authors", "section", "images", "lede", "tags")
TROUBLES = ("blocked", "failed", "empty", "not_article")  # outcomes whose share is watched


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A page that was asked for. `outcome` and `detail` are its capture's."""

    at: str
    url: str
    outcome: str
    detail: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """An article as it was read: the rule that gave the text (`layout:2019`), its length, the fields found."""

    at: str
    url: str
    rule: str
    length: int
    fields: frozenset[str]
    agreement: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """One asking of a source. One that could be read in part has answered."""

    at: str
    answered: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One publisher's recent past, oldest first."""

    publisher: str
    spider: str | None = None
    visits: Sequence[Visit] = ()
    readings: Sequence[Reading] = ()
    polls: Mapping[str, Sequence[Poll]]  # by source
    rhythms: Sequence[Rhythm] = ()
    began: str | None = None  # when the first article was captured

    def series(self) -> list[Series]:
        """All that is watched but for silence."""
        return [*self._of_visits(), *self._of_readings(), *self._of_polls()]

    def _of_visits(self) -> list[Series]:
        at = [visit.at for visit in self.visits]
        return [
            Series(kind=kind, at=at, values=[float(visit.outcome != kind) for visit in self.visits])
            for kind in TROUBLES
        ]  # fmt: skip

    def _of_readings(self) -> list[Series]:
        at, seen = [reading.at for reading in self.readings], self.readings
        by_layout = [float(reading.rule.startswith("layout")) for reading in seen]
        found = [Series(kind="layout", at=at, values=by_layout)]
        if seen and self.began and _days_between(self.began, at[-1]) < LEAST_DAYS:
            return found
        found += [
            Series(
                kind="text_length", graded=True, least_days=LEAST_DAYS,
                at=at, values=[reading.length for reading in seen],
            ),
        ]  # fmt: skip
        found += [
            Series(
                kind=f"missing_{name}", least_days=LEAST_DAYS,
                at=at, values=[float(name in reading.fields) for reading in seen],
            )
            for name in FIELDS
        ]  # fmt: skip
        agreed = [reading for reading in seen if reading.agreement is not None]
        # a layout's second reading is another one than the generic path's
        rule = agreed[-1].rule.partition(":")[0] if agreed else ""
        agreed = [reading for reading in agreed if reading.rule.partition(":")[0] == rule]
        found.append(
            Series(
                kind="agreement", graded=True, least_days=LEAST_DAYS,
                at=[reading.at for reading in agreed], values=[reading.agreement or 0.0 for reading in agreed],
            )
        )  # fmt: skip
        return found

    def _of_polls(self) -> list[Series]:
        return [
            Series(
                kind="failing", source=source, windows=POLL_WINDOWS, least_hours=FAILING_HOURS,
                at=[poll.at for poll in polls], values=[float(poll.answered) for poll in polls],
            )
            for source, polls in self.polls.items()
        ]  # fmt: skip


def read_facts(connection: sqlite3.Connection, publisher: str, spider: str | None, now: datetime) -> Facts:
    """The recent past of a publisher, as of `now`. Imports and captures of other archives are not the crawl's."""
    begin, fortnight = (utc(now - timedelta(weeks=weeks)) or "" for weeks in (WEEKS, 2))
    own = "SELECT url FROM sources WHERE publisher = ? AND kind <> 'index'"  # an index is another archive's
    sources = [url for (url,) in connection.execute(own, [publisher])]
    return Facts(
        publisher=publisher,
        spider=spider,
        visits=_visits(connection, publisher, sources, fortnight),
        readings=read_readings(connection, publisher),
        polls={source: _polls(connection, publisher, source, begin) for source in sources},
        began=connection.execute("SELECT min(captured_at) FROM versions WHERE publisher = ?", [publisher]).fetchone()[
            0
        ],
        rhythms=[_rhythm(connection, publisher, source, begin) for source in sources],
    )


# What a run fetched of past years (`-a since=…`) is in other designs, and gone more often.
_NOT_PAST = """
c.intermediary IS NULL AND c.file NOT LIKE 'imported/%'
AND NOT EXISTS (SELECT 1 FROM runs WHERE id = c.run_id AND arguments LIKE '%"since":%')
"""

_VISITS = f"""
SELECT captured_at, url, outcome, detail FROM captures AS c
WHERE publisher = ? AND kind = 'page' AND +outcome IS NOT NULL AND coalesce(detail, '') <> 'redirect'
    AND coalesce(detail, '') NOT LIKE '%asked again' AND {_NOT_PAST} ORDER BY captured_at DESC, id DESC LIMIT ?
"""  # noqa: S608 - a constant

_NOT_ASKED_FOR = """
SELECT seen_at, url, outcome, detail FROM sightings
WHERE publisher = ? AND source = ? AND seen_at >= ? AND new_to = 'publisher' AND outcome IN ('blocked', 'failed')
    AND capture_id IS NULL ORDER BY seen_at DESC LIMIT ?
"""

_POLLS = """
SELECT polled_at, outcome IN ('read', 'unmodified') OR entries > 0
FROM polls AS p
WHERE publisher = ? AND polled_at >= ? AND (source = ? OR part_of = ?) AND (outcome <> 'unreachable' OR EXISTS
    (SELECT 1 FROM polls AS o WHERE o.run_id = p.run_id AND o.outcome IN ('read', 'unmodified')))
ORDER BY polled_at DESC LIMIT ?
"""

_READINGS = f"""
SELECT v.captured_at, v.url, v.capture_id, v.provenance, length(v.text), v.headline, v.published_at, v.authors,
    v.section, v.images, v.lede, v.tags
FROM versions AS v JOIN captures AS c ON c.id = v.capture_id
WHERE v.publisher = ? AND {_NOT_PAST} ORDER BY v.captured_at DESC, v.id DESC LIMIT ?
"""  # noqa: S608 - a constant


def _visits(connection: sqlite3.Connection, publisher: str, sources: Sequence[str], begin: str) -> list[Visit]:
    """Pages that came to an end; of several hops and tries of one, the last. Those that were not asked for, too."""
    rows = connection.execute(_VISITS, [publisher, LATEST]).fetchall()[::-1]
    for source in sources:  # robots.txt forbids it, the host cannot be reached
        rows += connection.execute(_NOT_ASKED_FOR, [publisher, source, begin, LATEST]).fetchall()[::-1]
    rows.sort(key=lambda row: row[0])
    return [Visit(at=at, url=url, outcome=outcome, detail=detail) for at, url, outcome, detail in rows[-LATEST:]]


def read_readings(connection: sqlite3.Connection, publisher: str) -> list[Reading]:
    """What was read from the latest captures, by the newest rules that read them."""
    rows = connection.execute(_READINGS, [publisher, LATEST])
    found: list[Reading] = []
    captures: set[int] = set()
    for at, url, capture_id, provenance, length, headline, published_at, authors, section, images, lede, tags in rows:
        if capture_id in captures:
            continue
        captures.add(capture_id)
        rules = json.loads(provenance)
        values = (headline, published_at, authors, section, images, lede, tags)
        fields = frozenset(name for name, value in zip(FIELDS, values, strict=True) if value and value != "[]")
        agreement = rules.get("text_agreement")
        found.append(
            Reading(
                at=at, url=url, rule=rules.get("text", ""), length=length, fields=fields,
                agreement=float(agreement) if agreement is not None else None,
            )
        )  # fmt: skip
    return found[::-1]


def _polls(connection: sqlite3.Connection, publisher: str, source: str, begin: str) -> list[Poll]:
    """The latest askings, of parts too, but those of a run in which no source of anybody answered: our network's."""
    rows = connection.execute(_POLLS, [publisher, begin, source, source, LATEST])
    return [Poll(at=at, answered=bool(answered)) for at, answered in rows][::-1]


def _rhythm(connection: sqlite3.Connection, publisher: str, source: str, begin: str) -> Rhythm:
    answered = connection.execute(
        "SELECT DISTINCT substr(polled_at, 1, 13) FROM polls WHERE publisher = ? AND (source = ? OR part_of = ?) "
        "AND polled_at >= ? AND (outcome IN ('read', 'unmodified') OR entries > 0) ORDER BY 1",
        [publisher, source, source, begin],
    )
    news = connection.execute(
        "SELECT substr(seen_at, 1, 13), count(*) FROM sightings WHERE publisher = ? AND seen_at >= ? "
        "AND source IN (SELECT ? UNION SELECT source FROM polls WHERE publisher = ? AND part_of = ? AND polled_at >= ?)"
        " AND new_to IS NOT NULL GROUP BY 1",
        [publisher, begin, source, publisher, source, begin],
    )
    return Rhythm(
        source=source,
        answered=[hour_of(text) for (text,) in answered],
        news={hour_of(text): count for text, count in news},
    )


def _days_between(first: str, last: str) -> float:
    return (hour_of(last) - hour_of(first)) / 24


@cache
def hour_of(text: str) -> int:
    """`2026-03-04T12…` → hours since 1970-01-01 00:00 UTC."""
    return int(datetime.fromisoformat(f"{text[:13]}:00:00").replace(tzinfo=UTC).timestamp()) // 3600

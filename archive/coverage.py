"""The coverage ledger: what became of all that each source announced, day by day, so that no absence is without reason.

A row of `coverage` is one source on one UTC day. Each address counts once in each source, on the day on which that
source first announced it, and with an outcome once in each publisher: where another source was first, it is `known`.

    announced = extracted + unchanged + off_topic + not_article + blocked + empty + failed + known + pending

An address has the outcome of the visit that brought most so far; without one, of the last end that it came to. A day
on which a source was not asked has no row (unless something was announced there), and one on which it was asked in
vain has `polls = unanswered`: no reports and no crawl are two things. What indexes of other archives list
(`Sighting.memento`) is of days that are past; it has its outcomes among the sightings, and no row here.

The rows are brought up to date at the end of a run, from `sightings`, `watches`, `captures` and `polls`; only days in
which something moved are counted again. How far that went stands in `about`, so that a killed run is caught up with.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from archive.journal import Keeper
from archive.model import Outcome

KNOWN, PENDING = "known", "pending"
# What `announced` is the sum of; nobody announces what is imported.
COUNTS = (*(outcome.value for outcome in Outcome if outcome is not Outcome.DEFERRED), KNOWN, PENDING)

_POSITION = "coverage"  # the key in `about`
Key = tuple[str, str, str]  # publisher, source, day


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """The last rows that the ledger has looked at."""

    sighting: int = 0
    capture: int = 0
    poll: int = 0


class Coverage(Keeper):
    """See the module's docstring. Used through `Archive.coverage`, in the archive's thread."""

    def refresh(self) -> int:
        """Bring the ledger up to date. Returns how many of its rows changed. Raises ArchiveError."""
        old, new = self._position(), self._end()
        with self.journal.change():
            changed = self._recount(self._touched(old))
            if new != old:
                self._save_position(new)
        return changed

    def recount_days(self, keys: Iterable[Key]) -> None:
        """Count days anew that a merge touched, and take the ledger to be up to date. Raises ArchiveError."""
        new, rest = self._end(), iter(keys)
        while some := list(islice(rest, 200)):
            with self.journal.change():
                self._recount({key for key in some if self._stored(*key) or _is_day(self._row(*key))})
        if new != self._position():
            with self.journal.change():
                self._save_position(new)

    def _save_position(self, new: Position) -> None:
        value = f"{new.sighting} {new.capture} {new.poll}"
        self.journal.note({"upsert": "about", "key": ["key"], "row": {"key": _POSITION, "value": value}})

    def recount(self, capture_id: int) -> None:
        """Follow a capture whose outcome was revised, within the caller's change."""
        urls = self._db.execute("SELECT url FROM watches WHERE capture_id = ?", [capture_id]).fetchall()
        self._recount({key for (url,) in urls for key in self._db.execute(_FIRST_DAYS, [url]).fetchall()})

    def _recount(self, keys: set[Key]) -> int:
        changed = [row for key in sorted(keys) if (row := self._row(*key)) != self._stored(*key)]
        for row in changed:
            self.journal.note({"upsert": "coverage", "key": ["publisher", "day", "source"], "row": row})
        return len(changed)

    def _position(self) -> Position:
        found = self._db.execute("SELECT value FROM about WHERE key = ?", [_POSITION]).fetchone()
        sighting, capture, poll = map(int, found[0].split()) if found else (0, 0, 0)
        return Position(sighting=sighting, capture=capture, poll=poll)

    def _end(self) -> Position:
        """Where the ledger will stand. A capture without an outcome is looked at again when it has one."""
        sql = (
            "SELECT (SELECT max(id) FROM sightings), coalesce((SELECT min(id) - 1 FROM captures WHERE outcome IS NULL),"
            " (SELECT max(id) FROM captures)), (SELECT max(id) FROM polls)"
        )
        sighting, capture, poll = (number or 0 for number in self._db.execute(sql).fetchone())
        return Position(sighting=sighting, capture=capture, poll=poll)

    def _touched(self, since: Position) -> set[Key]:
        """The rows in which something may have moved."""
        touched: set[Key] = set()
        for sql, after in _MOVED_DAYS:
            touched.update(self._db.execute(sql, [getattr(since, after)] if after else []).fetchall())
        urls = {url for sql, after in _MOVED_URLS for (url,) in self._db.execute(sql, [getattr(since, after)])}
        for url in urls:
            touched.update(self._db.execute(_FIRST_DAYS, [url]).fetchall())
        return touched

    def _stored(self, publisher: str, source: str, day: str) -> dict[str, Any] | None:
        sql = "SELECT * FROM coverage WHERE publisher = ? AND day = ? AND source = ?"
        return next(self._db.query(sql, [publisher, day, source]), None)

    def _row(self, publisher: str, source: str, day: str) -> dict[str, Any]:
        """One row of the ledger, counted anew."""
        span = [publisher, source, day, f"{day}T24"]  # behind every time of that day
        counts: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        fetched = 0
        for url, new_to, outcome, detail in self._db.execute(_ANNOUNCED, span):
            state, why, came = outcome, detail, True
            if new_to == "source":
                state, why, came = KNOWN, "another source", False
            elif outcome is None:
                state, why, came = self._unsettled(publisher, url)
            counts[state] += 1
            fetched += came
            if state not in {Outcome.EXTRACTED, Outcome.UNCHANGED}:
                reasons[f"{state}:{kind_of(state, why)}"] += 1
        polls, unanswered = self._db.execute(_POLLS, span).fetchone()
        row = {"day": day, "publisher": publisher, "source": source, "polls": polls, "unanswered": unanswered}
        row |= {"announced": sum(counts.values()), "known": counts[KNOWN], "fetched": fetched}
        row |= {outcome.value: counts[outcome] for outcome in _COLUMN_ORDER}
        return row | {"pending": counts[PENDING], "reasons": json.dumps(dict(sorted(reasons.items())))}

    def _unsettled(self, publisher: str, url: str) -> tuple[str, str | None, bool]:
        """State, detail and whether a page came, of a URL that no visit settled: that of its latest sighting."""
        found = self._db.execute(_LATEST, [url, publisher]).fetchone()
        if found is None:
            return KNOWN, "visited before", False
        outcome, detail, capture_id = found
        return outcome or PENDING, detail, capture_id is not None


def _is_day(row: dict[str, Any]) -> bool:
    """Whether anything was asked or announced."""
    return bool(row["polls"] or row["announced"])


# In the order of the table's columns.
_COLUMN_ORDER = (Outcome.EXTRACTED, Outcome.UNCHANGED, Outcome.OFF_TOPIC, Outcome.NOT_ARTICLE, Outcome.BLOCKED,
                 Outcome.EMPTY, Outcome.FAILED)  # fmt: skip

# `NOT INDEXED`: by row number, from the last that the ledger knows.
_MOVED_DAYS = (
    (
        "SELECT publisher, source, substr(seen_at, 1, 10) FROM sightings NOT INDEXED "
        "WHERE id > ? AND new_to IS NOT NULL",
        "sighting",
    ),
    (
        "SELECT publisher, source, substr(polled_at, 1, 10) FROM polls NOT INDEXED WHERE id > ? AND kind <> 'index'",
        "poll",
    ),
    ("SELECT publisher, source, day FROM coverage WHERE pending > 0", None),
)

# Addresses announced earlier: visited since with more success, or announced or ended anew without a page.
_MOVED_URLS = (
    ("SELECT url FROM watches WHERE capture_id > ?", "capture"),
    (
        "SELECT url FROM sightings NOT INDEXED WHERE id > ? AND new_to IS NOT 'publisher' AND capture_id IS NULL "
        "AND coalesce(outcome, '') <> 'known'",
        "sighting",
    ),
)

_FIRST_DAYS = "SELECT publisher, source, substr(seen_at, 1, 10) FROM sightings WHERE url = ? AND new_to = 'publisher'"

_ANNOUNCED = """
SELECT s.url, s.new_to, c.outcome, c.detail
FROM sightings AS s LEFT JOIN watches AS w ON w.url = s.url LEFT JOIN captures AS c ON c.id = w.capture_id
WHERE s.publisher = ? AND s.source = ? AND s.seen_at >= ? AND s.seen_at < ? AND s.new_to IS NOT NULL
"""

_POLLS = """
SELECT count(*), coalesce(sum(outcome NOT IN ('read', 'unmodified') AND entries = 0), 0)
FROM polls WHERE publisher = ? AND source = ? AND polled_at >= ? AND polled_at < ?
"""

_LATEST = """
SELECT coalesce(c.outcome, s.outcome), coalesce(c.detail, s.detail), s.capture_id
FROM sightings AS s LEFT JOIN captures AS c ON c.id = s.capture_id
WHERE s.url = ? AND s.publisher = ? AND s.memento IS NULL AND coalesce(s.outcome, '') <> 'known'
ORDER BY s.id DESC LIMIT 1
"""

# Details that hold a host's name or a number, by what they have in common; the first that fits names the kind.
_KINDS = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"is left alone until", "host left alone"),  # "news.example is left alone until …: it answered 429 …"
        (r"robots\.txt (?:disallows|forbids)", "robots"),  # "robots.txt disallows https://…"
        (r"robots\.txt", "robots unreadable"),  # "robots.txt answered 503: the site counts as closed …"
        (r"\bhttp (\d{3})\b", r"http \1"),  # "http 404", "given up: http 503"
        (r"certificate|\bTLS\b", "tls"),
        (r"cannot be reached|refuses connections", "unreachable"),  # "news.example cannot be reached: …"
        (r"timeout|timed out|time limit", "timeout"),
        (r"too large", "too large"),
        (r"ended before|incomplete|truncated|disconnect", "cut off"),
        (r"^address refused", "address refused"),
        (r"^(?:out of scope|no article URL)", "other address"),
        (r"^media type", "media type"),  # "media type application/pdf"
        (r"^extraction", "extraction"),
        (r"^score", "score"),  # "score 0.12"
        (r"exchange failed", "exchange"),
    )
)
_SHORT = re.compile(r"[a-z][a-z ]{1,30}")  # "challenge", "another source", "no text": a kind as it stands


def kind_of(state: str, detail: str | None) -> str:
    """What kind of `state` a detail tells of, in few words: `robots.txt disallows https://…` → `robots`."""
    if not detail:
        return "not visited yet" if state == PENDING else "no reason noted"
    for pattern, kind in _KINDS:
        if found := pattern.search(detail):
            return found.expand(kind)
    return detail if _SHORT.fullmatch(detail) else "other"


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One publisher (or one source of it) on one day. `counts` has `announced`, without those known, and its parts."""

    day: date
    publisher: str
    state: str  # whole | in part | nothing announced | no answer | no crawl
    counts: dict[str, int]
    reasons: dict[str, int]


def days(
    connection: sqlite3.Connection,
    *,
    since: date,
    until: date,
    publishers: Sequence[str] = (),
    source: str | None = None,
) -> dict[str, list[Day]]:
    """Every day of the span for each publisher that the ledger knows then, days without a crawl too.

    `source`: only this URL, or what its URL contains.
    """
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in _rows(connection, since=since, until=until, publishers=publishers, source=source):
        rows.setdefault((row["publisher"], row["day"]), []).append(row)
    names = dict.fromkeys(publisher for publisher, _ in rows)
    span = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    return {name: [_day(name, day, rows.get((name, day.isoformat()), [])) for day in span] for name in names}


def no_crawl(publisher: str, day: date) -> Day:
    """A day of which the ledger has nothing."""
    return _day(publisher, day, ())


def first_day(connection: sqlite3.Connection) -> date | None:
    """Where the ledger begins; None where it is empty."""
    found = connection.execute("SELECT min(day) FROM coverage").fetchone()[0]
    return date.fromisoformat(found) if found else None


def _rows(
    connection: sqlite3.Connection, *, since: date, until: date, publishers: Sequence[str], source: str | None
) -> Iterator[dict[str, Any]]:
    sql = "SELECT * FROM coverage WHERE day BETWEEN ? AND ?"
    values: list[object] = [since.isoformat(), until.isoformat()]
    if publishers:
        sql += f" AND publisher COLLATE NOCASE IN ({', '.join('?' * len(publishers))})"
        values += publishers
    if source is not None:
        sql += " AND instr(source, ?) > 0"
        values.append(source)
    # "+": sorted, or the whole ledger would be read in this order for some weeks of it
    cursor = connection.execute(f"{sql} ORDER BY +publisher, day, source", values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _day(publisher: str, day: date, rows: Sequence[dict[str, Any]]) -> Day:
    counts = {name: sum(row[name] for row in rows) for name in ("fetched", *COUNTS, "polls", "unanswered")}
    announced = sum(row["announced"] for row in rows)
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(json.loads(row["reasons"]))
    missing = sum(counts[name] for name in ("blocked", "empty", "failed", PENDING))
    if announced:
        state = "in part" if missing else "whole"
    elif not counts["polls"]:
        state = "no crawl"
    else:
        state = "no answer" if counts["polls"] == counts["unanswered"] else "nothing announced"
    own = announced - counts[KNOWN]
    return Day(day=day, publisher=publisher, state=state, counts={"announced": own, **counts}, reasons=dict(reasons))

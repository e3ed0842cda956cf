"""What is due: which sources are to be asked and which pages visited again, and what came of it.

`sources` holds when each source is due, `polls` each time that it was asked, `watches` when each page is due. The rules
are in `archive.schedule`; here they meet the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from archive import schedule
from archive.articles import storable, utc
from archive.captures import to_capture
from archive.journal import Keeper
from archive.model import Capture, Outcome

# An answer of somebody else's index about days that are past: it has no rhythm, and no row among the sources.
INDEX = "index"

# Exit codes of runs that ended before their work did: the time limit, a full disk, an error of it, a signal.
CUT_SHORT = (7, 28, 74, 130)


_REST = timedelta(hours=1)  # between two visits for no other reason than that a page is announced as newer
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """One asking of a source. `new`: URLs never seen before. `not_before`: what its host asked for, where it did.

    `outcome`: read, unmodified, failed, unreachable, or deferred (not asked: its host is left alone for now).

    `part_of`: the declared source of which this is a sitemap, a further page or a day's page. A part is due when its
    source is, and what it has is its source's news.
    """

    publisher: str
    source: str
    kind: str  # feed | sitemap | section | listing | index
    polled_at: datetime
    outcome: str
    entries: int = 0
    new: int = 0
    error: str | None = None
    capture_id: int | None = None
    part_of: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rest:
    """A host that is left alone until a time, because it asked for it or kept refusing.

    `strikes`: how often that happened without a good answer in between; 0: it answers again.
    """

    host: str
    until: datetime
    reason: str
    strikes: int


class Agenda(Keeper):
    """See the module's docstring. Used through `Archive.agenda`, in the archive's thread."""

    # Sources

    def record_poll(self, poll: Poll, run_id: int) -> None:
        """Note that a source was asked and what came of it, and when it is due again."""
        with self.journal.change():
            self.journal.add_publisher(poll.publisher)
            sql = "SELECT * FROM sources WHERE publisher = ? AND url = ?"
            known: dict[str, Any] = next(self._rows(sql, poll.publisher, poll.part_of or poll.source), {})
            if poll.kind != INDEX:
                source = _source_row(poll, run_id, known)
                self.journal.note({"upsert": "sources", "key": ["publisher", "url"], "row": source})
            row: dict[str, Any] = {"polled_at": utc(poll.polled_at), "publisher": poll.publisher, "source": poll.source}
            row |= {
                "part_of": poll.part_of,
                "kind": poll.kind,
                "outcome": poll.outcome,
                "entries": poll.entries,
                "new": poll.new,
            }
            row |= {"error": storable(poll.error), "capture_id": poll.capture_id, "run_id": run_id}
            self.journal.note({"insert": "polls", "row": row})

    def answer(self, publisher: str, source: str) -> tuple[Capture, datetime] | None:
        """The capture that holds what a source last said, where it was read to its end, and when it was asked."""
        sql = (
            "SELECT captures.*, polls.polled_at FROM polls JOIN captures ON captures.id = polls.capture_id "
            "WHERE polls.publisher = ? AND polls.source = ? AND polls.outcome = 'read' ORDER BY polls.id DESC LIMIT 1"
        )
        fields = next(self._rows(sql, publisher, source), None)
        return (to_capture(fields), moment(fields["polled_at"])) if fields is not None else None

    def due_sources(self, publisher: str, urls: Sequence[str], at: datetime) -> list[str]:
        """Those of `urls` that are due at `at`, in their order.

        A source that was never asked is, and one that was last asked by a run that ended before its work did: of a
        sitemap index or a section it may have read the first part only.
        """
        early = ", ".join(map(str, CUT_SHORT))
        sql = f"""
            SELECT url FROM sources LEFT JOIN runs ON runs.id = run_id WHERE publisher = ? AND next_at > ? AND NOT (
                runs.id < (SELECT max(id) FROM runs) AND (finished_at IS NULL OR exit_code IN ({early})))
        """  # noqa: S608 - numbers of ours; the last run is the one that asks
        later = {url for (url,) in self._db.execute(sql, [publisher, utc(at)])}
        return [url for url in urls if url not in later]

    def next_poll(self, publisher: str, source: str) -> datetime | None:
        """When a declared source is due again; None for one that was never asked, and for parts of one."""
        sql = "SELECT next_at FROM sources WHERE publisher = ? AND url = ? AND next_at IS NOT NULL"
        row = next(self._rows(sql, publisher, source), None)
        return moment(row["next_at"]) if row is not None else None

    def settled(self, publisher: str, source: str, days: Mapping[str, date], after: timedelta) -> set[str]:
        """Those pages of an archive by days (URL → day) that were read when their day had been over for `after`.

        What a run read that ended before its work did does not count: it may not have come to a page's next one.
        """
        early = ", ".join(map(str, CUT_SHORT))
        sql = "SELECT source, max(polled_at) AS at FROM polls JOIN runs ON runs.id = polls.run_id "
        sql += "WHERE publisher = ? AND part_of = ? AND outcome IN ('read', 'unmodified') AND error IS NULL "
        sql += f"AND exit_code NOT IN ({early}) GROUP BY source"
        ends = {url: datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY + after for url, day in days.items()}
        read = {row["source"]: moment(row["at"]) for row in self._rows(sql, publisher, source)}
        return {url for url, end in ends.items() if url in read and read[url] >= end}

    def was_followed(self, publisher: str, page: str, following: str) -> bool:
        """Whether the page after `page` was read since `page` last brought something new."""
        sql = "SELECT EXISTS (SELECT 1 FROM polls WHERE publisher = :publisher AND source = :following "
        sql += "AND outcome IN ('read', 'unmodified') AND polled_at >= coalesce((SELECT max(polled_at) FROM polls "
        sql += "WHERE publisher = :publisher AND source = :page AND new > 0), ''))"
        values = {"publisher": publisher, "page": page, "following": following}
        return bool(self._db.execute(sql, values).fetchone()[0])

    # Hosts

    def record_rest(self, rest: Rest, run_id: int) -> None:
        """Note that a host is left alone, or that it answers again."""
        row: dict[str, Any] = {"host": rest.host, "until": utc(rest.until), "reason": storable(rest.reason)}
        row |= {"strikes": rest.strikes, "run_id": run_id}
        with self.journal.change():
            self.journal.note({"upsert": "hosts", "key": ["host"], "row": row})

    def rests(self) -> dict[str, Rest]:
        """The hosts that are left alone, and those that were and have not answered well since, by name."""
        rows = self._rows("SELECT host, until, reason, strikes FROM hosts WHERE strikes > 0")
        return {row["host"]: Rest(**{**row, "until": moment(row["until"])}) for row in rows}

    # Pages

    def record_visit(
        self,
        url: str,
        *,
        publisher: str,
        visited_at: datetime,
        outcome: Outcome,
        capture_id: int | None = None,
        is_change: bool = False,
        ages: Sequence[timedelta] = schedule.REVISITS,
    ) -> datetime | None:
        """Note a visit that came to an outcome; returns when the next is due, None for never.

        `capture_id`: what was captured. The row keeps that of the visit that brought most.

        A page that was found changed, or whose text came only now, is visited as often as a new one; one that was an
        article and is none at the moment (it leads home, its text is gone) as often as any article: some come back.
        """
        known = self._watch(url)
        first_at = visited_at if known is None or is_change else moment(known["first_at"])
        best = self._best(known, capture_id, outcome)
        match outcome:
            case Outcome.BLOCKED:
                ages = (*ages, *schedule.WALLED)
            case Outcome.OFF_TOPIC | Outcome.NOT_ARTICLE | Outcome.EMPTY if not self._is_article(best):
                ages = schedule.SECOND_LOOK
        next_at = schedule.next_visit(first_at, visited_at, sorted(ages))
        row: dict[str, Any] = {"first_at": utc(first_at), "visited_at": utc(visited_at), "next_at": utc(next_at)}
        row |= {"visits": int(known["visits"] if known else 0) + 1, "failures": 0, "outcome": str(outcome)}
        row["capture_id"] = best
        self._save_watch(url, publisher, row)
        return next_at

    def record_failure(
        self, url: str, *, publisher: str, visited_at: datetime, outcome: Outcome, not_before: datetime | None = None
    ) -> datetime | None:
        """Note a visit that came to nothing that lasts; returns when to try again, None when the URL is given up.

        `not_before`: what its host asked for.
        """
        known = self._watch(url)
        failures = int(known["failures"] if known else 0) + 1
        next_at = schedule.next_try(visited_at, failures)
        if next_at is not None and not_before is not None:
            next_at = max(next_at, not_before)
        row: dict[str, Any] = {
            "first_at": known["first_at"] if known else utc(visited_at),
            "visited_at": utc(visited_at),
        }
        row |= {"next_at": utc(next_at), "visits": int(known["visits"] if known else 0), "failures": failures}
        self._save_watch(url, publisher, row | {"outcome": str(outcome)})
        return next_at

    def due_visits(self, publisher: str, at: datetime, limit: int) -> list[str]:
        """The URLs of `publisher` that are due for another visit at `at`, the longest due first, at most `limit`."""
        rows = self._db.execute(
            "SELECT url FROM watches WHERE publisher = ? AND next_at <= ? ORDER BY next_at, url LIMIT ?",
            [publisher, utc(at), limit],
        )
        return [url for (url,) in rows]

    def is_due(self, url: str, at: datetime, announced_at: datetime | None = None) -> bool:
        """Whether a sighted URL is to be visited at `at`: nobody has, its visit is due, or it is announced as newer.

        A date that lies ahead of `at` says nothing. Some sources stamp every entry with the hour: they are believed at
        growing distance only, an hour at least and a quarter of the time since the page was first seen.
        """
        watch = self._watch(url)
        if watch is None:
            return True
        if watch["next_at"] is not None and watch["next_at"] <= str(utc(at)):
            return True
        visited_at, first_at = moment(watch["visited_at"]), moment(watch["first_at"])
        rest = max(_REST, (visited_at - first_at) / 4)
        return announced_at is not None and visited_at < announced_at <= at and at >= visited_at + rest

    # Inside

    def _watch(self, url: str) -> dict[str, Any] | None:
        return next(self._rows("SELECT * FROM watches WHERE url = ?", storable(url)), None)

    def _best(self, known: Mapping[str, Any] | None, capture_id: int | None, outcome: Outcome) -> int | None:
        """The capture of the visit that brought most so far, by the order of `Outcome`; the earlier of two alike."""
        best: int | None = known["capture_id"] if known is not None else None
        if best is None or capture_id is None:
            return capture_id if best is None else best
        before = Outcome(self._db.execute("SELECT outcome FROM captures WHERE id = ?", [best]).fetchone()[0])
        order = list(Outcome)
        return capture_id if order.index(outcome) < order.index(before) else best

    def _is_article(self, capture_id: int | None) -> bool:
        """Whether a capture held an article."""
        found = self._db.execute("SELECT outcome FROM captures WHERE id = ?", [capture_id]).fetchone()
        return found is not None and found[0] in {Outcome.EXTRACTED, Outcome.UNCHANGED}

    def _rows(self, sql: str, *values: object) -> Any:
        return self._db.query(sql, list(values))

    def _save_watch(self, url: str, publisher: str, values: Mapping[str, Any]) -> None:
        with self.journal.change():
            self.journal.add_publisher(publisher)
            row = {"url": storable(url), "publisher": publisher, **values}
            self.journal.note({"upsert": "watches", "key": ["url"], "row": row})


def _source_row(poll: Poll, run_id: int, known: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a source after `poll`; `known` is the row before, empty for a new one."""
    if poll.part_of is not None and known.get("run_id") == run_id:
        return _with_part(poll, known)
    if poll.outcome == "deferred":
        return _deferred_row(poll, run_id, known)
    # one that was cut off has brought its news all the same
    failed = poll.outcome not in {"read", "unmodified"} and not poll.entries
    failures = (known.get("failures") or 0) + 1 if failed else 0
    if failed:
        interval = known.get("interval_s") or schedule.bounds(poll.kind)[1]
        wait = schedule.backed_off(poll.kind, interval, failures)
    else:
        changed_at = known.get("changed_at")
        quiet_for = poll.polled_at - moment(changed_at) if changed_at else None
        interval = schedule.next_interval(poll.kind, known.get("interval_s"), new=poll.new, quiet_for=quiet_for)
        wait = interval
    return {
        "publisher": poll.publisher,
        "url": poll.part_of or poll.source,
        "kind": poll.kind,
        "run_id": run_id,
        "fetched_at": utc(poll.polled_at),
        "outcome": poll.outcome,
        "entries": known.get("entries", 0) if poll.outcome == "unmodified" else poll.entries,
        "error": storable(poll.error),
        "interval_s": interval,
        "next_at": utc(max(poll.polled_at + timedelta(seconds=wait), poll.not_before or poll.polled_at)),
        "changed_at": utc(poll.polled_at) if poll.new else known.get("changed_at"),
        "failures": failures,
    }


def _deferred_row(poll: Poll, run_id: int, known: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a source that was not asked: nothing is learned of it, but when it may be."""
    fresh = {"outcome": poll.outcome, "entries": 0, "interval_s": None, "changed_at": None, "failures": 0}
    next_at = max(utc(poll.not_before or poll.polled_at) or "", known.get("next_at") or "")
    row = {
        "publisher": poll.publisher,
        "url": poll.part_of or poll.source,
        "kind": poll.kind,
        "fetched_at": utc(poll.polled_at),
    }
    return {**row, **fresh, **known, "run_id": run_id, "error": storable(poll.error), "next_at": next_at}


def _with_part(poll: Poll, known: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a source after a further part of it in the same run: its news count, its failure is told."""
    row = dict(known) | {"entries": known["entries"] + poll.entries, "error": known["error"] or storable(poll.error)}
    del row["id"]
    has_changed = known["changed_at"] is not None and known["changed_at"] >= known["fetched_at"]
    if poll.new and not has_changed and not known["failures"]:
        quiet_for = poll.polled_at - moment(known["changed_at"]) if known["changed_at"] else None
        interval = schedule.next_interval(poll.kind, known["interval_s"], new=poll.new, quiet_for=quiet_for)
        row |= {"interval_s": interval, "changed_at": utc(poll.polled_at)}
        row |= {"next_at": utc(moment(known["fetched_at"]) + timedelta(seconds=interval))}
    return row


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))

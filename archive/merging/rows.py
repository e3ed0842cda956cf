"""Rows of shards that become rows here one by one: publishers, runs, captures, sightings, polls and what is due when.

What tells a row apart: a run by its shard and its id there; a capture by file and offset; sightings and polls by their
run and their place in it, for a run only adds to them. Coming again a row changes nothing, or what is new of it.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from archive import schedule
from archive.agenda import moment
from archive.articles import utc
from archive.journal import Journal
from archive.merging.shards import Conflicts, Row, Shard, in_step, place
from archive.model import Outcome

GROUP = 300  # rows a commit: a kill costs no more, and an entry of the journal stays small
_READ = frozenset((Outcome.EXTRACTED, Outcome.UNCHANGED))
_ORDER = list(Outcome)

_WHOLE = "SELECT 1 FROM files WHERE file = ? AND coalesce(replaced_by, '') = ''"
_SIGHTINGS = "SELECT * FROM sightings ORDER BY id"
# When a source was asked itself, not for further pages of its.
_ASKED = "SELECT max(polled_at) FROM polls WHERE publisher = ? AND source = ?"
# Sources whose further pages were asked for by a run that had not asked for the first.
_PARTS = """
SELECT DISTINCT publisher, part_of FROM polls AS p WHERE part_of NOT NULL AND NOT EXISTS (
    SELECT 1 FROM polls WHERE run_id IS p.run_id AND publisher = p.publisher AND source = p.part_of)
ORDER BY 1, 2
"""
# What the first page had when it was asked for last, and those that the same run, or such a one, has asked for since.
_ENTRIES = """
WITH first AS (SELECT run_id, polled_at, outcome, entries FROM polls WHERE publisher = :publisher AND source = :url
    ORDER BY polled_at DESC, id DESC LIMIT 1)
SELECT entries + (SELECT coalesce(sum(entries), 0) FROM polls AS p
    WHERE publisher = :publisher AND part_of = :url AND polled_at >= first.polled_at AND (
        run_id IS first.run_id OR NOT EXISTS (
            SELECT 1 FROM polls WHERE run_id IS p.run_id AND publisher = :publisher AND source = :url)))
FROM first WHERE outcome <> 'unmodified'
"""
_TEMPORARY = """
CREATE TEMP TABLE IF NOT EXISTS merged_urls (url TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS merged_days (
    publisher TEXT, source TEXT, day TEXT, PRIMARY KEY (publisher, source, day)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS merged_places (
    kind TEXT, run INTEGER, number INTEGER, id INTEGER, PRIMARY KEY (kind, run, number)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS merged_articles (url TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Rows:
    """Adds the rows of shards. `advance` hears of each row that was looked at."""

    def __init__(
        self, journal: Journal, shards: Sequence[Shard], conflicts: Conflicts, advance: Callable[[int], object]
    ) -> None:
        self._journal = journal
        self._db = journal.db
        self._shards = shards
        self._conflicts = conflicts
        self._advance = advance
        self._db.conn.executescript(_TEMPORARY)
        for table in ("merged_urls", "merged_days", "merged_places", "merged_articles"):
            self._db.execute(f"DELETE FROM temp.{table}")  # noqa: S608 - constants
        self._db.conn.commit()

    def each(self, rows: Iterable[Any], do: Callable[..., object]) -> None:
        """`do(*row)` for each of `rows`, a few hundred in one commit."""
        rest = iter(rows)
        while group := list(islice(rest, GROUP)):
            with self._journal.change():
                for row in group:
                    do(*row)

    def capture_id(self, shard: Shard, capture_id: int | None) -> int | None:
        """The id here of a shard's capture."""
        if capture_id is None:
            return None
        found = shard.db.execute("SELECT file, offset, record_id FROM captures WHERE id = ?", [capture_id]).fetchone()
        return self._place(*found)

    def _place(self, file: str, offset: int, record_id: str) -> int | None:
        sql = "SELECT id FROM captures WHERE file = ? AND offset = ?"
        found = self._db.execute(sql, [place(file), offset]).fetchone()
        if found is None:  # its file was repaired there and is whole here, or the other way about
            sql = "SELECT id FROM captures WHERE record_id = ? AND file IN (SELECT file FROM files) LIMIT 1"
            known = self._db.execute(_WHOLE, [place(file)]).fetchone()
            found = None if known else self._db.execute(sql, [record_id]).fetchone()
        return int(found[0]) if found else None

    # Publishers, runs, captures

    def publishers(self) -> None:
        """Add them, and what is not known of them; one that is declared otherwise stays as it is."""
        rows = ((shard, row) for shard in self._shards for row in shard.rows("SELECT * FROM publishers ORDER BY name"))
        self.each(rows, self._publisher)

    def _publisher(self, shard: Shard, row: Row) -> None:
        known = next(self._db.query("SELECT * FROM publishers WHERE name = ?", [row["name"]]), None)
        if known is None:
            self._journal.note({"insert": "publishers", "row": row})
            return
        other = [name for name, value in row.items() if value is not None and known[name] not in {None, value}]
        if other:
            said = "; ".join(f"{name} is {row[name]} there and {known[name]} here" for name in other)
            self._conflicts.add("publisher", row["name"], shard.folder, said, "here")
        new = {name: value for name, value in row.items() if known[name] is None and value is not None}
        if new:
            self._journal.note({"update": "publishers", "where": {"name": row["name"]}, "set": new})

    def runs(self) -> None:
        """Add the runs, and how they ended."""
        streams = [shard.rows("SELECT * FROM runs ORDER BY id") for shard in self._shards]
        self.each(in_step(streams, "started_at"), self._run)

    def _run(self, number: int, row: Row) -> None:
        shard = self._shards[number]
        own_id, name = row.pop("id"), row["shard"] or shard.name
        row |= {"shard": name, "shard_run": row["shard_run"] or own_id}
        sql = "SELECT * FROM runs WHERE shard = ? AND shard_run = ?"
        known = next(self._db.query(sql, [name, row["shard_run"]]), None)
        if known is None:
            shard.runs[own_id] = self._journal.note({"insert": "runs", "row": row})
            return
        shard.runs[own_id] = known["id"]
        new = {name: value for name, value in row.items() if value is not None and known[name] != value}
        if new:
            self._journal.note({"update": "runs", "where": {"id": known["id"]}, "set": new})

    def captures(self) -> None:
        """Add the captures; of one that is here only the outcome may be news."""
        streams = [shard.rows("SELECT * FROM captures ORDER BY id") for shard in self._shards]
        self.each(in_step(streams, "captured_at"), self._capture)

    def _capture(self, number: int, row: Row) -> None:
        self._advance(1)
        shard = self._shards[number]
        del row["id"]
        known_id = self._place(row["file"], row["offset"], row["record_id"])
        if known_id is None:
            row |= {"file": place(row["file"]), "run_id": shard.runs.get(row["run_id"])}
            self._journal.note({"insert": "captures", "row": row})
            self._touch(row)
            return
        known = next(self._db.query("SELECT * FROM captures WHERE id = ?", [known_id]))
        if _is_news(known["outcome"], row["outcome"]):
            values = {"outcome": row["outcome"], "detail": row["detail"]}
            self._journal.note({"update": "captures", "where": {"id": known_id}, "set": values})
            self._touch(row)
        elif row["payload_digest"] != known["payload_digest"]:
            said = f"its payload is {row['payload_digest']} there and {known['payload_digest']} here"
            self._conflicts.add("capture", f"{known['file']} at {known['offset']}", shard.folder, said, "here")

    def _touch(self, capture: Row) -> None:
        if capture["kind"] == "page":
            self._db.execute("INSERT OR IGNORE INTO temp.merged_urls VALUES (?)", [capture["url"]])

    # Sightings and polls

    def sightings(self) -> None:
        """Add the sightings; of one that is here only its end may be news."""
        self._number("sightings")
        streams = [shard.rows(_SIGHTINGS) for shard in self._shards]
        counters: list[dict[int, int]] = [{} for _ in self._shards]

        def add(number: int, row: Row) -> None:
            self._advance(1)
            shard = self._shards[number]
            run, known = self._ordinal("sightings", shard, counters[number], row)
            row |= {"run_id": run, "capture_id": self.capture_id(shard, row["capture_id"])}
            if known is None:
                self._keep_place(
                    "sightings", counters[number], row, self._journal.note({"insert": "sightings", "row": row})
                )
            else:
                self._end_sighting(known, row)
            self._db.execute("INSERT OR IGNORE INTO temp.merged_urls VALUES (?)", [row["url"]])

        self.each(in_step(streams, "seen_at"), add)

    def _end_sighting(self, sighting_id: int, row: Row) -> None:
        names = ("outcome", "detail", "capture_id")
        known = self._db.execute(
            "SELECT outcome, detail, capture_id FROM sightings WHERE id = ?", [sighting_id]
        ).fetchone()
        new = {name: row[name] for name in names}
        if known[0] is None and tuple(new.values()) != known:
            self._journal.note({"update": "sightings", "where": {"id": sighting_id}, "set": new})

    def polls(self) -> None:
        """Add the polls that are not here."""
        self._number("polls")
        streams = [shard.rows("SELECT * FROM polls ORDER BY id") for shard in self._shards]
        counters: list[dict[int, int]] = [{} for _ in self._shards]

        def add(number: int, row: Row) -> None:
            self._advance(1)
            shard = self._shards[number]
            run, known = self._ordinal("polls", shard, counters[number], row)
            if known is None:
                row |= {"run_id": run, "capture_id": self.capture_id(shard, row["capture_id"])}
                self._keep_place("polls", counters[number], row, self._journal.note({"insert": "polls", "row": row}))
                day = [row["publisher"], row["source"], row["polled_at"][:10]]
                if row["kind"] != "index":
                    self._db.execute("INSERT OR IGNORE INTO temp.merged_days VALUES (?, ?, ?)", day)

        self.each(in_step(streams, "polled_at"), add)

    def _number(self, table: str) -> None:
        """Note the place in its run of every row that is here of the runs that are merged."""
        runs = sorted({run for shard in self._shards for run in shard.runs.values()})
        self._db.conn.execute("CREATE TEMP TABLE IF NOT EXISTS merged_runs (id INTEGER PRIMARY KEY)")
        self._db.conn.executemany("INSERT OR IGNORE INTO temp.merged_runs VALUES (?)", [(run,) for run in runs])
        self._db.execute(
            "INSERT OR REPLACE INTO temp.merged_places SELECT ?, run_id, row_number() OVER "  # noqa: S608 - constants
            f"(PARTITION BY run_id ORDER BY id), id FROM [{table}] WHERE run_id IN (SELECT id FROM temp.merged_runs)",
            [table],
        )
        self._db.conn.commit()

    def _ordinal(self, table: str, shard: Shard, counter: dict[int, int], row: Row) -> tuple[int | None, int | None]:
        """The run here of a shard's row, which loses its id, and the row's id here, where it has one."""
        del row["id"]
        run = shard.runs.get(row["run_id"])
        key = run or 0
        counter[key] = counter.get(key, 0) + 1
        sql = "SELECT id FROM temp.merged_places WHERE kind = ? AND run = ? AND number = ?"
        found = self._db.execute(sql, [table, key, counter[key]]).fetchone()
        return run, int(found[0]) if found else None

    def _keep_place(self, table: str, counter: dict[int, int], row: Row, row_id: int) -> None:
        run = row["run_id"] or 0
        self._db.execute("INSERT INTO temp.merged_places VALUES (?, ?, ?, ?)", [table, run, counter[run], row_id])

    # What is due when

    def sources(self) -> None:
        """Add the sources; one that several shards asked is as the last of them left it.

        In a crawl that is shared, a list's further pages may have been asked for by another worker than its first.
        """
        rows = ((shard, row) for shard in self._shards for row in shard.rows("SELECT * FROM sources ORDER BY id"))
        self.each(rows, self._source)
        self.each((row for shard in self._shards for row in shard.db.execute(_PARTS).fetchall()), self._count_parts)

    def _source(self, shard: Shard, row: Row) -> None:
        del row["id"]
        row["run_id"] = shard.runs.get(row["run_id"])
        sql = "SELECT * FROM sources WHERE publisher = ? AND url = ?"
        known = next(self._db.query(sql, [row["publisher"], row["url"]]), None)
        asked = self._db.execute(_ASKED, [row["publisher"], row["url"]]).fetchone()[0]
        if asked is not None and asked != shard.db.execute(_ASKED, [row["publisher"], row["url"]]).fetchone()[0]:
            return  # it asked before another did, or for further pages alone
        if known is None or (row["fetched_at"] or "") > (known["fetched_at"] or ""):
            changed = max(row["changed_at"] or "", (known["changed_at"] if known else None) or "") or None
            self._journal.note(
                {"upsert": "sources", "key": ["publisher", "url"], "row": {**row, "changed_at": changed}}
            )

    def _count_parts(self, publisher: str, url: str) -> None:
        """Let the entries of a source be those of all its pages, whoever asked for them."""
        entries = self._db.execute(_ENTRIES, {"publisher": publisher, "url": url}).fetchone()
        known = self._db.execute("SELECT id, entries FROM sources WHERE publisher = ? AND url = ?", [publisher, url])
        found = known.fetchone()
        if entries is not None and found is not None and found[1] != entries[0]:
            self._journal.note({"update": "sources", "where": {"id": found[0]}, "set": {"entries": entries[0]}})

    def hosts(self) -> None:
        """Add the hosts that are left alone; the longest rest holds."""
        rows = ((shard, row) for shard in self._shards for row in shard.rows("SELECT * FROM hosts ORDER BY host"))
        self.each(rows, self._host)

    def _host(self, shard: Shard, row: Row) -> None:
        row["run_id"] = shard.runs.get(row["run_id"])
        known = self._db.execute("SELECT until FROM hosts WHERE host = ?", [row["host"]]).fetchone()
        if known is None or row["until"] > known[0]:
            self._journal.note({"upsert": "hosts", "key": ["host"], "row": row})

    def imports(self) -> None:
        """Add how far foreign files were read; the farthest counts."""
        rows = ((shard, row) for shard in self._shards for row in shard.rows("SELECT * FROM imports ORDER BY file"))
        self.each(rows, self._import)

    def _import(self, shard: Shard, row: Row) -> None:
        row["run_id"] = shard.runs.get(row["run_id"])
        sql = "SELECT position, finished_at FROM imports WHERE file = ? AND selection = ?"
        known = self._db.execute(sql, [row["file"], row["selection"]]).fetchone()
        if known is None or (row["position"], row["finished_at"] or "") > (known[0], known[1] or ""):
            self._journal.note({"upsert": "imports", "key": ["file", "selection"], "row": row})

    def watches(self) -> None:
        """Add the pages that are watched; what several shards visited is due by all their visits."""
        rows = ((shard, row) for shard in self._shards for row in shard.rows("SELECT * FROM watches ORDER BY url"))
        self.each(rows, self._watch)

    def _watch(self, shard: Shard, row: Row) -> None:
        row["capture_id"] = self.capture_id(shard, row["capture_id"])
        known = next(self._db.query("SELECT * FROM watches WHERE url = ?", [row["url"]]), None)
        if known is not None and known["publisher"] != row["publisher"]:
            said = f"its publisher is {row['publisher']} there and {known['publisher']} here"
            self._conflicts.add("watch", row["url"], shard.folder, said, "here")
        new = row if known is None else self._joined(known, row)
        if new != known:
            self._journal.note({"upsert": "watches", "key": ["url"], "row": new})
            self._db.execute("INSERT OR IGNORE INTO temp.merged_urls VALUES (?)", [row["url"]])

    def _joined(self, known: Row, row: Row) -> Row:
        """One watch of two that were kept apart: as if one machine had made the visits of both."""
        last, other = (row, known) if row["visited_at"] > known["visited_at"] else (known, row)
        sql = (
            "SELECT count(*) FROM captures WHERE kind = 'page' AND outcome NOT NULL AND (url = :url OR id IN "
            "(SELECT capture_id FROM sightings WHERE url = :url))"
        )
        captures = self._db.execute(sql, {"url": row["url"]}).fetchone()[0]
        first_at = self._first_at(row["url"], last["visited_at"]) or min(known["first_at"], row["first_at"])
        next_at = last["next_at"]
        if first_at != last["first_at"] and not last["failures"]:
            next_at = utc(schedule.next_visit(moment(first_at), moment(last["visited_at"])))
        return {
            **last,
            "outcome": self._outcome(last),
            "publisher": known["publisher"],
            "first_at": first_at,
            "next_at": next_at,
            "visits": max(captures, known["visits"], row["visits"]),
            "capture_id": self._best(last["capture_id"], other["capture_id"]),
        }

    def _outcome(self, watch: Row) -> str:
        """How the last visit ended, now that its version may be none (see `Articles`)."""
        sql = (
            "SELECT outcome FROM captures WHERE url = ? AND captured_at = ? AND kind = 'page' "
            "AND outcome IN ('extracted', 'unchanged') ORDER BY id DESC LIMIT 1"
        )
        found = self._db.execute(sql, [watch["url"], watch["visited_at"]]).fetchone()
        return str(found[0]) if found and watch["outcome"] in _READ else str(watch["outcome"])

    def _first_at(self, url: str, until: str) -> str | None:
        """When the text that a page shows was first seen: from then on its visits are due."""
        sql = (
            "SELECT max(versions.captured_at) FROM versions JOIN articles ON articles.id = article_id "
            "WHERE articles.canonical_url = ? AND versions.captured_at <= ?"
        )
        found = self._db.execute(sql, [url, until]).fetchone()[0]
        return str(found) if found else None

    def _best(self, one: int | None, other: int | None) -> int | None:
        """The capture of the visit that brought most; the earlier of two alike."""
        marks = [capture for capture in (one, other) if capture is not None]
        sql = "SELECT outcome, captured_at, id FROM captures WHERE id IN (?, ?)"
        found = self._db.execute(sql, [one, other]).fetchall() if marks else []
        ranked = sorted(
            (_ORDER.index(Outcome(outcome)) if outcome else len(_ORDER), at, id_) for outcome, at, id_ in found
        )
        return ranked[0][2] if ranked else None

    def alarms(self) -> None:
        """Add the alarms, and whether they are over; of two that stand for the same trouble the first is kept."""
        streams = [shard.rows("SELECT * FROM alarms ORDER BY id") for shard in self._shards]
        self.each(in_step(streams, "raised_at"), self._alarm)

    def _alarm(self, number: int, row: Row) -> None:
        del row["id"]
        row["run_id"] = self._shards[number].runs.get(row["run_id"])
        sql = "SELECT * FROM alarms WHERE publisher = ? AND kind = ? AND source IS ? AND raised_at = ?"
        named = [row["publisher"], row["kind"], row["source"]]
        known = next(self._db.query(sql, [*named, row["raised_at"]]), None)
        if known is not None:
            new = {
                name: row[name] for name in ("cleared_at", "figures", "told") if row[name] and row[name] != known[name]
            }
            if new:
                self._journal.note({"update": "alarms", "where": {"id": known["id"]}, "set": new})
            return
        sql = "SELECT 1 FROM alarms WHERE publisher = ? AND kind = ? AND source IS ? AND cleared_at IS NULL"
        if row["cleared_at"] is not None or self._db.execute(sql, named).fetchone() is None:
            self._journal.note({"insert": "alarms", "row": row})


def _is_news(here: str | None, there: str | None) -> bool:
    """Whether an outcome tells more than the one that is here; how articles compare is settled with their versions."""
    if there is None or here == there or (here in _READ and there in _READ):
        return False
    return here is None or here == Outcome.DEFERRED or (there in _READ and here not in _READ)

"""What became of an article, judged again where the versions of several machines stand side by side."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

from archive.articles import as_json
from archive.captures import to_capture
from archive.changes import MOST_DETAILS, ChangeKind, Judged
from archive.journal import Journal
from archive.merging.shards import Row, Shard
from archive.merging.versions import Version, Visit
from archive.model import Capture, Outcome

_READ = (str(Outcome.EXTRACTED), str(Outcome.UNCHANGED))
_GONE = (ChangeKind.BLOCKED, ChangeKind.REMOVED)
Placed = Sequence[tuple[Visit, Sequence[tuple[int, Version]]]]  # of each visit the versions that it added, with ids


class Judging(Protocol):
    """Who knows languages and pages: the crawler's rules."""

    def edit(self, old: Row, new: Row) -> Judged:
        """What the newer of two versions changed in the older one."""

    def absence(
        self, capture: Capture, asked: str, outcome: str, detail: str | None
    ) -> tuple[ChangeKind, Judged] | None:
        """How an article is not there, where the capture of its page says so."""

    def rules(self) -> str:
        """The version of these rules."""

    def retired(self) -> Collection[str]:
        """Sources that nothing is expected of any more."""


class Changes:
    """Keeps the rows of `changes` in step with merged versions."""

    def __init__(self, journal: Journal, judging: Judging) -> None:
        self._journal = journal
        self._db = journal.db
        self._judging = judging

    def copy(
        self, article_id: int | None, shard: Shard, versions: Mapping[int, int], capture: Callable[[int], int | None]
    ) -> None:
        """Take over what one shard noted of an article that nobody else saw; `versions`: ids there → here."""
        sql = (
            "SELECT changes.* FROM changes JOIN articles ON articles.id = article_id WHERE canonical_url = ? "
            "ORDER BY changes.id"
        )
        url = self._db.execute("SELECT canonical_url FROM articles WHERE id = ?", [article_id]).fetchone()[0]
        for row in shard.rows(sql, url):
            del row["id"]
            row |= {"article_id": article_id, "capture_id": capture(row["capture_id"])}
            row |= {name: versions.get(row[name]) for name in ("from_version", "to_version")}
            self._save(row)

    def _save(self, row: Row) -> int:
        """Add a change, or what is new of it. Returns its id."""
        sql = "SELECT * FROM changes WHERE article_id = ? AND kind = ? AND capture_id IS ?"
        known = next(self._db.query(sql, [row["article_id"], row["kind"], row["capture_id"]]), None)
        if known is None:
            return self._journal.note({"insert": "changes", "row": row})
        new = {name: value for name, value in row.items() if known[name] != value}
        if new:
            self._journal.note({"update": "changes", "where": {"id": known["id"]}, "set": new})
        return int(known["id"])

    def join(self, article_id: int, urls: Sequence[str], placed: Placed, candidates: Sequence[Row]) -> None:
        """Let the changes be those of all visits in their order.

        `candidates`: what shards noted, their versions as (capture, hash of the text): where it is still so, it stands.
        """
        sql = "SELECT * FROM changes WHERE article_id = ? ORDER BY id"
        own = list(self._db.query(sql, [article_id]))
        before = {row["id"] for row in own}
        known = [*(self._as_candidate(row) for row in own), *candidates]
        rows = [*self._edits(placed, known), *self._standing(urls, placed, known)]
        kept = {self._save({"article_id": article_id, **row}) for row in sorted(rows, key=_order)}
        for change_id in sorted(before - kept):
            self._journal.note({"delete": "changes", "where": {"id": change_id}})

    def _as_candidate(self, row: Row) -> Row:
        found = {}
        for name in ("from_version", "to_version"):
            sql = "SELECT capture_id, text_hash FROM versions WHERE id = ?"
            found[name] = self._db.execute(sql, [row[name]]).fetchone()
        return {**row, **found}

    def _edits(self, placed: Placed, known: Sequence[Row]) -> list[Row]:
        """Between two visits that each added a version, one edit."""
        edits = {row["capture_id"]: row for row in known if row["kind"] == ChangeKind.EDITED}
        found: list[Row] = []
        adding = [(visit, versions) for visit, versions in placed if versions]
        for (_, before), (visit, after) in pairwise(adding):
            (old_id, old), (new_id, new) = before[-1], after[0]
            noted = edits.get(visit.capture_id)
            if noted is not None and noted["from_version"] == _name(old) and noted["to_version"] == _name(new):
                judged = {name: noted[name] for name in ("classes", "details", "rules")}
            else:
                judged = _fields(self._judging.edit(old.row, after[-1][1].row))
            row = {"changed_at": visit.at, "kind": str(ChangeKind.EDITED), **judged}
            found.append({**row, "from_version": old_id, "to_version": new_id, "capture_id": visit.capture_id})
        return found

    def _standing(self, urls: Sequence[str], placed: Placed, known: Sequence[Row]) -> list[Row]:
        """Removals, walls and returns: each where it is another state than the one before (see `archive.changes`)."""
        noted = {row["capture_id"]: row for row in known if row["kind"] in _GONE}
        begun = placed[0][0].at
        state: Row | None = None
        found: list[Row] = []
        for capture, at, asked in self._captures(urls, list(noted)):
            if at < begun:
                continue
            row = None
            if capture["outcome"] in _READ:
                if state is not None and state["kind"] != ChangeKind.RESTORED and capture["detail"] != "new":
                    row = self._return(state, placed, at)
            elif absence := self._absence(capture, asked, noted.get(capture["id"])):
                row = _absent(state, absence, _in_force(placed, at))
            if row is not None:
                state = {"changed_at": at, "capture_id": capture["id"], **row}
                found.append(state)
        return found

    def _absence(self, capture: Row, asked: str, noted: Row | None) -> Row | None:
        if noted is not None:
            return {name: noted[name] for name in ("kind", "classes", "details", "rules")}
        judged = self._judging.absence(to_capture(capture), asked, capture["outcome"], capture["detail"])
        return {"kind": str(judged[0]), **_fields(judged[1])} if judged else None

    def _return(self, state: Row, placed: Placed, at: str) -> Row:
        details = ({"was": state["kind"], "since": state["changed_at"]},)
        judged = Judged(classes=tuple(json.loads(state["classes"])), details=details, rules=self._judging.rules())
        versions = {"from_version": state["from_version"], "to_version": _in_force(placed, at)}
        return {"kind": str(ChangeKind.RESTORED), **_fields(judged), **versions}

    def _captures(self, urls: Sequence[str], more: Sequence[int]) -> list[tuple[Row, str, str]]:
        """The captures of a page, or of where it led, oldest first: row, time and the URL that was asked for."""
        marks, others = ", ".join("?" * len(urls)), ", ".join("?" * len(more))
        sql = f"""
            SELECT captures.*, asked FROM captures JOIN (
                SELECT id AS captured, url AS asked FROM captures WHERE url IN ({marks})
                UNION SELECT capture_id, url FROM sightings WHERE url IN ({marks}) AND capture_id NOT NULL
                UNION SELECT id, url FROM captures WHERE id IN ({others})
            ) ON captured = captures.id WHERE kind = 'page' AND outcome NOT NULL ORDER BY asked IN ({marks}) DESC, id
        """  # noqa: S608 - question marks
        found: dict[int, tuple[Row, str, str]] = {}
        for row in self._db.query(sql, [*urls, *urls, *more, *urls]):
            asked = row.pop("asked")
            found.setdefault(row["id"], (row, row["original_at"] or row["captured_at"], asked))
        return sorted(found.values(), key=lambda item: (item[1], item[0]["id"]))


def _absent(state: Row | None, absence: Row, basis: int | None) -> Row | None:
    """The row of an absence, where it is news: a wall says nothing of what is walled or gone already."""
    was = state["kind"] if state is not None else None
    same = state is not None and was == absence["kind"] and state["classes"] == absence["classes"]
    if same or (absence["kind"] == ChangeKind.BLOCKED and was in _GONE) or basis is None:
        return None
    return {**absence, "from_version": basis, "to_version": None}


def _in_force(placed: Placed, at: str) -> int | None:
    """The version in force at a time, else the first one after."""
    versions = [(visit.at, added[-1][0]) for visit, added in placed if added]
    before = [version_id for captured_at, version_id in versions if captured_at <= at]
    return before[-1] if before else versions[0][1] if versions else None


def _name(version: Version) -> tuple[Any, Any]:
    return version.row["capture_id"], version.row["text_hash"]


def _fields(judged: Judged) -> Row:
    details = as_json(judged.details[:MOST_DETAILS])
    return {"classes": as_json(judged.classes), "details": details, "rules": judged.rules}


def _order(row: Row) -> tuple[str, int]:
    return row["changed_at"], row["capture_id"]

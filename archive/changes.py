"""What became of articles after their first version: edits, removals, walls in front of them, returns.

Rows of `changes`, written in the same commit as the version or capture that shows them. The caller judges what an edit
is (`Judge`): the archive knows no languages. A version that newer rules made of an old capture is no edit.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from archive.articles import as_json, storable, utc
from archive.journal import Keeper
from archive.model import Capture

MOST_DETAILS = 100  # of one change; the versions hold all of it


class ChangeKind(StrEnum):
    """What happened to an article."""

    EDITED = "edited"  # another text
    REMOVED = "removed"  # gone: http_404, http_410, redirect, soft_404
    BLOCKED = "blocked"  # behind a wall, as far as we can see: challenge, consent, login, paywall, region
    RESTORED = "restored"  # back; the class is what it came back from


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What an edit is: its classes, what was found (JSON objects), and the version of the rules that say so."""

    classes: tuple[str, ...]
    details: tuple[Mapping[str, Any], ...]
    rules: str


Row = Mapping[str, Any]  # of `versions`
Judge = Callable[[Row, Row], Judged]  # the older version in, then the newer one


class Changes(Keeper):
    """See the module's docstring. Used through `Archive.changes`, in the archive's thread."""

    # Edits

    def basis(self, article_id: int, captured_at: str) -> dict[str, Any] | None:
        """The version in force when a page was captured (UTC text), else the first one after; None without any."""
        sql = (
            "SELECT * FROM versions WHERE article_id = :id ORDER BY captured_at <= :at DESC, "
            "CASE WHEN captured_at <= :at THEN captured_at END DESC, captured_at, number DESC LIMIT 1"
        )
        return next(self._db.query(sql, {"id": article_id, "at": captured_at}), None)

    def record_edit(self, article_id: int, judge: Judge) -> None:
        """Note what the version stored last changed in the one before it, and the one after it in this one.

        Captures may come in any order: a version of 2015 that is imported today stands before that of 2016, whose
        change is judged anew.
        """
        sql = "SELECT * FROM versions WHERE article_id = ? ORDER BY id DESC LIMIT 1"
        stored = next(self._db.query(sql, [article_id]))
        before = self._beside(stored, "<=", "DESC")
        after = self._beside(stored, ">", "ASC")
        if before is not None:
            self._save_edit(before, stored, judge(before, stored))
        if after is not None:
            self._save_edit(stored, after, judge(stored, after))

    def _beside(self, version: Row, comparison: str, order: str) -> dict[str, Any] | None:
        """The version of the capture next to a version's own, in time."""
        sql = (
            f"SELECT * FROM versions WHERE article_id = ? AND captured_at {comparison} ? AND capture_id != ? "  # noqa: S608
            f"ORDER BY captured_at {order}, number DESC LIMIT 1"
        )
        values = [version["article_id"], version["captured_at"], version["capture_id"]]
        return next(self._db.query(sql, values), None)

    def _save_edit(self, old: Row, new: Row, judged: Judged) -> None:
        known = self._db.execute(
            "SELECT id FROM changes WHERE kind = 'edited' AND to_version IN "
            "(SELECT id FROM versions WHERE article_id = ? AND capture_id = ?)",
            [new["article_id"], new["capture_id"]],
        ).fetchone()
        values = {"classes": as_json(judged.classes), "details": as_json(judged.details[:MOST_DETAILS])}
        values |= {"rules": judged.rules, "from_version": old["id"]}
        with self.journal.change():
            if known is not None:
                self.journal.note({"update": "changes", "where": {"id": known[0]}, "set": values})
            else:
                row = {"article_id": new["article_id"], "changed_at": new["captured_at"], "kind": "edited", **values}
                row |= {"to_version": new["id"], "capture_id": new["capture_id"]}
                self.journal.note({"insert": "changes", "row": row})

    # Whether an article still stands

    def article_of(self, urls: Sequence[str]) -> int | None:
        """The article whose page these URLs are: its own, or one that led to it; None when it is not known."""
        marks = ", ".join("?" * len(urls))
        sql = f"""
            SELECT id FROM articles WHERE canonical_url IN ({marks})
            UNION ALL SELECT article_id FROM captures JOIN versions ON capture_id = captures.id
                WHERE captures.url IN ({marks})
            UNION ALL SELECT article_id FROM sightings JOIN versions USING (capture_id) WHERE sightings.url IN ({marks})
            LIMIT 1
        """  # noqa: S608 - question marks
        found = self._db.execute(sql, [storable(url) for url in urls] * 3).fetchone()
        return int(found[0]) if found else None

    def record_absence(self, article_id: int, capture: Capture, kind: ChangeKind, judged: Judged) -> None:
        """Note that an article is gone or blocked, unless that is known. A wall says nothing of one that is gone."""
        state = self._state(article_id)
        basis = self.basis(article_id, str(utc(capture.as_of)))
        if basis is None or not self._is_news(article_id, state, capture):
            return
        was = state["kind"] if state is not None else None
        same = was == kind and state is not None and state["classes"] == as_json(judged.classes)
        if same or (kind is ChangeKind.BLOCKED and was in {ChangeKind.BLOCKED, ChangeKind.REMOVED}):
            return
        self._save(article_id, capture, kind, judged, (basis["id"], None))

    def record_presence(self, article_id: int, capture: Capture, *, rules: str) -> None:
        """Note that an article which was gone or blocked is back."""
        state = self._state(article_id)
        if state is None or state["kind"] == ChangeKind.RESTORED or not self._is_news(article_id, state, capture):
            return
        basis = self.basis(article_id, str(utc(capture.as_of)))
        judged = Judged(
            classes=tuple(json.loads(state["classes"])),
            details=({"was": state["kind"], "since": state["changed_at"]},),
            rules=rules,
        )
        versions = (state["from_version"], basis["id"] if basis else None)
        self._save(article_id, capture, ChangeKind.RESTORED, judged, versions)

    def _state(self, article_id: int) -> dict[str, Any] | None:
        """The last row that says whether an article stands; None when it always has."""
        sql = (
            "SELECT * FROM changes WHERE article_id = ? AND kind != 'edited' ORDER BY changed_at DESC, id DESC LIMIT 1"
        )
        return next(self._db.query(sql, [article_id]), None)

    def _is_news(self, article_id: int, state: Row | None, capture: Capture) -> bool:
        """Whether a capture is younger than what is known: a page imported from the past says nothing of today."""
        at = str(utc(capture.as_of))
        newest = self._db.execute(
            "SELECT max(captured_at) FROM versions WHERE article_id = ?", [article_id]
        ).fetchone()[0]
        return at >= str(newest or "") and (state is None or at >= state["changed_at"])

    def _save(
        self,
        article_id: int,
        capture: Capture,
        kind: ChangeKind,
        judged: Judged,
        versions: tuple[int | None, int | None],
    ) -> None:
        row = {"article_id": article_id, "changed_at": utc(capture.as_of), "kind": str(kind)}
        row |= {"classes": as_json(judged.classes), "details": as_json(judged.details), "rules": judged.rules}
        row |= {"from_version": versions[0], "to_version": versions[1], "capture_id": capture.id}
        with self.journal.change():
            self.journal.note({"insert": "changes", "row": row})

"""What versions mention, found anew where vocabulary or rules are newer than those that a version was read by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.articles import mentions_of
from archive.journal import Keeper
from archive.model import Named, Relevance

_WHERE = (
    "(:everything OR names IS NOT :names OR vocabulary IS NOT :vocabulary) "
    "AND (:publisher IS NULL OR publisher = :publisher COLLATE NOCASE) "
    "AND (:since IS NULL OR captured_at >= :since) AND (:until IS NULL OR captured_at < :until)"
)
_SHOWN = "SELECT id FROM versions WHERE article_id = ? ORDER BY captured_at DESC, number DESC LIMIT 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """Versions that were not read by these rules: `names` of actors and places, `vocabulary` of conflict.

    Of one publisher, captured on or after `since` and on or before `until` (days in UTC). `everything`: all of these.
    """

    names: str
    vocabulary: str
    publisher: str | None = None
    since: date | None = None
    until: date | None = None
    everything: bool = False

    def values(self) -> dict[str, Any]:
        """For the query."""
        return {
            "names": self.names,
            "vocabulary": self.vocabulary,
            "publisher": self.publisher,
            "since": self.since.isoformat() if self.since else None,
            "until": f"{self.until.isoformat()}T24" if self.until else None,
            "everything": self.everything,
        }


class Mentions(Keeper):
    """Reads the versions whose mentions are out of date, and gives them others."""

    def outdated(self, wanted: Outdated) -> list[int]:
        """The ids of the versions, oldest first."""
        sql = f"SELECT id FROM versions WHERE {_WHERE} ORDER BY id"  # noqa: S608 - constants
        return [int(row[0]) for row in self._db.execute(sql, wanted.values())]

    def versions(self, ids: list[int]) -> Iterator[dict[str, Any]]:
        """What a version says, with `country`, its publisher's."""
        marks = ", ".join("?" * len(ids))
        sql = (
            "SELECT versions.*, country FROM versions LEFT JOIN publishers ON publishers.name = publisher "  # noqa: S608
            f"WHERE id IN ({marks}) ORDER BY id"
        )
        yield from self._db.query(sql, ids)

    def revise(self, version: Mapping[str, Any], relevance: Relevance, named: Named) -> bool:
        """Give a version the mentions that were found in it now. Returns whether they differ. Raises ArchiveError."""
        rows = mentions_of(relevance, named)
        values = {"names": named.vocabulary, "vocabulary": relevance.vocabulary, "relevance": relevance.score}
        before = self._db.query("SELECT * FROM mentions WHERE version_id = ?", [version["id"]])
        same = {_key(row) for row in before} == {_key(row) for row in rows}
        with self.journal.change():
            self.journal.note({"mentions": rows, "of": version["id"], "set": values})
            shown = self._db.execute(_SHOWN, [version["article_id"]]).fetchone()
            if shown == (version["id"],) and relevance.score != version["relevance"]:
                where = {"id": version["article_id"]}
                self.journal.note({"update": "articles", "where": where, "set": {"relevance": relevance.score}})
        return not same


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("kind", "term", "part", "count")
    return (*(row[name] for name in names), row.get("spans", "[]"), row.get("certainty", "sure"), row.get("label"))

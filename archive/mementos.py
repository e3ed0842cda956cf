"""Captures in other archives: which their indexes listed, and which are still to be fetched.

A sighting with a `memento` is one listing of such a capture. It is work of its own, apart from the page as it is now:
fetched once, from the archive that has it, and never visited again, because it does not change.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from archive.articles import storable, utc
from archive.journal import Keeper
from archive.model import Outcome
from archive.schedule import RETRIES


@dataclass(frozen=True, kw_only=True, slots=True)
class Memento:
    """One that waits. `id`: its sighting's · `url`: the page's, as the index `source` has it."""

    id: int
    url: str
    address: str
    captured_at: datetime
    source: str


class Mementos(Keeper):
    """See the module's docstring. Used through `Archive.mementos`, in the archive's thread."""

    def waiting(self, publisher: str, *, after: int = 0, limit: int = 500) -> list[Memento]:
        """Those of `publisher` that are to be fetched, first listed first, of sightings with an id above `after`."""
        rows = self._db.execute(
            "SELECT id, raw_url, memento, announced_at, source FROM sightings "
            "WHERE publisher = ? AND outcome IS NULL AND memento IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
            [publisher, after, limit],
        )
        return [
            Memento(id=id_, url=url, address=address, captured_at=datetime.fromisoformat(captured_at), source=source)
            for id_, url, address, captured_at, source in rows
        ]

    def count(self, publisher: str) -> int:
        """How many are to be fetched."""
        sql = "SELECT count(*) FROM sightings WHERE publisher = ? AND outcome IS NULL AND memento IS NOT NULL"
        return int(self._db.execute(sql, [publisher]).fetchone()[0])

    def listed(self, url: str, since: datetime, until: datetime) -> set[str]:
        """The addresses of the captures of a page, made between `since` and `until`, that were listed so far."""
        sql = "SELECT memento FROM sightings WHERE url = ? AND memento IS NOT NULL AND announced_at BETWEEN ? AND ?"
        return {memento for (memento,) in self._db.execute(sql, [storable(url), utc(since), utc(until)])}

    def may_try_again(self, url: str, address: str) -> bool:
        """Whether the capture of `url` at `address`, which failed just now, is worth another try in a later run."""
        sql = "SELECT count(*) FROM captures WHERE url = ? AND via = ? AND +outcome = 'failed'"
        return int(self._db.execute(sql, [storable(url), storable(address)]).fetchone()[0]) < len(RETRIES)

    def end(self, address: str, outcome: Outcome, detail: str | None, capture_id: int | None = None) -> None:
        """End all open sightings of the capture at `address`."""
        self._mark(address, {"outcome": str(outcome), "capture_id": capture_id, "detail": storable(detail)})

    def defer(self, address: str, detail: str | None) -> None:
        """Say why the capture at `address` is still to be fetched."""
        self._mark(address, {"detail": storable(detail)})

    def _mark(self, address: str, values: dict[str, object]) -> None:
        with self.journal.change():
            where = {"memento": storable(address), "outcome": None}
            self.journal.note({"update": "sightings", "where": where, "set": values})


def has_ended(db: Database, address: str) -> bool:
    """Whether the capture at `address` came to an end, so that there is nothing more to do about it."""
    sql = "SELECT 1 FROM sightings WHERE memento = ? AND outcome IS NOT NULL LIMIT 1"
    return db.execute(sql, [storable(address)]).fetchone() is not None

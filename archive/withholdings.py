"""Withholding articles and giving them back, through the journal; see `archive.withheld` for what readers then see."""

import sqlite3
from typing import Any

from archive import copies
from archive.articles import now, storable
from archive.errors import NotWithheld
from archive.journal import Keeper
from archive.withheld import is_withheld, tombstone

# Where the bytes of a withheld article lie: the one thing of it that is still said, to whoever keeps the archive.
_LIST = """
SELECT withholdings.*, captures.file AS warc_file, captures.offset AS warc_offset, captures.record_id AS warc_record_id
FROM main.withholdings LEFT JOIN main.articles ON articles.id = article_id
LEFT JOIN main.captures ON captures.id = articles.capture_id
ORDER BY withholdings.id
"""


def withholdings(connection: sqlite3.Connection, *, with_restored: bool = True) -> list[dict[str, Any]]:
    """Every withholding, first to last, with where the article's bytes lie; `restored_at` is None in those in force."""
    cursor = connection.execute(_LIST)
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    return [row for row in found if with_restored or row["restored_at"] is None]


class Withholdings(Keeper):
    """The archive's log of what was withheld, when and why, and what was given back."""

    def withhold(self, article_id: int, reason: str) -> None:
        """Withhold an article. `reason` is shown to whoever opens its address.

        Raises NotWithheld where there is no such article, where it is withheld already, or without a reason.
        """
        reason = storable(" ".join(reason.split()))
        if not reason:
            raise NotWithheld("say why with --reason: it is shown in the article's place")
        if not self._db.execute("SELECT 1 FROM articles WHERE id = ?", [article_id]).fetchone():
            raise NotWithheld(f"there is no article {article_id}; `archive search` finds their numbers")
        if there := tombstone(self._db.conn, article_id):
            raise NotWithheld(
                f"article {article_id} is withheld already, since {there['withheld_at']}: {there['reason']}; "
                f"for another reason, `archive restore {article_id}` first"
            )
        row = {"article_id": article_id, "withheld_at": now(), "reason": reason, "restored_at": None}
        with self.journal.change():
            self.journal.note({"withhold": row})

    def restore(self, article_id: int) -> None:
        """Show a withheld article again, and find its copies among what came meanwhile.

        Raises NotWithheld where it is not withheld.
        """
        if not is_withheld(self._db.conn, article_id):
            raise NotWithheld(f"article {article_id} is not withheld; `archive withhold --list` names those that are")
        with self.journal.change():
            self.journal.note({"restore": article_id, "restored_at": now()})
            for link in copies.links(self._db.conn, article_id):
                if not self._is_linked(link["article_id"]):
                    self.journal.note({"upsert": "syndications", "key": ["article_id", "syndicated_from"], "row": link})

    def _is_linked(self, article_id: int) -> bool:
        sql = "SELECT 1 FROM syndications WHERE article_id = ?"
        return self._db.execute(sql, [article_id]).fetchone() is not None

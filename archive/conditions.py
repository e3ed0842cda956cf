"""What a server can be asked instead of "send it all": whether it still has what it sent last (RFC 9110, section 13.1).

A condition is only ever as good as what it refers to, so it names a capture whose bytes can be read, and that came to
something: a page whose text is stored, a source whose entries were read. Some servers lie ("some feeds return same ETag
even when the feed has changed", says Media Cloud's rss-fetcher from experience), so every page and source is asked
without a condition when the last answer with a body is old.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from archive.folder import IMPORTED
from archive.revisits import Revisits

# For how long a server is believed, counted from the last answer that brought a body. A page is fetched whole at the
# visits of its seventh and thirtieth day (see `archive.schedule`).
TRUST = {"source": timedelta(hours=24), "page": timedelta(days=7)}
MAX_LENGTH = 1024  # characters of a validator; nobody's are longer

_NEWEST = f"""
SELECT id, captured_at, etag, last_modified, record_id, outcome, truncated, error FROM captures
WHERE url = ? AND status = 200 AND intermediary IS NULL AND file NOT LIKE '{IMPORTED}/%' ORDER BY id DESC LIMIT 1
"""  # noqa: S608 - a constant

_POLL = "SELECT outcome FROM polls WHERE capture_id = ? AND error IS NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """The validators of the capture whose record is `record_id`, as the server sent them, weak ones too."""

    record_id: str
    etag: str | None = None
    last_modified: str | None = None


class Conditions:
    """Finds conditions. Used through `Archive.conditions`, in the archive's thread."""

    def __init__(self, db: Database, revisits: Revisits) -> None:
        self._db = db
        self._revisits = revisits

    def of(self, url: str, *, kind: str, at: datetime) -> Condition | None:
        """The condition for asking `url` at the time `at`, None where it is to be asked for whole.

        It is that of the URL that answered, so that of a redirect's target belongs to the target. `kind` is a
        capture's: page or source.
        """
        newest = next(self._db.query(_NEWEST, [url]), None)
        if newest is None or newest["truncated"] or newest["error"]:
            return None
        etag, last_modified = _fit(newest["etag"]), _fit(newest["last_modified"])
        if etag is None and last_modified is None:
            return None
        if at - datetime.fromisoformat(newest["captured_at"]) >= TRUST[kind]:
            return None
        if not self._came_to_something(kind, newest["id"], newest["outcome"]):
            return None
        if not self._revisits.has(newest["record_id"], url):
            return None
        return Condition(record_id=newest["record_id"], etag=etag, last_modified=last_modified)

    def _came_to_something(self, kind: str, capture_id: int, outcome: str | None) -> bool:
        """Whether what the capture held is stored, all of it. A wall or a feed in pieces is asked for again."""
        if kind == "page":
            return outcome in {"extracted", "unchanged"}
        poll = self._db.execute(_POLL, [capture_id]).fetchone()
        return poll is not None and poll[0] == "read"


def _fit(value: str | None) -> str | None:
    """A validator that can go into a header again."""
    return value if value and len(value) <= MAX_LENGTH and value.isascii() and value.isprintable() else None

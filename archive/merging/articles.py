"""Articles of shards: copied where one machine alone saw them, joined where several did."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.agenda import moment
from archive.articles import SHARED
from archive.events import headline_of
from archive.folder import WARC
from archive.journal import Journal
from archive.merging.changes import Changes, Judging
from archive.merging.rows import Rows
from archive.merging.shards import Conflicts, Row, Shard, in_step, place
from archive.merging.versions import Key, Version, Visit, due, visits
from archive.model import Outcome
from archive.withheld import is_withheld

_BEGUN = (
    "SELECT canonical_url, (SELECT min(captured_at) FROM versions WHERE article_id = articles.id) AS begun_at "
    "FROM articles ORDER BY id"
)
# Articles here whose page a shard visited without having the article itself.
_TOUCHED = """
SELECT DISTINCT canonical_url FROM temp.merged_urls AS u JOIN articles ON canonical_url = u.url
UNION SELECT canonical_url FROM temp.merged_urls AS u JOIN captures ON captures.url = u.url
    JOIN versions ON versions.capture_id = captures.id
"""
_MACHINES = """
SELECT count(DISTINCT coalesce(shard, '')) FROM captures LEFT JOIN runs ON runs.id = run_id
WHERE kind = 'page' AND outcome NOT NULL AND url IN ({marks})
"""
_VERSIONS = """
SELECT * FROM versions WHERE article_id = (SELECT id FROM articles WHERE canonical_url = ?) ORDER BY number
"""
_WITHHOLDINGS = """
SELECT * FROM withholdings WHERE article_id = (SELECT id FROM articles WHERE canonical_url = ?) ORDER BY id
"""
_MENTIONS = "SELECT * FROM mentions WHERE version_id = ?"
_READ = (str(Outcome.EXTRACTED), str(Outcome.UNCHANGED))


class Articles:
    """Adds the articles of shards, with their versions, mentions, changes and copies."""

    def __init__(
        self, journal: Journal, shards: Sequence[Shard], rows: Rows, judging: Judging, conflicts: Conflicts
    ) -> None:
        self._journal = journal
        self._db = journal.db
        self._shards = shards
        self._rows = rows
        self._conflicts = conflicts
        self._changes = Changes(journal, judging)

    def add(self, advance: Any) -> None:
        """Add all of them, those first that were captured first."""

        def one(_number: int, row: Row) -> None:
            advance(1)
            self._once(row["canonical_url"])

        self._rows.each(in_step([shard.rows(_BEGUN) for shard in self._shards], "begun_at"), one)
        self._rows.each(self._db.execute(_TOUCHED).fetchall(), self._once)

    def _once(self, url: str) -> None:
        if self._db.execute("INSERT OR IGNORE INTO temp.merged_articles VALUES (?)", [url]).rowcount:
            self._article(url)

    def _article(self, url: str) -> None:
        origins = [self._own(url)] + [self._versions(shard, url) for shard in self._shards]
        urls = sorted({url, *(version.row["url"] for versions in origins for version in versions)})
        publishers = sorted({str(version.row["publisher"]) for versions in origins for version in versions})
        if len(publishers) > 1:
            said = f"it is said to be of {' and of '.join(publishers)}"
            self._conflicts.add("article", url, self._shards[0].folder, said, "each in its version")
        sql = _MACHINES.format(marks=", ".join("?" * len(urls)))
        if self._db.execute(sql, urls).fetchone()[0] > 1:
            self._join(url, urls, origins)
        else:
            for shard, versions in zip(self._shards, origins[1:], strict=True):
                if versions:
                    self._copy(url, shard, versions)
        self._withhold(url)

    # Versions as they are

    def _own(self, url: str) -> list[Version]:
        rows = self._db.query(
            _VERSIONS,
            [url],
        )
        return [Version(row=row, mentions=_mentions(self._db.query(_MENTIONS, [row["id"]]))) for row in list(rows)]

    def _versions(self, shard: Shard, url: str) -> list[Version]:
        found = shard.rows(
            _VERSIONS,
            url,
        )
        versions = []
        for row in found:
            row["capture_id"] = self._rows.capture_id(shard, row["capture_id"])
            row["text_file"] = place(row["text_file"]) if row["text_file"] else None
            versions.append(Version(row=row, mentions=_mentions(shard.rows(_MENTIONS, row["id"]))))
        return versions

    # One machine alone

    def _copy(self, url: str, shard: Shard, versions: Sequence[Version]) -> None:
        known = _ids(self._own(url))
        ids: dict[int, int] = {}
        for version in versions:
            if version.key not in known:
                known[version.key] = self._insert(url, version)
            ids[version.row["id"]] = known[version.key]
        self._changes.copy(self._id(url), shard, ids, lambda capture_id: self._rows.capture_id(shard, capture_id))

    def _insert(self, url: str, version: Version) -> int:
        """Add a version to the article of `url`, which is begun with its first. Returns the version's id."""
        left_out = {"id", "article_id", "number", "text"}
        row = {name: value for name, value in version.row.items() if name not in left_out}
        text = version.row["text"]
        if row["text_offset"] is None:  # its record was lost with a damaged file
            row |= self._written_anew(row, headline_of(row) + text)
        event = {"version": row, "article": self._id(url), "seen_at": self._seen_at(row)}
        article_id = self._journal.note_version({**event, "mentions": list(version.mentions)}, text=text)
        return int(self._db.execute("SELECT max(id) FROM versions WHERE article_id = ?", [article_id]).fetchone()[0])

    def _written_anew(self, row: Row, text: str) -> Row:
        capture = next(self._db.query("SELECT record_id, url FROM captures WHERE id = ?", [row["capture_id"]]))
        written = self._journal.texts.write_conversion(
            refers_to=capture["record_id"], target_uri=capture["url"], captured_at=moment(row["captured_at"]), text=text
        )
        place_ = {"text_file": f"{WARC}/{written.file}", "text_record_id": written.record_id}
        return {**place_, "text_offset": written.offset}

    def _id(self, url: str) -> int | None:
        found = self._db.execute("SELECT id FROM articles WHERE canonical_url = ?", [url]).fetchone()
        return int(found[0]) if found else None

    def _seen_at(self, row: Row) -> str | None:
        """When its page was first seen in a source, up to its capture."""
        sql = "SELECT min(seen_at) FROM sightings WHERE url IN (?, ?) AND seen_at <= ?"
        found = self._db.execute(sql, [row["canonical_url"], row["url"], row["captured_at"]]).fetchone()[0]
        return str(found) if found else None

    # Several machines

    def _join(self, url: str, urls: Sequence[str], origins: Sequence[Sequence[Version]]) -> None:
        history = due(visits(origins, self._unchanged(urls)))
        known = _ids(origins[0])
        ids: list[tuple[Visit, list[tuple[int, Version]]]] = []
        for visit, versions in history:
            placed = []
            for version in versions:
                if version.key not in known:
                    known[version.key] = self._insert(url, version)
                placed.append((known[version.key], version))
            ids.append((visit, placed))
        article_id = self._id(url)
        if article_id is None:  # off-topic, removed, walled for all who came
            return
        kept = [(version_id, version) for _, placed in ids for version_id, version in placed]
        self._settle_outcomes(urls, ids)
        self._changes.join(article_id, urls, ids, self._candidates(url))
        self._show(article_id, kept)  # before what it may have shown is gone
        for version in origins[0]:
            if version.row["id"] not in {version_id for version_id, _ in kept}:
                self._journal.note({"delete": "mentions", "where": {"version_id": version.row["id"]}})
                self._journal.note({"delete": "versions", "where": {"id": version.row["id"]}})
        self._number(article_id, [version_id for version_id, _ in kept])

    def _unchanged(self, urls: Sequence[str]) -> list[dict[int, str]]:
        """For this archive and each shard the captures that were found to be the text in force."""
        marks = ", ".join("?" * len(urls))
        sql = f"SELECT * FROM captures WHERE kind = 'page' AND outcome = 'unchanged' AND url IN ({marks}) ORDER BY id"  # noqa: S608
        there = []
        for shard in self._shards:
            captures = ((self._rows.capture_id(shard, row["id"]), row) for row in shard.rows(sql, *urls))
            there.append({capture_id: _at(row) for capture_id, row in captures if capture_id is not None})
        elsewhere = {capture_id for captures in there for capture_id in captures}
        here = {row["id"]: _at(row) for row in self._db.query(sql, list(urls)) if row["id"] not in elsewhere}
        return [here, *there]

    def _settle_outcomes(self, urls: Sequence[str], ids: Sequence[tuple[Visit, Sequence[Any]]]) -> None:
        """What each capture was, now that it is known what was known when it was made."""
        is_first = True
        for visit, placed in ids:
            found = self._db.execute("SELECT outcome, detail, url FROM captures WHERE id = ?", [visit.capture_id])
            outcome, detail, captured_url = found.fetchone()
            values = {"outcome": "extracted", "detail": "new" if is_first else "changed"}
            if not placed:
                values = {"outcome": "unchanged", "detail": detail if outcome == "unchanged" else "unchanged"}
            is_first = is_first and not placed
            if outcome not in _READ or (outcome, detail) == tuple(values.values()):
                continue
            self._journal.note({"update": "captures", "where": {"id": visit.capture_id}, "set": values})
            for url in dict.fromkeys((*urls, captured_url)):
                sql = "SELECT 1 FROM sightings WHERE url = ? AND capture_id = ? LIMIT 1"
                if self._db.execute(sql, [url, visit.capture_id]).fetchone():
                    where = {"url": url, "capture_id": visit.capture_id}
                    self._journal.note({"update": "sightings", "where": where, "set": values})
                self._db.execute("INSERT OR IGNORE INTO temp.merged_urls VALUES (?)", [url])

    def _candidates(self, url: str) -> list[Row]:
        """The changes that shards noted of an article, with their versions and captures by what is here."""
        found = []
        for shard in self._shards:
            sql = (
                "SELECT * FROM changes WHERE article_id = (SELECT id FROM articles WHERE canonical_url = ?) ORDER BY id"
            )
            for row in list(shard.rows(sql, url)):
                sql = "SELECT capture_id, text_hash FROM versions WHERE id = ?"
                for name in ("from_version", "to_version"):
                    version = shard.db.execute(sql, [row[name]]).fetchone()
                    capture = self._rows.capture_id(shard, version[0]) if version else None
                    row[name] = (capture, version[1]) if version else None
                found.append({**row, "capture_id": self._rows.capture_id(shard, row["capture_id"])})
        return found

    def _withhold(self, url: str) -> None:
        """Keep from readers what a shard does, until it, or this archive, shows it again."""
        article_id = self._id(url)
        for shard in self._shards:
            for row in list(shard.rows(_WITHHOLDINGS, url)):
                given = {"withheld_at": row["withheld_at"], "reason": row["reason"]}
                sql = "SELECT restored_at FROM withholdings WHERE article_id = ? AND withheld_at = ? AND reason = ?"
                known = self._db.execute(sql, [article_id, *given.values()]).fetchone()
                if known is not None and known[0] is None and row["restored_at"]:
                    self._journal.note({"restore": article_id, "restored_at": row["restored_at"]})
                elif known is None and row["restored_at"]:
                    ended = {**given, "article_id": article_id, "restored_at": row["restored_at"]}
                    self._journal.note({"insert": "withholdings", "row": ended})
                elif known is None and not is_withheld(self._db.conn, int(article_id or 0)):
                    self._journal.note({"withhold": {**given, "article_id": article_id}})

    def _number(self, article_id: int, ids: Sequence[int]) -> None:
        sql = "SELECT id, number FROM versions WHERE article_id = ?"
        numbers = dict(self._db.execute(sql, [article_id]).fetchall())
        wrong = [(version_id, number) for number, version_id in enumerate(ids, 1) if numbers[version_id] != number]
        for version_id, number in [(version_id, -number) for version_id, number in wrong] + wrong:
            self._journal.note({"update": "versions", "where": {"id": version_id}, "set": {"number": number}})

    def _show(self, article_id: int, kept: Sequence[tuple[int, Version]]) -> None:
        """Let the article's row be its newest version."""
        newest = max(version.row["captured_at"] for _, version in kept)
        shown = next(version.row for _, version in reversed(kept) if version.row["captured_at"] == newest)
        due_row = {name: shown[name] for name in SHARED}
        due_row |= {"versions": len(kept), "seen_at": self._seen_at(kept[0][1].row)}
        known = next(self._db.query("SELECT * FROM articles WHERE id = ?", [article_id]))
        new = {name: value for name, value in due_row.items() if known[name] != value}
        if new:
            self._journal.note({"article": article_id, "set": new})


def _ids(versions: Sequence[Version]) -> dict[Key, int]:
    """The ids of versions by all their keys: a text whose record was lost there may have been written anew here."""
    return {key: version.row["id"] for version in versions for key in reversed(version.keys)}


def _mentions(rows: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple({name: value for name, value in row.items() if name != "version_id"} for row in rows)


def _at(capture: Mapping[str, Any]) -> str:
    """The time of which a capture tells; another archive's is of an earlier day."""
    return str(capture["original_at"] or capture["captured_at"])

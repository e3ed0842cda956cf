"""What can happen to the database, as data: the events of the journal, and what each does.

    {"insert": "runs", "row": {…}}                                  a new row; its id is noted in the event
    {"upsert": "publishers", "key": ["name"], "row": {…}}           a new row, or new values of a known one
    {"update": "captures", "where": {"id": 4}, "set": {…}}          new values of all rows that fit
    {"delete": "versions", "where": {"id": 9}}                      all rows that fit: what another shard knew before
    {"article": 7, "set": {…}}                                      an article is another of its versions
    {"version": {…}, "article": 7, "seen_at": …, "mentions": […]}   a version of an article, its text in a WARC file
    {"mentions": […], "of": 12, "set": {…}}                         what a version mentions, found anew; its new values
    {"withhold": {"article_id": 7, "reason": …, …}}                 an article is kept from readers
    {"restore": 7, "restored_at": …}                                and shown to them again
    {"snapshot": {"runs": [{…}, …], …}}                             all rows of an archive begun without a journal

Applying the same events in the same order to an empty database always gives the same rows, whatever the machine.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from archive import atlas, copies, coverage_days, permalinks, withheld
from archive.articles import insert_mentions, insert_version
from archive.errors import ArchiveError
from archive.rows import delete, insert, update
from archive.search import index

Event = dict[str, Any]
# File and offset of a conversion record, and the headline that its block begins with, in; the text behind that out, or
# what stands for it.
ReadText = Callable[[str, int, str], str | bytes]

# In an order in which rows come after those that they refer to.
TABLES = (
    "about", "publishers", "shards", "runs", "files", "captures", "sources", "sightings", "withholdings", "articles",
    "versions", "mentions", "syndications", "polls", "watches", "changes", "alarms", "hosts", "coverage", "imports",
)  # fmt: skip
_WITHOUT_ID = frozenset(
    ("about", "publishers", "shards", "files", "mentions", "syndications", "watches", "hosts", "coverage", "imports")
)


def apply(db: Database, event: Event, read_text: ReadText, *, searchable: bool = True) -> int:
    """Do what an event says, inside the caller's transaction. Returns the id of the row that it made, or 0.

    Ids that the database gives are written into the event; those in it are kept. Raises ArchiveError for an event that
    this program does not know. Without `searchable` nothing is kept by which articles are found by their words.
    """
    match event:
        case {"insert": str(table), "row": row}:
            row_id = insert(db.conn, table, row)
            if table not in _WITHOUT_ID:
                event["row"] = {"id": row_id, **row}
            return row_id
        case {"upsert": str(table), "key": key, "row": row}:
            _upsert(db, table, key, row)
        case {"update": str(table), "where": where, "set": values}:
            update(db.conn, table, where, values)
        case {"article": int(), "set": _} | {"mentions": _, "of": _, "set": _}:
            _revise(db, event, searchable=searchable)
        case {"delete": str(table), "where": where}:
            delete(db.conn, table, where)
        case {"version": version, "article": article_id}:
            event["article"] = _insert_version(db, event, version, article_id, read_text, searchable=searchable)
            return int(event["article"])
        case {"withhold": _} | {"restore": _}:
            _withhold(db, event, searchable=searchable)
        case {"snapshot": tables}:
            _insert_all(db, tables, searchable=searchable)
        case _:
            raise ArchiveError(f"a journal event of a kind that this version does not know: {sorted(event)}")
    return 0


def _upsert(db: Database, table: str, key: Sequence[str], row: Mapping[str, Any]) -> None:
    """A new row, or new values of a known one."""
    new = ", ".join(f"[{name}] = excluded.[{name}]" for name in row if name not in key)
    insert(db.conn, table, row, f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {new}")
    if table == "coverage":
        coverage_days.follow(db.conn, row["publisher"], row["day"])


def _withhold(db: Database, event: Event, *, searchable: bool) -> None:
    """Keep an article from readers, or show it again."""
    if "withhold" in event:
        row = event["withhold"]
        event["withhold"] = {"id": insert(db.conn, "withholdings", row), **row}
        change, article_id = withheld.take_out, row["article_id"]
    else:
        change, article_id = withheld.put_back, event["restore"]
        where = {"article_id": article_id, "restored_at": None}
        update(db.conn, "withholdings", where, {"restored_at": event["restored_at"]})
    if searchable:
        change(db.conn, article_id)


def _insert_all(db: Database, tables: Mapping[str, Any], *, searchable: bool) -> None:
    """The rows of a snapshot, or of a part of one."""
    named = _articles_of(db, tables) if searchable else frozenset()
    for article_id in named:
        atlas.remove(db.conn, article_id)
    for table in TABLES:
        for row in tables.get(table, ()):
            # a database that is made anew has its own day of birth, and of files what it found itself, until it reads
            # the archive's
            insert(db.conn, table, row, verb="REPLACE" if table in {"about", "files"} else "INSERT OR IGNORE")
            if table == "coverage":
                coverage_days.follow(db.conn, row["publisher"], row["day"])
            if table == "articles" and searchable:
                permalinks.add(db.conn, row["id"], row["canonical_url"])
            if table == "articles" and searchable and not withheld.is_withheld(db.conn, row["id"]):
                index.replace(db.conn, row["id"], None, (row["headline"], row["text"]))
                copies.replace(db.conn, row["id"], None, (row["text"], copies.moment(row)))
    for article_id in named | _articles_of(db, tables) if searchable else ():
        atlas.add(db.conn, article_id)


def _articles_of(db: Database, tables: Mapping[str, Any]) -> frozenset[int]:
    """The articles that readers see to which these rows belong: a part of a snapshot may have but their mentions."""
    ids = {row["id"] for row in tables.get("articles", ())} | {row["article_id"] for row in tables.get("versions", ())}
    versions = json.dumps(sorted({row["version_id"] for row in tables.get("mentions", ())}))
    sql = """
        SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM withheld)
            AND (id IN (SELECT value FROM json_each(:ids)) OR id IN
                (SELECT article_id FROM versions WHERE id IN (SELECT value FROM json_each(:versions))))
    """
    found = db.conn.execute(sql, {"ids": json.dumps(sorted(ids)), "versions": versions})
    return frozenset(article_id for (article_id,) in found)


def _revise(db: Database, event: Event, *, searchable: bool) -> None:
    """An article is another of its versions; or a version mentions something else."""
    if "article" in event:
        _update_article(db, event["article"], event["set"], searchable=searchable)
        return
    version_id = event["of"]
    article_id = db.execute("SELECT article_id FROM versions WHERE id = ?", [version_id]).fetchone()[0]
    is_counted = searchable and not withheld.is_withheld(db.conn, article_id)
    if is_counted:
        atlas.remove(db.conn, article_id)
    delete(db.conn, "mentions", {"version_id": version_id})
    insert_mentions(db, version_id, event["mentions"])
    update(db.conn, "versions", {"id": version_id}, event["set"])
    if is_counted:
        atlas.add(db.conn, article_id)


def _update_article(db: Database, article_id: int, values: Mapping[str, Any], *, searchable: bool) -> None:
    """New values of an article, by which it is found elsewhere."""
    is_found = searchable and not withheld.is_withheld(db.conn, article_id)
    if is_found:
        withheld.take_out(db.conn, article_id)
    update(db.conn, "articles", {"id": article_id}, values)
    if is_found:
        withheld.put_back(db.conn, article_id)


def _insert_version(
    db: Database,
    event: Event,
    version: Mapping[str, Any],
    article_id: int | None,
    read_text: ReadText,
    *,
    searchable: bool,
) -> int:
    text = read_text(version["text_file"], version["text_offset"], headline_of(version))
    known = article_id is not None and db.conn.execute("SELECT 1 FROM articles WHERE id = ?", [article_id]).fetchone()
    return insert_version(
        db,
        article_id,
        {**version, "text": text},
        is_new=not known,
        seen_at=event.get("seen_at"),
        mentions=event.get("mentions", ()),
        searchable=searchable,
    )


def headline_of(version: Mapping[str, Any]) -> str:
    """What stands in front of the text in a version's conversion record."""
    return f"{version['headline']}\n\n" if version["headline"] else ""

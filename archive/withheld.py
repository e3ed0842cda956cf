"""Articles that are withheld: kept as they are, and shown to nobody.

To withhold an article adds a row to `withholdings` and takes its words out of what articles are found by; nothing else
in the database and nothing in the WARC files changes, so the archive stays whole and everything comes back as it was.

What keeps the article from readers is the connection that they read through. `shield` lays views over the tables,
under the tables' own names, that have no row of it. SQLite looks a name without a schema up among the temporary ones
first (https://www.sqlite.org/lang_naming.html), so a query that was written for the tables is answered without the
article, and no query can forget to ask. `main.articles` is the table itself.
"""

# ruff: noqa: S608 - SQL of constants

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any

from archive import atlas, copies, tallies
from archive.search import index

_ARTICLES = "(SELECT article_id FROM main.withheld)"
_URLS = "(SELECT url FROM temp.withheld_urls)"
_TITLES = "(SELECT title FROM temp.withheld_titles)"
_VERSIONS = f"(SELECT id FROM main.versions WHERE article_id IN {_ARTICLES})"
_CAPTURES = f"(SELECT capture_id FROM main.versions WHERE article_id IN {_ARTICLES})"

# What names a withheld article elsewhere: its addresses often have its headline in them, and other pages link to it.
_NAMES = f"""
CREATE TEMP VIEW withheld_urls AS
    SELECT url FROM main.versions WHERE article_id IN {_ARTICLES}
    UNION SELECT canonical_url FROM main.versions WHERE article_id IN {_ARTICLES}
    UNION SELECT url FROM main.captures WHERE id IN {_CAPTURES}
    UNION SELECT url FROM main.sightings WHERE url IN
        (SELECT canonical_url FROM main.versions WHERE article_id IN {_ARTICLES});
CREATE TEMP VIEW withheld_titles AS
    SELECT headline AS title FROM main.versions WHERE article_id IN {_ARTICLES} AND headline <> ''
    UNION SELECT title FROM main.sightings WHERE url IN {_URLS} AND title <> ''
"""

# Which rows of each table, or view, no reader sees. By their ids, so that a count of a million is read from any index.
_HIDDEN = {
    "articles": f"id IN {_ARTICLES}",
    "versions": f"article_id IN {_ARTICLES}",
    "mentions": f"version_id IN {_VERSIONS}",
    "syndications": f"article_id IN {_ARTICLES} OR syndicated_from IN {_ARTICLES}",
    "changes": f"article_id IN {_ARTICLES}",
    "captures": f"id IN (SELECT id FROM main.captures WHERE url IN {_URLS} "
    f"UNION SELECT id FROM main.captures WHERE via IN {_URLS})",
    "sightings": f"id IN (SELECT id FROM main.sightings WHERE url IN {_URLS} "
    f"UNION SELECT id FROM main.sightings WHERE capture_id IN {_CAPTURES})",
    "watches": f"url IN {_URLS}",
    "standings": f"url IN {_URLS}",
    "alarms": "0",
}

_LINKED = f"(coalesce(value ->> 'url', '') IN {_URLS} OR coalesce(value ->> 'title', '') IN {_TITLES})"
_LINE = "EXISTS (SELECT 1 FROM temp.withheld_titles WHERE instr(value ->> 'text', title))"


def _entries(column: str, named: str) -> str:
    """A column that holds a JSON list, without the entries that name a withheld article."""
    return (
        f"CASE WHEN EXISTS (SELECT 1 FROM json_each({column}) WHERE {named}) THEN "
        f"(SELECT json_group_array(json(value)) FROM json_each({column}) WHERE NOT {named}) ELSE {column} END"
    )


def _sentence(column: str) -> str:
    """A text of ours that may give the address of a page as an example."""
    return (
        f"CASE WHEN EXISTS (SELECT 1 FROM temp.withheld_urls WHERE instr({column}, url)) "
        f"THEN 'It names an article that is withheld.' ELSE {column} END"
    )


# Columns that may name an article in the rows of others.
_COLUMNS = {
    "articles": {"related": _entries("related", _LINKED)},
    "versions": {"related": _entries("related", _LINKED), "removed": _entries("removed", _LINE)},
    "alarms": {"message": _sentence("message"), "figures": _sentence("figures")},
}


def shield(connection: sqlite3.Connection) -> None:
    """From now on this connection does not see what is withheld, whenever that was or will be.

    Of an archive whose database is older than withholding all is seen: nothing in it is withheld.
    """
    if not _has(connection, "withheld"):
        return
    for statement in _NAMES.split(";\n"):
        connection.execute(statement)
    for table, hidden in _HIDDEN.items():
        names = [row[1] for row in connection.execute(f"PRAGMA main.table_info([{table}])")]
        given = _COLUMNS.get(table, {})
        columns = ", ".join(f"{given[name]} AS [{name}]" if name in given else f"[{name}]" for name in names)
        connection.execute(f"CREATE TEMP VIEW [{table}] AS SELECT {columns} FROM main.[{table}] WHERE NOT ({hidden})")
    for tally in tallies.TALLIES:
        if tally.of in _HIDDEN and _has(connection, tally.name):
            connection.execute(f"CREATE TEMP VIEW {tally.name} AS {tallies.without(tally, _HIDDEN[tally.of])}")


def is_named_in(connection: sqlite3.Connection, capture: Mapping[str, Any], text: Callable[[], str]) -> bool:
    """Whether a record names a withheld article: a source that listed it, or a page that links to it.

    `text` reads the record, and is asked only where something is withheld.
    `connection` is one that `shield` was called on; `capture` a row of `captures`.
    """
    if not connection.execute("SELECT 1 FROM main.withheld LIMIT 1").fetchone():
        return False
    listed = f"SELECT 1 FROM main.sightings WHERE url IN {_URLS} AND source = ? LIMIT 1"
    if connection.execute(listed, [capture["url"]]).fetchone():
        return True
    names = connection.execute("SELECT url FROM temp.withheld_urls UNION SELECT title FROM temp.withheld_titles")
    words = text()
    readable = f"{words} {unescape(words)}"
    return any(name in readable for (name,) in names)


def tombstone(connection: sqlite3.Connection, article_id: int) -> dict[str, Any] | None:
    """What stands where a withheld article stood: `article_id`, `withheld_at` and `reason`; None where none is."""
    if not _has(connection, "withheld"):
        return None
    cursor = connection.execute("SELECT * FROM withheld WHERE article_id = ?", [article_id])
    names = [column[0] for column in cursor.description]
    found = cursor.fetchone()
    return dict(zip(names, found, strict=True)) if found else None


def is_withheld(connection: sqlite3.Connection, article_id: int) -> bool:
    """Whether an article is withheld, in a database of today's schema."""
    sql = "SELECT 1 FROM withholdings WHERE article_id = ? AND restored_at IS NULL"
    return connection.execute(sql, [article_id]).fetchone() is not None


def take_out(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out of what articles are found and counted by, inside the caller's transaction."""
    _take_words(connection, article_id)
    atlas.remove(connection, article_id)


def put_back(connection: sqlite3.Connection, article_id: int) -> None:
    """Put it in again, inside the caller's transaction."""
    for words, said in _said(connection, article_id):
        index.replace(connection, article_id, None, words)
        copies.replace(connection, article_id, None, said)
    atlas.add(connection, article_id)


def take_words_of_all(connection: sqlite3.Connection) -> None:
    """Take out the words of all that is withheld, after those of all articles were put in anew."""
    for (article_id,) in connection.execute("SELECT article_id FROM withheld").fetchall():
        _take_words(connection, article_id)
    index.settle(connection)


def _has(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = ?", [table]).fetchone() is not None


def _take_words(connection: sqlite3.Connection, article_id: int) -> None:
    for words, said in _said(connection, article_id):
        index.replace(connection, article_id, words, None)
        copies.replace(connection, article_id, said, None)


def _said(connection: sqlite3.Connection, article_id: int) -> Iterator[tuple[index.Words, copies.Said]]:
    """An article's words as the search index takes them, and as its copies are found by; nothing if there is none."""
    cursor = connection.execute("SELECT * FROM articles WHERE id = ?", [article_id])
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        fields = dict(zip(names, row, strict=True))
        yield (fields["headline"], fields["text"]), (fields["text"], copies.moment(fields))

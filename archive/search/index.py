"""The search index: an FTS5 table that holds the folded words of each article, and nothing else.

It keeps no text of its own (`content=''`), so taking an article out of it needs the words that went in: they are folded
again from the article's row as it was. `PRAGMA user_version` says by which rules the index was made.

FTS5 writes a segment of its index for each statement, and merges segments later: a statement an article costs half as
much again as one for all articles of a commit. So what `replace` is given waits until `settle`.
"""

import sqlite3
from collections.abc import Iterator

from archive.search import folding

TABLE = "articles_fts"

# Tokens come parted by spaces, already folded; the tokenizer must not part them again at the marks of Indic scripts.
_TOKENIZER = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"

# What waits: rows as FTS5 takes them, a command (or NULL: put it in) with the words. A temporary table is the caller's
# transaction's like any other: what is rolled back does not wait any longer.
_WAITING = "temp.unsettled"
_WAITING_SCHEMA = "CREATE TEMP TABLE IF NOT EXISTS unsettled (command TEXT, id INTEGER, headline TEXT, text TEXT)"

# Segments that are merged into one of the next size (https://www.sqlite.org/fts5.html, 6.2, automerge).
# A word is written again at each size, so at a million articles with SQLite's 4 the index took .76 ms an article beside
# .30 in a young archive, and with 8 it takes .32 beside .29; a search reads a third more segments, which does not show.
_MERGED_AT_ONCE = 8

_TOGETHER = 100  # articles a statement where all are put in: more than a megabyte makes a segment of its own anyway

# a withheld article is found by none of its words
_SEARCHED = "SELECT id, headline, text FROM articles WHERE id NOT IN (SELECT article_id FROM withheld)"

Words = tuple[str | None, str | None]  # headline and text of an article


def replace(connection: sqlite3.Connection, article_id: int, old: Words | None, new: Words | None) -> None:
    """Take what an article said out of the index and put in what it says now, inside the caller's transaction.

    It is found by its words after `settle`, which the caller must call before it commits.
    """
    if old == new:
        return
    connection.execute(_WAITING_SCHEMA)
    rows = [("delete", article_id, *_folded(old))] if old is not None else []
    rows += [(None, article_id, *_folded(new))] if new is not None else []
    connection.executemany(f"INSERT INTO {_WAITING} VALUES (?, ?, ?, ?)", rows)


def settle(connection: sqlite3.Connection) -> None:
    """Bring the index up to date with all that `replace` was given, in order, inside the caller's transaction."""
    connection.execute(_WAITING_SCHEMA)
    connection.execute(
        f"INSERT INTO {TABLE} ({TABLE}, rowid, headline, text) "
        f"SELECT command, id, headline, text FROM {_WAITING} ORDER BY rowid"
    )
    connection.execute(f"DELETE FROM {_WAITING}")


def has_word(connection: sqlite3.Connection, word: str) -> bool:
    """Whether any article has this folded word."""
    sql = f"SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH ? LIMIT 1"
    return connection.execute(sql, [f'"{word}"']).fetchone() is not None


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the index was made by the rules of today."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] == int(folding.VERSION))


def make(connection: sqlite3.Connection) -> None:
    """Make the index anew, inside the caller's transaction; a million articles take half an hour."""
    connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
    connection.execute(
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5(headline, text, content='', tokenize=\"{_TOKENIZER}\")"
    )
    tune(connection)
    for number, row in enumerate(connection.execute("SELECT id, headline, text FROM articles ORDER BY id"), start=1):
        article_id, *words = row
        replace(connection, article_id, None, (words[0], words[1]))
        if number % _TOGETHER == 0:
            settle(connection)
    settle(connection)
    connection.execute(f"PRAGMA user_version = {int(folding.VERSION)}")


def tune(connection: sqlite3.Connection) -> None:
    """Have the index merge its segments seldom; kept with the index. Inside the caller's transaction."""
    connection.execute(f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('automerge', {_MERGED_AT_ONCE})")


def differences(connection: sqlite3.Connection) -> Iterator[str]:
    """What the index has that the articles have not, and the other way about: each in words."""
    sizes: dict[int, bytes] = dict(connection.execute(f"SELECT id, sz FROM {TABLE}_docsize"))
    for article_id, headline, text in connection.execute(_SEARCHED):
        size = sizes.pop(article_id, None)
        if size is None:
            yield f"the search index does not have article {article_id}"
        elif _varints(size) != _counts((headline, text)):
            yield f"the search index has other words for article {article_id}"
    for article_id in sizes:
        yield f"the search index has article {article_id}, which is not there"


def _counts(words: tuple[object, object]) -> tuple[int, ...]:
    """How many words the index has of each part; none of what another hand put there that is no text."""
    return tuple(folding.count(part) if isinstance(part, str) else 0 for part in words)


def _folded(words: Words) -> tuple[str, ...]:
    return tuple(folding.folded(part or "") for part in words)


def _varints(data: bytes) -> tuple[int, ...]:
    """SQLite's variable-length integers (https://www.sqlite.org/fileformat2.html#varint), for values below 2**56."""
    found, value = [], 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return tuple(found)

"""Addresses of articles that lead to the same article for ever: by a digest of the address that names it.

An article's number is kept by its archive, through every rebuild; a merge of archives, or another crawl of the same
pages, numbers anew. Its canonical address stays, so a permalink is the beginning of that address's SHA-256, sixteen
hexadecimal digits: anybody can make one from the address, and a million articles have a chance of one in thirty million
that any two of them share one. The table `permalinks` is kept as articles come in.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator

SCHEMA = """
CREATE TABLE permalinks (
    digest INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (digest, article_id)
) WITHOUT ROWID
"""
_DIGITS = 16
_PERMALINK = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")


def permalink(canonical_url: str) -> str:
    """`https://news.example/tarn` → `83aa7931ae74448b`, whatever archive the article is in."""
    return hashlib.sha256(canonical_url.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def add(connection: sqlite3.Connection, article_id: int, canonical_url: str) -> None:
    """Let an article be found by its permalink, inside the caller's transaction."""
    connection.execute("INSERT OR IGNORE INTO permalinks VALUES (?, ?)", [_number(canonical_url), article_id])


def make(connection: sqlite3.Connection) -> None:
    """Make the permalinks of all articles anew, inside the caller's transaction."""
    connection.execute("DROP TABLE IF EXISTS permalinks")
    connection.execute(SCHEMA)
    connection.executemany("INSERT INTO permalinks VALUES (?, ?)", _expected(connection))


def differences(connection: sqlite3.Connection) -> Iterator[str]:
    """Which articles have no permalink, and which permalinks lead nowhere: each in words."""
    stored = set(connection.execute("SELECT digest, article_id FROM permalinks"))
    for pair in _expected(connection):
        if pair not in stored:
            yield f"article {pair[1]} has no permalink"
        stored.discard(pair)
    for _, article_id in sorted(stored):
        yield f"a permalink leads to article {article_id}, whose address is another"


def article_of(connection: sqlite3.Connection, digits: str) -> int | None:
    """The article that a permalink leads to, the first where it leads to several; None for what is none."""
    if not _PERMALINK.fullmatch(digits):
        return None
    number = int.from_bytes(bytes.fromhex(digits), signed=True)
    found = connection.execute("SELECT min(article_id) FROM permalinks WHERE digest = ?", [number]).fetchone()[0]
    return int(found) if found is not None else None


def article_at(connection: sqlite3.Connection, url: str) -> int | None:
    """The article that an address names, or of which it was captured; None where there is none."""
    named = article_of(connection, permalink(url))
    if named is not None:
        return named
    sql = """
        SELECT article_id FROM captures JOIN versions ON versions.capture_id = captures.id WHERE captures.url = ?
        ORDER BY captures.id DESC LIMIT 1
    """
    found = connection.execute(sql, [url]).fetchone()
    return int(found[0]) if found else None


def _number(canonical_url: str) -> int:
    """A permalink as SQLite's signed integer."""
    return int.from_bytes(bytes.fromhex(permalink(canonical_url)), signed=True)


def _expected(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    for article_id, url in connection.execute("SELECT id, canonical_url FROM articles ORDER BY id"):
        yield _number(url), article_id

"""Reading an archive: one article with all that belongs to it, and what the whole holds.

Plain functions of a read-only connection, shared by the command line and the Datasette site; search is in
`archive.search`.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from archive import stories
from archive.permalinks import permalink
from archive.rows import select

_RECENT = 20_000  # changes among which those of a publisher are looked for
_JSON_COLUMNS = ("authors", "tags", "images", "related", "provenance", "removed")


def article(connection: sqlite3.Connection, article_id: int) -> dict[str, Any] | None:
    """One article with its JSON columns read, its `version_list`, `captures` and `mentions`; None if there is none."""
    found = select(connection, "SELECT * FROM articles WHERE id = ?", [article_id])
    if not found:
        return None
    fields = _with_json(found[0])
    fields["paragraphs"] = [part for part in fields["text"].split("\n\n") if part.strip()]
    versions = select(connection, "SELECT * FROM versions WHERE article_id = ? ORDER BY number DESC", [article_id])
    fields["version_list"] = [_with_json(version) for version in versions]
    fields["captures"] = select(
        connection,
        "SELECT * FROM captures WHERE id IN (SELECT capture_id FROM versions WHERE article_id = :id) "
        "OR url IN (:url, :canonical_url) ORDER BY captured_at DESC, id DESC LIMIT 50",
        {"id": article_id, "url": fields["url"], "canonical_url": fields["canonical_url"]},
    )
    shown = next((version for version in fields["version_list"] if version["capture_id"] == fields["capture_id"]), None)
    fields["mentions"] = select(
        connection,
        "SELECT kind, term, label, part, count, spans, certainty FROM mentions WHERE version_id = ? "
        "ORDER BY kind, count DESC, term",
        [shown["id"] if shown else None],
    )
    fields["provenance"] = shown["provenance"] if shown else {}
    fields["story"] = story(connection, article_id)
    fields["reports"] = stories.reports(fields["story"])
    fields["changes"] = changes(connection, article_id)
    fields["permalink"] = permalink(fields["canonical_url"])
    return fields


def story(connection: sqlite3.Connection, article_id: int) -> list[dict[str, Any]]:
    """The articles that share a wire's text with this one, itself among them, published first at the front.

    Each has the article that it was `copied_from` and its `similarity` to that, None where it is a report of its own
    (see `archive.stories`); `copied_from` may name one that is withheld. Empty where nothing was syndicated. Copies
    of an article that is withheld are still copies of one text, hence `main` (see `archive.withheld`).
    """
    sql = """
        WITH RECURSIVE story(id) AS (
            SELECT :id
            UNION SELECT article_id FROM main.syndications, story WHERE syndicated_from = story.id
            UNION SELECT syndicated_from FROM main.syndications, story WHERE article_id = story.id
        )
        SELECT articles.id, headline, publisher, published_at, published_offset, published_precision, language, wire,
            text, coalesce(published_at, seen_at, captured_at) AS at,
            (SELECT max(similarity) FROM syndications WHERE article_id = articles.id) AS similarity,
            (SELECT syndicated_from FROM main.syndications WHERE article_id = articles.id
                ORDER BY similarity DESC, syndicated_from LIMIT 1) AS copied_from
        FROM story JOIN articles USING (id) ORDER BY at, articles.id LIMIT 200
    """
    found = select(connection, sql, {"id": article_id})
    return found if len(found) > 1 else []


def changes(
    connection: sqlite3.Connection,
    article_id: int | None = None,
    limit: int = 100,
    *,
    publisher: str | None = None,
    with_cosmetic: bool = False,
) -> list[dict[str, Any]]:
    """What changed in an article, or lately in those of a publisher or in all of them, latest first.

    Changes of typography alone are left out unless they are asked for.
    """
    among = "changes" if publisher is None else f"(SELECT * FROM changes ORDER BY changed_at DESC LIMIT {_RECENT})"  # noqa: S608
    sql = f"""
        SELECT changes.*, articles.headline, articles.publisher, o.number AS from_number, n.number AS to_number
        FROM {among} AS changes JOIN articles ON articles.id = changes.article_id
        LEFT JOIN versions AS o ON o.id = from_version LEFT JOIN versions AS n ON n.id = to_version
        WHERE (:article IS NULL OR changes.article_id = :article)
            AND (:publisher IS NULL OR articles.publisher = :publisher) AND (:cosmetic OR classes <> '["cosmetic"]')
        ORDER BY changed_at DESC, changes.id DESC LIMIT :limit
    """  # noqa: S608 - constants
    values = {"article": article_id, "publisher": publisher, "limit": limit, "cosmetic": with_cosmetic}
    found = select(connection, sql, values)
    return [{**row, "classes": json.loads(row["classes"]), "details": json.loads(row["details"])} for row in found]


def latest(connection: sqlite3.Connection, limit: int = 20, *, publisher: str | None = None) -> list[dict[str, Any]]:
    """The articles published last, of one publisher or of all, those without a date at the end."""
    sql = (
        "SELECT id, headline, publisher, published_at, published_offset, published_precision, section, language, lede, "
        "canonical_url, substr(text, 1, 300) AS opening FROM articles {} ORDER BY published_at DESC LIMIT ?"
    )
    if publisher is None:
        return select(connection, sql.format(""), [limit])
    return select(connection, sql.format("WHERE publisher = ?"), [publisher, limit])


def listed(connection: sqlite3.Connection, article_ids: Sequence[int]) -> list[dict[str, Any]]:
    """These articles as `latest` has them, in the order given."""
    sql = (
        "SELECT id, headline, publisher, published_at, published_offset, published_precision, section, language, wire, "
        "versions, lede, substr(text, 1, 300) AS opening FROM articles WHERE id IN (SELECT value FROM json_each(?))"
    )
    found = {row["id"]: row for row in select(connection, sql, [json.dumps(list(article_ids))])}
    return [found[article_id] for article_id in article_ids if article_id in found]


def publisher_names(connection: sqlite3.Connection) -> list[str]:
    """The publishers' names in order."""
    return [
        name for (name,) in connection.execute("SELECT name FROM publishers ORDER BY name COLLATE NOCASE LIMIT 500")
    ]


def label_of_place(connection: sqlite3.Connection, place: str) -> str | None:
    """What articles call a place; None where none names it."""
    sql = "SELECT label FROM mentions WHERE kind = 'place' AND term = ? LIMIT 1"
    found = connection.execute(sql, [place]).fetchone()
    return (found[0] or place) if found else None


def publishers(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Each publisher with its number of articles, captures and waiting URLs, and the span of its articles."""
    # written so that of a million rows each part is read from a tally, or from one end of an index
    sql = """
        SELECT name, spider, homepage, country, coalesce(a.articles, 0) AS articles,
            (SELECT published_at FROM articles WHERE publisher = name AND published_at IS NOT NULL
                ORDER BY published_at LIMIT 1) AS first_published_at,
            (SELECT published_at FROM articles WHERE publisher = name ORDER BY published_at DESC LIMIT 1)
                AS last_published_at,
            coalesce(c.captures, 0) AS captures,
            (SELECT captured_at FROM captures WHERE publisher = name ORDER BY captured_at DESC LIMIT 1)
                AS last_captured_at,
            coalesce(s.pending, 0) AS pending
        FROM publishers
        LEFT JOIN (SELECT publisher, sum(rows) AS articles FROM counted_articles GROUP BY 1) AS a ON a.publisher = name
        LEFT JOIN (SELECT publisher, sum(rows) AS captures FROM counted_captures GROUP BY 1) AS c ON c.publisher = name
        LEFT JOIN (SELECT publisher, count(DISTINCT url) AS pending FROM sightings WHERE outcome IS NULL
            GROUP BY publisher) AS s ON s.publisher = name
        ORDER BY articles DESC, captures DESC, name
    """
    return select(connection, sql, [])


def overview(connection: sqlite3.Connection) -> dict[str, Any]:
    """What the archive holds: rows of its tables, outcomes of its captures, languages, span of publication."""
    of = {name: f"SELECT count(*) FROM {name}" for name in ("publishers", "sources", "runs")}  # noqa: S608 - constants
    of |= {
        name: f"SELECT coalesce(sum(rows), 0) FROM counted_{name}"  # noqa: S608 - likewise
        for name in ("sightings", "captures", "articles", "versions")
    }
    counts = {name: connection.execute(sql).fetchone()[0] for name, sql in of.items()}
    tallied = "SELECT {0}, sum(rows) FROM {1} GROUP BY 1 HAVING sum(rows) > 0 ORDER BY 2 DESC, 1"
    outcomes = connection.execute(tallied.format("outcome", "counted_captures")).fetchall()
    languages = connection.execute(tallied.format("language", "counted_articles")).fetchall()
    end = "SELECT published_at FROM articles WHERE published_at IS NOT NULL ORDER BY published_at {} LIMIT 1"
    first, last = (next(iter(connection.execute(end.format(way)).fetchone() or (None,))) for way in ("ASC", "DESC"))
    pending = connection.execute("SELECT count(DISTINCT url) FROM sightings WHERE outcome IS NULL").fetchone()[0]
    return {
        "counts": counts,
        "outcomes": {outcome or "unfinished": count for outcome, count in outcomes},
        "languages": {language or "unknown": count for language, count in languages},
        "first_published_at": first,
        "last_published_at": last,
        "pending": pending,
    }


def _with_json(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(value) if name in _JSON_COLUMNS and value else value for name, value in fields.items()}

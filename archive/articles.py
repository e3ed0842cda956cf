"""Articles and their versions as rows: how a field becomes a column, and when a page is a new version.

Times are stored as UTC text with seconds and `Z`; the offset that a page printed is kept beside them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from archive import atlas, clock, copies, permalinks
from archive.model import Article, Capture, Named, Relevance
from archive.rows import insert, insert_all, update
from archive.search import index
from archive.withheld import is_withheld

SHARED = (
    "headline", "publisher", "published_at", "section", "language", "lede", "text", "byline", "authors", "dateline",
    "wire", "tags", "images", "related", "published_offset", "published_zone", "published_precision", "modified_at",
    "modified_offset", "captured_at", "relevance", "url", "canonical_url", "capture_id",
)  # fmt: skip


def utc(moment: datetime | None) -> str | None:
    """`2024-05-01T10:20:00Z`."""
    return moment.astimezone(UTC).isoformat()[:19] + "Z" if moment else None


def now() -> str:
    """This moment as it is stored."""
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_offset(moment: datetime | None) -> str | None:
    """The offset a time was printed with: `+03:00`."""
    return moment.isoformat()[-6:] if moment and moment.utcoffset() is not None else None


def storable(value: Any) -> Any:
    """Text that a database can hold: a lone surrogate, from a broken escape in a page's JSON, has no UTF-8 form."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def as_json(value: Any) -> str:
    """Readable JSON: scripts of the world as they are, times as ISO text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def text_hash(article: Article) -> str:
    """What makes a version: the headline and the text, nothing else."""
    return hashlib.sha256(f"{article.headline or ''}\n\n{article.text}".encode("utf-8", "surrogatepass")).hexdigest()


def row(article: Article, capture: Capture, relevance: Relevance | None, named: Named | None = None) -> dict[str, Any]:
    """All that is stored of one version of an article."""
    provenance = dict(article.provenance)
    return {
        "headline": article.headline,
        "publisher": article.publisher,
        "published_at": utc(article.published_at),
        "published_offset": utc_offset(article.published_at),
        "published_zone": provenance.get("published_at_zone") if article.published_at else None,
        "published_precision": provenance.get("published_at_precision", "minute") if article.published_at else None,
        "modified_at": utc(article.modified_at),
        "modified_offset": utc_offset(article.modified_at),
        "section": article.section,
        "language": article.language,
        "lede": article.lede,
        "text": article.text,
        "text_hash": text_hash(article),
        "byline": article.byline,
        "authors": as_json(article.authors),
        "dateline": article.dateline,
        "wire": article.wire,
        "tags": as_json(article.tags),
        "images": as_json([asdict(image) for image in article.images]),
        "related": as_json([_related(asdict(related)) for related in article.related]),
        "captured_at": utc(capture.as_of),
        "url": article.url,
        "canonical_url": article.canonical_url,
        "provenance": as_json(provenance),
        "removed": as_json([asdict(removed) for removed in article.removed]),
        "relevance": relevance.score if relevance else None,
        "vocabulary": relevance.vocabulary if relevance else None,
        "names": named.vocabulary if named else None,
        "capture_id": capture.id,
    }


def _related(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "published_at": utc(fields["published_at"])}


def known_version(db: Database, canonical_url: str, version: dict[str, Any]) -> tuple[int | None, bool]:
    """The article's id, or None when it is new, and whether the text is the one in force when it was captured.

    Captures may come in any order: a page imported from 2015 is compared with what was known of 2015, not of today.
    """
    found = next(db.query("SELECT id FROM articles WHERE canonical_url = ?", [canonical_url]), None)
    if found is None:
        return None, False
    in_force = next(
        db.query(
            "SELECT text_hash FROM versions WHERE article_id = :id ORDER BY captured_at <= :captured_at DESC, "
            "CASE WHEN captured_at <= :captured_at THEN captured_at END DESC, captured_at, number DESC LIMIT 1",
            {"id": found["id"], "captured_at": version["captured_at"]},
        ),
        None,
    )
    return int(found["id"]), in_force is not None and in_force["text_hash"] == version["text_hash"]


def own_version(db: Database, capture_id: int) -> dict[str, Any] | None:
    """The newest version that was read from a capture; None where it showed nothing new."""
    sql = "SELECT * FROM versions WHERE capture_id = ? ORDER BY id DESC LIMIT 1"
    return next(db.query(sql, [capture_id]), None)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields of two versions of one page that differ: name → old and new value."""
    return {name: (old[name], new[name]) for name in SHARED if name in new and old[name] != new[name]}


def insert_version(
    db: Database,
    article_id: int | None,
    version: Mapping[str, Any],
    *,
    is_new: bool,
    seen_at: str | None,
    mentions: Sequence[Mapping[str, Any]],
    searchable: bool = True,
) -> int:
    """Add a version, and the article when it is new, inside the caller's transaction. Returns the article's id.

    Without `searchable` what finds articles by their words is left as it is.
    """
    if is_new or article_id is None:
        shown = {name: version[name] for name in SHARED}
        given = {} if article_id is None else {"id": article_id}
        article_id = insert(db.conn, "articles", {**given, **shown, "seen_at": seen_at, "versions": 1})
        number = 1
        if searchable:
            permalinks.add(db.conn, article_id, version["canonical_url"])
            index.replace(db.conn, article_id, None, (version["headline"], version["text"]))
            copies.replace(db.conn, article_id, None, (version["text"], copies.moment({**version, "seen_at": seen_at})))
    else:
        number = db.execute("SELECT max(number) + 1 FROM versions WHERE article_id = ?", [article_id]).fetchone()[0]
        newest = db.execute("SELECT max(captured_at) FROM versions WHERE article_id = ?", [article_id]).fetchone()[0]
        shown = {name: version[name] for name in SHARED} if version["captured_at"] >= newest else {}
        if shown and searchable and not is_withheld(db.conn, article_id):
            old = next(db.query("SELECT * FROM articles WHERE id = ?", [article_id]))
            said = [(fields["headline"], fields["text"]) for fields in (old, version)]
            index.replace(db.conn, article_id, *said)
            samples = [(fields["text"], copies.moment({**old, **fields})) for fields in (old, version)]
            copies.replace(db.conn, article_id, *samples)
            atlas.remove(db.conn, article_id)
        update(db.conn, "articles", {"id": article_id}, {**shown, "versions": number})
    version_id = insert(db.conn, "versions", {**version, "article_id": article_id, "number": number})
    insert_mentions(db, version_id, mentions)
    if shown and searchable:
        atlas.add(db.conn, article_id)
    return article_id


def insert_mentions(db: Database, version_id: int, mentions: Iterable[Mapping[str, Any]]) -> None:
    """What a version mentions, as `mentions_of` gives it."""
    insert_all(db.conn, "mentions", ({"version_id": version_id, **mention} for mention in mentions))


def mentions_of(relevance: Relevance | None, named: Named | None = None) -> list[dict[str, Any]]:
    """The terms of conflict found in an article, its actors and places, each once a part of it."""
    counts: dict[tuple[str, str], int] = {}
    for match in relevance.matches if relevance else ():
        counts[match.term, match.where] = counts.get((match.term, match.where), 0) + match.count
    terms = [{"kind": "conflict", "term": term, "part": part, "count": n} for (term, part), n in counts.items()]
    return terms + [
        {
            "kind": mention.kind,
            "term": mention.term,
            "label": mention.label,
            "part": mention.part,
            "count": len(mention.spans),
            "spans": json.dumps(mention.spans, separators=(",", ":")),
            "certainty": mention.certainty,
        }
        for mention in (named.mentions if named else ())
    ]

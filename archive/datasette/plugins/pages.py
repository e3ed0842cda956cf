"""The pages of the site that are no tables: two versions side by side, a story at several publishers."""

import sqlite3
from typing import Any

from datasette import hookimpl  # type: ignore[import-untyped]
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.utils.asgi import NotFound, Request, Response  # type: ignore[import-untyped]

from archive import reading, stories
from archive.datasette.asking import execute, number
from archive.diff import align, runs, tokens

_TOLD = 50  # articles of a story that are set beside their origin; the others are named


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """Addresses and what answers them."""
    return [
        (r"^/-/diff/(?P<article>[0-9]{1,18})$", diff_page),
        (r"^/-/story/(?P<article>[0-9]{1,18})$", story_page),
        (r"^/robots[.]txt$", robots),
    ]


async def diff_page(datasette: Datasette, request: Request) -> Response:
    """Two versions of an article side by side; `from` and `to` are their numbers, the last two by default."""
    article_id = int(request.url_vars["article"])
    chosen = [number(request.args.get(name)) for name in ("from", "to")]
    found = await execute(datasette, lambda conn: compared(conn, article_id, *chosen))
    if found is None:
        raise NotFound(f"There are no two versions of an article {article_id}")
    return Response.html(await datasette.render_template("diff.html", found, request=request))


async def story_page(datasette: Datasette, request: Request) -> Response:
    """The same wire text at several publishers, earliest first, and what each added to or cut from the first."""
    article_id = int(request.url_vars["article"])
    context = await execute(datasette, lambda conn: told(conn, article_id))
    if context is None:
        raise NotFound(f"Article {article_id} shares its text with no other")
    return Response.html(await datasette.render_template("story.html", context, request=request))


async def robots(datasette: Datasette) -> Response:
    """What robots may read: nothing, or on a site that wants to be found its articles, but no search without end."""
    base = datasette.terms.path
    rules = [f"Disallow: {base}"]
    if datasette.terms.allow_robots:
        rules = [f"Disallow: {base}*?", f"Disallow: {base}*.json", f"Disallow: {base}*.csv"]
        rules += [f"Disallow: {base}*.atom", f"Allow: {base}"]
    return Response.text("\n".join(["User-agent: *", *rules, ""]))


def told(connection: sqlite3.Connection, article_id: int) -> dict[str, Any] | None:
    """What the page of a story shows; None where an article shares its text with no other."""
    rows = reading.story(connection, article_id)
    if not rows:
        return None
    by_id, origins = {row["id"]: row for row in rows}, stories.origins(rows)
    shown = [
        {**row, "origin": by_id.get(origins[row["id"]]), "paragraphs": _paragraphs(row["text"])} for row in rows[:_TOLD]
    ]
    for row in shown:
        row["passages"] = _sides(row["origin"]["text"], row["text"]) if row["origin"] else []
        row["added"], row["cut"] = (_count(row["passages"], kind) for kind in ("added", "cut"))
    return {"articles": shown, "more": rows[_TOLD:], "reports": stories.reports(rows)}


def _count(passages: list[dict[str, Any]], kind: str) -> int:
    """How many words were added or cut, in whole paragraphs and within them."""
    side = "right" if kind == "added" else "left"
    whole = (passage[side] for passage in passages if passage["kind"] == kind)
    within = (run.text for passage in passages for run in passage["words"] if run.kind == kind)
    return sum(len(tokens(text)) for part in (whole, within) for text in part)


def compared(
    connection: sqlite3.Connection, article_id: int, old: int | None, new: int | None
) -> dict[str, Any] | None:
    """What the page of two versions shows; None where there are not two."""
    article = reading.article(connection, article_id)
    versions = {version["number"]: version for version in article["version_list"]} if article else {}
    if len(versions) < 2:
        return None
    after = versions.get(new or max(versions)) or versions[max(versions)]
    earlier = [number for number in versions if number < after["number"]] or [min(versions)]
    before = versions.get(old or max(earlier)) or versions[max(earlier)]
    return {
        "article": article,
        "before": before,
        "after": after,
        "headline": runs(before["headline"] or "", after["headline"] or ""),
        "passages": _sides(before["text"], after["text"]),
    }


def _sides(old: str, new: str) -> list[dict[str, Any]]:
    """Passages with the words of both sides, each word marked as kept, cut or added."""
    before, after = _paragraphs(old), _paragraphs(new)
    shown = []
    for passage in align(before, after):
        left, right = "\n\n".join(before[n] for n in passage.old), "\n\n".join(after[n] for n in passage.new)
        words = runs(left, right) if passage.kind == "edited" else []
        shown.append({"kind": passage.kind, "left": left, "right": right, "words": words})
    return shown


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.strip()]

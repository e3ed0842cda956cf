"""An archive in which every kind of page of the site has something to show, and the addresses of those pages."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

from archive.store import Archive
from archive.tallies import TALLIES
from tests.archive import conftest, test_atlas, test_datasette, test_pages
from tests.archive.test_copies import CUT, WIRE, WITH_OWN

# One of each kind; `archive` fills what they show.
PAGES = (
    "/", "/?q=ceasefire", "/?q=market&language=en", "/?q=nothinglikeit", "/archive", "/archive/articles",
    "/archive/articles?publisher=Wire&_facet=section", "/archive/articles/1", "/archive/articles/2",
    "/archive/articles/4",
    "/archive/articles/7", "/archive/captures", "/archive/captures/1", "/archive/versions", "/archive/versions/4",
    "/archive/sightings", "/archive/publishers", "/archive/sources", "/archive/runs", "/archive/mentions",
    "/archive/syndications", "/archive/alarms", "/archive/coverage_days", "/archive/standings", "/archive/by_day",
    "/archive/latest", "/archive/search?q=market", "/archive/terms", "/archive/changed", "/archive/withholdings",
    "/-/diff/4", "/-/story/5", "/-/runs", "/-/run/1", "/-/publisher/Wire", "/-/publisher/Tarn%20Post", "/nothing",
    "/-/capture/1", "/-/capture/4", "/-/article?url=x",
    "/-/map", "/-/map?q=market&box=27,29,44,40", "/-/map?box=x&since=2026-03-03", "/-/place/170654", "/-/place/nothing",
    "/archive/articles/99", "/archive/articles?_sort=nothing",
)  # fmt: skip
FILES = (
    "/archive/articles.json?_shape=array", "/archive/articles.csv?_size=max", "/archive/articles/2.json",
    "/-/feed.atom", "/archive/articles.atom", "/archive/changes.atom", "/archive/changed.atom",
    "/archive/versions.csv", "/archive/sightings.json", "/robots.txt",
)  # fmt: skip


def fill(folder: Path, *, demonstration: bool = True) -> None:
    """Articles in two directions, hostile ones, a story at three publishers, versions, a withheld article."""
    test_datasette.fill(folder, demonstration=demonstration)
    with Archive.open(folder) as archive:
        for place, (publisher, paragraphs) in enumerate((("Wire", WIRE), ("Paper", CUT), ("Post", WITH_OWN))):
            url = f"https://{publisher.lower()}.example/1"
            test_pages.store(archive, url, publisher, paragraphs, hours=2 * place, headline="Shells hit market in Tarn")
        edited = (WIRE[0].replace("twelve", "fifteen"), *WIRE[1:3])
        test_pages.store(
            archive, "https://wire.example/1", "Wire", edited, hours=6, headline="Shells hit market in Tarn"
        )
        for name in ("Wire", "Tarn Post"):
            archive.save_publisher(
                name=name, spider=name.lower().replace(" ", ""), homepage="https://news.example/", country="XX",
                languages=["en"], timezone="UTC",
            )  # fmt: skip
        _, withheld = conftest.store(archive, "https://news.example/withheld", headline="Withheld")
        archive.withholdings.withhold(withheld, "a court said so")
        placed = test_atlas.Atlas(archive)
        placed.publish("https://a.example/1", "2026-03-01", (test_atlas.DAMASCUS,), (test_atlas.ALEPPO,))
        placed.publish("https://a.example/2", "2026-03-04", (test_atlas.KYIV,), publisher="Wire")


# --- Hostile text in every field -----------------------------------------------------------------------------------

# Each would call `fired`, or ask evil.example for something, or turn the page around, if it were more than text.
ATTACKS = (
    "<script>fired()</script>", '"><img src=//evil.example/x onerror=fired()>', "'><svg/onload=fired()>",
    "javascript:fired()",
    "data:text/html,<script>fired()</script>", "{{7*7}}{% if 1 %}<b>{{fired()}}", "</title><script>fired()</script>",
    "</style></textarea><script>fired()</script>", '<a href="javascript:fired()">x</a>',
    '" onfocus="fired()" autofocus x="',
    "\u202e\u2066detrevni", "<!--", "]]><script xmlns='http://www.w3.org/1999/xhtml'>fired()</script>",
    "\r\nX-Injected: yes",
    "<iframe src=//evil.example/>", "<link rel=stylesheet href=//evil.example/x.css>", "<base href=//evil.example/>",
    '<meta http-equiv=refresh content="0;url=//evil.example/">', "x;background:url(//evil.example/x)", "=HYPERLINK(1)",
    "https://evil.example/\"onmouseover='fired()'", "vbscript:fired()", "jAvAsCrIpT&colon;fired()",
    "&lt;script&gt;fired()",
    "https://evil.example/<script>fired()</script>", "\u0000<script>fired()</script>", "+cmd|' /C calc'!A0",
)  # fmt: skip
_OURS = {
    "file", "record_id", "payload_digest", "text_hash", "text_file", "text_record_id", "sha256", "outcome",
    "kind", "status",
    "published_zone", "published_precision", "published_offset", "modified_offset", "key", "value",
    "extractor", "sql",
    "vocabulary", "timezone", "raised_at", "state", "day", "classes", "details", "figures", "method",
    "removed", "summary",
    "arguments", "reasons", "provenance", "ip_address", "selection", "id", "name", "publisher",
}  # fmt: skip


_OURS_WHOLLY = ("articles_", "fingerprints", "_", "sqlite", "about", "places_", "coverage")


def poison(folder: Path) -> None:
    """Put an attack into every field that comes from outside, behind the back of the archive."""
    with closing(sqlite3.connect(folder / "archive.db")) as database, database:
        database.execute("PRAGMA foreign_keys = OFF")
        tallies = {tally.name for tally in TALLIES}  # they follow by themselves
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in tables if name not in tallies]
        publishers = [row[0] for row in database.execute("SELECT name FROM publishers")]
        attacks = cycle(ATTACKS)
        for table in names:
            columns = {row[1]: row[2] for row in database.execute(f"PRAGMA table_info([{table}])")}
            if not table.startswith(_OURS_WHOLLY):
                for name, kind in columns.items():
                    if kind == "TEXT" and name not in _OURS and not name.endswith("_at"):
                        _attack(database, table, name, attacks)
            for place, publisher in enumerate(publishers if "publisher" in columns or table == "publishers" else ()):
                column = "name" if table == "publishers" else "publisher"
                attacked = ATTACKS[place % len(ATTACKS)] + publisher
                database.execute(f"UPDATE [{table}] SET {column} = ? WHERE {column} = ?", [attacked, publisher])


def _attack(database: sqlite3.Connection, table: str, column: str, attacks: Iterator[str]) -> None:
    sql = f"UPDATE OR IGNORE [{table}] SET [{column}] = ? WHERE [{column}] = ?"
    values = [row[0] for row in database.execute(f"SELECT DISTINCT [{column}] FROM [{table}]")]
    for value in (value for value in values if value):
        database.execute(sql, [_as(column, next(attacks)), value])


def _as(column: str, attack: str) -> str:
    if column in {"tags", "authors", "languages"}:
        return json.dumps([attack], ensure_ascii=False)
    if column == "images":
        return json.dumps([{"url": attack, "caption": attack, "credit": attack}], ensure_ascii=False)
    linked = [{"url": attack, "title": attack, "published_at": None}]
    return json.dumps(linked, ensure_ascii=False) if column == "related" else attack

"""How long readers wait at a million articles: `python -m benchmarks.query`, or `make bench-query`.

Makes an archive of invented articles (`benchmarks.filling`; three quarters of an hour, kept for the next time), then
asks it, warm: one and two words of each frequency in three scripts, best and newest first, twenty results with their
snippets and facets; and the pages of the site, through the application that `archive serve` runs. Each is asked several
times; its figure is the median by the clock, and of CPU, which other programs on the machine disturb less.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import folder as layout
from archive.datasette import site
from archive.search.find import ask, find
from archive.search.folding import folded
from benchmarks import filling

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "dateline"
SAMPLE = 2000  # articles whose words are asked for
REPEATS = 5
PAGE_WITHIN_MS = 1000
BEGIN, END = "<!-- query -->", "<!-- /query -->"


@dataclass(frozen=True, kw_only=True, slots=True)
class Timed:
    """What one question took: medians in milliseconds."""

    what: str
    wall_ms: float
    cpu_ms: float
    size: int  # results, or bytes


def main() -> None:
    """Measure, print, and write the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.query", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="articles (1,000,000)")
    parser.add_argument("--folder", type=Path, default=CACHE, help=f"where archives are kept ({CACHE})")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"times that each is asked ({REPEATS})")
    parser.add_argument("--readme", type=Path, help="put the tables into this file")
    parser.add_argument("--insert", action="store_true", help="add articles, and measure that")
    options = parser.parse_args()
    place = filling.archive_of(options.folder, options.count)
    figures = measure(place, options.repeats)
    if options.insert:  # last, for it adds articles
        figures["insert"] = insert_rates(place, options.count)
    print(as_markdown(figures))
    if options.readme:
        options.readme.write_text(in_readme(options.readme.read_text(encoding="utf-8"), figures), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False))


def measure(place: Path, repeats: int) -> dict[str, Any]:
    """All figures of the archive in `place`."""
    connection = layout.connect(place, write=False)
    counts = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("articles", "versions")
    }
    words = vocabularies(connection)
    searches = {
        f"{kind}, {sort} first": [search(connection, query, sort, repeats) for query in asked]
        for kind, asked in (("one word", one_word(words)), ("two words", two_words(words)))
        for sort in ("best", "newest")
    }
    pages = asyncio.run(timed_pages(place, list(addresses(connection)), repeats))
    connection.close()
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}",
        "counts": counts,
        "database_bytes": (place / layout.DATABASE).stat().st_size,
        "searches": {
            name: {**quantiles(timed), "each": [asdict(row) for row in timed]} for name, timed in searches.items()
        },
        "pages": [asdict(row) for row in pages],
    }


def insert_rates(place: Path, count: int, versions: int = 10_000) -> dict[str, float]:
    """Versions a second of CPU and by the clock, in a young archive and in this one, and the ratio of these."""
    found: dict[str, float] = {}
    for name, rate in zip(("first", "last"), filling.compared(place, count, versions), strict=True):
        found[f"{name}_cpu"], found[f"{name}_wall"] = rate.versions / rate.cpu_s, rate.versions / rate.wall_s
    return {
        **found,
        "ratio_cpu": found["last_cpu"] / found["first_cpu"],
        "ratio_wall": found["last_wall"] / found["first_wall"],
    }


def one_word(vocabularies: Sequence[Sequence[str]]) -> list[str]:
    """Words of each frequency."""
    return [words[rank] for words in vocabularies for rank in ranks(words)]


def two_words(vocabularies: Sequence[Sequence[str]]) -> list[str]:
    """Pairs of them, common ones among each other and with rare ones."""
    dice = random.Random(7)
    return [f"{words[rank]} {words[dice.choice(ranks(words))]}" for words in vocabularies for rank in ranks(words)]


def ranks(words: Sequence[str]) -> list[int]:
    """Which words are asked for, of those of a language, commonest first: the ten first ones, and ever rarer ones."""
    steps = [*range(10), 15, 20, 30, 40, 60, 80, 120, 200, 400, 1000, 3000, 10_000, len(words) - 1]
    return [rank for rank in steps if rank < len(words)]


def vocabularies(connection: sqlite3.Connection) -> list[list[str]]:
    """The words of the three largest languages, commonest first, in a sample of the texts."""
    last = connection.execute("SELECT max(id) FROM articles").fetchone()[0]
    counts: dict[str, Counter[str]] = {}
    sql = "SELECT language, text FROM articles WHERE id = ?"
    for number in sorted({1 + place * last // SAMPLE for place in range(SAMPLE)}):
        for language, text in connection.execute(sql, [number]):
            counts.setdefault(language, Counter()).update(set(folded(text).split(" ")))
    largest = sorted(counts.values(), key=lambda counted: -counted.total())[:3]
    return [
        [word for word in sorted(counted, key=lambda word: (-counted[word], word)) if _is_typed(word)]
        for counted in largest
    ]


def _is_typed(word: str) -> bool:
    """Whether somebody who types this indexed word asks for it: not where folding takes off an article once more."""
    return not word.isdigit() and folded(word) == word


def search(connection: sqlite3.Connection, query: str, sort: str, repeats: int) -> Timed:
    """One search as the site and the command do it: words to query, candidates, order, snippets, facets."""
    wall, cpu, found = timed(lambda: find(connection, ask(connection, query), sort=sort), repeats)
    return Timed(what=query, wall_ms=wall, cpu_ms=cpu, size=found.total)


def timed(work: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """Medians in milliseconds by the clock and of CPU, after once unmeasured, and what came of it."""
    result = work()
    walls, cpus = [], []
    for _ in range(repeats):
        begun, started = time.process_time(), time.perf_counter()
        work()
        walls.append((time.perf_counter() - started) * 1000)
        cpus.append((time.process_time() - begun) * 1000)
    return round(statistics.median(walls), 1), round(statistics.median(cpus), 1), result


def addresses(connection: sqlite3.Connection) -> Iterable[str]:
    """The pages of the site that readers open."""
    publisher, article = connection.execute(
        "SELECT publisher, id FROM articles WHERE wire NOT NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    edited = connection.execute("SELECT max(id) FROM articles WHERE versions > 1").fetchone()[0]
    copied = connection.execute("SELECT max(article_id) FROM syndications").fetchone()[0]
    place = connection.execute("SELECT term FROM mentions WHERE kind = 'place' LIMIT 1").fetchone()[0]
    quoted = publisher.replace(" ", "+")
    yield from (
        "/",
        "/?q=the",
        "/?q=government+said",
        "/?q=government+said&sort=newest",
        f"/?q=government&publisher={quoted}",
        "/?q=the&language=en&since=2012-02&until=2012-03",
        "/?q=aleppo+manbij",
        "/?q=gov*",
        "/?q=co*",
        "/?q=a*&sort=newest",
        f"/?publisher={quoted}",
        "/archive/articles",
        f"/archive/articles?publisher={quoted}",
        "/archive/articles?_search=government",
        f"/archive/articles?_search=the&publisher={quoted}",
        f"/archive/articles/{article}",
        f"/archive/articles/{edited}",
        f"/-/diff/{edited}",
        f"/-/story/{copied}",
        "/-/feed.atom",
        "/-/feed.atom?q=government",
        "/archive",
        "/archive/versions",
        f"/archive/versions?publisher={quoted}",
        "/archive/mentions",
        "/archive/captures",
        "/archive/captures?outcome=extracted",
        "/archive/sightings",
        "/archive/sightings?outcome=extracted",
        f"/archive/publishers/{quoted}",
        "/archive/standings",
        f"/archive/standings?publisher={quoted}",
        "/archive/coverage",
        "/archive/coverage_days",
        "/archive/by_day",
        "/archive/terms",
        f"/-/publisher/{publisher.replace(' ', '%20')}",
        "/-/runs",
        "/-/map",
        "/-/map?since=2012-02&until=2012-03",
        "/-/map?q=government",
        f"/-/place/{place}",
        "/archive/changed",
    )


async def timed_pages(place: Path, paths: Sequence[str], repeats: int) -> list[Timed]:
    """Each page, asked of the application without a network between; what it refuses is named."""
    application = site(place)
    await application.invoke_startup()
    found = []
    for path in paths:
        walls, cpus = [], []
        for number in range(repeats + 1):
            begun, started = time.process_time(), time.perf_counter()
            response = await application.client.get(path, follow_redirects=True)
            if number:
                walls.append((time.perf_counter() - started) * 1000)
                cpus.append((time.process_time() - begun) * 1000)
        what = path if response.status_code == 200 else f"{path} ({response.status_code})"
        wall, cpu = (round(statistics.median(times), 1) for times in (walls, cpus))
        found.append(Timed(what=what, wall_ms=wall, cpu_ms=cpu, size=len(response.content)))
    return found


def quantiles(found: Sequence[Timed]) -> dict[str, float]:
    """The median, the 95th percentile and the worst."""
    figures: dict[str, float] = {}
    for clock in ("wall_ms", "cpu_ms"):
        values = sorted(getattr(row, clock) for row in found)
        figures |= {
            f"median_{clock}": statistics.median(values),
            f"p95_{clock}": values[min(len(values) - 1, int(len(values) * 0.95))],
            f"worst_{clock}": values[-1],
        }
    return figures


def as_markdown(figures: dict[str, Any]) -> str:
    """The figures as the README shows them."""
    counts = figures["counts"]
    lines = [
        f"{counts['articles']:,} articles in {counts['versions']:,} versions, "
        f"{figures['database_bytes'] / 1e9:.1f} GB, on {figures['at'][:10]}; {figures['machine']}.",
        "",
        "| search, milliseconds | median | p95 | worst | p95 of CPU |",
        "|---|---|---|---|---|",
    ]
    for name, row in figures["searches"].items():
        shown = [row[key] for key in ("median_wall_ms", "p95_wall_ms", "worst_wall_ms", "p95_cpu_ms")]
        lines.append(f"| {name} | {' | '.join(f'{value:,.0f}' for value in shown)} |")
    lines += ["", "| page | ms | ms of CPU | kB |", "|---|---|---|---|"]
    for page in figures["pages"]:
        over = " (over a second)" if page["wall_ms"] > PAGE_WITHIN_MS else ""
        size = page["size"] / 1000
        lines.append(f"| `{page['what']}` | {page['wall_ms']:,.0f}{over} | {page['cpu_ms']:,.0f} | {size:,.0f} |")
    if insert := figures.get("insert"):
        lines += [
            "",
            f"Versions stored a second of CPU, written in turns: {insert['first_cpu']:,.0f} in a young archive, "
            f"{insert['last_cpu']:,.0f} in this one: {insert['ratio_cpu']:.2f} times (by the clock "
            f"{insert['ratio_wall']:.2f}).",
        ]
    return "\n".join(lines)


def in_readme(text: str, figures: dict[str, Any]) -> str:
    """The README with the figures in their place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{as_markdown(figures)}\n{END}{after}"


if __name__ == "__main__":
    main()

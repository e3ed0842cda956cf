"""What merging, rebuilding and storing cost at 10,000 sources and 10 million articles a month.

`python -m benchmarks.scale`, or `make bench-scale`: makes shards of invented articles, merges them, rebuilds the merged
archive, moves its files into a bucket (a folder), and says what CPU, memory and bytes each article took. From these and
the assumptions in `ASSUMED` it computes a month; `docs/scale.md` has the table. Figures of CPU are seconds of one core.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.model import Article, Exchange, Outcome, Sighting
from archive.offload import offload
from archive.rebuild import rebuild
from archive.recovery import examine_file
from archive.store import Archive

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SHARED = 0.05  # of each shard's pages another shard has visited, too

# What a month is made of. The first two are the aim; pages and visits are those that the project measured elsewhere.
ASSUMED = {
    "articles a month": 10_000_000,
    "sources": 10_000,
    "kB of WARC for a page, compressed": 40,
    "visits to a page": 6,  # at once, 1 hour, 6 hours, 1, 7 and 30 days later
    "share of visits that bring new bytes": 0.35,  # the rest are revisit records of 2 kB
    "articles a second on two cores, unknown publishers": 40,  # as `make bench-throughput` has it
    "askings of a source a day": 48,
    "share of askings that bring a list": 0.5,  # the rest are answered 304
    "entries of a list": 30,
}


def main() -> None:
    """Measure, compute, print, and with `--json` keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--articles", type=int, default=4000, help="in each shard (4000)")
    parser.add_argument("--shards", type=int, default=2, help="shards (2)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-scale-") as scratch:
        measured = measure(Path(scratch), options.articles, options.shards)
    computed = month(measured)
    for title, figures in (("Measured", measured), ("A month, computed", computed)):
        print(f"{title}:")
        for name, value in figures.items():
            print(f"  {value:>14,.3g}  {name}" if value < 100 else f"  {value:>14,.0f}  {name}")
    if options.json:
        kept = {"assumed": ASSUMED, "measured": measured, "computed": computed, "at": datetime.now(UTC).isoformat()}
        options.json.write_text(json.dumps(kept, indent=2))


def measure(scratch: Path, articles: int, shards: int) -> dict[str, float]:
    """CPU and bytes an article, and the memory that a merge takes, at a quarter of the size and at all of it."""
    found: dict[str, float] = {}
    for name, count in (("a quarter", articles // 4), ("all", articles)):
        folders = [scratch / name / f"shard{number}" for number in range(shards)]
        for number, folder in enumerate(folders):
            fill(folder, number, count)
        into = scratch / name / "merged"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "benchmarks.scale", "--merge", *map(os.fspath, folders), os.fspath(into)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # a process of its own: its memory
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found[f"MB of memory at most, merging {count * shards:,} articles"] = float(done.stdout) / 1024
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found["merge: CPU ms an article"] = 1000 * spent / (count * shards)
    total = articles * shards
    files = sorted(path for part in ("warc", "merged") for path in (into / part).glob("*.warc.gz"))
    found["merge: kB of journal an article"] = size((into / "warc").glob("*.warc.gz")) / total / 1000
    found["database: kB an article"] = size([into / "archive.db"]) / total / 1000
    found["WARC here: kB an article"] = size(files) / total / 1000
    reading = cpu(lambda: [examine_file(path) for path in files])
    found["reading: MB of WARC a CPU second"] = size(files) / reading / 1e6
    found["replay: CPU ms an article"] = 1000 * (cpu(lambda: rebuild(into, software="bench")) - reading) / total
    bucket = f"file://{scratch / 'bucket'}"
    found["offload: MB of WARC a CPU second"] = size(files) / cpu(lambda: offload(into, bucket, keep=True)) / 1e6
    return found | sightings(scratch / "sightings")


def sightings(folder: Path, askings: int = 100, entries: int = 30) -> dict[str, float]:
    """What it costs that sources list the same stories again and again: each listing is kept."""
    with Archive.open(folder, software="dateline bench") as archive:
        run = archive.start_run(command="bench", arguments={}, version="0")

        def ask() -> None:
            for number in range(askings):
                at = NOON + timedelta(minutes=30 * number)
                urls = [
                    f"https://news.example/a-story-with-an-address-as-they-are/{number + place:07}"
                    for place in range(entries)
                ]
                with archive.group():
                    archive.record_sightings(
                        run,
                        [
                            Sighting(
                                url=url, raw_url=url, publisher="Tarn Post", source="https://news.example/rss",
                                seen_at=at, position=place, title="What the observers said of the shelling today",
                            )
                            for place, url in enumerate(urls)
                        ],
                        dict.fromkeys(urls[:-1]),
                    )  # fmt: skip

        spent = cpu(ask)
    count = askings * entries
    return {
        "sightings: CPU ms each": 1000 * spent / count,
        "sightings: kB of database each": size([folder / "archive.db"]) / count / 1000,
    }


def month(measured: dict[str, float]) -> dict[str, float]:
    """What a month costs by these figures."""
    articles, seconds = ASSUMED["articles a month"], 30 * 86400
    page, new = ASSUMED["kB of WARC for a page, compressed"], ASSUMED["share of visits that bring new bytes"]
    visits = articles * ASSUMED["visits to a page"]
    terabytes = visits * (new * page + (1 - new) * 2) / 1e9
    hours = {
        "fetch and extract: core hours": 2
        * visits
        * new
        / ASSUMED["articles a second on two cores, unknown publishers"]
        / 3600,
        "merge: core hours": articles * measured["merge: CPU ms an article"] / 1000 / 3600,
        "rebuild or verify, reading: core hours": terabytes * 1e6 / measured["reading: MB of WARC a CPU second"] / 3600,
        "rebuild, replay on one core: hours": articles * measured["replay: CPU ms an article"] / 1000 / 3600,
        "offload: core hours": terabytes * 1e6 / measured["offload: MB of WARC a CPU second"] / 3600,
    }
    askings = ASSUMED["sources"] * ASSUMED["askings of a source a day"] * 30
    listed = askings * ASSUMED["share of askings that bring a list"] * ASSUMED["entries of a list"]
    hours["sightings: core hours"] = listed * measured["sightings: CPU ms each"] / 1000 / 3600
    return {
        "articles a second": articles / seconds,
        "visits a second": visits / seconds,
        "askings of sources a second": askings / seconds,
        "sightings, millions": listed / 1e6,
        "TB of WARC": terabytes,
        "GB of database, articles": articles * measured["database: kB an article"] / 1e6,
        "GB of database, sightings": listed * measured["sightings: kB of database each"] / 1e6,
        **hours,
        "machines of two cores that crawl": hours["fetch and extract: core hours"] / 2 / 720,
    }


def fill(folder: Path, shard: int, count: int) -> None:
    """A shard of a publisher of its own, some pages of which are another's."""
    chance = random.Random(shard)
    words = [f"{chance.choice(_HEADS)}{chance.choice(_TAILS)}{number % 97}" for number in range(8000)]
    with Archive.open(folder, software="dateline bench", max_size=64_000_000) as archive:
        run = archive.start_run(command="bench", arguments={"shard": shard}, version="0")
        for begin in range(0, count, 50):
            with archive.group():
                for number in range(begin, min(count, begin + 50)):
                    text = " ".join(chance.choices(words, k=420))
                    _page(archive, run, shard, number, text=text, is_shared=chance.random() < SHARED)
        archive.coverage.refresh()
        archive.finish_run(run, exit_code=0, summary={})


_HEADS, _TAILS = ("tar", "les", "mor", "vel", "kan", "dor"), ("nia", "ko", "beth", "ra", "mund", "sel")


def _page(archive: Archive, run: int, shard: int, number: int, *, text: str, is_shared: bool) -> None:
    owner = 0 if is_shared else shard
    publisher, url = f"Publisher {owner}", f"https://news{owner}.example/{number:07}"
    at = NOON + timedelta(seconds=number * 3 + shard)
    seen = Sighting(
        url=url, raw_url=url, publisher=publisher, source=f"https://news{owner}.example/rss", seen_at=at, position=0
    )
    archive.record_sightings(run, [seen])
    body = f"<html><body><h1>Report {number}</h1><p>{text}</p></body></html>".encode()
    exchange = Exchange(
        url=url, captured_at=at, publisher=publisher, ip_address="192.0.2.7", request=b"GET / HTTP/1.1\r\n\r\n",
        response=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body,
    )  # fmt: skip
    capture = archive.capture(exchange, run)
    story = Article(
        url=url, canonical_url=url, publisher=publisher, headline=f"Report {number}", text=text, paragraphs=(text,)
    )
    archive.store_article(capture, story, extractor="bench")
    archive.finish_capture(capture.id, Outcome.EXTRACTED, "new")
    archive.agenda.record_visit(
        url, publisher=publisher, visited_at=at, outcome=Outcome.EXTRACTED, capture_id=capture.id
    )
    archive.mark_sighting(url, Outcome.EXTRACTED, capture.id, "new")


def size(paths: Any) -> int:
    """Bytes in all."""
    return sum(path.stat().st_size for path in paths)


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def merged(folders: Sequence[Path], into: Path) -> float:
    """Merge in this process. Returns the most memory that it took, in kB."""
    from archive.merging import merge
    from crawler.known_articles import StoredPages

    merge(folders, into, software="bench", judging=StoredPages())
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--merge"]:
        *given, last = map(Path, sys.argv[2:])
        print(merged(given, last))
    else:
        main()

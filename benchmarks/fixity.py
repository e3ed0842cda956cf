"""How fast `archive verify` reads: `python -m benchmarks.fixity`, or `make bench-verify`.

Makes archives of invented pages (`benchmarks.pages`), once with bodies as servers send them to a crawler that accepts
gzip and once with bodies in clear, verifies each, and says how many megabytes of WARC a second of CPU went through: the
whole command, its files alone, and, as the limit, a loop that inflates with zlib and hashes each file once.
"""

import argparse
import gzip
import hashlib
import json
import os
import random
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import fixity
from archive.model import Article, Exchange, Outcome, Sighting
from archive.store import Archive
from archive.verify import verify
from benchmarks.pages import Pages
from benchmarks.throughput.prose import Reporter

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
POOL = 100  # different pages; the records differ by address and time
FEED = 1 << 15  # bytes that zlib is given at once: what is behind the end of a member it copies
TEXT = 3300  # characters of an article; each has its own, so that every word has to be folded
GROUP = 50  # exchanges a commit, as in a busy crawl


def main() -> None:
    """Measure, print, and with `--json` write the figures to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fixity", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=220, help="of WARC in each archive (220)")
    parser.add_argument("--workers", type=int, default=1, help="processes that read files (1)")
    parser.add_argument("--keep", type=Path, help="a folder for the archives, which are used again")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory(prefix="dateline-fixity-") as scratch:
        for coded in (True, False):
            name = "gzip bodies" if coded else "bodies in clear"
            folder = (options.keep or Path(scratch)) / name.replace(" ", "-")
            if not folder.exists():
                fill(folder, options.megabytes * 1_000_000, coded=coded)
            figures[name] = measure(folder, options.workers)
            print(f"{name}: " + ", ".join(f"{what} {rate:,.0f} MB/s" for what, rate in figures[name].items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def fill(folder: Path, size: int, *, coded: bool) -> None:
    """Make an archive with so many bytes of pages, sighted, captured, and half of them articles."""
    pages = list(Pages().pages(POOL))
    bodies = [gzip.compress(page, 6, mtime=0) for page in pages] if coded else pages
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\n"
    head += b"Content-Encoding: gzip\r\n" if coded else b""
    with Archive.open(folder, software="dateline bench", max_size=64_000_000) as archive:
        run = archive.start_run(command="bench", arguments={}, version="0")
        number = 0
        while written(folder) < size:
            with archive.group():
                for _ in range(GROUP):
                    url, body = f"https://news.tarn.example/a/{number:06}-report", bodies[number % POOL]
                    at = NOON + timedelta(seconds=number)
                    seen = Sighting(
                        url=url, raw_url=url, publisher="Tarn Post", source="https://news.tarn.example/rss", seen_at=at,
                        position=number % 50,
                    )  # fmt: skip
                    archive.record_sightings(run, [seen])
                    capture = archive.capture(
                        Exchange(
                            url=url, captured_at=at, publisher="Tarn Post", ip_address="192.0.2.7",
                            request=f"GET /a/{number} HTTP/1.1\r\nHost: news.tarn.example\r\n\r\n".encode(),
                            response=head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body,
                        ),
                        run,
                    )  # fmt: skip
                    outcome = Outcome.OFF_TOPIC
                    if number % 2:
                        outcome = Outcome.EXTRACTED
                        text = "\n\n".join(Reporter(random.Random(number)).paragraphs(TEXT))
                        story = Article(
                            url=url, canonical_url=url, publisher="Tarn Post", headline=f"Report {number}",
                            text=text, paragraphs=(text,),
                        )  # fmt: skip
                        archive.store_article(capture, story, extractor="bench")
                    archive.finish_capture(capture.id, outcome)
                    archive.mark_sighting(url, outcome, capture.id)
                    number += 1
        archive.finish_run(run, exit_code=0, summary={})


def written(folder: Path) -> int:
    """Bytes of WARC below a folder."""
    return sum(path.stat().st_size for path in (folder / "warc").glob("*.warc.gz*") if ".cdxj" not in path.suffixes)


def measure(folder: Path, workers: int) -> dict[str, float]:
    """Megabytes of WARC a second of CPU, of this process and its children."""
    files = sorted((folder / "warc").glob("*.warc.gz"))
    size = written(folder)
    found = verify(folder, workers=workers).findings
    assert not found, found
    return {
        "verify": size / cpu(lambda: verify(folder, workers=workers)) / 1e6,
        "its files alone": size / cpu(lambda: [fixity.check_file(path, is_ours=True) for path in files]) / 1e6,
        "zlib and SHA-256 alone": size / cpu(lambda: [inflate(path) for path in files]) / 1e6,
    }


def inflate(path: Path) -> str:
    """The plain loop: each member inflated and hashed, the file hashed."""
    content = path.read_bytes()
    view, place = memoryview(content), 0
    while place < len(content):
        member, found = zlib.decompressobj(wbits=31), hashlib.sha256()
        while not member.eof and place < len(content):
            feed = view[place : place + FEED]
            found.update(member.decompress(feed))
            place += len(feed)
        place -= len(member.unused_data)
    return hashlib.sha256(content).hexdigest()


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU, the better of two."""
    best = float("inf")
    for _ in range(2):
        begun, started = os.times(), time.perf_counter()
        work()
        ended = os.times()
        used = sum(ended[:4]) - sum(begun[:4])
        best = min(best, used if used > 0 else time.perf_counter() - started)
    return best


if __name__ == "__main__":
    main()

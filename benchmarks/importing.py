"""How fast foreign WARC is imported without extraction: `python -m benchmarks.importing`, or `make bench-import`.

Writes a WARC.gz of invented pages (`benchmarks.pages`) as Common Crawl does, with a request and a metadata record for
each response, and imports it into an archive of its own: copied and hashed, each response referenced with the digest of
its body, all of it durable. Beside it, in the same run, the plain loop of this field: warcio's iterator, the body read,
its SHA-256, a row with one insert and commit in a hundred. Then the same import again, which must find nothing to do.
"""

import argparse
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from zlib_ng import zlib_ng

from benchmarks.pages import Pages

ROOT = Path(__file__).parents[1]
POOL = 200  # different pages; the records differ by address and time


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Responses and seconds of each way."""

    responses: int
    megabytes: float
    import_s: float
    import_cpu_s: float
    again_s: float
    plain_s: float
    plain_cpu_s: float

    def lines(self) -> Iterator[str]:
        """For people."""
        rate = self.responses / self.import_s
        yield f"{self.responses:,} responses of {3 * self.responses:,} records in {self.megabytes:,.0f} MB"
        yield f"import       {rate:8,.0f} responses/s, {self.megabytes / self.import_s:6,.0f} MB/s"
        yield f"  of CPU     {self.responses / self.import_cpu_s:8,.0f} responses a second"
        yield f"plain loop   {self.responses / self.plain_s:8,.0f} responses/s"
        yield f"  of CPU     {self.responses / self.plain_cpu_s:8,.0f} responses a second"
        yield f"ratio        {self.plain_s / self.import_s:8.1f} by the clock"
        yield f"  of CPU     {self.plain_cpu_s / self.import_cpu_s:8.1f}"
        yield f"again        {self.again_s:8.1f} s, nothing to do"


def main() -> None:
    """Measure, print, and with `--json` write the figures to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--responses", type=int, default=20_000, help="in the file (20,000)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-import-") as scratch:
        path = Path(scratch) / "CC-NEWS-20260304120000-00001.warc.gz"
        write(path, options.responses)
        figures = measure(path, Path(scratch), options.responses)
    for line in figures.lines():
        print(line)
    if options.json:
        options.json.write_text(json.dumps(asdict(figures), indent=2))


def write(path: Path, count: int) -> None:
    """A WARC of so many responses, each with its request and metadata, gzipped by record."""
    pages = list(Pages().pages(POOL))
    with path.open("wb") as file:
        file.write(member("warcinfo", "urn:info", b"software: none\r\n", 0))
        for number in range(count):
            url = f"https://news{number % 97}.tarn.example/a/{number:07}-report"
            page = pages[number % POOL].replace(b"</title>", f" {number}</title>".encode(), 1)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\n\r\n"
            file.write(member("request", url, f"GET /a/{number} HTTP/1.1\r\nHost: tarn\r\n\r\n".encode(), number))
            file.write(member("response", url, head + page, number))
            file.write(member("metadata", url, b"fetchTimeMs: 51\r\n", number))


def member(kind: str, url: str, block: bytes, number: int) -> bytes:
    """One record as a gzip member."""
    mime = f"application/http; msgtype={kind}" if kind[:3] == "req" or kind[:3] == "res" else "application/warc-fields"
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_772_625_600 + number))
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: {moment}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:09}{kind[:3].encode().hex()[:3]}>\r\n"
        f"WARC-IP-Address: 192.0.2.7\r\nContent-Type: {mime}\r\nContent-Length: {len(block)}\r\n\r\n"
    ).encode()
    packer = zlib_ng.compressobj(3, zlib_ng.DEFLATED, 31)  # to be ready sooner; the size is that of level 6 and a tenth
    return packer.compress(head + block + b"\r\n\r\n") + packer.flush()


def measure(path: Path, scratch: Path, responses: int) -> Figures:
    """Import, import again, and go through the plain loop. Raises SystemExit where a capture is missing."""
    import_s, import_cpu_s = run_import(path, scratch / "archive")
    with closing(sqlite3.connect(scratch / "archive" / "archive.db")) as database:
        found = database.execute("SELECT count(*) FROM captures WHERE outcome = 'deferred'").fetchone()[0]
    if found != responses:
        raise SystemExit(f"{found} captures of {responses} responses")
    again_s, _ = run_import(path, scratch / "archive")
    begun, started = os.times(), time.perf_counter()
    plain_loop(path, scratch / "plain.db")
    plain_s, ended = time.perf_counter() - started, os.times()
    return Figures(
        responses=responses,
        megabytes=path.stat().st_size / 1e6,
        import_s=import_s,
        import_cpu_s=import_cpu_s,
        again_s=again_s,
        plain_s=plain_s,
        plain_cpu_s=ended.user + ended.system - begun.user - begun.system,
    )


def run_import(path: Path, archive: Path) -> tuple[float, float]:
    """The command that a person types, its start included. Returns seconds by the clock and of CPU."""
    begun, started = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "warc", "-a", f"path={path}", "-a", "extract=no"],
        cwd=ROOT,
        env={**os.environ, "DATELINE_ARCHIVE": os.fspath(archive)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds, ended = time.perf_counter() - started, os.times()
    used = ended.children_user + ended.children_system - begun.children_user - begun.children_system
    return seconds, used


def plain_loop(path: Path, database: Path) -> None:
    """What is written everywhere: iterate, read, hash, insert."""
    with closing(sqlite3.connect(database)) as connection, path.open("rb") as stream:
        connection.execute("CREATE TABLE pages (url TEXT, date TEXT, offset INTEGER, digest TEXT)")
        records: Any = ArchiveIterator(stream)
        for number, record in enumerate(records):
            if record.rec_type == "response":
                digest = hashlib.sha256(record.content_stream().read()).hexdigest()
                headers = record.rec_headers
                row = (headers.get_header("WARC-Target-URI"), headers.get_header("WARC-Date"))
                connection.execute("INSERT INTO pages VALUES (?, ?, ?, ?)", [*row, records.get_record_offset(), digest])
            if number % 300 == 0:
                connection.commit()
        connection.commit()


if __name__ == "__main__":
    main()

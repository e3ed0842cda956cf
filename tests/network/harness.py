"""One crawl of every fault beside healthy hosts, one of the healthy hosts alone, and what both of them left."""

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.network.endpoints import Endpoint, endpoints
from tests.web.faults import Fault
from tests.web.messages import Reply
from tests.web.offline import OfflineWeb

CANARY = "canary-in-a-local-file"
PRIVATE = "http://127.0.0.1/admin"
HEALTHY = 4  # hosts
HUB = "http://hub.faults.example/feed"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a trial is: pages of each healthy host, and the crawl's settings."""

    pages: int
    settings: dict[str, object]


# The delay is what makes a pace: without one it is the CPU's, and says nothing of the network.
PACE: dict[str, object] = {"OFFLINE_PACE": 0.8}  # of a second and up to half of it more: a second on average
QUICK = Size(pages=14, settings={**PACE, "DOWNLOAD_TIMEOUT": 6, "RETRY_TIMES": 1, "EXTRACTION_WORKERS": 1})
FULL = Size(pages=100, settings=PACE)


@dataclass(frozen=True, kw_only=True)
class Crawled:
    """What one crawl left: its archive, what it printed, and the most memory its process took, in bytes."""

    folder: Path
    output: str
    exit_code: int
    peak: int

    def rows(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        """What a query on the archive gives."""
        database = sqlite3.connect(f"file:{self.folder / 'archive.db'}?mode=ro", uri=True)
        database.row_factory = sqlite3.Row
        try:
            return database.execute(sql, parameters).fetchall()
        finally:
            database.close()

    def ending(self, endpoint: Endpoint) -> str:
        """How an endpoint's address ended, in the words of `tests.network.endpoints.Ends`."""
        if endpoint.kind != "page":
            (row,) = self.rows("SELECT error FROM sources WHERE url = ?", endpoint.url)
            return "read" if row["error"] is None else "problem"
        ended = {row["outcome"] for row in self.rows("SELECT outcome FROM sightings WHERE url = ?", endpoint.url)}
        assert len(ended) == 1, f"{endpoint.url} has several endings: {ended}"
        return ended.pop() or "open"

    def misended(self, catalogue: Iterable[Endpoint]) -> dict[str, str]:
        """The endpoints that did not end as they have to, and how they did."""
        endings = ((endpoint, self.ending(endpoint)) for endpoint in catalogue)
        return {
            endpoint.name: f"{ending}, not {endpoint.ends}"
            for endpoint, ending in endings
            if ending not in endpoint.ends.split(" or ")
        }

    def pace(self, host: str) -> float:
        """Pages a second of a host, from its first to its last."""
        like = f"http://{host}/news/%"
        rows = self.rows("SELECT captured_at FROM captures WHERE url LIKE ? ORDER BY captured_at", like)
        first, last = (datetime.fromisoformat(row["captured_at"]) for row in (rows[0], rows[-1]))
        return (len(rows) - 1) / (last - first).total_seconds()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Both crawls. `asked`: every request that the offline web got in the one with faults."""

    alone: Crawled
    beside: Crawled
    endpoints: tuple[Endpoint, ...]
    asked: tuple[bytes, ...]

    @property
    def growth(self) -> float:
        """Bytes that the faults added to the most memory taken."""
        return self.beside.peak - self.alone.peak

    @property
    def paces(self) -> dict[str, tuple[float, float]]:
        """Pages a second of each healthy host, alone and beside the faults."""
        return {host: (self.alone.pace(host), self.beside.pace(host)) for host in healthy_hosts()}

    @property
    def kept_pace(self) -> float:
        """The share of their pace that the healthy hosts keep, all together."""
        alone, beside = zip(*self.paces.values(), strict=True)
        return sum(beside) / sum(alone)


def healthy_hosts() -> tuple[str, ...]:
    """The hosts that behave."""
    return tuple(f"well-{number}.faults.example" for number in range(1, HEALTHY + 1))


def try_all(folder: Path, size: Size) -> Trial:
    """Crawl the healthy hosts alone, then everything, into archives below `folder`."""
    secret = folder / "secret.html"
    secret.write_text(f"<html><body><p>{CANARY}</p></body></html>", encoding="utf-8")
    catalogue = endpoints(secret.as_uri(), PRIVATE)
    well = [f"http://{host}/news/{page}" for page in range(1, size.pages + 1) for host in healthy_hosts()]
    with OfflineWeb() as web:
        alone = crawl(web, folder / "alone", size, announced=well, sources=())
        for endpoint in catalogue:
            endpoint.fault.apply(Reply())  # packs the bombs, so that the server need not while it is measured
            web.fault(endpoint.pattern, endpoint.fault)
        switch_on_pairs(web)
        web.forget()
        pages = [endpoint.url for endpoint in catalogue if endpoint.kind == "page"]
        random.Random(1).shuffle(pages)
        sources = [(endpoint.kind, endpoint.url) for endpoint in catalogue if endpoint.kind != "page"]
        # The faulty ones first: they have every chance to stand in the way
        beside = crawl(web, folder / "beside", size, announced=[*pages, *well], sources=sources)
        asked = tuple(exchange.request for exchange in web.exchanges)
    return Trial(alone=alone, beside=beside, endpoints=catalogue, asked=asked)


def switch_on_pairs(web: OfflineWeb) -> None:
    """The second half of the redirects that go to and fro."""
    for there, back in (
        ("http://redirect-pair.faults.example/news/2", "http://redirect-pair.faults.example/news/1"),
        ("https://redirect-schemes.faults.example/news/1", "http://redirect-schemes.faults.example/news/1"),
    ):
        web.fault(f"^{re.escape(there)}$", Fault("redirect", location=back))


def crawl(
    web: OfflineWeb, folder: Path, size: Size, *, announced: Sequence[str], sources: Iterable[tuple[str, str]]
) -> Crawled:
    """Crawl what a feed announces, and further sources, in a process of its own."""
    web.fault(f"^{HUB}$", Fault("feed_links", location=" ".join(announced)))
    folder.mkdir()
    wanted: dict[str, Any] = {"sources": [("feed", HUB), *sources], "settings": size.settings}
    (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")
    archive = folder / "archive"
    done = subprocess.run(
        [sys.executable, "-m", "tests.network.crawl", str(folder / "wanted.json")],
        cwd=ROOT,
        env={**os.environ, **web.env(), "DATELINE_ARCHIVE": str(archive), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    try:
        said = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise AssertionError(f"the crawl broke: {done.stdout[-2000:]}\n{done.stderr[-4000:]}") from None
    output = done.stdout + done.stderr
    return Crawled(folder=archive, output=output, exit_code=said["exit_code"], peak=said["peak"])

"""Crawls of the offline web, split among workers, and the same in one."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from archive.rebuild import rebuild
from archive.verify import verify
from tests.archive.conftest import dumped
from tests.archive.merging.identity import identity
from tests.archive.merging.machines import Act, joined, play
from tests.conftest import ROOT, crawl_offline_web
from tests.web.pages import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Two crawls are never made at the same time, and which of two feeds that list a story answers first is chance.
TIMES = frozenset(
    ("captured_at", "seen_at", "polled_at", "first_at", "visited_at", "next_at", "fetched_at", "changed_at")
)
CHANCE = frozenset(("captures.via", "sightings.new_to", "polls.new", "sources.interval_s", "sources.error"))


def told(folder: Path) -> list[str]:
    """What a crawl comes to whatever the order; each worker asks for robots.txt, so equal rows count once."""
    lines = identity(folder, without=TIMES | CHANCE)
    return sorted({line for line in lines if not line.startswith('["coverage"')})


def test_workers_that_share_publishers(tmp_path: Path) -> None:
    for name in ("rt", "sputnik"):
        assert crawl_offline_web(tmp_path / name, "crawlall", "--publisher", name).exit_code == 0
    both = crawl_offline_web(tmp_path / "one", "crawlall", "--publisher", "rt", "--publisher", "sputnik")
    assert both.exit_code == 0
    same(tmp_path, [tmp_path / "rt", tmp_path / "sputnik"])


def test_workers_that_share_the_urls_of_a_publisher(tmp_path: Path) -> None:
    urls = sorted(page.url for page in load() if page.url.startswith("https://www.rt.com/"))[:12]
    assert len(urls) == 12
    for name, some in (("even", urls[::2]), ("odd", urls[1::2]), ("one", urls)):
        crawl_urls(tmp_path / name, some)
    same(tmp_path, [tmp_path / "even", tmp_path / "odd"])


def same(tmp_path: Path, shards: Sequence[Path]) -> None:
    """Merge, and compare with the crawl in `one`."""
    done = joined(shards, tmp_path / "all")
    assert done.conflicts == ()
    merged, alone = told(tmp_path / "all"), told(tmp_path / "one")
    assert [line for line in merged if line not in alone] == [line for line in alone if line not in merged]
    assert len(merged) > 50
    assert verify(tmp_path / "all").findings == ()
    before = dumped(tmp_path / "all")
    assert joined(shards, tmp_path / "all").shards == 0
    rebuild(tmp_path / "all", software="test")
    assert dumped(tmp_path / "all") == before


def crawl_urls(folder: Path, urls: Sequence[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.web.run", sys.executable, "-m", "tests.crawler.crawl_urls", *urls],
        cwd=ROOT, env={**os.environ, "DATELINE_ARCHIVE": os.fspath(folder)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (folder / "archive.db").exists(), ended.stderr


def written(folder: Path) -> int:
    """How many bytes the journal of an archive has."""
    return sum(path.stat().st_size for path in (folder / "warc").glob("*.warc.gz*"))


def test_a_merge_whose_process_is_killed(tmp_path: Path) -> None:
    """At moments of chance, until one comes to its end."""
    chance = random.Random(3)
    folders = [tmp_path / f"shard{number}" for number in range(3)]
    urls = [f"https://news.example/{number}" for number in range(60)]
    acts = [
        Act(
            machine=chance.randrange(3),
            minute=60 * hour,
            url=chance.choice(urls),
            shows=chance.choice(["quiet", "gone"]),
        )
        for hour in range(150)
    ]
    play(acts, folders)
    joined(folders, tmp_path / "whole")
    command = [sys.executable, "-c", "from archive.cli import main; main()", "merge", *map(os.fspath, folders)]
    step, killed = written(tmp_path / "whole") // 8, 0
    for attempt in range(1, 100):
        merging = subprocess.Popen([*command, "--into", os.fspath(tmp_path / "all")], cwd=ROOT, stdout=subprocess.PIPE)
        while merging.poll() is None and written(tmp_path / "all") < attempt * step:
            time.sleep(0.005)
        if attempt > 20 or merging.poll() is not None:  # each beginning writes something, too
            merging.communicate()
            break
        merging.kill()
        merging.communicate()
        killed += 1
    assert merging.returncode == 0
    assert killed > 1
    assert identity(tmp_path / "all") == identity(tmp_path / "whole")
    assert verify(tmp_path / "all").findings == ()

"""What several suites share: the folder of real pages, and one crawl of the offline web."""

import gc
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.web import OfflineWeb

ROOT = Path(__file__).parents[1]

# Hypothesis measures by the clock, which a busy machine makes fail; what takes long has tests that measure CPU.
settings.register_profile("dateline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dateline")

# Processes side by side take a file at a time: those that take longest are taken first, so that none is left waiting
# for another's last one.
_LONGEST = (
    "crawler/test_crawl.py", "benchmarks/test_durability.py", "archive/merging/test_merge.py", "extract/test_gates.py",
    "test_readme.py", "extract/test_corpus.py", "archive/test_verify.py", "crawler/test_scouting.py",
    "crawler/test_workers.py", "crawler/sharing/test_share.py", "extract/test_hostile.py", "extract/test_text.py",
    "extract/test_charset.py", "archive/test_alarms.py", "test_end_to_end.py", "crawler/test_extract_command.py",
    "benchmarks/test_throughput.py", "crawler/test_robots.py", "archive/test_export.py", "test_web.py",
    "test_web_pages.py", "archive/test_live_reading.py", "crawler/test_closing.py", "enrich/names/test_names.py",
    "test_browser.py", "test_site_in_browser.py", "crawler/test_cluster.py", "archive/test_public.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first, the others behind them as they were."""
    places = {ROOT / "tests" / name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays: libraries, and thousands of tests. It is a tenth of all the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real pages with gold text; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("DATELINE_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"no corpus of real pages at {folder} (DATELINE_CORPUS names its folder)")
    return folder


@dataclass(frozen=True, kw_only=True)
class Crawl:
    """An archive folder and how the command that wrote it ended."""

    folder: Path
    exit_code: int
    output: str


def crawl_offline_web(folder: Path, *command: str) -> Crawl:
    """Run `scrapy COMMAND` against a fresh offline web into the archive in `folder`, as `make demo` does."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.web.run", sys.executable, "-m", "scrapy", *command],
        cwd=ROOT,
        env={**os.environ, "DATELINE_ARCHIVE": os.fspath(folder), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Crawl(folder=folder, exit_code=ended.returncode, output=ended.stdout + ended.stderr)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The demonstration archive, crawled once. Read it; a test that writes copies it first (`demo_copy`).

    Test processes side by side share one: the first makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    with FileLock(f"{shared}.lock"):
        if not (note := shared / "crawl.pickle").exists():
            crawl = crawl_offline_web(shared / "archive", "crawlall")
            note.write_bytes(pickle.dumps(crawl))
    return pickle.loads(note.read_bytes())  # type: ignore[no-any-return]


@pytest.fixture
def demo_copy(demo: Crawl, tmp_path: Path) -> Path:
    """A copy of the demonstration archive that a test may change."""
    return Path(shutil.copytree(demo.folder, tmp_path / "archive"))


@pytest.fixture(scope="module")
def web() -> Iterator["OfflineWeb"]:
    """The offline web, one for all tests of a module; those that spoil it ask for `spoilt`."""
    from tests.web import OfflineWeb  # noqa: PLC0415 - most modules need none

    with OfflineWeb() as served:
        yield served


@pytest.fixture
def spoilt(web: "OfflineWeb") -> Iterator["OfflineWeb"]:
    """The module's offline web without faults and with an empty log; afterwards its faults are mended."""
    web.clear_faults()
    web.forget()
    yield web
    web.clear_faults()

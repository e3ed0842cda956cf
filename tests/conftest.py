"""What several suites share: the folder of real pages, and one crawl of the offline web."""

import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]


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

"""A run with one worker, for tests that need no spider."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.run import Run
from crawler.workers import WorkerPool


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool(size=1)
    yield pool
    pool.close()


@pytest.fixture
def run(tmp_path: Path, workers: WorkerPool) -> Iterator[Run]:
    started = Run(tmp_path / "archive", command="test", arguments={}, workers=workers)
    yield started
    started.recorder.close()

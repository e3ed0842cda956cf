"""What the benches of import and verification measure is the real thing, and is no slower than a plain loop by much.

Only ratios of one run are held: the machine may be busy.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive import fixity
from archive.imports import EVERYTHING, Progress
from archive.store import Archive
from archive.verify import verify
from benchmarks.fixity import fill, inflate, written
from benchmarks.importing import plain_loop, write
from crawler.importing import Selection, batches

RESPONSES = 120


def cpu(work: Callable[[], object], *, tries: int = 3) -> float:
    """Seconds of CPU of this process, the best of some."""
    found = []
    for _ in range(tries):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("foreign") / "CC-NEWS-1.warc.gz"
    write(path, RESPONSES)
    return path


def test_an_import_keeps_pace_with_a_plain_loop_that_keeps_nothing_safe(foreign: Path, tmp_path: Path) -> None:
    def import_all() -> None:
        shutil.rmtree(tmp_path / "a", ignore_errors=True)
        with Archive.open(tmp_path / "a") as archive:
            (name,) = archive.imports.adopt_files(foreign)
            for batch in batches(
                archive.folder, Progress(file=name, selection=EVERYTHING), Selection(), run_id=None, extract=False
            ):
                archive.imports.add(batch.progress, batch.rows)
            assert archive.counts()["captures"] == RESPONSES

    def loop() -> None:
        (tmp_path / "plain.db").unlink(missing_ok=True)
        plain_loop(foreign, tmp_path / "plain.db")

    ours, plain = cpu(import_all), cpu(loop)
    with closing(sqlite3.connect(tmp_path / "plain.db")) as database:
        assert database.execute("SELECT count(*) FROM pages").fetchone() == (RESPONSES,)
    assert ours < 2.5 * plain, f"{ours:.2f} s of CPU beside {plain:.2f} s"


@pytest.mark.parametrize("coded", [True, False], ids=["gzip bodies", "bodies in clear"])
def test_verification_reads_as_fast_as_zlib_inflates(tmp_path: Path, coded: bool) -> None:
    fill(tmp_path, 2_000_000, coded=coded)
    assert written(tmp_path) >= 2_000_000
    assert verify(tmp_path).findings == ()
    files = sorted((tmp_path / "warc").glob("*.warc.gz"))
    ours = cpu(lambda: [fixity.check_file(path, is_ours=True) for path in files])
    plain = cpu(lambda: [inflate(path) for path in files])
    assert ours < 2 * plain, f"{ours:.3f} s of CPU beside {plain:.3f} s"

"""`scrapy rebuild` on an archive that a whole crawl has written."""

import os
import subprocess
from pathlib import Path

import pytest

from archive.verify import verify
from tests import commands
from tests.archive.conftest import dumped, without_database


def scrapy(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return commands.run("scrapy", *arguments, env={**os.environ, "DATELINE_ARCHIVE": str(folder), **environment})


@pytest.mark.parametrize("gone", [False, True], ids=["set aside", "gone"])
def test_a_crawled_archive_comes_back_the_same(demo_copy: Path, gone: bool) -> None:
    before = dumped(demo_copy)
    if gone:
        without_database(demo_copy)
    done = scrapy("rebuild", "--workers", "2", folder=demo_copy, TZ="America/St_Johns", LC_ALL="C", PYTHONHASHSEED="3")
    assert done.returncode == 0, done.stderr
    assert dumped(demo_copy) == before
    assert ("The old database is" in done.stdout) is not gone
    assert verify(demo_copy).findings == ()


def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    done = scrapy("rebuild", folder=tmp_path / "nothing")
    assert done.returncode == 66
    assert "there is no archive in" in done.stderr
    assert not (tmp_path / "nothing").exists()

"""`kill -9` at any moment of a scheduled run: the next one finishes its work, and nothing is visited twice.

Each test crawls once without being disturbed, and once killed at a random moment and started again, at the same hour.
"""

import random
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.crawler.test_crawl import Ended, scrapy, start
from tests.web.offline import OfflineWeb

pytestmark = pytest.mark.slow

DUE = ("crawlall", "-p", "rt", "--due")
LATER = {"DATELINE_CLOCK_SHIFT": "7200"}  # two hours on, every page is due for its second visit


@pytest.fixture(scope="module")
def first(web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """RT, crawled once, undisturbed."""
    ended = scrapy(tmp_path_factory.mktemp("first") / "archive", *DUE, env=web.env())
    assert ended.code == 0, ended.output
    return ended


@pytest.fixture(scope="module")
def second(first: Ended, web: OfflineWeb, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, int]:
    """The same archive two hours later, undisturbed, and how many requests that took."""
    folder = shutil.copytree(first.folder, tmp_path_factory.mktemp("second") / "archive")
    web.forget()
    ended = scrapy(folder, *DUE, env={**web.env(), **LATER})
    assert ended.code == 0, ended.output
    return ended, len(web.exchanges)


def kill_at(requests: int, folder: Path, web: OfflineWeb, env: Mapping[str, str]) -> None:
    """Start a run and kill it when it has made so many requests."""
    web.forget()
    process = start(folder, *DUE, env=env)
    deadline = time.monotonic() + 60
    while len(web.exchanges) < requests and process.poll() is None:
        assert time.monotonic() < deadline, f"{len(web.exchanges)} of {requests} requests"
        time.sleep(0.01)
    process.kill()
    process.communicate()


def visits(ended: Ended) -> list[tuple[str, int]]:
    """Each page and how often it was visited."""
    return ended.rows("SELECT url, visits FROM watches ORDER BY url")  # type: ignore[return-value]


def assert_same(resumed: Ended, undisturbed: Ended, moment: int) -> None:
    assert visits(resumed) == visits(undisturbed), f"killed after {moment} requests"
    assert resumed.one("SELECT count(*) FROM sightings WHERE outcome IS NULL") == 0
    assert resumed.one("SELECT count(*) FROM captures WHERE outcome IS NULL") == 0
    articles = "SELECT canonical_url, text FROM articles ORDER BY 1"
    assert resumed.rows(articles) == undisturbed.rows(articles)
    assert resumed.one("SELECT count(*) FROM versions") == undisturbed.one("SELECT count(*) FROM versions")


def test_a_first_run_killed_while_it_discovers_is_finished_by_the_next(
    first: Ended, web: OfflineWeb, tmp_path: Path
) -> None:
    moment = random.randrange(2, 25)
    kill_at(moment, tmp_path / "a", web, web.env())
    resumed = scrapy(tmp_path / "a", *DUE, env=web.env())
    assert resumed.code in {0, 5}, resumed.output
    assert_same(resumed, first, moment)


@pytest.mark.parametrize("half", [0, 1])
def test_a_due_visit_that_was_killed_is_still_due(
    half: int, first: Ended, second: tuple[Ended, int], web: OfflineWeb, tmp_path: Path
) -> None:
    undisturbed, requests = second
    moment = random.randrange(1 + half * requests // 2, 1 + (half + 1) * requests // 2)
    folder = shutil.copytree(first.folder, tmp_path / "a")
    kill_at(moment, folder, web, {**web.env(), **LATER})
    resumed = scrapy(folder, *DUE, env={**web.env(), **LATER})
    assert resumed.code in {0, 5}, resumed.output
    assert_same(resumed, undisturbed, moment)
    assert visits(resumed) != visits(first), "pages were due"

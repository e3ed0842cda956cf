"""The hostile benchmark, on the offline web's pages: every mutation runs, nothing crashes, and articles are found."""

import random
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from benchmarks import mutations
from benchmarks.hostile import Examined, HostPage, Mutant, Tally, mutants, run, table, total
from crawler.workers import WorkerPool
from tests.web.messages import Request
from tests.web.pages import WebPage, load
from tests.web.site import Web

WEB = Web(load())


@pytest.fixture(scope="module")
def pages() -> list[HostPage]:
    chosen = [page for page in load() if page.kind == "article"][::16][:3]
    return [HostPage(name=page.name, url=page.url, html=served(page)) for page in chosen]


def served(page: WebPage) -> bytes:
    """The page as the offline web serves it."""
    parts = urlsplit(page.url)
    headers = {"host": parts.netloc}
    request = Request(
        raw=b"", scheme=parts.scheme, method="GET", target=parts.path, version="HTTP/1.1", headers=headers
    )
    return WEB.respond(request).body


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    workers = WorkerPool(size=2)
    yield workers
    workers.close()


def test_mutants_follow_from_seed_and_name(pages: list[HostPage]) -> None:
    once, again = (list(mutants(pages[0], 5, 7, ["cut", "nested"])) for _ in range(2))
    other = list(mutants(pages[0], 5, 8, ["cut", "nested"]))
    assert once == again != other
    assert len({mutant.name for mutant in once}) == 5


@pytest.mark.parametrize("name", mutations.MUTATIONS)
@pytest.mark.parametrize("html", [b"", b"x", b"<p>", b"<html><head></head><body><p class='a'>Ferry</p></body></html>"])
def test_mutations_take_any_page(name: str, html: bytes) -> None:
    chance = random.Random(0)
    small = {"one line", "giant attribute", "angle brackets", "stuttered", "scripts grown", "entities", "many elements"}
    for _ in range(1 if name in small else 5):
        assert isinstance(mutations.MUTATIONS[name](chance, html), bytes)


async def test_no_mutant_of_the_offline_web_crashes_and_wrapped_articles_are_found(
    pages: list[HostPage], pool: WorkerPool
) -> None:
    tallies = {name: Tally() for name in mutations.MUTATIONS}
    await run(pages, pool, tallies, count=25, seed=1)
    everything = total(tallies.values())
    assert everything.pages == 75
    assert everything.crashed == []
    assert everything.over == []
    assert everything.asked > 25
    assert len(everything.lost) <= 0.05 * everything.asked, everything.lost


def test_a_tally_tells_what_went_wrong() -> None:
    mutant = Mutant(name="a/nested/1", mutation="nested", html=b"")
    good = Examined(outcome="extracted:", text="x", seconds=0.1, megabytes=200)
    tally = Tally()
    tally.add(mutant, good, 0.95)
    tally.add(mutant, good, None)
    assert (tally.pages, tally.asked) == (2, 1)
    assert [tally.crashed, tally.over, tally.killed, tally.lost] == [[], [], [], []]
    tally.add(mutant, Examined(outcome="e", text="", seconds=2.6, megabytes=200), 0.5)
    tally.add(mutant, Examined(outcome="e", text="", seconds=0.1, megabytes=600), 1.0)
    tally.add(mutant, Examined(outcome="e", text="", seconds=0, megabytes=0, killed="timeout: killed"), 1.0)
    tally.add(mutant, Examined(outcome="e", text="", seconds=0, megabytes=0, killed="died: exit status -11"), 1.0)
    tally.add(mutant, Examined(outcome="e", text="x", seconds=0, megabytes=0, failed="AssertionError"), 1.0)
    assert [len(found) for found in (tally.over, tally.killed, tally.crashed, tally.lost)] == [3, 2, 2, 1]
    assert table({"nested": tally}).row_count == 2

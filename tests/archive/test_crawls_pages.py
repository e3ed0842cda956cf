"""The pages of a publisher and of the runs: what they say of a crawl that went well and of one that did not."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive import publishers, runs
from archive.agenda import Poll
from archive.model import Outcome
from archive.store import Archive
from crawler import exit_codes
from tests.archive.conftest import NOON, exchange, fill, store
from tests.archive.test_datasette import HOSTILE
from tests.archive.test_pages import page

DOMAIN = "صحيفة.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawls")
    fill(folder)
    with Archive.open(folder) as archive:
        failed = Poll(
            publisher="Tarn Post", source="https://news.example/map.xml", kind="sitemap", outcome="failed",
            polled_at=exchange().captured_at, error=HOSTILE,
        )  # fmt: skip
        run = archive.start_run(
            command="crawl", arguments={"spider": HOSTILE, "publishers": {"since": "2016"}}, version="1"
        )
        archive.agenda.record_poll(failed, run)
        capture = archive.capture(exchange("https://news.example/x"), run_id=run)
        archive.finish_capture(capture.id, Outcome.BLOCKED, "challenge")
        archive.coverage.refresh()
        archive.finish_run(run, exit_code=exit_codes.PARTIAL, summary={"Tarn Post": {"found": 3, "blocked": 1}})
        archive.start_run(command="crawl", arguments={}, version="1")
        store(archive, "https://other.example/1", publisher=DOMAIN)
    return folder


async def test_a_publisher_has_a_page(served: Datasette) -> None:
    html = await page(served, "/-/publisher/Tarn%20Post")
    assert "<strong>12</strong> captures" in html
    assert "https://news.example/map.xml" in html
    assert "1 in a row" in html, "how often its sitemap failed"
    assert "<code>no rule noted</code>" in html
    assert "Coverage, 4 March 2026" in html
    assert re.search(r"headline</th><td>\d+ %", html)


async def test_a_publisher_without_sources_has_one_too(served: Datasette) -> None:
    html = await page(served, "/-/publisher/%D8%B5%D8%AD%D9%8A%D9%81%D8%A9.example")
    assert f"<h1><bdi>{DOMAIN}</bdi></h1>" in html
    assert "no source of its own" in html


async def test_a_publisher_is_found_by_any_capitals(served: Datasette) -> None:
    response = await served.client.get("/-/publisher/tarn%20post")
    assert (response.status_code, response.headers["location"]) == (302, "/-/publisher/Tarn%20Post")


@pytest.mark.parametrize("name", ["nobody", "%FF", "a/b", "%3Cscript%3Ealert(1)%3C/script%3E", "x" * 400])
async def test_what_is_no_publisher_is_not_found(served: Datasette, name: str) -> None:
    response = await served.client.get(f"/-/publisher/{name}", follow_redirects=True)
    assert response.status_code == 404
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("until", ["2026-03-04", "1999-01-01", "0001-01-01", "9999-12-31", "x", "2026-13-99", ""])
async def test_any_end_of_the_calendar_is_answered(served: Datasette, until: str) -> None:
    await page(served, f"/-/publisher/Tarn%20Post?until={until}")


async def test_articles_name_their_publisher_with_its_page(served: Datasette) -> None:
    link = 'href="/-/publisher/Tarn%20Post"'
    for address in ("/", "/archive/articles", "/archive/articles/1", "/?q=reopens", "/-/run/3"):
        assert link in await page(served, address), address


async def test_runs_are_listed_with_their_ends_in_words(served: Datasette) -> None:
    html = await page(served, "/-/runs")
    assert html.index("/-/run/4") < html.index("/-/run/3") < html.index("/-/run/1")
    assert "in part: something failed" in html
    assert "killed; the next run goes on where it ended" in html
    assert "blocked 1" in html
    assert "/-/run/3" not in await page(served, "/-/runs?before=3")
    assert "/-/run/3" in await page(served, "/-/runs?before=-1")


async def test_a_run_has_a_page(served: Datasette) -> None:
    html = await page(served, "/-/run/3")
    assert "Run 3: in part: something failed" in html
    assert "since=2016" in html
    assert 'outcome=blocked">blocked</a> 1' in html
    assert "Sources that gave no answer" in html
    assert "map.xml" in html
    await page(served, "/-/run/99", status=404)


def test_a_run_under_way_is_not_called_killed(folder: Path) -> None:
    with Archive.open(folder, write=False) as archive:
        newest, third = runs.listed(archive.connection, is_writing=True)[:2]
    assert (newest["state"], third["state"]) == ("under way", "ended")


def test_every_exit_code_has_words() -> None:
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert codes == set(runs.ENDINGS)


@pytest.mark.parametrize(
    ("seconds", "words"), [(14, "14 s"), (75, "1 min 15 s"), (7500, "2 h 5 min"), (360_000, "100 h 0 min")]
)
def test_durations_are_words(seconds: int, words: str) -> None:
    assert runs.lasted(NOON.isoformat(), (NOON + timedelta(seconds=seconds)).isoformat()) == words


def test_the_health_of_a_publisher_is_that_of_its_latest_pages(archive: Archive) -> None:
    for number in range(40):
        rule = "layout:2019" if number < 30 else "generic"
        fields = {"headline": None} if number == 39 else {}
        store(archive, f"https://news.example/{number}", provenance={"text": rule, "text_agreement": "0.9"}, **fields)
    found = publishers.health(archive.connection, "Tarn Post")
    assert found is not None
    assert (found.latest, found.before) == (30, 10)
    assert found.rules == {"layout:2019": (20 / 30, 1.0), "generic": (10 / 30, 0.0)}
    assert found.fields["headline"] == (29 / 30, 1.0)
    assert found.agreement == (0.9, 0.9)
    assert publishers.health(archive.connection, "nobody") is None


def test_the_outcomes_of_a_run_are_counted_from_an_index(archive: Archive) -> None:
    """An import of a million captures is one run; to look at each row takes seconds."""
    sql = (
        "EXPLAIN QUERY PLAN SELECT coalesce(outcome, 'unfinished'), count(*) FROM captures WHERE run_id = 1 GROUP BY 1"
    )
    plan = " ".join(row[3] for row in archive.connection.execute(sql))
    assert "COVERING INDEX captures_run (run_id=?)" in plan

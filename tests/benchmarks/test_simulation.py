"""The simulation: its script, its judges, and three days of it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.simulation import courtesy, history, judge, watch
from benchmarks.simulation.findings import Findings
from benchmarks.simulation.prose import EDITS
from benchmarks.simulation.runs import Asked, Ended
from benchmarks.simulation.script import AUTUMN, DESKS, SPRING, Script, Story, write
from benchmarks.simulation.stage import FEED_LENGTH, page_of, stock
from benchmarks.simulation.whole import simulate

MONTH = write(0, SPRING, 30)


@pytest.mark.slow
@pytest.mark.timeout(900)  # forty seconds on two idle processors
def test_three_days_leave_nothing_to_say(tmp_path: Path) -> None:
    """Edits, removals, a redesign of two kinds, an outage, a challenge, a kill, and the night when clocks go back."""
    found = simulate(tmp_path / "archive", seed=0, start=AUTUMN, days=3, step=timedelta(hours=8), kills=1, stocked=1)
    assert found.problems == []
    figures = found.figures
    assert figures["stories archived"] > 60
    assert figures["edits seen"] > 5
    assert figures["captures blocked"] > 0
    assert figures["captures failed"] > 0
    assert figures["runs that ended with -9"] == 1
    assert figures["rows rebuilt"] > 1000


def test_a_seed_gives_the_same_script_and_another_seed_another() -> None:
    assert write(0, SPRING, 30) == MONTH
    assert write(1, SPRING, 30).stories != MONTH.stories


def test_a_month_has_something_of_everything() -> None:
    kinds = {edition.kind for story in MONTH.stories for edition in story.editions}
    assert kinds == {"published", *EDITS}
    assert {removal.fate for story in MONTH.stories for removal in story.removals} == {"404", "410", "home", "wall"}
    assert len({story.url for story in MONTH.stories}) == len(MONTH.stories)
    for desk in DESKS:
        assert sum(story.desk == desk for story in MONTH.stories) > 50


@pytest.mark.parametrize("kind", sorted(EDITS))
def test_an_edit_is_of_its_kind(kind: str) -> None:
    """What readers see is changed where, and only where, the kind says so."""
    edited = [
        (before.report.tell(), after.report.tell())
        for story in MONTH.stories
        for before, after in zip(story.editions, story.editions[1:], strict=False)
        if after.kind == kind
    ]
    assert edited
    for (old_headline, old), (headline, new) in edited:
        assert (headline != old_headline) is (kind == "headline") or kind == "cosmetic"
        assert len(new) - len(old) == {"paragraph_added": 1, "correction": 1, "paragraph_cut": -1}.get(kind, 0)
        assert (new == old) is (kind in {"headline", "trim"})


# --- the judges can fail ----------------------------------------------------------------------------------------------


def asked(url: str, begun: float = 0.0, *, robots: bytes | None = None, status: int = 200) -> Asked:
    return Asked(url=url, status=status, begun=begun, ended=begun + 0.01, robots=robots)


def run(*requests: Asked, code: int = 0, number: int = 0) -> Ended:
    at = SPRING + number * timedelta(hours=3)
    return Ended(
        number=number, at=at, exit_code=code, seconds=1.0, asked=requests, announced=frozenset(), output="the output"
    )


def courtesy_of(*requests: Asked) -> set[str]:
    found = Findings()
    courtesy.judge(replace(MONTH, stories=()), [run(*requests)], found)
    return {problem.check for problem in found.problems}


ROBOTS = asked("https://www.rt.com/robots.txt", robots=b"User-agent: *\nDisallow: /search\n")


def test_who_asks_what_robots_txt_forbids_is_found_out() -> None:
    assert courtesy_of(ROBOTS, asked("https://www.rt.com/news/1-a/", 1)) == set()
    assert courtesy_of(ROBOTS, asked("https://www.rt.com/search?q=1", 1)) == {"robots"}
    assert courtesy_of(asked("https://www.rt.com/news/1-a/", 1)) == {"robots"}, "nobody had asked for it"
    closed = replace(ROBOTS, status=503)
    assert courtesy_of(closed, asked("https://www.rt.com/news/1-a/", 1)) == {"robots"}


def test_who_hurries_is_found_out() -> None:
    slow = [asked(f"https://www.rt.com/news/{number}-a/", 1 + 0.1 * number) for number in range(30)]
    fast = [asked(f"https://www.rt.com/news/{number}-a/", 1 + 0.02 * number) for number in range(30)]
    assert courtesy_of(ROBOTS, *slow) == set()
    assert courtesy_of(ROBOTS, *fast) == {"pace"}
    patient = replace(ROBOTS, robots=b"User-agent: *\nCrawl-delay: 5\n")
    assert courtesy_of(patient, *slow) == {"pace"}
    side_by_side = [replace(one, ended=9.0) for one in slow[:5]]
    assert courtesy_of(ROBOTS, *side_by_side) == {"pace"}


def test_who_asks_twice_is_found_out() -> None:
    page = asked("https://www.rt.com/news/1-a/", 1)
    assert courtesy_of(ROBOTS, page, replace(page, begun=2.0)) == {"thrift"}


def story_with(kind: str) -> Story:
    return next(story for story in MONTH.stories if [edition.kind for edition in story.editions] == ["published", kind])


def versions_of(story: Story, *visits: datetime, kept: tuple[int, ...]) -> list[str]:
    """What the judge says of an archive that kept the editions of these numbers."""
    found = Findings()
    seen = [judge.Visit(at=at, status=200, edition=story.edition(at), doomed=False) for at in visits]
    pages = [page_of(story, story.editions[number], story.desk.layout) for number in kept]
    rows = [{"headline": page.headline, "text": page.expected_text, "captured_at": str(visits[0])} for page in pages]
    judge._versions(story, seen, rows, found)  # type: ignore[arg-type]
    return [problem.text for problem in found.problems]


def test_a_version_too_few_or_too_many_is_found_out() -> None:
    story = story_with("number")
    before, after = story.published_at, story.editions[1].at
    assert versions_of(story, before, after, kept=(0, 1)) == []
    assert versions_of(story, before, kept=(0,)) == [], "an edit that nobody visited is no version"
    assert "no version says" in versions_of(story, before, after, kept=(0,))[0]
    assert "never published" in versions_of(story, before, kept=(0, 1))[0]
    trimmed = story_with("trim")
    assert versions_of(trimmed, trimmed.published_at, trimmed.editions[1].at, kept=(0,)) == []


def test_a_run_that_ends_badly_in_calm_times_is_found_out() -> None:
    def codes(script: Script, code: int) -> list[str]:
        found = Findings()
        judge._exit_codes(script, [run(code=code)], found)
        return [problem.check for problem in found.problems]

    calm = replace(MONTH, incidents=())
    assert codes(calm, 0) == codes(calm, 5) == []
    assert codes(calm, 4) == codes(calm, 70) == ["exit codes"]


def test_the_stock_is_older_than_the_script_and_fills_every_feed() -> None:
    pages = stock(datetime(2016, 1, 1, tzinfo=UTC))
    assert max(page.published_at for page in pages) < datetime(2016, 1, 1, tzinfo=UTC)
    assert len(pages) > FEED_LENGTH


def told(folder: Path, *alarms: tuple[str, str, datetime], pages: int = 6) -> list[str]:
    """What the judge says of these alarms: publisher, kind, when. Every run asks each publisher for so many pages."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS alarms (id INTEGER PRIMARY KEY, publisher, kind, message, raised_at)"
        )
        connection.execute("DELETE FROM alarms")
        rows = [(publisher, kind, "something", at.isoformat()) for publisher, kind, at in alarms]
        connection.executemany("INSERT INTO alarms VALUES (NULL, ?, ?, ?, ?)", rows)
    requests = [asked(f"https://{desk.host}/news/{number}/a") for desk in DESKS for number in range(pages)]
    found = Findings()
    watch.judge(MONTH, [run(*requests, number=number) for number in range(240)], folder, found)
    return [problem.text for problem in found.problems]


def test_alarms_that_are_false_or_missing_are_found_out(tmp_path: Path) -> None:
    trouble = {incident.kind: incident.begin for incident in MONTH.incidents}
    design = ("Sputnik", "layout", trouble["unknown_design"] + timedelta(hours=3))
    walls = ("Arabs Today", "blocked", trouble["challenge"] + timedelta(hours=3))
    assert told(tmp_path, design, walls) == []
    assert "nobody was told" in told(tmp_path, walls)[0]
    late = ("Sputnik", "layout", trouble["unknown_design"] + timedelta(days=2))
    assert "nobody was told" in told(tmp_path, late, walls)[0]
    assert "a false alarm" in told(tmp_path, design, walls, ("RT", "silent", MONTH.start + timedelta(days=5)))[0]
    known = ("RT", "layout", trouble["known_design"] + timedelta(hours=3))
    assert "a false alarm" in told(tmp_path, design, walls, known)[0], "a design that the publisher's file knows"


def steps_told(story: Story, classes: list[tuple[str, ...]]) -> list[str]:
    found = Findings()
    seen = [judge.Visit(at=edition.at, status=200, edition=edition, doomed=False) for edition in story.editions]
    history._edits(story, seen, classes, found)
    return [problem.text for problem in found.problems]


def test_edits_that_are_told_wrongly_or_not_at_all_are_found_out() -> None:
    story, cosmetic = story_with("number"), story_with("cosmetic")
    assert steps_told(story, [("number",)]) == []
    assert steps_told(cosmetic, [("cosmetic",)]) == []
    assert "1 were there to be seen" in steps_told(story, [])[0]
    assert steps_told(story, [("cosmetic",)]) != [], "a toll that rose is not cosmetic"
    assert steps_told(cosmetic, [("reworded",)]) != [], "other quotation marks say nothing else"


def test_removals_that_are_told_wrongly_are_found_out() -> None:
    calm = replace(MONTH, incidents=())
    story, at = calm.stories[0], calm.stories[0].published_at

    def visit(hours: int, status: int = 200, fault: str | None = None) -> judge.Visit:
        there = story.editions[0] if status == 200 and fault is None else None
        return judge.Visit(at=at + timedelta(hours=hours), status=status, edition=there, doomed=False, fault=fault)

    seen = [visit(1), visit(2, fault="page"), visit(3, 404), visit(4, 404), visit(5), visit(6, 503, "status")]
    truth = [("blocked", "login"), ("removed", "http_404"), ("restored", "http_404")]
    for told_, problems in ((truth, 0), (truth[:2], 1), ([("removed", "redirect")], 1)):
        found = Findings()
        history._absences(calm, story, seen, told_, found)
        assert len(found.problems) == problems

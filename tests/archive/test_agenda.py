"""The schedule meets the rows: what is due after what happened."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.agenda import Poll
from archive.model import Outcome
from archive.store import Archive
from tests.archive.conftest import exchange

URL = "https://news.example/tarn"
SOURCE = "https://news.example/rss"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def visit(archive: Archive, at: datetime, outcome: Outcome, *, is_change: bool = False) -> datetime | None:
    """A capture with its outcome, as a visit; when the next is due."""
    capture = archive.capture(exchange(captured_at=at))
    archive.finish_capture(capture.id, outcome)
    return archive.agenda.record_visit(
        URL, publisher="Tarn Post", visited_at=at, outcome=outcome, capture_id=capture.id, is_change=is_change
    )


@pytest.mark.parametrize("outcome", [Outcome.NOT_ARTICLE, Outcome.EMPTY, Outcome.OFF_TOPIC])
def test_an_article_that_is_none_for_a_while_is_visited_on(archive: Archive, outcome: Outcome) -> None:
    """Withdrawn pages lead home, and some come back; what never was an article is looked at once more."""
    visit(archive, NOON, Outcome.EXTRACTED, is_change=True)
    assert visit(archive, NOON + DAY, outcome) == NOON + 7 * DAY


@pytest.mark.parametrize("outcome", [Outcome.NOT_ARTICLE, Outcome.EMPTY, Outcome.OFF_TOPIC])
def test_what_never_was_an_article_is_looked_at_once_more(archive: Archive, outcome: Outcome) -> None:
    assert visit(archive, NOON, outcome) == NOON + DAY
    assert visit(archive, NOON + DAY, outcome) is None


def test_a_page_behind_a_wall_is_looked_at_more_often_and_then_like_a_new_one(archive: Archive) -> None:
    visit(archive, NOON, Outcome.BLOCKED)
    assert visit(archive, NOON + DAY, Outcome.BLOCKED) == NOON + 2 * DAY
    assert visit(archive, NOON + 7 * DAY, Outcome.BLOCKED) == NOON + 10 * DAY
    came = NOON + 10 * DAY
    assert visit(archive, came, Outcome.EXTRACTED, is_change=True) == came + HOUR


def poll(archive: Archive, at: datetime, *, new: int = 0, outcome: str = "read") -> None:
    run = archive.start_run(command="test", arguments={}, version="1")
    one = Poll(publisher="Tarn Post", source=SOURCE, kind="feed", polled_at=at, outcome=outcome, entries=12, new=new)
    archive.agenda.record_poll(one, run)


def is_due(archive: Archive, at: datetime) -> bool:
    return bool(archive.agenda.due_sources("Tarn Post", [SOURCE], at))


def test_a_source_is_asked_at_a_quarter_of_the_time_between_its_news(archive: Archive) -> None:
    poll(archive, NOON, new=12)
    poll(archive, NOON + 4 * HOUR, new=1)
    assert not is_due(archive, NOON + 4.9 * HOUR)
    assert is_due(archive, NOON + 5.1 * HOUR)
    poll(archive, NOON + 16 * HOUR)
    assert not is_due(archive, NOON + 18.9 * HOUR), "twelve quiet hours: three until the next asking"
    assert is_due(archive, NOON + 19.1 * HOUR)


def test_a_failure_is_no_quiet_time(archive: Archive) -> None:
    poll(archive, NOON, new=12)
    poll(archive, NOON + HOUR, outcome="failed")
    assert is_due(archive, NOON + 2.1 * HOUR), "half an hour, doubled"


def test_a_source_that_calls_everything_new_is_not_believed_each_time(archive: Archive) -> None:
    """A sitemap whose every lastmod is the present would have each of its pages fetched at each asking."""
    visits, at = 0, NOON
    while at < NOON + 10 * DAY:
        if archive.agenda.is_due(URL, at, at - timedelta(minutes=1)):
            visit(archive, at, Outcome.UNCHANGED)
            visits += 1
        at += timedelta(minutes=30)
    assert 10 <= visits <= 40, "480 times it was called new"


def test_a_page_that_is_announced_as_newer_is_visited(archive: Archive) -> None:
    visit(archive, NOON, Outcome.EXTRACTED)
    visit(archive, NOON + 6 * HOUR, Outcome.UNCHANGED)
    assert not archive.agenda.is_due(URL, NOON + 9 * HOUR)
    assert not archive.agenda.is_due(URL, NOON + 9 * HOUR, NOON + 5 * HOUR), "seen since"
    assert archive.agenda.is_due(URL, NOON + 9 * HOUR, NOON + 8 * HOUR)
    assert not archive.agenda.is_due(URL, NOON + 9 * HOUR, NOON + 10 * HOUR), "a date that lies ahead"

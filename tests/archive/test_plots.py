"""Plots: what is counted where, spans that fit the archive, and no text of a page but as text."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archive import plots
from archive.store import Archive
from tests.archive.conftest import fill, store
from tests.archive.test_datasette import HOSTILE

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def publish(archive: Archive, *days: float, publisher: str = "Tarn Post") -> None:
    for number, day in enumerate(days):
        url = f"https://{len(publisher)}.example/{number}-{day}"
        store(archive, url, publisher=publisher, published_at=DAY + timedelta(days=day))


@pytest.mark.parametrize(("last", "step", "buckets"), [(3, "day", 4), (200, "week", 29), (1000, "month", 33)])
def test_the_step_fits_the_span(archive: Archive, last: int, step: str, buckets: int) -> None:
    publish(archive, 0, last)
    shown = plots.volume(archive.connection)
    assert shown is not None
    assert (shown.step, len(shown.buckets)) == (step, buckets)
    assert sum(shown.counts.values()) == 2


def test_articles_are_counted_by_day_and_publisher(archive: Archive) -> None:
    publish(archive, 0, 0.1, 2)
    publish(archive, 2, publisher=HOSTILE)
    shown = plots.volume(archive.connection)
    assert shown is not None
    assert shown.counts == {
        (date(2026, 3, 2), "Tarn Post"): 2, (date(2026, 3, 4), "Tarn Post"): 1, (date(2026, 3, 4), HOSTILE): 1,
    }  # fmt: skip
    drawn = ElementTree.fromstring(str(plots.bars(shown)))
    titles = [title.text for title in drawn.iter("title")]
    assert titles == ["2 Mar 2026, Tarn Post: 2", "4 Mar 2026, Tarn Post: 1", f"4 Mar 2026, {HOSTILE}: 1"]


def test_an_archive_without_dates_has_no_plot(archive: Archive) -> None:
    assert plots.volume(archive.connection) is None
    assert plots.calendar(archive.connection) is None


def test_the_calendar_has_a_cell_for_each_day_of_the_ledger(tmp_path: Path) -> None:
    fill(tmp_path)
    with Archive.open(tmp_path) as archive:
        archive.coverage.refresh()
    with Archive.open(tmp_path, write=False) as archive:
        cells = archive.connection.execute("SELECT count(*) FROM coverage_days").fetchone()[0]
        drawn = plots.calendar(archive.connection)
    assert drawn is not None
    assert len(re.findall("<rect", str(drawn))) == cells > 0

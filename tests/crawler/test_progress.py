"""What a person sees of a run: it fits the terminal, its counts add up, and it says what went wrong once."""

import io

import pytest
from rich.console import Console

from archive.model import Outcome
from crawler import progress
from crawler.tally import SourceReport, Tally


def printed(*tallies: Tally, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    progress.print_summary(tallies, console, title="Crawl 1 into archive data")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def tally(publisher: str = "Tarn Post", *sources: SourceReport, state: str = "done", **outcomes: int) -> Tally:
    counted = Tally(publisher=publisher, found=99_999, fetched=99_999, state=state, sources=list(sources))
    for name, count in outcomes.items():
        counted.outcomes[Outcome(name)] = count
    return counted


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_heading_or_count_is_cut(width: int) -> None:
    outcomes = dict.fromkeys(
        ("extracted", "unchanged", "off_topic", "not_article", "empty", "blocked", "failed"), 11_111
    )
    text = printed(tally(state="crawling", **outcomes), tally("Arabs Today", **outcomes), width=width)
    assert "…" not in text
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
    heading, row = (line.split() for line in text.splitlines()[1:3])
    assert {"found", "fetched", "extracted", "blocked", "failed"} <= set(heading)
    shown = [int(count) for count in row if count.isdigit()]
    assert sum(shown) == 2 * 99_999 + 7 * 11_111, "pages are missing from the columns"


def test_sources_of_a_host_out_of_reach_share_a_line() -> None:
    def gone(path: str) -> SourceReport:
        url = f"https://tarn.example/{path}"
        return SourceReport(url=url, kind="feed", error="tarn.example cannot be reached", unreachable=True)

    broken = [
        SourceReport(url=f"https://tarn.example/{path}", kind="feed", error="HTTP status 500") for path in ("c", "d")
    ]
    text = printed(tally("Tarn Post", gone("a"), gone("b"), *broken), width=120)
    assert text.count("cannot be reached") == 1
    assert "tarn.example cannot be reached (2 sources)" in text
    assert "https://tarn.example/c: HTTP status 500" in text
    assert "https://tarn.example/d: HTTP status 500" in text

"""The local web of the throughput bench: pages as heavy as real ones, always the same, and all of them articles."""

from pathlib import Path
from statistics import fmean
from urllib.parse import urlsplit

import pytest

from archive.model import Outcome, Page
from benchmarks.throughput import pages
from benchmarks.throughput.measure import Look, run, slope
from benchmarks.throughput.table import BEGIN, END, as_text, in_readme
from benchmarks.throughput.web import MIXED, make, mixed
from crawler.flow import process
from crawler.publisher import publisher_for
from tests.web.site import sites

RESULTS = {
    "date": "2026-11-22",
    "machine": "2 CPUs",
    "crawlers": {
        "Dateline, known publishers": {"rate": 60.0, "cpu_ms": 31.2, "peak_mb": 480},
        "naive crawler": {"rate": 10.0, "cpu_ms": 101.0, "peak_mb": 175},
    },
}


def test_pages_are_as_heavy_as_real_ones_and_always_the_same() -> None:
    bodies = [pages.unknown_html(number) for number in range(60)]
    assert 140_000 < fmean(map(len, bodies)) < 210_000
    assert bodies[7] == pages.unknown_html(7)
    assert len(set(bodies)) == 60


def test_each_design_of_a_known_publisher_holds_the_article_that_was_put_into_it() -> None:
    by_host = {site.host: site for site in sites()}
    for number, page in enumerate(pages.known_pages(len(pages.KNOWN))):
        publisher = publisher_for(page.url)
        assert publisher is not None, page.url
        assert publisher.is_article(page.url), page.url
        found = process(_page(page.url, pages.known_html(page, by_host[page.host], number)), publisher)
        assert found.outcome is Outcome.EXTRACTED, (page.url, found.detail)
        assert found.article is not None
        assert found.article.text == page.expected_text


@pytest.mark.parametrize("number", range(len(pages.DESIGNS)))
def test_each_design_that_no_file_knows_holds_its_article(number: int) -> None:
    url = list(pages.unknown_urls(number + 1))[number]
    found = process(_page(url, pages.unknown_html(number)), None)
    assert found.outcome is Outcome.EXTRACTED, found.detail
    assert found.article is not None
    told = pages.report(pages.UNKNOWN_FROM + number)
    for paragraph in (told.lede, *told.paragraphs):
        assert paragraph in found.article.text


def test_a_page_is_the_same_at_its_own_address_and_at_one_that_any_program_can_ask_for() -> None:
    answers = make(3, 3)
    for url in answers.articles:
        parts = urlsplit(url)
        own = answers.to(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.hostname}\r\n\r\n".encode(), "https")
        plain = answers.to(f"GET /{parts.hostname}{parts.path} HTTP/1.1\r\nHost: 127.0.0.1:8\r\n\r\n".encode(), "http")
        assert own == plain
        assert own.startswith(b"HTTP/1.1 200 ")
    assert (answers.watch.requests, answers.watch.articles) == (12, 12)
    feed = answers.to(f"GET {MIXED}4 HTTP/1.1\r\nHost: 127.0.0.1:8\r\n\r\n".encode(), "http").decode()
    for url in mixed(answers.articles, 4):
        assert f"<link>http://127.0.0.1:8/{url.removeprefix('https://')}</link>" in feed
    assert feed.count("<link>") == 4


def test_a_command_costs_what_its_children_do(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    cost = run(["python3", "-c", code], {}, tmp_path / "log")
    assert cost.exit_code == 0
    assert cost.cpu > 0.4
    assert cost.peak > 5


def test_the_table_has_the_ratio_to_the_naive_crawler_and_goes_where_readme_has_its_place() -> None:
    assert "Dateline, known publishers        60.0" in as_text(RESULTS)
    text = in_readme(f"before\n{BEGIN}\nold\n{END}\nafter\n", RESULTS)
    assert "| Dateline, known publishers | 60.0 | 31 | 480 | 6.0 |" in text
    assert "old" not in text
    assert in_readme(text, RESULTS) == text
    with pytest.raises(ValueError, match="no place"):
        in_readme("nothing", RESULTS)


def _page(url: str, body: bytes) -> Page:
    return Page(url=url, body=body, captured_at=pages.LATEST, status=200, content_type="text/html")


def test_growth_is_that_of_the_second_half() -> None:
    filling = [Look(at=at, own=100 + 10 * at, all=0, files=0) for at in range(10)]
    flat = [Look(at=at, own=200 + at % 2, all=0, files=0) for at in range(10, 20)]
    growing = [Look(at=at, own=200 + 3 * (at - 10), all=0, files=0) for at in range(10, 20)]
    assert abs(slope((*filling, *flat))) < 0.6
    assert slope((*filling, *growing)) == pytest.approx(27)

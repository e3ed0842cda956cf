"""Which outcome a page ends in, step by step of the flow."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.model import Outcome, Page
from crawler.flow import process

REPORT = b"""<html lang="en"><title>Shelling hits Lesk | Courier</title><body><h1>Shelling hits Lesk</h1>
<p>Artillery shelling killed four civilians in the besieged town of Lesk on Friday, the army and medics said.</p>
<p>Militants fired rockets from the hills to the north, and troops answered with artillery until the evening.</p>
</body></html>"""
RECIPE = b"""<html lang="en"><title>Plum cake | Courier</title><body><h1>Plum cake</h1>
<p>Halve the plums, take out the stones, and lay them close together on the dough with the cut side up.</p>
<p>Bake the cake for forty minutes in the middle of the oven, and dust it with sugar while it is still warm.</p>
</body></html>"""


def page(body: bytes, *, status: int = 200, content_type: str | None = "text/html; charset=utf-8") -> Page:
    return Page(
        url="https://courier.example/news/4711-lesk",
        body=body,
        captured_at=datetime(2026, 11, 22, tzinfo=UTC),
        status=status,
        content_type=content_type,
    )


def test_a_report_of_fighting_becomes_an_article_with_its_terms() -> None:
    processed = process(page(REPORT), None)
    assert processed.outcome is Outcome.EXTRACTED
    assert processed.article is not None
    assert processed.article.headline == "Shelling hits Lesk"
    assert processed.relevance is not None
    assert processed.relevance.matches


def test_a_recipe_is_off_topic_and_kept_only_on_request() -> None:
    assert process(page(RECIPE), None).outcome is Outcome.OFF_TOPIC
    assert process(page(RECIPE), None, conflict_only=False).outcome is Outcome.EXTRACTED


def test_an_address_that_is_none_does_not_stop_the_flow() -> None:
    assert process(replace(page(REPORT), url="http://[half"), None).outcome is Outcome.EXTRACTED


@pytest.mark.parametrize(
    ("given", "outcome", "detail"),
    [
        (page(b"", status=301), Outcome.NOT_ARTICLE, "redirect"),
        (page(b"\x89PNG", content_type="image/png"), Outcome.NOT_ARTICLE, "media type image/png"),
        (page(b" \n"), Outcome.EMPTY, "no body"),
        (page(b"", status=503), Outcome.FAILED, "http 503"),
        (page(REPORT, status=500), Outcome.FAILED, "http 500"),
        (page(b"<html><body><nav><a href='/'>Home</a></nav></body></html>"), Outcome.EMPTY, "no text"),
    ],
)
def test_what_cannot_be_an_article_ends_early(given: Page, outcome: Outcome, detail: str) -> None:
    processed = process(given, None)
    assert (processed.outcome, processed.detail) == (outcome, detail)
    assert processed.article is None

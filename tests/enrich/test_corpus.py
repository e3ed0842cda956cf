"""Language and relevance on real pages' gold texts; skipped where the corpus is absent."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.enrich import conflict
from crawler.enrich.language import detect

pytestmark = pytest.mark.corpus


def gold(corpus: Path, name: str) -> list[dict[str, Any]]:
    # Not splitlines(), which also splits at the U+2028 in some texts.
    lines = (corpus / name / "gold.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    return [row for row in rows if row.get("text")]


@pytest.mark.parametrize("name", ["conflict", "daniel", "newspaper4k"])
def test_languages_of_real_articles(corpus: Path, name: str) -> None:
    rows = [row for row in gold(corpus, name) if row.get("lang") and len(row["text"]) >= 200]
    wrong = [
        (row["lang"], verdict, row["text"][:60])
        for row in rows
        if (verdict := detect(row["text"])).code != row["lang"].split("-")[0]
    ]
    assert wrong == []


def test_every_founding_text_is_about_conflict(corpus: Path) -> None:
    for row in gold(corpus, "seeds"):
        relevance = conflict.score(headline=row.get("headline"), lede=None, text=row["text"], language="en")
        assert relevance.relevant, (row["id"], relevance)


def test_few_pages_of_the_general_press_pass(corpus: Path) -> None:
    """992 articles of 2011–12, by their subjects mostly health: 50 passed in November 2026, half of them about war."""
    rows = gold(corpus, "daniel")
    passed = sum(
        conflict.score(
            headline=row.get("title"), lede=None, text=row["text"], language=row["lang"].split("-")[0]
        ).relevant
        for row in rows
    )
    assert 25 <= passed <= 0.06 * len(rows)

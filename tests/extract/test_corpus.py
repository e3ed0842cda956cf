"""Real pages with gold text, kept outside the repository (`DATELINE_CORPUS`): what extraction must read off them."""

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import trafilatura

from archive.model import Article
from crawler.extract import extract

CORPUS = Path(os.environ.get("DATELINE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
NEEDS_CORPUS = pytest.mark.skipif(
    not (CORPUS / "conflict" / "gold.jsonl").exists(),
    reason=f"no real pages at {CORPUS}: set DATELINE_CORPUS to their folder",
)
pytestmark = [pytest.mark.corpus, NEEDS_CORPUS]


def rows(name: str) -> Iterator[dict[str, Any]]:
    gold = CORPUS / name / "gold.jsonl"
    if gold.exists():
        with gold.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def html(name: str, ident: str) -> bytes:
    return gzip.decompress((CORPUS / name / f"{ident}.html.gz").read_bytes())


@cache
def article(name: str, ident: str, url: str) -> Article:
    return extract(html(name, ident), url)


SUPPORTED = [row for row in rows("conflict") if row.get("supported_publisher")]


def each_page(function):
    return pytest.mark.parametrize("row", SUPPORTED, ids=lambda row: row["id"])(function)


def read(row: dict[str, Any]) -> Article:
    return article("conflict", row["id"], row["url"])


@each_page
def test_headline(row: dict[str, Any]) -> None:
    assert read(row).headline == row["title"]


@each_page
def test_text_has_the_lede_and_no_chrome(row: dict[str, Any]) -> None:
    found = read(row)
    assert found.lede
    assert found.paragraphs[0] == found.lede
    assert [line for line in row["chrome_must_not_appear"] if line in found.text] == []


@each_page
def test_text_is_the_body(row: dict[str, Any]) -> None:
    """Every paragraph of the gold is there, whole, and nothing but the lede is added."""
    wanted = [" ".join(line.split()) for line in row["text"].split("\n\n")]
    found = read(row)
    missing = [line for line in wanted if line not in found.paragraphs and "views and opinions" not in line]
    assert missing == []
    assert [line for line in found.paragraphs if line not in wanted and line != found.lede] == []


@each_page
def test_times(row: dict[str, Any]) -> None:
    found = read(row)
    assert found.published_at == datetime.fromisoformat(row["published"])
    if "updated" in row:
        assert found.modified_at == datetime.fromisoformat(row["updated"])
    if found.modified_at is not None and found.published_at is not None:
        assert timedelta() <= found.modified_at - found.published_at < timedelta(days=2)


@each_page
def test_section_tags_and_authors(row: dict[str, Any]) -> None:
    found = read(row)
    assert found.section == row["section"]
    assert list(found.tags) == row["tags"]
    assert list(found.authors) == row["authors"]
    assert found.language == row["lang"]


@each_page
def test_captions_and_credits(row: dict[str, Any]) -> None:
    found = read(row).images
    assert len(found) == 1
    if "image_caption" in row:
        assert found[0].caption == row["image_caption"]
    if "image_credit" in row:
        assert found[0].credit == row["image_credit"]


@each_page
def test_related(row: dict[str, Any]) -> None:
    found = [(story.title, story.url) for story in read(row).related]
    assert found == [(story["title"], story["url"]) for story in row.get("related_inline", [])]


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
@pytest.mark.parametrize("name", ["conflict", "fundus-parser"])
def test_better_than_plain_trafilatura(name: str, every: int) -> None:
    """Mean 4-gram F1 on a sample of the pages is above trafilatura's own with its defaults."""
    sample = [row for row in rows(name) if row.get("text")][::every]
    ours = [f1(row["text"], article(name, row["id"], row["url"]).text) for row in sample]
    theirs = [
        f1(row["text"], trafilatura.extract(html(name, row["id"]), include_comments=False) or "") for row in sample
    ]
    assert sum(ours) / len(ours) > sum(theirs) / len(theirs)


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_no_page_raises_and_every_claimed_time_is_aware(every: int) -> None:
    for row in islice(rows("conflict"), 0, None, every):
        found = article("conflict", row["id"], row["url"])
        assert "failed" not in found.provenance, row["id"]
        for time in (found.published_at, found.modified_at):
            assert time is None or time.tzinfo is not None


def f1(gold: str, text: str) -> float:
    """F1 of the multisets of word 4-grams."""
    wanted, found = shingles(gold), shingles(text)
    common = sum((wanted & found).values())
    if not common:
        return 0.0
    precision, recall = common / sum(found.values()), common / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"[\u3040-\u9fff]|\w+", text.lower())
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))

"""Drafted publisher files are reviewed by a person: see `scrapy newpublisher` and README, "Add a publisher"."""

import gzip
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import extract
from crawler.publisher import publisher_for, publishers
from tests.conftest import ROOT

REVIEWS = sorted(Path(__file__).with_name("reviews").glob("*.toml"))
PAGES = [
    pytest.param(review.stem, page, id=f"{review.stem}-{number}")
    for review in REVIEWS
    for number, page in enumerate(tomllib.loads(review.read_text(encoding="utf-8"))["page"], 1)
]


@pytest.mark.parametrize(("name", "page"), PAGES)
def test_a_person_has_reviewed_it_and_the_page_reads_so(name: str, page: dict[str, Any]) -> None:
    review = f"tests/spiders/reviews/{name}.toml"
    how = f"scrapy extract {page['saved']} --url {page['url']}"
    assert page["reviewed"] is True, f"compare {review} with {page['url']} ({how}), then set reviewed = true"
    assert publisher_for(page["url"]) is publishers()[name]
    assert publishers()[name].is_article(page["url"])
    saved = ROOT / page["saved"]
    if not saved.exists():
        pytest.skip(f"{page['saved']} is only in the clone of the person who drafted the file")
    body = gzip.decompress(saved.read_bytes())
    article = extract(body, page["url"], content_type=page["content_type"] or None)
    read = {
        "headline": article.headline or "",
        "published_at": article.published_at,
        "authors": list(article.authors),
        "language": article.language or "",
        "paragraphs": len(article.paragraphs),
    }
    expected = {field: page[field] for field in read}
    expected["published_at"] = datetime.fromisoformat(page["published_at"]) if page["published_at"] else None
    assert read == expected
    assert article.text.startswith(page["begins"])
    assert article.text.endswith(page["ends"])
    assert [line for line in page["absent"] if line in article.text] == []

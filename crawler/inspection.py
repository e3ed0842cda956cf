"""One page looked into: what a crawl would make of it, and which rule made each field. For the person who debugs it."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from archive.model import Article, Outcome, Page
from crawler.enrich.language import Language
from crawler.extract import extract
from crawler.flow import Processed, process
from crawler.publisher import Publisher, publisher_for, publishers

_APART = ("paragraphs", "provenance", "removed")  # of an Article: shown in their own places


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """`origin` says where the page's bytes are from; `spider` whose publisher file was used, None for the generic path.

    `seconds` is the CPU time of one extraction.
    """

    page: Page
    origin: str
    spider: str | None
    article: Article
    processed: Processed
    language: Language
    seconds: float

    @property
    def outcome(self) -> str:
        """As in the archive: "extracted", "blocked:consent", "not_article:index", "failed:http 404"."""
        detail = self.processed.detail
        return f"{self.processed.outcome}:{detail}" if detail else str(self.processed.outcome)

    @property
    def is_article(self) -> bool:
        """Whether a crawl takes the page for an article, on topic or not."""
        return self.processed.outcome in {Outcome.EXTRACTED, Outcome.OFF_TOPIC}

    def rule(self, field: str) -> str:
        """The rule that gave a field, with zone and precision of a time; empty for a field without one."""
        provenance = self.article.provenance
        notes = [provenance.get(f"{field}_zone"), provenance.get(f"{field}_precision")]
        words = [f"zone {notes[0]}" if notes[0] else "", f"to the {notes[1]}" if notes[1] else ""]
        return ", ".join(filter(None, [provenance.get(field, ""), *words]))

    def fields(self) -> Iterator[tuple[str, Any]]:
        """Every field of the article but paragraphs, provenance and removed lines, in the model's order."""
        for field in fields(Article):
            if field.name not in _APART:
                yield field.name, getattr(self.article, field.name)

    def as_json(self) -> str:
        """All of it, for machines. Times are ISO 8601 with offset."""
        relevance = self.processed.relevance
        value = {
            "origin": self.origin,
            "url": self.page.url,
            "status": self.page.status,
            "content_type": self.page.content_type,
            "bytes": len(self.page.body),
            "captured_at": self.page.captured_at,
            "spider": self.spider,
            "outcome": self.processed.outcome,
            "detail": self.processed.detail,
            "cpu_seconds": round(self.seconds, 3),
            "language": asdict(self.language),
            "relevance": asdict(relevance) if relevance is not None else None,
            "article": asdict(self.article),
        }
        return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def inspect(page: Page, *, origin: str, publisher: Publisher | None = None) -> Inspection:
    """Extract `page` and put it through the gates, as a crawl does; `publisher` None: that of its domain."""
    publisher = publisher or publisher_for(page.url)
    processed = process(page, publisher)  # before the clock starts: it loads profiles and vocabularies
    begun = time.process_time()
    article = extract(
        page.body, page.url, content_type=page.content_type, captured_at=page.captured_at, publisher=publisher
    )
    seconds = time.process_time() - begun
    return Inspection(
        page=page,
        origin=origin,
        spider=next((name for name, known in publishers().items() if known is publisher), None),
        article=article,
        processed=processed,
        language=_verdict(article),
        seconds=seconds,
    )


def _verdict(article: Article) -> Language:
    """The language with method and confidence, read off the rule: "text:words:0.95"."""
    _, method, confidence = (*article.provenance.get("language", "").split(":"), "", "")[:3]
    return Language(code=article.language, confidence=float(confidence or 0), method=method or "unsure")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")

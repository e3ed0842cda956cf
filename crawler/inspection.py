"""One page looked into: what a crawl would make of it, and which rule made each field. For the person who debugs it."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import Any

from archive.model import Article, Outcome, Page
from crawler.enrich.language import Language
from crawler.errors import ExtractionError
from crawler.extract import extract
from crawler.extract.plain import extract_plainly
from crawler.flow import process
from crawler.processed import Processed
from crawler.publisher import Publisher, publisher_for, publishers
from crawler.workers import WorkerPool

_APART = ("paragraphs", "provenance", "removed")  # of an Article: shown in their own places


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """`origin` says where the page's bytes are from; `spider` whose publisher file was used, None for the generic path.

    `seconds` is the CPU time that a crawl spends on the page.
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
        """The rule that gave a field, with zone and precision of a time and the readings' agreement on a text.

        Empty for a field without a rule.
        """
        provenance = self.article.provenance
        notes = {"zone": "zone {}", "precision": "to the {}", "agreement": "agreement {}"}
        words = [form.format(note) for name, form in notes.items() if (note := provenance.get(f"{field}_{name}"))]
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


def inspect(page: Page, *, origin: str, publisher: Publisher | None = None, broken: str | None = None) -> Inspection:
    """Extract `page` and put it through the gates, as a crawl does; `publisher` None: that of its domain.

    Meant for a worker, as `inspect_safely` runs it. `broken`: how the page took an earlier worker down; it is then read
    plainly, as in a crawl.
    """
    publisher = publisher or publisher_for(page.url)
    begun = time.process_time()
    processed = process(page, publisher, conflict_only=False, broken=broken)
    seconds = time.process_time() - begun
    article = processed.article
    if article is None:  # no article; what stands in the page is of interest all the same
        reader = extract if broken is None else partial(extract_plainly, reason=broken)
        article = reader(
            page.body, page.url, content_type=page.content_type, captured_at=page.captured_at, publisher=publisher
        )
    if processed.relevance is not None and not processed.relevance.relevant:
        processed = replace(processed, outcome=Outcome.OFF_TOPIC, detail=f"score {processed.relevance.score:.2f}")
    return Inspection(
        page=page,
        origin=origin,
        spider=next((name for name, known in publishers().items() if known == publisher), None),
        article=article,
        processed=replace(processed, article=None),
        language=_verdict(article),
        seconds=seconds,
    )


async def inspect_safely(
    workers: WorkerPool, page: Page, *, origin: str, publisher: Publisher | None = None
) -> Inspection:
    """`inspect` within a crawl's limits of time and memory. Raises ExtractionError."""
    try:
        return await workers.run(inspect, page, origin=origin, publisher=publisher)
    except ExtractionError as error:
        return await workers.run(inspect, page, origin=origin, publisher=publisher, broken=str(error))


def _verdict(article: Article) -> Language:
    """The language with method and confidence, read off the rule: "text:words:0.95"."""
    _, method, confidence = (*article.provenance.get("language", "").split(":"), "", "")[:3]
    return Language(code=article.language, confidence=float(confidence or 0), method=method or "unsure")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")

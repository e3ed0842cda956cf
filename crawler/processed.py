"""What comes back from a worker; apart from `crawler.flow`, so that the crawl itself loads no extractor."""

from dataclasses import dataclass

from archive.model import Article, Named, Outcome, Relevance


@dataclass(frozen=True, kw_only=True, slots=True)
class Processed:
    """What became of a page.

    `article` is set when `outcome` is `extracted`; the store may turn that into `unchanged`.
    """

    outcome: Outcome
    detail: str | None = None
    article: Article | None = None
    relevance: Relevance | None = None
    named: Named | None = None

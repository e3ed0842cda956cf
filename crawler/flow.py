"""From a captured page to an article and an outcome: the one place where the steps follow each other.

Everything here is pure: no network, no database, no clock. It runs in a worker process that may be killed, on a page
that is already safe in a WARC, and does the same for a live crawl, an import and a re-extraction.
"""

from archive.model import Article, Outcome, Page
from crawler.enrich import conflict, names
from crawler.extract.article import read_article
from crawler.extract.evidence import Evidence
from crawler.extract.gates import page_kind
from crawler.extract.page import Document
from crawler.extract.plain import extract_plainly
from crawler.processed import Processed
from crawler.publisher import Publisher, publisher_for

# What an article page is labelled as, now and then wrongly; anything else is a picture, a document or an API's answer.
TEXT_TYPES = frozenset(("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain"))
# Bytes of UTF-8: seven English words, a dozen Chinese characters. The shortest articles seen, one sentence of breaking
# news, have 150.
SCANT = 40


def process(
    page: Page, publisher: Publisher | None, *, conflict_only: bool = True, broken: str | None = None
) -> Processed:
    """Turn one captured page into an article, or say why it is none.

    1. A response without a page of text ends here: errors, redirects, other media types.
    2. The publisher's layout, trafilatura and the residue rules give the article.
    3. Walls, indexes and galleries are told from articles.
    4. A page without text, or with less than a sentence, is `empty`.
    5. The conflict vocabulary scores it; with `conflict_only` an off-topic article is not stored.
    6. Of those that are, actors and places are found.

    `publisher` None means: found by the page's domain, else the generic path. `broken` says how this page took an
    earlier worker down: it is then read plainly, and no parser sees it again.
    """
    refused = _refuse(page)
    if refused is not None:
        return refused
    publisher = publisher or publisher_for(page.url)
    article, document = _read(page, publisher, broken)
    seen = Evidence(
        page.body if broken is None else None,
        url=page.url,
        status=page.status,
        article=article,
        content_type=page.content_type,
        document=document,
        publisher=publisher,
    )
    kind = page_kind(seen)
    if kind is not None:
        outcome, _, detail = kind.partition(":")
        return Processed(outcome=Outcome(outcome), detail=detail or None)
    if page.status != 200:
        return Processed(outcome=Outcome.FAILED, detail=f"http {page.status}")
    if len(article.text.encode()) < SCANT:
        return Processed(outcome=Outcome.EMPTY, detail="no text")
    relevance = conflict.score(
        headline=article.headline, lede=article.lede, text=article.text, language=article.language
    )
    if conflict_only and not relevance.relevant:
        return Processed(outcome=Outcome.OFF_TOPIC, detail=f"score {relevance.score:.2f}", relevance=relevance)
    named = names.of_article(article, country=publisher.country if publisher else None)
    return Processed(outcome=Outcome.EXTRACTED, article=article, relevance=relevance, named=named)


def _read(page: Page, publisher: Publisher | None, broken: str | None) -> tuple[Article, Document | None]:
    """What the page says, and the page as it was parsed, where it was."""
    if broken is None:
        return read_article(
            page.body, page.url, content_type=page.content_type, captured_at=page.captured_at, publisher=publisher
        )
    article = extract_plainly(
        page.body,
        page.url,
        content_type=page.content_type,
        captured_at=page.captured_at,
        publisher=publisher,
        reason=broken,
    )
    return article, None


def _refuse(page: Page) -> Processed | None:
    """End a response that cannot hold an article, whatever its text; error pages go on, they may be walls."""
    if 300 <= page.status < 400:
        return Processed(outcome=Outcome.NOT_ARTICLE, detail="redirect")
    media_type = (page.content_type or "").partition(";")[0].strip().lower()
    if media_type and media_type not in TEXT_TYPES:
        return Processed(outcome=Outcome.NOT_ARTICLE, detail=f"media type {media_type[:60]}")
    if page.body.strip():
        return None
    if page.status == 200:
        return Processed(outcome=Outcome.EMPTY, detail="no body")
    return Processed(outcome=Outcome.FAILED, detail=f"http {page.status}")

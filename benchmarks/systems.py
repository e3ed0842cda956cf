"""The extractors that are compared, each as a function of a page's bytes and URL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from unittest.mock import patch


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """What a system made of a page."""

    text: str = ""
    headline: str | None = None
    published: datetime | None = None
    authors: tuple[str, ...] = ()


System = Callable[[bytes, str], Extracted]


def dateline(html: bytes, url: str, *, known: bool) -> Extracted:
    """This project. `known` False: as though no publisher file existed."""
    from crawler.extract import article as extraction

    if known:
        article = extraction.extract(html, url)
    else:
        with patch.object(extraction, "publisher_for", return_value=None):
            article = extraction.extract(html, url)
    return Extracted(
        text=article.text, headline=article.headline, published=article.published_at, authors=article.authors
    )


def trafilatura(html: bytes, url: str, **options: bool) -> Extracted:
    """trafilatura with metadata, without comments; `options` are its modes."""
    from trafilatura import bare_extraction

    document = bare_extraction(html, url=url, with_metadata=True, include_comments=False, **options)
    if document is None or isinstance(document, dict):
        return Extracted()
    published = datetime.fromisoformat(document.date) if document.date else None
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    return Extracted(text=document.text or "", headline=document.title, published=published, authors=authors)


def readability(html: bytes, url: str) -> Extracted:
    """readability-lxml."""
    import lxml.html
    from readability import Document

    document = Document(html.decode("utf-8", "replace"), url=url)
    summary = lxml.html.fromstring(document.summary() or "<p></p>")
    return Extracted(text="\n\n".join(summary.itertext()), headline=document.short_title())


def newspaper(html: bytes, url: str) -> Extracted:
    """newspaper4k, without fetching images."""
    from newspaper import Article, Config

    config = Config()
    config.fetch_images = False
    article = Article(url, config=config)
    article.download(input_html=html.decode("utf-8", "replace"))
    article.parse()
    published = article.publish_date if isinstance(article.publish_date, datetime) else None
    return Extracted(
        text=article.text, headline=article.title or None, published=published, authors=tuple(article.authors)
    )


def systems() -> dict[str, System]:
    """The systems that are installed, ours first."""
    found: dict[str, System] = {
        "dateline": partial(dateline, known=False),
        "dateline, known publishers": partial(dateline, known=True),
        "trafilatura": trafilatura,
        "trafilatura fast": partial(trafilatura, fast=True),
        "trafilatura precision": partial(trafilatura, favor_precision=True),
    }
    if find_spec("readability"):
        found["readability-lxml"] = readability
    if find_spec("newspaper"):
        found["newspaper4k"] = newspaper
    return found

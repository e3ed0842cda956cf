"""The extraction: bytes, URL and publisher in, article out. Pure, and it never raises."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from lxml.html import HtmlElement

from archive.model import Article, Removed
from crawler.enrich import language as languages
from crawler.enrich import wire as wires
from crawler.extract import body, layouts, residue
from crawler.extract.authors import find_authors, printed_byline
from crawler.extract.dateline import find_dateline, leading_dateline, printed_dateline
from crawler.extract.dates import ParsedTime
from crawler.extract.furniture import remove_furniture
from crawler.extract.generic import whole_page
from crawler.extract.headline import find_headline
from crawler.extract.lede import find_lede, with_lede
from crawler.extract.lines import words
from crawler.extract.media import find_images, merge
from crawler.extract.metadata import LinkedData, Meta, read_linked_data, read_meta
from crawler.extract.page import Document, read_page
from crawler.extract.plain import extract_plainly
from crawler.extract.times import Claim, find_times
from crawler.extract.topics import find_related, find_section, find_tags, unique_stories
from crawler.publisher import Layout, Publisher, publisher_for
from crawler.urls import canonical_url, page_url, registrable_domain

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_CLAIM = 8  # words below which a description says too little to be held against a text


class Reading(NamedTuple):
    """The article that a page became, and the page as it was parsed, None where it could not be."""

    article: Article
    document: Document | None


def extract(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    captured_at: datetime | None = None,
    publisher: Publisher | None = None,
) -> Article:
    """Turn a page into an article.

    `html` is the decoded entity body (no transfer or content coding), `content_type` the response's header, and
    `captured_at` bounds the times that are believed. `publisher` None: the declared one that owns `url`'s host, else
    the generic path. A page without text gives an article whose `text` is "". Never raises: a page that breaks a
    library is read plainly (`crawler.extract.plain`), with the reason in `provenance["failed"]`.
    """
    return read_article(
        html, url, content_type=content_type, captured_at=captured_at, publisher=publisher or publisher_for(url)
    ).article


def read_article(
    html: bytes, url: str, *, content_type: str | None, captured_at: datetime | None, publisher: Publisher | None
) -> Reading:
    """As `extract`, for a caller that asks more of the page and shall not parse it again; `publisher` as declared."""
    try:
        document = read_page(html, content_type)
        if document is None:
            return Reading(_empty(url, publisher), None)
        return Reading(_extract(document, url, publisher, captured_at), document)
    except Exception as error:  # noqa: BLE001 - hostile bytes reach three parsers; one page must not end a crawl
        _log.warning("extraction of %s failed: %r", url, error)
        reason = f"{type(error).__name__}: {error}"[:200]
    try:
        plain = extract_plainly(
            html, url, content_type=content_type, captured_at=captured_at, publisher=publisher, reason=reason
        )
    except Exception as error:  # noqa: BLE001 - see above
        plain = _empty(url, publisher, failed=f"{reason}; {type(error).__name__}: {error}"[:400])
    return Reading(plain, None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """A page of which each field is read in turn, from the most trusted rule that yields it; `rules` notes which did.

    `names` are those of the house, `printed` the rule of what its layout finds, and `headline` is known first.
    """

    tree: HtmlElement
    markup: str
    url: str
    publisher: Publisher | None
    captured_at: datetime | None
    layout: Layout | None
    data: LinkedData
    meta: Meta
    names: tuple[str, ...]
    printed: str
    headline: str | None
    rules: "_Rules"


def _extract(document: Document, url: str, publisher: Publisher | None, captured_at: datetime | None) -> Article:
    """The text first, for some fields stand in it; then what the page says of it."""
    page = _open(document, url, publisher, captured_at)
    lede, lines, removed = _text(page)
    tidied = residue.strip_residue(lines, publisher=publisher, headline=page.headline, url=url)
    body_text = _credits_out(tidied, page.names)
    if lede not in body_text.paragraphs:  # it was chrome
        lede = None
        page.rules.noted.pop("lede", None)
    article = Article(
        url=url,
        canonical_url=page_url(url, page.meta.canonical or page.meta.first("og:url"), publisher),
        publisher=publisher.name if publisher is not None else registrable_domain(url) or None,
        headline=page.headline,
        text="\n\n".join(body_text.paragraphs),
        paragraphs=body_text.paragraphs,
        lede=lede,
        removed=(*removed, *tidied.removed, *body_text.removed),
    )
    article = _with_pictures_and_stories(article, page)
    article = _with_signatures(article, page, tidied, body_text)
    article = _with_times(article, page, lines, tidied)
    article = _with_place(article, page, tidied)
    return replace(
        article,
        images=merge([*article.images, *page.rules.also("images", tidied.images)]),
        related=unique_stories([*article.related, *page.rules.also("related", tidied.related)]),
        wire=page.rules.first("wire", *_wires(tidied, body_text, wires.signer(article.authors, self_names=page.names))),
        language=_language(article.text, page),
        provenance=page.rules.noted,
    )


def _open(document: Document, url: str, publisher: Publisher | None, captured_at: datetime | None) -> _Page:
    """A page without its furniture, its head and linked data read, its layout chosen, its headline found."""
    tree, rules = document.tree, _Rules()
    meta, data = read_meta(tree), read_linked_data(document.linked_data, url)
    names = _own_names(publisher, data, meta, url)
    remove_furniture(tree)
    layout = layouts.choose(tree, publisher)
    return _Page(
        tree=tree,
        markup=document.markup,
        url=url,
        publisher=publisher,
        captured_at=captured_at,
        layout=layout,
        data=data,
        meta=meta,
        names=names,
        printed=f"layout:{layout.name}" if layout is not None else "layout",
        headline=rules.take("headline", find_headline(tree, layout, data, meta, names=names, url=url)),
        rules=rules,
    )


def _with_pictures_and_stories(article: Article, page: _Page) -> Article:
    images = find_images(
        page.tree, page.url, layout=page.layout, data=page.data, meta=page.meta, headline=page.headline
    )
    stories = find_related(page.tree, page.url, page.layout)
    return replace(
        article,
        images=page.rules.take("images", images) or (),
        related=page.rules.first("related", (stories, page.printed)) or (),
    )


def _with_signatures(article: Article, page: _Page, tidied: residue.Residue, body_text: "_Body") -> Article:
    """Authors, byline, dateline."""
    tree, layout, names, rules = page.tree, page.layout, page.names, page.rules
    byline = printed_byline(tree, layout, names)
    authors = find_authors(
        byline,
        tree,
        page.data,
        page.meta,
        names,
        layout=layout,
        headline=page.headline,
        house_signs=page.publisher is None,
    )
    dateline = find_dateline(printed_dateline(tree, layout), names)
    return replace(
        article,
        authors=rules.take("authors", authors) or (),
        byline=rules.first("byline", (byline, page.printed), (tidied.byline, "text")),
        dateline=rules.first("dateline", (dateline, page.printed), (tidied.dateline or body_text.dateline, "text")),
    )


def _with_times(article: Article, page: _Page, lines: Sequence[str], tidied: residue.Residue) -> Article:
    times = find_times(
        page.tree,
        page.url,
        layout=page.layout,
        data=page.data,
        meta=page.meta,
        publisher=page.publisher,
        captured_at=page.captured_at,
        headline=page.headline,
        paragraphs=lines,
    )
    return replace(
        article,
        published_at=page.rules.take_time("published_at", times.published, tidied.published),
        modified_at=page.rules.take_time("modified_at", times.modified, tidied.modified),
    )


def _with_place(article: Article, page: _Page, tidied: residue.Residue) -> Article:
    """Where it stands on its site: section, tags."""
    rules = page.rules
    section = find_section(
        page.tree, page.url, layout=page.layout, data=page.data, meta=page.meta, publisher=page.publisher
    )
    tags = find_tags(page.tree, page.layout, page.data, page.meta)
    return replace(
        article,
        section=rules.take("section", section or (tidied.section, "text")),
        tags=rules.take("tags", tags) or rules.first("tags", (tidied.tags, "text")) or (),
    )


def _language(text: str, page: _Page) -> str | None:
    declared = (page.meta.language, page.data.language, page.meta.first("og:locale", "content-language"))
    expected = page.publisher.languages if page.publisher is not None else ()
    spoken = languages.detect(text, declared=[claim for claim in declared if claim], expected=expected)
    return page.rules.first("language", (spoken.code, spoken.rule))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Body:
    """The paragraphs without the lines that only credit somebody, and what those lines said."""

    paragraphs: tuple[str, ...]
    wire: str | None = None
    rule: str | None = None
    dateline: str | None = None
    removed: tuple[Removed, ...] = ()


def _wires(tidied: residue.Residue, body_text: _Body, signer: str | None) -> Iterator[tuple[str | None, str]]:
    """Credits from the most explicit on: one printed as such, an agency that signs, one that the account cites."""
    printed = (tidied.wire, tidied.wire_rule), (body_text.wire, body_text.rule)
    cited = tuple(credit for credit in printed if credit[1] in wires.CITED)
    yield from ((name, f"text:{rule}") for name, rule in printed if (name, rule) not in cited)
    yield signer, "byline"
    yield from ((name, f"text:{rule}") for name, rule in cited)


def _credits_out(tidied: residue.Residue, names: Sequence[str]) -> _Body:
    """Read the wire's credit and a dateline in front; drop lines that are nothing else, the house's own among them."""
    wire = wires.credit(tidied.kept, self_names=names)
    paragraphs = wire.paragraphs if wire is not None else tidied.kept
    dateline = leading_dateline(paragraphs, names)
    if dateline is not None:
        paragraphs = paragraphs[1:]
    removed: tuple[Removed, ...] = ()
    if wire is None and paragraphs and wires.is_source_line(paragraphs[-1]):  # the house itself: "المصدر: RT"
        removed, paragraphs = (Removed(text=paragraphs[-1], rule="own-source"),), paragraphs[:-1]
    return _Body(
        paragraphs=tuple(paragraphs),
        wire=wire.name if wire is not None else None,
        rule=wire.rule if wire is not None else None,
        dateline=dateline,
        removed=removed,
    )


def _text(page: _Page) -> tuple[str | None, tuple[str, ...], tuple[Removed, ...]]:
    """The lede, the lines of the text (lede in front), and what the layout stripped.

    A layout whose body holds nothing on this page (the design changed) leaves the text to the generic path.
    """
    tree, data, rules = page.tree, page.data, page.rules
    described = [text for text in (data.description, page.meta.first("og:description", "description")) if text]
    if page.layout is not None:
        narrowed = layouts.narrow(tree, page.layout)
        lede_lines, lines = body.paragraphs(narrowed.lede), body.paragraphs(narrowed.body)
        if lines:
            lede = rules.take("lede", (lede_lines[0], page.printed) if lede_lines else None)
            rules.set("text", page.printed)
            lines = with_lede(lines, lede) if len(lede_lines) == 1 else (*lede_lines, *lines)
            if (agreement := _borne_out(data.body or max(described, key=len, default=""), lines)) is not None:
                rules.set("text_agreement", f"{agreement:.2f}")
            removed = tuple(Removed(text=text, rule=page.printed) for text in narrowed.stripped)
            return lede, (*lines, *body.stray_dumps(tree, page.markup, lines)), removed
    whole = whole_page(tree, claimed=data.body, headline=page.headline, descriptions=described)
    lines = whole.paragraphs
    if lines:
        rules.set("text", "trafilatura")
        rules.set("text_agreement", f"{whole.agreement:.2f}")
    lede = rules.take("lede", find_lede(lines, tree, data, page.meta) if lines else None)
    return lede, with_lede(lines, lede), ()


def _borne_out(claim: str, lines: Sequence[str]) -> float | None:
    """The share of the words of `claim`, the body or description in a page's head, that its text holds; None for few.

    A cheap second reading where a layout gave the text: it falls when the text lacks its beginning, or is another's.
    """
    claimed = {word.casefold() for word in words(claim)}
    if len(claimed) < _CLAIM:
        return None
    return len(claimed.intersection(word.casefold() for line in lines for word in words(line))) / len(claimed)


class _Rules:
    """Notes which rule gave which field (`Article.provenance`)."""

    def __init__(self) -> None:
        self.noted: dict[str, str] = {}

    def set(self, name: str, rule: str) -> None:
        self.noted[name] = rule

    def take(self, name: str, found: tuple[_T, str] | None) -> _T | None:
        """The value of `found`; its rule is noted under `name` unless the value is empty."""
        if found is None or not found[0]:
            return None
        self.noted[name] = found[1]
        return found[0]

    def first(self, name: str, *found: tuple[_T | None, str]) -> _T | None:
        """The first value that is not empty, of values with their rules."""
        return next((self.take(name, (value, rule)) for value, rule in found if value), None)

    def also(self, name: str, found: Sequence[_T]) -> Sequence[_T]:
        """What the text adds to a list that the page may have filled already."""
        if found:
            self.noted.setdefault(name, "text")
        return found

    def take_time(self, name: str, claim: Claim | None, in_text: ParsedTime | None) -> datetime | None:
        """The time of a claim, else one that stood in the text; its rule, zone and precision are noted."""
        time = claim.time if claim is not None else in_text
        if time is None:
            return None
        self.noted[name] = claim.rule if claim is not None else "text"
        if time.precision == "day":
            self.noted[f"{name}_precision"] = "day"
        else:
            self.noted[f"{name}_zone"] = time.zone
        return time.at


def _own_names(publisher: Publisher | None, data: LinkedData, meta: Meta, url: str) -> tuple[str, ...]:
    """How the site calls itself: never a headline, an author or a wire."""
    declared = (publisher.name, *publisher.self_names) if publisher is not None else ()
    claimed = (*meta.all("og:site_name"), *meta.all("application-name"), *data.site_names)
    domain = registrable_domain(url)
    return tuple(dict.fromkeys(name for name in (*declared, *claimed, domain, domain.split(".")[0]) if len(name) > 1))


def _empty(url: str, publisher: Publisher | None, *, failed: str | None = None) -> Article:
    return Article(
        url=url,
        canonical_url=canonical_url(url, publisher),
        publisher=publisher.name if publisher is not None else registrable_domain(url) or None,
        provenance={"failed": failed} if failed else {},
    )

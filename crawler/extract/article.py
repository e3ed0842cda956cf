"""The extraction: bytes, URL and publisher in, article out. Pure, and it never raises."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

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
    publisher = publisher or publisher_for(url)
    try:
        document = read_page(html, content_type)
        if document is None:
            return _empty(url, publisher)
        return _extract(document, url, publisher, captured_at)
    except Exception as error:  # noqa: BLE001 - hostile bytes reach three parsers; one page must not end a crawl
        _log.warning("extraction of %s failed: %r", url, error)
        reason = f"{type(error).__name__}: {error}"[:200]
    try:
        return extract_plainly(
            html, url, content_type=content_type, captured_at=captured_at, publisher=publisher, reason=reason
        )
    except Exception as error:  # noqa: BLE001 - see above
        return _empty(url, publisher, failed=f"{reason}; {type(error).__name__}: {error}"[:400])


def _extract(document: Document, url: str, publisher: Publisher | None, captured_at: datetime | None) -> Article:
    """Each field in turn, from the most trusted rule that yields it; `rules` notes which did."""
    tree, rules = document.tree, _Rules()
    meta, data = read_meta(tree), read_linked_data(document.linked_data, url)
    names = _own_names(publisher, data, meta, url)
    remove_furniture(tree)
    layout = layouts.choose(tree, publisher)
    printed = f"layout:{layout.name}" if layout is not None else "layout"

    headline = rules.take("headline", find_headline(tree, layout, data, meta, names=names, url=url))
    lede, lines, removed = _text(tree, layout, data, meta, rules, headline=headline)
    tidied = residue.strip_residue(lines, publisher=publisher, headline=headline, url=url)
    body_text = _credits_out(tidied, names)
    if lede not in body_text.paragraphs:  # it was chrome
        lede = None
        rules.noted.pop("lede", None)
    byline = printed_byline(tree, layout, names)
    times = find_times(
        tree,
        url,
        layout=layout,
        data=data,
        meta=meta,
        publisher=publisher,
        captured_at=captured_at,
        headline=headline,
        paragraphs=lines,
    )
    declared = [claim for claim in (meta.language, data.language, meta.first("og:locale", "content-language")) if claim]
    text = "\n\n".join(body_text.paragraphs)
    spoken = languages.detect(text, declared=declared, expected=publisher.languages if publisher is not None else ())
    images = rules.take("images", find_images(tree, url, layout=layout, data=data, meta=meta, headline=headline)) or ()
    stories = rules.first("related", (find_related(tree, url, layout), printed)) or ()
    authors = (
        rules.take(
            "authors",
            find_authors(
                byline, tree, data, meta, names, layout=layout, headline=headline, house_signs=publisher is None
            ),
        )
        or ()
    )
    return Article(
        url=url,
        canonical_url=page_url(url, meta.canonical or meta.first("og:url"), publisher),
        publisher=publisher.name if publisher is not None else registrable_domain(url) or None,
        headline=headline,
        text=text,
        paragraphs=body_text.paragraphs,
        lede=lede,
        byline=rules.first("byline", (byline, printed), (tidied.byline, "text")),
        authors=authors,
        dateline=rules.first(
            "dateline",
            (find_dateline(printed_dateline(tree, layout), names), printed),
            (tidied.dateline or body_text.dateline, "text"),
        ),
        published_at=rules.take_time("published_at", times.published, tidied.published),
        modified_at=rules.take_time("modified_at", times.modified, tidied.modified),
        section=rules.take(
            "section",
            find_section(tree, url, layout=layout, data=data, meta=meta, publisher=publisher)
            or (tidied.section, "text"),
        ),
        tags=rules.take("tags", find_tags(tree, layout, data, meta))
        or rules.first("tags", (tidied.tags, "text"))
        or (),
        images=merge([*images, *(rules.also("images", tidied.images))]),
        related=unique_stories([*stories, *rules.also("related", tidied.related)]),
        wire=rules.first("wire", *_wires(tidied, body_text, wires.signer(authors, self_names=names))),
        language=rules.first("language", (spoken.code, spoken.rule)),
        provenance=rules.noted,
        removed=(*removed, *tidied.removed, *body_text.removed),
    )


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


def _text(
    tree: HtmlElement, layout: Layout | None, data: LinkedData, meta: Meta, rules: "_Rules", *, headline: str | None
) -> tuple[str | None, tuple[str, ...], tuple[Removed, ...]]:
    """The lede, the lines of the text (lede in front), and what the layout stripped.

    A layout whose body holds nothing on this page (the design changed) leaves the text to the generic path.
    """
    described = [text for text in (data.description, meta.first("og:description", "description")) if text]
    if layout is not None:
        narrowed = layouts.narrow(tree, layout)
        rule = f"layout:{layout.name}"
        lede_lines, lines = body.paragraphs(narrowed.lede), body.paragraphs(narrowed.body)
        if lines:
            lede = rules.take("lede", (lede_lines[0], rule) if lede_lines else None)
            rules.set("text", rule)
            lines = with_lede(lines, lede) if len(lede_lines) == 1 else (*lede_lines, *lines)
            if (agreement := _borne_out(data.body or max(described, key=len, default=""), lines)) is not None:
                rules.set("text_agreement", f"{agreement:.2f}")
            removed = tuple(Removed(text=text, rule=rule) for text in narrowed.stripped)
            return lede, (*lines, *body.stray_dumps(tree, lines)), removed
    whole = whole_page(tree, claimed=data.body, headline=headline, descriptions=described)
    lines = whole.paragraphs
    if lines:
        rules.set("text", "trafilatura")
        rules.set("text_agreement", f"{whole.agreement:.2f}")
    lede = rules.take("lede", find_lede(lines, tree, data, meta) if lines else None)
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

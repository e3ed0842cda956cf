"""Candidates for a publisher's layout, measured on a few of its articles.

The generic path reads the articles; here the nodes that hold what it found are looked up, and a selector is proposed
only if it finds that very node, and nothing else, on every one of the pages, and nothing on the home page.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import lxml.html
from cssselect import SelectorError
from lxml.html import HtmlElement
from w3lib.encoding import html_to_unicode

from archive.model import Article, Page
from crawler.extract import extract
from crawler.extract.select import nodes
from crawler.publisher import Layout, Publisher

LEAST_PAGES = 2  # one page shows no design
HELD = 0.8  # of an article's paragraphs a body must hold
AGREED = 0.8  # of the paragraphs that layout and generic path must have in common
_TEXT_TAGS = ("p", "li", "blockquote", "h2", "h3", "h4")
# Names that a build made and the next build changes: "css-1q2w3e", "sc-dFfFtc", "Story_body__3xYz9", "node-482913"
_GENERATED = re.compile(r"\d{2,}|^(?:css|sc|jsx|svelte)-|__\w*[A-Z0-9]\w*$|^[a-z]{1,2}$|[^\w-]")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """An article page and what the generic path made of it."""

    page: Page
    article: Article


def guess_layout(samples: Sequence[Sample], home: Page, publisher: Publisher, *, name: str) -> Layout | None:
    """A layout that reads every sample as the generic path does, or None where the pages do not agree on one."""
    usable = [sample for sample in samples if len(sample.article.paragraphs) >= 2]
    if len(usable) < LEAST_PAGES:
        return None
    trees = [_tree(sample.page) for sample in usable]
    articles = [sample.article for sample in usable]
    front = _tree(home)

    def agreed(find: Callable[[HtmlElement, Article], HtmlElement | None]) -> str | None:
        found = [find(tree, article) for tree, article in zip(trees, articles, strict=True)]
        return _selector([*zip(trees, found, strict=True)], front)

    body = agreed(_body)
    if body is None:
        return None
    headline, lede = agreed(_headline), agreed(_lede)
    layout = Layout(
        name=name,
        match=body,
        headline=tuple(filter(None, [headline, "h1" if headline != "h1" else None])),
        lede=(lede,) if lede else (),
        body=(body,),
    )
    return layout if _reads_alike(usable, layout, publisher) else None


def _reads_alike(samples: Sequence[Sample], layout: Layout, publisher: Publisher) -> bool:
    """Whether extraction with `layout` gives each sample's text again."""
    drafted = replace(publisher, layouts=(layout,))
    for sample in samples:
        page, known = sample.page, set(sample.article.paragraphs)
        read = set(extract(page.body, page.url, content_type=page.content_type, publisher=drafted).paragraphs)
        if len(read & known) < AGREED * len(read | known):
            return False
    return True


# --- the nodes --------------------------------------------------------------------------------------------------------


def _tree(page: Page) -> HtmlElement:
    _, text = html_to_unicode(page.content_type, page.body)
    parser = lxml.html.HTMLParser(encoding="utf-8")
    return lxml.html.document_fromstring(text.replace("\x00", "").encode(), parser=parser)


def _said(node: HtmlElement) -> str:
    return " ".join("".join(node.itertext()).split())


def _body(tree: HtmlElement, article: Article) -> HtmlElement | None:
    """The deepest node that holds most of the paragraphs."""
    wanted = {paragraph[:60] for paragraph in article.paragraphs}
    holders = [node for node in tree.iter(*_TEXT_TAGS) if (said := _said(node)) and said[:60] in wanted]
    if len(holders) < HELD * len(wanted):
        return None
    held = Counter(above for node in holders for above in node.iterancestors())
    enough = [node for node, count in held.items() if count >= HELD * len(holders)]
    return max(enough, key=_depth, default=None)


def _depth(node: HtmlElement) -> int:
    return sum(1 for _ in node.iterancestors())


def _headline(tree: HtmlElement, article: Article) -> HtmlElement | None:
    return next((node for node in tree.iter("h1", "h2") if article.headline and _said(node) == article.headline), None)


def _lede(tree: HtmlElement, article: Article) -> HtmlElement | None:
    return next((node for node in tree.iter("p", "div", "h2") if article.lede and _said(node) == article.lede), None)


# --- their selectors --------------------------------------------------------------------------------------------------


def _selector(found: Sequence[tuple[HtmlElement, HtmlElement | None]], front: HtmlElement) -> str | None:
    """The first selector that finds exactly these nodes in their trees, and none in `front`."""
    first = found[0][1]
    if first is None or any(node is None for _, node in found):
        return None
    return next((css for css in _candidates(first) if _fits(css, found, front)), None)


def _fits(css: str, found: Sequence[tuple[HtmlElement, HtmlElement | None]], front: HtmlElement) -> bool:
    try:
        return all(nodes(tree, css) == [node] for tree, node in found) and (css == "h1" or not nodes(front, css))
    except SelectorError:
        return False


def _candidates(node: HtmlElement) -> Iterator[str]:
    """Selectors of `node`, those that last longest first: meaning, id, class, a tag that says what it is."""
    tag = node.tag
    if (meaning := node.get("itemprop")) and _IDENTIFIER.match(meaning):
        yield f"{tag}[itemprop={meaning}]"
    yield from _named(node)
    if tag in {"article", "main", "h1"}:
        yield str(tag)


def _named(node: HtmlElement) -> Iterator[str]:
    if (ident := node.get("id")) and _is_lasting(ident):
        yield f"{node.tag}#{ident}"
    for name in (node.get("class") or "").split():
        if _is_lasting(name):
            yield f"{node.tag}.{name}"


def _is_lasting(name: str) -> bool:
    return _IDENTIFIER.match(name) is not None and _GENERATED.search(name) is None

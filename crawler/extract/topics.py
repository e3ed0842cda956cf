"""Where an article stands on its site: section, tags, related stories."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from archive.model import Related
from crawler.extract.dates import parse_time
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.select import clean, first_nodes, first_texts, nodes, text_of
from crawler.publisher import Layout, Publisher
from crawler.urls import absolute

# Breadcrumbs that lead to the whole site, in the languages the publishers print.
_HOME = frozenset(
    (
        "home",
        "homepage",
        "home page",
        "main",
        "news home",
        "الرئيسية",
        "الصفحة الرئيسية",
        "главная",
        "anasayfa",
        "accueil",
        "startseite",
        "inicio",
    )
)
_TAG_LABEL = re.compile(r"\A(?:tags?|trends?|keywords|topics?|الكلمات الدلالية|كلمات دلالية|тег[иы])\s*:\s*", re.I)
# What stands in front of a promoted headline within its link: "READ MORE: Bridge reopened"
_PROMO_LABEL = re.compile(
    r"\A(?:READ MORE|Also on rt\.com|ЧИТАЙТЕ ТАКЖЕ|Читайте также|إقرأ المزيد|اقرأ المزيد)\s*:?\s*"
)
_WORDY = re.compile(r"[^\W\d_]{2,}")
# First path segments that say what a page is, not what it is about.
_NO_SECTION = frozenset(
    ("en", "ar", "amp", "news", "article", "articles", "story", "stories", "content", "getcontent", "index")
)


def find_section(
    tree: HtmlElement, url: str, *, layout: Layout | None, data: LinkedData, meta: Meta, publisher: Publisher | None
) -> tuple[str, str] | None:
    """The section as printed, else as claimed, else as the URL of a declared publisher names it."""
    names = (publisher.name, *publisher.self_names) if publisher is not None else ()
    if layout is not None:
        crumbs = (first_nodes(tree, (css,)) for css in layout.section)
        printed = next((found for found in (_sections(nodes_found) for nodes_found in crumbs) if found), [])
        if printed:
            return printed[-1], f"layout:{layout.name}"
    claims = (
        (data.section, "jsonld"),
        (meta.first("article:section", "og:article:section", "section", "parsely-section"), "meta"),
        (next(reversed([crumb for crumb in data.breadcrumbs[:-1] if _is_section(crumb, names)]), None), "jsonld"),
    )
    for claim, rule in claims:
        if claim and _is_section(claim, names):
            return claim, rule
    from_url = section_from_url(url, publisher)
    return (from_url, "url") if from_url else None


def section_from_url(url: str, publisher: Publisher | None) -> str | None:
    """The section that a declared publisher's URL names: "/syrian-crisis/2017/…" → "Syrian Crisis"."""
    if publisher is None:
        return None
    segments = [unquote(segment) for segment in urlsplit(url).path.split("/")[:-1] if segment]
    named = next((publisher.section_names[segment] for segment in segments if segment in publisher.section_names), None)
    if named:
        return named
    wordy = (segment for segment in segments if _WORDY.search(segment) and segment.lower() not in _NO_SECTION)
    first = next(wordy, None)
    if first is None or len(first) > 40 or any(char.isdigit() for char in first):
        return None
    return " ".join(word[:1].upper() + word[1:] for word in re.split(r"[-_]+", first) if word)


def find_tags(
    tree: HtmlElement, layout: Layout | None, data: LinkedData, meta: Meta
) -> tuple[tuple[str, ...], str] | None:
    """The tags as printed, else as claimed."""
    if layout is not None:
        printed = tidy_tags(first_texts(tree, layout.tags))
        if printed:
            return printed, f"layout:{layout.name}"
    claims = (
        (data.tags, "jsonld"),
        (meta.all("article:tag"), "meta"),
        (tuple((meta.first("news_keywords", "keywords") or "").split(",")), "meta"),
    )
    for claim, rule in claims:
        tags = tidy_tags(claim)
        if tags:
            return tags, rule
    return None


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without labels, commas and repeats, in order."""
    tidied = (_TAG_LABEL.sub("", clean(tag)).strip(" ,#;،") for tag in tags)
    return tuple(dict.fromkeys(tag for tag in tidied if 1 < len(tag) <= 100))


def find_related(tree: HtmlElement, url: str, layout: Layout | None) -> tuple[Related, ...]:
    """The stories that the page offers as related, by the layout's anchors; each once, the page itself left out."""
    if layout is None:
        return ()
    found = nodes(tree, ", ".join(layout.related)) if layout.related else []
    stories = (_story(node, url) for node in found)
    return unique_stories(story for story in stories if story.title and story.url != url)


def _story(node: HtmlElement, url: str) -> Related:
    """The story behind a title, with the time printed right in front of it or, in an item of its own, beside it.

    Arabs Today: "GMT 20:04 2017 Tuesday ,10 October" and, in the next element, the title.
    """
    title, link = _PROMO_LABEL.sub("", text_of(node)), absolute(url, _address(node))
    previous = node.getprevious()
    parent = node.getparent()
    beside = (previous.tail or "") if previous is not None else ""
    if previous is not None and previous.tag != "a" and not clean(beside):
        beside = text_of(previous)
    elif previous is None and parent is not None:
        beside = parent.text or ""
    time = parse_time(beside, zone=None) if beside else None
    return Related(
        title=title, url=link, published_at=time.at if time is not None and time.precision != "day" else None
    )


def _address(node: HtmlElement) -> str | None:
    """The address that a title leads to: its own, or that of the anchor around it or within it."""
    around = (ancestor for ancestor in node.iterancestors("a"))
    return next((link for link in (anchor.get("href") for anchor in (node, *around, *node.iter("a"))) if link), None)


def unique_stories(stories: Iterable[Related]) -> tuple[Related, ...]:
    """`stories` with those of one title or address made one."""
    found: list[Related] = []
    for story in stories:
        twin = next((at for at, known in enumerate(found) if _same_story(story, known)), None)
        if twin is None:
            found.append(story)
        else:
            known = found[twin]
            found[twin] = replace(
                known, url=known.url or story.url, published_at=known.published_at or story.published_at
            )
    return tuple(found)


def _same_story(one: Related, other: Related) -> bool:
    return one.title == other.title or (one.url is not None and one.url == other.url)


def _sections(crumbs: Sequence[HtmlElement]) -> list[str]:
    """The texts of breadcrumbs that lead to a section, not home."""
    texts = [text_of(crumb) for crumb in crumbs if (crumb.get("href") or "-").strip() not in {"/", "#", "/en/", "/ar/"}]
    return [text for text in texts if _is_section(text, ())]


def _is_section(text: str, names: Sequence[str]) -> bool:
    """Whether a breadcrumb is a section: neither the way home nor the publisher's name."""
    bare = clean(text).casefold().strip(" /»›>")
    return bool(bare) and len(bare) <= 80 and bare not in _HOME and bare not in {name.casefold() for name in names}

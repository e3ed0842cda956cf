"""What a page says about itself to machines: JSON-LD and meta tags.

JSON-LD is read with `json` alone; what real pages break in it, `loose_json` mends in linear time.
"""

import html
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from crawler.extract.loose_json import MAX_CHARACTERS, read_values
from crawler.extract.select import clean

_ARTICLE_TYPES = frozenset(
    (
        "NewsArticle",
        "Article",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BackgroundNewsArticle",
        "BlogPosting",
        "LiveBlogPosting",
        "SocialMediaPosting",
        "Report",
        "WebPage",
    )
)
_MAX_NODES = 5000  # of all JSON-LD of a page
_MARKUP = re.compile(r"</?[a-z][a-z0-9]{0,9}(?:\s[^<>]{0,500})?/?>", re.I)  # "<i>", "</b>", "<br />"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An author as linked data names one; `organisation` where it says so."""

    name: str
    organisation: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An image as linked data describes one."""

    url: str | None = None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, kw_only=True)
class LinkedData:
    """The fields of the page's article node in JSON-LD, and the breadcrumbs beside it. Strings as claimed."""

    headline: str | None = None
    description: str | None = None
    body: str | None = None
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    url: str | None = None
    language: str | None = None
    authors: tuple[Person, ...] = ()
    tags: tuple[str, ...] = ()
    images: tuple[Picture, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Meta:
    """The page's meta tags by lower-case name, property or itemprop, and a few links of its head."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    canonical: str | None = None
    language: str | None = None
    title: str | None = None

    def first(self, *names: str) -> str | None:
        """The first value of the first of `names` that has one."""
        return next((self.values[name][0] for name in names if self.values.get(name)), None)

    def all(self, *names: str) -> tuple[str, ...]:
        """All values of the first of `names` that has any."""
        return next((self.values[name] for name in names if self.values.get(name)), ())


def read_meta(tree: HtmlElement) -> Meta:
    """The meta tags of a page. Those below body count too: broken heads are common."""
    values: dict[str, list[str]] = {}
    for node in tree.iter("meta"):
        content = clean(html.unescape(node.get("content") or ""))
        names = (node.get(attribute) for attribute in ("property", "name", "itemprop", "http-equiv") if content)
        for name in filter(None, ((name or "").strip().lower() for name in names)):
            values.setdefault(name, []).append(content)
    canonical = next((link.get("href") for link in tree.iter("link") if _has_token(link.get("rel"), "canonical")), None)
    title = next((clean(html.unescape(node.text_content())) for node in tree.iter("title")), None)
    return Meta(
        values={name: tuple(dict.fromkeys(found)) for name, found in values.items()},
        canonical=canonical.strip() if canonical else None,
        language=(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip() or None,
        title=title or None,
    )


def read_linked_data(scripts: Sequence[str], url: str) -> LinkedData:
    """The article that a page's JSON-LD describes: the node about `url`, else the fullest one."""
    found = list(_nodes([value for script in _within(scripts, MAX_CHARACTERS) for value in read_values(script)]))
    articles = [node for node in found if _types(node) & _ARTICLE_TYPES]
    node = max(articles, key=lambda candidate: _fitness(candidate, url), default={})
    return LinkedData(
        headline=_text(node.get("headline")) or (_text(node.get("name")) if "WebPage" not in _types(node) else None),
        description=_text(node.get("description")),
        body=_raw_text(node.get("articleBody")),
        published=_text(node.get("datePublished")) or _text(node.get("dateCreated")),
        modified=_text(node.get("dateModified")),
        section=_last(_strings(node.get("articleSection"))),
        url=_text(node.get("url")) or _identity(node.get("mainEntityOfPage")),
        language=_text(node.get("inLanguage")),
        authors=tuple(_authors(node, articles, found)),
        tags=tuple(_keywords(node.get("keywords"))),
        images=tuple(_pictures(node.get("image"))),
        breadcrumbs=tuple(_breadcrumbs(found)),
        site_names=tuple(_site_names(found)),
    )


def page_types(scripts: Sequence[str]) -> frozenset[str]:
    """What a page's JSON-LD says that it is: the types of the outermost nodes and of what they are mainly about.

    Types further in are those of other stories: a section page lists `NewsArticle` after `NewsArticle`.
    """
    found: set[str] = set()
    for data in (value for script in _within(scripts, MAX_CHARACTERS) for value in read_values(script)):
        nodes = data if isinstance(data, list) else [data]
        for node in (node for node in nodes if isinstance(node, dict)):
            graph = node.get("@graph")
            for inner in (node, *(graph if isinstance(graph, list) else ()), node.get("mainEntity")):
                if isinstance(inner, dict):
                    found |= _types(inner)
    return frozenset(found)


def _within(scripts: Sequence[str], most: int) -> Iterator[str]:
    """The first scripts that together have at most `most` characters."""
    for script in scripts:
        most -= len(script)
        if most >= 0:
            yield script


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every object in `data`, outer ones first, without recursion."""
    waiting, seen = deque([data]), 0
    while waiting and seen < _MAX_NODES:
        item = waiting.popleft()
        seen += 1
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            waiting.extend(value for value in item.values() if isinstance(value, dict | list))


def _types(node: Mapping[str, Any]) -> set[str]:
    return {name.rsplit("/", 1)[-1] for name in _strings(node.get("@type"))}


def _fitness(node: Mapping[str, Any], url: str) -> tuple[bool, bool, int]:
    """How surely `node` is the page's own article."""
    claimed = _text(node.get("url")) or _identity(node.get("mainEntityOfPage")) or ""
    about_page = claimed.split("?")[0].rstrip("/") == url.split("?", maxsplit=1)[0].rstrip("/")
    filled = sum(
        bool(node.get(name)) for name in ("headline", "datePublished", "articleBody", "author", "dateModified")
    )
    return "WebPage" not in _types(node), about_page, filled


def _text(value: Any) -> str | None:
    """A scalar as clean text: entities decoded, markup gone."""
    raw = _raw_text(value)
    return clean(_MARKUP.sub("", html.unescape(raw))) or None if raw else None


def _raw_text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str | dict)), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return html.unescape(str(value))


def _strings(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [text for text in (_text(item) for item in items) if text]


def _last(items: Sequence[str]) -> str | None:
    return items[-1] if items else None


def _identity(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return value if isinstance(value, str) else None


def _keywords(value: Any) -> Iterator[str]:
    for text in _strings(value):
        yield from text.split(",") if not isinstance(value, list) or len(value) == 1 else [text]


def _authors(node: Mapping[str, Any], articles: Sequence[Mapping[str, Any]], found: Sequence[Any]) -> Iterator[Person]:
    """The authors of the article, of another node about the same story where it names none.

    A node may point to its author by `@id` (JSON-LD 1.1, section 3.3): the named node of that `@id` is meant.
    """
    headline = _text(node.get("headline"))
    same = [other for other in articles if headline == _text(other.get("headline")) or "WebPage" in _types(other)]
    named = {item["@id"]: item for item in found if isinstance(item.get("@id"), str) and _person_name(item)}
    for candidate in (node, *same):
        people = list(_people(candidate.get("author") or candidate.get("creator"), named))
        if people:
            yield from people
            return


def _people(value: Any, named: Mapping[str, Mapping[str, Any]]) -> Iterator[Person]:
    for found in _flat(value):
        pointer = found.get("@id") if isinstance(found, dict) and not _person_name(found) else None
        item = named.get(str(pointer), found)
        names = _person_name(item) if isinstance(item, dict) else _strings(item)
        organisation = isinstance(item, dict) and bool(_types(item) & {"Organization", "NewsMediaOrganization"})
        yield from (Person(name=name, organisation=organisation) for name in names)


def _flat(value: Any) -> Iterator[Any]:
    """The members of a list, of lists in it, of `@list` and `@set`, and of roles around an author (schema.org/Role)."""
    waiting, seen = [value], 0
    while waiting and seen < _MAX_NODES:
        item = waiting.pop()
        seen += 1
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict) and (inner := item.get("@list") or item.get("@set") or item.get("author")):
            waiting.append(inner)
        else:
            yield item


def _person_name(item: Mapping[str, Any]) -> list[str]:
    """The names of a person or an organisation; of its parts where only those are given."""
    names = _strings(item.get("name"))
    parts = [_text(item.get(part)) for part in ("givenName", "additionalName", "familyName")]
    return names or ([" ".join(part for part in parts if part)] if any(parts) else [])


def _pictures(value: Any) -> Iterator[Picture]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield Picture(url=item)
        elif isinstance(item, dict) and isinstance(item.get("url") or item.get("contentUrl"), str):
            yield Picture(
                url=item.get("url") or item.get("contentUrl"),
                caption=_text(item.get("caption")),
                credit=_text(item.get("creditText")) or _text(item.get("copyrightHolder")),
            )


def _breadcrumbs(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for node in found:
        if "BreadcrumbList" in _types(node) and isinstance(node.get("itemListElement"), list):
            for item in node["itemListElement"]:
                name = _text(item) or (_text(item.get("item")) if isinstance(item, dict) else None)
                if name:
                    yield name
            return


def _site_names(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Names of the site and its publisher: not of an agency that a picture or a text is credited to."""
    credited = {
        id(person)
        for node in found
        for role in ("author", "creator", "contributor", "copyrightHolder")
        for person in (node[role] if isinstance(node.get(role), list) else [node.get(role)])
    }
    for node in found:
        if id(node) not in credited and _types(node) & {"Organization", "NewsMediaOrganization", "WebSite"}:
            name = _text(node.get("name"))
            if name:
                yield name


def _has_token(value: str | None, token: str) -> bool:
    return token in (value or "").lower().split()

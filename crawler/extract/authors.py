"""Who wrote it: people first, then agencies and newsrooms that sign, and the house itself where it signs alone."""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.byline import (
    has_by,
    is_chinese,
    is_collective,
    is_person,
    is_written_as_name,
    names_in,
    split_authors,
    split_names,
)
from crawler.extract.byline_words import LABELS, SYSTEM_USERS, TEAMS
from crawler.extract.dateline import names_house
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.remembered import remembered
from crawler.extract.select import below_headline, first_nodes, text_of
from crawler.publisher import Layout

# Tags that hold the writer and nothing else; then those that as often hold the company, the theme's maker or the site.
_WRITER_META = (
    "parsely-author", "sailthru.author", "byl", "article:byline", "cxenseparse:author", "articleauthor",
    "analytics:author", "shareaholic:article_author_name", "dc.creator", "dc:creator", "dcterms.creator",
    "og:article:author", "article:author",
)  # fmt: skip
_SITE_META = ("author",)
_WRITTEN_BY = re.compile(
    r"writ|by\b|verfasst|geschrieben|écrit|escrit|scritt|geschreven|napis|skrev|автор|напис|كتب|yaz|autor", re.I
)
# Elements that say by an attribute that they hold a byline: "articleAuthor", "documentByLine", "auteur".
_MARK = re.compile(r"[Aa]ut(?:h?or|eur|ore)|AUTHOR|[Bb]y-?[Ll]ine|[Rr]eporter|[Jj]ournalist|[Ww]riter")
_MARKING = ("class", "rel", "itemprop", "id")
_CALLED = etree.XPath(f"//*[{' or '.join(f'@{name}' for name in _MARKING)}]")
_ELSEWHERE = re.compile(
    r"authori[sz]|comment|related|teaser|recommend|promo|footer|sidebar|collection|popular|latest|trending|newsletter|author-bio"
    r"|(?<![a-z])bio(?![a-z])|caption|credit|podcast|media(?:box|info)|picture|pictsrc|photo|avatar|reply|quote",
    re.I,
)
_PLAIN = frozenset(("author", "byline", "vcard"))
_LONGEST = 160  # characters of a byline
_SHORTEST_HOUSE = 4  # letters of what is left of a house's name: "Selby" of "Selby News"
_SYSTEM_USER = re.compile(rf"(?:{SYSTEM_USERS})\d{{0,3}}", re.I)
_NO_NAME = re.compile(
    r"@|\A[a-z]+[._][a-z]{4,}\Z|://|www\.|\A(?:facebook|twitter|instagram|linkedin)\b|\.(?:com|net|org)/|\d{4}|\d[:.]\d\d|[!?:：<>=*#„“()]"
)
_NEWSROOM = re.compile(rf"\b(?:{TEAMS}|news|online|the|die)\b", re.I)
_ARTICLE = re.compile(r"\A(?:the|der|die|das|le|la|les|el|il)\s", re.I)
_LABEL = re.compile(rf"\s{{0,20}}(?:{LABELS})\s{{0,3}}(?:[:：]\s{{0,20}}|\Z)", re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The names that one place of a page gives for its writers, and the rule that found it."""

    names: tuple[str, ...]
    rule: str
    listed: bool = False  # each name is an entry of its own
    trusted: bool = True  # False: sites put their own name or their maker's there as often as a writer's


def printed_byline(tree: HtmlElement, layout: Layout | None, names: Sequence[str]) -> str | None:
    """The byline as the page prints it; None where it names nobody but the house ("by Daily Sabah")."""
    if layout is None:
        return None
    found = [text_of(node) for node in first_nodes(tree, layout.byline)]
    return next((text for text in found if 1 < len(text) <= 200 and not names_house(text, names)), None)


def find_authors(
    byline: str | None,
    tree: HtmlElement,
    data: LinkedData,
    meta: Meta,
    names: Sequence[str],
    *,
    layout: Layout | None = None,
    headline: str | None = None,
    house_signs: bool = True,
) -> tuple[tuple[str, ...], str] | None:
    """The authors and the rule that gave them.

    The first claim that names a person wins, in the order printed byline, linked data, meta tags, marked elements,
    lines below the headline, or a later one that names the same people and more; without one the first that names an
    agency or a newsroom; without that, and only where `house_signs`, the first in which the house signs with its own
    name. Where a layout says where bylines are, nothing printed elsewhere is one. `names` are the publisher's own:
    "Finian Example. Sputnik International" → "Finian Example".
    """
    house = _House(names, signs=house_signs)
    printed = _printed(tree, headline) if layout is None else ()
    about_site = (Claim(names=_from_meta(meta.all(key)), rule="meta", trusted=False) for key in _SITE_META)
    claimed = chain(_declared(byline, data, meta), printed, about_site)
    claims = [claim for claim in map(house.cleaned, (claim for claim in claimed if claim.names)) if claim.names]
    ranked = [(rank, claim) for claim in claims if (rank := house.rank(claim)) is not None]
    rank, best = min(ranked, key=lambda item: item[0], default=(None, None))
    if best is None:
        return None
    if rank == 0:
        fuller = (claim for claim in claims if _adds_people(claim.names, best.names))
        best = max(fuller, key=lambda claim: len(claim.names), default=best)
    return best.names, best.rule


def _adds_people(names: Sequence[str], known: Sequence[str]) -> bool:
    """Whether `names` are all those known, and other people beside them."""
    added = set(names) - set(known)
    return set(known) < set(names) and all(is_person(name) and is_written_as_name(name) for name in added)


def _declared(byline: str | None, data: LinkedData, meta: Meta) -> Iterator[Claim]:
    """What the layout's byline, linked data and the tags for writers claim, best first."""
    yield Claim(names=tuple(split_authors(byline or "")), rule="layout")
    listed = [
        name for person in data.authors for name in ([person.name] if person.organisation else split_names(person.name))
    ]
    yield Claim(names=tuple(listed), rule="jsonld", listed=len(data.authors) > 1)
    for key in _WRITER_META:
        yield Claim(names=_from_meta(meta.all(key)), rule="meta")
    if _WRITTEN_BY.search(meta.first("twitter:label1") or ""):
        yield Claim(names=_from_meta(meta.all("twitter:data1")), rule="meta")


def _printed(tree: HtmlElement, headline: str | None) -> Iterator[Claim]:
    below = list(below_headline(tree, headline))
    marked = _marked(tree, set(below))
    yield Claim(names=marked, rule="trafilatura", trusted=any(map(_is_telling, marked)))
    yield Claim(names=_line_of_names(below, _begins_with_by), rule="text")
    yield Claim(names=_line_of_names(below, _is_bold), rule="text")
    yield Claim(names=_labelled(tree), rule="text")


def _from_meta(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for value in values for name in split_names(value))


def _marked(tree: HtmlElement, below: Container[HtmlElement]) -> tuple[str, ...]:
    """The names in elements marked as byline: those below the headline, else the only ones on the page."""
    found: list[tuple[HtmlElement, tuple[str, ...]]] = []
    taken: set[HtmlElement] = set()
    named = _CALLED(tree)
    for node in named if isinstance(named, list) else ():
        if not isinstance(node, HtmlElement) or not _names_writer(" ".join(filter(None, map(node.get, _MARKING)))):
            continue
        if any(box in taken for box in islice(node.iterancestors(), 4)) or _is_elsewhere(node):
            continue
        names = _names_of(node)
        if names:
            taken.add(node)
            found.append((node, names))
    near = [item for item in found if item[0] in below]
    distinct = {names for _, names in found}
    for chosen in ([item for item in near if any(map(is_person, item[1]))], found if len(distinct) == 1 else [], near):
        if chosen:
            first = chosen[0][0]
            twins = dict.fromkeys(name for node, names in chosen if _is_twin(node, first) for name in names)
            return tuple(twins) if any(map(_is_telling, twins)) or _is_plainly_marked(first) else ()
    return ()


def _is_telling(name: str) -> bool:
    return is_person(name) or is_collective(name)


def _is_plainly_marked(node: HtmlElement) -> bool:
    """Whether an element is called an author outright or says "by", so that even a nickname in it is one."""
    marks = " ".join(node.get(name) or "" for name in ("class", "rel", "itemprop"))
    return has_by(_short_text(node) or "") or not _PLAIN.isdisjoint(marks.lower().split())


def _is_twin(node: HtmlElement, other: HtmlElement) -> bool:
    return node.getparent() is other.getparent() and node.tag == other.tag and node.get("class") == other.get("class")


def _names_of(node: HtmlElement) -> tuple[str, ...]:
    """The names in a marked element: each link's or row's, else those of the whole line; a nickname where it is all."""
    line = _short_text(node)
    if line is None or not names_in(line):
        return ()
    whole = _printed_names(line)
    links = [text_of(link) for link in node.iter("a") if link is not node]
    for rows in (links, [text_of(row) for row in node] if len(node) > 1 else []):
        names = tuple(dict.fromkeys(name for row in rows for name in _printed_names(row)))
        if len(names) >= max(1, len(whole)):
            return names
    if whole:
        return whole
    others = tuple(name for name in names_in(line) if _LABEL.fullmatch(name) is None)
    return (
        others if all(" " not in name or is_written_as_name(name) for name in others) and len(line.split()) <= 4 else ()
    )


def _line_of_names(below: Sequence[HtmlElement], is_byline: Callable[[HtmlElement, str], bool]) -> tuple[str, ...]:
    """The names in the first short line below the headline that is a byline and names people or newsrooms alone."""
    for node in below:
        line = _short_text(node)
        if line is not None and is_byline(node, line):
            names = tuple(names_in(line))
            if names and names == _printed_names(line) and all(map(is_chinese, names)):
                return names
    return ()


def _begins_with_by(_: HtmlElement, line: str) -> bool:
    return has_by(line)


def _is_bold(node: HtmlElement, line: str) -> bool:
    """Whether a paragraph is one bold line of people's names: "<p><b>Ann Lee</b></p>" over the text."""
    bold = node.tag == "p" and any(text_of(child) == line for child in node.iterchildren("b", "strong", "em"))
    return bold and all(map(is_person, names_in(line)))


def _labelled(tree: HtmlElement) -> tuple[str, ...]:
    """The names behind the only label on the page that says "author": "Auteur : Ann Lee", "<b>Autor</b> Ann Lee"."""
    found: set[tuple[str, ...]] = set()
    for node in tree.iter("p", "li", "dt", "span", "strong", "b", "em", "div"):
        if not node.text or not _begins_with_label(node.text) or _is_elsewhere(node):
            continue
        line = _short_text(node) or ""
        behind = _LABEL.sub("", line)
        if not behind and (parent := node.getparent()) is not None:
            behind = (_short_text(parent) or "").removeprefix(line)
        names = tuple(split_names(behind))
        if names and all(is_person(name) and is_written_as_name(name) for name in names):
            found.add(names)
    return found.pop() if len(found) == 1 else ()


def _printed_names(line: str) -> tuple[str, ...]:
    """The people and newsrooms in a printed line."""
    return tuple(
        name for name in names_in(line) if is_collective(name) or (is_person(name) and is_written_as_name(name))
    )


def _short_text(node: HtmlElement) -> str | None:
    """The text of an element, None where it is none or too long for a byline; long ones are not read to their end."""
    length = 0
    for piece in node.itertext():
        length += len(piece.strip())
        if length > _LONGEST:
            return None
    return text_of(node) if length > 1 else None


class _House:
    """The publisher's own names, and what they mean for the names of writers."""

    def __init__(self, names: Sequence[str], *, signs: bool) -> None:
        self._names = names
        self._signs = signs
        self._own = {_letters(_ARTICLE.sub("", name)) for name in names}
        words = {*names, *(short for name in names if len(short := _NEWSROOM.sub("", name).strip()) >= _SHORTEST_HOUSE)}
        self._words = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.I) if words else None

    def cleaned(self, claim: Claim) -> Claim:
        """A claim without what names nobody, and without a house that does not sign, or stands beside a person."""
        names = [name for name in claim.names if _is_name(name)]
        if not self._signs:
            names = [name for name in (without_house(name, self._names) for name in names) if name]
        elif not claim.listed and any(map(self._is_writer, names)):
            names = [name for name in names if not self._is_part(name) and not self._is_own(name)]
        return replace(claim, names=tuple(dict.fromkeys(names)))

    def rank(self, claim: Claim) -> int | None:
        """How good a claim is: 0 people, 1 agencies and newsrooms, 2 the house, 3 a nickname; None is no claim."""
        if any(map(self._is_writer, claim.names)):
            return 0
        if all(map(self._is_own, claim.names)):
            return 2 if self._signs and (claim.trusted or claim.rule == "trafilatura") else None
        if claim.trusted or any(map(is_collective, claim.names)):
            return 1
        return 3 if claim.rule == "trafilatura" else None

    def _is_writer(self, name: str) -> bool:
        return is_person(name) and not self._is_part(name) and not self._is_own(name)

    def _is_own(self, name: str) -> bool:
        """Whether a name is the house's, or no more than that of some newsroom: "BBC News", "Redaktion"."""
        return _letters(_ARTICLE.sub("", name)) in self._own or not _letters(_NEWSROOM.sub("", name))

    def _is_part(self, name: str) -> bool:
        return self._words is not None and self._words.search(name) is not None


def _is_elsewhere(node: HtmlElement) -> bool:
    """Whether an element is about another story, a reader or the site."""
    boxes = [node, *islice(node.iterancestors(), 4)]  # farther out stand names of layouts: "with-sidebar"
    return any(
        box.tag in {"aside", "footer", "nav", "figure", "figcaption"}
        or (box.attrib and _names_elsewhere(f"{box.get('class') or ''} {box.get('id') or ''}"))
        for box in boxes
        if box.tag not in {"body", "html"}
    )


@remembered
def _names_elsewhere(name: str) -> bool:
    return _ELSEWHERE.search(name) is not None


@remembered
def _names_writer(attributes: str) -> bool:
    return _MARK.search(attributes) is not None


@remembered
def _begins_with_label(text: str) -> bool:
    return _LABEL.match(text) is not None


def _is_name(name: str) -> bool:
    """Whether somebody is named: no address, no account of a content system, no time."""
    return 1 < len(name) <= 80 and _SYSTEM_USER.fullmatch(name) is None and _NO_NAME.search(name) is None


def _letters(name: str) -> str:
    """Letters and digits in one case."""
    return re.sub(r"[\W_]+", "", name.casefold())


def without_house(name: str, names: Sequence[str]) -> str:
    """A name without the publisher's behind it: "Jane Roe. Sputnik International" → "Jane Roe"; the house → ""."""
    for house in sorted(names, key=len, reverse=True):
        if name.casefold() == house.casefold():
            return ""
        if name.casefold().endswith(house.casefold()):
            head = name[: -len(house)]
            if head.rstrip() != head or head.endswith((".", ",", "/", "|", "(")):
                name = head.rstrip(" .,/|(-–—")
    return name

"""Who wrote it: the byline as printed, and the people in it. Organisations are no authors."""

import re
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extract.metadata import LinkedData, Meta, Person
from crawler.extract.select import below_headline, first_nodes, nodes, text_of
from crawler.publisher import Layout

_BY = re.compile(
    r"\A\s*(?:(?:written|reported|story|text|analysis|opinion)\s+)?(?:by|von|por|par|di|da|автор(?:ы)?|текст|بقلم|كتب(?:ت)?|إعداد|yazar)"
    r"(?=[\s:])[\s:]*",
    re.I,
)
_PARTS = re.compile(
    r"\s*(?:,|;|\band\b|\bund\b|\bet\b|\by\b|\be\b|\bve\b|\bog\b|\boch\b|\bи\b|&|\||/|،|\bو(?=\s))\s*", re.I
)
# "دمشق ـ نور خوام", "Damascus - Arab Today": a place, a dash, who reports
_PLACE = re.compile(r"\A(?P<place>[^\W\d_][^-–—ـ]{1,40}?)\s+[-–—ـ]\s+(?P<rest>\S.{1,80})\Z")
_DASH = re.compile(r"\s+[-–—ـ]\s+")
_ROLE = re.compile(
    r"\b(?:staff|editor|correspondent|reporter|reporters|newsroom|desk|agency|agencies|news|press|online|team|redaktion|редакция"
    r"|presse-agentur|nachrichtenagentur|agentur|service|media|international|today|times|post|daily|network|tv|wires?)\b",
    re.I,
)
_AGENCIES = frozenset(
    (
        "afp",
        "ap",
        "reuters",
        "dpa",
        "xinhua",
        "anadolu",
        "tass",
        "efe",
        "ansa",
        "upi",
        "pa",
        "aa",
        "sana",
        "irna",
        "fna",
        "ria",
        "interfax",
        "with agencies",
        "agencies",
        "وكالات",
        "رويترز",
        "أ ف ب",
    )
)
_AUTHOR_META = (
    "author", "article:author", "dc.creator", "parsely-author", "byl", "analytics:author", "sailthru.author",
    "article:byline", "cxenseparse:author", "articleauthor",
)  # fmt: skip
_AUTHOR_MARKS = ("a[rel~=author]", "[itemprop~=author] [itemprop~=name]", "[itemprop~=author]")
_BYLINE_NAME = re.compile(r"byline|author", re.I)  # of a class
_ADDRESSES = re.compile(r"\b(?:twitter|facebook|instagram|linkedin|e-?mail|rss|whatsapp|telegram)\b", re.I)
_ELSEWHERE = re.compile(
    r"comment|related|teaser|recommend|promo|footer|sidebar|collection|popular|latest|trending|newsletter|author-bio"
    r"|(?<![a-z])bio(?![a-z])|caption|credit|podcast",
    re.I,
)
_PARTICLES = frozenset(
    ("de", "di", "da", "del", "della", "van", "von", "ter", "ten", "el", "al", "bin", "abu", "le", "la")
)
_LONGEST = 160  # characters of a byline
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,5}")  # "松岡大地": one word
_HAN_HOUSE = re.compile(r"新聞|新闻|[報报社網网局部]|通信|編集|编辑|記者|记者|取材|時報|时报")
_HANDLE = re.compile(r"@|https?:|www\.|\.(?:com|net|org|ru|de)\b", re.I)


def printed_byline(tree: HtmlElement, layout: Layout | None, names: Sequence[str]) -> str | None:
    """The byline as the page prints it; None where it names nobody but the house ("by Daily Sabah")."""
    if layout is None:
        return None
    found = [text_of(node) for node in first_nodes(tree, layout.byline)]
    return next((text for text in found if 1 < len(text) <= 200 and not _is_house(text, names)), None)


def printed_dateline(tree: HtmlElement, layout: Layout | None) -> str | None:
    """The dateline as the page prints it."""
    found = [text_of(node) for node in first_nodes(tree, layout.dateline)] if layout is not None else []
    return next((text for text in found if 1 < len(text) <= 200), None)


def find_authors(
    byline: str | None, tree: HtmlElement, data: LinkedData, meta: Meta, names: Sequence[str]
) -> tuple[tuple[str, ...], str] | None:
    """The authors and the rule that gave them: the printed byline, else linked data, else meta tags.

    `names` are the publisher's own: "Finian Example. Sputnik International" → "Finian Example".
    """
    claims: list[tuple[Sequence[Person], str]] = [
        ([Person(name=name) for name in split_authors(byline or "")], "layout"),
        (data.authors, "jsonld"),
        *(([Person(name=claim) for claim in meta.all(name)], "meta") for name in _AUTHOR_META),
        *(([Person(name=name) for name in _marked(nodes(tree, css))], "trafilatura") for css in _AUTHOR_MARKS),
        ([Person(name=name) for name in _marked(_bylines(tree))], "trafilatura"),
    ]
    for people, rule in claims:
        authors = [person.name for person in people if not person.organisation]
        authors = [name for claim in authors for name in split_authors(claim)]
        authors = [name for name in (without_house(name, names) for name in authors) if name and is_person(name)]
        if authors:
            return tuple(dict.fromkeys(authors)), rule
    return None


def _bylines(tree: HtmlElement) -> list[HtmlElement]:
    """The elements below the headline whose class calls them a byline."""
    return [node for node in below_headline(tree) if _BYLINE_NAME.search(node.get("class") or "")]


def _marked(found: Sequence[HtmlElement]) -> list[str]:
    """The names in the first marked element that holds any: each link's or row's, else those of the whole line."""
    for node in found:
        text = text_of(node)
        if not 2 < len(text) <= _LONGEST or _is_elsewhere(node):
            continue
        rows = [text_of(link) for link in node.iter("a") if link is not node] or [text_of(row) for row in node]
        names = [_BY.sub("", row) for row in rows] if len(rows) > 1 else [text]
        names = [name for row in names for name in split_authors(row) if is_person(name)]
        if names:
            return names
    return []


def _is_elsewhere(node: HtmlElement) -> bool:
    """Whether an element is about another story, a reader or the site."""
    boxes = [node, *islice(node.iterancestors(), 4)]  # farther out stand names of layouts: "with-sidebar"
    return any(
        box.tag in {"aside", "footer", "nav", "figure", "figcaption"}
        or _ELSEWHERE.search(f"{box.get('class') or ''} {box.get('id') or ''}")
        for box in boxes
        if box.tag not in {"body", "html"}
    )


def split_authors(byline: str) -> list[str]:
    """The names in a byline: "By Ann Lee and Omar Haddad" → two names; a place in front is left out."""
    text = _BY.sub("", byline).strip()
    place = _PLACE.match(text)
    if place is not None:
        text = place["rest"]
    return [part.strip(" .–—-") for part in _PARTS.split(text) if part.strip(" .–—-")]


def find_dateline(text: str | None, names: Sequence[str]) -> str | None:
    """A printed line that gives a place and at most the house is a dateline: "Damascus - Arab Today", "ISTANBUL".

    With a person behind the place it is a byline.
    """
    if text is None or _BY.match(text):
        return None
    place = _PLACE.match(text)
    return text if place is None or _is_house(place["rest"], names) else None


def leading_dateline(paragraphs: Sequence[str], names: Sequence[str]) -> str | None:
    """The first paragraph where it is nothing but house and place: "العالم - سوريا", "Damascus - Arab Today"."""
    first = paragraphs[0] if paragraphs else ""
    if not 0 < len(first) <= 60:
        return None
    parts = [part.casefold() for part in _DASH.split(first)]
    return first if len(parts) == 2 and {name.casefold() for name in names} & set(parts) else None


def _is_house(text: str, names: Sequence[str]) -> bool:
    """Whether `text`, or what stands behind its place, is the publisher's own name."""
    text = _BY.sub("", text).strip()
    place = _PLACE.match(text)
    own = {name.casefold() for name in names}
    return text.casefold() in own or (place is not None and place["rest"].casefold() in own)


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


def is_person(name: str) -> bool:
    """Whether a name is a person's: no agency, no newsroom, no address, two words at least, few digits."""
    words = name.split()
    if _HAN_NAME.fullmatch(name):
        return _HAN_HOUSE.search(name) is None
    if not 2 <= len(words) <= 6 or len(name) > 60:
        return False
    if name.casefold() in _AGENCIES or any(rule.search(name) for rule in (_HANDLE, _ROLE, _ADDRESSES)):
        return False
    if words[0].islower() and not words[-1].islower() and words[0] not in _PARTICLES:  # "ml Tarsk": initials, a place
        return False
    return not any(char.isdigit() for char in name)

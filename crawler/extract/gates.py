"""Pages that stand where an article should: walls, error pages, listings, galleries.

A wall taken for an article pollutes the archive with text that nobody wrote; an article taken for a wall is lost. The
second is worse, so each verdict needs evidence that agrees: an address that says so, or a title together with wording
or with the absence of prose. A vendor's script alone proves nothing (Cloudflare's runs on every third news page), nor
does a status: challenges come with 200, 202, 403 and 503. A page that has a date and prose is an article.

The wording, in some fifteen languages, is data: gates.toml.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import islice
from urllib.parse import SplitResult, urlsplit

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from archive.model import Article
from crawler.extract.page import read_page

# Lengths are characters of text. The shortest whole articles in the saved pages of 160 publishers have 150 to 300
# (breaking news of two sentences); walls and error pages say 40 to 900, consent walls up to 4,000.
SCANT = 200  # too little for an article with anything that speaks against it
SHORT = 1_000
LONG = 5_000  # longer than any wall

FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.I)
# "Page not found | Courier", "404 - Courier"; no colon, for "Not found: the village that vanished" is a headline.
SEGMENT = re.compile(r"\s*[|–—•·»]\s*|\s-\s")
UNSEEN = frozenset(("script", "style", "template", "svg", "head", "title"))
SUSPECT_STATUS = frozenset((202, 403, 405, 406, 429, 503))
# The home page, of a language or not: "/", "/en/", "/ar/index.html". With a query it may be an article ("/?p=123").
HOME = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)\.(?:html?|php|aspx?))?", re.I)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The signs of one kind of page."""

    titles: frozenset[str]
    phrases: tuple[str, ...]
    markers: tuple[str, ...]
    hosts: tuple[str, ...]
    paths: frozenset[str]


class Evidence:
    """What a page shows, read only as far as a gate asks for it."""

    def __init__(self, page: HtmlElement | bytes | None, *, url: str, status: int, article: Article) -> None:
        self.page = page
        self.status = status
        self.article = article
        try:
            address = urlsplit(url)
        except ValueError:  # "http://[half an address", in somebody else's WARC
            address = SplitResult(scheme="", netloc="", path=url, query="", fragment="")
        self.host = (address.hostname or "").lower()
        self.path = address.path
        self.query = address.query
        self.segments = tuple(segment.lower() for segment in address.path.split("/") if segment)
        self.prose = len(article.text)

    @property
    def is_dated_prose(self) -> bool:
        """Walls and error pages bear no date of publication."""
        return self.article.published_at is not None and self.prose >= SCANT

    @cached_property
    def tree(self) -> HtmlElement | None:
        if isinstance(self.page, bytes):
            document = read_page(self.page)
            return None if document is None else document.tree
        return self.page

    @cached_property
    def markup(self) -> str:
        """The markup in lower case; with its scripts where the page came as bytes."""
        if self.page is None:
            return ""
        raw = self.page if isinstance(self.page, bytes) else lxml.html.tostring(self.page)
        return raw[:400_000].decode("utf-8", "replace").lower()

    @cached_property
    def titles(self) -> frozenset[str]:
        """The page's title and its segments, the headline and the first headings, as compared."""
        printed = [self.article.headline or ""]
        if self.tree is not None:
            printed += ["".join(node.itertext()) for node in islice(self.tree.iter("title", "h1", "h2"), 4)]
        return frozenset(filter(None, (_compared(part) for text in printed for part in (text, *SEGMENT.split(text)))))

    @cached_property
    def visible(self) -> str:
        """The words that a reader sees, as compared; "enable JavaScript" in a noscript counts as seen."""
        return _compared(" ".join(_texts(self.tree))) if self.tree is not None else ""

    @cached_property
    def link_share(self) -> float:
        """The share of the visible words that are links, 0..1; 0 on a page with fewer than 20 links."""
        if self.tree is None:
            return 0.0
        links = [_compared(" ".join(_texts(link))) for link in self.tree.iter("a")]
        return sum(map(len, links)) / max(len(self.visible), 1) if len(links) >= 20 else 0.0

    @cached_property
    def claims_article(self) -> bool:
        """Whether the page's own metadata call it an article."""
        return bool(re.search(r"""og:type["'][^>]{0,40}article|"@type"\s*:\s*"[a-z]*(?:news)?article""", self.markup))

    def at(self, gate: Gate) -> bool:
        """Whether the address is that of such a page."""
        at_host = any(self.host == host or self.host.endswith("." + host) for host in gate.hosts)
        return at_host or not gate.paths.isdisjoint(self.segments)

    def titled(self, gate: Gate) -> bool:
        return not gate.titles.isdisjoint(self.titles)

    def says(self, gate: Gate, text: str | None = None) -> int:
        """How many of the gate's phrases stand in `text`, or in all that is visible."""
        text = self.visible if text is None else text
        return sum(phrase in text for phrase in gate.phrases)

    def marked(self, gate: Gate) -> bool:
        return any(marker in self.markup for marker in gate.markers)


def page_kind(page: HtmlElement | bytes | None, *, url: str, status: int, article: Article) -> str | None:
    """Say what a page is that is no article: an outcome and, after a colon, its kind; None for an article.

    `page` is the body as received or its tree (bytes are better: a parsed page may have lost its scripts), `article`
    what extraction made of it. Kinds: blocked:challenge, :consent, :login, :paywall; not_article:error, :feed,
    :gallery, :index, :robots. With an error status only walls are told, the rest is the status's business. Never
    raises.
    """
    seen = Evidence(page, url=url, status=status, article=article)
    if status < 400 and (kind := _kind_by_address(seen)):
        return kind
    if seen.is_dated_prose and seen.prose >= SHORT:
        return None
    known = gates()
    for kind, is_shown in BLOCKED.items():
        if is_shown(seen, known[kind]):
            return f"blocked:{kind}"
    for kind, is_shown in NOT_ARTICLE.items() if status < 400 else ():
        if is_shown(seen, known[kind]):
            return f"not_article:{kind}"
    return None


def _kind_by_address(seen: Evidence) -> str | None:
    if seen.segments == ("robots.txt",):
        return "not_article:robots"
    if isinstance(seen.page, bytes) and FEED.search(seen.page[:1000]):
        return "not_article:feed"
    if HOME.fullmatch(seen.path) and not seen.query:
        return "not_article:index"
    return None


@cache
def gates() -> dict[str, Gate]:
    """The signs of each kind of page, by its name."""
    data = tomllib.loads(files(__package__).joinpath("gates.toml").read_text(encoding="utf-8"))
    return {
        kind: Gate(
            titles=frozenset(map(_compared, signs.get("titles", ()))),
            phrases=tuple(map(_compared, signs.get("phrases", ()))),
            markers=tuple(signs.get("markers", ())),
            hosts=tuple(signs.get("hosts", ())),
            paths=frozenset(signs.get("paths", ())),
        )
        for kind, signs in data.items()
    }


def _is_challenge(seen: Evidence, gate: Gate) -> bool:
    if seen.at(gate):
        return True
    if seen.is_dated_prose or len(seen.visible) > 1.5 * SHORT:
        return False
    phrases, titled = min(seen.says(gate), 2), seen.titled(gate)
    scant = len(seen.visible) < SCANT
    if not (titled or phrases):
        return scant and seen.marked(gate)
    # Wording alone may be quoted by an article; a wall has it in its title, or the vendor's marks, or next to no words.
    backing = titled + seen.marked(gate) + (seen.status in SUSPECT_STATUS) + scant
    return backing > 0 and backing + phrases >= 2


def _is_consent(seen: Evidence, gate: Gate) -> bool:
    if seen.at(gate) and seen.prose < SHORT:
        return True
    if seen.is_dated_prose or len(seen.visible) > LONG:
        return False
    # A banner over an article is no wall: the wall's words must be what was taken for the article.
    paragraphs = [_compared(paragraph) for paragraph in seen.article.paragraphs]
    about = sum(seen.says(gate, paragraph) > 0 for paragraph in paragraphs)
    if seen.prose >= SCANT and about < 0.5 * len(paragraphs):
        return False
    return seen.says(gate) >= (2 if seen.titled(gate) else 4)


def _is_login(seen: Evidence, gate: Gate) -> bool:
    if seen.status == 401:
        return True
    addressed = seen.at(gate) or seen.titled(gate)
    return addressed and not seen.is_dated_prose and seen.prose < SHORT and seen.marked(gate)


def _is_paywall(seen: Evidence, gate: Gate) -> bool:
    if seen.status == 402:
        return True
    if seen.prose >= SHORT:
        return False  # enough to be worth reading, whatever follows it
    # "Already a subscriber?" stands in the header of free articles as well: it counts at the text's end, or on a page
    # that says in its own metadata that it is not free.
    ending = _compared(" ".join(seen.article.paragraphs[-2:]))
    return seen.says(gate, ending) > 0 or (seen.marked(gate) and seen.says(gate) > 0)


def _is_error(seen: Evidence, gate: Gate) -> bool:
    if seen.is_dated_prose or seen.prose >= SHORT:
        return False
    if not (seen.titled(gate) or seen.at(gate)):
        return False
    return seen.prose < SCANT or seen.says(gate) > 0


def _is_index(seen: Evidence, gate: Gate) -> bool:
    if seen.article.published_at is not None or seen.claims_article:
        return False
    if seen.at(gate):
        return seen.link_share >= 0.6
    return seen.prose < SCANT and seen.link_share >= 0.8


def _is_gallery(seen: Evidence, gate: Gate) -> bool:
    # Not the last segment: "/news/photos" may be a story's slug.
    in_gallery = not gate.paths.isdisjoint(seen.segments[:-1])
    return seen.prose < (1.5 * SCANT if in_gallery else SCANT / 2) and (in_gallery or len(seen.article.images) >= 8)


BLOCKED = {"challenge": _is_challenge, "consent": _is_consent, "login": _is_login, "paywall": _is_paywall}
NOT_ARTICLE = {"error": _is_error, "index": _is_index, "gallery": _is_gallery}


def _compared(text: str) -> str:
    """Case, compatibility forms, direction marks and white space evened out; no dots around it."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(text.split()).strip(" .!…")


def _texts(node: HtmlElement) -> Iterator[str]:
    """The texts below `node` that are shown, in order, without recursion."""
    skipping: HtmlElement | None = None
    for event, element in etree.iterwalk(node, events=("start", "end")):
        if event == "start":
            if skipping is None and element.tag in UNSEEN:
                skipping = element
            if skipping is None and element.text:
                yield element.text
        else:
            if skipping is element:
                skipping = None
            if skipping is None and element.tail and element is not node:
                yield element.tail

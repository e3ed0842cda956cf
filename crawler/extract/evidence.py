"""What a page shows about what it is, read only as far as a gate asks for it."""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from urllib.parse import SplitResult, parse_qs, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from archive.model import Article
from crawler.extract.body import Block, blocks
from crawler.extract.entries import Listing, clock_times, find_listing, is_title, timed_entries
from crawler.extract.metadata import page_types, read_meta
from crawler.extract.page import Document, read_page
from crawler.extract.prose import LINKY, ends_well, is_imprint, letters, size
from crawler.extract.wording import Words, evened, words
from crawler.publisher import Publisher

# "Page not found | Courier", "404 - Courier"; no colon, for "Not found: the village that vanished" is a headline.
SEGMENT = re.compile(r"\s*[|–—•·»]\s*|\s-\s")
UNSEEN = frozenset(("script", "style", "template", "svg", "head", "title"))
ARTICLE_TYPES = frozenset(
    ("Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BlogPosting",
     "BackgroundNewsArticle", "ReviewNewsArticle", "SocialMediaPosting", "Report", "LiveBlogPosting")
)  # fmt: skip
_TYPED = re.compile(r"itemtype\s*=\s*[\"']https?://schema\.org/(?:\w*Article|BlogPosting)\b", re.I)
# Lengths are characters of text, those of Chinese and Japanese counted thrice. The shortest whole articles in the saved
# pages of 160 publishers have 150 to 300 (breaking news of two sentences); walls and error pages say 40 to 900, consent
# walls up to 4,000.
SCANT = 200  # too little for an article with anything that speaks against it
ENOUGH = 1_000  # characters of text that need no closer look at what stands around them
LONG = 5_000  # longer than any wall
TEASER = 300  # characters in front of a paywall that extraction may have left out
SENTENCE = 60  # characters; less is no text
_PLAYER = re.compile(
    r"<(?:video|audio|amp-video|amp-youtube|object|embed)\b"
    r"|<iframe[^>]{0,300}?(?:youtube|youtu\.be|vimeo|dailymotion|rutube|ok\.ru|vk\.com/video|aparat|brightcove|jwplayer"
    r"|soundcloud|spotify|/embed/|/player)",
    re.I,
)
_UNSTOPPED = re.compile(r"[\u0e00-\u109f]{30}|[\u1780-\u17ff]{30}")  # Thai, Lao, Tibetan, Burmese, Khmer
# „Wir haben nachts gelernt zu schwimmen“, 「夜に泳ぐことを私たちは覚えた」: five words, or a dozen characters without
# spaces; a button's name is shorter.
_MARKS = '"“”„«»「」『』'
_SPEECH = re.compile(
    rf"[{_MARKS}]\s?(?=[\u0e00-\u0eff\u3040-\u9fff]{{12}}|(?:[^\s{_MARKS}]{{1,40}}\s){{4}}[^\s{_MARKS}])"
    rf"[^{_MARKS}]{{12,400}}[{_MARKS}]"
)
_BUTTONS = ("button", "input", "select", "textarea")


class Evidence:
    """What a page shows. `page` is its body as received, None where no parser shall see it, `content_type` the
    response's header, `document` the page as extraction parsed it, read here where it is missing and asked for,
    `article` what extraction made of it, `publisher` the declared one."""

    def __init__(
        self,
        page: bytes | None,
        *,
        url: str,
        status: int,
        article: Article,
        content_type: str | None = None,
        document: Document | None = None,
        publisher: Publisher | None = None,
    ) -> None:
        self.page = page
        self.content_type = content_type
        self.status = status
        self.article = article
        self.publisher = publisher
        if document is not None:
            self.document = document
        try:
            address = urlsplit(url)
            self.host = (address.hostname or "").lower()
        except ValueError:  # "http://[half an address", in somebody else's WARC
            address = SplitResult(scheme="", netloc="", path=url, query="", fragment="")
            self.host = ""
        self.path = address.path
        self.query = frozenset(parse_qs(address.query, keep_blank_values=True, max_num_fields=None))
        self.segments = tuple(segment.lower() for segment in address.path.split("/") if segment)
        self.paragraphs = [line for line in article.paragraphs if not is_imprint(line)]
        self.prose = sum(map(size, self.paragraphs))
        if self.prose < ENOUGH:  # little: a line more or less decides
            titles = {letters(block.text) for block in self.blocks if block.linked >= LINKY}
            self.paragraphs = [line for line in self.paragraphs if letters(line) not in titles]
            self.prose = sum(map(size, self.paragraphs))

    # --- for an article ---

    @cached_property
    def date(self) -> int:
        """How surely the page dates an article: 2 in its metadata, 1 in print, 0 not at all.

        A date in the address says nothing: a wall stands at the article's address. One in linked data is the article's
        only where they name an article: plug-ins date every page of a site.
        """
        rule = self.article.provenance.get("published_at", "")
        if self.article.published_at is None or rule.startswith("url"):
            return 0
        if rule.startswith(("time", "text")):
            return 1
        return 2 if rule != "jsonld" or self.prose >= ENOUGH or self.claims_article else 1

    @cached_property
    def claims_article(self) -> bool:
        """Whether the page's own metadata call it an article."""
        if self.meta_type.startswith("article") or not self.types.isdisjoint(ARTICLE_TYPES):
            return True
        return len(_TYPED.findall(self.markup[:400_000])) == 1

    @cached_property
    def is_declared(self) -> bool:
        """Whether all that its publisher declares says article: the address, the headline's place and the text's, and
        there is a time. No wall, list or page about the house has all four."""
        rules = (self.article.provenance.get(name, "") for name in ("headline", "text"))
        return (
            self.publisher is not None
            and self.article.published_at is not None
            and all(rule.startswith("layout:") for rule in rules)
            and self.publisher.is_article(self.article.url)
        )

    @cached_property
    def news(self) -> int:
        """How much speaks for an article: a date, a claim, an author or agency, and that somebody said something."""
        signed = bool(self.article.byline or self.article.dateline or self.article.wire)
        return 2 * self.date + self.claims_article + signed + self.quotes + min(self.told["report"], 3)

    @cached_property
    def has_sentence(self) -> bool:
        """Whether a line ends as sentences do, or is as long as one in a script without full stops."""
        return any(ends_well(line) or _UNSTOPPED.search(line) for line in self.paragraphs)

    @cached_property
    def quotes(self) -> bool:
        """Whether somebody is quoted: a wall puts no more than a button's name in quotation marks."""
        return any(_SPEECH.search(line) for line in (self.article.headline or "", *self.paragraphs))

    # --- what it says ---

    @cached_property
    def document(self) -> Document | None:
        return read_page(self.page, self.content_type) if self.page is not None else None

    @cached_property
    def tree(self) -> HtmlElement | None:
        """The page with all that extraction takes out of it: buttons, fields, what is shown to some readers only."""
        return self.document.fresh_tree() if self.document is not None else None

    @cached_property
    def blocks(self) -> list[Block]:
        """The page's blocks of text."""
        return blocks(self.tree) if self.tree is not None else []

    @property
    def start(self) -> bytes:
        """The first bytes of a page; of UTF-16 every other one."""
        return (self.page or b"")[:2000].replace(b"\0", b"")

    @cached_property
    def markup(self) -> str:
        """The markup in lower case, scripts and all."""
        return (self.page or b"")[:400_000].replace(b"\0", b"").decode("utf-8", "replace").lower()

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that the page's linked data give it."""
        return page_types(self.document.linked_data) if self.document is not None else frozenset()

    def has_type(self, name: str) -> bool:
        """Whether it is among `types`; most pages are found not to name it without reading their linked data."""
        scripts = self.document.linked_data if self.document is not None else ()
        return any(name in script for script in scripts) and name in self.types

    @cached_property
    def meta_type(self) -> str:
        """The page's `og:type`."""
        if self.tree is None:
            return ""
        return (read_meta(self.tree).first("og:type") or "").lower()

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The page's title, in its segments, the headline and the first headings."""
        if self.prose >= ENOUGH or self.tree is None:
            return (self.article.headline,) if self.article.headline else ()
        first = ["".join(node.itertext()) for node in islice(self.tree.iter("title"), 1)]
        ranks = ["".join(node.itertext()) for node in islice(self.tree.iter("h1"), 2)]
        others = [] if ranks else ["".join(node.itertext()) for node in islice(self.tree.iter("h2"), 1)]
        printed = [*(part for text in first for part in SEGMENT.split(text)), *ranks, *others]
        return tuple(text for text in (self.article.headline or "", *printed) if text.strip())

    @cached_property
    def visible(self) -> str:
        """The words that a reader sees; "enable JavaScript" in a noscript counts as seen."""
        return " ".join(" ".join(_texts(self.tree, titles=True)).split()) if self.tree is not None else ""

    @cached_property
    def shown(self) -> str:
        """The same without the titles of other stories and the imprint."""
        if self.tree is None:
            return ""
        lines = (text.strip() for text in _texts(self.tree, titles=False))
        return " ".join(" ".join(line for line in lines if not is_imprint(line)).split())

    @cached_property
    def is_bare(self) -> bool:
        """Whether the page is hardly more than what it tells: no menus, no other stories."""
        links = 0 if self.tree is None else sum(1 for _ in islice(self.tree.iter("a"), 12))
        return links < 12 and len(self.shown) < 1_500

    @cached_property
    def text(self) -> str:
        """What the page tells: what was taken for the article; all that a bare page shows where that is nothing."""
        body = "\n".join(self.paragraphs)
        return self.shown if self.prose < SENTENCE and self.is_bare else body

    @cached_property
    def told(self) -> Words:
        """The words of title and text."""
        return words(*self.titles, self.text, likely=self.article.language)

    @cached_property
    def body(self) -> Words:
        """The words of the text alone."""
        return words(self.text, language=self.told.language)

    @cached_property
    def titled(self) -> Words:
        """The words of title and headline alone."""
        return words(*self.titles, language=self.told.language)

    # --- what it is made of ---

    @cached_property
    def listing(self) -> Listing:
        return find_listing(self.tree, self.paragraphs) if self.tree is not None else Listing()

    @cached_property
    def clocks(self) -> list[int]:
        """The times of day of updates, as in a live blog."""
        opening = clock_times(self.paragraphs)
        return opening if len(opening) >= 3 else timed_entries(self.blocks)

    @cached_property
    def link_share(self) -> float:
        """The share of the visible words that are links, 0..1; 0 on a page with fewer than 20 links."""
        if self.tree is None:
            return 0.0
        links = [" ".join(" ".join(_texts(link, titles=True)).split()) for link in self.tree.iter("a")]
        return sum(map(len, links)) / max(len(self.visible), 1) if len(links) >= 20 else 0.0

    @cached_property
    def controls(self) -> int:
        """Buttons and fields for the reader."""
        return 0 if self.tree is None else sum(1 for _ in islice(self.tree.iter(*_BUTTONS), 20))

    @cached_property
    def has_fields(self) -> bool:
        """Whether there is something to fill in."""
        return self.tree is not None and next(self.tree.iter("input", "textarea"), None) is not None

    @cached_property
    def pictures(self) -> int:
        """Pictures in figures, or those that extraction found."""
        figures = 0 if self.tree is None else sum(1 for _ in islice(self.tree.iter("figure"), 50))
        return max(figures, len(self.article.images))

    @cached_property
    def has_player(self) -> bool:
        return _PLAYER.search(self.markup) is not None

    @cached_property
    def has_password(self) -> bool:
        return 'type="password"' in self.markup or "type='password'" in self.markup

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of the classes and ids of the first heading and of the boxes around it, in lower case."""
        if self.tree is None:
            return frozenset()
        first = next((node for tag in ("h1", "h2", "p", "body") for node in self.tree.iter(tag)), self.tree)
        around = [first, *first.iterancestors()]
        return frozenset(
            " ".join(f"{node.get('class') or ''} {node.get('id') or ''}" for node in around).lower().split()
        )

    @cached_property
    def figures(self) -> float:
        """The share of digits among the letters and digits of the text, 0..1."""
        said = letters("".join(self.paragraphs))
        return sum(char.isdigit() for char in said) / max(len(said), 1)

    @cached_property
    def stands_for_home(self) -> bool:
        """Whether the page, at a longer address, declares the home page its canonical address."""
        canonical = read_meta(self.tree).canonical if self.tree is not None else None
        try:
            return bool(canonical) and len(self.segments) > 1 and urlsplit(canonical or "").path in {"", "/"}
        except ValueError:
            return False

    @cached_property
    def is_hidden(self) -> bool:
        """Whether search engines are told to leave it out."""
        return self.tree is not None and "noindex" in (read_meta(self.tree).first("robots") or "").lower()

    @cached_property
    def following(self) -> list[str]:
        """The lines next below a text of a sentence or two: what it breaks off for."""
        if not 0 < self.prose < TEASER:
            return []
        found, last = self.blocks, letters(self.paragraphs[-1])
        place = next((place for place, block in enumerate(found) if last and last in letters(block.text)), len(found))
        return [
            block.text for block in found[place + 1 : place + 5] if block.linked < LINKY and not is_imprint(block.text)
        ]

    def boxes(self, name: re.Pattern[str]) -> list[str]:
        """The texts of the boxes whose id or class matches `name`, the short ones."""
        if self.tree is None:
            return []
        named = (
            node for node in self.tree.iter("div", "section", "aside", "p", "form")
            if name.search(f"{node.get('id') or ''} {node.get('class') or ''}")
        )  # fmt: skip
        texts = (" ".join(islice(node.itertext(), 100)) for node in islice(named, 20))
        return [text for text in texts if 0 < len(text) < 1_000]

    @property
    def names_host(self) -> bool:
        """Whether the text or the title speaks of the site's address."""
        host = evened(self.host.removeprefix("www."))
        return bool(host.strip()) and host in evened(" ".join((*self.titles, self.text)))


def compared(text: str) -> str:
    """A title as titles are compared."""
    return evened(text).strip()


def _texts(node: HtmlElement, *, titles: bool = True) -> Iterator[str]:
    """The texts below `node` that are shown, in order, without recursion; without linked titles unless wanted."""
    skipping: HtmlElement | None = None
    for event, element in etree.iterwalk(node, events=("start", "end")):
        if event == "start":
            if skipping is None and (
                element.tag in UNSEEN or (element.tag == "a" and not titles and is_title(element))
            ):
                skipping = element
            if skipping is None and element.text:
                yield element.text
        else:
            if skipping is element:
                skipping = None
            if skipping is None and element.tail and element is not node:
                yield element.tail


def heading_length(seen: Evidence) -> int:
    """Letters of the headline: those of a section's name are few."""
    return len(letters(seen.article.headline or ""))

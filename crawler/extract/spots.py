"""The elements that hold a page's blocks: what they are called, how often they are repeated, what stands in them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from lxml.html import HtmlElement

# Words in the ids and classes of boxes, by what they say. Developers write English whatever the paper's language, and
# sometimes their own: "articleBody", "story-text", "komentarze", "related_news", "sidebar-right".
WORDS: Final[Mapping[str, str]] = {
    "body": "body articlebody storybody bodytext maintext fulltext",
    "content": "content contents inhalt contenido contenu tresc",
    "article": "article articles artikel articulo news newsitem novosti artykul",
    "story": "story stories detail details single",
    "text": "text txt copy prose richtext paragraph para absatz wysiwyg",
    "post": "post entry hentry blog posting",
    "main": "main primary center central middle column col maincontent",
    "lead": "lead lede intro summary standfirst dek teaser excerpt abstract subtitle subhead description desc vorspann",
    "headline": "headline title titles header heading hed head titel",
    "caption": "caption captions credit credits photo image img picture figure media bild foto legend gallery"
    " slideshow",
    "video": "video player audio podcast",
    "comment": "comment comments commentlist kommentar kommentare komentarze komentarz comentarios commentaires reply"
    " replies respond disqus discussion forum opinion reader reviews review feedback",
    "related": "related relation recirc recommend recommended recommendations similar more also next previous prev"
    " readmore seealso weitere mehr zobacz",
    "popular": "popular trending latest recent most top hot ranking best mostread lastnews archive archives"
    " ticker feed",
    "list": "list listing items item index grid teasers cards card results category categories cat tabs tab",
    "nav": "nav navi navigation menu menus breadcrumb breadcrumbs pager pagination paging sitemap topbar navbar toolbar"
    " links link skip",
    "side": "side sidebar aside right rail rightcol leftcol left secondary widget widgets",
    "foot": "footer foot bottom copyright impressum legal disclaimer imprint",
    "share": "share sharing social facebook twitter whatsapp like follow tools tool actions buttons button print",
    "meta": "meta byline author authors autor date time datum published info infos timestamp source tag tags keywords"
    " topics topic label labels bio profile dateline",
    "advert": "ad ads adv advert advertisement advertising banner sponsor sponsored promo promotion werbung anzeige"
    " outbrain taboola partner partners affiliate shop product price",
    "form": "form login register signup subscribe subscription newsletter search cookie consent modal popup overlay"
    " paywall notice warning error hidden",
    "module": "module mod block box panel section region component container wrapper inner row",
    "table": "table data stats facts infobox factbox inset quote pullquote blockquote",
}
INSIDE: Final = (
    "article", "main", "aside", "nav", "footer", "header", "form", "figure", "table", "li", "blockquote", "dl",
    "section",
)  # fmt: skip
FAR: Final = 30  # boxes around a block that are looked at: more say no more, and a page may nest thousands

_BIT: Final = {word: 1 << place for place, words in enumerate(WORDS.values()) for word in words.split()}
_INSIDE_BIT: Final = {tag: 1 << place for place, tag in enumerate(INSIDE)}
_NAME_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")  # "articleBody-text_2" is article, Body, text
_NUMBERED = re.compile(r"\d{3,}")  # "post-1552865", "comment_4711"
_LONGEST_NAME = 300  # characters of ids and classes that are read


class Spot:
    """What is known of one element. `words` and `inside` are bits of `WORDS` and `INSIDE`; `above` adds the words of
    all boxes around it. `story`: it holds the headline or the heart of the text. The rest counts the blocks in it."""

    __slots__ = (
        "above", "count", "depth", "inside", "key", "letters", "linked", "node", "numbered", "parent", "running",
        "story", "words",
    )  # fmt: skip

    def __init__(self, node: HtmlElement, parent: "Spot | None", words: int) -> None:
        tag = str(node.tag)
        self.node = node
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.words = words
        self.above: int = words | (parent.above if parent else 0)
        self.inside: int = _INSIDE_BIT.get(tag, 0) | (parent.inside if parent else 0)
        self.numbered: bool = bool(parent and parent.numbered) or bool(_NUMBERED.search(node.get("id") or ""))
        self.key = (id(parent), tag, _NUMBERED.sub("", (node.get("class") or "")[:_LONGEST_NAME]))
        self.story = False
        self.count = self.letters = self.running = 0
        self.linked = 0.0

    def outward(self) -> Iterator["Spot"]:
        """The element and the boxes around it, the nearest `FAR`."""
        at: Spot | None = self
        for _ in range(FAR):
            if at is None:
                return
            yield at
            at = at.parent

    def apart(self) -> Iterator["Spot"]:
        """Of these, those that the story is not in."""
        for spot in self.outward():
            if spot.story:
                return
            yield spot


class Spots:
    """The elements that hold blocks, each looked at once."""

    def __init__(self) -> None:
        self._known: dict[HtmlElement, Spot] = {}
        self._names: dict[str, int] = {}
        self._alike: Counter[tuple[int, str, str]] = Counter()

    def of(self, node: HtmlElement) -> Spot:
        """What is known of an element; of all around it, where they were not met yet."""
        unknown: list[HtmlElement] = []
        at: HtmlElement | None = node
        while at is not None and at not in self._known:
            unknown.append(at)
            at = at.getparent()
        spot = self._known[at] if at is not None else None
        for element in reversed(unknown):
            tag = str(element.tag)
            words = 0 if tag in {"html", "body"} else self._words(f"{element.get('id')} {element.get('class')}")
            spot = self._known[element] = Spot(element, spot, words)
            self._alike[spot.key] += 1
        return spot if spot is not None else self._known[node]

    def repeats(self, spot: Spot) -> int:
        """How many boxes of its tag and class stand beside it, itself included."""
        return self._alike[spot.key]

    def _words(self, name: str) -> int:
        bits = self._names.get(name)
        if bits is None:
            bits = 0
            for word in _NAME_WORD.findall(name[:_LONGEST_NAME]):
                bits |= _BIT.get(word.lower(), 0)
            self._names[name] = bits
        return bits

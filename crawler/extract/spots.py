"""The elements that hold a page's blocks: what they are called, how often they are repeated, what stands in them."""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
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

_BIT: Final = {word: 1 << place for place, words in enumerate(WORDS.values()) for word in words.split()}
_INSIDE_BIT: Final = {tag: 1 << place for place, tag in enumerate(INSIDE)}
_NAME_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")  # "articleBody-text_2" is article, Body, text
_NUMBERED = re.compile(r"\d{3,}")  # "post-1552865", "comment_4711"
_LONGEST_NAME = 300  # characters of ids and classes that are read
_WHOLE = frozenset(("html", "body"))  # what they are called is said of the whole page


class Spot:
    """What is known of one element. `words` and `inside` are bits of `WORDS` and `INSIDE`; `above` adds the words of
    all boxes around it. `story`: it holds the headline or the heart of the text.

    `Spots.add_up` gives the blocks in it: `count`, `letters`, `linked`, `running`; and, of the boxes from it outwards
    that the story is not in, how many there are (`apart`), their words, and which of them is repeated most (`alike`,
    the outermost of equals), how often (`repeats`); lastly the words of all boxes around those (`beyond`).
    """

    __slots__ = (
        "above", "alike", "apart", "apart_words", "beyond", "count", "depth", "inside", "key", "letters", "linked",
        "node", "numbered", "parent", "repeats", "running", "story", "words",
    )  # fmt: skip

    def __init__(self, node: HtmlElement, parent: "Spot | None", words: int, name: str, *, numbered: bool) -> None:
        tag = str(node.tag)
        self.node = node
        self.parent = parent
        self.words = words
        self.key = (id(parent), tag, name)
        if parent is None:
            self.depth, self.above, self.inside, self.numbered = 0, words, _INSIDE_BIT.get(tag, 0), numbered
        else:
            self.depth = parent.depth + 1
            self.above = words | parent.above
            self.inside = _INSIDE_BIT.get(tag, 0) | parent.inside
            self.numbered = numbered or parent.numbered
        self.story = False
        self.count = self.letters = self.running = 0
        self.linked = 0.0
        self.apart = self.apart_words = self.beyond = self.repeats = 0
        self.alike = self


class Spots:
    """The elements that hold blocks, each looked at once."""

    def __init__(self) -> None:
        self._known: dict[HtmlElement, Spot] = {}  # those around an element come before it
        self._alike: Counter[tuple[int, str, str]] = Counter()

    def of(self, node: HtmlElement) -> Spot:
        """What is known of an element; of all around it, where they were not met yet."""
        known = self._known
        spot, at, unknown = known.get(node), node, list[HtmlElement]()
        while spot is None:
            unknown.append(at)
            if (around := at.getparent()) is None:
                break
            spot, at = known.get(around), around
        for element in reversed(unknown):
            words, name, numbered = _read_names(
                (element.get("id") or "")[:_LONGEST_NAME], (element.get("class") or "")[:_LONGEST_NAME]
            )
            words = 0 if element.tag in _WHOLE else words
            spot = known[element] = Spot(element, spot, words, name, numbered=numbered)
            self._alike[spot.key] += 1
        return spot if spot is not None else known[node]

    def add_up(self) -> None:
        """Say of each element what the boxes around it that the story is not in are, and add its blocks to those of
        the box around it. The blocks were noted with their own elements, and the story with all that it is in."""
        for spot in self._known.values():
            around = spot.parent
            if spot.story:
                spot.beyond = spot.above
            elif around is None:
                spot.apart, spot.apart_words = 1, spot.words
            else:
                spot.apart, spot.apart_words = around.apart + 1, around.apart_words | spot.words
                spot.beyond = around.beyond
                spot.repeats, spot.alike = self._alike[spot.key], spot
                if around.repeats >= spot.repeats:
                    spot.repeats, spot.alike = around.repeats, around.alike
        for spot in reversed(self._known.values()):
            if (around := spot.parent) is not None and spot.count:
                around.count += spot.count
                around.letters += spot.letters
                around.linked += spot.linked
                around.running += spot.running


@lru_cache(maxsize=8192)
def _read_names(box: str, given: str) -> tuple[int, str, bool]:
    """What an element with this id and these classes is called (bits of `WORDS`), the classes without long numbers,
    and whether the id has one."""
    bits = 0
    for word in _NAME_WORD.findall(f"{box} {given}"[:_LONGEST_NAME]):
        bits |= _BIT.get(word.lower(), 0)
    return bits, _NUMBERED.sub("", given), _NUMBERED.search(box) is not None

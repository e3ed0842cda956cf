"""What stands beside the story on a page of unknown design: readers' comments, lists of teasers, boxes named as such.

Such boxes hold prose, often more of it than the story, so no measure of density tells them from it. Three things do:
where they stand (around the headline and the first of the text, not with them), what they are called, and that a feed
repeats itself, a linked title and one paragraph, over and over.
"""

import copy
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.extract.body import Block, blocks
from crawler.extract.prose import LINKY, is_running, letters, size
from crawler.extract.remembered import remembered
from crawler.extract.select import text_of

# Words in the ids and classes of boxes that are never the story, in the languages newsrooms' developers write.
# "comments-list", "opKomentarze", "fb-comments", "disqus_thread"; "related-articles", "most-read", "newsletter-signup"
_NAMES = re.compile(
    r"comment(?:s|[-_ ]?(?:list|area|box|section|form|body|text))?\b|kommentar|koment|comentario|commentaire|disqus"
    r"|related|recirc|recommend|more[-_](?:from|stories|news|on)|(?:read|see)[-_](?:more|also|next)"
    r"|most[-_](?:read|popular|viewed)|popular|trending|latest[-_]|newsletter|outbrain|taboola"
    r"|author[-_](?:bio|box|info|card)|share[-_](?:bar|buttons|tools)|breadcrumb|cookie|tag[-_]list|\btags\b",
    re.I,
)
_BOXES = frozenset(("div", "section", "aside", "ul", "ol", "dl", "table", "td", "nav", "footer", "form", "li"))
_NUMBER = re.compile(r"\A(\D{0,40}?)\d{3,}\Z")  # "post-1552865", "comment_4711", "42309080"
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d\d(?!\d)|\bago\b")
_ENOUGH = 200  # characters of running text in front of numbered entries that make a story of its own
_TITLE = 15  # letters of a linked title; a shorter link is a label
_LONGEST = 500  # characters of a title that are looked at
_TEASERS = 3  # so many make a feed
_RANKS = ("h1", "h2", "h3")


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """A page without the boxes around its story, and its blocks from there: `start` is the place of the first that
    follows the headline (0 where no headline was found)."""

    tree: HtmlElement
    found: Sequence[Block]
    start: int


def clear_around(tree: HtmlElement) -> Around:
    """A copy of a page without what stands beside its story. The page itself is left as it is."""
    page = copy.deepcopy(tree)
    found = blocks(page)
    start = after_headline(page, found)
    gone = {*_feeds(found), *_named(page, found, start), *_numbered(found, start)}
    within = {node for box in gone for node in box.iter()}
    for box in gone:
        if box.getparent() is not None:
            box.drop_tree()
    start -= sum(block.owner in within for block in found[:start])
    found = [block for block in found if block.owner not in within]
    return Around(tree=page, found=found, start=start)


def after_headline(page: HtmlElement, found: Sequence[Block]) -> int:
    """The place of the block after the headline: the block that the page's own title repeats, a heading before others.

    The only first-rank heading where the title repeats none; 0 where that does not say it either.
    """
    claimed = "\n".join(letters(title[:_LONGEST]) for title in _titles(page))
    named = [
        (rank, place)
        for place, block in enumerate(found)
        if len(bare := letters(block.text)) >= _TITLE and bare in claimed
        for rank in (_RANKS.index(block.tag) if block.tag in _RANKS else len(_RANKS),)
    ]
    if named:
        return min(named)[1] + 1
    first_rank = [place for place, block in enumerate(found) if block.tag == "h1"]
    return first_rank[0] + 1 if len(first_rank) == 1 else 0


def _titles(page: HtmlElement) -> Iterator[str]:
    for meta in page.iter("meta"):
        if (meta.get("property") or meta.get("name")) in {"og:title", "twitter:title"}:
            yield meta.get("content") or ""
    for title in page.iter("title"):
        yield title.text_content()
        return


def _feeds(found: Sequence[Block]) -> list[HtmlElement]:
    """The elements of titles and paragraphs that follow each other in turns: `<dt><a>…</a></dt><dd>…</dd>` again and
    again. A story with a linked heading here and there has more than one paragraph between them."""
    pairs: dict[tuple[object, object], list[tuple[Block, Block]]] = {}
    for place, (title, text) in enumerate(pairwise(found)):
        after = found[place + 2] if place + 2 < len(found) else None
        alone = after is None or after.kind != text.kind or after.home is not text.home
        if title.kind != text.kind and _is_linked_title(title) and text.linked < LINKY and alone:
            pairs.setdefault((title.kind, text.kind), []).append((title, text))
    return [
        block.owner
        for pair in pairs.values()
        if len(pair) >= _TEASERS
        for both in pair
        for block in both
        if not block.mixed
    ]


def _is_linked_title(block: Block) -> bool:
    return block.linked >= 0.75 and len(letters(block.text)) >= _TITLE


def _numbered(found: Sequence[Block], start: int) -> list[HtmlElement]:
    """The entries below a story that are numbered by their ids and have times, as in a live ticker or among comments.

    A content management system numbers the parts of a story, too, but does not time them. Where there is no running
    text in front of them they are the story.
    """
    entries: dict[tuple[str, str, str], dict[HtmlElement, None]] = {}
    opened: dict[tuple[str, str, str], int] = {}
    prose, seen = 0, set()
    for block in found[start:]:
        for box in (block.owner, *block.owner.iterancestors()):
            if box in seen:
                break
            seen.add(box)
            given = box.get("id")
            number = _NUMBER.match(given) if given else None
            if number is not None and box.tag != "p":
                key = (str(box.tag), (box.get("class") or "").split(" ")[0], number[1])
                opened.setdefault(key, prose)
                entries.setdefault(key, {})[box] = None
        prose += size(block.text) if is_running(block) else 0
    listed = (boxes for key, boxes in entries.items() if len(boxes) >= _TEASERS and opened[key] >= _ENOUGH)
    return [box for boxes in listed if _are_timed(boxes) for box in boxes]


def _are_timed(entries: Collection[HtmlElement]) -> bool:
    timed = sum(next(box.iter("time"), None) is not None or bool(_CLOCK.search(text_of(box))) for box in entries)
    return timed > 0.6 * len(entries)


def _named(page: HtmlElement, found: Sequence[Block], start: int) -> list[HtmlElement]:
    """The boxes that are called what no story is called, unless the headline or the first running text is in them."""
    opening = next((block for block in found[start:] if is_running(block)), None)
    story = {
        box
        for block in (*found[max(0, start - 1) : start], opening)
        if block is not None
        for box in (block.owner, *block.owner.iterancestors())
    }
    return [box for box in page.iter(*_BOXES) if box.attrib and box not in story and _names_none(_name(box))]


@remembered
def _names_none(name: str) -> bool:
    """Whether a box with this id and class is called what no story is called."""
    return _NAMES.search(name) is not None


def _name(box: HtmlElement) -> str:
    return f"{box.get('id') or ''} {box.get('class') or ''}"

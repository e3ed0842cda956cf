"""From nodes to paragraphs: a small clean document is built, trafilatura reads it, and nothing it should keep is lost.

trafilatura decides what is text and what is furniture, but it reads `<p>` best: text that stands in a bare `<div>`,
between two `<br>` or in a table cell is put into paragraphs first, and a paragraph of prose that it leaves out is put
back. A layout's nodes and a whole page go the same way.
"""

import re
from collections.abc import Iterable, Sequence

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, builder

from crawler.extract.dump import DUMP_START
from crawler.extract.select import BLOCKS, clean

_BREAK = "\u2028"  # stands for <br> while a block's text is gathered
_SPACES = re.compile(r"[^\S\u2028]+")
_DOUBLE_BREAK = re.compile(r" ?\u2028(?: ?\u2028)+ ?")
_LIST_MARK = re.compile(r"\A- (?=\S)")  # as trafilatura writes list items
_NO_TEXT = frozenset(("script", "style", "head", "title", "svg", "noscript", "template"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LINKY = 0.8  # share of a block's characters inside links from which on it is a list of links, not prose
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "”", '"', "»", ":", "’", "」")
_LONG_RUN = 600  # characters of a block with single breaks only that must be several paragraphs


class Block:
    """A paragraph in the making: its text, how much of it is links, and where it stands.

    `tag` is the block element it came from, `owner` that element, `home` its parent (for text beside block children,
    `mixed`, the element itself), `kind` what paragraphs of one body have in common: their tag, their home's tag and
    class.
    """

    __slots__ = ("home", "kind", "linked", "mixed", "owner", "tag", "text")

    def __init__(self, text: str, linked: float, owner: HtmlElement, *, mixed: bool) -> None:
        self.text = text
        self.linked = linked
        self.owner = owner
        self.mixed = mixed
        self.tag = str(owner.tag)
        self.home: HtmlElement | None = owner if mixed else owner.getparent()
        home = self.home
        self.kind = (self.tag, "" if home is None else str(home.tag), "" if home is None else home.get("class") or "")


def blocks(node: HtmlElement) -> list[Block]:
    """The text of a tree, cut at the borders of its block elements and at doubled line breaks, in document order."""
    found: list[Block] = []
    pieces: list[str] = []
    owners: list[HtmlElement] = [node]
    linked = anchors = 0

    def close(*, mixed: bool) -> None:
        nonlocal linked
        text = "".join(pieces)
        pieces.clear()
        share = linked / max(1, len(clean(text)))
        linked = 0
        found.extend(Block(part, share, owners[-1], mixed=mixed) for part in _paragraphs_of(text))

    for event, element in etree.iterwalk(node, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        is_block = tag in BLOCKS and tag != "br"
        if event == "start":
            if is_block:
                close(mixed=True)
                owners.append(element)
            elif tag == "br":
                pieces.append(_BREAK)
            anchors += tag == "a"
            inside = element.text if tag and tag not in _NO_TEXT else None
        else:
            if is_block:
                close(mixed=False)
                owners.pop()
            anchors -= tag == "a"
            inside = element.tail if element is not node else None
        if inside:
            pieces.append(inside)
            linked += len(clean(inside)) if anchors else 0
    close(mixed=True)
    return found


def paragraphs(nodes: Iterable[HtmlElement]) -> tuple[str, ...]:
    """The paragraphs in a layout's nodes: trafilatura's reading, its losses of prose made good."""
    found = [block for node in nodes for block in blocks(node)]
    if not found:
        return ()
    kept = set(read(_document(found), fast=True))
    chosen = [block for block in found if block.text in kept or is_prose(block)]
    return tuple(without_repeats([block.text for block in chosen]))


def stray_dumps(tree: HtmlElement, lines: Sequence[str]) -> tuple[str, ...]:
    """PHP dumps that a page printed outside its body (Al-Alam, 2013–16: the list of related stories)."""
    pieces = (
        clean(piece) for node in tree.iter() if isinstance(node.tag, str) for piece in (node.text, node.tail) if piece
    )
    dumps = (piece for piece in pieces if DUMP_START.match(piece))
    return tuple(dump for dump in dumps if not any(dump in line for line in lines))


def is_prose(block: Block) -> bool:
    """Whether a block is text of the article rather than a list of links: most of it stands outside links."""
    return block.linked < _LINKY or (block.tag == "p" and block.text.endswith(_SENTENCE_END) and len(block.text) > 80)


def _document(found: Sequence[Block]) -> HtmlElement:
    """A page of nothing but the blocks."""
    tags = {"blockquote": builder.BLOCKQUOTE, "li": builder.P}
    body = [builder.H2(b.text) if b.tag in _HEADINGS else tags.get(b.tag, builder.P)(b.text) for b in found]
    document: HtmlElement = builder.HTML(builder.BODY(builder.ARTICLE(*body)))
    return document


def read(tree: HtmlElement, *, fast: bool) -> list[str]:
    """trafilatura's paragraphs of a tree.

    `fast` leaves out its comparison with other extractors, which a narrowed page does not need and a whole page does.
    It counts repeats in a process-wide cache when asked to; it is not asked to.
    """
    document = trafilatura.bare_extraction(
        tree,
        fast=fast,
        favor_precision=True,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        date_extraction_params={"extensive_search": False},
    )
    if document is None or isinstance(document, dict) or not document.text:
        return []
    lines = (clean(_LIST_MARK.sub("", line)) for line in document.text.splitlines())
    return [line for line in lines if line]


def _paragraphs_of(text: str) -> list[str]:
    """The paragraphs in a run of text with breaks: two breaks part them; one does in a long run that has no doubles."""
    text = _SPACES.sub(" ", text)
    parts = _DOUBLE_BREAK.split(text)
    if len(parts) == 1 and text.count(_BREAK) > 1 and len(text) > _LONG_RUN:
        parts = text.split(_BREAK)
    cleaned = (clean(part.replace(_BREAK, " ")) for part in parts)
    return [part for part in cleaned if part]


def without_repeats(found: Sequence[str]) -> list[str]:
    """`found` without a paragraph that only repeats the one before it."""
    return [text for position, text in enumerate(found) if position == 0 or text != found[position - 1]]

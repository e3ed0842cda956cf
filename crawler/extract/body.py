"""From nodes to paragraphs: a small clean document is built, trafilatura reads it, and nothing it should keep is lost.

trafilatura decides what is text and what is furniture, but it reads `<p>` best: text that stands in a bare `<div>`,
between two `<br>` or in a table cell is put into paragraphs first, and a paragraph of prose that it leaves out is put
back. A layout's nodes and a whole page go the same way.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, builder
from trafilatura.settings import Extractor

from crawler.extract.breaks import BREAK, LINK_END, LINK_START, cut
from crawler.extract.dump import DUMP, DUMP_START
from crawler.extract.select import BLOCKS, clean

_LIST_MARK = re.compile(r"\A- (?=\S)")  # as trafilatura writes list items
_NO_TEXT = frozenset(("script", "style", "head", "title", "svg", "noscript", "template"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LINKY = 0.8  # share of a block's characters inside links from which on it is a list of links, not prose
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "”", '"', "»", ":", "’", "」")
_IN_LINE = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6"))  # a <time> inside them is a word of theirs
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")  # parts the paragraphs of preformatted text
_PARTING = BLOCKS - {"br"}  # a break parts a run only where it is read
_MARKED = frozenset(("a", "br", "span"))
_CELLS = frozenset(("td", "th"))
_CELL = 60  # characters; a table with longer cells lays out text, a row of shorter ones is one line of data


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
    """The text of a tree in document order, cut at the borders of its block elements and at line breaks that part.

    A row of short table cells is one block.
    """
    found: list[Block] = []
    pieces: list[str] = []
    owners: list[HtmlElement] = [node]
    preformatted = anchors = 0

    def close(*, mixed: bool) -> None:
        if len(pieces) > anchors and not (run := "".join(pieces)).isspace():
            found.extend([Block(text, linked, owners[-1], mixed=mixed) for text, linked in cut(run)])
        pieces[:] = [LINK_START] * anchors  # a link around blocks: `<a><h3>…</h3><p>…</p></a>`

    for event, element in etree.iterwalk(node, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _PARTING and not (tag == "time" and owners[-1].tag in _IN_LINE):
                close(mixed=True)
                owners.append(element)
                preformatted += tag == "pre"
            elif tag in _MARKED:
                pieces.append(_mark(element))
                anchors += tag == "a"
            inside = element.text if tag and tag not in _NO_TEXT else None
        else:
            if owners[-1] is element and len(owners) > 1:
                close(mixed=False)
                owners.pop()
                preformatted -= tag == "pre"
            elif tag == "a":
                pieces.append(LINK_END)
                anchors -= 1
            inside = element.tail if element is not node else None
        if inside:
            pieces.append(_BLANK_LINE.sub(BREAK + BREAK, inside) if preformatted else inside)
    close(mixed=True)
    return _rows_joined(found)


def _mark(element: HtmlElement) -> str:
    """What the start of an inline element puts into the run: a break for `<br>` and for `<span class="br"></span>`."""
    if element.tag == "a":
        return LINK_START
    named = not len(element) and not element.text and "br" in (element.get("class") or "").split()
    return BREAK if element.tag == "br" or named else ""


def _rows_joined(found: Sequence[Block]) -> list[Block]:
    """`found` with the cells of each row of data, some short words or figures each, made one block of the row."""
    joined: list[Block] = []
    for row, cells in groupby(found, key=_row_of):
        listed = list(cells)
        alone = len({cell.owner for cell in listed}) == len(listed) > 1  # no cell holds two paragraphs
        if row is None or not alone or any(len(cell.text) > _CELL for cell in listed):
            joined += listed
            continue
        text = " ".join(cell.text for cell in listed)
        linked = sum(cell.linked * len(cell.text) for cell in listed) / len(text)
        joined.append(Block(text, linked, row, mixed=False))
    return joined


def _row_of(block: Block) -> HtmlElement | None:
    """The table row that a block is a cell of."""
    return block.home if block.tag in _CELLS and block.home is not None and block.home.tag == "tr" else None


def paragraphs(nodes: Iterable[HtmlElement]) -> tuple[str, ...]:
    """The paragraphs in a layout's nodes: trafilatura's reading, its losses of prose made good.

    Prose stays whatever it says, so that it is asked only where there is something else: a tenth of a page's time.
    """
    found = [block for node in nodes for block in blocks(node)]
    prose = [is_prose(block) for block in found]
    kept = set() if all(prose) else set(read(_document(found)))
    chosen = [block.text for block, is_text in zip(found, prose, strict=True) if is_text or block.text in kept]
    return tuple(without_repeats(chosen))


def stray_dumps(tree: HtmlElement, markup: str, lines: Sequence[str]) -> tuple[str, ...]:
    """PHP dumps that a page printed outside its body (Al-Alam, 2013–16: the list of related stories)."""
    if DUMP not in markup:
        return ()
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


def read(tree: HtmlElement, *, precise: bool = True) -> list[str]:
    """trafilatura's paragraphs of a tree, without its comparison with other extractors. `precise`: rather too few.

    It counts repeats in a process-wide cache when asked to; it is not asked to.
    """
    document = trafilatura.bare_extraction(tree, options=_options(precise))
    if document is None or isinstance(document, dict) or not document.text:
        return []
    lines = (clean(_LIST_MARK.sub("", line)) for line in document.text.splitlines())
    return [line for line in lines if line]


@cache
def _options(precise: bool) -> Extractor:
    """How trafilatura reads: to have its settings file read again for each page takes a third of a millisecond."""
    return Extractor(
        output_format="python",
        fast=True,
        precision=precise,
        comments=False,
        tables=True,
        dedup=False,
    )


def without_repeats(found: Sequence[str]) -> list[str]:
    """`found` without a paragraph that only repeats the one before it."""
    return [text for position, text in enumerate(found) if position == 0 or text != found[position - 1]]

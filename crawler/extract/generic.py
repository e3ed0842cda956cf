"""The text of a page of unknown design: trafilatura's reading, checked against the page and its linked data.

trafilatura in precision mode is right about most pages and has two known ways to fail: it stops at the first of several
containers that share the text, and on pages laid out with tables it keeps the menus. Both show when its paragraphs are
looked up in the page: text of the same kind beside them is missing, or almost nothing it found is prose.
"""

from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.body import Block, blocks, read, without_repeats

_SHORT = 80  # letters; a shorter block is not taken for prose by itself
_ENOUGH = 200  # letters of prose that make a text
_LINKY = 0.4
_STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "”", '"', "»", "’", "」", "’", ")")

Kind = tuple[str, ...]


def whole_page(tree: HtmlElement, claimed: str | None) -> tuple[str, ...]:
    """The paragraphs of a page. `claimed` is the body that its linked data give, if any.

    1. trafilatura reads the page.
    2. Where linked data hold the body and the page's blocks cover it, those blocks are the text.
    3. Prose of the same kind (tag, parent's tag and class) as most of what trafilatura kept is put back.
    4. Where it kept hardly any prose, the container with the most of it is the text.
    """
    found = blocks(tree)
    kept = [line for line in read(tree, fast=False) if not _is_table_frame(line)]
    for candidate in (_as_claimed(found, claimed), _of_same_kind(found, kept)):
        if letters_in(candidate) > 1.2 * letters_in(kept):
            kept = candidate
    if letters_in([line for line in kept if _ends_well(line)]) < _ENOUGH:
        densest = _densest(found)
        if letters_in(densest) > max(_ENOUGH, letters_in([line for line in kept if _ends_well(line)])):
            kept = densest
    return tuple(without_repeats(kept))


def letters(text: str) -> str:
    """What two printings of one text have in common: letters and digits, case folded."""
    return "".join(char for char in text.casefold() if char.isalnum())


def letters_in(lines: Sequence[str]) -> int:
    """How many letters and digits the lines hold."""
    return sum(char.isalnum() for line in lines for char in line)


def _as_claimed(found: Sequence[Block], claimed: str | None) -> list[str]:
    """The blocks whose text the linked data's body holds; none where they do not cover it."""
    body = letters(claimed or "")
    if len(body) < _ENOUGH:
        return []
    chosen: dict[str, str] = {}
    for block in found:
        bare = letters(block.text)
        if len(bare) >= 10 and bare in body:
            chosen.setdefault(bare, block.text)
    covered = sum(map(len, chosen))
    return list(chosen.values()) if 0.7 * len(body) < covered < 1.2 * len(body) else []


def _of_same_kind(found: Sequence[Block], kept: Sequence[str]) -> list[str]:
    """What was kept, and all prose of the kinds that most of it is of, in the page's order."""
    wanted = {letters(line) for line in kept}
    matched = [block for block in found if letters(block.text) in wanted]
    weights: Counter[Kind] = Counter()
    for block in matched:
        if len(block.text) >= _SHORT:
            weights[block.kind] += len(block.text)
    total = sum(weights.values())
    common = {kind for kind, weight in weights.items() if weight >= 0.25 * total and kind[0] in {"p", "div", "span"}}
    taken: dict[str, str] = {}
    for block in found:
        bare = letters(block.text)
        if bare and (bare in wanted or (block.kind in common and _is_prose(block))):
            taken.setdefault(bare, block.text)
    return list(taken.values())


def _densest(found: Sequence[Block]) -> list[str]:
    """The prose of the element that holds the most of it directly, headings and short lines between included."""
    weights: Counter[HtmlElement] = Counter()
    for block in found:
        if _is_prose(block) and block.home is not None:
            weights[block.home] += len(block.text)
    if not weights:
        return []
    home = weights.most_common(1)[0][0]
    inside = [block for block in found if block.home is home and block.linked < _LINKY]
    return [block.text for block in inside]


def _is_prose(block: Block) -> bool:
    return len(block.text) >= _SHORT and block.linked < _LINKY and _ends_well(block.text)


def _ends_well(line: str) -> bool:
    return line.endswith(_STOPS)


def _is_table_frame(line: str) -> bool:
    """Whether a line is a row of a layout table, as trafilatura writes it: "| News | Sport | |"."""
    cells = [cell.strip() for cell in line.strip("| ").split("|")] if line.startswith("|") else []
    return line.startswith("|") and not any(len(cell) >= _SHORT and _ends_well(cell) for cell in cells)

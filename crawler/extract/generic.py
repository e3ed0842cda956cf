"""The text of a page of unknown design: trafilatura's reading, checked against the page and its linked data.

trafilatura in precision mode is right about most pages and has two known ways to fail: it stops at the first of several
containers that share the text, and on pages laid out with tables it keeps the menus. Both show when its paragraphs are
looked up in the page: text of the same kind beside them is missing, or almost nothing it found is prose.
"""

from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.body import Block, read, without_repeats
from crawler.extract.boxes import clear_around
from crawler.extract.prose import LINKY, SHORT, ends_well, is_imprint, is_running, letters, letters_in, size

__all__ = ["letters", "whole_page"]

_ENOUGH = 200  # letters of prose that make a text
_PARAGRAPHS = 3  # so many of running text in one place are no lede and no caption
_NEAR = 200  # paragraphs below the headline that are looked up
_FLASH = 30  # characters of a whole report: "휴전 일주일 연장", said in a sentence
_FLASH_NEAR = 6  # blocks below the headline where it stands
_OPENING = 60  # letters of a paragraph that tell it from all others

Kind = tuple[str, ...]


def whole_page(tree: HtmlElement, claimed: str | None) -> tuple[str, ...]:
    """The paragraphs of a page. `claimed` is the body that its linked data give, if any.

    1. trafilatura reads the page; its lines are given back the page's own characters.
    2. Where linked data hold the body and the page's blocks cover it, those blocks are the text.
    3. Prose of the same kind (tag, parent's tag and class) as most of what was kept is put back.
    4. Where what was kept is a small part of one container, the container is the text; where nearly all of it is in
    one,
       what lies around that is dropped.
    5. Where hardly anything was kept, or table rows for the most part, the container with the most prose is the text.
    """
    around = clear_around(tree)
    found = around.found
    lines = read(around.tree, fast=False)
    unframed = [line for line in lines if not _is_table_frame(line)]
    kept = _as_printed(found, unframed)
    for candidate in (_as_claimed(found, claimed), _of_same_kind(found, kept), _rest_of_container(found, kept)):
        if letters_in(candidate) > 1.2 * letters_in(kept):
            kept = candidate
    kept = _below_headline(found, around.start, kept)
    kept = _trimmed(found, kept)
    in_tables = letters_in([line for line in lines if line.startswith("|")]) > 0.75 * letters_in(lines)
    if in_tables or letters_in([line for line in kept if ends_well(line)]) < _ENOUGH / 2:
        kept = max(kept, _densest(found), key=letters_in)
    if all(map(is_imprint, kept)):
        kept = _flash(found, around.start)
    return tuple(without_repeats(kept))


def _as_printed(found: Sequence[Block], lines: Sequence[str]) -> list[str]:
    """`lines` as the page spells and cuts them.

    trafilatura drops Persian's zero-width joiners, which part words, and writes a whole layout table as one line.
    """
    bare = [(letters(block.text), block) for block in found]
    printed = {text: block.text for text, block in bare}
    restored: list[str] = []
    for line in lines:
        row = letters(line)
        if line.startswith("|"):
            restored += [block.text for text, block in bare if len(text) > 9 and block.linked < LINKY and text in row]
        else:
            restored.append(printed.get(row, line))
    return restored


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
        if size(block.text) >= SHORT:
            weights[block.kind] += len(block.text)
    total = sum(weights.values())
    common = {kind for kind, weight in weights.items() if weight >= 0.25 * total and kind[0] in {"p", "div", "span"}}
    stories = {_story_of(block) for block in matched if block.kind in common}
    taken: dict[str, str] = {}
    for block in found:
        bare = letters(block.text)
        fits = block.kind in common and is_running(block) and _story_of(block) in stories
        if bare and (bare in wanted or fits):
            taken.setdefault(bare, block.text)
    return list(taken.values())


def _story_of(block: Block) -> HtmlElement | None:
    """The `<article>` that a block is in: pages that load the next story below hold several."""
    return next((node for node in block.home.iterancestors("article")), None) if block.home is not None else None


def _rest_of_container(found: Sequence[Block], kept: Sequence[str]) -> list[str]:
    """The whole container that holds most of the prose that was kept, where that was a small part of it.

    Of elements within the container only the prose counts: the second half of a story behind a "read on" button.
    """
    wanted = {letters(line) for line in kept}
    home = _home([block for block in found if letters(block.text) in wanted])
    if home is None:
        return []
    inside = [
        block
        for block in found
        if (block.home is home and block.linked < LINKY)
        or (is_running(block) and block.home is not None and block.home.getparent() is home)
    ]
    return [block.text for block in inside] if letters_in([b.text for b in inside]) > 2 * letters_in(kept) else []


def _below_headline(found: Sequence[Block], start: int, kept: Sequence[str]) -> list[str]:
    """`kept` without the headline and what stands above it; the container next below it where nothing of that was kept.

    Readers' comments can outweigh the story. They never stand between it and its headline. Where most of what was kept
    stands above the headline, that is not the headline, and nothing is changed.
    """
    under = {letters(block.text) for block in found[start:]}
    above = {letters(block.text) for block in found[:start]} - under
    below = [line for line in kept if letters(line) not in above]
    if not start or letters_in(below) < 0.7 * letters_in(kept):
        return list(kept)
    whole = letters("".join(below))
    passed: Counter[HtmlElement] = Counter()
    running = [block for block in found[start:] if is_running(block) and block.home is not None][:_NEAR]
    for block in running:
        if letters(block.text)[:_OPENING] in whole:
            break
        passed[block.home] += 1
    near, count = passed.most_common(1)[0] if passed else (None, 0)
    story = [block for block in found[start:] if block.home is near and block.linked < LINKY]
    known = any(block.home is near and letters(block.text)[:_OPENING] in whole for block in running)
    return below if count < _PARAGRAPHS or known else [block.text for block in story]


def _trimmed(found: Sequence[Block], kept: Sequence[str]) -> list[str]:
    """`kept` without what lies outside the container of nearly all its prose; prose in front of it (a lede) stays."""
    wanted = {letters(line) for line in kept}
    places = [place for place, block in enumerate(found) if letters(block.text) in wanted]
    home = _home([found[place] for place in places])
    inside = [place for place in places if found[place].home is home]
    prose = [found[place].text for place in places if is_running(found[place])]
    central = [found[place].text for place in inside if is_running(found[place])]
    if home is None or letters_in(central) < 0.85 * letters_in(prose):
        return list(kept)
    before = {letters(found[place].text) for place in places if place < inside[0] and size(found[place].text) < SHORT}
    after = {letters(found[place].text) for place in places if place > inside[-1]}
    between = {letters(found[place].text) for place in places if inside[0] <= place <= inside[-1]}
    outside = (before | after) - between
    return [line for line in kept if letters(line) not in outside]


def _home(among: Sequence[Block]) -> HtmlElement | None:
    """The element that directly holds the most prose of `among`."""
    weights: Counter[HtmlElement] = Counter()
    for block in among:
        if is_running(block) and block.home is not None:
            weights[block.home] += len(block.text)
    return weights.most_common(1)[0][0] if weights else None


def _densest(found: Sequence[Block]) -> list[str]:
    """The prose of the element that holds the most of it directly, headings and short lines between included."""
    home = _home(found)
    return [block.text for block in found if home is not None and block.home is home and block.linked < LINKY]


def _flash(found: Sequence[Block], start: int) -> list[str]:
    """The first sentence below the headline and what stands with it: a report too short for everything else.

    Where no headline or no sentence is found, the longest block is taken for it.
    """
    near = found[start : start + _FLASH_NEAR] if start else found
    possible = [b for b in near if size(b.text) >= _FLASH and b.linked < LINKY and not is_imprint(b.text)]
    sentences = [block for block in possible if start and ends_well(block.text)]
    first = next(iter(sentences), max(possible, key=lambda block: size(block.text), default=None))
    return [b.text for b in found[start:] if first is not None and b.home is first.home and b.linked < LINKY]


def _is_table_frame(line: str) -> bool:
    """Whether a line is a row of a layout table, as trafilatura writes it: "| News | Sport | |"."""
    cells = [cell.strip() for cell in line.strip("| ").split("|")] if line.startswith("|") else []
    return line.startswith("|") and not any(size(cell) >= SHORT and ends_well(cell) for cell in cells)

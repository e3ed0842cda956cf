"""The text of a page of unknown design: its blocks, each judged by what is measured of it.

Boxes that are beside the story whatever is in them go first (`boxes`). Then trafilatura reads the page, every block is
measured (`features`), trafilatura's reading and the linked data's body being two of the measures, and a small forest of
decision trees says which blocks are the article (`judge`). Where its answer and trafilatura's differ much, the page is
an odd one: how far they agree is given beside the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.body import Block, read, without_repeats
from crawler.extract.boxes import clear_around
from crawler.extract.features import Clues, measure
from crawler.extract.judge import forest
from crawler.extract.prose import LINKY, ends_well, is_imprint, letters, letters_in, size
from crawler.extract.view import View

__all__ = ["Survey", "Whole", "survey", "take", "whole_page"]

_REPEATED = 40  # letters of a block that stands on a page by chance twice
_ENOUGH = 350  # characters that make a text; where fewer were taken, less likely blocks are
_FLASH = 30  # characters of a whole report: "휴전 일주일 연장", said in a sentence
_FLASH_NEAR = 6  # blocks below the headline where it stands
_BELOW = 0.7  # the share of the text that stands below its headline at least
_SOME = 0.15  # the likelihood from which on these are


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """The blocks of a page without the boxes around its story, what is measured of each, and trafilatura's reading.

    `start` is the place of the first block below the headline, 0 where none was found.
    """

    found: Sequence[Block]
    start: int
    rows: Sequence[Sequence[float]]
    reading: View


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """The paragraphs of a page, and how far two readings of it agree: 0 not at all, 1 to the letter."""

    paragraphs: tuple[str, ...]
    agreement: float


def whole_page(
    tree: HtmlElement, *, claimed: str | None, headline: str | None = None, descriptions: Sequence[str] = ()
) -> Whole:
    """The paragraphs of a page. `claimed` is the body that its linked data give, if any, `descriptions` the leads that
    its head claims. The tree is left as it is."""
    seen = survey(tree, claimed=claimed, headline=headline, descriptions=descriptions)
    texts = [block.text for block in seen.found]
    likelihoods = [forest().likelihood(row) for row in seen.rows]
    taken = take(texts, likelihoods, start=seen.start, threshold=forest().threshold)
    if sum(map(size, taken)) < _ENOUGH:
        more = take(texts, _without_tables(seen.found, likelihoods), start=seen.start, threshold=_SOME)
        taken = more if any(map(ends_well, more)) else taken  # titles alone are teasers
    if all(map(is_imprint, taken)):
        taken = _flash(seen.found, seen.start)
    return Whole(paragraphs=tuple(without_repeats(taken)), agreement=_agreement(taken, seen.reading))


def survey(tree: HtmlElement, *, claimed: str | None, headline: str | None, descriptions: Sequence[str]) -> Survey:
    """What a page's blocks are judged by."""
    around = clear_around(tree)
    reading = View(read(around.tree, precise=False))
    clues = Clues(reading=reading, claimed=claimed, descriptions=descriptions, headline=headline)
    rows = measure(around.found, around.start, clues)
    return Survey(found=around.found, start=around.start, rows=rows, reading=reading)


def take(texts: Sequence[str], likelihoods: Sequence[float], *, start: int, threshold: float) -> list[str]:
    """The blocks that are likely enough, a longer one that stands on the page twice only once.

    The headline and what stands above it are left out, unless so much does that it cannot be the headline.
    """
    likely = [place for place, odds in enumerate(likelihoods) if odds >= threshold and place != start - 1]
    below = [place for place in likely if place >= start]
    if letters_in([texts[place] for place in below]) >= _BELOW * letters_in([texts[place] for place in likely]):
        likely = below
    taken: dict[str, str] = {}
    for place in likely:
        bare = letters(texts[place])
        taken.setdefault(bare if len(bare) >= _REPEATED else f"{place}", texts[place])
    return list(taken.values())


def _without_tables(found: Sequence[Block], likelihoods: Sequence[float]) -> list[float]:
    """The likelihoods, none for rows of tables: with next to no text around them, the page is a table of prices."""
    return [
        0.0 if block.tag in {"table", "tr", "td", "th"} and not ends_well(block.text) else likelihood
        for block, likelihood in zip(found, likelihoods, strict=True)
    ]


def _flash(found: Sequence[Block], start: int) -> list[str]:
    """The first sentence below the headline and what stands with it: a report too short for everything else.

    Where no headline or no sentence is found, the longest block is taken for it.
    """
    near = found[start : start + _FLASH_NEAR] if start else found
    possible = [b for b in near if size(b.text) >= _FLASH and b.linked < LINKY and not is_imprint(b.text)]
    sentences = [block for block in possible if start and ends_well(block.text)]
    first = next(iter(sentences), max(possible, key=lambda block: size(block.text), default=None))
    return [b.text for b in found[start:] if first is not None and b.home is first.home and b.linked < LINKY]


def _agreement(taken: Sequence[str], reading: View) -> float:
    """The letters that both readings hold, of those that either does (Dice's coefficient)."""
    sizes = [len(letters(line)) for line in taken]
    both = sum(reading.holds(letters(line)) * length for line, length in zip(taken, sizes, strict=True))
    total = sum(sizes) + reading.total
    return min(1.0, 2 * both / total) if total else 1.0

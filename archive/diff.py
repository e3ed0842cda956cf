"""What differs between two texts: paragraph by paragraph, then word by word.

1. align    paragraphs that read the same are anchors; what lies between two of them is paired by the words it shares,
            rare ones first, so that an edited paragraph meets its older self, and one that was split meets both halves
2. runs     within a pair, the words that stayed, went and came

Sequences are matched by the elements that occur once in both (patience diff, Bram Cohen), and what lies between them by
Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), up to a fixed amount of work: behind it a stretch
counts as replaced. So time is near to linear whatever the texts are.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

# Steps of the inner loop that one comparison may take in all: about half a second.
WORK = 1_000_000
LIKENESS = 0.3  # of the words, rare ones counted more, that two paragraphs share who are one, edited
CONTAINED = 0.75  # of a paragraph's words that are found in another one that was split or joined
COMMON = 30  # a word in more paragraphs than this says nothing of which belong together
_IDEOGRAPHIC = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# A number with its groups ("2 500", "1,200.5"), a sign of Chinese or Japanese, a word ("l'Intérieur" is two), a mark
_TOKEN = re.compile(
    r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,:'’٫٬]\d+)*"
    rf"|[{_IDEOGRAPHIC}]|[^\W\d_{_IDEOGRAPHIC}](?:[^\W\d_{_IDEOGRAPHIC}]|[\u0300-\u036f\u064b-\u065f\u0670\u200c])*|\S"
)

Block = tuple[int, int, int]  # where it begins in the old, in the new, and how long it is


class Token(NamedTuple):
    """A word, a number or a mark, and where it stands in its text. (A tuple: there are many.)"""

    text: str
    begin: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Words in a row that stayed, went or came; the white space behind them is part of `text`."""

    kind: Literal["same", "cut", "added"]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """Paragraphs that belong together, by number from 0: one and one, as a rule; more where one was split or joined.

    `same` reads the same to the letter, `moved` as well, but stands elsewhere.
    """

    kind: Literal["same", "edited", "moved", "cut", "added"]
    old: tuple[int, ...]
    new: tuple[int, ...]


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of a text."""
    return [Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]


def fold(text: str) -> str:
    """What is left of a text without case, accents, white space and marks: two that fold alike read alike."""
    text = plain_digits(unicodedata.normalize("NFKD", text.casefold()))
    return text if text.isalnum() else "".join(filter(str.isalnum, text))


def plain_digits(text: str) -> str:
    """A text with 0 to 9 for the digits of all scripts."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(char, char)) for char in text)


# --- words ---


def runs(old: str, new: str) -> list[Run]:
    """The words of two texts in one sequence: what stayed, what went, what came."""
    before, after = tokens(old), tokens(new)
    blocks = matches([token.text for token in before], [token.text for token in after])
    found: list[Run] = []
    was = at = 0
    for begin, other, length in [*_without_crumbs(blocks, before, after), (len(before), len(after), 0)]:
        found += _run("cut", old, before[was:begin], before)
        found += _run("added", new, after[at:other], after)
        found += _run("same", new, after[other : other + length], after)
        was, at = begin + length, other + length
    return found


def _run(kind: Literal["same", "cut", "added"], text: str, some: Sequence[Token], last: Sequence[Token]) -> list[Run]:
    if not some:
        return []
    behind = re.compile(r"\s*").match(text, some[-1].end) if some[-1] is not last[-1] else None
    return [Run(kind=kind, text=text[some[0].begin : behind.end() if behind else some[-1].end])]


def _without_crumbs(blocks: Sequence[Block], before: Sequence[Token], after: Sequence[Token]) -> Iterator[Block]:
    """Leave out single words and marks that stayed in the midst of what did not: they help nobody to read it."""
    ends = [(0, 0, 0), *blocks, (len(before), len(after), 0)]
    for last, block, following in zip(ends, ends[1:], ends[2:], strict=False):
        begin, other, length = block
        around = min(
            max(begin - last[0] - last[2], other - last[1] - last[2]),
            max(following[0] - begin - length, following[1] - other - length),
        )
        if length > 2 or around < 2 * length + 1:
            yield block


# --- paragraphs ---


def align(old: Sequence[str], new: Sequence[str]) -> list[Passage]:
    """Which paragraphs of two versions belong together, in the order of the new one."""
    before, after = [fold(text) or text for text in old], [fold(text) or text for text in new]
    passages: list[Passage] = []
    was = at = 0
    for begin, other, length in [*matches(before, after), (len(old), len(new), 0)]:
        passages += _pair(old, new, range(was, begin), range(at, other))
        for step in range(length):
            same = old[begin + step] == new[other + step]
            passages.append(
                Passage(kind="same" if same else "edited", old=(begin + step,), new=(other + step,))
            )  # fmt: skip
        was, at = begin + length, other + length
    return _with_moves(passages, before, after)


def _pair(old: Sequence[str], new: Sequence[str], before: range, after: range) -> Iterator[Passage]:
    """Pair the paragraphs between two anchors."""
    links = _links(old, new, before, after)
    was, at, number = before.start, after.start, 0
    while number < len(links):
        joined, reached = [links[number][0]], [links[number][1]]
        while number + 1 < len(links) and (links[number + 1][0] == joined[-1] or links[number + 1][1] == reached[-1]):
            number += 1
            joined.append(links[number][0])
            reached.append(links[number][1])
        number += 1
        yield from (Passage(kind="cut", old=(one,), new=()) for one in range(was, joined[0]))
        yield from (Passage(kind="added", old=(), new=(other,)) for other in range(at, reached[0]))
        was, at = joined[-1] + 1, reached[-1] + 1
        yield Passage(kind="edited", old=tuple(range(joined[0], was)), new=tuple(range(reached[0], at)))
    yield from (Passage(kind="cut", old=(one,), new=()) for one in range(was, before.stop))
    yield from (Passage(kind="added", old=(), new=(other,)) for other in range(at, after.stop))


def _links(old: Sequence[str], new: Sequence[str], before: range, after: range) -> list[tuple[int, int]]:
    """Which paragraphs share enough words to be the same, edited; no two links cross."""
    if not before or not after:
        return []
    mine, theirs = {index: _bag(old[index]) for index in before}, {index: _bag(new[index]) for index in after}
    spread = Counter(word for bags in (mine, theirs) for bag in bags.values() for word in bag)
    weights = {word: min(1.0, 2 / count) for word, count in spread.items() if count <= COMMON}
    holders: dict[str, list[int]] = {}
    for index, bag in theirs.items():
        for word in bag.keys() & weights.keys():
            holders.setdefault(word, []).append(index)
    sizes = {index: _size(bag, weights) for index, bag in theirs.items()}
    scored: list[tuple[float, float, int, int]] = []
    for one, bag in mine.items():
        size = _size(bag, weights)
        shared: dict[int, float] = {}
        for word, count in bag.items():
            for other in holders.get(word, ()):
                shared[other] = shared.get(other, 0) + min(count, theirs[other][word]) * weights[word]
        for other, common in shared.items():
            likeness, contained = 2 * common / (size + sizes[other]), common / min(size, sizes[other])
            if likeness >= LIKENESS or contained >= CONTAINED:
                scored.append((likeness, contained, one, other))
    return _uncrossed(scored)


def _uncrossed(scored: Sequence[tuple[float, float, int, int]]) -> list[tuple[int, int]]:
    """The likest pairs first, as far as they do not cross; then the halves of what was split or joined."""
    pairs: list[tuple[int, int]] = []  # sorted, both numbers rising
    for _, _, one, other in sorted(scored, key=lambda found: (-found[0], found[2], found[3])):
        place = bisect_left(pairs, (one, other))
        left, right = pairs[place - 1] if place else (-1, -1), pairs[place] if place < len(pairs) else None
        if left[0] < one and left[1] < other and (right is None or (one < right[0] and other < right[1])):
            pairs.insert(place, (one, other))
    known, links = dict(pairs), set(pairs)
    backward = {other: one for one, other in pairs}
    for _, contained, one, other in scored:
        if contained < CONTAINED or (one in known and other in backward):
            continue
        beside_new = one in known and abs(known[one] - other) == 1 and other not in backward
        beside_old = other in backward and abs(backward[other] - one) == 1 and one not in known
        if beside_new or beside_old:
            links.add((one, other))
    return sorted(links)


def _bag(text: str) -> Counter[str]:
    return Counter(folded for token in tokens(text) if (folded := fold(token.text)))


def _size(bag: Mapping[str, int], weights: Mapping[str, float]) -> float:
    return sum(count * weights[word] for word, count in bag.items() if word in weights)


def _with_moves(passages: Sequence[Passage], before: Sequence[str], after: Sequence[str]) -> list[Passage]:
    """Tell paragraphs that only stand elsewhere from those that went or came."""
    gone: dict[str, list[int]] = {}
    for passage in passages:
        if passage.kind == "cut":
            gone.setdefault(before[passage.old[0]], []).append(passage.old[0])
    moved: set[int] = set()
    found: list[Passage] = []
    for passage in passages:
        if passage.kind == "added" and gone.get(after[passage.new[0]]):
            came_from = gone[after[passage.new[0]]].pop(0)
            moved.add(came_from)
            found.append(Passage(kind="moved", old=(came_from,), new=passage.new))
        else:
            found.append(passage)
    return [passage for passage in found if not (passage.kind == "cut" and passage.old[0] in moved)]


# --- sequences ---


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Block]:
    """The blocks that two sequences have in common, in order."""
    pairs: list[tuple[int, int]] = []
    waiting = [(0, len(old), 0, len(new))]
    work = WORK
    while waiting:
        begin, end, other, stop = waiting.pop()
        while begin < end and other < stop and old[begin] == new[other]:
            pairs.append((begin, other))
            begin, other = begin + 1, other + 1
        while begin < end and other < stop and old[end - 1] == new[stop - 1]:
            end, stop = end - 1, stop - 1
            pairs.append((end, stop))
        if begin == end or other == stop:
            continue
        anchors = _anchors(old, new, (begin, end, other, stop))
        if anchors:
            pairs += anchors
            ends = [(begin - 1, other - 1), *anchors, (end, stop)]
            waiting += [(a + 1, c, b + 1, d) for (a, b), (c, d) in pairwise(ends)]
        else:
            found, used = _myers(old[begin:end], new[other:stop], work)
            work -= used
            pairs += [(begin + one, other + two) for one, two in found]
    return _blocks(sorted(pairs))


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], part: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """The longest rising sequence of elements that occur once in both parts."""
    begin, end, other, stop = part
    before, after = Counter(old[begin:end]), Counter(new[other:stop])
    places = {new[index]: index for index in range(other, stop) if after[new[index]] == 1}
    pairs = [
        (index, places[old[index]]) for index in range(begin, end) if before[old[index]] == 1 and old[index] in places
    ]
    tops: list[int] = []  # the new place that ends the best sequence of each length
    at: list[int] = []  # which pair that is
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        previous.append(at[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        at[length : length + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = previous[number]
    return chain[::-1]


def _myers(old: Sequence[Hashable], new: Sequence[Hashable], work: int) -> tuple[list[tuple[int, int]], int]:
    """The pairs that stay in a shortest edit, none when `work` is short, and the steps taken."""
    reach, trace, used = {1: 0}, [], 0
    for depth in range(len(old) + len(new) + 1):
        trace.append(dict(reach) if depth else {1: 0})
        for diagonal in range(-depth, depth + 1, 2):
            used += 1
            down = diagonal == -depth or (diagonal != depth and reach[diagonal - 1] < reach[diagonal + 1])
            was = reach[diagonal + 1] if down else reach[diagonal - 1] + 1
            at = was - diagonal
            while was < len(old) and at < len(new) and old[was] == new[at]:
                was, at, used = was + 1, at + 1, used + 1
            reach[diagonal] = was
            if was >= len(old) and at >= len(new):
                return _walked_back(trace, len(old), len(new)), used + depth * depth
        if used + depth * depth > work:  # copies of `reach` are work, too
            break
    return [], used


def _walked_back(trace: Sequence[dict[int, int]], was: int, at: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for depth in range(len(trace) - 1, -1, -1):
        reach, diagonal = trace[depth], was - at
        down = diagonal == -depth or (diagonal != depth and reach[diagonal - 1] < reach[diagonal + 1])
        came = diagonal + 1 if down else diagonal - 1
        start = reach[came] if depth else 0
        from_at = start - came if depth else 0
        first = (start, from_at + 1) if down else (start + 1, from_at)
        if not depth:
            first = (0, 0)
        while was > first[0] and at > first[1]:
            was, at = was - 1, at - 1
            pairs.append((was, at))
        was, at = start, from_at
    return pairs


def _blocks(pairs: Sequence[tuple[int, int]]) -> list[Block]:
    blocks: list[Block] = []
    for one, other in pairs:
        if blocks and (blocks[-1][0] + blocks[-1][2], blocks[-1][1] + blocks[-1][2]) == (one, other):
            blocks[-1] = (*blocks[-1][:2], blocks[-1][2] + 1)
        else:
            blocks.append((one, other, 1))
    return blocks

"""What is measured of a page's blocks before it is judged which of them are the article.

Every feature is a number that a person could read off the page: how long a block is, how much of it is links, where it
stands relative to the headline, what its boxes are called, whether another reading of the page holds it. None names a
site. All are had in time linear in the page's size.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from crawler.extract.body import Block
from crawler.extract.prose import SHORT, ends_well, is_running, letters, size
from crawler.extract.spots import INSIDE, WORDS, Spot, Spots
from crawler.extract.tallies import tally
from crawler.extract.view import View

_CLAIM = 200  # letters of linked data's body from which on it is believed to be one
_DESCRIBED = 30  # letters of a description that tell a lede
_TAGS: Final = (
    ("p",), ("div", "section", "article", "main", "body", "center", "form"), ("li",), ("h1",), ("h2",), ("h3",),
    ("h4", "h5", "h6"), ("td", "th", "caption"), ("blockquote",), ("figcaption",), ("dt", "dd"), ("time", "address"),
    ("header", "footer", "nav", "aside", "summary", "details", "legend"),
)  # fmt: skip
_TAG: Final = {tag: float(place) for place, tags in enumerate(_TAGS) for tag in tags}
_OTHER_TAG: Final = float(len(_TAGS))
_STEPS: Final = (-2, -1, 1, 2)  # the neighbours that are looked at
_AROUND: Final = 3  # blocks before and behind
_MENU: Final = 0.5  # share of a block's characters inside links from which on it may be a menu's
_GROUPS: Final = ("home", "parent", "grandparent", "kind")

_CUT = ("…", "...", "»", "[…]", "[...]", "→")  # a teaser's end
# "14:05", "3 hours ago", "2019", "4.11.19"
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)|\bago\b|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2}")

_TEXT_NAMES: Final = (
    "size", "words", "linked", "ends_well", "ends_colon", "ends_cut", "stops", "commas", "digits", "capitals", "clock",
    "marks", "quotes", "first_person", "lower_start", "mixed", "tag", "label",
)  # fmt: skip
_PLACE_NAMES: Final = (
    "place", "since_headline", "headline_known", "running_before", "running_after", "running_since_headline",
    "is_headline", "in_headline", "repeated", "after_repeat", "blocks", "total_running", "total_linked",
)  # fmt: skip
_VIEW_NAMES: Final = ("claimed", "claim_covered", "described", "held", "held_around", "held_before", "held_after")
_BOX_NAMES: Final = (
    "up", "common_depth", "depth_to_heart", "at_heart", "before_heart", "after_heart", "numbered", "inside",
    "own_count", "own_linked", "alike", "alike_mean", "alike_linked", "alike_count", "alike_running",
)  # fmt: skip
_GROUP_NAMES: Final = ("count", "share", "linked", "mean", "running", "held")
_NEAR_NAMES: Final = ("size", "linked", "running", "held", "same_kind", "tag")
_NOTHING_THERE: Final = (-1.0,) * len(_NEAR_NAMES)
NAMES: Final = (
    *_TEXT_NAMES, *_PLACE_NAMES, *_VIEW_NAMES, *_BOX_NAMES, *(f"in_{tag}" for tag in INSIDE),
    *(f"named_{word}" for word in WORDS), *(f"{group}_{name}" for group in _GROUPS for name in _GROUP_NAMES),
    *(f"{name}{step:+d}" for step in _STEPS for name in _NEAR_NAMES),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Clues:
    """What else is known of a page: another reading, linked data's body, descriptions, the headline."""

    reading: View
    claimed: str | None = None
    descriptions: Sequence[str] = ()
    headline: str | None = None


class _Group:
    """What blocks with something in common (their home, their kind) add up to."""

    __slots__ = ("count", "held", "letters", "linked", "running", "sums")

    def __init__(self) -> None:
        self.count = self.letters = self.running = 0
        self.linked = self.held = 0.0
        self.sums: tuple[float, ...] | None = None

    def add(self, other: "_Group") -> None:
        self.count += other.count
        self.letters += other.letters
        self.running += other.running
        self.linked += other.linked
        self.held += other.held


def measure(found: Sequence[Block], start: int, clues: Clues) -> list[list[float]]:
    """A row of numbers a block, in the order of `NAMES`. `start`: the place of the first block below the headline.

    The row of a link among links that no reading of the page holds is empty: there is nothing to judge.
    """
    return _Page(found, start, clues).rows() if found else []


class _Page:
    """The blocks of a page, with all that is counted of them together."""

    def __init__(self, found: Sequence[Block], start: int, clues: Clues) -> None:
        self.found = found
        self.start = start
        self.bare = [letters(block.text) for block in found]
        self.sizes = [size(block.text) for block in found]
        self.running = [length >= SHORT and is_running(block) for block, length in zip(found, self.sizes, strict=True)]
        self.total = sum(self.sizes)
        self.total_running = sum(length for length, is_run in zip(self.sizes, self.running, strict=True) if is_run)
        self.headline = letters(clues.headline or "")
        self._read(clues)
        self.spots = Spots()
        self.own = [self.spots.of(block.owner) for block in found]
        self.home = [own if block.mixed else own.parent or own for own, block in zip(self.own, found, strict=True)]
        self.beside = [
            (min(1500, length), block.linked, float(is_run), held)
            for block, length, is_run, held in zip(found, self.sizes, self.running, self.held, strict=True)
        ]
        self._find_story()
        self._count()

    def _read(self, clues: Clues) -> None:
        """Which blocks the other reading, the linked data and the descriptions hold."""
        self.held = [clues.reading.holds(bare) for bare in self.bare]
        self.held_up_to = [0.0, *accumulate(h * s for h, s in zip(self.held, self.sizes, strict=True))]
        claim = View([clues.claimed] if clues.claimed else [])
        believed = claim.total >= _CLAIM
        self.claimed = [claim.holds(bare) if believed else 0.0 for bare in self.bare]
        covered = sum(len(bare) * share for bare, share in zip(self.bare, self.claimed, strict=True))
        self.covered = min(2.0, covered / claim.total) if believed else -1.0
        openings = [letters(text)[:200] for text in clues.descriptions if text]
        self.openings = [opening for opening in openings if len(opening) >= _DESCRIBED]

    def _count(self) -> None:
        """Add the blocks up by what they have in common, and in the elements around them."""
        homes: dict[Spot, _Group] = defaultdict(_Group)
        kinds: dict[Hashable, _Group] = defaultdict(_Group)
        self.kinds: list[_Group] = []
        for place, block in enumerate(self.found):
            own, home, length, held = self.own[place], self.home[place], self.sizes[place], self.held[place]
            linked, running = block.linked * length, length if self.running[place] else 0
            around = home.parent
            kind = kinds[block.kind, "" if around is None else around.node.get("class") or ""]
            self.kinds.append(kind)
            for added in (homes[home], kind):
                added.count += 1
                added.letters += length
                added.linked += linked
                added.held += held * length
                added.running += running
            own.count += 1
            own.letters += length
            own.linked += linked
            own.running += running
        self.spots.add_up()
        within: dict[Spot, _Group] = defaultdict(_Group)
        self.groups: dict[Spot, tuple[_Group, _Group, _Group]] = {}
        for home, group in homes.items():
            parent = home.parent or home
            grandparent = parent.parent or parent
            for box in {parent, grandparent}:
                within[box].add(group)
            self.groups[home] = group, within[parent], within[grandparent]

    def _find_story(self) -> None:
        """The heart is the element that directly holds most of the running text, what the other reading holds and
        what follows the headline counted higher. It, the headline and all around them are the story's boxes."""
        weights: dict[Spot, float] = defaultdict(float)
        for place, home in enumerate(self.home):
            if self.running[place]:
                weight = self.sizes[place] * (0.2 + self.held[place])
                weights[home] += weight if place >= self.start else 0.3 * weight
        self.heart = max(weights, key=weights.__getitem__) if weights else None
        anchors = [self.heart] if self.heart else []
        anchors += [self.own[self.start - 1]] if self.start else []
        for anchor in anchors:
            spot: Spot | None = anchor
            while spot is not None and not spot.story:
                spot.story = True
                spot = spot.parent
        places = [place for place, home in enumerate(self.home) if home is self.heart]
        self.first, self.last = (places[0], places[-1]) if places else (0, len(self.found))

    def _is_menu(self, place: int) -> bool:
        """Whether a block is a link, or mostly one, that no reading holds, nor anything in front of it and behind.

        57 % of the blocks of the saved pages are; of 38,000 the forest took none, and thought one likely at all.
        """
        block = self.found[place]
        read = self.claimed[place] or any(self.held[max(0, place - _AROUND) : place + _AROUND + 1])
        return block.linked >= _MENU and not read and not ends_well(block.text)

    def rows(self) -> list[list[float]]:
        times = Counter(self.bare)
        seen: set[str] = set()
        total_linked = _share(sum(b.linked * s for b, s in zip(self.found, self.sizes, strict=True)), self.total)
        before = since = 0
        rows: list[list[float]] = []
        for place, block in enumerate(self.found):
            bare, length = self.bare[place], self.sizes[place]
            row: list[float] = []
            if not self._is_menu(place):
                row += _text_row(block, length)
                row += (
                    place / len(self.found),
                    max(-50, min(100, place - self.start)),
                    float(self.start > 0),
                    _share(before, self.total_running),
                    min(5000, self.total_running - before),
                    min(3000, since),
                    float(bool(bare) and bare == self.headline),
                    (len(bare) >= 4 and bare in self.headline) + (len(self.headline) > 15 and self.headline in bare),
                    min(times[bare], 5),
                    float(bare in seen),
                    min(len(self.found), 1000),
                    min(self.total_running, 10_000),
                    total_linked,
                )
                row += self._view_row(place)
                row += self._box_row(place)
                row += _inside(self.own[place].inside)
                row += self._name_row(place)
                row += self._near_row(place)
            rows.append(row)
            seen.add(bare)
            if self.running[place]:
                before += length
                since += length if place >= self.start else 0
        return rows

    def _view_row(self, place: int) -> list[float]:
        bare = self.bare[place]
        around = self.held[max(0, place - _AROUND) : place] + self.held[place + 1 : place + 1 + _AROUND]
        up_to, whole = self.held_up_to, self.held_up_to[-1]
        return [
            self.claimed[place],
            self.covered,
            float(
                any(
                    bare.startswith(opening) or (len(bare) >= _DESCRIBED and opening.startswith(bare))
                    for opening in self.openings
                )
            ),
            self.held[place],
            sum(around) / (2 * _AROUND),
            _share(up_to[place], whole),
            min(3000.0, whole - up_to[place + 1]),
        ]

    def _box_row(self, place: int) -> tuple[float, ...]:
        own, home, heart = self.own[place], self.home[place], self.heart
        common = max(0, home.depth - home.apart)
        box = own.alike
        return (
            home.apart,
            min(common, 40),
            heart.depth - common if heart else -1,
            float(home is heart),
            max(0, min(60, self.first - place)),
            max(0, min(60, place - self.last)),
            float(own.numbered),
            own.inside.bit_count(),
            min(60, own.count),
            _share(own.linked, own.letters),
            min(own.repeats, 50),
            min(2000.0, _share(box.letters, box.count)),
            _share(box.linked, box.letters),
            min(box.count, 50),
            min(box.running, 3000),
        )

    def _name_row(self, place: int) -> tuple[float, ...]:
        """For each kind of name: 0 nowhere, 1 on a box that the story is in, 2 on another, 3 on the block's own."""
        spot, home = self.own[place], self.home[place]
        own = (0 if spot.story else spot.words) | (0 if home.story else home.words)
        return _named(own, spot.apart_words, spot.beyond)

    def _near_row(self, place: int) -> list[float]:
        """What the groups that a block is of add up to, and what stands beside it; -1 where nothing does."""
        row: list[float] = []
        kind = self.kinds[place]
        for group in (*self.groups[self.home[place]], kind):
            row += group.sums or self._summed(group)
        for at in (place + step for step in _STEPS):
            if 0 <= at < len(self.found):
                row += (*self.beside[at], float(self.kinds[at] is kind), _TAG.get(self.found[at].tag, _OTHER_TAG))
            else:
                row += _NOTHING_THERE
        return row

    def _summed(self, group: _Group) -> tuple[float, ...]:
        """What a group's blocks add up to."""
        group.sums = (
            min(200, group.count),
            _share(group.letters, self.total),
            _share(group.linked, group.letters),
            min(1000.0, group.letters / group.count),
            _share(group.running, self.total_running),
            _share(group.held, group.letters),
        )
        return group.sums


@lru_cache(maxsize=1024)
def _inside(bits: int) -> tuple[float, ...]:
    return tuple(float(bits >> bit & 1) for bit in range(len(INSIDE)))


@lru_cache(maxsize=4096)
def _named(own: int, apart: int, shared: int) -> tuple[float, ...]:
    return tuple(
        3.0 if own >> bit & 1 else 2.0 if apart >> bit & 1 else float(shared >> bit & 1) for bit in range(len(WORDS))
    )


def _text_row(block: Block, length: int) -> tuple[float, ...]:
    text = block.text[:3000]
    made = tally(text)
    well = ends_well(block.text)
    return (
        min(length, 1500),
        min(made.words, 300),
        block.linked,
        float(well),
        float(text.endswith((":", "："))),
        float(text.endswith(_CUT)),
        100 * made.stops / len(text),
        100 * made.commas / len(text),
        made.digits / len(text),
        made.capitals / max(1, made.words),
        float((made.digits > 0 or "ago" in text) and bool(_CLOCK.search(text[:200]))),
        made.marks,
        float(made.quotes > 0),
        made.persons,
        float(text[0].islower()),
        float(block.mixed),
        _TAG.get(block.tag, _OTHER_TAG),
        float(length < 1.5 * SHORT and not well),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0

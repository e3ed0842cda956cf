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
_INNER_STOP = re.compile(r"[.!?؟][\"'”’»)\]]?\s|[。！？।]")
_COMMAS = re.compile(r"[,;:،؛，、；：]")
# "14:05", "3 hours ago", "2019", "4.11.19"
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)|\bago\b|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2}")
_MARKS = re.compile(r"[|©@#»›→▶•·]|https?:|www\.")
_ASCII_MARKS = ("|", "@", "#", "http:", "https:", "www.")
_QUOTE = re.compile(r"[\"“”„«»「『]")
_CAPITAL = re.compile(r"\b[^\W\d_a-zа-яα-ω]")
_WORD = re.compile(r"\w+")
# Readers' comments speak so
_PERSONS = frozenset(("I", "you", "your", "me", "my", "ich", "du", "я", "мне", "ja", "εγώ"))
_EARLY = 1000  # characters
_DIGITS = b"0123456789"

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


@dataclass(slots=True)
class _Group:
    """What blocks with something in common (their home, their kind) add up to."""

    count: int = 0
    letters: int = 0
    linked: float = 0.0
    running: int = 0
    held: float = 0.0


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
        self.running = [is_running(block) for block in found]
        self.total = sum(self.sizes)
        self.total_running = sum(length for length, is_run in zip(self.sizes, self.running, strict=True) if is_run)
        self.headline = letters(clues.headline or "")
        self._read(clues)
        self.spots = Spots()
        self.own = [self.spots.of(block.owner) for block in found]
        self.home = [
            own if block.home is None else self.spots.of(block.home) for own, block in zip(self.own, found, strict=True)
        ]
        self._count()
        self._find_story()

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
        self.groups: dict[Hashable, _Group] = defaultdict(_Group)
        self.sums: dict[Hashable, tuple[float, ...]] = {}
        self.keys: list[tuple[Hashable, ...]] = []
        for place, block in enumerate(self.found):
            home, length = self.home[place], self.sizes[place]
            parent = home.parent or home
            box = (parent.node.get("class") or "") if parent is not home else ""
            keys = (id(home), ("in", id(parent)), ("in", id(parent.parent or parent)), (block.kind, box))
            self.keys.append(keys)
            for key in dict.fromkeys(keys):
                group = self.groups[key]
                group.count += 1
                group.letters += length
                group.linked += block.linked * length
                group.held += self.held[place] * length
                group.running += length if self.running[place] else 0
            for spot in self.own[place].outward():
                spot.count += 1
                spot.letters += length
                spot.linked += block.linked * length
                spot.running += length if self.running[place] else 0

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
                row += (*self._view_row(place), *self._box_row(place), *self._name_row(place), *self._near_row(place))
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

    def _box_row(self, place: int) -> list[float]:
        own, home, heart = self.own[place], self.home[place], self.heart
        apart = list(home.apart())
        common = (apart[-1].parent or apart[-1]).depth if apart else home.depth
        alike, box = max(
            ((self.spots.repeats(spot), spot) for spot in own.apart() if spot.parent is not None),
            key=lambda pair: (pair[0], -pair[1].depth),
            default=(0, own),
        )
        return [
            len(apart),
            min(common, 40),
            heart.depth - common if heart else -1,
            float(home is heart),
            max(0, min(60, self.first - place)),
            max(0, min(60, place - self.last)),
            float(own.numbered),
            own.inside.bit_count(),
            min(60, own.count),
            _share(own.linked, own.letters),
            min(alike, 50),
            min(2000.0, _share(box.letters, box.count)),
            _share(box.linked, box.letters),
            min(box.count, 50),
            min(box.running, 3000),
            *_inside(own.inside),
        ]

    def _name_row(self, place: int) -> tuple[float, ...]:
        """For each kind of name: 0 nowhere, 1 on a box that the story is in, 2 on another, 3 on the block's own."""
        spot, home = self.own[place], self.home[place]
        own = (0 if spot.story else spot.words) | (0 if home.story else home.words)
        apart, story = 0, None
        for box in spot.outward():
            if box.story:
                story = box
                break
            apart |= box.words
        return _named(own, apart, story.above if story is not None else 0)

    def _near_row(self, place: int) -> list[float]:
        """What the groups that a block is of add up to, and what stands beside it; -1 where nothing does."""
        row: list[float] = []
        for key in self.keys[place]:
            row += self._summed(key)
        for step in _STEPS:
            at = place + step
            if not 0 <= at < len(self.found):
                row += (-1.0,) * len(_NEAR_NAMES)
                continue
            row += (
                min(1500, self.sizes[at]),
                self.found[at].linked,
                float(self.running[at]),
                self.held[at],
                float(self.keys[at][-1] == self.keys[place][-1]),
                _TAG.get(self.found[at].tag, _OTHER_TAG),
            )
        return row

    def _summed(self, key: Hashable) -> tuple[float, ...]:
        """What a group's blocks add up to."""
        if (sums := self.sums.get(key)) is None:
            group = self.groups[key]
            sums = self.sums[key] = (
                min(200, group.count),
                _share(group.letters, self.total),
                _share(group.linked, group.letters),
                min(1000.0, group.letters / group.count),
                _share(group.running, self.total_running),
                _share(group.held, group.letters),
            )
        return sums


@lru_cache(maxsize=1024)
def _inside(bits: int) -> tuple[float, ...]:
    return tuple(float(bits >> bit & 1) for bit in range(len(INSIDE)))


@lru_cache(maxsize=4096)
def _named(own: int, apart: int, shared: int) -> tuple[float, ...]:
    return tuple(
        3.0 if own >> bit & 1 else 2.0 if apart >> bit & 1 else float(shared >> bit & 1) for bit in range(len(WORDS))
    )


def _text_row(block: Block, length: int) -> list[float]:
    text = block.text[:3000]
    words = _WORD.findall(text)
    digits, commas, marks = _signs(text)
    well = ends_well(block.text)
    early = words if len(text) <= _EARLY else _WORD.findall(text[:_EARLY])
    return [
        min(length, 1500),
        min(len(words), 300),
        block.linked,
        float(well),
        float(text.endswith((":", "："))),
        float(text.endswith(_CUT)),
        100 * len(_INNER_STOP.findall(text)) / len(text),
        100 * commas / len(text),
        digits / len(text),
        len(_CAPITAL.findall(text)) / max(1, len(words)),
        float((digits > 0 or "ago" in text) and bool(_CLOCK.search(text[:200]))),
        marks,
        float(bool(_QUOTE.search(text))),
        sum(map(_PERSONS.__contains__, early)) + text.count("我", 0, _EARLY) + text.count("你", 0, _EARLY),
        float(text[0].islower()),
        float(block.mixed),
        _TAG.get(block.tag, _OTHER_TAG),
        float(length < 1.5 * SHORT and not well),
    ]


def _signs(text: str) -> tuple[int, int, int]:
    """How many digits, commas and the like, and marks of labels there are; of ASCII counted in its bytes."""
    start = text[:500]
    if not text.isascii():
        return sum(map(str.isdigit, text)), len(_COMMAS.findall(text)), len(_MARKS.findall(start))
    digits = len(text) - len(text.encode().translate(None, _DIGITS))
    return digits, sum(map(text.count, ",;:")), sum(map(start.count, _ASCII_MARKS))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0

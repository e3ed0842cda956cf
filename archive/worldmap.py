"""The world as SVG text: land, the lines between countries, and places as circles sized by how many articles name them.

Drawn here from outlines that ship with the program, so no other server is asked. The projection is equidistant with the
true scale at the middle of what is shown: straight lines of latitude and longitude, and shapes that look right in a
region. The lines between countries are Natural Earth's, drawn for orientation as they run on the ground; they take no
side, and none is drawn otherwise than the others.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import cos, radians, sqrt
from typing import Self

from markupsafe import Markup

from archive.gazetteer import Spot

WIDTH, HEIGHT = 1000, 460
_FURTHEST = 84.0  # degrees of latitude
_NEAREST = 0.5  # degrees of longitude that are shown at least
_COARSE = 100.0  # degrees of longitude from which on the coarse outlines do
_WIDE_SQUEEZE = cos(radians(35))
_SMALLEST, _LARGEST = 3.5, 26.0  # radius of a circle
_LABELS = 14
_LETTER = 7.0  # width of a label's letter

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class View:
    """What of the world is shown, in degrees; within the world, and of the shape of the drawing."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, west: float, south: float, east: float, north: float) -> Self:
        """The smallest view that holds this box, or the whole world where it is larger."""
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        # how long a degree of longitude is beside one of latitude; of the world as at 35°, where most people live
        squeeze = _WIDE_SQUEEZE if east - west > 180 else max(0.2, cos(radians(min(abs(middle_y), 80))))
        wide = max(east - west, (north - south) * WIDTH / HEIGHT / squeeze, _NEAREST)
        wide = min(wide, 360.0)
        high = min(wide * squeeze * HEIGHT / WIDTH, 2 * _FURTHEST)
        middle_x = min(max(middle_x, wide / 2 - 180), 180 - wide / 2)
        middle_y = min(max(middle_y, high / 2 - _FURTHEST), _FURTHEST - high / 2)
        edges = middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2
        return cls(*(round(edge, 3) for edge in edges))

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """`35.5,32,42.5,37.4` (west, south, east, north); None for what is no box of the world."""
        try:
            west, south, east, north = (float(part) for part in (text or "")[:80].split(","))
        except ValueError:
            return None
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # nor is what is not a number
            return None
        return cls.of(west, south, east, north)

    @classmethod
    def around(cls, spots: Sequence[Spot]) -> Self:
        """A view of these places with some room, the whole world for none."""
        if not spots:
            return WORLD  # type: ignore[return-value]
        wests, norths = [spot.longitude for spot in spots], [spot.latitude for spot in spots]
        west, east, south, north = min(wests), max(wests), min(norths), max(norths)
        room = max(1.5, 0.12 * (east - west), 0.12 * (north - south))
        return cls.of(west - room, south - room, east + room, north + room)

    def zoomed(self, factor: float) -> Self:
        """The same middle, and `factor` times as much of the world."""
        x, y = (self.west + self.east) / 2, (self.south + self.north) / 2
        wide, high = factor * (self.east - self.west) / 2, factor * (self.north - self.south) / 2
        return self.of(x - wide, y - high, x + wide, y + high)

    def moved(self, right: float, up: float) -> Self:
        """The view beside this one; 1 is all of its width, or height."""
        dx, dy = right * (self.east - self.west), up * (self.north - self.south)
        return self.of(self.west + dx, self.south + dy, self.east + dx, self.north + dy)

    def holds(self, spot: Spot) -> bool:
        """Whether a place lies in it."""
        return self.west <= spot.longitude <= self.east and self.south <= spot.latitude <= self.north

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where on the drawing."""
        x = (longitude - self.west) / (self.east - self.west) * WIDTH
        return x, (self.north - latitude) / (self.north - self.south) * HEIGHT

    def __str__(self) -> str:
        return f"{self.west:g},{self.south:g},{self.east:g},{self.north:g}"


WORLD = View.of(-180, -52, 180, 84)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A place on the map: how many articles name it, surely or only ambiguously, and where its circle leads."""

    spot: Spot
    sure: int
    ambiguous: int
    address: str | None

    @property
    def words(self) -> str:
        """What its circle says when it is pointed at."""
        count = self.sure + self.ambiguous
        unsure = f", of {self.ambiguous:,} it is not sure" if self.ambiguous else ""
        return f"{self.spot.label}: {count:,} article{'s'[: count != 1]}{unsure}"


def drawn(view: View, dots: Sequence[Dot], label: str) -> Markup:
    """The map with the largest circles at the bottom, each a link."""
    most = max((dot.sure + dot.ambiguous for dot in dots), default=1)
    ordered = sorted(dots, key=lambda dot: -(dot.sure + dot.ambiguous))
    circles = Markup().join(_circle(view, dot, most) for dot in ordered)
    return Markup(
        '<svg class="map" viewBox="0 0 {} {}" role="group" aria-label="{}">'
        '<g aria-hidden="true"><path class="land" d="{}"/><path class="lines" d="{}"/></g>{}{}</svg>'
    ).format(WIDTH, HEIGHT, label, *_outlines(view), circles, _labels(view, ordered, most))


def _circle(view: View, dot: Dot, most: int) -> Markup:
    x, y = view.at(dot.spot.longitude, dot.spot.latitude)
    outer, inner = _radius(dot.sure + dot.ambiguous, most), _radius(dot.sure, most)
    shapes = Markup()
    if dot.ambiguous:
        shapes += Markup('<circle class="unsure" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(x, y, outer)
    if dot.sure:
        shapes += Markup('<circle class="sure" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(x, y, inner)
    if dot.address is None:
        return shapes
    link = Markup('<a href="{}" aria-label="{}"><title>{}</title>{}</a>')
    return link.format(dot.address, dot.words, dot.words, shapes)


def _radius(count: int, most: int) -> float:
    """Areas are as the counts are."""
    return max(_SMALLEST, _LARGEST * sqrt(count / most)) if count else 0.0


def _labels(view: View, ordered: Sequence[Dot], most: int) -> Markup:
    """Names of the largest, as far as none lies over another."""
    taken: list[tuple[float, float, float, float]] = []
    parts = []
    for dot in ordered[: 4 * _LABELS]:
        x, y = view.at(dot.spot.longitude, dot.spot.latitude)
        x += _radius(dot.sure + dot.ambiguous, most) + 3
        box = (x, y - 8, x + _LETTER * len(dot.spot.label), y + 8)
        if box[2] < WIDTH and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            parts.append(Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(x, y + 4, dot.spot.label))
        if len(taken) == _LABELS:
            break
    return Markup('<g aria-hidden="true">{}</g>').format(Markup().join(parts))


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# --- outlines ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _outlines(view: View) -> tuple[str, str]:
    """The land and the lines between countries as SVG paths, of what is in view."""
    land, lines = _scale("110m" if view.east - view.west > _COARSE else "50m")
    rings = (_clipped(ring, view) for ring, box in land if _meets(box, view))
    stretches = (line for line, box in lines if _meets(box, view))
    return (
        "".join(f"{_path(ring, view)}z" for ring in rings if len(ring) > 2),
        "".join(_path(line, view) for line in stretches),
    )


@cache
def _scale(name: str) -> tuple[list[tuple[Ring, View]], list[tuple[Ring, View]]]:
    text = files("archive.gazetteer").joinpath("outlines.json").read_text(encoding="utf-8")
    kept = json.loads(text)[name]
    land, lines = ([_decoded(steps) for steps in kept[kind]] for kind in ("land", "lines"))
    return land, lines


def _decoded(steps: Sequence[int]) -> tuple[Ring, View]:
    """Points in degrees, and the box around them, of [x, y, dx, dy, …] in hundredths."""
    x = y = 0
    points = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / 100, y / 100))
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return points, View(min(xs), min(ys), max(xs), max(ys))


def _meets(box: View, view: View) -> bool:
    return box.west <= view.east and view.west <= box.east and box.south <= view.north and view.south <= box.north


def _clipped(ring: Ring, view: View) -> Ring:
    """What of a ring lies in view, and a little around it (Sutherland and Hodgman, 1974)."""
    room = 0.02 * (view.east - view.west)
    edges = ((0, view.west - room, 1), (0, view.east + room, -1), (1, view.south - room, 1), (1, view.north + room, -1))
    for axis, limit, sign in edges:
        if all(sign * point[axis] >= sign * limit for point in ring):
            continue
        ring = list(_cut(ring, axis, limit, sign))
    return ring


def _cut(ring: Ring, axis: int, limit: float, sign: int) -> Iterator[tuple[float, float]]:
    for place, point in enumerate(ring):
        before = ring[place - 1]
        inside, was_inside = sign * point[axis] >= sign * limit, sign * before[axis] >= sign * limit
        if inside != was_inside:
            part = (limit - before[axis]) / (point[axis] - before[axis])
            crossing = [before[n] + part * (point[n] - before[n]) for n in (0, 1)]
            yield (crossing[0], crossing[1])
        if inside:
            yield point


def _path(points: Ring, view: View) -> str:
    """An SVG path in whole units, each point beside the one before, without steps too small to be seen."""
    drawn_at = [(round(x), round(y)) for x, y in (view.at(*point) for point in points)]
    (x, y), steps = drawn_at[0], []
    begin = f"M{x} {y}"
    for next_x, next_y in drawn_at[1:]:
        if (next_x, next_y) != (x, y):
            steps.append(f"{next_x - x} {next_y - y}")
            x, y = next_x, next_y
    return f"{begin}l{' '.join(steps)}" if steps else ""

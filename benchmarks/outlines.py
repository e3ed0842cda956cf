"""`python -m benchmarks.outlines PACKAGE OUTPUT`: write the map's outlines from the npm package world-atlas.

PACKAGE is the folder of world-atlas 2.0.2 (`npm pack world-atlas`, unpacked), which carries Natural Earth 4.1 as
TopoJSON. Of its two smaller scales, 1:110m for the world and 1:50m for regions, the land and the lines between
countries are kept, in hundredths of a degree and simplified to as much; names and numbers of countries are not. Natural
Earth is in the public domain (https://www.naturalearthdata.com/about/terms-of-use/), world-atlas under the ISC licence.

The file is JSON: for each scale `land`, rings to be filled, and `lines`, both as [x, y, dx, dy, dx, dy, …].
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

SCALES = ("110m", "50m")
_HUNDREDTHS = 100
_WORLD = 360.0 * _HUNDREDTHS
_TOLERANCE = {"110m": 0.0, "50m": 2.0}  # hundredths of a degree: about two kilometres

Point = tuple[float, float]


def main() -> None:
    """Write the file."""
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    found: dict[str, Any] = {
        "source": "Natural Earth 4.1 (public domain), by way of world-atlas 2.0.2; see benchmarks/outlines.py"
    }
    for scale in SCALES:
        topology = json.loads((folder / f"countries-{scale}.json").read_text(encoding="utf-8"))
        found[scale] = outlines(topology, _TOLERANCE[scale])
    output.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{output}: {output.stat().st_size:,} bytes")


def outlines(topology: dict[str, Any], tolerance: float) -> dict[str, list[list[int]]]:
    """The land and the lines between countries of one scale."""
    arcs = [simplified(unwrapped(points), tolerance) for points in decoded(topology)]
    land = [ring for geometry in topology["objects"]["land"]["geometries"] for ring in rings(geometry)]
    owners: Counter[int] = Counter()
    for country in topology["objects"]["countries"]["geometries"]:
        owners.update({arc if arc >= 0 else ~arc for ring in rings(country) for arc in ring})
    lines = [deltas(arcs[arc]) for arc, count in sorted(owners.items()) if count > 1]
    filled = [deltas(copy) for ring in land for copy in copies(closed(unwrapped(joined(ring, arcs))))]
    return {"land": [ring for ring in filled if len(ring) >= 8], "lines": [line for line in lines if len(line) >= 4]}


def decoded(topology: dict[str, Any]) -> Iterator[list[Point]]:
    """The arcs in hundredths of a degree (https://github.com/topojson/topojson-specification#213-arcs)."""
    (kx, ky), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy, *_ in arc:
            x, y = x + dx, y + dy
            points.append(((x * kx + tx) * _HUNDREDTHS, (y * ky + ty) * _HUNDREDTHS))
        yield points


def rings(geometry: dict[str, Any]) -> Iterator[list[int]]:
    """The rings of a geometry, as numbers of arcs; ~n is arc n backwards."""
    arcs = geometry.get("arcs", [])
    polygons = arcs if geometry["type"] == "MultiPolygon" else [arcs]
    for polygon in polygons:
        yield from polygon


def joined(ring: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """A ring's points; each arc begins where the one before ends."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1 if points else 0 :]
    return points


def unwrapped(points: Sequence[Point]) -> list[Point]:
    """The points without jumps from one edge of the world to the other: 179° is followed by 181°."""
    found, offset = [points[0]], 0.0
    for (before, _), (x, y) in pairwise(points):
        offset -= _WORLD * round((x - before) / _WORLD)
        found.append((x + offset, y))
    return found


def closed(ring: list[Point]) -> list[Point]:
    """A ring that goes around the world, as Antarctica's does, is closed by way of the pole."""
    if abs(ring[-1][0] - ring[0][0]) < _WORLD / 2:
        return ring
    pole = -90.0 * _HUNDREDTHS
    return [*ring, (ring[-1][0], pole), (ring[0][0], pole)]


def copies(ring: list[Point]) -> Iterator[list[Point]]:
    """A ring that lies across the edge of the world is drawn at both edges."""
    yield ring
    for shift in (_WORLD, -_WORLD):
        xs = [x + shift for x, _ in ring]
        if min(xs) < _WORLD / 2 and max(xs) > -_WORLD / 2:
            yield [(x + shift, y) for x, y in ring]


def simplified(points: Sequence[Point], tolerance: float) -> list[Point]:
    """The points without those that lie within `tolerance` of the line (Douglas and Peucker, 1973)."""
    if not tolerance or len(points) < 3:
        return list(points)
    kept = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        far, place = 0.0, 0
        for number in range(first + 1, last):
            away = distance(points[number], points[first], points[last])
            if away > far:
                far, place = away, number
        if far > tolerance:
            kept.add(place)
            waiting += [(first, place), (place, last)]
    return [points[number] for number in sorted(kept)]


def distance(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a stretch."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    long = dx * dx + dy * dy
    along = 0.0 if not long else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / long
    along = min(1.0, max(0.0, along))
    return float(((point[0] - start[0] - along * dx) ** 2 + (point[1] - start[1] - along * dy) ** 2) ** 0.5)


def deltas(points: Sequence[Point]) -> list[int]:
    """The first point, then steps from each to the next, without steps of nothing."""
    whole = [(round(x), round(y)) for x, y in points]
    found = [*whole[0]]
    for before, after in pairwise(whole):
        if before != after:
            found += [after[0] - before[0], after[1] - before[1]]
    return found


if __name__ == "__main__":
    main()

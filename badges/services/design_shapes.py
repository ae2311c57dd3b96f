"""Outlines of drawn badges: a path for each shape, drawn in as far as wanted, and the circle that fits into it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from badges.services.design_choices import Shape
from badges.services.outlines import Point, written

SIDE = 600  # units of a drawing, wide and high
RIM = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A shape: its outline `inset` units inside of the edge, and the circle in it that texts run along.

    `backing` is what lies behind it: a scalloped or pointed edge, for example. Of such a shape the rest is a disc.
    """

    outline: Callable[[float], str]
    x: float
    y: float
    radius: float
    backing: str = ""
    has_tails: bool = False


def frame_of(shape: str) -> Frame:
    """Return a shape by its name."""
    return FRAMES[Shape(shape)]


def circle(x: float, y: float, radius: float) -> str:
    """Return a circle as a path."""
    r, across = written(radius), written(2 * radius)
    return f"M{written(x - radius)} {written(y)}a{r} {r} 0 1 1 {across} 0a{r} {r} 0 1 1 -{across} 0Z"


def polygon(points: Sequence[Point], rounding: float = 0) -> str:
    """Return a closed path through the points; corners are rounded from so far before them."""
    if not rounding:
        return "M" + "L".join(f"{written(x)} {written(y)}" for x, y in points) + "Z"
    pieces: list[str] = []
    for number, (x, y) in enumerate(points):
        before, after = points[number - 1], points[(number + 1) % len(points)]
        start, end = _towards((x, y), before, rounding), _towards((x, y), after, rounding)
        pieces.append(
            f"{'L' if pieces else 'M'}{written(start[0])} {written(start[1])}"
            f"Q{written(x)} {written(y)} {written(end[0])} {written(end[1])}"
        )
    return "".join(pieces) + "Z"


def at(x: float, y: float, radius: float, degrees: float) -> Point:
    """Return the point at an angle, clockwise from the top."""
    angle = math.radians(degrees)
    return x + radius * math.sin(angle), y - radius * math.cos(angle)


def star(
    x: float, y: float, radius: float, *, points: int = 5, depth: float = 0.5, rounding: float = 0
) -> str:
    """Return a star: `depth` is the inner radius as part of the outer one."""
    corners = [
        at(x, y, radius if number % 2 == 0 else radius * depth, number * 180 / points)
        for number in range(2 * points)
    ]
    return polygon(corners, rounding)


def _towards(point: Point, other: Point, distance: float) -> Point:
    length = math.dist(point, other)
    part = min(distance, length * 0.45) / length
    return point[0] + (other[0] - point[0]) * part, point[1] + (other[1] - point[1]) * part


def _regular(
    corners: int, radius: float, *, rounding: float, turned: float = 0, y: float = 300
) -> Callable[[float], str]:
    apothem = radius * math.cos(math.pi / corners)

    def outline(inset: float) -> str:
        scale = (apothem - inset) / apothem
        points = [at(300, y, radius * scale, turned + number * 360 / corners) for number in range(corners)]
        return polygon(points, rounding * scale)

    return outline


def _disc(y: float, radius: float) -> Callable[[float], str]:
    return lambda inset: circle(300, y, radius - inset)


def _scallops(y: float, radius: float, lobes: int) -> str:
    """Return a circle whose edge is made of arcs, `radius` being that of the outermost points."""
    half = math.pi / lobes
    bow = 1.2  # radius of an arc, as part of half of the distance between its ends
    inner = radius / (math.cos(half) + (bow - math.sqrt(bow**2 - 1)) * math.sin(half))
    points = [at(300, y, inner, number * 360 / lobes) for number in range(lobes)]
    arc = written(inner * math.sin(half) * bow)
    arcs = "".join(f"A{arc} {arc} 0 0 1 {written(px)} {written(py)}" for px, py in (*points[1:], points[0]))
    return f"M{written(points[0][0])} {written(points[0][1])}{arcs}Z"


def _shield(inset: float) -> str:
    left, right, top, bottom = 52 + inset, 548 - inset, 26 + inset, 586 - 1.25 * inset
    shoulder = 330 - inset * 0.3
    w = written
    return (
        f"M300 {w(top)}C{w(252)} {w(top + 34)} {w(150)} {w(top + 46)} {w(left + 14)} {w(top + 34)}"
        f"Q{w(left)} {w(top + 34)} {w(left)} {w(top + 50)}L{w(left)} {w(shoulder - 60)}"
        f"C{w(left)} {w(shoulder + 110)} {w(190 + inset * 0.4)} {w(bottom - 44)} 300 {w(bottom)}"
        f"C{w(410 - inset * 0.4)} {w(bottom - 44)} {w(right)} {w(shoulder + 110)} {w(right)} {w(shoulder - 60)}"
        f"L{w(right)} {w(top + 50)}Q{w(right)} {w(top + 34)} {w(right - 14)} {w(top + 34)}"
        f"C450 {w(top + 46)} 348 {w(top + 34)} 300 {w(top)}Z"
    )


def _square(inset: float) -> str:
    half = 276 - inset
    points = [
        (300 - half, 300 - half),
        (300 + half, 300 - half),
        (300 + half, 300 + half),
        (300 - half, 300 + half),
    ]
    return polygon(points, max(20, 92 - inset))


def _pennant(inset: float) -> str:
    left, right, top = 62 + inset, 538 - inset, 14 + inset
    points = [
        (left, top),
        (right, top),
        (right, 588 - inset * 1.7),
        (300, 520 - inset * 1.2),
        (left, 588 - inset * 1.7),
    ]
    return polygon(points, 26)


FRAMES = {
    Shape.CIRCLE: Frame(outline=_disc(300, 290), x=300, y=300, radius=270),
    Shape.SEAL: Frame(outline=_disc(300, 268), x=300, y=300, radius=248, backing=_scallops(300, 296, 30)),
    Shape.BURST: Frame(
        outline=_disc(300, 254),
        x=300,
        y=300,
        radius=234,
        backing=star(300, 300, 298, points=28, depth=0.89, rounding=7),
    ),
    Shape.ROSETTE: Frame(
        outline=_disc(244, 212), x=300, y=244, radius=192, backing=_scallops(244, 240, 22), has_tails=True
    ),
    Shape.HEXAGON: Frame(outline=_regular(6, 298, rounding=44), x=300, y=300, radius=238),
    Shape.OCTAGON: Frame(outline=_regular(8, 306, rounding=34, turned=22.5), x=300, y=300, radius=262),
    Shape.SHIELD: Frame(outline=_shield, x=300, y=286, radius=214),
    Shape.STAR: Frame(
        outline=_disc(310, 206),
        x=300,
        y=310,
        radius=186,
        backing=star(300, 316, 312, depth=0.58, rounding=34),
    ),
    Shape.SQUARE: Frame(outline=_square, x=300, y=300, radius=254),
    Shape.DIAMOND: Frame(outline=_regular(4, 306, rounding=64), x=300, y=300, radius=198),
    Shape.PENNANT: Frame(outline=_pennant, x=300, y=262, radius=208),
}

"""What is drawn on a badge's ground: patterns, borders, wreaths, ribbons, stars."""

import math
from collections.abc import Callable

from badges.services.design import Design
from badges.services.design_choices import Border, Pattern, Ribbon
from badges.services.design_colours import BLACK, WHITE, mixed
from badges.services.design_shapes import RIM, SIDE, Frame, at, circle, polygon, star
from badges.services.outlines import CAPITALS, around, straight, width_in_em, written

# Where sparks are, from the middle, and how large: parts of the radius.
SPARKS = (
    *((-0.62, -0.45, 0.1), (0.62, -0.5, 0.075), (-0.3, -0.8, 0.06), (0.32, -0.82, 0.09), (-0.82, 0.05, 0.07)),
    *((0.84, 0.06, 0.1), (-0.62, 0.5, 0.085), (0.58, 0.56, 0.07), (-0.2, 0.84, 0.08), (0.24, 0.82, 0.05)),
)


def pattern(name: str, frame: Frame, colour: str) -> str:
    """Return a pattern over the whole drawing; whoever calls cuts it to the ground."""
    drawn = _PATTERNS[name](frame) if name != Pattern.NONE else ""
    return drawn.replace("COLOUR", colour)


def border(name: str, frame: Frame, colour: str) -> str:
    """Return the line inside the rim."""
    line = f'<path d="{frame.outline(RIM + 9)}" fill="none" stroke="{colour}" stroke-linecap="round"'
    match name:
        case Border.LINE:
            return f'{line} stroke-width="3" stroke-opacity="0.8"/>'
        case Border.DOUBLE:
            inner = frame.outline(RIM + 16)
            return (
                f'{line} stroke-width="4" stroke-opacity="0.85"/>'
                f'<path d="{inner}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-opacity="0.85"/>'
            )
        case Border.STITCHES:
            return f'{line} stroke-width="4" stroke-dasharray="13 11" stroke-opacity="0.85"/>'
        case Border.BEADS:
            return f'{line} stroke-width="8" stroke-dasharray="0 16" stroke-opacity="0.9"/>'
    return ""


def wreath(frame: Frame, radius: float, size: float, colour: str, *, opening: float) -> str:
    """Return two laurel branches along a circle, from the bottom up to `opening` degrees from the top."""
    leaves = []
    step = math.degrees(size * 0.62 / radius)
    first = 176.0
    count = max(3, int((first - opening) / step))
    for number in range(count):
        degrees = first - number * (first - opening) / count
        length = size * (1 - 0.32 * number / count)
        for side in (1, -1):
            for lean, out in ((34, 1), (-34, -1)):
                x, y = at(frame.x, frame.y, radius + out * size * 0.03, side * degrees)
                leaves.append(_leaf(x, y, length, side * (degrees - 90 + lean)))
    arc_from, arc_to = at(frame.x, frame.y, radius, 176), at(frame.x, frame.y, radius, opening)
    mirrored_from, mirrored_to = at(frame.x, frame.y, radius, -176), at(frame.x, frame.y, radius, -opening)
    r, w = written(radius), written
    stems = (
        f"M{w(arc_from[0])} {w(arc_from[1])}A{r} {r} 0 0 0 {w(arc_to[0])} {w(arc_to[1])}"
        f"M{w(mirrored_from[0])} {w(mirrored_from[1])}A{r} {r} 0 0 1 {w(mirrored_to[0])} {w(mirrored_to[1])}"
    )
    return (
        f'<path d="{stems}" fill="none" stroke="{colour}" stroke-width="{w(size * 0.07)}" stroke-linecap="round"/>'
        f'<path d="{"".join(leaves)}" fill="{colour}"/>'
    )


def stars(count: int, x: float, y: float, size: float, colour: str) -> str:
    """Return a row of stars around a point, in one path."""
    left = x - (count - 1) * size * 1.2 / 2
    row = "".join(
        star(left + number * size * 1.2, y, size / 2, depth=0.45, rounding=size * 0.05)
        for number in range(count)
    )
    return f'<path d="{row}" fill="{colour}"/>' if row else ""


def tails(frame: Frame, colour: str) -> str:
    """Return the two ribbons that hang from a rosette."""
    dark = mixed(colour, BLACK, 0.28)
    drawn = []
    for side in (-1, 1):
        top, low = frame.y + 60, 588
        near, far = 300 + side * 18, 300 + side * 128
        points = [
            (near, top),
            (far, top),
            (far + side * 46, low - 30),
            (far - side * 18, low - 52),
            (near + side * 34, low),
        ]
        drawn.append(f'<path d="{polygon(points, 5)}" fill="{colour}"/>')
        fold = [(near, top), (near + side * 30, top), (near + side * 64, low - 18), (near + side * 34, low)]
        drawn.append(f'<path d="{polygon(fold, 4)}" fill="{dark}" fill-opacity="0.55"/>')
    return "".join(drawn)


def ribbon(design: Design, frame: Frame, y: float, height: float) -> str:
    """Return the ribbon with its text, its middle at `y`."""
    half = min(frame.radius * 0.98, 296 - height * 0.58)  # its ends stay in the drawing
    if design.ribbon == Ribbon.CURVED:
        return _curved_ribbon(design, frame.x, y, half, height)
    return _straight_ribbon(design, frame.x, y, half, height)


def _straight_ribbon(design: Design, x: float, y: float, half: float, height: float) -> str:
    accent, drop, fold, tail = design.accent, height * 0.26, height * 0.42, height * 0.58
    top, bottom = y - height / 2, y + height / 2
    back, front = [], []
    for side in (-1, 1):
        inner, edge, end = x + side * (half - fold), x + side * half, x + side * (half + tail)
        notch = end - side * height * 0.3
        ends = [
            (inner, top + drop),
            (end, top + drop),
            (notch, y + drop),
            (end, bottom + drop),
            (inner, bottom + drop),
        ]
        back.append(f'<path d="{polygon(ends, 3)}" fill="{mixed(accent, BLACK, 0.2)}"/>')
        corners = [(inner, bottom), (edge, bottom), (inner, bottom + drop)]
        back.append(f'<path d="{polygon(corners)}" fill="{mixed(accent, BLACK, 0.5)}"/>')
    face = [(x - half, top), (x + half, top), (x + half, bottom), (x - half, bottom)]
    front.append(f'<path d="{polygon(face, 3)}" fill="{accent}"/>')
    for line in (top + 6, bottom - 6):
        front.append(
            f'<path d="M{written(x - half)} {written(line)}H{written(x + half)}" stroke="{mixed(accent, WHITE, 0.45)}"'
            ' stroke-width="2" stroke-opacity="0.7"/>'
        )
    size = _fitting(design.shown(design.ribbon_text), (half - 14) * 2, height * 0.56)
    text = straight(design.shown(design.ribbon_text), x=x, y=y + size * CAPITALS / 2, size=size, spacing=0.05)
    front.append(f'<path d="{text}" fill="{design.ribbon_ink}"/>')
    return "".join([*back, *front])


def _curved_ribbon(design: Design, x: float, y: float, half: float, height: float) -> str:
    accent, radius, drop = design.accent, 620.0, height * 0.26
    # Its ends are lower than the front, and so farther out.
    half = min(half, 294 / (1 + (height / 2 + drop) / radius) - height * 0.55)
    centre = y - radius + 14
    angle = math.asin(half / radius)
    inner, outer = radius - height / 2, radius + height / 2
    fold, tail = height * 0.42 / radius, height * 0.55 / radius

    def point(angle: float, distance: float) -> tuple[float, float]:
        return x + distance * math.sin(angle), centre + distance * math.cos(angle)

    def band(start: float, end: float, low: float, high: float) -> str:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (
            point(start, low),
            point(end, low),
            point(end, high),
            point(start, high),
        )
        w, sweep = written, (0, 1) if end > start else (1, 0)
        return (
            f"M{w(ax)} {w(ay)}A{w(low)} {w(low)} 0 0 {sweep[0]} {w(bx)} {w(by)}"
            f"L{w(cx)} {w(cy)}A{w(high)} {w(high)} 0 0 {sweep[1]} {w(dx)} {w(dy)}Z"
        )

    drawn = []
    for side in (-1, 1):
        near, edge, end = side * (angle - fold), side * angle, side * (angle + tail)
        notch = point(end - side * height * 0.3 / radius, radius + drop)
        corners = [
            point(near, inner + drop),
            point(end, inner + drop),
            notch,
            point(end, outer + drop),
            point(near, outer + drop),
        ]
        drawn.append(f'<path d="{polygon(corners, 3)}" fill="{mixed(accent, BLACK, 0.2)}"/>')
        corners = [point(near, outer), point(edge, outer), point(near, outer + drop)]
        drawn.append(f'<path d="{polygon(corners)}" fill="{mixed(accent, BLACK, 0.5)}"/>')
    drawn.append(f'<path d="{band(-angle, angle, inner, outer)}" fill="{accent}"/>')
    for low in (inner + 5, outer - 7):
        drawn.append(
            f'<path d="{band(-angle, angle, low, low + 2)}" fill="{mixed(accent, WHITE, 0.45)}" fill-opacity="0.7"/>'
        )
    size = _fitting(design.shown(design.ribbon_text), (half - 14) * 2, height * 0.56)
    text = around(
        design.shown(design.ribbon_text),
        x=x,
        y=centre,
        radius=radius + size * CAPITALS / 2,
        size=size,
        spacing=0.05,
        is_below=True,
    )
    drawn.append(f'<path d="{text}" fill="{design.ribbon_ink}"/>')
    return "".join(drawn)


def _fitting(text: str, width: float, size: float) -> float:
    """Return the size at which a text goes into a width, at most `size`."""
    return min(size, width / max(width_in_em(text, 0.05), 0.1))


def _leaf(x: float, y: float, length: float, heading: float) -> str:
    """Return a leaf as a path: its stalk at (x, y), its tip towards `heading` degrees, clockwise from the top."""
    tip = at(x, y, length, heading)
    left, right = at(x, y, length * 0.55, heading - 32), at(x, y, length * 0.55, heading + 32)
    w = written
    return f"M{w(x)} {w(y)}Q{w(left[0])} {w(left[1])} {w(tip[0])} {w(tip[1])}Q{w(right[0])} {w(right[1])} {w(x)} {w(y)}Z"


def _rays(frame: Frame) -> str:
    wedges = "".join(
        polygon(
            [
                (frame.x, frame.y),
                at(frame.x, frame.y, 460, degrees - 4.5),
                at(frame.x, frame.y, 460, degrees + 4.5),
            ]
        )
        for degrees in range(0, 360, 18)
    )
    return f'<path d="{wedges}" fill="COLOUR" fill-opacity="0.45"/>'


def _guilloche(frame: Frame) -> str:
    ellipses = "".join(
        f'<ellipse cx="{frame.x:g}" cy="{frame.y:g}" rx="{frame.radius * 1.12:g}" ry="{frame.radius * 0.52:g}"'
        f' transform="rotate({degrees} {frame.x:g} {frame.y:g})"/>'
        for degrees in range(0, 180, 9)
    )
    return f'<g fill="none" stroke="COLOUR" stroke-width="1.6" stroke-opacity="0.75">{ellipses}</g>'


def _rings(frame: Frame) -> str:
    rings = "".join(circle(frame.x, frame.y, radius) for radius in range(26, 420, 24))
    return f'<path d="{rings}" fill="none" stroke="COLOUR" stroke-width="7" stroke-opacity="0.5"/>'


def _dots(_frame: Frame) -> str:
    # A line without length and with round ends is a dot.
    dots = "".join(
        f"M{x + (15 if row % 2 else 0)} {y}h0"
        for row, y in enumerate(range(9, SIDE, 26))
        for x in range(0, SIDE, 30)
    )
    return f'<path d="{dots}" stroke="COLOUR" stroke-width="9" stroke-linecap="round" stroke-opacity="0.55"/>'


def _stripes(_frame: Frame) -> str:
    lines = "".join(f"M{x} {SIDE}l{SIDE} {-SIDE}" for x in range(-SIDE, SIDE, 34))
    return f'<path d="{lines}" stroke="COLOUR" stroke-width="12" stroke-opacity="0.45"/>'


def _grid(_frame: Frame) -> str:
    lines = "".join(f"M{place} 0V{SIDE}M0 {place}H{SIDE}" for place in range(14, SIDE, 26))
    return f'<path d="{lines}" stroke="COLOUR" stroke-width="2.5" stroke-opacity="0.6"/>'


def _waves(_frame: Frame) -> str:
    lines = "".join(f"M-20 {y}q15 -16 30 0" + "t30 0" * 21 for y in range(10, SIDE + 20, 26))
    return f'<path d="{lines}" fill="none" stroke="COLOUR" stroke-width="4" stroke-opacity="0.6"/>'


def _sparks(frame: Frame) -> str:
    radius = frame.radius
    sparks = "".join(
        star(frame.x + x * radius, frame.y + y * radius, size * radius, points=4, depth=0.24)
        for x, y, size in SPARKS
    )
    return f'<path d="{sparks}" fill="COLOUR" fill-opacity="0.9"/>'


_PATTERNS: dict[str, Callable[[Frame], str]] = {
    Pattern.RAYS: _rays,
    Pattern.GUILLOCHE: _guilloche,
    Pattern.RINGS: _rings,
    Pattern.DOTS: _dots,
    Pattern.STRIPES: _stripes,
    Pattern.GRID: _grid,
    Pattern.WAVES: _waves,
    Pattern.SPARKS: _sparks,
}

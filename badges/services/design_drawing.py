"""Draw a badge's design as SVG: the same design gives the same bytes, and nothing in it is text of somebody.

Words become outlines, colours and choices were checked (badges.services.design): there is nowhere to put markup. Parts stand
on each other with flat shadows; there are no filters, style sheets or fonts, so that all software shows the same.
"""

import base64
import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import gettext as _

from badges.services.design import Design
from badges.services.design_choices import Border, Centre, Fill, Pattern, Ribbon
from badges.services.design_colours import BLACK, WHITE, contrast, mixed
from badges.services.design_emblems import SIZE, emblem_drawing
from badges.services.design_parts import border, pattern, ribbon, stars, tails, wreath
from badges.services.design_shapes import RIM, SIDE, Frame, circle, frame_of
from badges.services.outlines import CAPITALS, around, straight, width_in_em
from config.exceptions import InvalidInput

SPACING = 0.09  # between letters along the edge, in em
SMALLEST = 13.0  # units: about as small as letters can be read on a badge of 300 pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Where the parts of a design stand."""

    frame: Frame
    band: float  # how wide the ring of texts is; 0 without one
    inner: float  # radius of what is inside of it
    ribbon_y: float
    ribbon_height: float  # 0 without a ribbon


def draw_design(design: Design, *, logo: bytes | None = None) -> bytes:
    """Return a design as SVG. `logo` is a PNG for the middle, where the design asks for one; without it there is a gap.

    Raises InvalidInput with the name of a text that does not fit into its place.
    """
    return _drawn(design, logo if design.centre == Centre.LOGO else None)


@lru_cache(maxsize=256)
def _drawn(design: Design, logo: bytes | None) -> bytes:
    plan = _plan_of(design)
    frame = plan.frame
    # Names in one file must not meet those of another one that stands in the same page.
    prefix = "d" + hashlib.sha256(json.dumps(design.kept(), sort_keys=True).encode()).hexdigest()[:10]
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">',
        _definitions(design, plan, prefix),
        tails(frame, design.accent) if frame.has_tails else "",
    ]
    if frame.backing:
        pieces.append(f'<path d="{frame.backing}" fill="url(#{prefix}rim)"/>')
        pieces.append(
            f'<path d="{frame.outline(0)}" fill="{mixed(design.rim, BLACK, 0.3)}" fill-opacity="0.55"/>'
        )
        pieces.append(f'<path d="{frame.outline(5)}" fill="{mixed(design.rim, WHITE, 0.35)}"/>')
    else:
        pieces.append(f'<path d="{frame.outline(0)}" fill="url(#{prefix}rim)"/>')
        pieces.append(
            f'<path d="{frame.outline(RIM - 4)}" fill="{mixed(design.rim, BLACK, 0.35)}" fill-opacity="0.7"/>'
        )
    pieces += [
        _ground(design, plan, prefix),
        border(design.border, frame, design.rim if frame.backing or _stands_out(design) else design.ink),
        _words_around(design, plan),
        _middle(design, plan, logo),
    ]
    if plan.ribbon_height:
        pieces.append(ribbon(design, frame, plan.ribbon_y, plan.ribbon_height))
    return "".join([*pieces, "</svg>"]).encode()


def _stands_out(design: Design) -> bool:
    return contrast(design.rim, design.second if design.has_band else design.ground) >= 1.8


def _plan_of(design: Design) -> _Plan:
    frame = frame_of(design.shape)
    has_ring = bool(design.top or design.bottom or design.has_band or design.border == Border.WREATH)
    edge = frame.radius - (14 if design.border not in {Border.NONE, Border.WREATH} else 4)
    frame = replace(frame, radius=edge)
    band = edge * 0.235 if has_ring else 0.0
    height = edge * 0.33 if design.ribbon != Ribbon.NONE else 0.0
    # Words below need room under the ribbon, and so do the ribbon's ends.
    ribbon_y = frame.y + edge * (0.3 if design.bottom else 0.5)
    return _Plan(
        frame=frame,
        band=band,
        inner=edge - band if has_ring else edge - 6,
        ribbon_y=ribbon_y,
        ribbon_height=height,
    )


def _definitions(design: Design, plan: _Plan, prefix: str) -> str:
    frame = plan.frame
    rim = (
        f'<linearGradient id="{prefix}rim" x1="0" y1="0" x2="0.35" y2="1"><stop offset="0" stop-color="'
        f'{mixed(design.rim, WHITE, 0.32)}"/><stop offset="0.5" stop-color="{design.rim}"/><stop offset="1" stop-color="'
        f'{mixed(design.rim, BLACK, 0.24)}"/></linearGradient>'
    )
    ends = {
        Fill.PLAIN: (design.ground, design.ground),
        Fill.GRADIENT: (design.ground, design.second),
        Fill.GLOW: (mixed(design.ground, WHITE, 0.24), design.ground),
    }[Fill(design.fill)]
    stops = f'<stop offset="0" stop-color="{ends[0]}"/><stop offset="1" stop-color="{ends[1]}"/>'
    if design.fill == Fill.GLOW:
        ground = (
            f'<radialGradient id="{prefix}ground" gradientUnits="userSpaceOnUse" cx="{frame.x:g}" cy="{frame.y - 30:g}"'
            f' r="{frame.radius * 1.05:g}">{stops}</radialGradient>'
        )
    else:
        ground = f'<linearGradient id="{prefix}ground" x1="0" y1="0" x2="0" y2="1">{stops}</linearGradient>'
    inside = circle(frame.x, frame.y, plan.inner) if design.has_band else frame.outline(RIM)
    return f'<defs>{rim}{ground}<clipPath id="{prefix}inside"><path d="{inside}"/></clipPath></defs>'


def _ground(design: Design, plan: _Plan, prefix: str) -> str:
    """Return the ground with its pattern, and the ring of texts where it has a colour of its own."""
    frame = plan.frame
    pieces = []
    if design.has_band:
        pieces.append(f'<path d="{frame.outline(RIM)}" fill="{design.second}"/>')
        pieces.append(
            f'<path d="{circle(frame.x, frame.y, plan.inner + 3)}" fill="{mixed(design.rim, design.second, 0.25)}"/>'
        )
        ground = circle(frame.x, frame.y, plan.inner)
    else:
        ground = frame.outline(RIM)
    pieces.append(f'<path d="{ground}" fill="url(#{prefix}ground)"/>')
    if design.pattern != Pattern.NONE:
        # On a ground that ends in the second colour that one would not be seen below: a lighter one is.
        colour = design.second if design.fill != Fill.GRADIENT else mixed(design.ground, WHITE, 0.18)
        within = replace(frame, radius=plan.inner) if design.has_band else frame
        drawn = pattern(design.pattern, within, colour)
        pieces.append(f'<g clip-path="url(#{prefix}inside)">{drawn}</g>')
    return "".join(pieces)


def _words_around(design: Design, plan: _Plan) -> str:
    """Return the texts along the edge, or a wreath where there is room for one."""
    frame, band = plan.frame, plan.band
    if not band:
        return ""
    base, size = frame.radius - band / 2, band * 0.6
    pieces = []
    top_width = bottom_width = 0.0
    has_wreath = design.border == Border.WREATH and not design.bottom
    if design.top:
        widest = (
            _room_above(design) if plan.ribbon_height else 112.0 if design.bottom or has_wreath else 150.0
        )
        text = design.shown(design.top)
        top_size, top_width = _fitted(text, base, size, widest, "top")
        path = around(
            text, x=frame.x, y=frame.y, radius=base - top_size * CAPITALS / 2, size=top_size, spacing=SPACING
        )
        pieces.append(f'<path d="{path}" fill="{design.ink}"/>')
    if design.bottom:
        widest = 112.0 if not plan.ribbon_height else 54.0
        text = design.shown(design.bottom)
        bottom_size, bottom_width = _fitted(text, base, size, widest, "bottom")
        path = around(
            text,
            x=frame.x,
            y=frame.y,
            radius=base + bottom_size * CAPITALS / 2,
            size=bottom_size,
            spacing=SPACING,
            is_below=True,
        )
        pieces.append(f'<path d="{path}" fill="{design.ink}"/>')
    if has_wreath:
        opening = max(34.0, top_width / 2 + 14)
        pieces.append(
            wreath(
                frame, base, band * 0.56, design.rim if _stands_out(design) else design.ink, opening=opening
            )
        )
    elif not plan.ribbon_height and top_width + bottom_width < 300 and (design.bottom or design.has_band):
        middle = 90 + (top_width - bottom_width) / 4
        pieces.append(
            _separators(frame, base, band, middle, design.rim if _stands_out(design) else design.ink)
        )
    return "".join(pieces)


def _room_above(design: Design) -> float:
    """Return how many degrees to each side the text at the top may go before the ribbon covers it."""
    if design.ribbon == Ribbon.CURVED:
        return 78.0 if design.bottom else 92.0
    return 86.0 if design.bottom else 102.0


def _separators(frame: Frame, radius: float, band: float, degrees: float, colour: str) -> str:
    angle = math.radians(degrees)
    places = [
        (frame.x + side * radius * math.sin(angle), frame.y - radius * math.cos(angle)) for side in (-1, 1)
    ]
    return "".join(stars(1, x, y, band * 0.36, colour) for x, y in places)


def _fitted(text: str, radius: float, size: float, widest: float, field: str) -> tuple[float, float]:
    """Return the size at which a text goes around no more than `widest` degrees to each side, and its degrees in all."""
    em = width_in_em(text, SPACING)
    size = min(size, radius * math.radians(2 * widest) / em)
    if size < SMALLEST:
        raise InvalidInput(
            _("This is too long for its place: the letters would be too small to read. Shorten it."),
            field=field,
        )
    return size, math.degrees(em * size / radius)


def _middle(design: Design, plan: _Plan, logo: bytes | None) -> str:
    """Return emblem or logo, text and stars, one under the other in the room that there is."""
    frame, inner = plan.frame, plan.inner
    # Where neither words nor a ring are in the way, the middle reaches farther out.
    is_open = not design.has_band and design.border != Border.WREATH
    upper = frame.y - (frame.radius if is_open and not design.top else inner) * 0.8
    lower = frame.y + (frame.radius if is_open and not design.bottom else inner) * 0.8
    if plan.ribbon_height:
        lower = plan.ribbon_y - plan.ribbon_height / 2 - inner * 0.09
    room, gap = lower - upper, inner * 0.1
    has_picture = design.centre == Centre.EMBLEM or logo is not None
    text = design.text
    text_height = 0.0
    text_size = 0.0
    if text:
        widest = inner * (1.25 if has_picture else 1.55)
        text_size = min(
            inner * (0.34 if has_picture else 0.95), widest / width_in_em(text), room * 0.7 / CAPITALS
        )
        text_height = text_size * CAPITALS
    star_size = inner * 0.24 if design.stars else 0.0
    picture = 0.0
    if has_picture:
        taken = sum(height + gap for height in (text_height, star_size) if height)
        picture = min(room - taken, inner * 1.12)
    heights = [height for height in (picture, text_height, star_size) if height]
    y = upper + (room - sum(heights) - gap * max(0, len(heights) - 1)) / 2
    pieces = []
    if picture:
        left = frame.x - picture / 2
        pieces.append(_logo(logo, left, y, picture) if logo else _emblem(design, left, y, picture))
        y += picture + gap
    if text:
        path = straight(text, x=frame.x, y=y + text_height, size=text_size)
        pieces.append(f'<path d="{path}" fill="{design.ink}"/>')
        y += text_height + gap
    if design.stars:
        colour = design.accent if contrast(design.accent, design.ground) >= 1.8 else design.ink
        pieces.append(stars(design.stars, frame.x, y + star_size / 2, star_size, colour))
    return "".join(pieces)


def _emblem(design: Design, left: float, top: float, size: float) -> str:
    drawing, scale = emblem_drawing(design.emblem), size / SIZE
    low = top + size * 0.03
    return (
        f'<g transform="translate({left:.1f} {low:.1f}) scale({scale:.4f})" fill="#000000" fill-opacity="0.2">{drawing}</g>'
        f'<g transform="translate({left:.1f} {top:.1f}) scale({scale:.4f})" fill="{design.ink}">{drawing}</g>'
    )


def _logo(logo: bytes, left: float, top: float, size: float) -> str:
    """Return the logo on a white disc, as most logos are made for white paper."""
    x, y, radius = left + size / 2, top + size / 2, size * 0.56
    side = radius * 1.36
    return (
        f'<path d="{circle(x, y + size * 0.02, radius)}" fill="#000000" fill-opacity="0.18"/>'
        f'<path d="{circle(x, y, radius)}" fill="#ffffff"/>'
        f'<image x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}"'
        f' preserveAspectRatio="xMidYMid meet" href="data:image/png;base64,{base64.b64encode(logo).decode()}"/>'
    )

"""Colours of badge designs: mixed, measured for contrast, and put together to palettes."""

import colorsys
import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WHITE, BLACK = "#ffffff", "#000000"
PALE, DARK = "#ffffff", "#17211d"
READABLE = 3.0  # contrast of large text on its ground (WCAG 2.2, 1.4.3)
COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Five colours that go together; the fields are called as those of a design."""

    name: str
    label: str | Promise
    ground: str
    second: str
    rim: str
    accent: str
    ink: str


def _palette(name: str, label: str | Promise, colours: str) -> Palette:
    ground, second, rim, accent, ink = colours.split()
    return Palette(name=name, label=label, ground=ground, second=second, rim=rim, accent=accent, ink=ink)


PALETTES = (
    _palette("laurel", _("Laurel"), "#1d6b50 #0f4635 #d9a441 #d9a441 #ffffff"),
    _palette("night", _("Night"), "#1f3a8a #14245a #c9d3e8 #f2b632 #ffffff"),
    _palette("plum", _("Plum"), "#6b2a78 #431751 #e3bfe8 #f0a63c #ffffff"),
    _palette("ember", _("Ember"), "#b93a26 #7d1f17 #f3c77a #3a2320 #fff6e6"),
    _palette("lagoon", _("Lagoon"), "#0f7c8c #0a4f63 #bfe6e4 #f26b4e #ffffff"),
    _palette("graphite", _("Graphite"), "#2f3a40 #1a2226 #aab4b8 #e0a83a #f5f7f7"),
    _palette("parchment", _("Parchment"), "#fbf3e2 #efdcb4 #a8741a #8a2f26 #4a3312"),
    _palette("meadow", _("Meadow"), "#e9f5df #c4e3a9 #3f7d2c #2c5f9e #234a19"),
)


def palettes_of(colour: str) -> tuple[Palette, ...]:
    """Return the palettes, first two made of an organization's colour where it has one."""
    colour = colour.lower()
    if not COLOUR.fullmatch(colour):
        return PALETTES
    accent = turned(colour, 0.5)
    light = PALE if contrast(PALE, colour) >= READABLE else DARK
    return (
        Palette(
            name="own",
            label=_("Our colour"),
            ground=colour,
            second=mixed(colour, BLACK, 0.4) if light == PALE else mixed(colour, WHITE, 0.5),
            rim=mixed(colour, WHITE, 0.72) if light == PALE else mixed(colour, BLACK, 0.5),
            accent="#e0a83a" if contrast("#e0a83a", colour) > 2 else accent,
            ink=light,
        ),
        Palette(
            name="own_light",
            label=_("Our colour, light"),
            ground=mixed(colour, WHITE, 0.9),
            second=mixed(colour, WHITE, 0.72),
            rim=colour,
            accent=colour,
            ink=mixed(colour, BLACK, 0.45),
        ),
        *PALETTES,
    )


def mixed(colour: str, other: str, part: float) -> str:
    """Return a colour with a part of another one in it: 0 is the first, 1 the other."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * part):02x}" for one, two in pairs)


def turned(colour: str, part: float) -> str:
    """Return the colour that stands elsewhere on the colour wheel: 0.5 is opposite."""
    red, green, blue = (channel / 255 for channel in _channels(colour))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    values = colorsys.hls_to_rgb((hue + part) % 1, lightness, saturation)
    return "#" + "".join(f"{round(value * 255):02x}" for value in values)


def contrast(one: str, two: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(ground: str) -> str:
    """Return white or a near black, whichever reads better on a ground."""
    return PALE if contrast(PALE, ground) >= contrast(DARK, ground) else DARK


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

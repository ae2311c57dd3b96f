"""Ready-made designs to begin with, and variations of a design."""

import random
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from badges.services.design import MAX_TEXT, Design
from badges.services.design_choices import Border, Centre, Fill, Pattern, Ribbon, Shape
from badges.services.design_colours import READABLE, Palette, contrast, palettes_of
from badges.services.design_drawing import draw_design
from badges.services.outlines import normal, unwritable
from config.exceptions import InvalidInput

TRIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A ready-made design."""

    name: str
    label: str | Promise
    design: Design


def _sample(name: str, label: str | Promise, palette: str, design: Design) -> Sample:
    colours = next(one for one in palettes_of("") if one.name == palette)
    return Sample(name=name, label=label, design=in_palette(design, colours))


def in_palette(design: Design, palette: Palette) -> Design:
    """Return a design in other colours."""
    return replace(
        design,
        ground=palette.ground,
        second=palette.second,
        rim=palette.rim,
        accent=palette.accent,
        ink=palette.ink,
    )


SAMPLES = (
    _sample(
        "medal",
        _("Medal"),
        "laurel",
        Design(
            shape=Shape.CIRCLE,
            fill=Fill.GLOW,
            pattern=Pattern.RAYS,
            border=Border.BEADS,
            emblem="mortarboard-fill",
            ribbon=Ribbon.CURVED,
        ),
    ),
    _sample(
        "hexagon",
        _("Skill"),
        "night",
        Design(
            shape=Shape.HEXAGON,
            fill=Fill.GRADIENT,
            pattern=Pattern.GRID,
            border=Border.LINE,
            has_band=False,
            emblem="code-slash",
            stars=3,
        ),
    ),
    _sample(
        "laurels",
        _("Laurels"),
        "parchment",
        Design(
            shape=Shape.SEAL,
            fill=Fill.PLAIN,
            pattern=Pattern.GUILLOCHE,
            border=Border.WREATH,
            has_band=False,
            emblem="award-fill",
        ),
    ),
    _sample(
        "shield",
        _("Shield"),
        "ember",
        Design(
            shape=Shape.SHIELD,
            fill=Fill.GLOW,
            pattern=Pattern.STRIPES,
            border=Border.DOUBLE,
            has_band=False,
            emblem="shield-fill-check",
            ribbon=Ribbon.STRAIGHT,
        ),
    ),
    _sample(
        "rosette",
        _("Rosette"),
        "plum",
        Design(
            shape=Shape.ROSETTE,
            fill=Fill.GLOW,
            pattern=Pattern.NONE,
            border=Border.STITCHES,
            emblem="trophy-fill",
        ),
    ),
    _sample(
        "sunburst",
        _("Sunburst"),
        "lagoon",
        Design(
            shape=Shape.BURST,
            fill=Fill.GLOW,
            pattern=Pattern.WAVES,
            border=Border.NONE,
            emblem="globe-europe-africa-fill",
            ribbon=Ribbon.STRAIGHT,
        ),
    ),
    _sample(
        "star",
        _("Star"),
        "graphite",
        Design(
            shape=Shape.STAR,
            fill=Fill.GRADIENT,
            pattern=Pattern.NONE,
            border=Border.LINE,
            emblem="rocket-takeoff-fill",
        ),
    ),
    _sample(
        "pennant",
        _("Pennant"),
        "meadow",
        Design(
            shape=Shape.PENNANT,
            fill=Fill.PLAIN,
            pattern=Pattern.DOTS,
            border=Border.STITCHES,
            has_band=False,
            emblem="tree-fill",
        ),
    ),
)


def first_design(*, title: str, organization: str, colour: str) -> Design:
    """Return what the designer begins with: a medal in the organization's colour, with its name and the badge's title."""
    design = in_palette(SAMPLES[0].design, palettes_of(colour)[0])
    title, organization = _writable(title), _writable(organization)
    if len(title) <= MAX_TEXT["ribbon_text"]:
        return replace(design, top=_short(organization, "top"), ribbon_text=title)
    return replace(
        design, ribbon=Ribbon.NONE, top=_short(title, "top"), bottom=_short(organization, "bottom")
    )


def in_look_of(design: Design, sample: Design) -> Design:
    """Return a design in the look of another one; its words stay, and so does the ribbon that some of them are on."""
    kept = {name: getattr(design, name) for name in ("text", "top", "bottom", "ribbon_text", "is_capitals")}
    has_words = bool(design.ribbon_text) and sample.ribbon == Ribbon.NONE
    return replace(sample, **kept, ribbon=design.ribbon if has_words else sample.ribbon)


def varied(design: Design, *, colour: str, seed: int) -> Design:
    """Return a variation: other shape, look and colours, the same words and emblem, which fit into it.

    The same seed gives the same one; the design itself where its words are too long for any that was tried.
    """
    chance = random.Random(seed)  # noqa: S311 - a look, not a secret
    for _try in range(TRIES):
        variation = _variation(design, colour, chance)
        try:
            draw_design(variation)
        except InvalidInput:
            continue
        return variation
    return design


def _variation(design: Design, colour: str, chance: random.Random) -> Design:
    palettes = [one for one in palettes_of(colour) if contrast(one.ink, one.ground) >= READABLE]
    ribbons = [Ribbon.STRAIGHT, Ribbon.CURVED] if design.ribbon_text else [Ribbon.NONE]
    shape = chance.choice([one for one in Shape if one != design.shape])
    return in_palette(
        replace(
            design,
            shape=shape,
            fill=chance.choice(list(Fill)),
            pattern=chance.choice(list(Pattern)),
            border=chance.choice(list(Border)),
            has_band=chance.random() < 0.6,
            ribbon=chance.choice(ribbons),
            centre=design.centre if design.centre != Centre.NONE or design.text else Centre.EMBLEM,
        ),
        chance.choice(palettes),
    )


def _writable(text: str) -> str:
    return "" if unwritable(text) else normal(text)


def _short(text: str, field: str) -> str:
    return text if len(text) <= MAX_TEXT[field] else ""

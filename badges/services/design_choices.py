"""What can be chosen in the badge designer: the words that designs are kept in, and how they are called."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Shape(TextChoices):
    """The outline of a badge."""

    CIRCLE = "circle", _("Circle")
    SEAL = "seal", _("Scalloped seal")
    BURST = "burst", _("Sunburst")
    ROSETTE = "rosette", _("Rosette")
    HEXAGON = "hexagon", _("Hexagon")
    OCTAGON = "octagon", _("Octagon")
    SHIELD = "shield", _("Shield")
    STAR = "star", _("Star")
    SQUARE = "square", _("Rounded square")
    DIAMOND = "diamond", _("Diamond")
    PENNANT = "pennant", _("Pennant")


class Fill(TextChoices):
    """How the ground is coloured."""

    PLAIN = "plain", _("One colour")
    GRADIENT = "gradient", _("From the first colour to the second")
    GLOW = "glow", _("Light in the middle")


class Pattern(TextChoices):
    """What is drawn on the ground, in the second colour."""

    NONE = "none", _("None")
    RAYS = "rays", _("Rays")
    GUILLOCHE = "guilloche", _("Fine curves")
    RINGS = "rings", _("Rings")
    DOTS = "dots", _("Dots")
    STRIPES = "stripes", _("Stripes")
    GRID = "grid", _("Grid")
    WAVES = "waves", _("Waves")
    SPARKS = "sparks", _("Sparks")


class Border(TextChoices):
    """The line inside the rim."""

    NONE = "none", _("None")
    LINE = "line", _("Line")
    DOUBLE = "double", _("Double line")
    STITCHES = "stitches", _("Stitches")
    BEADS = "beads", _("Beads")
    WREATH = "wreath", _("Laurel wreath")


class Ribbon(TextChoices):
    """The ribbon across the badge."""

    NONE = "none", _("None")
    STRAIGHT = "straight", _("Straight")
    CURVED = "curved", _("Curved")


class Centre(TextChoices):
    """What stands in the middle, above the text there."""

    EMBLEM = "emblem", _("Emblem")
    LOGO = "logo", _("Our logo")
    NONE = "none", _("Nothing")

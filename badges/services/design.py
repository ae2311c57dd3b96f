"""A badge's design as values: read from what was kept or typed, checked, and written for keeping."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from badges.services.design_choices import Border, Centre, Fill, Pattern, Ribbon, Shape
from badges.services.design_colours import COLOUR, READABLE, contrast, readable_on
from badges.services.design_emblems import EMBLEMS
from badges.services.outlines import normal, unwritable
from config.exceptions import InvalidInput

EDITION = 1  # kept with each design: raise it when one of its words changes its meaning
MAX_STARS = 5
MAX_TEXT = {"top": 40, "bottom": 40, "text": 16, "ribbon_text": 24}
CHOICES: dict[str, type[TextChoices]] = {
    "shape": Shape,
    "fill": Fill,
    "pattern": Pattern,
    "border": Border,
    "centre": Centre,
    "ribbon": Ribbon,
}
COLOURS = ("ground", "second", "rim", "accent", "ink")
FLAGS = ("has_band", "is_capitals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How a badge is drawn. All values are checked; one without words is what the designer begins with."""

    shape: str = Shape.CIRCLE
    fill: str = Fill.GRADIENT
    pattern: str = Pattern.RAYS
    border: str = Border.LINE
    has_band: bool = True
    centre: str = Centre.EMBLEM
    emblem: str = "award-fill"
    text: str = ""
    top: str = ""
    bottom: str = ""
    is_capitals: bool = True
    ribbon: str = Ribbon.NONE
    ribbon_text: str = ""
    stars: int = 0
    ground: str = "#1d6b50"
    second: str = "#0f4635"
    rim: str = "#d9a441"
    accent: str = "#d9a441"
    ink: str = "#ffffff"

    def kept(self) -> dict[str, Any]:
        """Return the design as it is kept as JSON."""
        return {"edition": EDITION, **{name: _plain(value) for name, value in asdict(self).items()}}

    @property
    def words(self) -> tuple[str, ...]:
        """The texts on the badge, from the top down."""
        ribbon = self.ribbon_text if self.ribbon != Ribbon.NONE else ""
        return tuple(text for text in (self.top, self.text, ribbon, self.bottom) if text)

    def shown(self, text: str) -> str:
        """Return a text as it is written: in capitals where the design says so and there are such letters."""
        capitals = text.upper()
        return capitals if self.is_capitals and not unwritable(capitals) else text

    @property
    def hard_to_read(self) -> list[str]:
        """Return the colours that the text, or the emblem, hardly stands out from, by the names of their fields."""
        grounds = {"ground"}
        if self.fill == Fill.GRADIENT or self.has_band:
            grounds.add("second")
        return [
            name for name in COLOURS if name in grounds and contrast(self.ink, getattr(self, name)) < READABLE
        ]

    @property
    def ribbon_ink(self) -> str:
        """The colour of the text on the ribbon: that of the other texts where it can be read there."""
        return self.ink if contrast(self.ink, self.accent) >= READABLE else readable_on(self.accent)


NAMES = tuple(field.name for field in fields(Design))


def read_design(values: object) -> Design:
    """Return the design that JSON or a form holds; what is not said is as the designer begins.

    Raises InvalidInput with the name of the value at fault: for what no design has, colours other than #1d6b50, words that
    are too long or that cannot be written.
    """
    if not isinstance(values, Mapping):
        raise InvalidInput(_("A design must be an object."))
    if values.get("edition", EDITION) != EDITION:
        raise InvalidInput(_("This design was made by another version of the designer."), field="edition")
    for name in values:
        if name != "edition" and name not in NAMES:
            raise InvalidInput(_("A design does not have this."), field=str(name)[:100])
    return Design(**{name: _checked(name, values[name]) for name in NAMES if name in values})


def _checked(name: str, value: object) -> Any:
    if name in FLAGS:
        if not isinstance(value, bool):
            raise InvalidInput(_("This must be true or false."), field=name)
        return value
    if name == "stars":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_STARS:
            raise InvalidInput(_("Choose 0 to %(max)d stars.") % {"max": MAX_STARS}, field=name)
        return value
    if not isinstance(value, str):
        raise InvalidInput(_("This must be text."), field=name)
    if name in CHOICES:
        if value not in CHOICES[name].values:
            raise InvalidInput(_("Choose one of those that there are."), field=name)
        return value
    if name == "emblem":
        if value not in EMBLEMS:
            raise InvalidInput(_("Choose one of those that there are."), field=name)
        return value
    if name in COLOURS:
        if not COLOUR.fullmatch(value.lower()):
            raise InvalidInput(_("Use the form #1D6B50."), field=name)
        return value.lower()
    return _checked_words(name, value)


def _checked_words(name: str, value: str) -> str:
    text = normal(value[:1000])
    if len(text) > MAX_TEXT[name]:
        raise InvalidInput(
            _("Take at most %(max)d letters: more would be too small to read.") % {"max": MAX_TEXT[name]},
            field=name,
        )
    if letters := unwritable(text):
        raise InvalidInput(
            _("“%(letters)s” cannot be written on a drawn badge. Leave it out, or upload a picture.")
            % {"letters": letters[:20]},
            field=name,
        )
    return text


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value

"""What issuers type in the badge designer and choose of an uploaded picture: shape only, the services decide."""

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from badges.services.design import FLAGS, MAX_STARS, MAX_TEXT, NAMES, Design, read_design
from badges.services.design_choices import Border, Centre, Fill, Pattern, Ribbon, Shape
from badges.services.design_emblems import EMBLEMS
from organizations.cropping import Crop
from organizations.forms import RefusableForm

MIN_CROP = 0.05


def _choice(label: Any, choices: type[TextChoices], **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices.choices, **options)


def _colour(label: Any, **options: Any) -> forms.CharField:
    # A browser's own chooser of colours; without one it is a text field.
    return forms.CharField(
        label=label, max_length=7, widget=forms.TextInput(attrs={"type": "color", "maxlength": 7}), **options
    )


def _words(label: Any, name: str, **options: Any) -> forms.CharField:
    # Its length is checked by the service, so that too long a text is kept and said to be so.
    attributes = {"autocomplete": "off", "maxlength": MAX_TEXT[name]}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attributes), **options)


class DesignForm(RefusableForm):
    """A design; the fields are called as its values."""

    shape = _choice(_("Shape"), Shape, widget=forms.RadioSelect)
    ground = _colour(_("Ground"))
    second = _colour(
        _("Second colour"), help_text=_("Of the ring, the pattern, or the lower end of the ground.")
    )
    rim = _colour(_("Rim"))
    accent = _colour(_("Ribbon and stars"))
    ink = _colour(_("Words and emblem"))
    fill = _choice(_("How the ground is coloured"), Fill)
    pattern = _choice(_("Pattern"), Pattern)
    border = _choice(_("Line inside the rim"), Border)
    has_band = forms.BooleanField(label=_("A ring around the middle"), required=False)
    centre = _choice(_("In the middle"), Centre, widget=forms.RadioSelect)
    emblem = forms.ChoiceField(
        label=_("Emblem"),
        choices=[(name, words[0]) for name, words in EMBLEMS.items()],
        widget=forms.RadioSelect,
    )
    text = _words(_("Text in the middle"), "text", help_text=_("A year, a level, initials."))
    stars = forms.TypedChoiceField(
        label=_("Stars"), choices=[(number, number) for number in range(MAX_STARS + 1)], coerce=int
    )
    top = _words(_("Text at the top"), "top")
    bottom = _words(_("Text at the bottom"), "bottom")
    is_capitals = forms.BooleanField(label=_("In capital letters"), required=False)
    ribbon = _choice(_("Ribbon"), Ribbon)
    ribbon_text = _words(_("Text on the ribbon"), "ribbon_text")

    def __init__(self, *arguments: Any, has_logo: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not has_logo:
            choices = [choice for choice in Centre.choices if choice[0] != Centre.LOGO]
            self.fields["centre"].choices = choices  # type: ignore[attr-defined]

    def design(self) -> Design:
        """Return what was typed, checked. Raises InvalidInput with the name of the field at fault."""
        return read_design({name: self.cleaned_data[name] for name in NAMES})


def form_of(design: Design, *, has_logo: bool) -> DesignForm:
    """Return the form with a design in it, as if it had been typed: it is checked when it is drawn."""
    values = {name: value for name, value in design.kept().items() if name not in FLAGS or value}
    if not has_logo and design.centre == Centre.LOGO:
        values["centre"] = Centre.EMBLEM.value
    return DesignForm(
        {name: str(value) for name, value in values.items() if name != "edition"}, has_logo=has_logo
    )


class PictureForm(RefusableForm):
    """A picture of one's own, and which square of it to take: the middle where nothing is said."""

    image = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG, WebP or SVG, at most 5 MiB; best 600 by 600 pixels or more."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/svg+xml"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty. Choose a picture.")},
    )
    square = forms.ChoiceField(
        label=_("Badges are square"),
        choices=[("cut", _("Cut a square out of it")), ("whole", _("Show all of it, with room around"))],
        initial="cut",
        widget=forms.RadioSelect,
        required=False,
    )
    left = forms.FloatField(min_value=0, max_value=1, required=False, widget=forms.HiddenInput)
    top = forms.FloatField(min_value=0, max_value=1, required=False, widget=forms.HiddenInput)
    size = forms.FloatField(min_value=MIN_CROP, max_value=1, required=False, widget=forms.HiddenInput)

    def crop(self) -> Crop:
        """Return the square that was chosen."""
        chosen = {name: self.cleaned_data[name] for name in ("left", "top", "size")}
        return Crop(
            is_whole=self.cleaned_data["square"] == "whole",
            **{name: value for name, value in chosen.items() if value is not None},
        )


class BackgroundForm(RefusableForm):
    """A picture that stands behind the badge."""

    background_image = forms.FileField(
        label=_("Background"),
        help_text=_("PNG, JPEG or WebP, at most 5 MiB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty. Choose a picture.")},
    )

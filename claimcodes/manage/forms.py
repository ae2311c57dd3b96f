"""What issuers type about claim codes: shape only, the services decide."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from badges.models import BadgeTemplate
from claimcodes.models import ClaimCode
from claimcodes.services import MAX_AT_ONCE, MAX_LENGTH, MIN_RANDOM
from config.exceptions import RuleBroken
from organizations.forms import RefusableForm
from organizations.manage.forms import DayField, end_of_day
from organizations.models import Organization

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
RANDOM, OWN = "random", "own"
SINGLE, MULTI = "single", "multi"


class EndingForm(RefusableForm):
    """How often a code may be used, and until when."""

    max_uses = forms.IntegerField(
        label=_("At most so many people"),
        min_value=1,
        max_value=2_000_000_000,
        required=False,
        help_text=_("Empty: any number."),
        error_messages={"invalid": _("Enter a whole number.")},
    )
    expires_on = DayField(
        label=_("Can be used until"),
        required=False,
        help_text=_("The last day, in the organization's time zone. Empty: without end."),
    )

    def expires_at(self) -> datetime | None:
        """Return the end of the last day, where the organization is."""
        day = self.cleaned_data["expires_on"]
        return end_of_day(day) if day is not None else None


class NewCodesForm(EndingForm):
    """New codes of a template: many that are drawn, or one of one's own."""

    template = forms.ModelChoiceField(
        BadgeTemplate.objects.none(),
        to_field_name="uuid",
        label=_("Badge"),
        empty_label=_("Choose a badge"),
        error_messages={"required": _("Choose the badge that the codes are for.")},
    )
    uses = forms.ChoiceField(
        label=_("Who uses a code"),
        choices=[
            (SINGLE, _("One person: each gets a code of their own")),
            (MULTI, _("Many: everybody gets the same code, as on a poster")),
        ],
        initial=SINGLE,
        widget=forms.RadioSelect,
    )
    how = forms.ChoiceField(
        label=_("How the codes are made"),
        choices=[(RANDOM, _("Drawn at random: nobody can guess them")), (OWN, _("I type one code myself"))],
        initial=RANDOM,
        widget=forms.RadioSelect,
    )
    count = forms.IntegerField(
        label=_("How many codes"),
        min_value=1,
        max_value=MAX_AT_ONCE,
        initial=1,
        required=False,
        error_messages={"invalid": _("Enter a whole number.")},
    )
    begins_with = forms.CharField(
        label=_("They begin with"),
        max_length=MAX_LENGTH - MIN_RANDOM,
        required=False,
        help_text=_("Such as “SUMMER-”, so that people see what a code is for."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    length = forms.IntegerField(
        label=_("Random characters"),
        min_value=MIN_RANDOM,
        max_value=64,
        required=False,
        help_text=format_lazy(
            _("At least {least}. Empty: {usual}. Digits and the letters a to f: none that look alike."),
            usual=settings.CLAIM_CODE_LENGTH,
            least=MIN_RANDOM,
        ),
        error_messages={
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter at least %(limit_value)s: shorter codes could be guessed."),
        },
    )
    code = forms.CharField(
        label=_("Your code"),
        max_length=MAX_LENGTH,
        required=False,
        help_text=_("Whoever guesses it gets the badge, so make it long. Capital letters do not matter."),
        widget=forms.TextInput(attrs=PLAIN),
    )

    field_order = [
        *("template", "uses", "max_uses", "how", "count", "begins_with", "length", "code", "expires_on"),
    ]

    def __init__(self, data: Any = None, *, organization: Organization, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        templates = BadgeTemplate.objects.filter(organization=organization).issuable()
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = templates.select_related("current_version").order_by("current_version__title", "pk")

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal; the services call what codes begin with their prefix."""
        refusal.field = {"prefix": "begins_with", "codes": "code"}.get(refusal.field or "", refusal.field)
        super().refuse(refusal)

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen way needs."""
        values = super().clean() or {}
        if values.get("how") == OWN and not values.get("code"):
            self.add_error("code", _("Type the code that people will enter."))
        if values.get("how") == RANDOM and not values.get("count") and "count" not in self.errors:
            self.add_error("count", _("Enter how many codes you need."))
        if values.get("expires_on") and values["expires_on"] < timezone.localdate():
            self.add_error("expires_on", _("This day has passed."))
        return values


class CodeForm(EndingForm):
    """What of a code can change."""

    def __init__(self, data: Any = None, *, claim_code: ClaimCode) -> None:
        end = claim_code.expires_at
        day = timezone.localdate(end - timedelta(microseconds=1)) if end is not None else None
        super().__init__(data, initial={"max_uses": claim_code.max_uses, "expires_on": day})
        if not claim_code.is_multiuse:
            del self.fields["max_uses"]

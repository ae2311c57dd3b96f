"""What issuers type about their organization, its team, keys and wallet: shape only, the services decide."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.enums import ApiScope
from organizations.forms import RefusableForm

FIRST_DAY, LAST_DAY = (
    date(1900, 1, 1),
    date(9998, 12, 31),
)  # outside, a day may not begin and end on each clock


class DayInput(forms.DateInput):
    """A date, with the browser's own calendar."""

    input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%d", **options)


class DayField(forms.DateField):
    """A day that begins and ends on the clock of every organization: no slip of the year."""

    widget = DayInput
    default_error_messages = {"invalid": _("This is not a date.")}

    def validate(self, value: date | None) -> None:
        """Refuse years that nobody means."""
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(_("Check the year: days from 1900 to 9998 can be chosen."))


def end_of_day(day: date) -> datetime:
    """Return the moment at which a day is over, where the organization is."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class ApiKeyForm(RefusableForm):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What will use the key, such as “Moodle” or “Results of the exam office”."),
        error_messages={"required": _("Give the key a name that says what uses it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[
            (ApiScope.READ, _("Read: see templates, badges, earners and figures")),
            (ApiScope.ISSUE, _("Issue: issue and revoke badges, make claim codes")),
            (ApiScope.WRITE, _("Write: change templates, lists, members and settings")),
        ],
        initial=[ApiScope.READ, ApiScope.ISSUE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing that the key may do.")},
    )
    expires_on = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_("The last day, in the organization's time zone. Empty: until it is revoked."),
    )

    def expires_at(self) -> datetime | None:
        """Return the end of the last day, where the organization is."""
        day = self.cleaned_data["expires_on"]
        return end_of_day(day) if day is not None else None

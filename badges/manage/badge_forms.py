"""What issuers type about badges that were issued: corrections, and why one is revoked. Shape only, the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.enums import Visibility
from badges.models import Badge
from organizations.forms import RefusableForm

CORRECTED = ("recipient_email", "recipient_first_name", "recipient_last_name")


class BadgeForm(RefusableForm):
    """What may be changed of a badge; what cannot be corrected any more is not asked for."""

    recipient_email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Type the address of the earner.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    recipient_first_name = forms.CharField(
        label=_("First name"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    recipient_last_name = forms.CharField(
        label=_("Last name"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_announced = forms.BooleanField(
        label=_("Tell a new address of the badge by e-mail"), required=False, initial=True
    )
    is_public = forms.BooleanField(
        label=_("Listed in public"),
        required=False,
        help_text=_("Otherwise whoever has the link finds the badge."),
    )
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=20_000,
        help_text=_("For the organization alone: they stand neither in the badge nor on its page."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: Any = None, *, badge: Badge) -> None:
        super().__init__(
            data,
            initial={
                **{name: getattr(badge, name) for name in (*CORRECTED, "notes")},
                "is_public": badge.visibility == Visibility.PUBLIC,
                "is_announced": True,
            },
        )
        if not is_correctable(badge):
            for name in (*CORRECTED, "is_announced"):
                del self.fields[name]
        if badge.visibility == Visibility.HIDDEN:  # its earner decided that
            del self.fields["is_public"]

    def changes(self) -> dict[str, Any]:
        """Return what was changed, as change_badge takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "is_announced"}


def is_correctable(badge: Badge) -> bool:
    """Whether name and address of a badge can still be corrected."""
    return not (badge.is_revoked or badge.is_imported or badge.is_anonymous)


class RevocationForm(RefusableForm):
    """Why badges are revoked. `expected` is how many the page said they are."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        help_text=_("Public: it stands on the page of each badge. Do not name anybody."),
        error_messages={"required": _("Say why: the reason is public.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)

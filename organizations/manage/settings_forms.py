"""What issuers type about their organization: shape only, the services decide."""

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.exceptions import RuleBroken
from organizations.enums import AccountDeletion, Language, OrganizationActivity, OrganizationType
from organizations.forms import RefusableForm
from organizations.manage.rich_text import RichTextField
from organizations.models import Organization

PARTS = {
    "contact_info": {
        "email": _("E-mail address"),
        "name": _("Contact person: first name"),
        "last_name": _("Contact person: last name"),
        "mobile": _("Phone"),
        "tech_email": _("E-mail for technical matters"),
        "legal_email": _("E-mail for legal matters"),
    },
    "address_info": {
        "street": _("Street and number"),
        "postcode": _("Postcode"),
        "city": _("City"),
        "state": _("Province"),
        "region": _("Region"),
        "country": _("Country"),
    },
    "billing_info": {
        "legal_name": _("Registered name"),
        "vat": _("VAT number"),
        "fiscal_code": _("Tax code"),
        "code_dest": _("Recipient code for electronic invoices"),
        "certified_email": _("Certified e-mail"),
        "email": _("E-mail for invoices"),
    },
}


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones that people live in, by name."""
    names = (name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in sorted(names) if not name.startswith("Etc/")]


class ProfileForm(RefusableForm):
    """Who the organization is. Parts of contact, address and billing are fields named contact_info__email, ..."""

    name = forms.CharField(
        label=_("Name"),
        max_length=255,
        help_text=_("Stands in every badge, and above every mail."),
        error_messages={"required": _("Enter the name of the organization.")},
    )
    description = RichTextField(
        label=_("Description"), help_text=_("Two or three sentences for your public page.")
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp", "data-picture": ""}),
        help_text=_("PNG, JPEG or WebP of at most 5 MB; a square looks best."),
    )
    remove_logo = forms.BooleanField(label=_("Take the logo off"), required=False)
    color_primary = forms.CharField(
        label=_("Colour"),
        max_length=7,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "#1D6B50", "data-colour": ""}),
        help_text=_("Of your mails and certificates, in the form #1D6B50. Empty: Laurel's green."),
    )
    website = forms.CharField(label=_("Website"), max_length=2000, required=False, widget=forms.URLInput)
    type = forms.ChoiceField(label=_("Kind"), choices=OrganizationType.choices)
    activity = forms.ChoiceField(label=_("What you do"), choices=OrganizationActivity.choices)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("Of mails to earners, and of answers to programs."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("In which dates are read and shown, and months are counted.")
    )

    def __init__(self, data: Any, files: Any, *, organization: Organization) -> None:
        initial = {
            name: getattr(organization, name) for name in self.base_fields if hasattr(organization, name)
        }
        initial.pop("logo")
        self.has_logo = bool(organization.logo)
        for field, parts in PARTS.items():
            kept = getattr(organization, field)
            initial |= {f"{field}__{part}": kept.get(part) or "" for part in parts}
        super().__init__(data, files, initial=initial)
        for name, parts in PARTS.items():
            for part, label in parts.items():
                widget = forms.EmailInput if part.endswith("email") else forms.TextInput
                self.fields[f"{name}__{part}"] = forms.CharField(
                    label=label, max_length=255, required=False, widget=widget
                )
        zones = time_zones()
        if organization.time_zone not in dict(zones):
            zones.insert(0, (organization.time_zone, organization.time_zone))
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101  for the type checker
        zone.choices = zones

    def values(self) -> dict[str, Any]:
        """Return what update_organization takes; the logo apart."""
        values = {
            name: value
            for name, value in self.cleaned_data.items()
            if "__" not in name and name not in {"logo", "remove_logo"}
        }
        for field, parts in PARTS.items():
            values[field] = {part: self.cleaned_data[f"{field}__{part}"] or None for part in parts}
        if self.cleaned_data["remove_logo"] and not self.cleaned_data["logo"]:
            values["logo"] = ""
        return values

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal beside its field; those of parts are called "contact_info.email"."""
        if refusal.field is not None:
            refusal.field = refusal.field.replace(".", "__")
        super().refuse(refusal)

    def section(self, *names: str) -> list[forms.BoundField]:
        """Return some fields, in this order."""
        return [self[name] for name in names]

    @property
    def about(self) -> list[forms.BoundField]:
        """Name, description, website, kind."""
        return self.section("name", "description", "website", "type", "activity")

    @property
    def looks(self) -> list[forms.BoundField]:
        """Logo and colour."""
        return self.section("logo", *(["remove_logo"] if self.has_logo else []), "color_primary")

    @property
    def place(self) -> list[forms.BoundField]:
        """Language and time zone."""
        return self.section("language", "time_zone")

    @property
    def contact(self) -> list[forms.BoundField]:
        """How to reach it."""
        return self.section(*(f"contact_info__{part}" for part in PARTS["contact_info"]))

    @property
    def address(self) -> list[forms.BoundField]:
        """Where it is."""
        return self.section(*(f"address_info__{part}" for part in PARTS["address_info"]))

    @property
    def billing(self) -> list[forms.BoundField]:
        """What stands on invoices."""
        return self.section(*(f"billing_info__{part}" for part in PARTS["billing_info"]))


class PublicForm(RefusableForm):
    """What strangers see."""

    public_profile = forms.BooleanField(
        label=_("Public page"),
        required=False,
        help_text=_("Off: the organization has no page here. Badges stay up and verify."),
    )
    public_badge_templates = forms.BooleanField(
        label=_("Badges that can be earned"),
        required=False,
        help_text=_("Published templates stand on the public page."),
    )
    public_learning_paths = forms.BooleanField(
        label=_("Learning paths"),
        required=False,
        help_text=_("Published learning paths stand on the public page."),
    )
    public_badge_types = forms.BooleanField(
        label=_("Kinds of badges"),
        required=False,
        help_text=_(
            "The public page sorts its badges by kind: skills, knowledge, qualifications, participation."
        ),
    )


class PrivacyForm(RefusableForm):
    """What stays of badges whose earner deletes their account."""

    account_deletion = forms.ChoiceField(
        label=_("When an earner deletes their account, keep"),
        choices=AccountDeletion.choices,
        widget=forms.RadioSelect,
    )

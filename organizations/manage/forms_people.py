"""What people type on their way in, about themselves, and about their team: shape only, the services decide."""

import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from organizations.enums import Language, OrganizationType, Role
from organizations.forms import RefusableForm
from organizations.manage.settings_forms import time_zones
from organizations.models import User
from organizations.models.organizations import default_time_zone

MAX_NAME = 150
MAX_EMAIL = 254
MAX_PASSWORD = 4096  # as Django's own forms; hashing longer ones would only cost time


def _email(**options: Any) -> forms.EmailField:
    return forms.EmailField(
        max_length=MAX_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter an e-mail address."),
            "invalid": _("This is not a valid e-mail address."),
        },
        **options,
    )


def _password(label: Any, *, is_new: bool, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if is_new else "current-password"}),
        error_messages={"required": _("Enter a password.")},
        **options,
    )


class PersonForm(RefusableForm):
    """Name and password of a new account; `of_email` is its address, where it is known before."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Enter your first name.")},
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Enter your last name.")},
    )
    password = _password(
        _("Password"),
        is_new=True,
        help_text=_(
            "At least 10 characters: not your name, not digits alone, and nothing that many people use."
        ),
    )
    password_again = _password(_("The same password again"), is_new=True)

    def __init__(self, *args: Any, of_email: str = "", **options: Any) -> None:
        self.of_email = of_email
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        """Refuse passwords that differ, and those that are easily guessed."""
        values = super().clean() or self.cleaned_data
        password = values.get("password")
        if not password:
            return values
        if "password_again" in values and password != values["password_again"]:
            self.add_error("password_again", _("This is not the same as above."))
        person = User(
            email=values.get("email", self.of_email),
            first_name=values.get("first_name", ""),
            last_name=values.get("last_name", ""),
        )
        try:
            validate_password(password, user=person)
        except ValidationError as error:
            self.add_error("password", error)
        return values

    def person(self) -> dict[str, str]:
        """Return name, password, and the language of the page on which they were typed."""
        names = ("first_name", "last_name", "password")
        return {name: self.cleaned_data[name] for name in names} | {"language": spoken_language()}


class SignUpForm(PersonForm):
    """Who signs up."""

    email = _email(label=_("E-mail address"))
    field_order = ("first_name", "last_name", "email", "password", "password_again")


class NewOrganizationForm(RefusableForm):
    """What must be known of a new organization; all of it can be changed later."""

    name = forms.CharField(
        label=_("Name of the organization"),
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        help_text=_("Stands in every badge: the name by which people know you."),
        error_messages={"required": _("Enter the name of the organization.")},
    )
    type = forms.ChoiceField(
        label=_("Kind"), choices=OrganizationType.choices, initial=OrganizationType.PUBLIC
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, help_text=_("Of mails to those who earn badges.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("In which dates are read and shown."),
    )
    website = forms.CharField(
        label=_("Website"),
        max_length=2000,
        required=False,
        widget=forms.URLInput(attrs={"autocomplete": "url", "placeholder": "https://"}),
        help_text=_("Badges link to it."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"language": spoken_language(), "time_zone": default_time_zone()})
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        zones = time_zones()
        if default_time_zone() not in dict(zones):
            zones.insert(0, (default_time_zone(), default_time_zone()))
        field.choices = zones
        if not self.is_bound:  # what somebody chose stays
            field.widget.attrs["data-guess-time-zone"] = ""

    def clean_website(self) -> str:
        """Take an address as people type it: school.example.org."""
        website = str(self.cleaned_data["website"])
        return website if not website or re.match(r"[a-z]+://", website, re.I) else f"https://{website}"

    def fields_of_organization(self) -> dict[str, Any]:
        """Return what the service takes beside the name."""
        return {name: value for name, value in self.cleaned_data.items() if name != "name"}


class InviteForm(RefusableForm):
    """Whom to invite, as what."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One or several, separated by commas, spaces or line breaks."),
        error_messages={"required": _("Enter at least one e-mail address.")},
    )
    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
        initial=Role.ISSUER,
        error_messages={"required": _("Choose a role.")},
    )

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        field.choices = roles

    def addresses(self) -> list[str]:
        """Return what was typed, one by one; of "Ada Lovelace <ada@example.org>" the address."""
        text = re.sub(r"[^<>,;\n]*<([^<>]*)>", r" \1 ", self.cleaned_data["emails"])
        return [part for part in re.split(r"[\s,;]+", text) if part]


class RoleForm(forms.Form):
    """Another role."""

    role = forms.ChoiceField(choices=Role.choices)


class MyProfileForm(RefusableForm):
    """What one is called, and the language that one reads."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=MAX_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=MAX_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("en", "English"), ("it", "Italiano")],
        help_text=_("Of these pages, and of mails to you."),
    )


class AddressForm(RefusableForm):
    """Another address for one's own account."""

    email = _email(label=_("New e-mail address"))
    password = _password(_("Your password"), is_new=False)


class PasswordForm(RefusableForm):
    """One's own password, for what is sensitive."""

    password = _password(_("Your password"), is_new=False)


def spoken_language() -> str:
    """Return the language of the page that is being made."""
    language = (translation.get_language() or Language.ENGLISH)[:2]
    return language if language in Language.values else str(Language.ENGLISH)

"""What persons type to sign in and to settle their accounts: shape only, the services decide."""

from django import forms
from django.utils.translation import gettext_lazy as _

from earners.services.accounts import NAME_LENGTH
from earners.services.passkeys import NAME_LENGTH as PASSKEY_NAME_LENGTH
from earners.services.people import MAX_EMAIL
from organizations.forms import RefusableForm

PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


class EmailForm(RefusableForm):
    """An address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=MAX_EMAIL,
        widget=forms.EmailInput(attrs=PLAIN | {"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("This is not an e-mail address. It looks like name@example.org."),
        },
    )


class CodeForm(RefusableForm):
    """A mailed code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the six digits from the mail.")},
    )


class CollectionForm(RefusableForm):
    """The page on which a person shows their public badges."""

    is_shown = forms.BooleanField(label=_("Have a page with my public badges"), required=False)
    name = forms.CharField(
        label=_("Name on the page"),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class PasskeyForm(RefusableForm):
    """The name that a person gives to a passkey."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=PASSKEY_NAME_LENGTH,
        required=False,
        help_text=_("To tell it from others, such as “My phone”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

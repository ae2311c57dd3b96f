"""Who is to get a badge, as issuers type it: one person, pasted addresses, a list, a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.services.recipients import Recipients, recipients_of_file, recipients_of_text
from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS
from earners.enums import ListStatus
from earners.models import EarnersList
from earners.services import MAX_EMAIL, Person
from organizations.forms import RefusableForm
from organizations.models import Organization

MAX_FILE = 32 << 20  # bytes; 100,000 rows with some further columns
MAX_TEXT = 8_000_000  # characters; 100,000 lines, below what one request may have


class AudienceForm(RefusableForm):
    """A way of saying who: its answer is `recipients`, or for a list `earners_list`."""

    recipients: Recipients | None = None
    earners_list: EarnersList | None = None
    file_name = ""

    def __init__(self, *arguments: Any, organization: Organization, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.organization = organization

    def typed(self) -> dict[str, str]:
        """Return what was typed, to be shown again when somebody comes back."""
        return {}


class PersonForm(AudienceForm):
    """One person."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=MAX_EMAIL,
        error_messages={
            "required": _("Type the address of who is to get the badge."),
            "invalid": _("This is not an e-mail address. It looks like ada@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(
        label=_("First name"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=255,
        required=False,
        help_text=_("Stands on the badge. A name makes it worth more to whoever it is shown to."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Make the one recipient."""
        values: dict[str, Any] = super().clean() or {}
        for name in ("first_name", "last_name"):
            if UNSIGNABLE_CHARACTERS.search(values.get(name, "")):
                self.add_error(name, _("There are characters in the name that cannot be shown."))
        if not self.errors:
            self.recipients = Recipients(people=[Person(**values)])
        return values

    def typed(self) -> dict[str, str]:
        """Return address and names."""
        return {name: str(value) for name, value in self.cleaned_data.items()}


class PasteForm(AudienceForm):
    """Addresses as they are copied from a mail, a spreadsheet, a list."""

    addresses = forms.CharField(
        label=_("Addresses"),
        max_length=MAX_TEXT,
        help_text=_("One person to a line; cells copied from a spreadsheet are fine. At most 100,000."),
        error_messages={"required": _("Paste at least one e-mail address.")},
        widget=forms.Textarea(
            attrs={
                "rows": 10,
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": "Ada Lovelace <ada@example.org>\nalan@example.org; Alan; Turing\ngrace@example.org",
            }
        ),
    )

    def clean_addresses(self) -> str:
        """Read the lines."""
        text: str = self.cleaned_data["addresses"]
        try:
            self.recipients = recipients_of_text(text)
        except InvalidInput as refusal:
            raise forms.ValidationError(refusal.message) from refusal
        return text

    def typed(self) -> dict[str, str]:
        """Return the text."""
        return {"addresses": self.cleaned_data["addresses"]}


class ListForm(AudienceForm):
    """Everybody on a list."""

    list = forms.ModelChoiceField(
        label=_("List"),
        queryset=EarnersList.objects.none(),
        to_field_name="uuid",
        empty_label=_("Choose a list"),
        help_text=_(
            "Everybody who is on the list when you issue gets the badge, by the name that the list has."
        ),
        error_messages={
            "required": _("Choose a list."),
            "invalid_choice": _("There is no such list any more. Choose another one."),
        },
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field: Any = self.fields["list"]
        lists = EarnersList.objects.filter(organization=self.organization, status=ListStatus.ENABLED)
        field.queryset = lists.order_by("name", "pk")
        field.label_from_instance = _list_words

    def clean_list(self) -> EarnersList:
        """Refuse a list on which nobody is."""
        chosen: EarnersList = self.cleaned_data["list"]
        if not chosen.earners_count:
            raise forms.ValidationError(
                _("Nobody is on this list yet. Put people on it first, or choose another one.")
            )
        self.earners_list = chosen
        return chosen


class FileForm(AudienceForm):
    """A file of a spreadsheet or a learning platform."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # the reader says it better
        help_text=_(
            "CSV or Excel (.xlsx), at most 32 MB and 100,000 people. A column with e-mail addresses is enough."
        ),
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def clean_file(self) -> Any:
        """Read the file."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_FILE:
            raise forms.ValidationError(_("The file is larger than 32 MB. Leave out columns, or split it."))
        try:
            self.recipients = recipients_of_file(upload.file, name=upload.name)
        except InvalidInput as refusal:
            raise forms.ValidationError(refusal.message) from refusal
        self.file_name = upload.name
        return upload


FORMS: dict[str, type[AudienceForm]] = {
    "person": PersonForm,
    "paste": PasteForm,
    "list": ListForm,
    "file": FileForm,
}
SOURCES = {
    "person": (_("One person"), "person"),
    "paste": (_("Several addresses"), "list-ul"),
    "list": (_("A list"), "people"),
    "file": (_("A file"), "file-earmark-arrow-up"),
}


def _list_words(chosen: EarnersList) -> str:
    return f"{chosen.name} ({chosen.earners_count})"

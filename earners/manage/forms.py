"""What issuers type about earners and lists: shape only, the services decide."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from earners.enums import ListStatus, ListType
from earners.files import MEANING_NAMES, EarnersFile, Meaning, pasted
from earners.manage.uploads import MAX_BYTES
from earners.models import Earner, EarnersList
from earners.services import MAX_EMAIL
from earners.services.exporting import shown_value
from organizations.forms import RefusableForm
from organizations.models import Organization

MAX_NAME = 255
MAX_DESCRIPTION = 65_535
MAX_PASTED = 5_000_000  # characters
PLAIN = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
NOT_AN_ADDRESS = {
    "required": _("Enter the e-mail address."),
    "invalid": _("This is not an e-mail address. It looks like name@example.org."),
}


class PersonForm(RefusableForm):
    """Somebody's address and names."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=MAX_EMAIL,
        widget=forms.EmailInput(attrs=PLAIN),
        error_messages=NOT_AN_ADDRESS,
    )
    first_name = forms.CharField(
        label=_("First name"),
        max_length=MAX_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=MAX_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MemberForm(RefusableForm):
    """What a list says of somebody: names, and its further columns as fields `column_0`, `column_1` ..."""

    first_name = forms.CharField(label=_("First name"), max_length=MAX_NAME, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=MAX_NAME, required=False)

    def __init__(
        self, *args: Any, columns: list[str], metadata: dict[str, Any] | None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.columns = columns
        self.before = metadata or {}
        for number, column in enumerate(columns):
            self.fields[f"column_{number}"] = forms.CharField(
                label=column,
                required=False,
                max_length=MAX_DESCRIPTION,
                initial=shown_value(self.before.get(column)),
            )

    def changed_values(self) -> dict[str, Any]:
        """Return what change_membership takes: an emptied column goes, one that was not touched stays what it was."""
        values = self.cleaned_data
        metadata = {
            column: values[f"column_{number}"] or None
            for number, column in enumerate(self.columns)
            if values[f"column_{number}"] != shown_value(self.before.get(column))
        }
        fields = {"first_name": values["first_name"], "last_name": values["last_name"]}
        return {**fields, "metadata": metadata} if metadata else fields


class ListForm(RefusableForm):
    """A list."""

    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_NAME,
        help_text=_("Such as “Spring class” or “First aid, 12 March”."),
        error_messages={"required": _("Give the list a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=MAX_DESCRIPTION,
        required=False,
        help_text=_("For you and your colleagues."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ListChangeForm(ListForm):
    """A list that is there."""

    is_disabled = forms.BooleanField(
        label=_("Do not offer this list when badges are issued"),
        required=False,
    )

    def changed_values(self) -> dict[str, Any]:
        """Return what update_list takes."""
        values = self.cleaned_data
        return {
            "name": values["name"],
            "description": values["description"] or None,
            "status": ListStatus.DISABLED if values["is_disabled"] else ListStatus.ENABLED,
        }


class ImportForm(RefusableForm):
    """A file or pasted rows, and the list that they go to."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        max_length=255,
        help_text=_("Excel (.xlsx) or CSV, as your program exports it: any order of columns, any separator."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    rows = forms.CharField(
        label=_("Or paste rows"),
        required=False,
        max_length=MAX_PASTED,
        help_text=_("Copied from a spreadsheet, or one address to a line."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "wrap": "off"}),
    )
    earners_list = forms.ModelChoiceField(
        EarnersList.objects.none(),
        label=_("Put them on"),
        required=False,
        to_field_name="uuid",
        empty_label=_("A new list"),
        error_messages={"invalid_choice": _("This list is not there any more. Choose another one.")},
    )
    list_name = forms.CharField(
        label=_("Name of the new list"),
        required=False,
        max_length=MAX_NAME,
        help_text=_("Empty: it is called like the file. If there is a list of that name, they go on it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, organization: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        lists = EarnersList.objects.filter(organization=organization, type=ListType.LIST).order_by(
            "name", "pk"
        )
        self.fields["earners_list"].queryset = lists  # type: ignore[attr-defined]  # of a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        """Return the values with `content` and `name`: of one of the two ways, not of both."""
        values: dict[str, Any] = super().clean() or {}
        file, rows = values.get("file"), values.get("rows") or ""
        if file and rows:
            self.add_error("rows", _("Choose a file or paste rows, not both."))
        elif file:
            if file.size > MAX_BYTES:
                self.add_error(
                    "file",
                    _("The file is larger than %(limit)d MB, which is what this page takes. Split it.")
                    % {"limit": MAX_BYTES >> 20},
                )
            else:
                values |= {"content": file.read(), "name": file.name}
                values["list_name"] = values.get("list_name") or PurePath(file.name).stem[:MAX_NAME]
        elif rows:
            values |= {"content": pasted(rows), "name": ""}
            if not values.get("earners_list") and not values.get("list_name"):
                self.add_error("list_name", _("Give the new list a name, or choose one above."))
        elif not self.errors:
            self.add_error("file", _("Choose a file, or paste rows."))
        return values


class ColumnsForm(RefusableForm):
    """What each column of a file means, as fields `column_0`, `column_1` ..."""

    def __init__(self, *args: Any, file: EarnersFile, **options: Any) -> None:
        super().__init__(*args, **options)
        self.headings = list(file.columns)
        for number, (heading, meaning) in enumerate(file.columns.items()):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=heading,
                choices=[(one.value, capfirst(str(name))) for one, name in MEANING_NAMES.items()],
                initial=meaning.value,
                help_text=file.examples.get(heading, ""),
            )

    def meanings(self) -> dict[str, Meaning]:
        """Return what was chosen, by heading."""
        return {
            heading: Meaning(self.cleaned_data[f"column_{number}"])
            for number, heading in enumerate(self.headings)
        }


class MergeForm(RefusableForm):
    """Another earner of the organization, and whose address stays."""

    other = forms.ModelChoiceField(
        Earner.objects.none(),
        to_field_name="uuid",
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose whom to merge with."),
            "invalid_choice": _("This earner is gone. Choose another one."),
        },
    )
    stays = forms.ChoiceField(
        label=_("Which address stays"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which address stays.")},
    )

    def __init__(self, *args: Any, earner: Earner, other: Earner | None, **options: Any) -> None:
        super().__init__(*args, **options)
        others = Earner.objects.filter(organization=earner.organization_id).exclude(pk=earner.pk)
        self.fields["other"].queryset = others.exclude(email="")  # type: ignore[attr-defined]  # of a ModelChoiceField
        choices = [("this", earner.email), *([("other", other.email)] if other is not None else [])]
        self.fields["stays"].choices = choices  # type: ignore[attr-defined]  # of a ChoiceField

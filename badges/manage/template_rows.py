"""The rows of the template editor: criteria, what a badge is aligned to, results."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.credentials.admission import check_url
from badges.credentials.exceptions import Unsignable
from badges.credentials.vocabularies import ALIGNMENT_TYPES
from badges.services.shapes import MAX_ITEMS, MAX_TEXT
from organizations.forms import RefusableForm
from organizations.manage.rich_text import ListedField, TextLinesField

RESULT_NAMES = {
    "GradePointAverage": gettext_lazy("Grade point average"),
    "LetterGrade": gettext_lazy("Letter grade"),
    "Percent": gettext_lazy("Percent"),
    "PerformanceLevel": gettext_lazy("Performance level"),
    "PredictedScore": gettext_lazy("Predicted score"),
    "RawScore": gettext_lazy("Score"),
    "Result": gettext_lazy("Result"),
    "RubricCriterion": gettext_lazy("Criterion of a rubric"),
    "RubricCriterionLevel": gettext_lazy("Level of a criterion of a rubric"),
    "RubricScore": gettext_lazy("Score in a rubric"),
    "ScaledScore": gettext_lazy("Scaled score"),
    "Status": gettext_lazy("Passed or not"),
}


def check_address(value: str) -> None:
    """Raise ValidationError for what is not a full web address: links lead to http and https alone."""
    try:
        check_url("", value)
    except Unsignable as error:
        raise ValidationError(_(error.sentence) % error.values) from error


def _with_current(choices: Sequence[tuple[str, Any]], current: str) -> list[tuple[str, Any]]:
    """Return choices that have the current value too: programs may have given a term of their own."""
    return [*choices, *([(current, current)] if current and current not in dict(choices) else [])]


class RowForm(RefusableForm):
    """A row: empty it is none. `needed` must be filled in as soon as anything is."""

    needed: ClassVar[tuple[str, ...]] = ()
    # What an empty row has already, so that it stays an empty one.
    preset: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.item: dict[str, Any] = dict(self.initial)

    def clean(self) -> dict[str, Any]:
        """Ask for what is needed, unless the row is empty or taken out."""
        values = self.cleaned_data
        if values.get("DELETE") or self.is_blank:
            self.errors.clear()
            return values
        for name in self.needed:
            if not values.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed."))
        return values

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into the row."""
        return not any(
            self.data.get(self.add_prefix(name), "").strip()
            for name in self.fields
            if name not in (*self.preset, "DELETE")
        )

    @property
    def is_left_blank(self) -> bool:
        """Whether it shows nothing at all."""
        return not self.initial and self.is_blank and not self.errors

    def kept(self) -> dict[str, Any] | None:
        """Return the row as it is kept; None when it is empty, taken out, or wrong."""
        if not self.is_valid() or self.cleaned_data.get("DELETE") or self.is_blank:
            return None
        if not self.has_changed():
            return self.item  # as it came in, also where it says nothing in more than one way
        values = {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}
        return {name: value for name, value in values.items() if value or name in self.needed}


class CriterionForm(RowForm):
    """One of the things that it takes."""

    needed = ("description",)
    description = TextLinesField(
        label=gettext_lazy("What has to be done"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False)
    note = TextLinesField(
        label=gettext_lazy("Note for those who assess"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 1}),
    )

    preset = ("required",)


class AlignmentForm(RowForm):
    """What of a framework a badge corresponds to."""

    needed = ("name", "url")
    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    url = forms.CharField(
        label=gettext_lazy("Link"),
        max_length=2000,
        required=False,
        validators=[check_address],
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    code = forms.CharField(label=gettext_lazy("Code"), max_length=255, required=False)
    framework = forms.CharField(label=gettext_lazy("Framework"), max_length=255, required=False)
    description = TextLinesField(
        label=gettext_lazy("Description"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )
    type = forms.ChoiceField(label=gettext_lazy("Kind of entry"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(kind, kind) for kind in sorted(ALIGNMENT_TYPES)]
        self.fields["type"].choices = [  # type: ignore[attr-defined]
            ("", _("Not said")),
            *_with_current(kinds, str(self.initial.get("type") or "")),
        ]


class ResultForm(RowForm):
    """A result that badges may have, such as a grade."""

    needed = ("name",)
    preset = ("type",)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, required=False)
    type = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, initial="Result")
    id = forms.CharField(
        label=gettext_lazy("Id"),
        max_length=255,
        required=False,
        help_text=gettext_lazy("How programs name it. Left empty, it is made from the name."),
    )
    allowed_values = ListedField(
        label=gettext_lazy("Values that it may have"), help_text=gettext_lazy("One per line. Empty: any.")
    )
    value_min = forms.CharField(label=gettext_lazy("Lowest value"), max_length=255, required=False)
    value_max = forms.CharField(label=gettext_lazy("Highest value"), max_length=255, required=False)
    required_value = forms.CharField(label=gettext_lazy("Needed to pass"), max_length=255, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = sorted(RESULT_NAMES.items(), key=lambda item: str(item[1]))
        self.fields["type"].choices = _with_current(kinds, str(self.initial.get("type") or ""))  # type: ignore[attr-defined]

    def kept(self) -> dict[str, Any] | None:
        """Return the row with an id and a kind."""
        item = super().kept()
        if item is None or item is self.item:
            return item
        return item | {
            "id": item.get("id") or slugify(item["name"]) or "result",
            "type": item.get("type") or "Result",
        }


class RowSet(forms.BaseFormSet[RowForm]):
    """The rows of one list, and an empty one to go on with."""

    def kept(self) -> list[dict[str, Any]]:
        """Return the rows that are right, as they are kept."""
        return [item for form in self.forms if (item := form.kept()) is not None]

    @property
    def kept_forms(self) -> list[RowForm]:
        """The rows that `kept` is of."""
        return [form for form in self.forms if form.kept() is not None]


class ResultSet(RowSet):
    """Results, each with an id of its own, by which badges name it."""

    def clean(self) -> None:
        """Refuse an id that another row has."""
        seen: set[str] = set()
        for form in self.forms:
            wanted = form.cleaned_data.get("id") if form.kept() is not None else None
            if wanted and wanted in seen:
                form.add_error("id", _("Another result has this id."))
            seen.add(wanted or "")

    def kept(self) -> list[dict[str, Any]]:
        """Return the results; ids that were made from equal names are numbered."""
        items = super().kept()
        taken: set[str] = set()
        for position, item in enumerate(items):
            name, number = item["id"], 1
            while name in taken:
                number += 1
                name = f"{item['id']}-{number}"
            items[position] = item | {"id": name}
            taken.add(name)
        return items


def row_set(form: type[RowForm], formset: type[RowSet] = RowSet) -> type[RowSet]:
    """Return the class of a list of such rows."""
    made = forms.formset_factory(
        form, formset=formset, extra=1, can_delete=True, max_num=MAX_ITEMS, absolute_max=MAX_ITEMS + 10
    )
    return cast("type[RowSet]", made)


CriterionRows = row_set(CriterionForm)
AlignmentRows = row_set(AlignmentForm)
ResultRows = row_set(ResultForm, ResultSet)

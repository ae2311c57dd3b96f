"""What issuers type about a badge template: shape only, the services decide."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.enums import AchievementType, EvidenceType, TemplateStatus, TemplateType, TimeUnits
from badges.manage.template_rows import check_address
from badges.models import BadgeTemplate
from badges.services.shapes import MAX_TEXT
from badges.services.template_fields import TYPE_KEYS, TYPE_REQUIRES, missing_parts
from organizations.enums import Language
from organizations.forms import RefusableForm
from organizations.manage.rich_text import ListedField, RichTextField, TextLinesField
from organizations.models import Organization, Program

COLOUR = RegexValidator(r"^#[0-9A-Fa-f]{6}\Z", gettext_lazy("Use the form #1D6B50."))
OPTIONAL = [("", "–")]


def _line(label: Any, *, max_length: int = 255, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=max_length, required=False, **options)


def _lines(label: Any, **options: Any) -> TextLinesField:
    return TextLinesField(label=label, max_length=MAX_TEXT, **options)


def _address(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=2000,
        required=False,
        validators=[check_address],
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        **options,
    )


def _part(key: str, label: Any) -> TextLinesField:
    """Return the field of a part of `type_data`; which types ask for it is told to the script that hides it for others."""
    kinds = [kind for kind, keys in TYPE_REQUIRES.items() if key in keys]
    return _lines(label, widget=forms.Textarea(attrs={"rows": 3, "data-for-types": " ".join(kinds)}))


class TemplateForm(RefusableForm):
    """A template and what it says; lists of rows have forms of their own (template_rows.py)."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=255,
        help_text=gettext_lazy("What the badge is called, such as “First aid”."),
        error_messages={"required": gettext_lazy("Give the badge a title.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = RichTextField(
        label=gettext_lazy("Description"),
        help_text=gettext_lazy(
            "What somebody who has the badge knows or did. The first sentence stands beside the picture."
        ),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=Language.choices,
        help_text=gettext_lazy("The language in which the badge is written."),
    )

    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=TemplateType.choices)
    achievement_type = forms.ChoiceField(
        label=gettext_lazy("Kind of achievement"),
        choices=AchievementType.choices,
        help_text=gettext_lazy("How Open Badges 3.0 calls it. “Badge” is never wrong."),
    )
    type_data_acquired_knowledge = _part("acquired_knowledge", gettext_lazy("Knowledge"))
    type_data_acquired_skills = _part("acquired_skills", gettext_lazy("Skills"))
    type_data_acquired_attitudes = _part("acquired_attitudes", gettext_lazy("Attitudes"))
    type_data_application_scope = _part("application_scope", gettext_lazy("Where it is used"))

    assignment_criteria = RichTextField(
        label=gettext_lazy("What it takes"),
        help_text=gettext_lazy("What an earner does to get the badge, and how it is assessed."),
    )
    criteria_url = _address(
        gettext_lazy("Link to the criteria"), help_text=gettext_lazy("A page with more about what it takes.")
    )

    tags = ListedField(
        label=gettext_lazy("Tags"), help_text=gettext_lazy("Words by which the badge is found. One per line.")
    )
    categories = ListedField(label=gettext_lazy("Categories"), help_text=gettext_lazy("One per line."))
    alignments_paste = TextLinesField(
        label=gettext_lazy("Paste links to skills"),
        max_length=100_000,
        help_text=gettext_lazy(
            "One per line: a link alone, or name | link | code. Cells copied from a spreadsheet work too."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    validity = forms.ChoiceField(
        label=gettext_lazy("Expiry"),
        choices=[
            ("never", gettext_lazy("Badges do not expire")),
            ("days", gettext_lazy("Badges expire some days after they are issued")),
        ],
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A date for all badges of one occasion is chosen when issuing."),
    )
    validity_days = forms.IntegerField(
        label=gettext_lazy("Days until it expires"), required=False, min_value=1, max_value=36_500
    )
    limit = forms.IntegerField(
        label=gettext_lazy("How many badges at most"),
        required=False,
        min_value=1,
        max_value=2_147_483_647,
        help_text=gettext_lazy("Empty: any number. Revoked badges do not count."),
    )
    is_unique = forms.BooleanField(label=gettext_lazy("Each earner gets it once"), required=False)
    is_learning_path = forms.BooleanField(
        label=gettext_lazy("It is a learning path: whoever has done its steps gets the badge by itself"),
        required=False,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[
            (TemplateStatus.ACTIVE, gettext_lazy("Active: badges can be issued")),
            (TemplateStatus.INACTIVE, gettext_lazy("Inactive: no badges can be issued for now")),
        ],
    )
    code = _line(
        gettext_lazy("Code"),
        max_length=100,
        help_text=gettext_lazy("Your own code, such as DALP. Lists can be searched by it."),
    )
    program = forms.ModelChoiceField(
        Program.objects.none(),
        label=gettext_lazy("Programme"),
        required=False,
        empty_label=gettext_lazy("None"),
    )

    color_primary = _line(
        gettext_lazy("Colour"),
        max_length=7,
        validators=[COLOUR],
        help_text=gettext_lazy("In the form #1D6B50. Programs that show the badge may use it."),
    )
    other_org = _line(
        gettext_lazy("Partner"), help_text=gettext_lazy("An organization that offers the badge with you.")
    )
    other_org_info = RichTextField(label=gettext_lazy("About the partner"))

    strapline = _line(
        gettext_lazy("Sentence"),
        max_length=140,
        help_text=gettext_lazy("Stands beside the picture instead of the beginning of the description."),
    )
    application_scope = _lines(gettext_lazy("Scope"))
    earner_description = _lines(gettext_lazy("Description for earners"))
    consumer_description = _lines(gettext_lazy("Description for others"))
    issuer_url = _address(gettext_lazy("Link to the issuer's page about it"))
    rubric_url = _address(gettext_lazy("Link to how it is assessed"))
    time_value = forms.IntegerField(
        label=gettext_lazy("Time it takes"), required=False, min_value=0, max_value=2_147_483_647
    )
    time_units = forms.ChoiceField(
        label=gettext_lazy("Unit of time"), choices=[*OPTIONAL, *TimeUnits.choices], required=False
    )
    evidence_type = forms.ChoiceField(
        label=gettext_lazy("Kind of evidence"), choices=[*OPTIONAL, *EvidenceType.choices], required=False
    )
    badgekit_type = _line(gettext_lazy("Type of BadgeKit"))

    def __init__(self, *args: Any, organization: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        in_use = Q(archived_at__isnull=True) | Q(pk=getattr(self.initial.get("program"), "pk", None))
        programs = Program.objects.filter(in_use, organization=organization).order_by("name")
        self.fields["program"].queryset = programs  # type: ignore[attr-defined]
        for key in TYPE_KEYS:
            kinds = [str(TemplateType(kind).label) for kind, keys in TYPE_REQUIRES.items() if key in keys]
            help_text = _("Needed for the types: %(types)s.") % {"types": ", ".join(kinds)}
            self.fields[f"type_data_{key}"].help_text = help_text

    def clean(self) -> dict[str, Any]:
        """Ask for what the type and the expiry need."""
        values = self.cleaned_data
        if (
            values.get("validity") == "days"
            and "validity_days" not in self.errors
            and not values.get("validity_days")
        ):
            self.add_error(
                "validity_days", _("Say after how many days, or choose that badges do not expire.")
            )
        kind = values.get("type", "")
        for key in missing_parts(kind, {key: values.get(f"type_data_{key}") for key in TYPE_KEYS}):
            if f"type_data_{key}" not in self.errors:
                message = _("A template of the type “%(type)s” needs this.") % {
                    "type": TemplateType(kind).label
                }
                self.add_error(f"type_data_{key}", message)
        return values

    def given(self) -> dict[str, Any]:
        """Return the values that are right, by the names of the services."""
        values = dict(self.cleaned_data)
        values.pop("alignments_paste", None)
        if values.pop("validity", "days") == "never":
            values["validity_days"] = None
        for name in ("time_units", "evidence_type"):
            if name in values:
                values[name] = values[name] or None
        parts = {key: values.pop(f"type_data_{key}", None) for key in TYPE_KEYS}
        return values | {"type_data": {key: part for key, part in parts.items() if part is not None}}


class CopyForm(RefusableForm):
    """How the copy of a template is called."""

    title = forms.CharField(label=gettext_lazy("Title of the copy"), max_length=255)


class PublishForm(forms.Form):
    """Whether a template is to be shown on the organization's public page."""

    published = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


def initial_of(template: BadgeTemplate | None, organization: Organization) -> dict[str, Any]:
    """Return what the form shows of a template, or of a new one."""
    if template is None or template.current_version is None:
        return {
            "language": organization.language,
            "type": TemplateType.PARTICIPATION,
            "achievement_type": AchievementType.BADGE,
            "validity": "never",
            "status": TemplateStatus.ACTIVE,
        }
    version = template.current_version
    rules = ("code", "status", "is_learning_path", "is_unique", "limit", "validity_days", "program")
    parts = {f"type_data_{key}": version.type_data.get(key) or "" for key in TYPE_KEYS}
    content = {name: getattr(version, name) for name in TemplateForm.base_fields if hasattr(version, name)}
    return (
        content
        | {name: getattr(template, name) for name in rules}
        | parts
        | {"validity": "days" if template.validity_days else "never"}
    )

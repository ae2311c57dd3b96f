"""The staff's form of a badge template: its rules, and the content of its current version."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.models import BadgeTemplateVersion
from badges.services.templates import TYPE_KEYS
from organizations.admin.written import ServiceForm, part_fields
from organizations.enums import Language

RULES = (
    "program",
    "code",
    "status",
    "is_published",
    "is_learning_path",
    "is_path_in_order",
    "is_unique",
    "limit",
    "validity_days",
)
MAIN = ("title", "description", "assignment_criteria", "criteria_url", "image", "language")
KIND = ("type", "achievement_type", *(f"type_data.{key}" for key in TYPE_KEYS))
SKILLS = ("tags", "categories", "alignments", "criteria", "result_descriptions")
LOOK = ("color_primary", "background_image")
FURTHER = (
    "application_scope",
    "other_org",
    "other_org_info",
    "strapline",
    "earner_description",
    "consumer_description",
    "issuer_url",
    "rubric_url",
    "time_value",
    "time_units",
    "evidence_type",
    "badgekit_type",
)
PICTURES = ("image", "background_image")
TEXT_LISTS = ("tags", "categories")
ITEM_LISTS = {
    "alignments": '[{"name": "…", "url": "https://…", "framework": "ESCO", "code": "…", "description": "…"}]',
    "criteria": '[{"description": "…", "required": true, "note": "…"}]',
    "result_descriptions": '[{"id": "grade", "name": "Grade", "type": "Status", "allowed_values": ["A"]}]',
}


class LinesField(forms.Field):
    """A list of texts, one per line."""

    widget = AdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Return the list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the lines that are not empty."""
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lists."""
        return (initial or []) != self.to_python(data)


class ItemsField(forms.JSONField):
    """A list of objects as JSON, read and changed by those who know its form, which the help shows."""

    widget = AdminTextareaWidget

    def __init__(self, example: str) -> None:
        super().__init__(required=False, help_text=_form_of(example))

    def clean(self, value: Any) -> Any:
        """Return a list also where nothing was entered."""
        return super().clean(value) or []

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lists; nothing is an empty one."""
        return super().has_changed(initial or [], data or "[]")


def _form_of(example: str) -> Any:
    return gettext_lazy("JSON of this form, or empty: %s") % example


def _input(field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """Return the input of a column of the version."""
    if isinstance(field, models.URLField):
        kwargs["assume_scheme"] = "https"
    if isinstance(field, models.TextField):
        kwargs["widget"] = AdminTextareaWidget
    elif isinstance(field, models.CharField) and not field.choices:
        kwargs["widget"] = AdminTextInputWidget
    return field.formfield(**kwargs)


def _content() -> dict[str, forms.Field]:
    """Return an input for everything that a version says."""
    columns = [
        name
        for name in (*MAIN, *KIND, *LOOK, *FURTHER)
        if "." not in name and name not in (*TEXT_LISTS, *ITEM_LISTS)
    ]
    return {
        **forms.fields_for_model(BadgeTemplateVersion, fields=columns, formfield_callback=_input),
        **{name: LinesField(required=False, help_text=gettext_lazy("One per line.")) for name in TEXT_LISTS},
        **{name: ItemsField(example) for name, example in ITEM_LISTS.items()},
        **part_fields("type_data", TYPE_KEYS),
    }


class TemplateForm(ServiceForm):
    """A template and what it says. Texts of `type_data` may be long."""

    vars().update(_content())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name.startswith("type_data."):
                field.max_length = None  # type: ignore[attr-defined]
                field.widget = AdminTextareaWidget()
        if self.instance.pk is None:
            self._as_new()

    def _as_new(self) -> None:
        """Let the service choose what was left open: the short name, and the language of the organization."""
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "Stands in addresses, so it cannot be changed later. Left empty, it is made from the title."
            )
        if "language" in self.fields:
            self.fields["language"] = forms.ChoiceField(
                choices=[("", _("As the organization")), *Language.choices],
                required=False,
                label=_("Language"),
            )

    def values_of(self, row: Any) -> dict[str, Any]:
        """Return what the current version says."""
        version = row.current_version
        if version is None:
            return {}
        values: dict[str, Any] = {}
        for name in self.base_fields:
            whole, dot, key = name.partition(".")
            if dot:
                values[name] = (getattr(version, whole) or {}).get(key) or ""
            elif hasattr(version, name) and name not in self._meta.model._meta._forward_fields_map:
                values[name] = getattr(version, name)
        return values

    def given(self) -> dict[str, Any]:
        """Return the values that were changed; `type_data` whole, because it is replaced, not merged."""
        values = super().given()
        if "type_data" in values:
            values["type_data"] = {key: self.cleaned_data[f"type_data.{key}"] for key in TYPE_KEYS}
        return values

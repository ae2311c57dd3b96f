"""The staff's pages of outcomes: codes that other programs report."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from badges.models import Outcome
from organizations.admin.kept import KeptAdmin


class OutcomeForm(forms.ModelForm):  # type: ignore[type-arg]
    """An outcome and the template that it leads to."""

    def clean(self) -> dict[str, Any]:
        """Refuse a template of another organization."""
        values = super().clean() or self.cleaned_data
        template = values.get("template")
        organization = values.get("organization") or getattr(self.instance, "organization", None)
        if template is not None and organization is not None and template.organization_id != organization.pk:
            self.add_error(
                "template", _("This template belongs to another organization. Choose one of the same.")
            )
        return values


@admin.register(Outcome)
class OutcomeAdmin(KeptAdmin):
    """Outcomes: rows of their own that nothing counts, so they are written directly."""

    form = OutcomeForm
    list_display = ("code", "name", "organization", "template", "is_active", "created_at")
    list_filter = ("is_active", "organization")
    list_select_related = ("organization", "template__current_version")
    search_fields = (
        "code",
        "name",
        "template__current_version__title",
        "organization__name",
        "organization__slug",
    )
    uuid_lookup = ""
    date_hierarchy = "created_at"
    autocomplete_fields = ("organization", "template")
    readonly_fields = ("created_at", "updated_at")
    fields = ("organization", "code", "name", "template", "is_active", "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Outcome | None = None) -> tuple[str, ...]:
        """Keep organization and code once the outcome is there: other programs report it by its code."""
        fields = tuple(str(name) for name in super().get_readonly_fields(request, obj))
        return fields if obj is None else (*fields, "organization", "code")

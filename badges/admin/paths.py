"""The staff's pages of learning paths: the steps below a path's template, and how far earners are."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.models import BadgeTemplate, PathProgress, PathStep
from badges.services.paths import (
    MAX_STEPS,
    PathStepSpec,
    retry_path_progress,
    set_path_steps,
)
from badges.services.standings import progress_of
from config.exceptions import RuleBroken
from organizations.admin.kept import InlineFormSet, ReadOnlyAdmin, TabularInline, acting_user
from organizations.models import User


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    """One step. Its place is an input of its own, so that two steps may change places."""

    place = forms.IntegerField(required=False, min_value=1, max_value=32_767, label=gettext_lazy("Position"))

    class Meta:
        model = PathStep
        fields = ("title", "needed", "templates")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        if instance is not None and instance.pk is not None:
            kwargs["initial"] = {"place": instance.position} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class StepFormSet(InlineFormSet):
    """All steps of a path. `refusal` is what the service said to the same steps a moment ago."""

    refusal: RuleBroken | None = None

    def in_order(self) -> list[StepForm]:
        """Return the steps that are to be, by their places; those without one come last."""
        kept = [
            form
            for form in self.forms
            if form not in self.deleted_forms and (form.has_changed() or form.instance.pk is not None)
        ]
        return sorted(kept, key=lambda form: form.cleaned_data.get("place") or 1_000_000)

    def clean(self) -> None:
        """Show the refusal beside the step and the input that it names."""
        super().clean()
        parts = (self.refusal.field or "").split(".") if self.refusal is not None else []
        if self.refusal is None or parts[0] != "steps" or any(self.errors):
            return
        ordered = self.in_order()
        if len(parts) < 3 or int(parts[1]) >= len(ordered):
            raise forms.ValidationError(self.refusal.message)
        ordered[int(parts[1])].add_error(parts[2], self.refusal.message)


class StepInline(TabularInline):
    """The steps of a learning path, on the page of its template: whoever may change that may change them."""

    model = PathStep
    fk_name = "path"
    form = StepForm
    formset = StepFormSet
    fields = ("place", "title", "needed", "templates")
    autocomplete_fields = ("templates",)
    extra = 1
    max_num = MAX_STEPS
    verbose_name = gettext_lazy("step")
    verbose_name_plural = gettext_lazy("Steps of the learning path")

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        """Return the columns: of an input, or of what may only be read."""
        if self.has_change_permission(request, obj):
            return self.fields
        return ("position", "title", "needed", "templates")

    def get_formset(self, request: HttpRequest, obj: Any | None = None, **kwargs: Any) -> Any:
        """Return a class of this request's own, with the refusal of its first try."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.refusal = getattr(request, "refusal", None)
        return formset

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Whoever sees templates."""
        return _may(request, "view") or _may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Whoever changes templates."""
        return _may(request, "change")

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Whoever changes templates."""
        return _may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:  # noqa: ARG002
        """Whoever changes templates."""
        return _may(request, "change")


def _may(request: HttpRequest, act: str) -> bool:
    return acting_user(request).has_perm(f"badges.{act}_badgetemplate")


def save_steps(formset: StepFormSet, path: BadgeTemplate, by: User) -> None:
    """Hand the steps to the service where any was changed, and say for the history what was."""
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    if not formset.has_changed():
        return
    ordered = formset.in_order()
    specs = [
        PathStepSpec(
            title=form.cleaned_data["title"],
            needed=form.cleaned_data["needed"],
            templates=list(form.cleaned_data["templates"]),
        )
        for form in ordered
    ]
    rows = set_path_steps(path=path, steps=specs, in_order=path.is_path_in_order, by=by)
    for form, row in zip(ordered, rows, strict=True):
        if form.instance.pk is None:
            formset.new_objects.append(row)
        elif form.has_changed():
            formset.changed_objects.append((row, form.changed_data))
    formset.deleted_objects = [
        form.instance for form in formset.deleted_forms if form.instance.pk is not None
    ]


class ProgressFilter(admin.SimpleListFilter):
    """Keep those who have the path's badge, were refused it, wait for a look, or are on the way."""

    title = gettext_lazy("progress")
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [
            ("awarded", gettext_lazy("Badge issued")),
            ("refused", gettext_lazy("Badge refused")),
            ("under_way", gettext_lazy("Under way")),
            ("due", gettext_lazy("Waiting for the worker")),
        ]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: models.QuerySet[PathProgress],
    ) -> models.QuerySet[PathProgress]:
        """Keep the chosen ones."""
        chosen: Mapping[str | None, models.Q] = {
            "awarded": models.Q(badge__isnull=False),
            "refused": models.Q(badge__isnull=True) & ~models.Q(problem=""),
            "under_way": models.Q(badge__isnull=True, problem=""),
            "due": models.Q(due_at__isnull=False),
        }
        return queryset.filter(chosen.get(self.value(), models.Q()))


@admin.register(PathProgress)
class PathProgressAdmin(ReadOnlyAdmin):
    """Progress: kept by the worker, read here, and tried again where the path's badge was refused."""

    list_display = ("earner", "path", "steps_done", "completed_at", "badge", "problem", "due_at")
    list_filter = (ProgressFilter, "path__organization")
    list_select_related = ("path__organization", "path__current_version", "earner", "badge")
    search_fields = (
        "earner__email",
        "earner__first_name",
        "earner__last_name",
        "path__current_version__title",
        "problem",
    )
    uuid_lookup = "earner__uuid"
    date_hierarchy = "updated_at"
    readonly_fields = ("standing",)
    fields = (
        "path",
        "earner",
        "standing",
        "steps_done",
        "completed_at",
        "badge",
        "problem",
        "due_at",
        "updated_at",
    )
    actions = ("retry",)

    def offers(self, act: str, row: PathProgress) -> bool:  # noqa: ARG002
        """Try again what was refused."""
        return row.badge_id is None and bool(row.problem)

    @admin.display(description=gettext_lazy("Now"))
    def standing(self, progress: PathProgress) -> SafeString:
        """Say of each step whether it is done at this moment, and since when."""
        steps = progress_of(path=progress.path, earner=progress.earner).steps
        lines = [
            (
                step.step.position,
                step.step.title or ", ".join(str(template) for template in step.step.templates.all()),
                _("done %(day)s") % {"day": date_format(localtime(step.done_at), "DATETIME_FORMAT")}
                if step.done_at is not None
                else _("%(missing)d to go") % {"missing": step.missing},
            )
            for step in steps
        ]
        return format_html_join(SafeString("<br>"), "{}. {}: {}", lines)

    @admin.action(description=gettext_lazy("Try again"), permissions=["act"])
    def retry(self, request: HttpRequest, queryset: models.QuerySet[PathProgress]) -> HttpResponse | None:
        """Have the worker try to issue the path's badge again."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: retry_path_progress(
                path=row.path, earner=row.earner, by=acting_user(request)
            ),
            record=_("Tried again."),
            done=_("Handed to the worker: %(count)d."),
        )


def progress_link(site: admin.AdminSite, path: BadgeTemplate) -> SafeString | None:
    """Return a link to the earners of a path; None for a template that is none."""
    if not path.is_learning_path:
        return None
    url = reverse(f"{site.name}:badges_pathprogress_changelist")
    return format_html('<a href="{}?path__id__exact={}">{}</a>', url, path.pk, _("Earners on this path"))

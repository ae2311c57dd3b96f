"""What issuers type about the steps of a learning path: shape only, the services decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from badges.models import BadgeTemplate, PathStep
from badges.services.paths import MAX_STEPS, PathStepSpec
from config.exceptions import RuleBroken
from organizations.models import Organization


def templates_for_steps(organization: Organization, path: BadgeTemplate) -> "QuerySet[BadgeTemplate]":
    """Return what a step may ask for: the organization's templates in use, and those that steps have already."""
    had = PathStep.objects.filter(path=path).values("templates")
    found = BadgeTemplate.objects.filter(organization=organization).exclude(pk=path.pk)
    in_use = found.filter(archived_at__isnull=True) | found.filter(pk__in=had)
    return in_use.select_related("current_version").order_by("current_version__title", "pk")


class StepForm(forms.Form):
    """One step: which badges, how many of them."""

    title = forms.CharField(
        label=_("Name of the step"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    templates = forms.MultipleChoiceField(
        label=_("Badges that count"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one badge for this step.")},
    )
    needed = forms.IntegerField(
        label=_("How many of them are needed"),
        min_value=1,
        initial=1,
        error_messages={"invalid": _("Enter a whole number.")},
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["templates"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  for the type checker
        field.choices = choices

    def has_changed(self) -> bool:
        """Whether anything was typed: a step that only has its place is an empty one."""
        return any(name != "ORDER" for name in self.changed_data)


class StepsFormSet(BaseFormSet[StepForm]):
    """The steps in their order. Steps that are left empty at the end do not count."""

    ordering_widget = forms.NumberInput
    deletion_widget = forms.CheckboxInput

    def add_fields(self, form: StepForm, index: int | None) -> None:
        """Call what Django adds as people do."""
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Place in the path")
        form.fields["DELETE"].label = _("Remove this step")

    def specs(self, templates: Sequence[BadgeTemplate]) -> list[PathStepSpec]:
        """Return the steps as the services take them, in the order that was typed. The set must be valid."""
        found = {str(template.uuid): template for template in templates}
        return [
            PathStepSpec(
                title=form.cleaned_data["title"],
                needed=form.cleaned_data["needed"],
                templates=[found[one] for one in form.cleaned_data["templates"]],
            )
            for form in self.ordered_forms
        ]

    def refuse(self, refusal: RuleBroken) -> None:
        """Show a refusal beside the step and field that it is about ("steps.0.needed")."""
        parts = (refusal.field or "").split(".")
        if len(parts) > 2 and parts[0] == "steps" and parts[1].isdigit():
            forms_in_order = self.ordered_forms
            form = forms_in_order[int(parts[1])]
            form.add_error(parts[2] if parts[2] in form.fields else None, refusal.message)
        else:
            self.non_form_errors().append(refusal.message)


_Steps = formset_factory(
    StepForm,
    formset=StepsFormSet,
    extra=1,
    can_order=True,
    can_delete=True,
    max_num=MAX_STEPS,
    absolute_max=MAX_STEPS + 1,
    validate_max=True,
)


def steps_forms(
    data: Any, *, initial: Sequence[dict[str, Any]], templates: Sequence[BadgeTemplate]
) -> StepsFormSet:
    """Return the editor of steps: as they were sent, or those of `initial` and an empty one."""
    choices = [(str(template.uuid), str(template)) for template in templates]
    steps = _Steps(data, initial=initial, prefix="steps", form_kwargs={"choices": choices})
    assert isinstance(steps, StepsFormSet)  # noqa: S101  for the type checker
    return steps


class OrderForm(forms.Form):
    """Whether the steps are taken one after the other."""

    in_order = forms.BooleanField(
        label=_("The steps are taken one after the other"),
        required=False,
        help_text=_("A badge then counts only when it was issued after the step before was done."),
    )


class NewPathForm(forms.Form):
    """Which template becomes a learning path."""

    template = forms.ModelChoiceField(
        BadgeTemplate.objects.none(),
        to_field_name="uuid",
        label=_("The badge at the end of the path"),
        empty_label=_("Choose a template"),
        help_text=_("It is issued by itself to whoever has done all steps."),
        error_messages={"required": _("Choose the badge that stands at the end of the path.")},
    )

    def __init__(self, data: Any = None, *, organization: Organization) -> None:
        super().__init__(data)
        templates = BadgeTemplate.objects.filter(
            organization=organization, archived_at__isnull=True, is_learning_path=False
        )
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = templates.select_related("current_version").order_by("current_version__title", "pk")

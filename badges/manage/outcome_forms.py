"""What issuers type about outcomes: shape only, the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.models import BadgeTemplate, Outcome
from organizations.forms import RefusableForm
from organizations.models import Organization

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class OutcomeForm(RefusableForm):
    """A code that another program reports, and where it leads."""

    code = forms.CharField(
        label=_("Code"),
        max_length=255,
        help_text=_(
            "What the other program reports, such as “first-aid-passed”. Without slashes; unique on this server."
        ),
        error_messages={"required": _("Enter the code that the other program reports.")},
        widget=forms.TextInput(attrs=PLAIN),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=255,
        required=False,
        help_text=_("For your team, such as “Passed the first aid test”."),
    )
    template = forms.ModelChoiceField(
        BadgeTemplate.objects.none(),
        label=_("Badge to issue"),
        to_field_name="uuid",
        required=False,
        empty_label=_("None"),
        help_text=_("Issued at once to whoever reaches the outcome, once to each."),
    )
    call_url = forms.CharField(
        label=_("Or a platform to ask for a badge"),
        max_length=2000,
        required=False,
        help_text=_(
            "Its web address. The platform is told who reached the outcome, and answers with the address of a badge."
        ),
        widget=forms.URLInput(attrs=PLAIN),
    )
    is_active = forms.BooleanField(
        label=_("Reports are taken"),
        required=False,
        help_text=_("Off: programs that report it are told that there is none."),
    )

    def __init__(
        self, data: Any = None, *, organization: Organization, outcome: Outcome | None = None
    ) -> None:
        initial: dict[str, Any] = {"is_active": True}
        if outcome is not None:
            initial = {name: getattr(outcome, name) for name in ("code", "name", "call_url", "is_active")}
            initial["template"] = outcome.template.uuid if outcome.template is not None else None
        super().__init__(data, initial=initial)
        templates = BadgeTemplate.objects.filter(organization=organization, archived_at__isnull=True)
        if outcome is not None and outcome.template is not None:
            templates |= BadgeTemplate.objects.filter(pk=outcome.template.pk)
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = templates.select_related("current_version").order_by("current_version__title", "pk")

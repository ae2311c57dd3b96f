"""What is said of the badges that are issued together, as issuers type it: dates, words, evidence, results, when."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from badges.enums import Visibility
from badges.models import BadgeTemplate
from badges.services.awards import Award
from badges.services.issue_plans import Wish
from config.exceptions import RuleBroken
from organizations.forms import RefusableForm
from organizations.manage.forms import DayField

MAX_EVIDENCE = 20
AT_ONCE, LATER = "at_once", "later"
NOT_A_MOMENT = {"required": _("Choose day and time."), "invalid": _("This is not a day with a time.")}
# How this form calls what the services call otherwise.
FIELDS = {
    "issued_at": "issued_on",
    "expires_at": "expires_on",
    "activity_started_at": "activity_started_on",
    "activity_ended_at": "activity_ended_on",
}


class MomentInput(forms.DateTimeInput):
    """A day and a time, with the browser's own calendar; on the organization's clock."""

    input_type = "datetime-local"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **options)


class StartForm(RefusableForm):
    """When a batch that waits is to start."""

    starts_at = forms.DateTimeField(label=_("Start at"), widget=MomentInput, error_messages=NOT_A_MOMENT)


class EvidenceForm(forms.Form):
    """One piece of evidence."""

    url = forms.CharField(
        label=_("Address of the evidence"),
        max_length=2000,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://…"}),
    )
    name = forms.CharField(label=_("Called"), max_length=255, required=False)
    narrative = forms.CharField(
        label=_("What it shows"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_url(self) -> str:
        """Take web addresses alone."""
        url: str = self.cleaned_data["url"].strip()
        try:
            parts = urlsplit(url)
        except ValueError:  # "https://[half of an address"
            parts = urlsplit("")
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise forms.ValidationError(
                _("This is not a full web address. It begins with https:// or http://.")
            )
        return url

    def clean(self) -> dict[str, Any]:
        """Refuse a name without anything."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("name") and not (values.get("url") or values.get("narrative") or self.errors):
            self.add_error("url", _("Give the address of the evidence, or say what it shows."))
        return values

    def evidence(self) -> dict[str, str] | None:
        """Return what is kept of it; None where nothing was typed."""
        return {name: value for name, value in self.cleaned_data.items() if value} or None


EvidenceForms = forms.formset_factory(
    EvidenceForm, extra=1, max_num=MAX_EVIDENCE, absolute_max=MAX_EVIDENCE, validate_max=True
)


class AwardForm(RefusableForm):
    """What is said of all badges. The results that a template asks for are fields of their own."""

    issued_on = DayField(
        label=_("Date on the badge"), required=False, help_text=_("Empty: the moment of issuing.")
    )
    expires_on = DayField(label=_("Valid until"), required=False)
    activity_title = forms.CharField(
        label=_("Activity"),
        max_length=255,
        required=False,
        help_text=_("What it was earned in, such as “Spring course 2026, Bologna”."),
    )
    activity_started_on = DayField(label=_("First day"), required=False)
    activity_ended_on = DayField(label=_("Last day"), required=False)
    narrative = forms.CharField(
        label=_("What was done for it"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stands on the badge, beside the criteria of the template."),
    )
    notes = forms.CharField(
        label=_("Notes of your own"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your organization alone: not on the badge."),
    )
    visibility = forms.ChoiceField(
        label=_("Who finds it"),
        choices=[
            (Visibility.UNLISTED, _("Whoever has the link")),
            (Visibility.PUBLIC, _("Everybody: it may be listed in public")),
        ],
        initial=Visibility.UNLISTED,
        widget=forms.RadioSelect,
        help_text=_("The earner can change this."),
    )
    notify = forms.BooleanField(label=_("Tell the earners by mail"), required=False, initial=True)
    report = forms.BooleanField(label=_("Mail me when all of them are done"), required=False)
    when = forms.ChoiceField(
        label=_("Start"),
        choices=[(AT_ONCE, _("At once")), (LATER, _("Later, at the moment below"))],
        initial=AT_ONCE,
        widget=forms.RadioSelect,
    )
    starts_at = forms.DateTimeField(
        label=_("Day and time"), required=False, widget=MomentInput, error_messages=NOT_A_MOMENT
    )

    def __init__(self, data: Any = None, *, template: BadgeTemplate) -> None:
        super().__init__(data)
        version = template.current_version
        self.results = list(version.result_descriptions) if version is not None else []
        self.evidence_forms = EvidenceForms(data, prefix="evidence")
        self.fields["expires_on"].help_text = (
            gettext("Empty: %(count)d days after issuing, as the template says.")
            % {"count": template.validity_days}
            if template.validity_days
            else gettext("Empty: it does not expire.")
        )
        self.fields["starts_at"].help_text = gettext("On the clock of %(zone)s.") % {
            "zone": timezone.get_current_timezone_name()
        }
        for number, description in enumerate(self.results):
            self.fields[f"result_{number}"] = _result_field(description)

    def result_fields(self) -> list[Any]:
        """Return the fields of results."""
        return [self[name] for name in self.fields if name.startswith("result_")]

    def is_valid(self) -> bool:
        """Whether all of it is, evidence too."""
        is_valid = super().is_valid()
        return self.evidence_forms.is_valid() and is_valid

    def forget_errors(self) -> None:
        """Show what was typed without judging it: it is not finished."""
        self.errors.clear()
        for form in self.evidence_forms:
            form.errors.clear()

    def clean(self) -> dict[str, Any]:
        """Ask for the moment of what starts later; refuse days that cannot be meant."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("when") == LATER and not values.get("starts_at") and "starts_at" not in self.errors:
            self.add_error("starts_at", _("Choose day and time, or start at once."))
        today = timezone.localdate()
        if values.get("issued_on") and values["issued_on"] > today:
            self.add_error(
                "issued_on",
                _(
                    "A badge cannot have a date to come: other people's software would refuse it. Start later instead."
                ),
            )
        if values.get("expires_on") and values["expires_on"] < today:
            self.add_error("expires_on", _("This day has passed."))
        return values

    def wish(self, *, report_to: str) -> Wish:
        """Return what was typed as the services take it: days begin and end on the organization's clock."""
        values = self.cleaned_data
        issued_on = values["issued_on"]
        award = Award(
            issued_at=None if issued_on in {None, timezone.localdate()} else _begin(issued_on),
            expires_at=_end(values["expires_on"]),
            activity_title=values["activity_title"],
            activity_started_at=_begin(values["activity_started_on"]),
            activity_ended_at=_end(values["activity_ended_on"]),
            narrative=values["narrative"],
            evidence=[found for form in self.evidence_forms if (found := form.evidence())],
            results=self._results(),
            notes=values["notes"],
            visibility=values["visibility"],
        )
        return Wish(
            award=award,
            is_announced=values["notify"],
            report_to=report_to if values["report"] else "",
            starts_at=values["starts_at"] if values["when"] == LATER else None,
        )

    def refuse(self, refusal: RuleBroken) -> None:
        """Show what a service refused beside its field, also of evidence and results."""
        first, _dot, rest = (refusal.field or "").partition(".")
        number, _dot, name = rest.partition(".")
        if first == "evidence" and number.isdecimal():
            filled = [form for form in self.evidence_forms if form.evidence()]
            if int(number) < len(filled):
                form = filled[int(number)]
                form.add_error(name if name in form.fields else "narrative", refusal.message)
                return
        field = FIELDS.get(first, first)
        self.add_error(field if field in self.fields else None, refusal.message)

    def _results(self) -> list[dict[str, str]]:
        found = []
        for number, description in enumerate(self.results):
            value = self.cleaned_data.get(f"result_{number}")
            if value not in (None, ""):
                found.append({"value": str(value), "result_description": description["id"]})
        return found


def more_evidence(data: Mapping[str, Any]) -> "MultiValueDict[str, str]":
    """Return what was typed, with room for one more piece of evidence."""
    changed: MultiValueDict[str, str] = MultiValueDict({name: [str(data[name])] for name in data})
    total = changed.get("evidence-TOTAL_FORMS") or "0"
    changed["evidence-TOTAL_FORMS"] = str(min(int(total) + 1 if total.isdecimal() else 1, MAX_EVIDENCE))
    return changed


class ResultField(forms.CharField):
    """A result, within bounds where the template has some."""

    def __init__(self, *, least: str | None, most: str | None, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = _number(least), _number(most)

    def validate(self, value: Any) -> None:
        """Refuse what is beyond the bounds."""
        super().validate(value)
        if not value or (self.least is None and self.most is None):
            return
        number = _number(value)
        if number is None:
            raise forms.ValidationError(_("Type a number."))
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            raise forms.ValidationError(_("This is beyond what the template allows."))


def _result_field(description: Mapping[str, Any]) -> forms.Field:
    """Return the field of a result that a template describes: a choice, or a value within bounds."""
    label = str(description["name"])
    allowed = description.get("allowed_values") or ()
    if allowed:
        choices = [("", "–"), *((value, value) for value in allowed)]
        return forms.ChoiceField(label=label, required=False, choices=choices)
    least, most = description.get("value_min"), description.get("value_max")
    words = ""
    if least and most:
        words = gettext("From %(least)s to %(most)s.") % {"least": least, "most": most}
    return ResultField(label=label, required=False, max_length=255, help_text=words, least=least, most=most)


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal(str(text).replace(",", ".")) if text else None
    except InvalidOperation:
        return None
    return number if number is None or number.is_finite() else None


def _begin(day: date | None) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day, time.min))


def _end(day: date | None) -> datetime | None:
    """Return the last second of a day: so it is the day that was typed wherever it is shown."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(seconds=1)

"""Outcomes in the browser: codes that other programs report, where they lead, and what became of each report."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters import ChoiceFilter

from badges.enums import OutcomeState
from badges.manage.outcome_forms import OutcomeForm
from badges.models import Outcome, OutcomeRecord
from badges.services.outcome_settings import (
    OutcomeSecrets,
    create_outcome,
    delete_outcome,
    rotate_outcome_secrets,
    update_outcome,
)
from badges.services.outcomes import retry_outcome
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, lately_confirmed, say_refused
from organizations.manage.listing import DayFilter, ListFilters, listing_of

EVENTS = {
    "recorded": gettext_lazy("Reported"),
    "issued": gettext_lazy("Badge issued"),
    "held_already": gettext_lazy("They held the badge already"),
    "refused": gettext_lazy("Refused"),
    "reported": gettext_lazy("Platform told"),
    "report_failed": gettext_lazy("Platform did not take it"),
    "callback_refused": gettext_lazy("Answer of the platform refused"),
    "retried": gettext_lazy("Tried again"),
    "completed": gettext_lazy("Platform answered with a badge"),
}


class OutcomeFilters(ListFilters):
    """Outcomes by whether they are in use; the search finds codes, names and badges."""

    is_active = ChoiceFilter(
        choices=[("true", gettext_lazy("In use")), ("false", gettext_lazy("Switched off"))],
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("All"),
        method="by_use",
    )

    def by_use(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep those in use, or the others."""
        return rows.filter(is_active=value == "true")

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep outcomes that have the text in code, name or the title of their badge."""
        return rows.filter(
            Q(code__icontains=value)
            | Q(name__icontains=value)
            | Q(template__current_version__title__icontains=value)
        )


class RecordFilters(ListFilters):
    """Reports of an outcome by state and day; the search finds addresses."""

    state = ChoiceFilter(
        choices=OutcomeState.choices, label=gettext_lazy("State"), empty_label=gettext_lazy("All")
    )
    since = DayFilter("created_at", lookup_expr="gte", label=gettext_lazy("From"))
    until = DayFilter("created_at", lookup_expr="lte", label=gettext_lazy("To"))

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep reports for addresses that have the text."""
        return rows.filter(recipient_email__icontains=value)


@require_safe
@for_scope(ApiScope.READ)
def outcomes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the outcomes, newest first, with how often each was reported."""
    rows = (
        Outcome.objects.filter(organization=desk.organization)
        .select_related("template__current_version")
        .annotate(
            reports=_counted(OutcomeRecord.objects.all()),
            refusals=_counted(OutcomeRecord.objects.filter(state=OutcomeState.REFUSED)),
        )
        .order_by("-pk")
    )
    return desk.page(
        request, "manage/outcomes/list.html", {"listing": listing_of(request, OutcomeFilters, rows)}
    )


def _counted(records: "QuerySet[Any]") -> Coalesce:
    """Return how many of the records an outcome has: counted for the outcomes of a page alone."""
    found = records.filter(outcome=OuterRef("pk")).order_by().values("outcome")
    return Coalesce(Subquery(found.annotate(count=Count("pk")).values("count")), 0)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def new_outcome(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for code and aim; or define the outcome."""
    form = OutcomeForm(request.POST if request.method == "POST" else None, organization=desk.organization)
    if form.is_valid():
        try:
            outcome, secrets = create_outcome(
                organization=desk.organization, by=desk.user, **form.cleaned_data
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            return _made(request, desk, outcome, secrets)
    return _form_page(request, desk, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def edit_outcome(request: HttpRequest, desk: Desk, outcome_id: UUID) -> HttpResponse:
    """Show the settings of an outcome; or change them."""
    outcome = _outcome(desk, outcome_id)
    form = OutcomeForm(
        request.POST if request.method == "POST" else None, organization=desk.organization, outcome=outcome
    )
    if form.is_valid():
        try:
            outcome, secrets = update_outcome(outcome=outcome, fields=form.cleaned_data, by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            return _made(request, desk, outcome, secrets)
    return _form_page(request, desk, form, outcome)


@require_safe
@for_scope(ApiScope.READ)
def outcome(request: HttpRequest, desk: Desk, outcome_id: UUID) -> HttpResponse:
    """Show where an outcome leads, how a program reports it, and the reports."""
    row = _outcome(desk, outcome_id)
    records = OutcomeRecord.objects.filter(outcome=row).select_related("badge").order_by("-pk")
    states = dict(
        OutcomeRecord.objects.filter(outcome=row)
        .order_by()
        .values_list("state")
        .annotate(records=Count("pk"))
    )
    return desk.page(
        request,
        "manage/outcomes/outcome.html",
        {
            "outcome": row,
            "listing": listing_of(request, RecordFilters, records),
            "states": [(label, states.get(value, 0)) for value, label in OutcomeState.choices],
            "public_url": settings.PUBLIC_URL,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def remove_outcome(request: HttpRequest, desk: Desk, outcome_id: UUID) -> HttpResponse:
    """Say what deleting does; or delete, or only switch off what was reported before."""
    row = _outcome(desk, outcome_id)
    if request.method != "POST":
        reports = OutcomeRecord.objects.filter(outcome=row).count()
        return desk.page(request, "manage/outcomes/delete.html", {"outcome": row, "reports": reports})
    try:
        is_gone = delete_outcome(outcome=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return desk.go("outcome", outcome_id)
    words = (
        _("The outcome “%(code)s” is deleted.")
        if is_gone
        else _("The outcome “%(code)s” is switched off; its reports stay.")
    )
    messages.success(request, words % {"code": row.code})
    return desk.go("outcomes")


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@lately_confirmed
def new_outcome_secrets(request: HttpRequest, desk: Desk, outcome_id: UUID) -> HttpResponse:
    """Say what new secrets do; or make them and show them, for this once."""
    row = _outcome(desk, outcome_id)
    if request.method != "POST":
        return desk.page(request, "manage/outcomes/renew.html", {"outcome": row})
    try:
        secrets = rotate_outcome_secrets(outcome=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return desk.go("outcome", outcome_id)
    return _made(request, desk, row, secrets)


@require_safe
@for_scope(ApiScope.READ)
def outcome_record(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """Show one report with all that happened to it."""
    record = _record(desk, record_id)
    history = [
        {
            "at": parse_datetime(event["at"]),
            "what": EVENTS.get(event["event"], event["event"]),
            "detail": event.get("detail", ""),
            "by": event.get("by", ""),
        }
        for event in record.history
    ]
    return desk.page(
        request,
        "manage/outcomes/record.html",
        {"record": record, "history": history, "may_retry": record.state not in _ENDED},
    )


@require_POST
@for_scope(ApiScope.ISSUE)
def retry_outcome_record(request: HttpRequest, desk: Desk, record_id: UUID) -> HttpResponse:
    """Lead a report on again, and show it as it is then."""
    record = _record(desk, record_id)
    try:
        record = retry_outcome(record=record, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        if record.problem:
            messages.error(request, record.problem)
        else:
            messages.success(request, _("Tried again: %(state)s.") % {"state": record.get_state_display()})
    return desk.go("outcome_record", record_id)


_ENDED = {OutcomeState.ISSUED, OutcomeState.COMPLETED}


def _outcome(desk: Desk, outcome_id: UUID) -> Outcome:
    rows = Outcome.objects.select_related("organization", "template__current_version")
    return get_object_or_404(rows, organization=desk.organization, uuid=outcome_id)


def _record(desk: Desk, record_id: UUID) -> OutcomeRecord:
    rows = OutcomeRecord.objects.select_related("outcome", "badge", "imported_badge")
    return get_object_or_404(rows, outcome__organization=desk.organization, uuid=record_id)


def _form_page(
    request: HttpRequest, desk: Desk, form: OutcomeForm, outcome: Outcome | None = None
) -> HttpResponse:
    status = 400 if form.errors else 200
    context = {"form": form, "outcome": outcome}
    return desk.page(request, "manage/outcomes/form.html", context, status=status)


def _made(request: HttpRequest, desk: Desk, outcome: Outcome, secrets: OutcomeSecrets | None) -> HttpResponse:
    """Show new secrets for this once; lead on where there are none."""
    if secrets is not None:
        return desk.page(request, "manage/outcomes/secrets.html", {"outcome": outcome, "secrets": secrets})
    messages.success(request, _("Saved."))
    return desk.go("outcome", outcome.uuid)

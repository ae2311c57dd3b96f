"""Earners: all whom the organization knows, one with all that is known, put right, and erased."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.exceptions import RuleBroken
from config.text import folded
from earners.manage.filters import EarnerFilters
from earners.manage.forms import PersonForm
from earners.manage.holdings import counts_of, parts_of
from earners.models import Earner, ListMembership
from earners.services.changing import change_earner
from earners.services.erasing import erase_earner
from organizations.enums import ApiScope, AuditAct, MailStopReason
from organizations.manage.desk import Desk, for_scope, lately_confirmed, say_refused
from organizations.manage.listing import listing_of
from organizations.models import AuditEntry, MailStop
from organizations.services.mail_stops import lift_mail_stop, stops_of, words_of

MAX_LISTS = 50
MAX_HISTORY = 20
ACTS = dict(AuditAct.choices)


def find_earner(desk: Desk, earner_id: UUID) -> Earner:
    """Return an earner of the organization; raises Http404, also for who was erased."""
    earner: Earner = get_object_or_404(
        Earner.objects.exclude(email=""), organization=desk.organization, uuid=earner_id
    )
    earner.organization = desk.organization
    return earner


def is_part(request: HttpRequest) -> bool:
    """Whether a script asks for a part of the page to be put into it."""
    return request.headers.get("HX-Request") == "true"


@require_safe
@for_scope(ApiScope.READ)
def earners(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show everybody, newest first."""
    known = Earner.objects.filter(organization=desk.organization).exclude(email="").order_by("-pk")
    listing = listing_of(request, EarnerFilters, known, organization=desk.organization)
    shown = list(listing.page)
    counts = counts_of(shown)
    stops = stops_of(desk.organization, [earner.email for earner in shown])
    rows = [(earner, counts.get(earner.pk, 0), stops.get(earner.email_key)) for earner in shown]
    return desk.page(request, "manage/earners/list.html", {"listing": listing, "rows": rows})


@require_safe
@for_scope(ApiScope.READ)
def earner(request: HttpRequest, desk: Desk, earner_id: UUID) -> HttpResponse:
    """Show one earner: names, lists, what they hold, whether mails reach them, what was done."""
    row = find_earner(desk, earner_id)
    if is_part(request):  # the form was given up
        return desk.page(request, "manage/earners/_person.html", person_of(desk, row))
    memberships = list(
        ListMembership.objects.filter(earner=row)
        .select_related("earners_list")
        .order_by("-pk")[: MAX_LISTS + 1]
    )
    history: list[tuple[AuditEntry, str]] = []
    if desk.may_write or desk.is_staff_look:
        entries = AuditEntry.objects.filter(organization=desk.organization, subject=row.uuid)
        history = [
            (entry, str(ACTS.get(entry.act, entry.act))) for entry in entries.order_by("-pk")[:MAX_HISTORY]
        ]
    return desk.page(
        request,
        "manage/earners/one.html",
        {
            **person_of(desk, row),
            "memberships": memberships[:MAX_LISTS],
            "has_more_lists": len(memberships) > MAX_LISTS,
            "parts": parts_of(desk, row),
            "history": history,
        },
    )


def person_of(desk: Desk, row: Earner) -> dict[str, Any]:
    """Return what the first part of an earner's page shows."""
    stop: MailStop | None = stops_of(desk.organization, [row.email]).get(row.email_key)
    return {
        "earner": row,
        "stop": stop,
        "stop_words": words_of(stop) if stop is not None else "",
        "is_stop_theirs": stop is not None and stop.reason == MailStopReason.UNSUBSCRIBED,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def edit_earner(request: HttpRequest, desk: Desk, earner_id: UUID) -> HttpResponse:
    """Ask for names and address; or change them. A script gets the part of the page alone."""
    row = find_earner(desk, earner_id)
    before = {"email": row.email, "first_name": row.first_name, "last_name": row.last_name}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=before)
    twin: Earner | None = None
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            row = change_earner(earner=row, fields=values, by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
            # Whoever types the address of somebody else has found a duplicate.
            same = Earner.objects.filter(
                organization=desk.organization, email_key=folded(values.get("email", ""))
            )
            twin = same.exclude(pk=row.pk).first()
        else:
            if is_part(request):
                return desk.page(
                    request, "manage/earners/_person.html", {**person_of(desk, row), "is_saved": True}
                )
            messages.success(request, _("Saved."))
            return desk.go("earner", row.uuid)
    template = "manage/earners/_person_form.html" if is_part(request) else "manage/earners/edit.html"
    return desk.page(
        request, template, {"earner": row, "form": form, "twin": twin}, status=400 if form.errors else 200
    )


@require_POST
@for_scope(ApiScope.WRITE)
def allow_mails(request: HttpRequest, desk: Desk, earner_id: UUID) -> HttpResponse:
    """Let mails go to an address again that accepted none."""
    row = find_earner(desk, earner_id)
    try:
        lift_mail_stop(organization=desk.organization, email=row.email, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, _("Mails go to %(email)s again.") % {"email": row.email})
    return desk.go("earner", row.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@lately_confirmed
def erase(request: HttpRequest, desk: Desk, earner_id: UUID) -> HttpResponse:
    """Say what goes and what stays; or erase the person."""
    row = find_earner(desk, earner_id)
    if request.method != "POST":
        context = {
            "earner": row,
            "lists": ListMembership.objects.filter(earner=row).count(),
            "badges": counts_of([row]).get(row.pk, 0),
        }
        return desk.page(request, "manage/earners/erase.html", context)
    try:
        erase_earner(earner=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return desk.go("earner", row.uuid)
    messages.success(
        request, _("The person was erased. Their badges count on, and nobody can tell whose they were.")
    )
    return desk.go("earners")

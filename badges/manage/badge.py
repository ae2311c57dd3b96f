"""One badge: what it says, what became of it; and changing, revoking and mailing it again."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from badges.api.issuer_downloads import FORMS, POLICY
from badges.manage.badge_filters import way_back
from badges.manage.badge_forms import BadgeForm, RevocationForm, is_correctable
from badges.models import Badge, BadgeDocument
from badges.services.browsing import is_waiting, standing_of
from badges.services.changing import change_badge
from badges.services.reminding import resend_badge_mail
from badges.services.revoking import revoke_badge
from config.exceptions import RuleBroken
from organizations.enums import ApiScope, AuditAct, MessageKind
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.models import AuditEntry, Message

ACTS = dict(AuditAct.choices)
MAILS = (MessageKind.BADGE_ISSUED, MessageKind.BADGE_REMINDER)
MOST_SHOWN = 50
# Told by the badge itself, or by its mails.
TOLD_OTHERWISE = (AuditAct.BADGE_ISSUED, AuditAct.BADGE_REVOKED, AuditAct.BADGE_MAILED)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that became of a badge: when, what, by whom or to whom, and an icon."""

    at: datetime
    words: str
    detail: str
    icon: str


@require_safe
@for_scope(ApiScope.READ)
def badge(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Show a badge and its history."""
    row = find(desk, uuid)
    has_files = not row.is_imported and not row.is_anonymous
    context = {
        "badge": row,
        "standing": standing_of(row, timezone.now()),
        "is_waiting": is_waiting(row),
        "events": history_of(row),
        "forms": list(FORMS) if has_files else [],
        "is_correctable": is_correctable(row),
        "back": way_back(request, desk),
        "place": _place(request, desk),
    }
    return desk.page(request, "manage/badges/badge.html", context)


@require_safe
@for_scope(ApiScope.READ)
def download_badge(request: HttpRequest, desk: Desk, uuid: UUID, form: str) -> HttpResponse:  # noqa: ARG001
    """Answer a file of a badge, of hidden and revoked ones too."""
    row, wanted = find(desk, uuid), FORMS.get(form)
    if wanted is None:
        raise Http404
    try:
        content = wanted.read(row)
    except (FileNotFoundError, BadgeDocument.DoesNotExist) as error:
        raise Http404 from error
    title = slugify(row.version.title)[:60].strip("-") or "badge"
    return HttpResponse(
        content,
        content_type=wanted.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{title}-{form}"',
            "Content-Security-Policy": POLICY,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def edit_badge(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Ask for what is to be changed; or change it."""
    row = find(desk, uuid)
    form = BadgeForm(request.POST if request.method == "POST" else None, badge=row)
    if form.is_valid():
        try:
            change_badge(
                badge=row,
                fields=form.changes(),
                by=desk.user,
                is_announced=form.cleaned_data.get("is_announced", False),
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(desk.url("badge", row.uuid) + _place(request, desk))
    context = {
        "form": form,
        "badge": row,
        "is_correctable": is_correctable(row),
        "place": _place(request, desk),
    }
    return desk.page(request, "manage/badges/edit.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def revoke(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Say what revoking does and ask for the reason; or revoke."""
    row = find(desk, uuid)
    form = RevocationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            revoke_badge(badge=row, reason=form.cleaned_data["reason"], by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The badge is revoked. Everybody who verifies it is told at once."))
            return HttpResponseRedirect(desk.url("badge", row.uuid) + _place(request, desk))
    context = {"form": form, "badge": row, "place": _place(request, desk)}
    return desk.page(request, "manage/badges/revoke.html", context, status=400 if form.errors else 200)


@require_POST
@for_scope(ApiScope.ISSUE)
def resend_mail(request: HttpRequest, desk: Desk, uuid: UUID) -> HttpResponse:
    """Mail the earner once more, and lead back."""
    row = find(desk, uuid)
    try:
        resend_badge_mail(badge=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(
            request, _("The mail is on its way to %(address)s.") % {"address": row.recipient_email}
        )
    has_way_back = "next" in request.POST
    page = desk.url("badge", row.uuid) + _place(request, desk)
    return HttpResponseRedirect(way_back(request, desk) if has_way_back else page)


def find(desk: Desk, uuid: UUID) -> Badge:
    """Return a badge of the organization; raises Http404."""
    rows = Badge.objects.select_related("organization", "template", "version", "earner", "status_list")
    return get_object_or_404(rows, organization=desk.organization, uuid=uuid)


def _place(request: HttpRequest, desk: Desk) -> str:
    """Return the query with which the page of a badge, and acts on it, remember the list that one came from."""
    return f"?{urlencode({'next': way_back(request, desk)})}" if "next" in request.GET else ""


def history_of(row: Badge) -> list[Event]:
    """Return what became of a badge, the newest first."""
    imported = _("Imported") if row.is_imported else _("Issued")
    events = [Event(row.created_at, imported, _("by %(who)s") % {"who": row.issued_by}, "award")]
    if row.opened_at:
        events.append(Event(row.opened_at, _("Opened by the earner"), "", "eye"))
    if row.accepted_at:
        events.append(Event(row.accepted_at, _("Accepted by the earner"), "", "check-circle"))
    if row.revoked_at:
        who = _("by %(who)s") % {"who": row.revoked_by}
        events.append(Event(row.revoked_at, _("Revoked"), who, "x-circle"))
    mails = Message.objects.filter(subject=row.uuid, kind__in=MAILS).order_by("-pk")[:MOST_SHOWN]
    events += [_mail_event(mail) for mail in mails]
    entries = AuditEntry.objects.filter(organization=row.organization, subject=row.uuid)
    for entry in entries.exclude(act__in=TOLD_OTHERWISE).order_by("-pk")[:MOST_SHOWN]:
        words = str(ACTS.get(entry.act, entry.act))
        events.append(Event(entry.at, words, _change_words(entry), "pencil"))
    return sorted(events, key=attrgetter("at"), reverse=True)


def _mail_event(mail: Message) -> Event:
    words = {
        MessageKind.BADGE_ISSUED: _("Mail about the badge"),
        MessageKind.BADGE_REMINDER: _("Mail as a reminder"),
    }[MessageKind(mail.kind)]
    to = {"address": mail.recipient}
    if mail.sent_at:
        return Event(mail.sent_at, words, _("sent to %(address)s") % to, "envelope-check")
    if mail.given_up_at:
        reason = mail.last_error[:200]
        detail = _("not sent to %(address)s: %(reason)s") % (to | {"reason": reason})
        return Event(mail.given_up_at, words, detail, "envelope-slash")
    return Event(mail.created_at, words, _("waits to be sent to %(address)s") % to, "envelope")


def _change_words(entry: AuditEntry) -> str:
    """Return what was changed from what to what, and by whom."""
    names = {
        "recipient_email": _("E-mail address"),
        "recipient_first_name": _("First name"),
        "recipient_last_name": _("Last name"),
        "visibility": _("Who finds it"),
        "notes": _("Notes"),
        "additional_details": _("Additional details"),
    }
    parts = []
    for name, words in names.items():
        value = entry.details.get(name)
        if isinstance(value, list) and len(value) == 2:
            parts.append(f"{words}: {value[0] or '–'} → {value[1] or '–'}")
        elif value:
            parts.append(words)
    return " · ".join([*parts, _("by %(who)s") % {"who": entry.actor}])

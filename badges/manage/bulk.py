"""Acts on many badges at once: revoking them, with its progress, and mailing their earners again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from badges.manage.badge_filters import Selection, selection_of, way_back
from badges.manage.badge_forms import RevocationForm
from badges.models import Revocation
from badges.querysets import BadgeQuerySet
from badges.services.reminding import resend_badge_mails
from badges.services.revocations import start_revocation
from badges.services.revoking import MOST_AT_ONCE, revoke_badges
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused

MOST_MAILS = 1_000  # of one act: they are written down while the browser waits
SAMPLE = 5
QUIET = timedelta(seconds=30)  # without a move a worker seems to be missing


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def revoke_many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say how many badges are revoked and ask for the reason; or revoke them, many in the background."""
    selection = selection_of(request, desk)
    waiting = selection.badges.filter(revoked_at__isnull=True)
    count = waiting.count()
    form = RevocationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _is_as_expected(form, count):
        try:
            return _revoke(request, desk, waiting, count, form.cleaned_data["reason"])
        except RuleBroken as refusal:
            form.refuse(refusal)
    context = _context(request, desk, selection, waiting, count) | {
        "form": form,
        "most_at_once": MOST_AT_ONCE,
    }
    return desk.page(request, "manage/badges/revoke_many.html", context, status=400 if form.errors else 200)


@require_safe
@for_scope(ApiScope.READ)
def revocation(request: HttpRequest, desk: Desk, revocation_id: UUID) -> HttpResponse:
    """Show how far the revocation of many badges is; for htmx the part of the page that changes."""
    row = get_object_or_404(Revocation, organization=desk.organization, uuid=revocation_id)
    is_part = "HX-Request" in request.headers
    moved_at = row.worked_at or row.created_at
    context = {
        "revocation": row,
        "percent": row.done_count * 100 // max(row.total, 1),
        "is_quiet": row.finished_at is None and moved_at < timezone.now() - QUIET,
    }
    name = "_revocation" if is_part else "revocation"
    return desk.page(request, f"manage/badges/{name}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def resend_many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say how many earners are mailed; or mail them, and tell who was not and why."""
    selection = selection_of(request, desk)
    waiting = selection.badges.mailable()
    count = waiting.count()
    if request.method == "POST" and count <= MOST_MAILS:
        try:
            outcome = resend_badge_mails(
                badges=waiting.select_related("organization").order_by("pk"), by=desk.user
            )
        except RuleBroken as refusal:
            say_refused(request, refusal)
        else:
            said = ngettext(
                "%(count)d mail is on its way.", "%(count)d mails are on their way.", outcome.mailed
            )
            messages.success(request, said % {"count": outcome.mailed})
            for (_code, reason), times in outcome.refused.most_common():
                messages.warning(request, f"{times} × {reason}")
        return HttpResponseRedirect(way_back(request, desk))
    context = _context(request, desk, selection, waiting, count) | {"most": MOST_MAILS}
    return desk.page(request, "manage/badges/resend_many.html", context)


def _is_as_expected(form: RevocationForm, count: int) -> bool:
    """Whether a form is right, and is about as many badges as the page said; else tell so in it."""
    is_valid = form.is_valid()
    expected = form.cleaned_data.get("expected")
    if expected is not None and expected != count:
        form.add_error(
            None,
            ngettext(
                "Meanwhile it is %(count)d badge. Look again, and revoke it if you mean it.",
                "Meanwhile it is %(count)d badges. Look again, and revoke them if you mean it.",
                count,
            )
            % {"count": count},
        )
        return False
    return is_valid


def _revoke(
    request: HttpRequest, desk: Desk, waiting: BadgeQuerySet, count: int, reason: str
) -> HttpResponse:
    if count > MOST_AT_ONCE:
        started = start_revocation(
            organization=desk.organization, badges=waiting, reason=reason, by=desk.user
        )
        return desk.go("revocation", started.uuid)
    revoked = revoke_badges(
        organization=desk.organization,
        badges=list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE]),
        reason=reason,
        by=desk.user,
    )
    said = ngettext("%(count)d badge is revoked.", "%(count)d badges are revoked.", revoked)
    messages.success(request, said % {"count": revoked})
    return HttpResponseRedirect(way_back(request, desk))


def _context(
    request: HttpRequest, desk: Desk, selection: Selection, waiting: BadgeQuerySet, count: int
) -> dict[str, Any]:
    """Return what a page that asks before an act on many badges says about them."""
    sample = waiting.select_related("version").order_by("-number")[:SAMPLE]
    return {
        "count": count,
        "expected": str(count),  # a number as programs write it
        "sample": list(sample),
        "more": max(count - SAMPLE, 0),
        "is_all": selection.is_all,
        "back": way_back(request, desk),
    }

"""What can be done with a batch: let it wait, go on, end, try again, start at another moment; its failed rows as a file."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from badges.manage.award_forms import StartForm
from badges.manage.batches import batch_of
from badges.models import Batch
from badges.services.batch_control import (
    pause_batch,
    reschedule_batch,
    resume_batch,
    retry_batch,
    stop_batch,
)
from badges.services.exporting import failed_rows_as_csv
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused


@require_POST
@for_scope(ApiScope.ISSUE)
def pause(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Let a batch wait."""
    return _changed(
        request,
        desk,
        batch_id,
        lambda row: pause_batch(batch=row, by=desk.user),
        lambda row: (
            _("It waits now, after %(issued)d of %(total)d badges.")
            % {"issued": row.issued_count, "total": row.total}
        ),
    )


@require_POST
@for_scope(ApiScope.ISSUE)
def resume(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Let a paused batch go on."""
    return _changed(
        request,
        desk,
        batch_id,
        lambda row: resume_batch(batch=row, by=desk.user),
        lambda row: (
            ngettext("It goes on: %(count)d is left.", "It goes on: %(count)d are left.", row.pending_count)
            % {"count": row.pending_count}
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def stop(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Say what stopping does; or stop, which of a batch that has not begun is to cancel it."""
    if request.method != "POST":
        return desk.page(request, "manage/batches/stop.html", {"batch": batch_of(desk, batch_id)})
    return _changed(
        request,
        desk,
        batch_id,
        lambda row: stop_batch(batch=row, by=desk.user),
        lambda row: (
            ngettext(
                "It has ended: %(issued)d badge was issued, and the credits of the others are back.",
                "It has ended: %(issued)d badges were issued, and the credits of the others are back.",
                row.issued_count,
            )
            % {"issued": row.issued_count}
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def retry(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Say what trying again does; or try the rows again that became no badge."""
    if request.method != "POST":
        row = batch_of(desk, batch_id)
        count = row.failed_count + row.stopped_count
        return desk.page(request, "manage/batches/retry.html", {"batch": row, "count": count})
    return _changed(
        request,
        desk,
        batch_id,
        lambda row: retry_batch(batch=row, by=desk.user),
        lambda row: (
            ngettext("%(count)d row is tried again.", "%(count)d rows are tried again.", row.pending_count)
            % {"count": row.pending_count}
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def reschedule(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Ask for another moment; or move a batch there, or to now."""
    row = batch_of(desk, batch_id)
    form = StartForm(request.POST if request.method == "POST" else None, initial={"starts_at": row.starts_at})
    form.fields["starts_at"].help_text = _("On the clock of %(zone)s.") % {
        "zone": timezone.get_current_timezone_name()
    }
    is_now = "now" in request.POST
    if is_now or form.is_valid():
        try:
            row = reschedule_batch(
                batch=row, starts_at=None if is_now else form.cleaned_data["starts_at"], by=desk.user
            )
        except RuleBroken as refusal:
            form.is_valid()
            form.refuse(refusal)
        else:
            messages.success(request, _moved_words(row))
            return desk.go("batch", batch_id)
    return desk.page(
        request,
        "manage/batches/reschedule.html",
        {"batch": row, "form": form},
        status=400 if form.errors else 200,
    )


@require_safe
@for_scope(ApiScope.READ)
def failed_rows(request: HttpRequest, desk: Desk, batch_id: UUID) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the rows that failed, with their reasons, as a file to be corrected."""
    row = batch_of(desk, batch_id)
    return StreamingHttpResponse(
        failed_rows_as_csv(row, desk.organization, by=desk.user),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="batch-{str(row.uuid)[:8]}-failed.csv"',
            "X-Accel-Buffering": "no",
        },
    )


def _changed(
    request: HttpRequest,
    desk: Desk,
    batch_id: UUID,
    change: Callable[[Batch], Batch],
    words: Callable[[Batch], str],
) -> HttpResponse:
    """Change a batch, say what became of it, and show it."""
    row = batch_of(desk, batch_id)
    try:
        row = change(row)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, words(row))
    return desk.go("batch", batch_id)


def _moved_words(row: Batch) -> str:
    if row.starts_at is None:
        return _("It starts now.")
    moment = timezone.localtime(row.starts_at)
    return _("It starts on %(moment)s.") % {"moment": formats.date_format(moment, "DATETIME_FORMAT")}

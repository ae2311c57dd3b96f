"""Import of earners: a file or pasted rows, what would become of them, and then it is done; rows to correct as a file."""

from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.exceptions import RuleBroken
from earners.manage.forms import ColumnsForm, ImportForm
from earners.manage.lists import as_file, find_list
from earners.manage.uploads import (
    MAX_BYTES,
    MAX_ROWS,
    Upload,
    counts_of,
    drop_upload,
    failed_of,
    find_upload,
    import_upload,
    keep_upload,
    run_upload,
    understand_as,
)
from earners.models import EarnersList
from earners.services import RowResult
from earners.services.exporting import export_failed
from organizations.enums import ApiScope, AuditAct
from organizations.manage.desk import Desk, for_scope
from organizations.services.audit import note_act

FIRST_ROWS = 8
FIRST_FAILED = 50


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def import_earners(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for a file or rows; or keep them and lead to what would become of them."""
    earners_list = None
    if "list" in request.GET:
        earners_list = find_list(desk, _uuid(request.GET["list"]))
    form = ImportForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        organization=desk.organization,
        initial={"earners_list": earners_list},
    )
    if form.is_valid():
        values = form.cleaned_data
        chosen: EarnersList | None = values["earners_list"]
        try:
            upload = keep_upload(
                organization=desk.organization,
                name=values["name"],
                content=values["content"],
                list_id=chosen.uuid if chosen is not None else None,
                list_name=chosen.name if chosen is not None else values["list_name"],
            )
        except RuleBroken as refusal:
            form.add_error("file" if values["file"] else "rows", refusal.message)
        else:
            return desk.go("import_preview", upload.id)
    context = {
        "form": form,
        "earners_list": earners_list,
        "max_megabytes": MAX_BYTES >> 20,
        "max_rows": MAX_ROWS,
    }
    return desk.page(request, "manage/earners/import.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def import_preview(request: HttpRequest, desk: Desk, upload_id: UUID) -> HttpResponse:
    """Say how columns were understood and what would become of the rows; understand them otherwise; or import."""
    upload = _upload(desk, upload_id)
    if upload.outcome is not None:
        return desk.page(request, "manage/earners/imported.html", _done(upload))
    if upload.is_running:
        return desk.page(request, "manage/earners/importing.html", {"upload": upload})
    try:
        form = ColumnsForm(request.POST if request.method == "POST" else None, file=upload.read())
        if form.is_valid():
            try:
                # Only then: a second click must not put what was sent before in the place of what became of it.
                if form.has_changed():
                    upload = understand_as(upload, form.meanings())
            except RuleBroken as refusal:
                form.refuse(refusal)
            else:
                if request.POST.get("act") == "import":
                    import_upload(upload=upload, organization=desk.organization, by=desk.user)
                return desk.go("import_preview", upload.id)
        report = run_upload(upload=upload, organization=desk.organization, is_dry_run=True, by=desk.user)
        sample = list(islice(upload.read().rows, FIRST_ROWS))
    except EarnersList.DoesNotExist:
        return _given_up(request, desk, upload, _("The list was deleted meanwhile. Nothing was imported."))
    except RuleBroken as refusal:
        return _given_up(request, desk, upload, refusal.message)
    results = {row.number: row for row in report.rows[: FIRST_ROWS * 2]}
    failed = failed_of(report)
    usable = len(report.rows) - len(failed)
    context: dict[str, Any] = {
        "upload": upload,
        "form": form,
        "counts": counts_of(report),
        "warnings": report.warnings,
        "total": len(report.rows),
        "usable": usable,
        "sample": [(row, results.get(row.number)) for row in sample],
        "failed": failed[:FIRST_FAILED],
        "failed_count": len(failed),
    }
    return desk.page(request, "manage/earners/preview.html", context, status=400 if form.errors else 200)


@require_safe
@for_scope(ApiScope.WRITE)
def import_failed(request: HttpRequest, desk: Desk, upload_id: UUID) -> HttpResponseBase:
    """Send the rows that are left out, with the reasons, to be corrected: XLSX, or CSV where `?format=csv` says so."""
    upload = _upload(desk, upload_id)
    try:
        if upload.outcome is not None:
            failed = upload.outcome.failed
        else:
            report = run_upload(upload=upload, organization=desk.organization, is_dry_run=True, by=desk.user)
            failed = failed_of(report)
        headings = upload.told_headings()
    except (EarnersList.DoesNotExist, RuleBroken) as error:
        raise Http404 from error
    is_workbook = request.GET.get("format") != "csv"
    note_act(
        organization=desk.organization,
        act=AuditAct.DATA_EXPORTED,
        by=desk.user,
        details={"failed_rows": "xlsx" if is_workbook else "csv"},
    )
    content = export_failed(headings=headings, rows=failed, is_workbook=is_workbook)
    return as_file(content, "rows-to-correct", is_workbook=is_workbook)


@require_POST
@for_scope(ApiScope.WRITE)
def drop_import(request: HttpRequest, desk: Desk, upload_id: UUID) -> HttpResponse:
    """Forget a file."""
    upload = find_upload(desk.organization, upload_id)
    if upload is None:
        raise Http404
    drop_upload(upload)
    messages.success(request, _("The file was thrown away. Nothing was imported."))
    return desk.go("earners")


def _done(upload: Upload) -> dict[str, Any]:
    outcome = upload.outcome
    if outcome is None:
        raise Http404
    listed = outcome.counts[RowResult.ADDED] + outcome.counts[RowResult.LISTED]
    words = ngettext(
        "%(count)d person was put on the list “%(name)s”",
        "%(count)d people were put on the list “%(name)s”",
        listed,
    )
    return {
        "upload": upload,
        "outcome": outcome,
        "heading": words % {"count": listed, "name": outcome.list_name},
        "failed": outcome.failed[:FIRST_FAILED],
        "failed_count": len(outcome.failed),
    }


def _given_up(request: HttpRequest, desk: Desk, upload: Upload, words: str) -> HttpResponse:
    """Lead back to the beginning, as nothing can become of the file any more."""
    drop_upload(upload)
    messages.error(request, words)
    return desk.go("import_earners")


def _upload(desk: Desk, upload_id: UUID) -> Upload:
    upload = find_upload(desk.organization, upload_id)
    if upload is None or upload.is_dropped:
        raise Http404
    return upload


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error

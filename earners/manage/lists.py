"""Lists of earners: all of them, made, changed, deleted, and taken along as a file."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.exceptions import RuleBroken
from earners.enums import ListStatus
from earners.manage.filters import ListsFilters
from earners.manage.forms import ListChangeForm, ListForm
from earners.models import EarnersList
from earners.services import create_list, delete_list, update_list
from earners.services.exporting import export_list
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.manage.listing import listing_of
from organizations.manage.once import once

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def find_list(desk: Desk, list_id: UUID) -> EarnersList:
    """Return a list of the organization; raises Http404."""
    earners_list: EarnersList = get_object_or_404(EarnersList, organization=desk.organization, uuid=list_id)
    earners_list.organization = desk.organization
    return earners_list


def as_file(content: Any, name: str, *, is_workbook: bool) -> StreamingHttpResponse:
    """Answer pieces of a file to be kept under a name."""
    ending, kind = ("xlsx", WORKBOOK) if is_workbook else ("csv", "text/csv; charset=utf-8")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return StreamingHttpResponse(content, content_type=kind, headers=headers)


@require_safe
@for_scope(ApiScope.READ)
def earners_lists(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the lists, newest first."""
    lists = EarnersList.objects.filter(organization=desk.organization).order_by("-pk")
    return desk.page(request, "manage/lists/list.html", {"listing": listing_of(request, ListsFilters, lists)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@once
def new_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for the name of a list; or make it."""
    form = ListForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            earners_list = create_list(
                organization=desk.organization,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"] or None,
                by=desk.user,
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The list is made. Now put people on it."))
            return desk.go("list", earners_list.uuid)
    return desk.page(request, "manage/lists/new.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def edit_list(request: HttpRequest, desk: Desk, list_id: UUID) -> HttpResponse:
    """Ask for name and description; or change them."""
    earners_list = find_list(desk, list_id)
    initial = {
        "name": earners_list.name,
        "description": earners_list.description or "",
        "is_disabled": earners_list.status == ListStatus.DISABLED,
    }
    form = ListChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            update_list(earners_list=earners_list, fields=form.changed_values(), by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return desk.go("list", earners_list.uuid)
    context = {"form": form, "earners_list": earners_list}
    return desk.page(request, "manage/lists/edit.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def delete(request: HttpRequest, desk: Desk, list_id: UUID) -> HttpResponse:
    """Say what goes and what stays; or delete the list."""
    earners_list = find_list(desk, list_id)
    if request.method != "POST":
        return desk.page(request, "manage/lists/delete.html", {"earners_list": earners_list})
    try:
        delete_list(earners_list=earners_list, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return desk.go("list", earners_list.uuid)
    messages.success(request, _("The list “%(name)s” is deleted.") % {"name": earners_list.name})
    return desk.go("earners_lists")


@require_safe
@for_scope(ApiScope.READ)
def export(request: HttpRequest, desk: Desk, list_id: UUID) -> HttpResponseBase:
    """Send everybody on a list as a file: XLSX, or CSV where `?format=csv` says so."""
    earners_list = find_list(desk, list_id)
    is_workbook = request.GET.get("format") != "csv"
    content = export_list(earners_list=earners_list, is_workbook=is_workbook, by=desk.user)
    name = f"{slugify(earners_list.name) or 'list'}-{timezone.localdate():%Y-%m-%d}"
    return as_file(content, name, is_workbook=is_workbook)

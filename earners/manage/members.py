"""Who is on a list: shown with what the list says of them, added one by one, changed, and taken off."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.exceptions import RuleBroken
from earners.manage.earners import is_part
from earners.manage.filters import MemberFilters
from earners.manage.forms import MemberForm, PersonForm
from earners.manage.lists import find_list
from earners.models import EarnersList, ListMembership
from earners.services import ListedPerson, change_membership, put_on_list, remove_many_from_list
from earners.services.exporting import shown_value
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.manage.listing import Listing, listing_of

MAX_COLUMNS = 4  # further ones are shown when a row is edited
MAX_CHOSEN = 1000


@require_safe
@for_scope(ApiScope.READ)
def members(request: HttpRequest, desk: Desk, list_id: UUID) -> HttpResponse:
    """Show who is on a list, in the order in which they came on it."""
    earners_list = find_list(desk, list_id)
    rows = ListMembership.objects.filter(earners_list=earners_list).select_related("earner").order_by("pk")
    listing = listing_of(request, MemberFilters, rows)
    columns = _columns(listing)
    here = request.get_full_path()
    context = {
        "earners_list": earners_list,
        "listing": listing,
        "columns": columns,
        "query": urlencode([*(("column", column) for column in columns), ("next", here)]),
        "rows": [(row, _values(row, columns)) for row in listing.page],
        "here": here,
        "import_address": desk.url("import_earners", list=earners_list.uuid),
    }
    return desk.page(request, "manage/lists/one.html", context)


def _columns(listing: Listing) -> list[str]:
    """Return the first further columns of who is on the page."""
    keys: dict[str, None] = {}
    for row in listing.page:
        keys |= dict.fromkeys(row.metadata or {})
    return list(keys)[:MAX_COLUMNS]


def _values(row: ListMembership, columns: list[str]) -> list[tuple[str, str]]:
    return [(column, shown_value((row.metadata or {}).get(column))) for column in columns]


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def add_member(request: HttpRequest, desk: Desk, list_id: UUID) -> HttpResponse:
    """Ask for somebody; or put them on the list."""
    earners_list = find_list(desk, list_id)
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = ListedPerson(**form.cleaned_data)
        try:
            put = put_on_list(earners_list=earners_list, people=[person], by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        except EarnersList.DoesNotExist:
            messages.error(request, _("The list was deleted meanwhile. Nothing was changed."))
            return desk.go("earners_lists")
        else:
            said = (
                _("%(email)s is on the list.")
                if put.added
                else _("%(email)s was on the list already; the names are those you typed.")
            )
            messages.success(request, said % {"email": person.email})
            return desk.go("list", earners_list.uuid)
    context = {"earners_list": earners_list, "form": form}
    return desk.page(request, "manage/lists/add.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def edit_member(request: HttpRequest, desk: Desk, list_id: UUID, earner_id: UUID) -> HttpResponse:
    """Ask for names and further columns of somebody on a list; or change them. A script gets the row alone."""
    earners_list = find_list(desk, list_id)
    row: ListMembership = get_object_or_404(
        ListMembership.objects.select_related("earner"), earners_list=earners_list, earner__uuid=earner_id
    )
    row.earners_list = earners_list
    columns = request.GET.getlist("column")[:MAX_COLUMNS]
    context: dict[str, Any] = {
        "earners_list": earners_list,
        "row": row,
        "columns": columns,
        "query": urlencode(
            [*(("column", column) for column in columns), ("next", request.GET.get("next", ""))]
        ),
        "back": _back(request, desk, earners_list),
    }
    if "shown" in request.GET and request.method != "POST":  # the form was given up
        return desk.page(request, "manage/lists/_row.html", {**context, "values": _values(row, columns)})
    form = MemberForm(
        request.POST if request.method == "POST" else None,
        columns=list({**dict.fromkeys(columns), **(row.metadata or {})}),
        metadata=row.metadata,
        initial={"first_name": row.first_name, "last_name": row.last_name},
    )
    if form.is_valid():
        try:
            row = change_membership(membership=row, fields=form.changed_values(), by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            if is_part(request):
                context |= {"row": row, "values": _values(row, columns), "is_saved": True}
                return desk.page(request, "manage/lists/_row.html", context)
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(context["back"])
    template = "manage/lists/_row_form.html" if is_part(request) else "manage/lists/edit_member.html"
    return desk.page(request, template, {**context, "form": form}, status=400 if form.errors else 200)


@require_POST
@for_scope(ApiScope.WRITE)
def remove_members(request: HttpRequest, desk: Desk, list_id: UUID) -> HttpResponse:
    """Say what taking the chosen ones off does; or, once that was confirmed, take them off."""
    earners_list = find_list(desk, list_id)
    back = _back(request, desk, earners_list)
    chosen = _uuids(request.POST.getlist("earner"))
    rows = ListMembership.objects.filter(earners_list=earners_list, earner__uuid__in=chosen)
    found = list(rows.select_related("earner").order_by("pk"))
    if not found:
        messages.error(request, _("Choose at least one person first."))
        return HttpResponseRedirect(back)
    if "confirmed" not in request.POST:
        context = {"earners_list": earners_list, "rows": found, "back": back}
        return desk.page(request, "manage/lists/remove.html", context)
    try:
        removed = remove_many_from_list(
            earners_list=earners_list, earners=[row.earner.uuid for row in found], by=desk.user
        )
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        words = ngettext("%(count)d person is off the list.", "%(count)d people are off the list.", removed)
        messages.success(request, words % {"count": removed})
    return HttpResponseRedirect(back)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:MAX_CHOSEN]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back(request: HttpRequest, desk: Desk, earners_list: EarnersList) -> str:
    """Return the list as it was searched and paged, where the request says so; else the list."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    home = desk.url("list", earners_list.uuid)
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and (
        asked == home or asked.startswith(f"{home}?")
    )
    return asked if is_ours else home

"""Merging two earners who are one person: the other one is searched for, what moves is shown, and then it is done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.exceptions import RuleBroken
from earners.manage.earners import find_earner
from earners.manage.filters import containing
from earners.manage.forms import MergeForm
from earners.manage.holdings import counts_of, held_by_both
from earners.models import Earner, ListMembership
from earners.services.merging import merge_earners
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope

MAX_FOUND = 20
MAX_SEARCH = 200


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def merge(request: HttpRequest, desk: Desk, earner_id: UUID) -> HttpResponse:
    """Let the other one be chosen; say what moves; or merge the two."""
    row = find_earner(desk, earner_id)
    asked = request.POST if request.method == "POST" else request.GET
    other = _other(desk, row, asked.get("other", ""))
    form = MergeForm(
        request.POST if request.method == "POST" else None,
        earner=row,
        other=other,
        initial={"other": other.uuid if other is not None else None, "stays": "this"},
    )
    if form.is_valid() and other is not None:
        kept, gone = (other, row) if form.cleaned_data["stays"] == "other" else (row, other)
        try:
            kept = merge_earners(kept=kept, gone=gone, by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                _("%(gone)s is merged into %(kept)s: one person from now on.")
                % {"gone": gone.email, "kept": kept.email},
            )
            return desk.go("earner", kept.uuid)
    status = 400 if form.errors else 200
    if other is None:
        query = request.GET.get("q", "").strip()[:MAX_SEARCH]
        context = {"earner": row, "form": form, "query": query, "found": _candidates(desk, row, query)}
        return desk.page(request, "manage/earners/merge_choose.html", context, status=status)
    return desk.page(
        request, "manage/earners/merge.html", {"form": form, **_comparison(row, other)}, status=status
    )


def _other(desk: Desk, row: Earner, text: str) -> Earner | None:
    try:
        other_id = UUID(text)
    except ValueError:
        return None
    others = Earner.objects.filter(organization=desk.organization, uuid=other_id).exclude(pk=row.pk)
    other = others.exclude(email="").first()
    if other is not None:
        other.organization = desk.organization
    return other


def _candidates(desk: Desk, row: Earner, query: str) -> list[Earner]:
    """Return who may be meant: who has the words of the query, else who is called the same or nearly has the address."""
    others = Earner.objects.filter(organization=desk.organization).exclude(pk=row.pk).exclude(email="")
    if query:
        condition = containing(query, address="email_key", names=("first_name", "last_name"))
    else:
        # "anna@" finds the same person at another provider.
        condition = Q(email_key__startswith=f"{row.email_key.rpartition('@')[0]}@")
        if row.first_name and row.last_name:
            condition |= Q(first_name__iexact=row.first_name, last_name__iexact=row.last_name)
    return list(others.filter(condition).order_by("-pk")[:MAX_FOUND])


def _comparison(row: Earner, other: Earner) -> dict[str, Any]:
    counts = counts_of([row, other])
    own = set(ListMembership.objects.filter(earner=row).values_list("earners_list__name", "earners_list"))
    theirs = set(
        ListMembership.objects.filter(earner=other).values_list("earners_list__name", "earners_list")
    )
    return {
        "earner": row,
        "other": other,
        "people": [
            (row, counts.get(row.pk, 0), sorted(name for name, _pk in own)),
            (other, counts.get(other.pk, 0), sorted(name for name, _pk in theirs)),
        ],
        "badges": sum(counts.values()),
        "lists": len(own | theirs),
        "shared_lists": sorted(name for name, _pk in own & theirs),
        "held_by_both": held_by_both(row, other),
    }

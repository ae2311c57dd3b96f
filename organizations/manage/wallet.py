"""The wallet: how many credits are left, what moved them, asking staff for more; and the organization's plan."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_filters import ChoiceFilter

from config.exceptions import RuleBroken
from organizations.enums import ApiScope, CreditKind, CreditStatus
from organizations.forms import RefusableForm
from organizations.manage.desk import Desk, for_scope
from organizations.manage.listing import DayFilter, ListFilters, Listing, listing_of
from organizations.manage.once import once
from organizations.models import CreditTransaction
from organizations.services.wallet import MAX_DESCRIPTION, MAX_REQUEST, request_credits


class CreditRequestForm(RefusableForm):
    """A request for credits."""

    credits = forms.IntegerField(
        label=gettext_lazy("Credits"),
        min_value=1,
        max_value=MAX_REQUEST,
        help_text=gettext_lazy("One credit is one badge."),
        error_messages={
            "required": gettext_lazy("Enter how many credits you need."),
            "invalid": gettext_lazy("Enter a whole number."),
        },
    )
    description = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=MAX_DESCRIPTION,
        required=False,
        help_text=gettext_lazy("Whoever decides reads it, such as “Summer courses, 12 groups”."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TransactionFilters(ListFilters):
    """Movements by kind, status and day; the search finds descriptions."""

    shown = 2
    kind = ChoiceFilter(
        choices=CreditKind.choices, label=gettext_lazy("Why"), empty_label=gettext_lazy("All")
    )
    status = ChoiceFilter(
        choices=CreditStatus.choices, label=gettext_lazy("State"), empty_label=gettext_lazy("All")
    )
    since = DayFilter("created_at", lookup_expr="gte", label=gettext_lazy("From"))
    until = DayFilter("created_at", lookup_expr="lte", label=gettext_lazy("To"))

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep movements whose description has the text."""
        return rows.filter(description__icontains=value)


@require_safe
@for_scope(ApiScope.READ)
def wallet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the balance, requests that wait, and the movements with the balance after each."""
    ledger = CreditTransaction.objects.filter(organization=desk.organization).select_related("user")
    listing = listing_of(request, TransactionFilters, ledger.order_by("-pk"))
    waiting = list(ledger.filter(status=CreditStatus.REQUEST).order_by("-pk"))
    context = {
        "listing": listing,
        "rows": _with_balances(desk, listing),
        "waiting": waiting,
        "is_enforced": settings.CREDITS == "enforced",
    }
    return desk.page(request, "manage/wallet/wallet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@once
def new_credit_request(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask how many credits and what for; or send the request to staff."""
    form = CreditRequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            request_credits(organization=desk.organization, user=desk.user, **form.cleaned_data)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("Asked for. You are told by mail when the administrators have decided.")
            )
            return desk.go("wallet")
    status = 400 if form.errors else 200
    return desk.page(request, "manage/wallet/request.html", {"form": form}, status=status)


@require_safe
@for_scope(ApiScope.READ)
def plan(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what the administrators of the server have set: subscription, period, members."""
    return desk.page(request, "manage/plan/plan.html", {"is_enforced": settings.CREDITS == "enforced"})


def _with_balances(desk: Desk, listing: Listing) -> list[tuple[CreditTransaction, int | None]]:
    """Return the rows of a page, each with the balance after it; without, where filters leave movements out between."""
    rows = list(listing.page)
    if not rows or listing.is_narrowed:
        return [(row, None) for row in rows]
    accepted = CreditTransaction.objects.filter(
        organization=desk.organization, status=CreditStatus.ACCEPTED, pk__gt=rows[0].pk
    )
    balance = desk.organization.credits_left - int(accepted.aggregate(total=Sum("credits"))["total"] or 0)
    found: list[tuple[CreditTransaction, int | None]] = []
    for row in rows:
        counts = row.status == CreditStatus.ACCEPTED
        found.append((row, balance if counts else None))
        balance -= row.credits if counts else 0
    return found

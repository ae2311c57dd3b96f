"""Batches: all of them, and one of them as it goes on, with what became of each row."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django_filters import ChoiceFilter

from badges.enums import BatchState, RowState
from badges.manage.version_pictures import picture_of
from badges.models import Batch, BatchRow
from badges.services.batch_standing import standing_of
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope
from organizations.manage.listing import ListFilters, listing_of

SCHEDULED = "scheduled"  # a batch that waits for its moment: its state is that of one that waits for a worker
STATES = [(SCHEDULED, _("Scheduled")), *BatchState.choices]
ROWS_ON_A_PAGE = 50


class BatchFilters(ListFilters):
    """By state; the search finds title, list and who started it."""

    state = ChoiceFilter(choices=STATES, label=_("State"), empty_label=_("All states"), method="in_state")

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep batches that have the text in one of these."""
        return rows.filter(
            Q(template__current_version__title__icontains=value)
            | Q(earners_list__name__icontains=value)
            | Q(created_by__icontains=value)
        )

    def in_state(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep batches in a state; those that wait for their moment are scheduled and nothing else."""
        scheduled = Batch.objects.scheduled().values("pk")
        if value == SCHEDULED:
            return rows.filter(pk__in=scheduled)
        return rows.filter(state=value).exclude(pk__in=scheduled)


class RowFilters(ListFilters):
    """By what became of it; the search finds address and name."""

    state = ChoiceFilter(choices=RowState.choices, label=_("State"), empty_label=_("All"))

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep rows that have the text in one of these."""
        return rows.filter(
            Q(email__icontains=value) | Q(first_name__icontains=value) | Q(last_name__icontains=value)
        )


@require_safe
@for_scope(ApiScope.READ)
def batches(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the batches, newest first."""
    rows = (
        Batch.objects.filter(organization=desk.organization)
        .select_related("template__current_version", "earners_list")
        .order_by("-pk")
    )
    listing = listing_of(request, BatchFilters, rows)
    return desk.page(request, "manage/batches/list.html", {"listing": listing})


@require_safe
@for_scope(ApiScope.READ)
def batch(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Show how far a batch is, and its rows."""
    row = batch_of(desk, batch_id)
    rows = row.rows.select_related("badge").order_by("number")
    listing = listing_of(
        request, RowFilters, rows, on_a_page=ROWS_ON_A_PAGE, paginator=_paginator_of(row, request)
    )
    context = {
        "batch": row,
        "standing": standing_of(row),
        "listing": listing,
        "picture": picture_of(desk, row.template, row.template.current_version),
    }
    return desk.page(request, "manage/batches/batch.html", context)


@require_safe
@for_scope(ApiScope.READ)
def batch_progress(request: HttpRequest, desk: Desk, batch_id: UUID) -> HttpResponse:
    """Answer the part of the page that changes while a batch goes on; a page that was opened as such is led to the whole."""
    row = batch_of(desk, batch_id)
    if request.headers.get("HX-Request") != "true":
        return desk.go("batch", batch_id)
    standing = standing_of(row)
    response = desk.page(request, "manage/batches/_progress.html", {"batch": row, "standing": standing})
    if not standing.is_moving:
        response["HX-Refresh"] = "true"  # the rows below are told anew, once
    return response


def batch_of(desk: Desk, batch_id: UUID) -> Batch:
    """Return a batch of the organization, with what its pages say of it. Raises Http404."""
    batches = Batch.objects.select_related("organization", "template__current_version", "earners_list")
    return get_object_or_404(batches, organization=desk.organization, uuid=batch_id)


class _CountedRows(Paginator[BatchRow]):
    """Rows whose number is known, so that nobody counts 100,000."""

    known: int

    @cached_property
    def count(self) -> int:
        """How many they are."""
        return self.known


def _paginator_of(row: Batch, request: HttpRequest) -> type[Paginator[BatchRow]]:
    """Return how rows are counted: by the batch's own counts, unless a search narrows them."""
    if request.GET.get("q"):
        return Paginator
    counts = {
        "": row.total,
        RowState.ISSUED: row.issued_count,
        RowState.FAILED: row.failed_count,
        RowState.STOPPED: row.stopped_count,
        RowState.PENDING: row.pending_count,
    }
    known = counts.get(request.GET.get("state", ""))
    return Paginator if known is None else type("CountedRows", (_CountedRows,), {"known": known})

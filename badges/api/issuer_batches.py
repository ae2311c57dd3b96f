"""Batches in the issuer API: how far they are, what became of each row, and pausing, resuming, stopping, trying again."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.request import Request

from badges.api.issuer_batch_bodies import (
    ROW_COLUMNS,
    BatchRowShape,
    BatchShape,
    Row,
    batch_body,
    row_body,
)
from badges.enums import BatchState, RowState
from badges.models import Batch, BatchRow
from badges.services.batch_control import pause_batch, resume_batch, retry_batch, stop_batch
from badges.services.exporting import failed_rows_as_csv
from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.filters import ChoiceFilter, DayFilter, IdFilter, LaravelFilterSet
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from organizations.actors import Actor
from organizations.api.issuer_access import OrganizationView, no_such

TAG = "Batches"


class BatchFilterSet(LaravelFilterSet):
    """The filters of batches."""

    state = ChoiceFilter(choices=BatchState.values)
    badge_template_id = IdFilter("template__uuid")
    created_at_after = DayFilter("created_at", help_text="The day itself belongs to it.")
    created_at_before = DayFilter("created_at", is_end=True, help_text="The day itself belongs to it.")


class BatchRowFilterSet(LaravelFilterSet):
    """The filters of a batch's rows."""

    state = ChoiceFilter(choices=RowState.values)


class NumberedRows:
    """All rows of a batch. They are numbered from 1 without gaps, so a page is a range of numbers, however deep."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def total(self) -> int:
        """Return how many there are."""
        return self.batch.total

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Read a page."""
        return list(_columns(self.batch.rows.filter(number__gt=offset, number__lte=offset + limit)))


def _columns(rows: "QuerySet[BatchRow]") -> "QuerySet[BatchRow, Row]":
    return rows.order_by("number").values_list(*ROW_COLUMNS)


class _BatchView(OrganizationView):
    """A route of one batch."""

    def batch(self, batch_id: UUID) -> Batch:
        """Return the organization's batch with this id. Raises Missing."""
        batch = self.batches().filter(uuid=batch_id).first()
        if batch is None:
            raise no_such(_("batch"))
        return batch

    def batches(self) -> "QuerySet[Batch]":
        """Return the organization's batches with all that their bodies need."""
        return Batch.objects.filter(organization=self.organization).select_related("template", "earners_list")


class BatchesRoute(_BatchView):
    """`/api/v1/issuers/organization/batches`"""

    @documented(
        "Batches",
        tag=TAG,
        answer=BatchShape,
        listed=True,
        parameters=BatchFilterSet.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer the batches, newest first."""
        found = self.filtered(BatchFilterSet, self.batches().order_by("-id"))
        return answer(page_of(request, QuerySetSource(found), batch_body))


class BatchRoute(_BatchView):
    """`/api/v1/issuers/organization/batches/{batch_id}`"""

    @documented("A batch", tag=TAG, description="Ask again to see how far it is.", answer=BatchShape)
    def get(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Answer a batch."""
        return answer({"data": batch_body(self.batch(batch_id))})


class BatchRowsRoute(_BatchView):
    """`/api/v1/issuers/organization/batches/{batch_id}/rows`"""

    @documented(
        "Recipients of a batch",
        tag=TAG,
        description="In the order in which they were sent.",
        answer=BatchRowShape,
        listed=True,
        parameters=BatchRowFilterSet.parameters(),
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Answer what became of the recipients."""
        batch = self.batch(batch_id)
        asked = BatchRowFilterSet.asked(request.query_params)
        if not asked:
            return answer(page_of(request, NumberedRows(batch), row_body))
        rows = BatchRowFilterSet.narrow(batch.rows.all(), asked, time_zone=self.organization.time_zone)
        return answer(page_of(request, QuerySetSource(_columns(rows)), row_body))


class FailedRowsRoute(_BatchView):
    """`/api/v1/issuers/organization/batches/{batch_id}/failed.csv`"""

    @documented(
        "Recipients without a badge, as a file",
        tag=TAG,
        description="CSV with the reasons, in UTF-8: to be corrected and sent again.",
        answer=bytes,
        wrapped=False,
        media_types=("text/csv",),
    )
    def get(self, request: Request, batch_id: UUID) -> StreamingHttpResponse:
        """Answer the rows that failed."""
        batch = self.batch(batch_id)
        name = f"batch-{str(batch.uuid)[:8]}-failed.csv"
        rows = failed_rows_as_csv(batch, self.organization, by=self.actor)
        return file_answer(rows, name, "text/csv; charset=utf-8")

    def head(self, request: Request, batch_id: UUID) -> StreamingHttpResponse:
        """Answer the headers alone."""
        self.batch(batch_id)
        return file_answer(iter(()), "", "text/csv; charset=utf-8")


def file_answer(content: Iterator[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """Return a file that is sent while it is written; proxies are asked not to keep it back."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


class _Change(Protocol):
    """A service that changes a batch."""

    def __call__(self, *, batch: Batch, by: Actor | None) -> Batch: ...


class _ChangeRoute(_BatchView):
    needs = {"POST": "issue"}
    change: ClassVar[_Change]

    def changed(self, batch_id: UUID) -> HttpResponse:
        """Change the batch and answer it."""
        batch = self.batch(batch_id)
        type(self).change(batch=batch, by=self.actor)
        return answer({"data": batch_body(self.batch(batch_id))})


class PauseRoute(_ChangeRoute):
    """`/api/v1/issuers/organization/batches/{batch_id}/pause`"""

    change = staticmethod(pause_batch)

    @documented(
        "Let a batch wait",
        tag=TAG,
        description="Until it is resumed. Badges that are being issued at this moment are finished first.",
        answer=BatchShape,
        refusals=[409],
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Pause it."""
        return self.changed(batch_id)


class ResumeRoute(_ChangeRoute):
    """`/api/v1/issuers/organization/batches/{batch_id}/resume`"""

    change = staticmethod(resume_batch)

    @documented(
        "Let a paused batch go on",
        tag=TAG,
        answer=BatchShape,
        refusals=[409, 422],
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Resume it."""
        return self.changed(batch_id)


class StopRoute(_ChangeRoute):
    """`/api/v1/issuers/organization/batches/{batch_id}/stop`"""

    change = staticmethod(stop_batch)

    @documented(
        "End a batch before its end",
        tag=TAG,
        description="Badges that were issued stay; all others are not tried, and their credits come back at once.",
        answer=BatchShape,
        refusals=[409],
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Stop it."""
        return self.changed(batch_id)


class RetryRoute(_ChangeRoute):
    """`/api/v1/issuers/organization/batches/{batch_id}/retry`"""

    change = staticmethod(retry_batch)

    @documented(
        "Try rows without a badge again",
        tag=TAG,
        description="Those alone, of a batch that has ended. Credits are taken for them again.",
        answer=BatchShape,
        refusals=[402, 409, 422],
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, batch_id: UUID) -> HttpResponse:
        """Try them again."""
        return self.changed(batch_id)


_PATH = "issuers/organization/batches"
urlpatterns = [
    path(_PATH, BatchesRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>", BatchRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>/rows", BatchRowsRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>/failed.csv", FailedRowsRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>/pause", PauseRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>/resume", ResumeRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>/stop", StopRoute.as_view()),
    path(f"{_PATH}/<uuid:batch_id>/retry", RetryRoute.as_view()),
]

"""The staff's pages of bulk runs: where they stand, and what became of each row."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.enums import BatchState
from badges.models import Batch, BatchRow
from badges.services.batch_control import pause_batch, resume_batch, retry_batch, stop_batch
from organizations.admin.kept import Confirmation, ReadOnlyAdmin, acting_user

# In which states each act makes sense; the services decide.
STATES_OF_ACTS = {
    "pause": {BatchState.PENDING, BatchState.RUNNING},
    "resume": {BatchState.PAUSED},
    "stop": {BatchState.PENDING, BatchState.RUNNING, BatchState.PAUSED},
    "retry": {BatchState.STOPPED, BatchState.DONE},
}


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Bulk runs: paused, resumed, stopped, and tried again."""

    list_display = (
        "template",
        "organization",
        "state",
        "total",
        "issued_count",
        "failed_count",
        "stopped_count",
        "created_by",
        "created_at",
        "finished_at",
    )
    list_filter = ("state", "organization")
    list_select_related = ("organization", "template__current_version")
    search_fields = (
        "template__current_version__title",
        "created_by",
        "earners_list__name",
        "organization__name",
    )
    date_hierarchy = "created_at"
    readonly_fields = ("recipients",)
    fields = (
        "uuid",
        "organization",
        "template",
        "earners_list",
        "state",
        "pause_reason",
        "total",
        "issued_count",
        "failed_count",
        "stopped_count",
        "recipients",
        "award",
        "notify",
        "report_to",
        "created_by",
        "starts_at",
        "created_at",
        "finished_at",
    )

    actions = ("pause", "resume", "stop", "retry")

    def offers(self, act: str, row: Any) -> bool:
        """Offer what fits the state of the batch."""
        if act == "retry" and not row.failed_count + row.stopped_count:
            return False
        return act not in STATES_OF_ACTS or row.state in STATES_OF_ACTS[act]

    @admin.action(description=gettext_lazy("Pause"), permissions=["act"])
    def pause(self, request: HttpRequest, queryset: models.QuerySet[Batch]) -> HttpResponse | None:
        """Let batches wait."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: pause_batch(batch=row, by=acting_user(request)),
            record=_("Paused."),
            done=_("Paused bulk runs: %(count)d."),
        )

    @admin.action(description=gettext_lazy("Resume"), permissions=["act"])
    def resume(self, request: HttpRequest, queryset: models.QuerySet[Batch]) -> HttpResponse | None:
        """Let paused batches go on."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: resume_batch(batch=row, by=acting_user(request)),
            record=_("Resumed."),
            done=_("Resumed bulk runs: %(count)d."),
        )

    @admin.action(description=gettext_lazy("Stop…"), permissions=["act"])
    def stop(self, request: HttpRequest, queryset: models.QuerySet[Batch]) -> HttpResponse | None:
        """End batches before their end."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: stop_batch(batch=row, by=acting_user(request)),
            record=_("Stopped."),
            done=_("Stopped bulk runs: %(count)d."),
            confirmation=Confirmation(
                title=_("Stop bulk runs"),
                consequences=[
                    _("Badges that were issued stay, and their earners are told."),
                    _(
                        "To the others none is issued, and their credits come back. They can be tried again later."
                    ),
                ],
                button=_("Stop"),
            ),
        )

    @admin.action(description=gettext_lazy("Try rows without a badge again…"), permissions=["act"])
    def retry(self, request: HttpRequest, queryset: models.QuerySet[Batch]) -> HttpResponse | None:
        """Try again what became no badge."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: retry_batch(batch=row, by=acting_user(request)),
            record=_("Rows without a badge are tried again."),
            done=_("Bulk runs whose rows are tried again: %(count)d."),
            confirmation=Confirmation(
                title=_("Try rows again"),
                consequences=[
                    _("Only rows that became no badge are tried; nobody gets a badge of the bulk run twice."),
                    _("Their credits are taken again."),
                ],
                button=_("Try again"),
            ),
        )

    @admin.display(description=gettext_lazy("Rows"))
    def recipients(self, batch: Batch) -> SafeString:
        """Links to all rows, and to those that became no badge."""
        url = reverse(f"{self.admin_site.name}:badges_batchrow_changelist")
        return format_html(
            '<a href="{0}">{1}</a> · <a href="{0}&amp;state__exact=failed">{2}</a>',
            f"{url}?batch__id__exact={batch.pk}",
            gettext_lazy("All"),
            gettext_lazy("Not issued"),
        )


@admin.register(BatchRow)
class BatchRowAdmin(ReadOnlyAdmin):
    """Recipients of bulk runs, with the reason where no badge was issued."""

    list_display = ("email", "first_name", "last_name", "number", "batch", "state", "reason")
    list_filter = ("state", "reason_code")
    list_select_related = ("batch__template__current_version",)
    search_fields = ("email", "first_name", "last_name", "reason")
    uuid_lookup = "batch__uuid"
    ordering = ("-id",)
    show_full_result_count = False
    readonly_fields = ("issued",)
    fields = (
        "batch",
        "number",
        "email",
        "first_name",
        "last_name",
        "award",
        "state",
        "reason_code",
        "reason",
        "issued",
    )

    @admin.display(description=gettext_lazy("Badge"))
    def issued(self, row: BatchRow) -> Any:
        """Link to the badge that the row became."""
        badge = getattr(row, "badge", None)
        if badge is None:
            return None
        return format_html(
            '<a href="{}">{}</a>',
            reverse(f"{self.admin_site.name}:badges_badge_change", args=[badge.pk]),
            badge,
        )

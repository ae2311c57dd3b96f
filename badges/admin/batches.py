"""The staff's pages of bulk runs: where they stand, and what became of each row."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from badges.models import Batch, BatchRow
from organizations.admin.kept import ReadOnlyAdmin


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Bulk runs."""

    list_display = (
        "template",
        "organization",
        "state",
        "total",
        "issued_count",
        "failed_count",
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
        "recipients",
        "award",
        "notify",
        "created_by",
        "created_at",
        "finished_at",
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

"""Badges as files in the issuer API (reference openbadge_eu 6.5): what the list would show, all of it, XLSX or CSV."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from badges.api.issuer_badge_filters import BadgeFilters
from badges.api.issuer_batches import file_answer
from badges.models import Badge
from badges.services.exporting import badges_as_csv, badges_as_workbook, file_stem
from config.api.issuer.documentation import documented
from config.api.issuer.views import refuse_field
from organizations.api.issuer_access import OrganizationView

TAG = "Badges"
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The original answers .xls: whoever asks for that gets what today's spreadsheets write.
FORMATS = {"xlsx": "xlsx", "xls": "xlsx", "csv": "csv"}
DESCRIPTION = (
    "All badges that the list would show with the same filters, newest first, in the organization's language and time zone."
    " A workbook has room for 1,048,575 badges; CSV has no limit. Text that a spreadsheet would take for a formula has an"
    " apostrophe before it."
)


class ExportRoute(OrganizationView):
    """`/api/v1/issuers/organization/badges/export`, and the same path with `.xlsx` or `.csv`"""

    @documented(
        "Badges as a file",
        tag=TAG,
        description=DESCRIPTION,
        answer=bytes,
        wrapped=False,
        refusals=[422],
        media_types=(XLSX, "text/csv"),
        parameters=[
            OpenApiParameter(
                "format",
                str,
                enum=list(FORMATS),
                description="`xlsx` where nothing is said; `xls` is answered as `xlsx`.",
            ),
            *BadgeFilters.parameters(),
        ],
    )
    def get(self, request: Request, ending: str | None = None) -> StreamingHttpResponse:
        """Answer the file while it is written."""
        kind = self._kind(request, ending)
        content: Iterator[bytes] = iter(())
        asked = BadgeFilters.asked(request.query_params)
        badges = BadgeFilters.narrow(
            Badge.objects.filter(organization=self.organization), asked, time_zone=self.organization.time_zone
        )
        if self._method() == "HEAD":
            pass
        elif kind == "csv":
            content = badges_as_csv(badges, self.organization, by=self.actor)
        else:
            total = badges.count() if asked else self.organization.last_badge_number
            content = badges_as_workbook(badges, self.organization, total=total, by=self.actor)
        return file_answer(content, f"{file_stem(self.organization)}.{kind}", CSV if kind == "csv" else XLSX)

    def _kind(self, request: Request, ending: str | None) -> str:
        wanted = ending or request.query_params.get("format", "").strip().lower() or "xlsx"
        if wanted not in FORMATS:
            refuse_field("format", _("The selected format is invalid."))
        return FORMATS[wanted]


_PATH = "issuers/organization/badges/export"
urlpatterns = [
    path(_PATH, ExportRoute.as_view()),
    path(f"{_PATH}.xlsx", ExportRoute.as_view(), {"ending": "xlsx"}),
    path(f"{_PATH}.xls", ExportRoute.as_view(), {"ending": "xls"}),
    path(f"{_PATH}.csv", ExportRoute.as_view(), {"ending": "csv"}),
]

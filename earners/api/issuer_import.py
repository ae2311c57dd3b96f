"""Import of a file into a list of earners in the issuer API, and what became of each row."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from config.api.issuer.documentation import documented
from config.api.issuer.fields import FlagField, Input, Shape
from config.api.issuer.views import answer
from earners.api.issuer_examples import IMPORT
from earners.api.issuer_lists import TAG, EarnersListRowShape, find_list, no_such_list, row_body
from earners.files import read_earners
from earners.models import EarnersList
from earners.services import ImportReport, RowResult, import_earners
from organizations.api.issuer_access import OrganizationView


class DryRunInput(Input):
    """Whether anything is to change."""

    dry_run = FlagField(
        required=False, help_text="1 changes nothing and only tells what would become of each row."
    )


class ImportInput(DryRunInput):
    """A file of earners."""

    file = serializers.FileField(
        max_length=None, allow_empty_file=True, help_text="CSV with any separator and encoding, or XLSX."
    )


ImportCountsShape = type(
    "ImportCountsShape", (Shape,), {result.value: serializers.IntegerField() for result in RowResult}
)


class ImportRowShape(Shape):
    """A row of the file: its number in the spreadsheet or its line, and what became of it."""

    number = serializers.IntegerField()
    email = serializers.CharField(allow_null=True)
    result = serializers.ChoiceField([result.value for result in RowResult])
    message = serializers.CharField()


class ImportShape(Shape):
    """What an import did, or would do."""

    example = IMPORT
    dry_run = FlagField()
    earners_list = EarnersListRowShape()
    counts = ImportCountsShape()
    warnings = serializers.ListField(child=serializers.CharField(), help_text="About the file as a whole.")
    rows = ImportRowShape(many=True)


def import_body(report: ImportReport, earners_list: EarnersList) -> dict[str, Any]:
    """Return a report as ImportShape says."""
    counts = dict.fromkeys((result.value for result in RowResult), 0)
    for row in report.rows:
        counts[row.result.value] += 1
    return {
        "dry_run": int(report.is_dry_run),
        "earners_list": row_body(report.earners_list or earners_list),
        "counts": counts,
        "warnings": list(report.warnings),
        "rows": [
            {"number": row.number, "email": row.email, "result": row.result.value, "message": row.message}
            for row in report.rows
        ],
    }


class ImportRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners_lists/{id}/import`"""

    # The same file again changes nothing.
    takes_idempotency_key = False

    @documented(
        "Import a file into a list",
        tag=TAG,
        description=(
            "Puts the people of a CSV or XLSX file on the list; rows with a problem are left out and told. The same file "
            "again changes nothing."
        ),
        request={"multipart/form-data": ImportInput},
        answer=ImportShape,
        parameters=[
            OpenApiParameter(
                "dry_run",
                {"type": "integer", "enum": [0, 1]},
                description="1: the same as in the body; nothing changes.",
            )
        ],
    )
    def post(self, request: Request, list_id: UUID) -> HttpResponse:
        """Import a file."""
        earners_list = find_list(self.organization, list_id)
        values = self.checked(ImportInput)
        # Beside a file the address is a usual place for a flag: whoever says it in either means that nothing changes.
        asked = DryRunInput(data=request.query_params.dict()).checked()
        upload = values["file"]
        try:
            report = import_earners(
                organization=self.organization,
                file=read_earners(upload.file, name=upload.name),
                earners_list=earners_list,
                is_dry_run=values.get("dry_run", False) or asked.get("dry_run", False),
                by=self.actor,
            )
        except EarnersList.DoesNotExist as error:
            raise no_such_list() from error
        return answer({"data": import_body(report, earners_list)})


urlpatterns = [path("issuers/organization/earners_lists/<uuid:list_id>/import", ImportRoute.as_view())]

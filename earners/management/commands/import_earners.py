"""Import earners from a CSV or XLSX file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.commands import AnsweringCommand
from config.exceptions import InvalidInput
from earners.files import read_earners
from earners.services import ImportReport, RowResult, import_earners
from organizations.services.finding import find_organization


class Command(AnsweringCommand):
    """Put the people of a file on a list; with --dry-run only say what would happen, row by row."""

    help = "Put the people of a CSV or XLSX file on a list of earners; with --dry-run only say what would happen."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file and where its people go."""
        super().add_arguments(parser)
        parser.add_argument("organization", help="Slug or id.")
        parser.add_argument("file", type=Path, help="CSV (any separator and encoding) or XLSX.")
        parser.add_argument(
            "--list", required=True, dest="list_name", help="The list; it is made when there is none."
        )
        parser.add_argument(
            "--dry-run", action="store_true", dest="is_dry_run", help="Change nothing, only report."
        )

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Import and report."""
        path: Path = options["file"]
        organization = find_organization(options["organization"])
        try:
            content = path.open("rb")
        except OSError as error:
            raise InvalidInput(f"The file cannot be read: {error.strerror}.", field="file") from error
        with content:
            report = import_earners(
                organization=organization,
                file=read_earners(content, name=path.name),
                list_name=options["list_name"],
                is_dry_run=options["is_dry_run"],
                by=None,
            )
        return _text(report, options["list_name"], everything=options["is_dry_run"]), _values(report)


def _values(report: ImportReport) -> dict[str, Any]:
    return {
        "dry_run": report.is_dry_run,
        "list": str(report.earners_list.uuid) if report.earners_list else None,
        "counts": {result.value: report.count(result) for result in RowResult},
        "warnings": list(report.warnings),
        "rows": [
            {"row": row.number, "email": row.email, "result": row.result.value, "message": row.message}
            for row in report.rows
        ],
    }


def _text(report: ImportReport, list_name: str, *, everything: bool) -> str:
    """Return the report for people: all rows of a dry run, else only those with a problem."""
    lines = [f"! {warning}" for warning in report.warnings]
    told = [row for row in report.rows if everything or row.result is RowResult.PROBLEM]
    lines += [f"row {row.number}: {row.email or '(no e-mail)'}: {row.message}" for row in told]
    counts = {result: report.count(result) for result in RowResult}
    would = "would be " if report.is_dry_run else ""
    lines.append(
        f"{list_name}: {counts[RowResult.ADDED] + counts[RowResult.LISTED]} {would}put on the list"
        f" ({counts[RowResult.ADDED]} new earners), {counts[RowResult.UPDATED]} {would}changed,"
        f" {counts[RowResult.UNCHANGED]} unchanged, {counts[RowResult.PROBLEM]} left out with a problem."
        + (" Nothing was changed: this was a dry run." if report.is_dry_run else "")
    )
    return "\n".join(lines)

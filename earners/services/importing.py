"""Earners are imported from files that others export."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.text import folded
from earners.enums import ListType
from earners.files import EarnerRow, EarnersFile
from earners.models import EarnersList, ListMembership
from earners.services.lists import checked_name, create_list, hold, on_list, save_changed, takes
from earners.services.people import Person, add_earners, find_earners, in_chunks
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import note_act
from organizations.services.inserting import insert


class RowResult(StrEnum):
    """What an import does, or would do, with a row of the file."""

    ADDED = "added"
    LISTED = "listed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    PROBLEM = "problem"


ROW_MESSAGES = {
    RowResult.ADDED: gettext_lazy("New earner, put on the list."),
    RowResult.LISTED: gettext_lazy("Known earner, put on the list."),
    RowResult.UPDATED: gettext_lazy("On the list already; name or further columns changed."),
    RowResult.UNCHANGED: gettext_lazy("On the list already; nothing to change."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReport:
    """One row of the file and what became of it, in plain words; beside a problem with its `cells` as they were found."""

    number: int
    email: str | None
    result: RowResult
    message: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do when it was a dry run: every row, and how the file was understood."""

    rows: tuple[RowReport, ...]
    earners_list: EarnersList | None
    is_dry_run: bool
    warnings: tuple[str, ...]

    def count(self, result: RowResult) -> int:
        """Return how many rows had this result."""
        return sum(1 for row in self.rows if row.result is result)


def import_earners(
    *,
    organization: Organization,
    file: EarnersFile,
    list_name: str | None = None,
    earners_list: EarnersList | None = None,
    is_dry_run: bool = False,
    by: Actor | None,
) -> ImportReport:
    """Put the people of a file on a list: this one, or the organization's list of that name, made when there is none.

    All usable rows in one transaction, or none; rows with a problem are left out and reported. Names and metadata of the
    file replace those on the list where the file has any. A second import of the same file changes nothing. A dry run
    reports the same and writes nothing. Raises OrganizationDisabled, InvalidInput, UnreadableFile, and DoesNotExist when the
    list was deleted meanwhile.
    """
    reports: list[RowReport] = []
    with transaction.atomic():
        # The organization's row is taken first: two imports of one file at once run one after the other.
        organization = hold(organization)
        if earners_list is None:
            name = checked_name(list_name or "")
            named = EarnersList.objects.filter(organization=organization, name=name, type=ListType.LIST)
            earners_list = named.order_by("pk").first()
            if earners_list is None and not is_dry_run:
                earners_list = create_list(organization=organization, name=name, by=by)
        else:
            earners_list.refresh_from_db()
        for chunk in in_chunks(file.rows):
            reports += _import_chunk(organization, earners_list, chunk, is_dry_run=is_dry_run)
        if earners_list is not None and not is_dry_run:
            added = sum(row.result in {RowResult.ADDED, RowResult.LISTED} for row in reports)
            if added:
                EarnersList.objects.filter(pk=earners_list.pk).update(
                    earners_count=F("earners_count") + added, updated_at=timezone.now()
                )
            earners_list.refresh_from_db()
            counts = Counter(row.result.value for row in reports)
            note_act(
                organization=organization,
                act=AuditAct.EARNERS_IMPORTED,
                by=by,
                subject=earners_list.uuid,
                label=earners_list.name,
                details=counts,
            )
    return ImportReport(
        rows=tuple(reports), earners_list=earners_list, is_dry_run=is_dry_run, warnings=tuple(file.warnings)
    )


def _import_chunk(
    organization: Organization, earners_list: EarnersList | None, chunk: list[EarnerRow], *, is_dry_run: bool
) -> list[RowReport]:
    usable = {folded(row.email): row for row in chunk if row.email and not row.problems}
    known = find_earners(organization, usable)
    listed: dict[str, ListMembership] = {}
    if earners_list is not None:
        memberships = on_list(earners_list, known.values()).values()
        listed = {membership.earner.email_key: membership for membership in memberships}

    results: dict[str, RowResult] = {}
    changed: list[ListMembership] = []
    for key, row in usable.items():
        if key not in known:
            results[key] = RowResult.ADDED
        elif key not in listed:
            results[key] = RowResult.LISTED
        elif takes(listed[key], row):
            results[key] = RowResult.UPDATED
            changed.append(listed[key])
        else:
            results[key] = RowResult.UNCHANGED

    if not is_dry_run and earners_list is not None:
        people = [
            Person(email=row.email or "", first_name=row.first_name, last_name=row.last_name)
            for row in usable.values()
        ]
        earners = add_earners(organization=organization, people=people)
        insert(
            [
                ListMembership(
                    earners_list=earners_list,
                    earner=earners[key],
                    first_name=row.first_name,
                    last_name=row.last_name,
                    metadata=row.metadata or None,
                )
                for key, row in usable.items()
                if results[key] in {RowResult.ADDED, RowResult.LISTED}
            ]
        )
        save_changed(changed)
    return [_report(row, results) for row in chunk]


def _report(row: EarnerRow, results: dict[str, RowResult]) -> RowReport:
    if row.problems or not row.email:
        return RowReport(
            number=row.number,
            email=row.email,
            result=RowResult.PROBLEM,
            message=" ".join(row.problems),
            cells=row.cells,
        )
    result = results[folded(row.email)]
    return RowReport(number=row.number, email=row.email, result=result, message=str(ROW_MESSAGES[result]))

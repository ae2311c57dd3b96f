"""Badges, and rows of a batch that failed, as files for people: which columns, which rows, CSV and XLSX.

Rows are read in chunks, each by a query of its own that goes on where the last one ended. So memory stays flat, no cursor
or transaction stays open while a slow client reads, and a client that goes away leaves nothing behind, whether there is a
pooler before the database or not.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.enums import BadgeStatus, RowState, TemplateType, Visibility
from badges.exceptions import TooManyRows
from badges.models import Badge, Batch, BatchRow
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import note_act
from organizations.services.workbooks import MAX_ROWS, Cell, safe, write_workbook

CHUNK = 2000
BOM = b"\xef\xbb\xbf"  # without it, spreadsheets take UTF-8 for something else

HEADINGS = (
    gettext_lazy("Id"),
    gettext_lazy("Status"),
    gettext_lazy("E-mail"),
    gettext_lazy("First name"),
    gettext_lazy("Last name"),
    gettext_lazy("Badge"),
    gettext_lazy("Code"),
    gettext_lazy("Type"),
    gettext_lazy("Version"),
    gettext_lazy("Issued at"),
    gettext_lazy("Expires at"),
    gettext_lazy("Activity"),
    gettext_lazy("Activity started at"),
    gettext_lazy("Activity ended at"),
    gettext_lazy("Notes"),
    gettext_lazy("Additional details"),
    gettext_lazy("Public"),
    gettext_lazy("Imported"),
    gettext_lazy("Address"),
    gettext_lazy("Issued by"),
    gettext_lazy("Recorded at"),
    gettext_lazy("Revoked at"),
    gettext_lazy("Reason for revoking"),
)
_COLUMNS = (
    *("number", "uuid", "recipient_email", "recipient_first_name", "recipient_last_name"),
    *("version__title", "template__code", "version__type", "version__number", "issued_at", "expires_at"),
    *("activity_title", "activity_started_at", "activity_ended_at", "notes", "additional_details"),
    *("visibility", "is_imported", "issued_by", "created_at", "revoked_at", "revocation_reason"),
)

# As the issuer API takes them, so that the file can be corrected and sent again.
FAILED_HEADINGS = (
    *("number", "recipient_email", "recipient_first_name", "recipient_last_name", "emitted_at"),
    *("expires_at", "activity_title", "activity_started_at", "activity_ended_at", "notes"),
    *("reason_code", "reason"),
)


def badges_as_csv(
    badges: "QuerySet[Badge]", organization: Organization, *, by: Actor | None
) -> Iterator[bytes]:
    """Return the badges, newest first, as CSV in UTF-8, piece by piece. `badges` are of this one organization.

    That `by` took them is noted at once, before the first piece is asked for.
    """
    note_act(organization=organization, act=AuditAct.DATA_EXPORTED, by=by, details={"badges": "csv"})
    headings, chunks = _table(badges, organization)
    return _written(headings, chunks)


def badges_as_workbook(
    badges: "QuerySet[Badge]", organization: Organization, *, total: int, by: Actor | None
) -> Iterator[bytes]:
    """Return the badges, newest first, as XLSX, piece by piece. `total` is how many they are.

    Raises TooManyRows, before anything is made, when a sheet has no room for them. Else that `by` took them is noted.
    """
    if total >= MAX_ROWS:
        raise TooManyRows(count=total, limit=MAX_ROWS - 1)
    note_act(organization=organization, act=AuditAct.DATA_EXPORTED, by=by, details={"badges": "xlsx"})
    headings, chunks = _table(badges, organization)
    with translation.override(organization.language):
        title = _("Badges")
    return write_workbook(title, headings, chunks, expected_rows=total)


def file_stem(organization: Organization) -> str:
    """Return what a file of today is called, without its ending."""
    today = timezone.now().astimezone(ZoneInfo(organization.time_zone))
    return f"badges-{organization.slug}-{today:%Y-%m-%d}"


def failed_rows_as_csv(batch: Batch, organization: Organization, *, by: Actor | None) -> Iterator[bytes]:
    """Return the rows of a batch that failed, with their reasons, as CSV in UTF-8, piece by piece.

    That `by` took them is noted at once, as of other files with addresses.
    """
    note_act(
        organization=organization,
        act=AuditAct.DATA_EXPORTED,
        by=by,
        subject=batch.uuid,
        details={"failed_rows": "csv"},
    )
    return _written(FAILED_HEADINGS, _failed_chunks(batch, ZoneInfo(organization.time_zone)))


def _table(
    badges: "QuerySet[Badge]", organization: Organization
) -> tuple[list[str], Iterator[list[list[Cell]]]]:
    """Return headings and chunks of rows in the organization's language and time zone."""
    # Texts are looked up now: while the file is sent, the language of the thread is no longer the request's.
    with translation.override(organization.language):
        headings = [str(heading) for heading in HEADINGS]
        words = {value: str(label) for value, label in [*BadgeStatus.choices, *TemplateType.choices]}
        words |= {"yes": _("yes"), "no": _("no")}
    return headings, _chunks(badges, ZoneInfo(organization.time_zone), words)


def _chunks(badges: "QuerySet[Badge]", zone: ZoneInfo, words: dict[str, str]) -> Iterator[list[list[Cell]]]:
    badges = badges.order_by("-number")
    now = timezone.now()
    last: int | None = None
    while True:
        following = badges if last is None else badges.filter(number__lt=last)
        rows = list(following.values_list(*_COLUMNS)[:CHUNK])
        if rows:
            yield [_cells(row, zone, words, now) for row in rows]
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


def _cells(row: Sequence[Any], zone: ZoneInfo, words: dict[str, str], now: datetime) -> list[Cell]:
    """Return one badge, read as _COLUMNS, as HEADINGS have it."""
    badge = dict(zip(_COLUMNS, row, strict=True))
    if badge["revoked_at"] is not None:
        status = BadgeStatus.REVOKED
    else:
        is_expired = badge["expires_at"] is not None and badge["expires_at"] <= now
        status = BadgeStatus.INVALID if is_expired else BadgeStatus.VALID
    details = badge["additional_details"]
    return [
        str(badge["uuid"]),
        words[status],
        safe(badge["recipient_email"]),
        safe(badge["recipient_first_name"]),
        safe(badge["recipient_last_name"]),
        safe(badge["version__title"]),
        safe(badge["template__code"]),
        words[badge["version__type"]],
        badge["version__number"],
        _local(badge["issued_at"], zone),
        _local(badge["expires_at"], zone),
        safe(badge["activity_title"]),
        _local(badge["activity_started_at"], zone),
        _local(badge["activity_ended_at"], zone),
        safe(badge["notes"]),
        safe(json.dumps(details, ensure_ascii=False)) if details else None,
        words["yes" if badge["visibility"] == Visibility.PUBLIC else "no"],
        words["yes" if badge["is_imported"] else "no"],
        f"{settings.PUBLIC_URL}/public/badges/{badge['uuid']}",
        safe(badge["issued_by"]),
        _local(badge["created_at"], zone),
        _local(badge["revoked_at"], zone),
        safe(badge["revocation_reason"]),
    ]


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment to the second as clocks of the zone have it, without saying so: files know no zones."""
    if moment is None:
        return None
    try:
        local = moment.astimezone(zone)
    except OverflowError:  # the last hours of the year 9999
        local = moment.astimezone(UTC)
    return local.replace(tzinfo=None, microsecond=0)


def _failed_chunks(batch: Batch, zone: ZoneInfo) -> Iterator[list[list[Cell]]]:
    failed = batch.rows.filter(state=RowState.FAILED).order_by("number")
    last = 0
    while True:
        rows = list(failed.filter(number__gt=last)[:CHUNK])
        if rows:
            yield [_failed_cells(row, zone) for row in rows]
        if len(rows) < CHUNK:
            return
        last = rows[-1].number


def _failed_cells(row: BatchRow, zone: ZoneInfo) -> list[Cell]:
    own = row.award

    def time(name: str) -> datetime | None:
        return _local(parse_datetime(own[name]), zone) if own.get(name) else None

    return [
        row.number,
        safe(row.email),
        safe(row.first_name),
        safe(row.last_name),
        time("issued_at"),
        time("expires_at"),
        safe(own.get("activity_title", "")),
        time("activity_started_at"),
        time("activity_ended_at"),
        safe(own.get("notes", "")),
        row.reason_code,
        safe(row.reason),
    ]


def _written(headings: Sequence[str], chunks: Iterable[Sequence[Sequence[Cell]]]) -> Iterator[bytes]:
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(headings)
    yield BOM + page.getvalue().encode()
    for chunk in chunks:
        page.seek(0)
        page.truncate()
        writer.writerows(chunk)
        yield page.getvalue().encode("utf-8", "replace")

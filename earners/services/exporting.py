"""Lists of earners, and rows of a file that could not be imported, as files for people: CSV and XLSX.

Rows are read in chunks, each by a query of its own that goes on where the last one ended, so that memory stays flat and
nothing stays open while a slow client reads.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from earners.files import REMARK
from earners.models import EarnersList, ListMembership
from earners.services.importing import RowReport
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.services.audit import note_act
from organizations.services.workbooks import Cell, safe, write_workbook

CHUNK = 2000
MAX_METADATA = 100  # columns; what more there is stays out of the file
BOM = b"\xef\xbb\xbf"  # without it, spreadsheets take UTF-8 for something else


def export_list(*, earners_list: EarnersList, is_workbook: bool, by: Actor | None) -> Iterator[bytes]:
    """Return everybody on a list with what it says of them, in the order in which they came on it, piece by piece.

    The file can be imported again. The organization's log notes who took it.
    """
    note_act(
        organization=earners_list.organization,
        act=AuditAct.DATA_EXPORTED,
        by=by,
        subject=earners_list.uuid,
        label=earners_list.name,
        details={"earners": earners_list.earners_count},
    )
    keys = metadata_keys(earners_list)
    with translation.override(earners_list.organization.language):
        headings = [_("E-mail"), _("First name"), _("Last name"), *(safe(key) for key in keys)]
    chunks = _members(earners_list, keys)
    if is_workbook:
        return write_workbook(earners_list.name, headings, chunks, expected_rows=earners_list.earners_count)
    return _as_csv(headings, chunks)


def export_failed(
    *, headings: Sequence[str], rows: Sequence[RowReport], is_workbook: bool
) -> Iterator[bytes]:
    """Return rows of a file that were left out, to be corrected and imported again: the reason, then the file's columns.

    Whoever imports the file again need not take the reasons out.
    """
    remark = _("What is wrong")
    titles = [f"{REMARK} {remark}", *(safe(heading) for heading in headings)]
    # Cells beyond the last heading are what is wrong with some rows.
    width = max((len(row.cells) for row in rows), default=0) + 1
    titles += [""] * (width - len(titles))
    table = [
        [safe(row.message), *(safe(cell) for cell in row.cells), *[""] * (len(titles) - 1 - len(row.cells))]
        for row in rows
    ]
    if is_workbook:
        return write_workbook(_("To correct"), titles, [table], expected_rows=len(table))
    return _as_csv(titles, [table])


def metadata_keys(earners_list: EarnersList) -> list[str]:
    """Return what a list says of anybody beside the names, in the order in which it first did."""
    keys: dict[str, None] = {}
    said = ListMembership.objects.filter(earners_list=earners_list, metadata__isnull=False).order_by("pk")
    for metadata in said.values_list("metadata", flat=True).iterator(CHUNK):
        keys |= dict.fromkeys(metadata or {})
    return list(keys)[:MAX_METADATA]


def shown_value(value: Any) -> str:
    """Return a value of metadata as text: what programs sent may be more than text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _members(earners_list: EarnersList, keys: Sequence[str]) -> Iterator[list[list[Cell]]]:
    rows = ListMembership.objects.filter(earners_list=earners_list).order_by("pk")
    last = 0
    while True:
        chunk = list(
            rows.filter(pk__gt=last).values_list(
                "pk", "earner__email", "first_name", "last_name", "metadata"
            )[:CHUNK]
        )
        if chunk:
            yield [
                [safe(email), safe(first), safe(last_name), *_values(metadata, keys)]
                for _pk, email, first, last_name, metadata in chunk
            ]
        if len(chunk) < CHUNK:
            return
        last = chunk[-1][0]


def _values(metadata: dict[str, Any] | None, keys: Sequence[str]) -> list[Cell]:
    return [safe(shown_value((metadata or {}).get(key))) for key in keys]


def _as_csv(headings: Sequence[str], chunks: Iterable[Sequence[Sequence[Cell]]]) -> Iterator[bytes]:
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(headings)
    yield BOM + page.getvalue().encode()
    for chunk in chunks:
        page.seek(0)
        page.truncate()
        writer.writerows(chunk)
        yield page.getvalue().encode("utf-8", "replace")

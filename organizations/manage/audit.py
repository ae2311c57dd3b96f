"""The audit log: who did what, when, to what; and all of it as a file."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_safe
from django_filters import ChoiceFilter

from organizations.enums import ApiScope, AuditAct, Role
from organizations.manage.desk import Desk, for_scope
from organizations.manage.listing import DayFilter, ListFilters, listing_of
from organizations.models import AuditEntry
from organizations.services.audit import note_act
from organizations.services.workbooks import safe

LABELS = dict(AuditAct.choices)
# What entries tell of that is no field of a model: those are named in config/names.py.
FIELDS = frozenset(
    (
        gettext_noop("accepted"),
        gettext_noop("added"),
        gettext_noop("addresses"),
        gettext_noop("again"),
        gettext_noop("audit log"),
        gettext_noop("changed"),
        gettext_noop("count"),
        gettext_noop("failed rows"),
        gettext_noop("in order"),
        gettext_noop("list"),
        gettext_noop("lists"),
        gettext_noop("mailed"),
        gettext_noop("merged"),
        gettext_noop("not mailed"),
        gettext_noop("removed"),
        gettext_noop("secrets"),
        gettext_noop("steps"),
    )
)
CHOICES = {"role": dict(Role.choices), "scopes": dict(ApiScope.choices)}
AT_ONCE = 2000  # rows that an export reads at a time


class AuditFilters(ListFilters):
    """By act and day; the search finds who acted and what was acted on."""

    act = ChoiceFilter(
        choices=AuditAct.choices, label=gettext_lazy("What"), empty_label=gettext_lazy("Everything")
    )
    since = DayFilter("at", lookup_expr="gte", label=gettext_lazy("From"))
    until = DayFilter("at", lookup_expr="lte", label=gettext_lazy("To"))

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep entries whose actor or subject has the text."""
        return rows.filter(Q(actor__icontains=value) | Q(subject_label__icontains=value))


@require_safe
@for_scope(ApiScope.WRITE)
def audit_log(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the log, newest first. Only who may change things sees who changed them."""
    listing = listing_of(request, AuditFilters, AuditEntry.objects.filter(organization=desk.organization))
    rows = [(entry, LABELS.get(entry.act, entry.act), list(changes(entry.details))) for entry in listing.page]
    return desk.page(
        request,
        "manage/audit/list.html",
        {"listing": listing, "rows": rows, "query": request.GET.urlencode()},
    )


@require_safe
@for_scope(ApiScope.WRITE)
def audit_log_export(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:
    """Answer the entries that the filters keep as CSV, however many there are."""
    if request.method == "GET":
        note_act(
            organization=desk.organization,
            act=AuditAct.DATA_EXPORTED,
            by=desk.user,
            details={"audit_log": "csv"},
        )
    rows = AuditEntry.objects.filter(organization=desk.organization)
    asked = AuditFilters(request.GET, queryset=rows, request=request)
    day = timezone.localdate().isoformat()
    return StreamingHttpResponse(
        _lines(asked.narrowed(), timezone.get_current_timezone()),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{desk.organization.slug}-audit-log-{day}.csv"'
        },
    )


def changes(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what an entry tells beyond its subject: a field, and its value or "before → after"."""
    for name, value in details.items():
        field, labels = _(name.replace("_", " ")), CHOICES.get(name, {})
        if isinstance(value, list) and len(value) == 2 and name != "scopes":
            yield field, f"{_shown(value[0], labels)} → {_shown(value[1], labels)}"
        else:
            yield field, _shown(value, labels)


def _shown(value: Any, labels: Mapping[str, Any]) -> str:
    """Return a value in words: one that its field chooses from a few is called as where it was chosen."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_shown(one, labels) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(one, labels)}" for name, one in value.items())
    return str(labels.get(value, value))


def _lines(rows: "QuerySet[AuditEntry]", zone: Any) -> Iterator[str]:
    """Yield the file line by line; times are those of the organization, with their offset."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_("When"), _("Who"), _("What"), _("To what"), _("Id"), _("Details")])
    yield "\ufeff" + _taken(buffer)
    for entry in rows.iterator(chunk_size=AT_ONCE):
        told = "; ".join(f"{field}: {value}" for field, value in changes(entry.details))
        cells = [entry.actor, str(LABELS.get(entry.act, entry.act)), entry.subject_label]
        writer.writerow(
            [
                entry.at.astimezone(zone).isoformat(timespec="seconds"),
                *(safe(cell) for cell in cells),
                entry.subject or "",
                safe(told),
            ]
        )
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text

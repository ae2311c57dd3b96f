"""The list of badges, and the list as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from badges.manage.badge_filters import listing_of_badges, selection_of, way_back
from badges.models import Badge
from badges.services.browsing import SHORT_WORDS_AMONG, Standing, is_waiting, standing_of
from badges.services.exporting import badges_as_csv, badges_as_workbook, file_stem
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A badge in the list."""

    badge: Badge
    standing: Standing
    is_waiting: bool


def rows_of(badges: Sequence[Badge]) -> list[Row]:
    """Return badges as the list shows them."""
    now = timezone.now()
    return [Row(badge, standing_of(badge, now), is_waiting(badge)) for badge in badges]


@require_safe
@for_scope(ApiScope.READ)
def badges(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the badges that the address asks for, newest first."""
    listing = listing_of_badges(request, desk)
    context = {
        "listing": listing,
        "rows": rows_of(listing.page.badges),
        "place": f"?{urlencode({'next': request.get_full_path()})}" if request.GET else "",
        "short_words_among": SHORT_WORDS_AMONG,
        "is_cut": listing.query.is_among_newest and desk.organization.last_badge_number > SHORT_WORDS_AMONG,
    }
    return desk.page(request, "manage/badges/list.html", context)


@require_safe
@for_scope(ApiScope.READ)
def export_badges(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Answer the badges that the address names as a file, while it is written: CSV, or a workbook."""
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    found = selection_of(request, desk).badges
    try:
        if kind == "csv":
            content = badges_as_csv(found, desk.organization, by=desk.user)
        else:
            content = badges_as_workbook(found, desk.organization, total=found.count(), by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return HttpResponseRedirect(way_back(request, desk))
    name = f"{file_stem(desk.organization)}.{kind}"
    return StreamingHttpResponse(
        content,
        content_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

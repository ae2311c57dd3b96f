"""The overview: figures of a period, what asks for attention, and the first steps of a new organization."""

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from badges.services.overview import (
    ALL_TIME,
    LAST_MONTHS,
    MOST_COUNTED,
    attention_of,
    figures_in,
    first_steps,
    period_called,
    years_of,
)
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope


@require_safe
@for_scope(ApiScope.READ)
def dashboard(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the overview; of the last twelve months where the address names no other period."""
    organization = desk.organization
    period = period_called(request.GET.get("period", ""), organization)
    figures = figures_in(organization, period)
    periods = [
        (LAST_MONTHS, _("Last 12 months")),
        *((str(year), str(year)) for year in years_of(organization)),
        (ALL_TIME, _("All time")),
    ]
    words = dict(periods).get(period.name, period.name)
    context = {
        "steps": first_steps(organization),
        "attention": attention_of(organization),
        "most_counted": MOST_COUNTED,
        "figures": figures,
        "accepted_percent": figures.accepted * 100 // figures.total if figures.total else 0,
        "dates": [
            (str(day.year) if figures.is_by_year else date_format(day, "YEAR_MONTH_FORMAT"), badges)
            for day, badges in figures.by_date
        ],
        "types": [(type_.label, badges) for type_, badges in figures.by_type],
        "period": period,
        "periods": periods if period.name in dict(periods) else [*periods, (period.name, words)],
        "period_words": words,
    }
    return desk.page(request, "manage/dashboard/dashboard.html", context)

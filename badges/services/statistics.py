"""The figures of an organization, from the tallies: they cost the same with a thousand badges and with a million."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from badges.enums import TemplateType
from badges.models import Badge, BadgeTally, BadgeTemplate, ExpiryTally
from organizations.models import Organization

TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFigures:
    """Badges issued in the twelve months of a year; `learning_paths` are those of them that are of learning paths."""

    badges: list[int]
    learning_paths: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Badges issued here and not revoked. `by_type` has every type, `paths_by_type` only those that there are.

    `top` are titles with numbers, the largest first; `per_earner` is rounded to a whole number; `public` counts the badges
    that are shown to everybody.
    """

    badges: int
    earners: int
    expired: int
    public: int
    per_earner: int
    by_type: dict[str, int]
    paths_by_type: dict[str, int]
    top: dict[str, int]


def year_figures(organization: Organization, year: int) -> YearFigures:
    """Return the figures of a year, whose months are those of the organization's time zone."""
    figures = YearFigures(badges=[0] * 12, learning_paths=[0] * 12)
    rows = (
        BadgeTally.objects.filter(
            organization=organization, month__gte=date(year, 1, 1), month__lte=date(year, 12, 1)
        )
        .order_by()
        .values_list("month", "version__template__is_learning_path")
        .annotate(total=Sum("badges"))
    )
    for month, is_path, total in rows:
        figures.badges[month.month - 1] += total
        if is_path:
            figures.learning_paths[month.month - 1] += total
    return figures


def figures_of(organization: Organization, *, at: datetime | None = None) -> Figures:
    """Return the figures as they are now, or which badges have expired `at` another time."""
    by_type = dict.fromkeys((*_SEED_ORDER, *TemplateType.values), 0)
    paths_by_type: dict[str, int] = {}
    public = 0
    rows = (
        BadgeTally.objects.filter(organization=organization)
        .order_by()
        .values_list("version__type", "version__template__is_learning_path")
        .annotate(total=Sum("badges"), shown=Sum("public_badges"))
    )
    for type_, is_path, total, shown in rows:
        by_type[type_] += total
        public += shown
        if is_path and total:
            paths_by_type[type_] = paths_by_type.get(type_, 0) + total
    earners = organization.earners_count
    return Figures(
        badges=organization.badges_count,
        earners=earners,
        expired=_expired(organization, at or timezone.now()),
        public=public,
        per_earner=int(organization.badges_count / earners + 0.5) if earners else 0,
        by_type=by_type,
        paths_by_type=paths_by_type,
        top=_top(organization),
    )


# As seed 000 shows `badges_by_type`.
_SEED_ORDER = (
    TemplateType.PARTICIPATION.value,
    TemplateType.SKILLS.value,
    TemplateType.QUALIFICATION.value,
    TemplateType.KNOWLEDGE.value,
)


def _expired(organization: Organization, at: datetime) -> int:
    """Count what expired: whole days from the tallies, the day that is running from the badges."""
    today = at.astimezone(UTC).date()
    before = ExpiryTally.objects.filter(organization=organization, day__lt=today)
    running = Badge.objects.counted().filter(
        organization=organization, expires_at__gte=datetime.combine(today, time.min, UTC), expires_at__lte=at
    )
    total: dict[str, Any] = before.aggregate(total=Sum("badges"))
    return int(total["total"] or 0) + running.count()


def _top(organization: Organization) -> dict[str, int]:
    """Return the templates with most badges. Of two with one title the second is named with its code (design.md 4.1)."""
    templates = (
        BadgeTemplate.objects.filter(Q(organization=organization), badges_count__gt=0)
        .select_related("current_version")
        .only("badges_count", "code", "slug", "current_version__title")
        .order_by("-badges_count", "pk")[:TOP]
    )
    top: dict[str, int] = {}
    for template in templates:
        title = str(template)
        if title in top:
            title = f"{title} ({template.code or template.slug})"
        if title in top:
            title = f"{title} ({template.slug})"
        top[title] = template.badges_count
    return top

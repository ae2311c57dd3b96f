"""What an organization sees first: its figures of a period, what asks for attention, and the first steps still to take.

All of it comes from counters and tallies, or is counted no further than it is said: it costs the same with a million badges.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import F, Min, QuerySet, Sum
from django.utils import timezone

from badges.enums import TemplateType
from badges.models import Badge, BadgeTally, ExpiryTally
from badges.services.findings import Level
from badges.services.tallies import month_of
from badges.services.verifiability import address_findings
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey

TOP = 5
MOST_MONTHS = 24  # as bars beside each other; longer times are shown by years
SOON = timedelta(days=30)
MOST_COUNTED = 10_000
LAST_MONTHS = "12-months"
ALL_TIME = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Months of which figures are asked, both ends included; None is open. `name` is how addresses call it."""

    name: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopTemplate:
    """A template with how many badges of it were issued in the period."""

    uuid: UUID
    title: str
    badges: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigures:
    """Badges issued in a period, here and not revoked. `by_date` has every month, or every year where `is_by_year`."""

    total: int
    accepted: int
    is_by_year: bool
    by_date: Sequence[tuple[date, int]]
    by_type: Sequence[tuple[TemplateType, int]]
    top: Sequence[TopTemplate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What may ask for something to be done. `unaccepted` is not counted beyond MOST_COUNTED."""

    expiring: int
    unaccepted: int

    @property
    def has_more_unaccepted(self) -> bool:
        """Whether there are more than were counted."""
        return self.unaccepted > MOST_COUNTED


class Step(StrEnum):
    """A first step of an organization."""

    LOGO = "logo"
    TEMPLATE = "template"
    EARNER = "earner"
    BADGE = "badge"
    VERIFIABLE = "verifiable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A step, and whether it was taken."""

    step: Step
    is_done: bool


def first_steps(organization: Organization) -> list[FirstStep]:
    """Return what a new organization does first, in order; an empty list once all of it is done."""
    has_key = SigningKey.objects.active().filter(organization=organization, algorithm=KeyAlgorithm.ED25519)
    done = {
        Step.LOGO: bool(organization.logo),
        Step.TEMPLATE: organization.badge_templates_count > 0,
        Step.EARNER: organization.earners_count > 0,
        Step.BADGE: organization.last_badge_number > 0,
        Step.VERIFIABLE: settings.IS_SECURE
        and not any(finding.level is Level.ERROR for finding in address_findings())
        and has_key.exists(),
    }
    if all(done.values()):
        return []
    return [FirstStep(step=step, is_done=done[step]) for step in Step]


def years_of(organization: Organization) -> list[int]:
    """Return the years in which badges were issued, the newest first, and the current one."""
    today = month_of(organization, timezone.now())
    tallies = BadgeTally.objects.filter(organization=organization, badges__gt=0)
    first = tallies.aggregate(first=Min("month"))["first"] or today
    return list(range(today.year, min(first.year, today.year) - 1, -1))


def period_called(name: str, organization: Organization) -> Period:
    """Return the period of an address: a year, the last twelve months (also for what is none), or all time."""
    today = month_of(organization, timezone.now())
    if name == ALL_TIME:
        return Period(name=ALL_TIME, first=None, last=None)
    if name.isascii() and name.isdecimal() and len(name) == 4 and int(name) > 0:
        return Period(name=name, first=date(int(name), 1, 1), last=date(int(name), 12, 1))
    year, month = divmod(today.year * 12 + today.month - 1 - 11, 12)
    return Period(name=LAST_MONTHS, first=date(year, month + 1, 1), last=today)


def figures_in(organization: Organization, period: Period) -> PeriodFigures:
    """Return the figures of a period, whose months are those of the organization's time zone."""
    tallies = BadgeTally.objects.filter(organization=organization, badges__gt=0).order_by()
    if period.first is not None:
        tallies = tallies.filter(month__gte=period.first)
    if period.last is not None:
        tallies = tallies.filter(month__lte=period.last)
    months = dict(tallies.values_list("month").annotate(total=Sum("badges")))
    months_between = _months(
        period.first or min(months, default=None), period.last or max(months, default=None)
    )
    is_by_year = len(months_between) > MOST_MONTHS
    by_date: dict[date, int] = defaultdict(int)
    for month in months_between:
        by_date[month.replace(month=1) if is_by_year else month] += months.get(month, 0)
    types = dict(tallies.values_list("version__type").annotate(total=Sum("badges")))
    return PeriodFigures(
        total=sum(months.values()),
        accepted=tallies.aggregate(accepted=Sum("accepted_badges"))["accepted"] or 0,
        is_by_year=is_by_year,
        by_date=list(by_date.items()),
        by_type=[(type_, types.get(type_, 0)) for type_ in TemplateType],
        top=_top(tallies),
    )


def attention_of(organization: Organization) -> Attention:
    """Return what expires within 30 days, and what was not accepted, of badges issued here and not revoked."""
    unaccepted = Badge.objects.all().filter(organization=organization).unaccepted().order_by()
    return Attention(
        expiring=_expiring(organization, timezone.now()), unaccepted=unaccepted[: MOST_COUNTED + 1].count()
    )


def _expiring(organization: Organization, at: datetime) -> int:
    """Count what expires soon: whole days (UTC) from the tallies, the two that are cut from the badges."""
    first, last = at.astimezone(UTC).date(), (at + SOON).astimezone(UTC).date()
    between = ExpiryTally.objects.filter(organization=organization, day__gt=first, day__lt=last)
    total = between.aggregate(total=Sum("badges"))["total"] or 0
    badges = Badge.objects.counted().filter(organization=organization).order_by()
    today = badges.filter(expires_at__gt=at, expires_at__lt=_midnight(first + timedelta(days=1)))
    last_day = badges.filter(expires_at__gte=_midnight(last), expires_at__lte=at + SOON)
    return int(total) + today.count() + last_day.count()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _months(first: date | None, last: date | None) -> list[date]:
    if first is None or last is None:
        return []
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _top(tallies: "QuerySet[BadgeTally]") -> list[TopTemplate]:
    rows = (
        tallies.values(
            uuid=F("version__template__uuid"), title=F("version__template__current_version__title")
        )
        .annotate(total=Sum("badges"))
        .order_by("-total", "version__template")[:TOP]
    )
    return [TopTemplate(uuid=row["uuid"], title=row["title"], badges=row["total"]) for row in rows]

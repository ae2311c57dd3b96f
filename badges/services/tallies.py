"""The tallies: changed with the badges that they count, computed anew from them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth

from badges.enums import Visibility
from badges.models import Badge, BadgeTally, ExpiryTally
from organizations.models import Organization

# Django's bulk_create can put new values in the place of old ones, not add to them.
ADD_BADGES = """
    INSERT INTO badges_badgetally (organization_id, version_id, month, badges, public_badges, accepted_badges)
    VALUES {rows}
    ON CONFLICT (version_id, month) DO UPDATE
    SET badges = badges_badgetally.badges + excluded.badges,
        public_badges = badges_badgetally.public_badges + excluded.public_badges,
        accepted_badges = badges_badgetally.accepted_badges + excluded.accepted_badges
"""
ADD_EXPIRIES = """
    INSERT INTO badges_expirytally (organization_id, day, badges) VALUES {rows}
    ON CONFLICT (organization_id, day) DO UPDATE SET badges = badges_expirytally.badges + excluded.badges
"""


def month_of(organization: Organization, moment: datetime) -> date:
    """Return the first day of the month that it is then where the organization is."""
    return moment.astimezone(ZoneInfo(organization.time_zone)).date().replace(day=1)


def tally_issued(organization: Organization, badges: Sequence[Badge]) -> None:
    """Count badges that were issued. Must run in the transaction that issues, which holds the organization's row."""
    months: Counter[tuple[int, date]] = Counter()
    public: Counter[tuple[int, date]] = Counter()
    accepted: Counter[tuple[int, date]] = Counter()
    days: Counter[date] = Counter()
    for badge in badges:
        key = (badge.version_id, month_of(organization, badge.issued_at))
        months[key] += 1
        public[key] += badge.visibility == Visibility.PUBLIC
        accepted[key] += badge.accepted_at is not None
        if badge.expires_at is not None:
            days[badge.expires_at.astimezone(UTC).date()] += 1
    _add(
        ADD_BADGES,
        [(organization.pk, *key, count, public[key], accepted[key]) for key, count in months.items()],
    )
    _add(ADD_EXPIRIES, [(organization.pk, day, count) for day, count in days.items()])


def tally_revoked(organization: Organization, badges: Iterable[Badge]) -> None:
    """Count badges no longer. Must run in the transaction that revokes them, which holds the organization's row."""
    months: Counter[tuple[int, date]] = Counter()
    public: Counter[tuple[int, date]] = Counter()
    accepted: Counter[tuple[int, date]] = Counter()
    days: Counter[date] = Counter()
    for badge in badges:
        key = (badge.version_id, month_of(organization, badge.issued_at))
        months[key] += 1
        public[key] += badge.visibility == Visibility.PUBLIC
        accepted[key] += badge.accepted_at is not None
        if badge.expires_at is not None:
            days[badge.expires_at.astimezone(UTC).date()] += 1
    for (version, month), count in sorted(months.items()):
        BadgeTally.objects.filter(version=version, month=month).update(
            badges=F("badges") - count,
            public_badges=F("public_badges") - public[version, month],
            accepted_badges=F("accepted_badges") - accepted[version, month],
        )
    for day, count in sorted(days.items()):
        ExpiryTally.objects.filter(organization=organization, day=day).update(badges=F("badges") - count)


def tally_shown(organization: Organization, badge: Badge, *, is_public: bool) -> None:
    """Count a badge that becomes public, or no longer is. The organization's row must be held."""
    _month_of_badge(organization, badge).update(public_badges=F("public_badges") + (1 if is_public else -1))


def tally_accepted(organization: Organization, badges: Iterable[Badge], *, is_accepted: bool) -> None:
    """Count badges as accepted, or no longer. The organization's row must be held; none of them is revoked or imported."""
    months = Counter((badge.version_id, month_of(organization, badge.issued_at)) for badge in badges)
    for (version, month), count in sorted(months.items()):
        BadgeTally.objects.filter(version=version, month=month).update(
            accepted_badges=F("accepted_badges") + (count if is_accepted else -count)
        )


def retally(organization: Organization) -> int:
    """Compute the tallies of an organization anew; return how many rows were wrong or missing."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        counted = Badge.objects.counted().filter(organization=organization).order_by()
        months = counted.annotate(month=TruncMonth("issued_at", tzinfo=ZoneInfo(organization.time_zone)))
        actual = {
            (row["version"], row["month"].date()): (row["badges"], row["public"], row["accepted"])
            for row in months.values("version", "month").annotate(
                badges=Count("pk"),
                public=Count("pk", filter=Q(visibility=Visibility.PUBLIC)),
                accepted=Count("pk", filter=Q(accepted_at__isnull=False)),
            )
        }
        kept = {
            (row.version_id, row.month): (row.badges, row.public_badges, row.accepted_badges)
            for row in BadgeTally.objects.filter(organization=organization)
            if row.badges
        }
        days = counted.filter(expires_at__isnull=False).annotate(day=TruncDate("expires_at", tzinfo=UTC))
        actual_days = {row["day"]: row["badges"] for row in days.values("day").annotate(badges=Count("pk"))}
        kept_days = {
            row.day: row.badges for row in ExpiryTally.objects.filter(organization=organization) if row.badges
        }
        wrong = len(dict(actual.items() ^ kept.items())) + len(dict(actual_days.items() ^ kept_days.items()))
        if wrong:
            BadgeTally.objects.filter(organization=organization).delete()
            ExpiryTally.objects.filter(organization=organization).delete()
            BadgeTally.objects.bulk_create(
                BadgeTally(
                    organization=organization,
                    version_id=version,
                    month=month,
                    badges=all_,
                    public_badges=public,
                    accepted_badges=accepted,
                )
                for (version, month), (all_, public, accepted) in actual.items()
            )
            ExpiryTally.objects.bulk_create(
                ExpiryTally(organization=organization, day=day, badges=badges)
                for day, badges in actual_days.items()
            )
    return wrong


def _month_of_badge(organization: Organization, badge: Badge) -> QuerySet[BadgeTally]:
    return BadgeTally.objects.filter(version=badge.version_id, month=month_of(organization, badge.issued_at))


def _add(statement: str, rows: Iterable[tuple[int | date, ...]]) -> None:
    values = list(rows)
    if not values:
        return
    places = ", ".join(["({})".format(", ".join(["%s"] * len(values[0])))] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rows=places), [value for row in values for value in row])

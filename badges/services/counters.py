"""The counters, computed anew from what they count."""

from typing import Any

from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from badges.models import Badge, BadgeTemplate
from badges.services.tallies import retally
from earners.models import Earner, EarnersList, ListMembership
from organizations.enums import CreditStatus
from organizations.models import CreditTransaction, Membership, Organization


def recount() -> dict[str, int]:
    """Set every counter to what it counts; return how many rows were wrong, by counter. Normally all are 0."""
    counted = Q(revoked_at__isnull=True, is_imported=False)
    accepted = CreditTransaction.objects.filter(status=CreditStatus.ACCEPTED)
    used = BadgeTemplate.objects.filter(archived_at__isnull=True)
    with transaction.atomic():
        return {
            "organization.badges_count": _set(
                Organization, "badges_count", Badge.objects.filter(counted), "organization"
            ),
            "organization.badge_templates_count": _set(
                Organization, "badge_templates_count", used, "organization"
            ),
            "organization.earners_count": _set(
                Organization, "earners_count", Earner.objects.all(), "organization"
            ),
            "organization.users_count": _set(
                Organization, "users_count", Membership.objects.all(), "organization"
            ),
            "organization.credits_left": _set(
                Organization, "credits_left", accepted, "organization", Sum("credits")
            ),
            "template.badges_count": _set(
                BadgeTemplate, "badges_count", Badge.objects.filter(counted), "template"
            ),
            "list.earners_count": _set(
                EarnersList, "earners_count", ListMembership.objects.all(), "earners_list"
            ),
            "tallies": sum(retally(organization) for organization in Organization.objects.all()),
        }


def _set(
    model: type[models.Model],
    counter: str,
    rows: models.QuerySet[Any],
    link: str,
    aggregate: models.Aggregate | None = None,
) -> int:
    """Set `counter` of each row of `model` to the aggregate of the `rows` that link to it; return how many changed."""
    counts = (
        rows.order_by()
        .filter(**{link: OuterRef("pk")})
        .values(link)
        .annotate(number=aggregate or Count("pk"))
        .values("number")
    )
    actual = Coalesce(Subquery(counts), 0)
    return (
        model._default_manager.annotate(actual=actual)
        .exclude(**{counter: models.F("actual")})
        .update(**{counter: actual})
    )

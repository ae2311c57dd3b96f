"""What the list of badges, and its export, can be asked for (reference openbadge_eu section 6.4)."""

from typing import ClassVar

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from badges.enums import BadgeStatus, Visibility
from badges.models import Badge
from badges.querysets import BadgeQuerySet
from badges.services.searching import badges_with
from config.api.issuer.filters import (
    ChoiceFilter,
    DayFilter,
    ExactFilter,
    FlagFilter,
    IdFilter,
    LaravelFilterSet,
    TextFilter,
)
from config.text import folded


class BadgeFilters(LaravelFilterSet):
    """Filters of badges; all that are sent hold together."""

    public = FlagFilter(method="filter_public", help_text="1: badges that anybody may find; 0: all others.")
    recipient_email = ExactFilter(
        method="filter_recipient_email",
        help_text="The earner's whole address as it is now, whatever the case.",
    )
    email_id = IdFilter("earner__uuid", help_text="The earner's id.")
    badge_template_id = IdFilter("template__uuid")
    badge_template_version_id = IdFilter("version__uuid")
    status = ChoiceFilter(
        method="filter_status", choices=BadgeStatus.values, help_text="`invalid` are those that expired."
    )
    imported = FlagFilter("is_imported")
    batch_id = IdFilter("batch_row__batch__uuid", help_text="Badges that this bulk request issued.")
    created_at_after = DayFilter("created_at")
    created_at_before = DayFilter("created_at", is_end=True)
    emitted_at_after = DayFilter("issued_at")
    emitted_at_before = DayFilter("issued_at", is_end=True)
    expires_at_after = DayFilter("expires_at")
    expires_at_before = DayFilter("expires_at", is_end=True)
    search = TextFilter(
        method="filter_search",
        help_text=(
            "In first name, last name, e-mail and activity, and at the start of the id, whatever the case; every word must"
            " be found."
        ),
    )
    aliases: ClassVar[dict[str, str]] = {
        "expired_at_after": "expires_at_after",
        "expired_at_before": "expires_at_before",
        "earner_id": "email_id",
        "import": "imported",
    }

    def filter_public(self, rows: "QuerySet[Badge]", name: str, value: bool) -> "QuerySet[Badge]":  # noqa: FBT001
        """Keep the public ones, or the others."""
        public = Q(visibility=Visibility.PUBLIC)
        return rows.filter(public if value else ~public)

    def filter_recipient_email(self, rows: "QuerySet[Badge]", name: str, value: str) -> "QuerySet[Badge]":
        """Keep the badges of the earner with this address."""
        # The organization of both, so that the index of earners' addresses serves.
        return rows.filter(earner__organization=F("organization"), earner__email_key=folded(value))

    def filter_status(self, rows: "QuerySet[Badge]", name: str, value: list[str]) -> "QuerySet[Badge]":
        """Keep the badges that are so now."""
        at = timezone.now()
        expired = Q(expires_at__lte=at)
        conditions = {
            BadgeStatus.REVOKED: Q(revoked_at__isnull=False),
            BadgeStatus.INVALID: Q(revoked_at__isnull=True) & expired,
            BadgeStatus.VALID: Q(revoked_at__isnull=True)
            & (Q(expires_at__isnull=True) | Q(expires_at__gt=at)),
        }
        wanted = Q()
        for status in value:
            wanted |= conditions[BadgeStatus(status)]
        return rows.filter(wanted)

    def filter_search(self, rows: BadgeQuerySet, name: str, value: str) -> BadgeQuerySet:
        """Keep the badges that have every word somewhere; a whole id finds that badge alone."""
        return badges_with(rows, value)

"""Which templates and badges: usable, public, in which state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from badges.enums import BatchState, TemplateStatus, Visibility
from organizations.querysets import OwnedQuerySet

if TYPE_CHECKING:
    from datetime import datetime

    from badges.models import Badge, BadgeTemplate, Batch  # noqa: F401  named as text below


class BadgeTemplateQuerySet(OwnedQuerySet["BadgeTemplate"]):
    """Badge templates."""

    def issuable(self) -> BadgeTemplateQuerySet:
        """Keep those from which badges may be issued, their limits aside."""
        return self.filter(
            status=TemplateStatus.ACTIVE, archived_at__isnull=True, current_version__isnull=False
        )

    def published(self) -> BadgeTemplateQuerySet:
        """Keep those that anybody may see: published and not archived. NULL archived_at means in use."""
        return self.filter(is_published=True, archived_at__isnull=True, current_version__isnull=False)


class BatchQuerySet(OwnedQuerySet["Batch"]):
    """Batches."""

    def unfinished(self) -> BatchQuerySet:
        """Keep the batches that a worker may go on with: not done, and not paused."""
        return self.filter(state__in=[BatchState.PENDING, BatchState.RUNNING])


class BadgeQuerySet(OwnedQuerySet["Badge"]):
    """Badges."""

    def revoked(self) -> BadgeQuerySet:
        """Keep the badges that were taken back."""
        return self.filter(revoked_at__isnull=False)

    def counted(self) -> BadgeQuerySet:
        """Keep what the statistics count: issued here and not revoked."""
        return self.filter(revoked_at__isnull=True, is_imported=False)

    def expired(self, at: datetime | None = None) -> BadgeQuerySet:
        """Keep the badges that expired by `at` (default: now) and were not revoked."""
        return self.filter(expires_at__lte=at or timezone.now(), revoked_at__isnull=True)

    def valid(self, at: datetime | None = None) -> BadgeQuerySet:
        """Keep the badges that are neither revoked nor expired at `at` (default: now)."""
        return self.filter(revoked_at__isnull=True).filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at or timezone.now())
        )

    def reachable(self) -> BadgeQuerySet:
        """Keep the badges whose page and documents whoever has the link may see."""
        return self.exclude(visibility=Visibility.HIDDEN)

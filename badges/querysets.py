"""Which templates and badges: usable, public, in which state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone

from badges.enums import BatchState, OutcomeState, TemplateStatus, Visibility
from organizations.querysets import OwnedQuerySet, owned_by

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from badges.models import (  # noqa: F401  named as text below
        Badge,
        BadgeTemplate,
        Batch,
        OutcomeRecord,
        PathProgress,
        Revocation,
    )
    from organizations.actors import Actor


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

    def undeleted(self) -> BadgeTemplateQuerySet:
        """Leave out those that a BadgeKit client deleted (withdraw_template): both archived and inactive."""
        return self.exclude(archived_at__isnull=False, status=TemplateStatus.INACTIVE)


class BatchQuerySet(OwnedQuerySet["Batch"]):
    """Batches."""

    def unfinished(self) -> BatchQuerySet:
        """Keep the batches that are neither done, nor stopped, nor paused; also those that start later."""
        return self.filter(state__in=[BatchState.PENDING, BatchState.RUNNING])

    def due(self, at: datetime | None = None) -> BatchQuerySet:
        """Keep the unfinished batches that a worker may go on with at `at` (default: now). NULL starts_at means at once."""
        return self.unfinished().filter(Q(starts_at__isnull=True) | Q(starts_at__lte=at or timezone.now()))

    def scheduled(self, at: datetime | None = None) -> BatchQuerySet:
        """Keep the batches that wait for their moment at `at` (default: now)."""
        return self.filter(state=BatchState.PENDING, starts_at__gt=at or timezone.now())


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

    def unaccepted(self) -> BadgeQuerySet:
        """Keep what waits for its earner: issued here, and neither accepted, nor hidden, nor revoked."""
        return self.counted().filter(accepted_at__isnull=True).exclude(visibility=Visibility.HIDDEN)

    def expiring(self, within: timedelta, at: datetime | None = None) -> BadgeQuerySet:
        """Keep the valid badges that expire within so long from `at` (default: now)."""
        moment = at or timezone.now()
        return self.filter(revoked_at__isnull=True, expires_at__gt=moment, expires_at__lte=moment + within)

    def mailable(self) -> BadgeQuerySet:
        """Keep the badges of which there is somebody to write to, whether or not they still want mails."""
        return self.reachable().filter(revoked_at__isnull=True, is_imported=False).exclude(recipient_email="")

    def reachable(self) -> BadgeQuerySet:
        """Keep the badges whose page and documents whoever has the link may see."""
        return self.exclude(visibility=Visibility.HIDDEN)


class RevocationQuerySet(OwnedQuerySet["Revocation"]):
    """Revocations of many badges."""

    def unfinished(self) -> RevocationQuerySet:
        """Keep those of which badges are still to be revoked."""
        return self.filter(finished_at__isnull=True)


class PathProgressQuerySet(QuerySet["PathProgress"]):
    """Earners' progress on learning paths."""

    def visible_to(self, actor: Actor | None) -> PathProgressQuerySet:
        """Keep the progress on paths of organizations that `actor` belongs to; staff see all, nobody sees none."""
        return self.filter(owned_by(actor, through="path__organization"))

    def due(self) -> PathProgressQuerySet:
        """Keep what has to be looked at, longest waiting first."""
        return self.filter(due_at__isnull=False).order_by("due_at", "pk")

    def refused(self) -> PathProgressQuerySet:
        """Keep those who have all steps and were refused the path's badge."""
        return self.filter(badge__isnull=True).exclude(problem="")

    def awarded(self) -> PathProgressQuerySet:
        """Keep those who were given the path's badge."""
        return self.filter(badge__isnull=False)


class OutcomeRecordQuerySet(QuerySet["OutcomeRecord"]):
    """What became of reported outcomes."""

    def visible_to(self, actor: Actor | None) -> OutcomeRecordQuerySet:
        """Keep the records of organizations that `actor` belongs to; staff see all, nobody sees none."""
        return self.filter(owned_by(actor, through="outcome__organization"))

    def retryable(self) -> OutcomeRecordQuerySet:
        """Keep those that brought no badge."""
        return self.exclude(state__in=[OutcomeState.ISSUED, OutcomeState.COMPLETED])

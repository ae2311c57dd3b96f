"""Which organizations, and which rows of theirs, an actor may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

    from organizations.actors import Actor
    from organizations.models import ApiKey, Message, Organization, SigningKey  # noqa: F401  named as text below

Row = TypeVar("Row", bound=models.Model)


def owned_by(actor: Actor | None, *, through: str = "organization") -> models.Q:
    """Return the condition for rows of the organizations that `actor` belongs to.

    An API key sees its own organization, a user those of their memberships, a BadgeKit consumer all of its system, staff
    everything, nobody (None) nothing: a view that forgot to say who asks shows nothing. `through` is the field that leads to
    the organization.
    """
    if actor is None:
        return models.Q(pk__in=[])
    if actor.sees_everything:
        return models.Q()
    return models.Q(**{f"{through}__in": actor.visible_organization_ids})


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows with an `organization` of their own."""

    def visible_to(self, actor: Actor | None) -> OwnedQuerySet[Row]:
        """Keep the rows of organizations that `actor` belongs to; staff see all, nobody sees none."""
        return self.filter(owned_by(actor))


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Organizations."""

    def visible_to(self, actor: Actor | None) -> OrganizationQuerySet:
        """Keep those that `actor` belongs to; staff see all, nobody sees none."""
        return self.filter(owned_by(actor, through="pk"))

    def issuers(self) -> OrganizationQuerySet:
        """Leave out organizations that stand for a system, which BadgeKit does not address as issuers."""
        return self.filter(is_system_itself=False)


class SigningKeyQuerySet(OwnedQuerySet["SigningKey"]):
    """Signing keys."""

    def active(self) -> SigningKeyQuerySet:
        """Keep the keys that sign new badges: at most one of each algorithm and organization."""
        return self.filter(status="active")

    def trusted(self) -> SigningKeyQuerySet:
        """Keep the keys whose signatures verify: active and retired ones."""
        return self.exclude(status="revoked")


class ApiKeyQuerySet(OwnedQuerySet["ApiKey"]):
    """API keys."""

    def usable(self, at: datetime | None = None) -> ApiKeyQuerySet:
        """Keep the keys that are neither revoked nor expired at `at` (default: now)."""
        at = at or timezone.now()
        return self.filter(revoked_at__isnull=True).filter(
            models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=at)
        )


class MessageQuerySet(models.QuerySet["Message"]):
    """Outbox rows."""

    def due(self, at: datetime | None = None) -> MessageQuerySet:
        """Keep what waits to be sent at `at` (default: now), oldest first."""
        return self.filter(
            sent_at__isnull=True, given_up_at__isnull=True, due_at__lte=at or timezone.now()
        ).order_by("due_at", "id")

"""Which claim codes may still be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone

from organizations.querysets import OwnedQuerySet, owned_by

if TYPE_CHECKING:
    from datetime import datetime

    from claimcodes.models import ClaimCode  # noqa: F401  named as text below
    from organizations.actors import Actor


class ClaimCodeQuerySet(OwnedQuerySet["ClaimCode"]):
    """Claim codes."""

    def visible_to(self, actor: Actor | None) -> ClaimCodeQuerySet:
        """Keep the codes of templates of organizations that `actor` belongs to."""
        return self.filter(owned_by(actor, through="template__organization"))

    def claimable(self, at: datetime | None = None) -> ClaimCodeQuerySet:
        """Keep codes that one more person may use at `at` (default: now): the condition of the UPDATE that takes a use."""
        return self.filter(
            Q(is_multiuse=False, is_claimed=False)
            | Q(is_multiuse=True, max_uses__isnull=True)
            | Q(is_multiuse=True, uses__lt=F("max_uses"))
        ).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at or timezone.now()))

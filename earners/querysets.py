"""Which login tokens are of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

    from earners.models import LoginToken  # noqa: F401  named as text below


class LoginTokenQuerySet(models.QuerySet["LoginToken"]):
    """Login tokens."""

    def usable(self, at: datetime | None = None) -> LoginTokenQuerySet:
        """Keep the tokens that are neither revoked nor expired at `at` (default: now)."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at or timezone.now())

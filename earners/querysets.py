"""Which login tokens, mailed codes and challenges are of use, and which addresses sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

    from earners.models import AccountEmail, Challenge, LoginToken, SignIn  # noqa: F401  named as text below


class AccountEmailQuerySet(models.QuerySet["AccountEmail"]):
    """Addresses of accounts."""

    def signing_in(self) -> AccountEmailQuerySet:
        """Keep the addresses that open their account."""
        return self.filter(verified_at__isnull=False, closed_at__isnull=True)


class LoginTokenQuerySet(models.QuerySet["LoginToken"]):
    """Login tokens."""

    def usable(self, at: datetime | None = None) -> LoginTokenQuerySet:
        """Keep the tokens that are neither revoked nor expired at `at` (default: now)."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at or timezone.now())


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Mailed codes and links."""

    def usable(self, at: datetime | None = None) -> SignInQuerySet:
        """Keep those that were neither used nor are over at `at` (default: now)."""
        return self.filter(used_at__isnull=True, expires_at__gt=at or timezone.now())


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    """What browsers are to come back with."""

    def usable(self, at: datetime | None = None) -> ChallengeQuerySet:
        """Keep those that were neither used nor are over at `at` (default: now)."""
        return self.filter(used_at__isnull=True, expires_at__gt=at or timezone.now())

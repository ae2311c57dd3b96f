"""Badges of other issuers that earners brought, verified on the way in."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from badges.enums import BadgeStatus, ImportedKind
from earners.models import EarnerAccount


class ImportedBadge(models.Model):
    """A badge that somebody else issued to the person of an account, as it was verified at `verified_at`.

    No Badge, because its issuer and template are elsewhere: `issuer` is what its document says of them,
    {id, name, description, email, url}, all text. `document` is what was verified: JSON or a compact JWS. `image` is the
    name of its picture in the storage, `image_url` the picture's address at the issuer's. `identity` is the digest of
    issuer and id, by which an account has a badge once. `is_public` puts it on its earner's public page.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        EarnerAccount,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint's index begins with it
        related_name="imported_badges",
    )
    identity = models.CharField(max_length=64, editable=False)
    kind = models.CharField(max_length=12, choices=ImportedKind)
    name = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    issuer = models.JSONField(default=dict)
    image = models.CharField(max_length=255, blank=True)
    image_url = models.CharField(max_length=2000, blank=True)
    recipient_email = models.CharField(max_length=254)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    source_url = models.CharField(max_length=2000, blank=True)
    document = models.TextField()
    verified_at = models.DateTimeField()
    is_public = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "identity"], name="imported_badge_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=ImportedKind.values), name="imported_badge_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.recipient_email}"

    def status_at(self, at: datetime) -> BadgeStatus:
        """Return what the badge is at an instant, by what was found when it was last verified."""
        if self.revoked_at is not None:
            return BadgeStatus.REVOKED
        if self.expires_at is not None and self.expires_at <= at:
            return BadgeStatus.INVALID
        return BadgeStatus.VALID

    @property
    def suffix(self) -> str:
        """What the document's file is named with at its end: json, or jwt for a compact JWS."""
        return "json" if self.document.lstrip().startswith("{") else "jwt"

    @property
    def status(self) -> BadgeStatus:
        """What the badge is now."""
        return self.status_at(timezone.now())

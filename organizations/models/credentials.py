"""Keys: what programs sign in with, and what badges are signed with. Secrets are digests or encrypted, never plain."""

import uuid
from collections.abc import Collection

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.enums import ApiScope, KeyAlgorithm, KeyStatus
from organizations.models.organizations import Organization, System
from organizations.querysets import ApiKeyQuerySet, SigningKeyQuerySet


class ApiKey(models.Model):
    """Lets a program act for one organization. The key is shown once; its prefix finds the row, its digest proves it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_usable(self) -> bool:
        """Whether the key opens anything now."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    def has_scope(self, scope: ApiScope) -> bool:
        """Whether the key may do what `scope` names."""
        return scope in self.scopes

    @property
    def actor_label(self) -> str:
        """How records name the key."""
        return f"API key {self.name} ({self.prefix})"

    @property
    def sees_everything(self) -> bool:
        """Never: a key belongs to one organization."""
        return False

    @property
    def visible_organization_ids(self) -> Collection[int]:
        """The one organization of the key."""
        return [self.organization_id]


class BadgekitConsumer(models.Model):
    """Lets a BadgeKit client act in one system. Its secret signs tokens (HS256), so it is encrypted rather than digested."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="badgekit_consumers")
    key = models.CharField(max_length=64, unique=True, editable=False)
    encrypted_secret = models.BinaryField(editable=False)
    description = models.CharField(max_length=255, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("BadgeKit consumer")

    def __str__(self) -> str:
        return f"{self.system} · {self.key}"

    @property
    def actor_label(self) -> str:
        """How records name the consumer."""
        return f"BadgeKit consumer {self.key}"

    @property
    def sees_everything(self) -> bool:
        """Never: a consumer belongs to one system."""
        return False

    @property
    def visible_organization_ids(self) -> Collection[int]:
        """All organizations of the consumer's system, as a query."""
        return Organization.objects.filter(system=self.system_id).values("pk")  # type: ignore[return-value]


class SigningKey(models.Model):
    """What an organization signs with. The private part is encrypted by KEY_ENCRYPTION_KEYS, which rotate on their own."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="signing_keys")
    algorithm = models.CharField(max_length=10, choices=KeyAlgorithm)
    status = models.CharField(max_length=10, choices=KeyStatus, default=KeyStatus.ACTIVE)
    public_bytes = models.BinaryField(
        editable=False, help_text=_("Ed25519: 32 bytes; RSA: SubjectPublicKeyInfo, DER.")
    )
    encrypted_private_bytes = models.BinaryField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "algorithm"],
                condition=models.Q(status="active"),
                name="signing_key_one_active",
            ),
            models.CheckConstraint(
                condition=models.Q(algorithm__in=KeyAlgorithm.values), name="signing_key_algorithm_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=KeyStatus.values), name="signing_key_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_algorithm_display()} {self.uuid}"

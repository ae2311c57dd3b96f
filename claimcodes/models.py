"""How an earner collects: claim codes, and one claim for each success."""

import uuid
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.models import Badge, BadgeTemplate
from claimcodes.querysets import ClaimCodeQuerySet
from organizations.models import System


class ClaimCode(models.Model):
    """A code that whoever has it turns into a badge (seed 004).

    Stored as typed, compared by `code_key` (trimmed, case-folded), unique in its system. `email` is what BadgeKit shows:
    the address of the last claim, or one that was set when the code was made. `uses` counts the claims.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="claim_codes", editable=False)
    template = models.ForeignKey(BadgeTemplate, on_delete=models.PROTECT, related_name="claim_codes")
    code = models.CharField(max_length=255)
    code_key = models.CharField(max_length=1020, editable=False)
    is_multiuse = models.BooleanField(default=False)
    is_claimed = models.BooleanField(default=False)
    email = models.CharField(max_length=254, null=True, blank=True)
    uses = models.PositiveIntegerField(default=0, editable=False)
    max_uses = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("For multi-use codes. Empty: no limit."),
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ClaimCodeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code_key"], name="claim_code_unique_in_system"),
            models.CheckConstraint(
                condition=Q(is_multiuse=True) | Q(uses__lte=1), name="claim_code_single_use_once"
            ),
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")),
                name="claim_code_within_max_uses",
            ),
            models.CheckConstraint(condition=~Q(code_key=""), name="claim_code_not_empty"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_claimable(self) -> bool:
        """Whether one more person may use the code now: what ClaimCodeQuerySet.claimable asks of the database."""
        if self.is_over:
            return False
        if self.is_multiuse:
            return self.max_uses is None or self.uses < self.max_uses
        return not self.is_claimed

    @property
    def public_path(self) -> str:
        """The path of the claim page with the code filled in: what a QR code leads to."""
        return f"/claim?{urlencode({'code': self.code}, quote_via=quote)}"

    @property
    def public_url(self) -> str:
        """The whole address of that page."""
        return f"{settings.PUBLIC_URL}{self.public_path}"


class Claim(models.Model):
    """One successful use of a claim code; with an e-mail it issued a badge."""

    claim_code = models.ForeignKey(ClaimCode, on_delete=models.CASCADE, related_name="claims")
    badge = models.OneToOneField(Badge, on_delete=models.PROTECT, null=True, related_name="claim")
    email = models.CharField(max_length=254, blank=True)
    email_key = models.CharField(max_length=254, null=True, editable=False)
    claimed_by = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["claim_code", "email_key"], name="claim_once_per_address"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_code} · {self.email}"

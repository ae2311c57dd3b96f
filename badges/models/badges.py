"""Badges: one issued to one earner, its signed documents, and the lists that tell which are revoked."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from badges.enums import BadgeStatus, DocumentKind, Visibility
from badges.models.batches import BatchRow
from badges.models.templates import BadgeTemplate, BadgeTemplateVersion
from badges.querysets import BadgeQuerySet
from earners.models import Earner
from organizations.models import Organization, SigningKey


class StatusList(models.Model):
    """A BitstringStatusList of an organization: one bit per badge, 1 means revoked.

    A list belongs to one issuer DID, as the credential that it speaks of and the list must have one issuer. Places are
    handed out through a bijection (`start`, `stride`), so that a place does not tell when a badge was issued. `body` is the
    signed list as published, made anew in the transaction of each revocation.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="status_lists")
    number = models.PositiveIntegerField()
    issuer_did = models.CharField(max_length=2000)
    signing_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    start = models.PositiveIntegerField()
    stride = models.PositiveIntegerField()
    body = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["organization", "number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="status_list_number"),
            models.CheckConstraint(
                condition=models.Q(taken__lte=models.F("size")), name="status_list_within_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} · {self.number}"

    @property
    def public_path(self) -> str:
        """The path under which the signed list is published; needs `organization`."""
        return f"{self.organization.public_path}/status/{self.number}"


class Badge(models.Model):
    """One badge, issued to one earner, pinned to the version of its template. Revoked, never deleted.

    The recipient's name and address are those of the day of issue. `holds_place` is true while the badge is the one that a
    `unique` template lets its earner hold. `opened_at` is when its earner first came by the link of a mail or from their
    account, `accepted_at` when they accepted it, or claimed it themselves. A badge without `recipient_email` is one whose
    earner was erased: it counts, is hidden, and has no documents.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        db_index=False,  # the index of the number begins with it
        related_name="badges",
    )
    # Counts the organization's badges from 1, without gaps: a page of the list is a range of numbers, however deep.
    number = models.PositiveIntegerField(editable=False)
    template = models.ForeignKey(
        BadgeTemplate,
        on_delete=models.PROTECT,
        db_index=False,  # an index below begins with it
        related_name="badges",
    )
    version = models.ForeignKey(BadgeTemplateVersion, on_delete=models.PROTECT, related_name="badges")
    earner = models.ForeignKey(Earner, on_delete=models.PROTECT, related_name="badges")
    batch_row = models.OneToOneField(
        BatchRow, on_delete=models.PROTECT, null=True, editable=False, related_name="badge"
    )
    recipient_email = models.CharField(max_length=254)
    recipient_first_name = models.CharField(max_length=255, blank=True)
    recipient_last_name = models.CharField(max_length=255, blank=True)
    recipient_salt = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    activity_title = models.CharField(max_length=255, blank=True)
    activity_started_at = models.DateTimeField(null=True, blank=True)
    activity_ended_at = models.DateTimeField(null=True, blank=True)
    narrative = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    results = models.JSONField(default=list, blank=True)
    notes = models.TextField(blank=True)
    additional_details = models.JSONField(null=True, blank=True)
    is_imported = models.BooleanField(default=False)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.UNLISTED)
    holds_place = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Without an index of its own: that of the place in the list begins with it.
    status_list = models.ForeignKey(
        StatusList, on_delete=models.PROTECT, null=True, db_index=False, related_name="badges"
    )
    status_index = models.PositiveIntegerField(null=True)
    issued_by = models.CharField(max_length=255)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.CharField(max_length=1000, blank=True)
    revoked_by = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BadgeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="badge_number_once"),
            models.UniqueConstraint(
                fields=["template", "earner"],
                condition=models.Q(holds_place=True),
                name="badge_unique_held_once",
            ),
            models.UniqueConstraint(fields=["status_list", "status_index"], name="badge_status_place_once"),
            models.CheckConstraint(
                condition=models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=models.F("issued_at")),
                name="badge_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=models.Q(holds_place=False) | models.Q(revoked_at__isnull=True),
                name="badge_revoked_holds_no_place",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values), name="badge_visibility_known"
            ),
        ]
        indexes = [
            # Filters of the list, which go on by number where these dates are the same.
            models.Index(
                fields=["organization", "expires_at", "number"],
                condition=models.Q(expires_at__isnull=False),
                name="badge_expiry",
            ),
            models.Index(fields=["organization", "issued_at", "number"], name="badge_issued"),
            # Filters of the list, which count and page by number. The partial ones hold few badges, most of them.
            models.Index(fields=["template", "number"], name="badge_of_template"),
            models.Index(
                fields=["organization", "number"],
                condition=models.Q(visibility="public"),
                name="badge_public",
            ),
            models.Index(
                fields=["organization", "number"],
                condition=models.Q(visibility="hidden"),
                name="badge_hidden",
            ),
            models.Index(
                fields=["organization", "number"],
                condition=models.Q(revoked_at__isnull=False),
                name="badge_revoked",
            ),
            models.Index(
                fields=["organization", "number"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True, is_imported=False),
                name="badge_unaccepted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient_email} · {self.uuid}"

    @property
    def is_revoked(self) -> bool:
        """Whether the badge was taken back."""
        return self.revoked_at is not None

    @property
    def is_anonymous(self) -> bool:
        """Whether its earner was erased: nothing of them is kept with it."""
        return not self.recipient_email

    def status_at(self, at: datetime) -> BadgeStatus:
        """Return what the badge is at an instant: revoked, else invalid when expired, else valid (design.md section 3)."""
        if self.is_revoked:
            return BadgeStatus.REVOKED
        if self.expires_at is not None and self.expires_at <= at:
            return BadgeStatus.INVALID
        return BadgeStatus.VALID

    @property
    def status(self) -> BadgeStatus:
        """What the badge is now."""
        return self.status_at(timezone.now())

    @property
    def recipient_name(self) -> str:
        """First and last name on the day of issue, or an empty string."""
        return f"{self.recipient_first_name} {self.recipient_last_name}".strip()

    @property
    def public_path(self) -> str:
        """The path of the badge's page."""
        return f"/public/badges/{self.uuid}"

    @property
    def public_url(self) -> str:
        """The permanent public address."""
        return f"{settings.PUBLIC_URL}{self.public_path}"


class BadgeDocument(models.Model):
    """A signed document of a badge, kept as it was signed: the credential since it was issued, others since first use."""

    # No indexes of their own: the constraint below finds by badge, and by key one looks once in the life of a key.
    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, db_index=False, related_name="documents")
    kind = models.CharField(max_length=10, choices=DocumentKind)
    body = models.TextField()
    signing_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["badge", "kind"], name="badge_document_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=DocumentKind.values), name="badge_document_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.badge_id} · {self.kind}"

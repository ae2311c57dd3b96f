"""Revocations of many badges: one act with one reason. The rows are there before the first badge is taken back."""

import uuid

from django.db import models
from django.db.models import F, Q

from badges.models.badges import Badge
from badges.querysets import RevocationQuerySet
from organizations.models import Organization


class Revocation(models.Model):
    """Badges that are taken back together: `total` of them, of which `done_count` were looked at, `revoked_count` revoked.

    The difference between these two were revoked by somebody else meanwhile. `problem` is what holds it up now.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="revocations")
    reason = models.CharField(max_length=1000)
    revoked_by = models.CharField(max_length=255)
    total = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    revoked_count = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    worked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RevocationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gte=F("done_count"), done_count__gte=F("revoked_count")),
                name="revocation_counts_within_total",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="revocation_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.total} · {self.reason}"


class RevocationRow(models.Model):
    """A badge that waits to be revoked; the row goes in the transaction that does it."""

    revocation = models.ForeignKey(
        Revocation,
        on_delete=models.CASCADE,
        db_index=False,  # the constraint's index begins with it
        related_name="rows",
    )
    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revocation", "badge"], name="revocation_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.revocation_id} · {self.badge_id}"

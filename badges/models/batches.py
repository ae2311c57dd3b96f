"""Batches: one act of issuing to many. The rows are there before the first badge, so a run that dies goes on."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from badges.enums import BatchState, RowState
from badges.models.templates import BadgeTemplate
from badges.querysets import BatchQuerySet
from earners.models import EarnersList
from organizations.models import Organization


class Batch(models.Model):
    """A bulk run: `total` rows, of which `issued_count` became badges, `failed_count` and `stopped_count` did not.

    `award` has the values common to all rows, in the shape of badges.services.Award.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="batches")
    template = models.ForeignKey(BadgeTemplate, on_delete=models.PROTECT, related_name="batches")
    earners_list = models.ForeignKey(
        EarnersList, on_delete=models.SET_NULL, null=True, blank=True, related_name="batches"
    )
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.PENDING)
    pause_reason = models.CharField(max_length=1000, blank=True)
    total = models.PositiveIntegerField(default=0)
    issued_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    stopped_count = models.PositiveIntegerField(default=0)
    award = models.JSONField(default=dict)
    notify = models.BooleanField(default=True)
    report_to = models.EmailField(blank=True, help_text=_("Who is told when the batch is done."))
    created_by = models.CharField(max_length=255)
    starts_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Not before this moment. Empty: at once.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=Q(total__gte=F("issued_count") + F("failed_count") + F("stopped_count")),
                name="batch_counts_within_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} · {self.total}"

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its moment, and for nothing else."""
        return (
            self.state == BatchState.PENDING
            and self.starts_at is not None
            and self.starts_at > timezone.now()
        )

    @property
    def is_ended(self) -> bool:
        """Whether it is done or stopped."""
        return self.state in {BatchState.DONE, BatchState.STOPPED}

    @property
    def tried_count(self) -> int:
        """How many rows are behind it: issued, failed or stopped."""
        return self.issued_count + self.failed_count + self.stopped_count

    @property
    def settled_count(self) -> int:
        """How many rows became a badge or were refused one; those that were never tried are not among them."""
        return self.issued_count + self.failed_count

    @property
    def pending_count(self) -> int:
        """How many rows it has not come to yet."""
        return self.total - self.tried_count

    @property
    def percent(self) -> int:
        """How far it is; 100 only at the end."""
        return self.tried_count * 100 // self.total if self.total else 0


class BatchRow(models.Model):
    """One recipient of a batch and what became of it. A badge names its row, once: a row cannot become two badges."""

    batch = models.ForeignKey(
        Batch, on_delete=models.CASCADE, db_index=False, related_name="rows"
    )  # see constraints
    number = models.PositiveIntegerField()
    email = models.CharField(max_length=254)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    award = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=RowState, default=RowState.PENDING)
    reason_code = models.CharField(max_length=50, blank=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_row_number"),
            models.CheckConstraint(condition=Q(state__in=RowState.values), name="batch_row_state_known"),
        ]
        indexes = [
            models.Index(fields=["batch", "number"], condition=Q(state="pending"), name="batch_row_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.email}"

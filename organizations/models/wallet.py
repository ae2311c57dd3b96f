"""The wallet: a ledger of credits per organization."""

import uuid

from django.conf import settings
from django.db import models

from organizations.enums import CreditKind, CreditStatus
from organizations.models.organizations import Organization
from organizations.querysets import OwnedQuerySet


class CreditTransaction(models.Model):
    """One movement of credits: positive comes in, negative goes out. `credits_left` is the sum of the accepted ones.

    Rows are never changed after they are accepted or declined, and never deleted.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="credit_transactions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="credit_transactions",
    )
    kind = models.CharField(max_length=10, choices=CreditKind)
    status = models.CharField(max_length=10, choices=CreditStatus, default=CreditStatus.ACCEPTED)
    description = models.CharField(max_length=1000, blank=True)
    credits = models.IntegerField()
    currency = models.CharField(max_length=3, default="EUR")
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    decided_by = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=CreditKind.values), name="credit_kind_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=CreditStatus.values), name="credit_status_known"
            ),
            models.CheckConstraint(condition=~models.Q(credits=0), name="credit_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.credits:+d} · {self.get_kind_display()} · {self.get_status_display()}"

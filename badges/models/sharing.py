"""Badges that their earners sent to somebody by mail."""

import uuid

from django.db import models

from badges.models.badges import Badge
from earners.models import EarnerAccount


class BadgeShare(models.Model):
    """That the person of an account has a badge of theirs mailed to somebody, with a few words of their own.

    `sender_email` is an address that they proved to be theirs. Kept for some weeks, so that abuse can be looked into, and no
    longer than the account.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        EarnerAccount,
        on_delete=models.CASCADE,
        db_index=False,  # the index below begins with it
        related_name="badge_shares",
    )
    badge = models.ForeignKey(Badge, on_delete=models.CASCADE, related_name="shares")
    sender_email = models.CharField(max_length=254)
    recipient_email = models.CharField(max_length=254)
    recipient_key = models.CharField(max_length=254, editable=False)
    note = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "created_at"], name="badge_share_of_account")]

    def __str__(self) -> str:
        return f"{self.badge_id} · {self.recipient_email}"

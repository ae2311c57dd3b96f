"""The outbox: what is to be sent, written in the transaction of what it tells of."""

from django.db import models
from django.utils import timezone

from organizations.enums import MessageKind
from organizations.models.organizations import Organization
from organizations.querysets import MessageQuerySet


class Message(models.Model):
    """Something to be sent. It exists if and only if what it tells of was committed, and waits until it was sent.

    `subject` names what it is about by its public id; what is sent is rendered when it is sent.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=30, choices=MessageKind)
    subject = models.UUIDField()
    recipient = models.CharField(max_length=320)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="message_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=MessageKind.values), name="message_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.subject}"

"""The outbox: what is to be sent, written in the transaction of what it tells of."""

from django.db import models
from django.utils import timezone

from organizations.enums import MailStopReason, MessageKind
from organizations.models.organizations import Organization
from organizations.querysets import MessageQuerySet


class Message(models.Model):
    """Something to be sent. It exists if and only if what it tells of was committed, and waits until it was sent.

    What the installation itself has to say (a code to sign in) has no organization. `subject` names what it is about by
    its public id; what is sent is rendered when it is sent.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
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
            # What was mailed about one badge.
            models.Index(fields=["subject"], name="message_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=MessageKind.values), name="message_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.subject}"


class MailStop(models.Model):
    """An address that mails no longer go to: of one organization, or, without one, of all.

    What a person asks for themselves (a code to sign in) is sent all the same unless the address bounced.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="mail_stops"
    )
    email_key = models.CharField(max_length=254)
    reason = models.CharField(max_length=15, choices=MailStopReason)
    details = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["email_key", "organization"], name="mail_stop_once"),
            models.UniqueConstraint(
                fields=["email_key"],
                condition=models.Q(organization__isnull=True),
                name="mail_stop_everywhere_once",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=MailStopReason.values), name="mail_stop_reason_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email_key} · {self.get_reason_display()}"

"""The audit log of an organization: who did what, when, to what."""

from django.db import models
from django.utils import timezone

from organizations.models.organizations import Organization
from organizations.models.people import User
from organizations.querysets import OwnedQuerySet


class AuditEntry(models.Model):
    """One act of a member, an API key or the server, written in the transaction of the act; never changed.

    `actor` names who acted as records do; `user` is the person, while there is an account; `is_staff` tells that it was
    staff looking in rather than a member. `act` is an AuditAct. `subject` is the public id of what was acted on and
    `subject_label` how it was called then; `details` has what changed, in words of the field, never a secret.
    """

    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        db_index=False,  # an index below begins with it
        related_name="audit_entries",
    )
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=255)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    is_staff = models.BooleanField(default=False)
    act = models.CharField(max_length=60)
    subject = models.UUIDField(null=True)
    subject_label = models.CharField(max_length=255, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["organization", "-id"], name="audit_newest"),
            models.Index(fields=["organization", "act", "-id"], name="audit_of_act"),
            models.Index(fields=["subject", "-id"], name="audit_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} · {self.actor} · {self.act}"

"""Outcomes: codes that another program reports, where each leads to, and what became of each report."""

import uuid

from django.db import models

from badges.enums import OutcomeState
from badges.models.badges import Badge
from badges.models.imported import ImportedBadge
from badges.models.templates import BadgeTemplate
from badges.querysets import OutcomeRecordQuerySet
from earners.models import EarnerAccount
from organizations.models import Organization
from organizations.querysets import OwnedQuerySet


class Outcome(models.Model):
    """A code by which another program says that an earner reached something.

    The code is compared as it stands and unique in the installation, because the token API names no organization. It leads
    to a template, whose badge is issued at once, or to the address of an issuing platform that is asked for a badge. What we
    send there is signed with the signing secret (encrypted here); who answers shows the callback token (a digest here).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="outcomes")
    code = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True)
    template = models.ForeignKey(
        BadgeTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="outcomes"
    )
    call_url = models.CharField(max_length=2000, blank=True)
    encrypted_signing_secret = models.BinaryField(null=True, editable=False)
    callback_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(call_url="") | models.Q(template__isnull=True),
                name="outcome_leads_to_one_place",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def has_target(self) -> bool:
        """Whether it leads anywhere."""
        return bool(self.call_url) or self.template_id is not None


class OutcomeRecord(models.Model):
    """That a person reached an outcome: once, however often it is reported; and what became of it.

    `ref_id` is what an issuing platform was given to name the record by, until `ref_expires_at`. `history` has what
    happened, oldest first: [{at: ISO 8601, event, detail, by}]. `recipient_email` is that of the day it was reported.
    Once the person has deleted their account there is no `account`; without a `recipient_email` nothing of them was kept.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    outcome = models.ForeignKey(
        Outcome,
        on_delete=models.PROTECT,
        db_index=False,  # the constraint's index begins with it
        related_name="records",
    )
    account = models.ForeignKey(
        EarnerAccount, on_delete=models.SET_NULL, null=True, blank=True, related_name="outcome_records"
    )
    recipient_email = models.CharField(max_length=254)
    state = models.CharField(max_length=10, choices=OutcomeState, default=OutcomeState.RECORDED)
    ref_id = models.UUIDField(unique=True, null=True, editable=False)
    ref_expires_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    badge = models.ForeignKey(
        Badge, on_delete=models.PROTECT, null=True, blank=True, related_name="outcome_records"
    )
    imported_badge = models.ForeignKey(
        ImportedBadge, on_delete=models.SET_NULL, null=True, blank=True, related_name="outcome_records"
    )
    badge_url = models.CharField(max_length=2000, blank=True)
    problem = models.CharField(max_length=1000, blank=True)
    history = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OutcomeRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "account"], name="outcome_recorded_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=OutcomeState.values), name="outcome_record_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="waiting") | models.Q(ref_id__isnull=False),
                name="outcome_record_waits_for_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="issued") | models.Q(badge__isnull=False),
                name="outcome_record_issued_has_badge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} · {self.recipient_email}"

"""Outcomes: codes that another program reports, and the template that each leads to."""

from django.db import models

from badges.models.templates import BadgeTemplate
from organizations.models import Organization
from organizations.querysets import OwnedQuerySet


class Outcome(models.Model):
    """A code by which another program says that an earner reached something.

    The code is compared as it stands and unique in the installation, because the token API names no organization.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="outcomes")
    code = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True)
    template = models.ForeignKey(
        BadgeTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="outcomes"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.code

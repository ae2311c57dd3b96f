"""How many badges there are, kept so that statistics cost the same with a thousand badges and with a million."""

from django.db import models

from badges.models.templates import BadgeTemplateVersion
from organizations.models import Organization


class BadgeTally(models.Model):
    """Badges of a version issued in one month of the organization's time zone: issued here and not revoked.

    `public_badges` of them are public, `accepted_badges` accepted by their earners. Changed in the transaction that issues,
    revokes, shows or accepts a badge.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="badge_tallies")
    version = models.ForeignKey(
        BadgeTemplateVersion,
        on_delete=models.PROTECT,
        db_index=False,  # the constraint's index begins with it
        related_name="tallies",
    )
    month = models.DateField(help_text="The first day of the month.")
    badges = models.PositiveIntegerField(default=0)
    public_badges = models.PositiveIntegerField(default=0)
    accepted_badges = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name_plural = "badge tallies"
        constraints = [
            models.UniqueConstraint(fields=["version", "month"], name="badge_tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} · {self.month:%Y-%m}: {self.badges}"


class ExpiryTally(models.Model):
    """Badges of an organization that expire on one day (UTC): issued here and not revoked."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_index=False, related_name="expiry_tallies"
    )
    day = models.DateField()
    badges = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "expiry tallies"
        constraints = [
            models.UniqueConstraint(fields=["organization", "day"], name="expiry_tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} · {self.day}: {self.badges}"

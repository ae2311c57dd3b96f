"""The fixed vocabularies of organizations. Stored values are those on the wire (seed 001)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganizationType(models.TextChoices):
    """Seed 001, `type`."""

    PUBLIC = "public_local_national", _("Public")
    PRIVATE_NON_PROFIT = "private_non_profit", _("Private, non-profit")
    PRIVATE_PROFIT = "private_profit", _("Private, for profit")
    PRIVATE_OTHER = "private_other", _("Private, other")


class OrganizationActivity(models.TextChoices):
    """Seed 001, `activity`."""

    SCHOOL = "school", _("School")
    UNIVERSITY = "university", _("University")
    PROFESSIONAL_TRAINING = "professional_training", _("Professional training")
    VOLUNTEERING = "volunteering", _("Volunteering")
    CIVIL_SOCIETY = "civil_society", _("Civil society")
    ORIENTATION = "orientation", _("Orientation")
    OTHER = "other", _("Other")


class Language(models.TextChoices):
    """Seed 001, `language`."""

    ITALIAN = "it", _("Italian")
    ENGLISH = "en", _("English")


class OrganizationStatus(models.TextChoices):
    """Seed 001, `status`: set by staff alone."""

    ENABLED = "enabled", _("Enabled")
    DISABLED = "disabled", _("Disabled")


class SubscriptionStatus(models.TextChoices):
    """Seed 001, `subscription_status`."""

    ACTIVE = "active", _("Active")
    CANCELLED = "cancelled", _("Cancelled")


class Role(models.TextChoices):
    """What a member may do: each role may do all that the ones below it may."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    ISSUER = "issuer", _("Issuer")
    VIEWER = "viewer", _("Viewer")


class ApiScope(models.TextChoices):
    """What an API key may do (design.md section 4.1)."""

    READ = "read", _("Read")
    WRITE = "write", _("Write")
    ISSUE = "issue", _("Issue")


class KeyAlgorithm(models.TextChoices):
    """What a signing key is for: Ed25519 signs OB 3.0 proofs, RSA signs VC-JWT and OB 2.0."""

    ED25519 = "ed25519", "Ed25519"
    RSA = "rsa", "RSA"


class KeyStatus(models.TextChoices):
    """An active key signs; a retired one no longer signs new badges, but its badges verify; a revoked one is not trusted."""

    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")
    REVOKED = "revoked", _("Revoked")


class CreditStatus(models.TextChoices):
    """Reference openbadge_eu section 7.3, `status` of a credit transaction."""

    REQUEST = "request", _("Requested")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class CreditKind(models.TextChoices):
    """Why credits moved."""

    PURCHASE = "purchase", _("Purchase")
    ISSUE = "issue", _("Badges issued")
    RETURN = "return", _("Unused credits returned")
    CORRECTION = "correction", _("Correction")


class MessageKind(models.TextChoices):
    """What an outbox row tells of."""

    BADGE_ISSUED = "badge_issued", _("Badge issued, to the earner")

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
    BATCH_FINISHED = "batch_finished", _("Batch finished, to who started it")
    CREDITS_REQUESTED = "credits_requested", _("Credits asked for, to who asked")
    CREDITS_DECIDED = "credits_decided", _("Credit request decided, to who asked")
    MEMBER_ADDED = "member_added", _("Made a member, to the new member")
    OUTCOME_REPORT = "outcome_report", _("Outcome reported, to the issuing platform")
    SIGN_IN = "sign_in", _("Code and link to sign in, to the earner")
    SIGN_UP = "sign_up", _("Address to be confirmed, to who signed up")
    INVITATION = "invitation", _("Invitation, to who is invited")
    BADGE_REMINDER = "badge_reminder", _("Badge not accepted yet, to the earner")
    BADGE_SHARED = "badge_shared", _("Badge shown to somebody, by its earner")
    CREDITS_TO_DECIDE = "credits_to_decide", _("Credits asked for, to staff")
    BATCH_PAUSED = "batch_paused", _("Batch paused by itself, to who started it")
    ADDRESS_CHANGE = "address_change", _("New address to be confirmed, to who changes theirs")
    ADDRESS_CHANGED = "address_changed", _("Address changed, to the former one")
    ACCOUNT_NOTICE = "account_notice", _("Sign-in of an account changed, to the earner")


class AccountDeletion(models.TextChoices):
    """What an organization keeps of the badges it issued to a person who deletes their account."""

    KEEP = "keep", _("Everything: the badges are records that we must keep")
    ANONYMISE = "anonymise", _("That a badge was issued, without the person")


class MailStopReason(models.TextChoices):
    """Why mails of an organization no longer go to an address."""

    UNSUBSCRIBED = "unsubscribed", _("Its owner asked for no more mails")
    BOUNCED = "bounced", _("It does not accept mail")


class AuditAct(models.TextChoices):
    """What is noted in the audit log of an organization: `noun.verb`. Stored as text, so that a new act is no migration."""

    ORGANIZATION_CHANGED = "organization.changed", _("Organization changed")
    ORGANIZATION_ARCHIVED = "organization.archived", _("Organization put out of use")
    PROGRAM_CREATED = "program.created", _("Program created")
    PROGRAM_CHANGED = "program.changed", _("Program changed")
    PROGRAM_ARCHIVED = "program.archived", _("Program put out of use")
    MEMBER_INVITED = "member.invited", _("Member invited")
    INVITATION_WITHDRAWN = "invitation.withdrawn", _("Invitation withdrawn")
    MEMBER_ADDED = "member.added", _("Member added")
    MEMBER_ROLE_CHANGED = "member.role_changed", _("Role changed")
    MEMBER_REMOVED = "member.removed", _("Member removed")
    STAFF_ENTERED = "staff.entered", _("Staff looked in")
    API_KEY_CREATED = "api_key.created", _("API key created")
    API_KEY_REVOKED = "api_key.revoked", _("API key revoked")
    SIGNING_KEY_ROTATED = "signing_key.rotated", _("Signing keys rotated")
    SIGNING_KEY_REVOKED = "signing_key.revoked", _("Signing key revoked")
    CREDITS_REQUESTED = "credits.requested", _("Credits asked for")
    CREDITS_DECIDED = "credits.decided", _("Credit request decided")
    TEMPLATE_CREATED = "template.created", _("Template created")
    TEMPLATE_CHANGED = "template.changed", _("Template changed")
    TEMPLATE_ARCHIVED = "template.archived", _("Template archived")
    TEMPLATE_RESTORED = "template.restored", _("Template restored")
    PATH_CHANGED = "path.changed", _("Learning path changed")
    EARNERS_IMPORTED = "earners.imported", _("Earners imported")
    EARNER_CHANGED = "earner.changed", _("Earner changed")
    EARNERS_MERGED = "earner.merged", _("Earners merged")
    EARNER_ERASED = "earner.erased", _("Earner erased")
    LIST_CREATED = "list.created", _("List created")
    LIST_CHANGED = "list.changed", _("List changed")
    LIST_DELETED = "list.deleted", _("List deleted")
    BADGE_ISSUED = "badge.issued", _("Badge issued")
    BADGE_CHANGED = "badge.changed", _("Badge changed")
    BADGE_REVOKED = "badge.revoked", _("Badge revoked")
    BADGE_MAILED = "badge.mailed", _("Badge mailed again")
    MAIL_STOP_LIFTED = "mail_stop.lifted", _("Mails to an address allowed again")
    BATCH_STARTED = "batch.started", _("Batch started")
    BATCH_RESCHEDULED = "batch.rescheduled", _("Start of a batch moved")
    BATCH_PAUSED = "batch.paused", _("Batch paused")
    BATCH_RESUMED = "batch.resumed", _("Batch resumed")
    BATCH_STOPPED = "batch.stopped", _("Batch stopped")
    BATCH_RETRIED = "batch.retried", _("Failed rows tried again")
    CLAIM_CODES_CREATED = "claim_codes.created", _("Claim codes made")
    CLAIM_CODE_CHANGED = "claim_code.changed", _("Claim code changed")
    CLAIM_CODE_DELETED = "claim_code.deleted", _("Claim code deleted")
    OUTCOME_CREATED = "outcome.created", _("Outcome created")
    OUTCOME_CHANGED = "outcome.changed", _("Outcome changed")
    OUTCOME_DELETED = "outcome.deleted", _("Outcome deleted")
    DATA_EXPORTED = "data.exported", _("Data exported")

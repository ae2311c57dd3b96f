"""Systems, organizations and programs: who issues, from the umbrella down."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.enums import (
    AccountDeletion,
    Language,
    OrganizationActivity,
    OrganizationStatus,
    OrganizationType,
    SubscriptionStatus,
)
from organizations.querysets import OrganizationQuerySet

# The keys of the sub-objects, in the order in which they are answered (seed 000, longest example).
ADDRESS_KEYS = ("city", "state", "region", "street", "country", "postcode")
BILLING_KEYS = ("vat", "email", "code_dest", "fiscal_code", "certified_email", "legal_name")
CONTACT_KEYS = ("name", "email", "mobile", "last_name", "tech_email", "legal_email")


def default_time_zone() -> str:
    """Return the time zone that a new organization has."""
    return str(settings.ORGANIZATION_TIME_ZONE)


class System(models.Model):
    """An installation's umbrella over organizations (BadgeKit: system). Made by create_system, with its own organization."""

    slug = models.SlugField(max_length=255, unique=True)
    name = models.CharField(max_length=255)
    url = models.URLField(max_length=2000, blank=True)
    description = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    image = models.FileField(max_length=255, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Organization(models.Model):
    """Who issues: a tenant with wallet, members and keys (BadgeKit: issuer; Open Badges: Profile).

    `badges_count` is the number of badges issued and not revoked, `badge_templates_count` of templates not archived,
    `earners_count` of earners, `users_count` of members: each is changed in the transaction that changes what it counts,
    and `manage.py recount` computes them anew. `credits_left` is the sum of the accepted credit transactions.
    `last_badge_number` is the number of the newest badge: as badges are never deleted, it is also how many there are.
    An archived organization is out of use like a disabled one; what it published stays.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="organizations")
    is_system_itself = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("The organization that stands for its system: not an issuer in BadgeKit."),
    )
    slug = models.SlugField(max_length=255)
    type = models.CharField(max_length=30, choices=OrganizationType, default=OrganizationType.PRIVATE_OTHER)
    activity = models.CharField(
        max_length=30, choices=OrganizationActivity, default=OrganizationActivity.OTHER
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, help_text=_("HTML, sanitised on the way in."))
    address_info = models.JSONField(default=dict, blank=True)
    billing_info = models.JSONField(default=dict, blank=True)
    contact_info = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(max_length=64, default=default_time_zone)
    website = models.URLField(max_length=2000, blank=True)
    status = models.CharField(max_length=10, choices=OrganizationStatus, default=OrganizationStatus.ENABLED)
    public_profile = models.BooleanField(default=True)
    public_badge_types = models.BooleanField(default=True)
    public_learning_paths = models.BooleanField(default=False)
    public_badge_templates = models.BooleanField(default=True)
    logo = models.FileField(max_length=255, blank=True)
    color_primary = models.CharField(max_length=7, blank=True)
    account_deletion = models.CharField(
        max_length=10,
        choices=AccountDeletion,
        default=AccountDeletion.KEEP,
        help_text=_("What stays of badges whose earner deletes their account."),
    )
    credits_left = models.IntegerField(default=0, editable=False)
    badge_templates_count = models.PositiveIntegerField(default=0, editable=False)
    badges_count = models.PositiveIntegerField(default=0, editable=False)
    earners_count = models.PositiveIntegerField(default=0, editable=False)
    users_count = models.PositiveIntegerField(default=0, editable=False)
    last_badge_number = models.PositiveIntegerField(default=0, editable=False)
    max_users = models.PositiveIntegerField(null=True, blank=True, help_text=_("Empty: no limit."))
    imp_legacy_id = models.CharField(max_length=255, null=True, blank=True)
    stripe_customer_id = models.CharField(max_length=255, null=True, blank=True)
    subscription_id = models.CharField(max_length=255, null=True, blank=True)
    subscription_status = models.CharField(max_length=10, choices=SubscriptionStatus, null=True, blank=True)
    current_period_start = models.DateTimeField(null=True, blank=True)
    current_period_end = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "slug"], name="organization_slug_unique_in_system"),
            models.UniqueConstraint(
                fields=["system"],
                condition=models.Q(is_system_itself=True),
                name="organization_own_one_per_system",
            ),
            models.CheckConstraint(
                condition=models.Q(type__in=OrganizationType.values), name="organization_type_known"
            ),
            models.CheckConstraint(
                condition=models.Q(activity__in=OrganizationActivity.values),
                name="organization_activity_known",
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="organization_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=OrganizationStatus.values), name="organization_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(account_deletion__in=AccountDeletion.values),
                name="organization_account_deletion_known",
            ),
            models.CheckConstraint(
                condition=models.Q(subscription_status__isnull=True)
                | models.Q(subscription_status__in=SubscriptionStatus.values),
                name="organization_subscription_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(max_users__isnull=True) | models.Q(users_count__lte=models.F("max_users")),
                name="organization_members_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        """Whether the organization may write and issue."""
        return self.status == OrganizationStatus.ENABLED and self.archived_at is None

    @property
    def credits_overdrawn(self) -> int:
        """How many credits were used beyond those that came in, which happens where they are counted and not enforced."""
        return max(0, -self.credits_left)

    @property
    def public_path(self) -> str:
        """The path of the public page and of the Open Badges profile (seed 000, `public_url`)."""
        return f"/public/issuers/{self.uuid}"

    @property
    def public_url(self) -> str:
        """The permanent public address."""
        return f"{settings.PUBLIC_URL}{self.public_path}"

    @property
    def email(self) -> str:
        """The general contact address, or an empty string."""
        return str(self.contact_info.get("email") or "")


class Program(models.Model):
    """A named programme inside an organization (BadgeKit: program)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="programs")
    slug = models.SlugField(max_length=255)
    name = models.CharField(max_length=255)
    url = models.URLField(max_length=2000, blank=True)
    description = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    image = models.FileField(max_length=255, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "slug"], name="program_slug_unique_in_organization"
            ),
        ]

    def __str__(self) -> str:
        return self.name
